/*
 * machine.c - interprets a litmus test on the simulated platform.
 *
 * Each variable is a block of its own. The main lane makes them, starts the threads, and looks at the
 * final state when the last one has ended: then every store is visible. A thread walks its syntax
 * tree; each primitive goes to the platform through the same functions as compiled code. A value
 * carries the stamp of the loads that it was computed from (kapi/sim/interpret.h).
 */
#include "litmus/machine.h"

#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "base/panic.h"
#include "kapi/sim/interpret.h"
#include "kapi/sim/old.h"
#include "kapi/sim/weak.h"
#include "litmus/primitive.h"

struct cell {
	union {
		int word;
		spinlock_t lock;
	};
};

struct value {
	int value;
	uint32_t when;
};

static struct {
	const struct litmus_test *test;
	struct litmus_run *run;
	struct trace *trace;
	struct cell *cell[LITMUS_VARS_MAX];
	struct value reg[THREADS_MAX][LITMUS_REGS_MAX];
	uint64_t read[THREADS_MAX]; /* a hash of all values that were read */
	uint64_t grace;		    /* a hash of the steps that are about grace periods */
	uint32_t events_seen;	    /* of the trace, in that hash */
	uint64_t steps;
	bool has_dependencies;
} machine;

/* State of domains: kept here, as a domain may be in the platform's list until the next run. */
static struct srcu_struct domain[LITMUS_VARS_MAX];
static struct kapi_class class[LITMUS_VARS_MAX]; /* of domain */

static struct site plain_load = {"litmus", "load", "a plain load", 0, 0, NULL, 0};
static struct site plain_store = {"litmus", "store", "a plain store", 0, 0, NULL, 0};
static struct site thread_site = {"litmus", "begin", "begins", 0, 0, NULL, 0};

static struct value evaluate(unsigned thread, uint16_t node);

static const struct litmus_node *node_at(uint16_t node)
{
	return &machine.test->node[node];
}

static struct value computed(int value, struct value a, struct value b)
{
	return (struct value){value, a.when > b.when ? a.when : b.when};
}

/* ---- addresses ---- */

static unsigned variable_at(struct value address, enum litmus_type type)
{
	unsigned offset = (unsigned)address.value - LITMUS_POINTER_BASE;

	if (offset % 16 || offset / 16 >= machine.test->vars_nr ||
	    machine.test->var[offset / 16].type != type) {
		kapi_verdict(RULE_wild_access, NULL,
			     "the test uses what is no address of that type", &thread_site);
		panic(__FILE__, __LINE__, "a verdict that the run survived");
	}
	return offset / 16;
}

static struct sim_access access_of(struct value address, struct site *site)
{
	unsigned var = variable_at(address, LITMUS_WORD);

	return (struct sim_access){
		.word = &machine.cell[var]->word, .site = site, .when = address.when};
}

static struct value has_read(unsigned thread, int value, uint32_t when)
{
	machine.read[thread] = rng_mix(machine.read[thread] * 31 + (uint32_t)value + 1);
	return (struct value){value, when};
}

static struct value load(unsigned thread, struct sim_access a)
{
	int value = sim_interpret_load(&a);
	unsigned offset = (unsigned)value - LITMUS_POINTER_BASE;

	if (offset / 16 < machine.test->vars_nr && !(offset % 16))
		sim_interpret_points(&a, &machine.cell[offset / 16]->word);
	return has_read(thread, value, a.when);
}

/* ---- read-modify-writes ---- */

enum update_result { GIVES_OLD, GIVES_NEW, GIVES_DONE, GIVES_ZERO, GIVES_NEGATIVE, GIVES_NOTHING };

