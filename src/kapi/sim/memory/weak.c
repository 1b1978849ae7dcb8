/*
 * weak.c - a store buffer for each lane (--memory weak).
 *
 * Memory holds committed stores: those that every lane sees. While a lane runs, its own pending stores
 * lie on top of them, oldest first, each with what it covers; when the lane is left they are taken off
 * again, newest first. So a pending store that another lane's store overtakes covers that one when it
 * is laid on next time, and nothing that another lane wrote is ever undone.
 *
 * A store is committed when a choice says so, but not before what its own lane orders before it:
 * an older store to the same bytes, stores before a write barrier, all older stores if it is a release.
 * An update whose result nobody looks at (atomic_inc, set_bit) waits like a store and is applied as a
 * whole; before its lane reads the word it is committed. All other updates act on committed memory at
 * once, after the lane's own stores to the word. What commits all of a lane's stores: smp_mb(), a release other than a store (an unlock, a completion),
 * a free, blocking, the end of the thread. Before a grace period ends the stores of readers that have
 * ended are committed.
 *
 * The hook comes before the store; what it wrote is read at the lane's next event. Where memory is not
 * what a pending store left there, something that no hook sees wrote it (memset, a structure
 * assignment): that is visible, and the store is gone.
 *
 * Statics are late where they are known to be the code's under test: weak_statics(). Those of a subject
 * are its test bench's, which is no kernel code.
 *
 * Left out: old values for loads of compiled code (hooks see no dependencies, and each
 * rcu_dereference() would be a false alarm); relaxed updates that return a value are never late;
 * all other statics, stacks, and what hooks do not see: the zeroes of kzalloc() are there at once.
 */
#include "kapi/sim/internal.h"
#include "kapi/sim/old.h"
#include "kapi/update.h"

#define STORES 64 /* bits of a choice */
#define DOMAINS 16
#define COMMIT_ONE_IN 4 /* how often a lane that does not run is asked */

struct store {
	volatile void *at;
	uint64_t under, over; /* while it lies on memory: what it covers, what it put there */
	uint64_t value;	      /* an update: the operand */
	uint32_t number;      /* in its lane */
	uint32_t after;	      /* older stores with a smaller number are committed first */
	uint32_t issued;      /* stamp */
	uint8_t size;
	uint8_t op; /* of its lane */
	bool done;  /* value is known */
	bool updates;
	uint8_t how; /* enum kapi_update */
	bool hidden; /* another lane has gone on without it */
};

struct buffer {
	unsigned nr;
	uint32_t next;	/* number */
	uint32_t fence; /* stores with a smaller number come before all later ones */
	struct store store[STORES];
};

/* Of each domain, up to which store of each lane its readers have ended. */
struct ends {
	const void *domain;
	uint32_t number[LANES];
};

static struct buffer buffer[LANES];
static struct ends ends[DOMAINS];
static unsigned ends_nr;
static uint32_t pending; /* lanes whose buffer is not empty */

bool weak_on;

static uint64_t value_at(const volatile void *at, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)((const volatile uint8_t *)at)[i] << i * 8;
	return value;
}

static void put(volatile void *at, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		((volatile uint8_t *)at)[i] = (uint8_t)(value >> i * 8);
}

static bool overlaps(const struct store *s, const volatile void *at, size_t size)
{
	return (uintptr_t)s->at < (uintptr_t)at + size &&
	       (uintptr_t)at < (uintptr_t)s->at + s->size;
}

/* ---- on memory, and off ---- */

/* Of an update that the code under test has made itself. */
static uint64_t operand_of(const struct store *s)
{
	switch (s->how) {
	case KAPI_UPDATE_OR:
		return s->over & ~s->under;
	case KAPI_UPDATE_AND:
		return ~(s->under & ~s->over);
	case KAPI_UPDATE_XOR:
		return s->over ^ s->under;
	default:
		return s->over - s->under;
	}
}

static void settle(struct buffer *b)
{
	struct store *s = b->nr ? &b->store[b->nr - 1] : NULL;

	if (!s || s->done)
		return;
	s->done = true;
	if (!sim_is_fine(s->at, s->size))
		return;
	s->over = value_at(s->at, s->size);
	s->value = s->updates ? operand_of(s) : s->over;
}

