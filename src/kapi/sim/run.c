/*
 * run.c - one run: lanes, the choice at every visible operation, the end by a verdict.
 *
 * There is no scheduler fiber: the lane that announces asks the strategy itself and switches
 * straight to whoever was chosen, so that going on costs no switch. The host is the OS thread's own
 * stack; it starts the main lane and is switched back to when the run is over, whole or abandoned.
 *
 * Nothing here allocates while a program runs, and nothing is compiled with TSan or coverage.
 */
#include "base/word.h"
#include "kapi/sim/internal.h"

#include <string.h>

struct sim sim;
char sim_start_tag, sim_end_tag;

static struct site end_site = {"thread", "end", "ends", 0, 0, NULL, 0};

#define WORKERS (1u << LANE_RCU | 1u << LANE_SRCU0 | 1u << LANE_SRCU1)

/* ---- choosing ---- */

static void switch_to(unsigned next)
{
	struct sim_lane *self = sim_self();

	sim.current = (uint8_t)next;
	sim_mirror_lane(next);
	fiber_switch(&self->fiber, &sim.lane[next].fiber);
}

static void switch_weak(unsigned next)
{
	if (weak_on)
		weak_leave();
	switch_to(next);
	if (weak_on)
		weak_return();
}

static unsigned next_lane(unsigned announcer, uint32_t runnable)
{
	unsigned next = choice_next(sim.choice, announcer, runnable);

	if (__builtin_expect(sim.touch != NULL, 0))
		sim_watch_accesses();
	return next;
}

static __attribute__((cold)) void choose_unusual(void)
{
	unsigned me = sim.current, next;
	uint32_t runnable;

	if (!sim.runnable && !sim_time_passes())
		sim_deadlock();
	runnable = sim.runnable;
	if (sim.strength.callbacks_at_once && runnable & WORKERS)
		runnable &= WORKERS;
	if (weak_on && !(sim.runnable & sim_bit(me)))
		weak_flush(); /* it blocks, or ends */
	if (weak_on)
		weak_choose();
	next = sim.fair ? sim_fair_next(me, runnable) : next_lane(me, runnable);
	if (next != me)
		switch_weak(next);
}

void sim_choose(void)
{
	unsigned me = sim.current, next;

	if (!sim.runnable || weak_on || sim.fair || sim.strength.callbacks_at_once)
		return choose_unusual();
	next = next_lane(me, sim.runnable);
	if (next != me)
		switch_to(next);
}

void sim_announce(unsigned kind, uint32_t object, uint32_t class, struct site *site, unsigned flags)
{
	struct trace_event *e = &sim.choice->next[sim.current];
	struct sim_lane *self = sim_self();

	sim.own_block = 0;
	self->site = site;
	e->site = site;
	e->object = object;
	e->class = class;
	e->kind = (uint8_t)kind;
	e->lane = sim.current;
	e->op = self->op;
	e->flags = (uint8_t)flags;
	e->arg = 0;
	sim_choose();
}

struct trace_event *sim_effect(int arg)
{
	struct trace_event *e = &sim.choice->next[sim.current];

	e->arg = arg;
	sim.accesses = 0;
	if (__builtin_expect(++sim.trace->steps > sim.steps_free, 0))
		sim_step_limit();
	return trace_append(sim.trace, e);
}

void sim_block(unsigned kind, uint32_t object, struct site *site)
{
	struct site *asks = sim_self()->asks;

	sim_note(EV_blocked, object, 0, asks ? asks : site);
	sim.runnable &= ~sim_bit(sim.current);
	sim_announce(kind, object, 0, site, 0);
}

void sim_note(unsigned kind, uint32_t object, int arg, struct site *site)
{
	struct trace_event e = {.site = site,
				.object = object,
				.kind = (uint8_t)kind,
				.lane = sim.current,
				.op = sim_self()->op,
				.arg = arg};

	trace_append(sim.trace, &e);
}

static void note(enum event_kind kind, const volatile void *at, int arg, struct site *site)
{
	uint32_t object;

	site_ids(site);
	object = at ? sim_object(at, site->prim_id) : 0;
	sim_note(kind, object, arg, site);
	sim_reclaim_note(kind, at, object, arg);
	if (kind == EV_list || !sim.job->observe)
		return;
	sim_tell(TOUCH_NOTE, 1, true);
	sim.noting = true;
	sim.job->observe(sim.job->arg, &sim.trace->event[sim.trace->events_nr - 1]);
	sim.noting = false;
}