static const struct update {
	uint8_t how, result;
	int8_t sign; /* of the operand; 0: the operand is @by */
	int8_t by;
	bool inverts; /* the operand's bits */
} updates[] = {
	[PRIMITIVE_ADD_VOID] = {KAPI_UPDATE_ADD, GIVES_NOTHING, 1, 0, false},
	[PRIMITIVE_SUB_VOID] = {KAPI_UPDATE_ADD, GIVES_NOTHING, -1, 0, false},
	[PRIMITIVE_INC_VOID] = {KAPI_UPDATE_ADD, GIVES_NOTHING, 0, 1, false},
	[PRIMITIVE_DEC_VOID] = {KAPI_UPDATE_ADD, GIVES_NOTHING, 0, -1, false},
	[PRIMITIVE_ADD_NEW] = {KAPI_UPDATE_ADD, GIVES_NEW, 1, 0, false},
	[PRIMITIVE_SUB_NEW] = {KAPI_UPDATE_ADD, GIVES_NEW, -1, 0, false},
	[PRIMITIVE_INC_NEW] = {KAPI_UPDATE_ADD, GIVES_NEW, 0, 1, false},
	[PRIMITIVE_DEC_NEW] = {KAPI_UPDATE_ADD, GIVES_NEW, 0, -1, false},
	[PRIMITIVE_ADD_OLD] = {KAPI_UPDATE_ADD, GIVES_OLD, 1, 0, false},
	[PRIMITIVE_SUB_OLD] = {KAPI_UPDATE_ADD, GIVES_OLD, -1, 0, false},
	[PRIMITIVE_INC_OLD] = {KAPI_UPDATE_ADD, GIVES_OLD, 0, 1, false},
	[PRIMITIVE_DEC_OLD] = {KAPI_UPDATE_ADD, GIVES_OLD, 0, -1, false},
	[PRIMITIVE_AND_VOID] = {KAPI_UPDATE_AND, GIVES_NOTHING, 1, 0, false},
	[PRIMITIVE_AND_OLD] = {KAPI_UPDATE_AND, GIVES_OLD, 1, 0, false},
	[PRIMITIVE_ANDNOT_VOID] = {KAPI_UPDATE_AND, GIVES_NOTHING, 1, 0, true},
	[PRIMITIVE_ANDNOT_OLD] = {KAPI_UPDATE_AND, GIVES_OLD, 1, 0, true},
	[PRIMITIVE_OR_VOID] = {KAPI_UPDATE_OR, GIVES_NOTHING, 1, 0, false},
	[PRIMITIVE_OR_OLD] = {KAPI_UPDATE_OR, GIVES_OLD, 1, 0, false},
	[PRIMITIVE_XOR_VOID] = {KAPI_UPDATE_XOR, GIVES_NOTHING, 1, 0, false},
	[PRIMITIVE_XOR_OLD] = {KAPI_UPDATE_XOR, GIVES_OLD, 1, 0, false},
	[PRIMITIVE_INC_TEST] = {KAPI_UPDATE_ADD, GIVES_ZERO, 0, 1, false},
	[PRIMITIVE_DEC_TEST] = {KAPI_UPDATE_ADD, GIVES_ZERO, 0, -1, false},
	[PRIMITIVE_SUB_TEST] = {KAPI_UPDATE_ADD, GIVES_ZERO, -1, 0, false},
	[PRIMITIVE_ADD_NEGATIVE] = {KAPI_UPDATE_ADD, GIVES_NEGATIVE, 1, 0, false},
	[PRIMITIVE_XCHG] = {KAPI_UPDATE_XCHG, GIVES_OLD, 1, 0, false},
	[PRIMITIVE_CMPXCHG] = {KAPI_UPDATE_CMPXCHG, GIVES_OLD, 1, 0, false},
	[PRIMITIVE_ADD_UNLESS] = {KAPI_UPDATE_ADD_UNLESS, GIVES_DONE, 1, 0, false},
	[PRIMITIVE_INC_UNLESS_ZERO] = {KAPI_UPDATE_ADD_UNLESS, GIVES_DONE, 0, 1, false},
};

static int update_gives(const struct update *u, int old, int operand, bool done)
{
	int new = (int)((unsigned)old + (unsigned)operand);

	switch (u->result) {
	case GIVES_OLD:
		return old;
	case GIVES_NEW:
		return new;
	case GIVES_DONE:
		return done;
	case GIVES_ZERO:
		return new == 0;
	case GIVES_NEGATIVE:
		return new < 0;
	default:
		return 0;
	}
}