static void forget(struct buffer *b, unsigned index)
{
	b->nr--;
	for (unsigned i = index; i < b->nr; i++)
		b->store[i] = b->store[i + 1];
	if (!b->nr)
		pending &= ~sim_bit((unsigned)(b - buffer));
}

static bool is_there(const struct store *s)
{
	return sim_is_fine(s->at, s->size) && value_at(s->at, s->size) == s->over;
}

static void take_off(struct buffer *b)
{
	if (!b->nr)
		return;
	settle(b);
	for (unsigned i = b->nr; i--;) {
		struct store *s = &b->store[i];

		if (is_there(s))
			put(s->at, s->size, s->under);
		else
			forget(b, i);
	}
}

static uint64_t result_of(const struct store *s, uint64_t under)
{
	uint64_t over = s->value;

	if (s->updates)
		kapi_updated((enum kapi_update)s->how, under, s->value, 0, &over);
	return over & UINT64_MAX >> (64 - 8 * s->size);
}

static void lay_on(struct buffer *b)
{
	for (unsigned i = 0; i < b->nr;) {
		struct store *s = &b->store[i];

		if (!sim_is_fine(s->at, s->size)) {
			forget(b, i);
			continue;
		}
		s->under = value_at(s->at, s->size);
		s->over = result_of(s, s->under);
		put(s->at, s->size, s->over);
		i++;
	}
}

/* ---- committing ---- */

/* Is older store @j to be committed before store @i? */
static bool comes_before(const struct buffer *b, unsigned j, unsigned i)
{
	const struct store *s = &b->store[i];

	return b->store[j].number < s->after || overlaps(&b->store[j], s->at, s->size);
}

static bool may_commit(const struct buffer *b, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (comes_before(b, j, i))
			return false;
	return true;
}

/* @ends: the run ends, and the store is not visible. */
static void note_late(const struct buffer *b, const struct store *s, bool ends)
{
	struct site *name = late_name(s->at);
	const struct trace_event e = {.site = name,
				      .kind = EV_late,
				      .lane = (uint8_t)(b - buffer),
				      .op = s->op,
				      .object = sim_object(s->at, name ? name->prim_id : 0),
				      .arg = ends};

	trace_append(sim.trace, &e);
}

void weak_note_late(void)
{
	for (uint32_t left = weak_on ? pending : 0; left; left &= left - 1) {
		const struct buffer *b = &buffer[__builtin_ctz(left)];

		for (unsigned i = 0; i < b->nr; i++)
			if (b->store[i].hidden)
				note_late(b, &b->store[i], true);
	}
}

/* @on: the buffer lies on memory; else memory is all that is committed. */
static void show(struct buffer *b, unsigned i, bool on)
{
	struct store *s = &b->store[i];

	if (!on && sim_is_fine(s->at, s->size)) {
		s->over = result_of(s, value_at(s->at, s->size));
		put(s->at, s->size, s->over);
	}
	if (s->hidden)
		note_late(b, s, false);
	old_committed(s->at, (int)s->over, (unsigned)(b - buffer));
}

static void commit(struct buffer *b, unsigned i, bool on)
{
	show(b, i, on);
	forget(b, i);
}

static void commit_all(struct buffer *b, bool on)
{
	for (unsigned i = 0; i < b->nr; i++)
		show(b, i, on);
	b->nr = 0;
	pending &= ~sim_bit((unsigned)(b - buffer));
}

/* Those of @wanted, and what comes before them. */
static void commit_set(struct buffer *b, uint64_t wanted, bool on)
{
	if (b->nr && wanted == ~0ull >> (STORES - b->nr)) {
		commit_all(b, on);
		return;
	}
	for (unsigned i = b->nr; i--;)
		for (unsigned j = 0; wanted >> i & 1 && j < i; j++)
			if (comes_before(b, j, i))
				wanted |= 1ull << j;
	for (unsigned i = 0; wanted; wanted >>= 1) {
		if (wanted & 1)
			commit(b, i, on);
		else
			i++;
	}
}

static uint64_t stores_before(const struct buffer *b, uint32_t number)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < b->nr; i++)
		set |= (uint64_t)(b->store[i].number < number) << i;
	return set;
}

static uint64_t stores_to(const struct buffer *b, const volatile void *at, size_t size,
			  bool updates)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < b->nr; i++)
		set |= (uint64_t)((!updates || b->store[i].updates) &&
				  overlaps(&b->store[i], at, size))
		       << i;
	return set;
}