/* The notes by name (kapi.h). */
#define EVENT_VISIBLE(kind)
#define EVENT_NOTE(kind)                                                                           \
	void kapi_note_##kind(const volatile void *at, int arg, struct site *site)                 \
	{                                                                                          \
		note(EV_##kind, at, arg, site);                                                    \
	}
#define EVENT(kind, class, text) EVENT_##class(kind)
#include "trace/event.def"
#undef EVENT
#undef EVENT_NOTE
#undef EVENT_VISIBLE

unsigned kapi_thread(void)
{
	return sim.current;
}

struct task_struct *kapi_current(void)
{
	struct sim_lane *self = sim_self();

	return self->runs_as ? self->runs_as : &self->task;
}

void kapi_become(struct task_struct *task)
{
	sim_self()->runs_as = task;
}

/* ---- verdicts ---- */

static void copy(char *to, const char *from, size_t cap)
{
	size_t n = strnlen(from, cap - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

/* The function that made the access is of this build: a compiler may have inlined it. */
static void put_access(struct verdict *v)
{
	const struct sim_lane *self = sim_self();

	if (!self->access)
		return;
	copy(v->access, sim_function_at(self->access), sizeof(v->access));
	v->access_size = self->size;
	v->access_write = self->writes;
}

static struct verdict judge(enum rule rule, uint32_t object, int earlier, const char *where,
			    const char *text)
{
	struct verdict v = {.event = {sim_event_next(), earlier}};

	v.rule = rule;
	sim_describe(object, v.type, v.object);
	copy(v.where[0], where ? where : "", sizeof(v.where[0]));
	copy(v.text, text ? text : "", sizeof(v.text));
	if (rule == RULE_warn || rule == RULE_bug)
		word_of_complaint(v.text, v.word);
	put_access(&v);
	return v;
}

/* The run ends here; whoever looks at the trace finds the verdict as its last event. */
static _Noreturn void abandon(const struct verdict *v, uint32_t object, struct site *site)
{
	weak_note_late();
	sim.trace->verdict = *v;
	sim.trace->verdict.event[0] = sim_event_next();
	sim_note(EV_verdict, object, 0, site);
	sim_stop_at_verdict(rule_name(v->rule));
	fiber_abandon(&sim_self()->fiber, &sim.host);
}

static void report(const struct verdict *v, uint32_t object)
{
	bool wanted;

	san_harness_begin();
	wanted = !sim.job->wants || sim.job->wants(sim.job->arg, v);
	san_harness_end();
	/* A rule over notes is broken by the note, which stands in the trace already. */
	if (wanted)
		abandon(v, object, sim.noting ? NULL : sim_self()->site);
	sim.reported = true;
}

void sim_report(enum rule rule, uint32_t object, int earlier, const char *where, const char *text)
{
	struct verdict v;

	san_harness_begin();
	v = judge(rule, object, earlier, where, text);
	san_harness_end();
	report(&v, object);
}

void sim_report_in(enum rule rule, uint32_t object, const char *function, const char *other,
		   int since, const struct orders *orders, const char *text)
{
	struct verdict v;

	san_harness_begin();
	v = judge(rule, object, since, function, text);
	copy(v.where[1], other ? other : "", sizeof(v.where[1]));
	if (orders)
		v.orders = *orders;
	san_harness_end();
	report(&v, object);
}

_Noreturn void sim_fail(enum rule rule, const volatile void *at, int earlier, const char *text)
{
	const struct site *site = sim_self()->site;
	uint32_t object = at ? sim_object(at, 0) : 0;
	struct verdict v = judge(rule, object, earlier, site ? site->func : "start", text);

	if (earlier >= 0 && sim.trace->event[earlier].site)
		copy(v.where[1], sim.trace->event[earlier].site->func, sizeof(v.where[1]));
	abandon(&v, object, sim_self()->site);
}

static void append(char *text, size_t cap, const char *words)
{
	size_t len = strlen(text);

	copy(text + len, words, cap - len);
}

static struct verdict judge_since(enum rule rule, uint32_t object, int since, const char *text)
{
	const struct site *site = sim_self()->site;
	struct verdict v = judge(rule, object, since, site ? site->func : "start", text);

	if (since >= 0 && sim.trace->event[since].site) {
		site = sim.trace->event[since].site;
		append(v.text, sizeof(v.text), ": ");
		append(v.text, sizeof(v.text), site->text);
		append(v.text, sizeof(v.text), " in ");
		append(v.text, sizeof(v.text), site->func);
		append(v.text, sizeof(v.text), "()");
	}
	return v;
}

static _Noreturn void fail_since(enum rule rule, const volatile void *at, int since,
				 const char *text, bool left)
{
	uint32_t object = at ? sim_object(at, 0) : 0;
	struct verdict v = judge_since(rule, object, since, text);

	if (left && since >= 0 && sim.trace->event[since].site)
		copy(v.where[0], sim.trace->event[since].site->func, sizeof(v.where[0]));
	abandon(&v, object, sim_self()->site);
}

_Noreturn void sim_fail_since(enum rule rule, const volatile void *at, int since, const char *text)
{
	fail_since(rule, at, since, text, false);
}

_Noreturn void sim_fail_left(enum rule rule, const volatile void *at, int since, const char *text)
{
	fail_since(rule, at, since, text, true);
}

_Noreturn void sim_fail_orders(const volatile void *at, int since, const struct orders *orders,
			       const char *text)
{
	uint32_t object = sim_object(at, 0);
	struct verdict v = judge_since(RULE_deadlock, object, since, text);

	v.orders = *orders;
	abandon(&v, object, sim_self()->site);
}

_Noreturn void sim_fail_waiting(uint32_t object, const char *function, const char *other,
				const uint8_t waits_for[LANES], const struct orders *orders,
				const char *text)
{
	struct verdict v = judge(RULE_deadlock, object, -1, function, text);

	copy(v.where[1], other, sizeof(v.where[1]));
	memcpy(v.waits_for, waits_for, sizeof(v.waits_for));
	v.orders = *orders;
	abandon(&v, object, sim_self()->site);
}

void kapi_verdict(int rule, const volatile void *at, const char *text, struct site *site)
{
	const struct sim_block *b = sim_block_of(at);

	sim_self()->site = site;
	sim_report(rule, at ? sim_object(at, 0) : 0, b && !sim_lives(b) ? b->freed : -1, site->func,
		   text);
}

int kapi_rule(const char *name)
{
	return (int)rule_find(name);
}

void kapi_warn(int rule, struct site *site)
{
	sim_self()->site = site;
	/* A BUG ends its thread in the kernel: what came behind it here would be no finding. */
	if (rule == RULE_bug)
		sim_fail(RULE_bug, NULL, -1, site->text);
	sim_report(rule, 0, -1, site->func, site->text);
}

bool kapi_should_fail(const volatile void *at, struct site *site)
{
	bool fails;

	sim_announce(EV_may_fail, sim_object(at, 0), 0, site, 0);
	fails = sim_fails(&sim.choice->next[sim.current]);
	sim_effect(fails ? -1 : 0);
	return fails;
}

/* Trees of executions are without it, as they are without failures. */
bool kapi_chance(const volatile void *at, struct site *site)
{
	bool comes;

	if (sim.choice->explorer || sim.fair)
		return false;
	sim_announce(EV_may_fail, sim_object(at, 0), 0, site, 0);
	comes = choice_fails(sim.choice, &sim.choice->next[sim.current]);
	sim_effect(comes ? -1 : 0);
	return comes;
}

/* ---- the life of a lane ---- */

/* Others may go on before the last stores of a thread are visible. */
static void lane_drains(void)
{
	static struct site site = {"thread", "drain", "its stores become visible", 0, 0, NULL, 0};

	if (!weak_on || !weak_pending())
		return;
	site_ids(&site);
	sim_announce(EV_op_end, 0, 0, &site, 0);
	weak_flush();
}

static void lane_ends(void)
{
	unsigned me = sim.current;

	sim.runnable &= ~sim_bit(me);
	if (LANE_IS_THREAD(me)) {
		sim.threads &= ~sim_bit(me);
		if (!sim.threads) {
			choice_over(sim.choice, sim.runnable);
			sim.runnable |= sim_bit(LANE_MAIN);
		}
	}
	if (me == LANE_MAIN) {
		fiber_switch(&sim_self()->fiber, &sim.host);
		return;
	}
	sim_announce(EV_lane_end, 0, 0, &end_site, 0);
}

static void lane_entry(void *arg)
{
	unsigned lane = (unsigned)(uintptr_t)arg;

	if (LANE_IS_GRACE(lane))
		sim_worker(lane);
	if (LANE_IS_WORKER(lane))
		sim_later_worker(lane);
	for (;;) {
		san_acquire(&sim_start_tag);
		sim.job->body(sim.job->arg, lane);
		if (LANE_IS_THREAD(lane))
			lane_drains();
		san_release(&sim_end_tag);
		lane_ends();
	}
}

void sim_op_begin(unsigned number, struct site *site)
{
	struct sim_lane *self = sim_self();

	self->op = (uint8_t)number;
	if (!self->starts)
		sim_announce(EV_op_begin, 0, 0, site, 0);
	self->starts = false;
	self->killed = false;
	self->site = site;
	sim_effect(0);
}

void kapi_driver_returns(struct site *site)
{
	sim_self()->site = site;
	sim_lock_leaks();
	sim_rcu_leaks();
}

void sim_op_end(int value, struct site *site)
{
	sim.fair_until = sim.trace->steps + STEPS_MAX;
	sim.loops = 0;
	kapi_driver_returns(site);
	sim_note(EV_op_end, 0, value, site);
}

/*
 * The first operation of every thread is announced for it here, so that the very first choice, too,
 * is made between all of them and is tied to a place in a thread.
 */
void sim_threads(uint32_t lanes, struct site *const first[LANES])
{
	unsigned announcer = LANE_NONE;

	if (!lanes)
		return;
	for (unsigned lane = LANE_F; lane >= LANE_A; lane--) {
		if (!(lanes & sim_bit(lane)))
			continue;
		sim.choice->next[lane] = (struct trace_event){
			.site = first[lane], .kind = EV_op_begin, .lane = (uint8_t)lane, .op = 1};
		sim.lane[lane].starts = true;
		announcer = lane;
	}
	san_release(&sim_start_tag);
	sim.threads = lanes;
	sim.dirty |= lanes;
	sim.runnable |= lanes;
	sim.runnable &= ~sim_bit(LANE_MAIN);
	sim.choice->active = 1;
	switch_weak(next_lane(announcer, sim.runnable));
	san_acquire(&sim_end_tag);
}

/* ---- a run ---- */

/* The fiber stays: what its lane was doing is forgotten by fiber_reset(). */
static void lane_reset(unsigned lane)
{
	struct sim_lane *l = &sim.lane[lane];

	*l = (struct sim_lane){.fiber = l->fiber, .idle = LANE_IS_WORKER(lane)};
}

static void init_once(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	sim_hooks_init();
	sim_blocks_init();
	fiber_host(&sim.host);
	for (unsigned lane = 0; lane < LANES; lane++)
		fiber_init(&sim.lane[lane].fiber, lane_entry, (void *)(uintptr_t)lane);
	site_ids(&end_site);
	sim.dirty = sim_bit(LANES) - 1;
}

/*
 * An abandoned lane stands somewhere in the code under test: its fiber starts again next time. What
 * it did is ordered before the next run.
 */
static void forget_abandoned(void)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		fiber_release(&sim.lane[lane].fiber, &sim.host, &sim_end_tag);
		fiber_reset(&sim.lane[lane].fiber);
	}
	san_acquire(&sim_end_tag);
}

void sim_run(const struct sim_job *job)
{
	init_once();
	sim.job = job;
	sim.choice = job->choice;
	sim.trace = job->trace;
	sim.strength = job->strength;
	sim.runnable = sim_bit(LANE_MAIN);
	sim.waiting = 0;
	sim.threads = 0;
	sim.clock = 0;
	sim.accesses = 0;
	sim.steps_free = sim_steps_free();
	sim.noting = false;
	sim.fair = false;
	sim.failed = false;
	sim.reported = false;
	sim.touch = sim.choice->drawn->methods->touch;
	sim.own_block = 0;
	sim.current = LANE_MAIN;
	sim.choice->active = 0;
	for (uint32_t left = sim.dirty; left; left &= left - 1)
		lane_reset((unsigned)__builtin_ctz(left));
	sim.dirty = sim_bit(LANE_MAIN);
	sim_blocks_reset();
	sim_files_reset();
	sim_maps_reset();
	prims_reset();
	sim_rcu_reset();
	sim_later_reset();
	sim_statics_restore();
	trace_reset(job->trace);
	sim_order_begin();
	sim_module_begin();
	sim_reclaim_begin();
	sim_accesses_begin();
	sim_hang_begin();
	if (sim_mirrors)
		sim_mirror_begin();
	san_release(&sim_start_tag);
	fiber_switch(&sim.host, &sim.lane[LANE_MAIN].fiber);
	san_acquire(&sim_end_tag);
	sim.job = NULL;
	sim.touch = NULL; /* subjects are asked for their tables between runs */
	race_on = weak_on = sim_watches_accesses = false;
	if (job->trace->verdict.rule)
		forget_abandoned();
}

static void probe_body(void *arg, unsigned lane)
{
	(void)lane;
	for (unsigned n = *(unsigned *)arg; n; n--)
		fiber_switch(&sim.lane[LANE_MAIN].fiber, &sim.host);
}

void sim_switch_probe(unsigned n)
{
	struct sim_job job = {.body = probe_body, .arg = &n};

	init_once();
	sim.job = &job;
	sim.current = LANE_MAIN;
	for (unsigned i = n + 1; i; i--)
		fiber_switch(&sim.host, &sim.lane[LANE_MAIN].fiber);
}