/* The word is the last argument of atomic_add() and its like, else the first. */
static struct value update(unsigned thread, const struct primitive *p, struct site *site,
			   const struct value *arg)
{
	const struct update *u = &updates[p->kind];
	bool word_last = p->args[0] == 'v';
	struct sim_access a = access_of(arg[word_last], site);
	struct value operand = arg[!word_last], expected = arg[2];
	int by = u->sign ? u->sign * operand.value : u->by, old;
	bool done;

	by = u->inverts ? ~by : by;
	a.order = u->result == GIVES_NOTHING ? KAPI_VOID : p->order;
	if (p->kind == PRIMITIVE_CMPXCHG) {
		by = expected.value;
		expected = operand;
	}
	if (p->kind == PRIMITIVE_INC_UNLESS_ZERO)
		expected.value = 0;
	old = sim_interpret_update(&a, (enum kapi_update)u->how, by, expected.value, &done);
	if (u->result == GIVES_NOTHING)
		return (struct value){0, 0};
	return has_read(thread, update_gives(u, old, by, done), a.when);
}

/* ---- primitives ---- */

static void barrier_of(enum kapi_order order)
{
	static const unsigned how[] = {[KAPI_ACQUIRE] = KAPI_RMB,
				       [KAPI_RELEASE] = KAPI_WMB,
				       [KAPI_FULL] = KAPI_WMB | KAPI_RMB};

	kapi_barrier(how[order]);
}

static struct value write_word(const struct primitive *p, struct site *site,
			       const struct value *arg)
{
	struct sim_access a = access_of(arg[0], site);

	a.order = p->order;
	sim_interpret_store(&a, arg[1].value);
	return (struct value){0, 0};
}

static struct value read_word(unsigned thread, const struct primitive *p, struct site *site,
			      const struct value *arg)
{
	struct sim_access a = access_of(arg[0], site);

	a.order = p->order;
	a.plain = p->kind == PRIMITIVE_READ_PLAIN;
	return load(thread, a);
}

static struct srcu_struct *domain_of(struct value address)
{
	return &domain[variable_at(address, LITMUS_SRCU)];
}

static struct value grace(unsigned thread, const struct primitive *p, const struct value *arg)
{
	switch (p->kind) {
	case PRIMITIVE_RCU_LOCK:
		rcu_read_lock();
		break;
	case PRIMITIVE_RCU_UNLOCK:
		rcu_read_unlock();
		break;
	case PRIMITIVE_RCU_SYNCHRONIZE:
		synchronize_rcu();
		break;
	case PRIMITIVE_SRCU_LOCK:
		return has_read(thread, srcu_read_lock(domain_of(arg[0])), 0);
	case PRIMITIVE_SRCU_UNLOCK:
		srcu_read_unlock(domain_of(arg[0]), arg[1].value);
		break;
	case PRIMITIVE_SRCU_DOWN:
		return has_read(thread, srcu_down_read(domain_of(arg[0])), 0);
	case PRIMITIVE_SRCU_UP:
		srcu_up_read(domain_of(arg[0]), arg[1].value);
		break;
	default:
		synchronize_srcu(domain_of(arg[0]));
		break;
	}
	return (struct value){0, 0};
}

static struct value lock(unsigned thread, const struct primitive *p, struct site *site,
			 const struct value *arg)
{
	spinlock_t *lock = &machine.cell[variable_at(arg[0], LITMUS_SPINLOCK)]->lock;

	switch (p->kind) {
	case PRIMITIVE_SPIN_LOCK:
		spin_lock(lock);
		break;
	case PRIMITIVE_SPIN_UNLOCK:
		spin_unlock(lock);
		break;
	case PRIMITIVE_SPIN_TRYLOCK:
		return has_read(thread, kapi_trylock(&lock->lock, KAPI_SPIN, false, "lock", site),
				0);
	default:
		return has_read(thread, sim_interpret_is_locked(&lock->lock, "lock", site), 0);
	}
	return (struct value){0, 0};
}

static struct value perform(unsigned thread, unsigned index, const struct value *arg)
{
	const struct primitive *p = primitive_at(index);
	struct site *site = primitive_site(index);

	if (p->kind >= PRIMITIVE_ADD_VOID)
		return update(thread, p, site, arg);
	if (p->kind >= PRIMITIVE_SPIN_LOCK)
		return lock(thread, p, site, arg);
	if (p->kind >= PRIMITIVE_RCU_LOCK)
		return grace(thread, p, arg);
	if (p->kind == PRIMITIVE_READ || p->kind == PRIMITIVE_READ_PLAIN)
		return read_word(thread, p, site, arg);
	if (p->kind == PRIMITIVE_WRITE)
		return write_word(p, site, arg);
	if (p->kind == PRIMITIVE_BARRIER)
		barrier_of(p->order);
	return (struct value){0, 0};
}

/* ---- expressions ---- */