void weak_flush(void)
{
	struct buffer *b = &buffer[sim.current];

	if (!b->nr)
		return;
	settle(b);
	commit_set(b, stores_before(b, UINT32_MAX), true);
}

/* ---- what a lane does ---- */

void weak_update(const volatile void *at, size_t size)
{
	struct buffer *b = &buffer[sim.current];

	if (!weak_on || !b->nr)
		return;
	settle(b);
	commit_set(b, stores_to(b, at, size, false) | stores_before(b, b->fence), true);
}

void weak_updated(const volatile void *at)
{
	if (weak_on && sim.choice->active)
		old_committed(at, *(const volatile int *)at, sim.current);
}

static struct store *new_store(volatile void *at, size_t size)
{
	struct buffer *b = &buffer[sim.current];
	struct store *s;

	settle(b);
	if (!sim.choice->active || size > 8 || !late_can_be(at)) {
		weak_update(at, size);
		return NULL;
	}
	if (b->nr == STORES)
		weak_flush();
	s = &b->store[b->nr++];
	*s = (struct store){.at = at,
			    .size = (uint8_t)size,
			    .number = b->next++,
			    .after = b->fence,
			    .issued = old_now(),
			    .op = sim_self()->op,
			    .under = value_at(at, size)};
	pending |= sim_bit(sim.current);
	return s;
}

void weak_store(volatile void *at, size_t size)
{
	if (weak_on)
		new_store(at, size);
}

void weak_change(volatile void *word, size_t size, enum kapi_update how, uint64_t operand)
{
	struct store *s = weak_on ? new_store(word, size) : NULL;

	if (!s)
		return;
	s->updates = s->done = true;
	s->how = (uint8_t)how;
	s->value = operand;
	s->over = result_of(s, s->under);
}

void weak_change_next(volatile void *word, size_t size, enum kapi_update how)
{
	struct store *s = weak_on ? new_store(word, size) : NULL;

	if (!s)
		return;
	s->updates = true;
	s->how = (uint8_t)how;
}

void weak_load(const volatile void *at, size_t size)
{
	struct buffer *b = &buffer[sim.current];
	uint64_t updates = b->nr ? stores_to(b, at, size, true) : 0;

	if (!updates)
		return;
	settle(b);
	commit_set(b, updates, true);
}

void weak_fence(void)
{
	buffer[sim.current].fence = buffer[sim.current].next;
}

void weak_released(const volatile void *at)
{
	struct buffer *b = &buffer[sim.current];
	struct store *s = weak_on && b->nr ? &b->store[b->nr - 1] : NULL;

	if (!s)
		return;
	if (s->at == at)
		s->after = s->number;
	else
		weak_flush();
}

bool weak_pending(void)
{
	return pending & sim_bit(sim.current);
}

bool weak_hides(const volatile void *at, size_t size, unsigned lane)
{
	return weak_on && lane != sim.current && stores_to(&buffer[lane], at, size, false);
}

/* ---- grace periods ---- */

static struct ends *ends_of(const void *domain, bool make)
{
	for (unsigned i = 0; i < ends_nr; i++)
		if (ends[i].domain == domain)
			return &ends[i];
	if (!make || ends_nr == DOMAINS)
		return NULL;
	ends[ends_nr] = (struct ends){.domain = domain};
	return &ends[ends_nr++];
}

void weak_reader_end(const void *domain)
{
	struct ends *e;

	if (!weak_on)
		return;
	e = ends_of(domain, true);
	if (e)
		e->number[sim.current] = buffer[sim.current].next;
	else
		weak_flush();
}

void weak_grace_end(const void *domain)
{
	const struct ends *e = weak_on ? ends_of(domain, false) : NULL;

	if (!e || !pending)
		return;
	take_off(&buffer[sim.current]);
	for (uint32_t left = pending; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);

		commit_set(&buffer[lane], stores_before(&buffer[lane], e->number[lane]), false);
	}
	lay_on(&buffer[sim.current]);
}

/* ---- choices ---- */

/* Returns: how many stores may be committed now; finds number @wanted of them. */
static unsigned options(unsigned wanted, struct buffer **ret_b, unsigned *ret_i)
{
	unsigned nr = 0;

	for (uint32_t left = pending; left; left &= left - 1) {
		struct buffer *b = &buffer[__builtin_ctz(left)];

		for (unsigned i = 0; i < b->nr; i++) {
			if (!may_commit(b, i))
				continue;
			if (nr++ == wanted) {
				*ret_b = b;
				*ret_i = i;
			}
		}
	}
	return nr;
}