static struct value call(unsigned thread, const struct litmus_node *n)
{
	struct value arg[PRIMITIVE_ARGS_MAX] = {{0}};
	unsigned nr = 0;

	for (uint16_t a = n->a; a; a = node_at(a)->next)
		arg[nr++] = evaluate(thread, a);
	return perform(thread, (unsigned)n->value, arg);
}

static struct value binary(unsigned thread, const struct litmus_node *n)
{
	struct value a = evaluate(thread, n->a), b;

	if (n->value == OPERATOR_AND && !a.value)
		return (struct value){0, a.when};
	if (n->value == OPERATOR_OR && a.value)
		return (struct value){1, a.when};
	b = evaluate(thread, n->b);
	if (n->value == OPERATOR_AND || n->value == OPERATOR_OR)
		return computed(b.value != 0, a, b);
	return computed(litmus_compute(n->value, a.value, b.value), a, b);
}

static struct value unary(unsigned thread, const struct litmus_node *n)
{
	struct value a = evaluate(thread, n->a);

	if (n->value == '!')
		a.value = !a.value;
	else if (n->value == '~')
		a.value = ~a.value;
	else if (n->value == '-')
		a.value = (int)(0u - (unsigned)a.value);
	return a;
}

static struct value evaluate(unsigned thread, uint16_t node)
{
	const struct litmus_node *n = node_at(node);
	struct sim_access a;

	switch (n->kind) {
	case NODE_NUMBER:
		return (struct value){n->value, 0};
	case NODE_REG:
		return machine.reg[thread][n->value];
	case NODE_READ:
		a = access_of(evaluate(thread, n->a), &plain_load);
		a.plain = true;
		return load(thread, a);
	case NODE_CALL:
		return call(thread, n);
	case NODE_UNARY:
		return unary(thread, n);
	case NODE_CHOOSE:
		return evaluate(thread, evaluate(thread, n->a).value ? n->b : n->c);
	default:
		return binary(thread, n);
	}
}

/* ---- statements ---- */

static void execute(unsigned thread, uint16_t first)
{
	for (uint16_t node = first; node; node = node_at(node)->next) {
		const struct litmus_node *n = node_at(node);
		struct value value;
		struct sim_access a;

		switch (n->kind) {
		case NODE_SET:
			machine.reg[thread][n->value] = evaluate(thread, n->a);
			break;
		case NODE_WRITE:
			value = evaluate(thread, n->b);
			a = access_of(evaluate(thread, n->a), &plain_store);
			a.plain = true;
			sim_interpret_store(&a, value.value);
			break;
		case NODE_IF:
			execute(thread, evaluate(thread, n->a).value ? n->b : n->c);
			break;
		default:
			evaluate(thread, n->a);
			break;
		}
	}
}

/* ---- a run ---- */

static void make_cell(unsigned i)
{
	const struct litmus_var *v = &machine.test->var[i];

	machine.cell[i] = kmalloc(sizeof(*machine.cell[i]), GFP_KERNEL);
	if (v->type == LITMUS_SPINLOCK)
		spin_lock_init(&machine.cell[i]->lock);
	else
		machine.cell[i]->word = v->init;
	class[i] = (struct kapi_class){.name = v->name};
	kapi_srcu_init(&domain[i], &class[i]);
	if (v->type == LITMUS_WORD)
		old_watch(&machine.cell[i]->word);
}

static void show_state(void)
{
	const struct litmus_test *t = machine.test;

	for (unsigned i = 0; i < t->shown_nr; i++) {
		const struct litmus_shown *s = &t->shown[i];

		if (s->thread >= 0)
			machine.run->shown[i] = machine.reg[s->thread][s->at].value;
		else
			machine.run->shown[i] =
				t->var[s->at].type == LITMUS_WORD ? machine.cell[s->at]->word : 0;
	}
	machine.run->end = LITMUS_ENDED;
}

static void run_main(void)
{
	static struct site *first[LANES];
	uint32_t lanes = 0;

	sim_op_begin(1, &thread_site);
	for (unsigned i = 0; i < machine.test->vars_nr; i++)
		make_cell(i);
	for (unsigned i = 0; i < machine.test->threads_nr; i++) {
		first[LANE_A + i] = &thread_site;
		lanes |= 1u << (LANE_A + i);
	}
	sim_threads(lanes, first);
	show_state();
}