/* One store after the other, of any lane; the first alternative is none. */
void weak_choose(void)
{
	struct buffer *b = NULL;
	unsigned i = 0, nr, chosen;

	if (!pending || !sim.choice->active || !choice_explores(sim.choice))
		return;
	take_off(&buffer[sim.current]);
	while ((nr = options(UINT32_MAX, &b, &i))) {
		chosen = choice_decide(sim.choice, nr + 1 < 32 ? nr + 1 : 32, 1);
		if (!chosen)
			break;
		options(chosen - 1, &b, &i);
		commit(b, i, false);
	}
	lay_on(&buffer[sim.current]);
}

/* What is not to be late becomes visible, as far as its lane's order allows. */
static void commit_but(struct buffer *b, uint64_t late)
{
	for (unsigned i = 0; b->nr && i < b->nr; late >>= 1) {
		if (!(late & 1) && may_commit(b, i))
			commit(b, i, false);
		else
			i++;
	}
}

static void hide(struct buffer *b)
{
	for (unsigned i = 0; i < b->nr; i++)
		b->store[i].hidden = true;
}

static void commit_some(void)
{
	uint32_t others = pending & ~sim_bit(sim.current);

	if (pending & sim_bit(sim.current))
		commit_but(&buffer[sim.current],
			   sim.choice->active ? choice_delays(sim.choice) : 0);
	for (; others; others &= others - 1)
		if (!choice_decide(sim.choice, COMMIT_ONE_IN, 0))
			commit_but(&buffer[__builtin_ctz(others)], choice_delays(sim.choice));
}

void weak_leave(void)
{
	if (!pending)
		return;
	take_off(&buffer[sim.current]);
	if (!choice_explores(sim.choice))
		commit_some();
	hide(&buffer[sim.current]);
}

void weak_return(void)
{
	if (pending & sim_bit(sim.current))
		lay_on(&buffer[sim.current]);
}

/* ---- for an interpreter ---- */

bool weak_issued(const volatile void *at, uint32_t *ret_when)
{
	const struct buffer *b = &buffer[sim.current];

	for (unsigned i = b->nr; i--;) {
		if (b->store[i].at != at)
			continue;
		*ret_when = b->store[i].issued;
		return true;
	}
	return false;
}

void weak_each_stamp(void (*note)(uint32_t when))
{
	for (uint32_t left = pending; left; left &= left - 1) {
		const struct buffer *b = &buffer[__builtin_ctz(left)];

		for (unsigned i = 0; i < b->nr; i++)
			note(b->store[i].issued);
	}
}

static uint64_t store_hash(const struct buffer *b, unsigned i, uint32_t (*stamp)(uint32_t when))
{
	const struct store *s = &b->store[i];
	uint64_t hash = sim_arena_offset(s->at) * 16 + s->how * 2 + s->updates, before = 0;

	for (unsigned j = 0; j < i; j++)
		before |= (uint64_t)comes_before(b, j, i) << j;
	hash = rng_mix(hash * 31 + s->value);
	hash = rng_mix(hash * 31 + before);
	return rng_mix(hash * 31 + stamp(s->issued));
}

uint64_t weak_hash(uint32_t (*stamp)(uint32_t when))
{
	uint64_t hash = 0;

	for (uint32_t left = pending; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		struct buffer *b = &buffer[lane];

		if (lane == sim.current)
			settle(b);
		hash = rng_mix(hash + lane);
		for (unsigned i = 0; i < b->nr; i++)
			hash = rng_mix(hash * 31 + store_hash(b, i, stamp));
		hash = rng_mix(hash * 31 + stores_before(b, b->fence));
		for (unsigned d = 0; d < ends_nr; d++)
			hash = rng_mix(hash * 31 + stores_before(b, ends[d].number[lane]));
	}
	return hash;
}

void weak_begin(bool on)
{
	weak_on = on;
	pending = 0;
	ends_nr = 0;
	for (unsigned lane = 0; on && lane < LANES; lane++)
		buffer[lane].nr = buffer[lane].next = buffer[lane].fence = 0;
	old_begin();
}