static void body(void *arg, unsigned lane)
{
	if (lane == LANE_MAIN) {
		run_main();
		return;
	}
	sim_op_begin(1, &thread_site);
	execute(lane - LANE_A, machine.test->thread[lane - LANE_A].body);
}

static bool wants(void *arg, const struct verdict *v)
{
	return v->rule != RULE_lock_order;
}

/* Does any address come from a load? Else the stamps of registers change nothing. */
static bool has_dependencies(const struct litmus_test *t)
{
	for (unsigned i = 1; i < t->nodes_nr; i++)
		if (t->node[i].kind == NODE_REG || t->node[i].kind == NODE_READ)
			return true;
	return false;
}

static void begin(const struct litmus_test *test, struct litmus_run *run)
{
	static struct trace trace;

	machine.test = test;
	machine.run = run;
	machine.has_dependencies = has_dependencies(test);
	machine.trace = &trace;
	machine.grace = machine.events_seen = 0;
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		machine.read[i] = 0;
		for (unsigned r = 0; r < LITMUS_REGS_MAX; r++)
			machine.reg[i][r] = (struct value){test->thread[i].init[r], 0};
	}
}

void machine_run(const struct litmus_test *test, struct choice *choice,
		 const struct sim_strength *strength, struct litmus_run *ret)
{
	struct sim_job job = {
		.choice = choice, .strength = *strength, .body = body, .wants = wants};
	struct sim_race race;

	begin(test, ret);
	job.trace = machine.trace;
	ret->end = LITMUS_FAULTED;
	ret->verdict = &machine.trace->verdict;
	sim_run(&job);
	machine.steps += machine.trace->steps;
	ret->races = sim_race(&race);
	if (ret->end != LITMUS_ENDED && ret->verdict->rule == RULE_deadlock)
		ret->end = LITMUS_STUCK;
}

uint64_t machine_steps(void)
{
	return machine.steps;
}

/* ---- the state ---- */

static bool is_about_grace(const struct trace_event *e)
{
	return e->kind == EV_reader_begin || e->kind == EV_reader_end ||
	       e->kind == EV_synchronize || e->kind == EV_wait;
}

static void see_events(void)
{
	for (; machine.events_seen < machine.trace->events_nr; machine.events_seen++) {
		const struct trace_event *e = &machine.trace->event[machine.events_seen];

		if (is_about_grace(e))
			machine.grace = rng_mix(machine.grace * 31 + e->lane * 8u + e->kind +
						((uint64_t)e->object << 32));
	}
}

static bool is_step_of_thread(const struct trace_event *e)
{
	return LANE_IS_THREAD(e->lane) && event_is_visible(e->kind);
}

/* Returns: how many stamps the registers have. */
static unsigned register_stamps(uint32_t when[THREADS_MAX * LITMUS_REGS_MAX])
{
	const struct litmus_test *t = machine.test;
	unsigned nr = 0;

	for (unsigned i = 0; machine.has_dependencies && i < t->threads_nr; i++)
		for (unsigned r = 0; r < t->thread[i].regs_nr; r++) {
			uint32_t view = old_view(LANE_A + i);

			when[nr] = machine.reg[i][r].when;
			when[nr] = when[nr] > view ? when[nr] : view;
			nr++;
		}
	return nr;
}

static uint64_t weak_state(void)
{
	static uint32_t when[THREADS_MAX * LITMUS_REGS_MAX];
	unsigned nr = register_stamps(when);

	return sim_interpret_state(when, nr);
}

uint64_t machine_state(void)
{
	const struct litmus_test *t = machine.test;
	uint32_t done[THREADS_MAX] = {0};
	uint64_t hash;

	see_events();
	hash = machine.grace;
	for (uint32_t i = 0; i < machine.trace->events_nr; i++)
		if (is_step_of_thread(&machine.trace->event[i]))
			done[machine.trace->event[i].lane - LANE_A]++;
	for (unsigned i = 0; i < t->threads_nr; i++)
		hash = rng_mix(hash + rng_mix(machine.read[i] * 64 + done[i]));
	if (weak_on)
		return rng_mix(hash * 31 + weak_state());
	for (unsigned i = 0; i < t->vars_nr; i++)
		if (t->var[i].type == LITMUS_WORD)
			hash = rng_mix(hash * 31 + (uint32_t)machine.cell[i]->word);
	return hash;
}
