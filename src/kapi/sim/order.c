/*
 * order.c - the order of locks: one node a lock class, an edge from each held class to the one that is taken.
 *
 * An edge that closes a cycle is a verdict even if nobody blocked. Each run begins with none: what two
 * runs show together neither of them shows again. A verdict about locks has the orders of its run with
 * it (trace/orders.h), by which others are the same bug.
 */
#include "kapi/sim/internal.h"

#include <string.h>

static uint8_t classes_nr;
static struct kapi_class *classes[CLASSES_MAX];
static uint64_t after[CLASSES_MAX]
		     [CLASSES_MAX / 64]; /* after[a] has b: b was taken while a was held */
/* Where that was first, and of which object the lock was; good where after[a] has b. */
static struct edge {
	const char *function;
	uint32_t object;
	int32_t asked; /* the first event that may be the lock's */
	uint8_t lane;
} edges[CLASSES_MAX][CLASSES_MAX];
static struct orders passed; /* of verdicts that did not end the run */

void sim_order_begin(void)
{
	for (unsigned i = 0; i < classes_nr; i++)
		classes[i]->index = 0;
	memset(after, 0, classes_nr * sizeof(after[0]));
	classes_nr = 0;
	passed.nr = 0;
}

static bool is_after(unsigned a, unsigned b)
{
	return after[a][b / 64] >> (b % 64) & 1;
}

static unsigned class_index(struct kapi_class *class)
{
	if (!class->index) {
		must(classes_nr < CLASSES_MAX);
		classes[classes_nr++] = class;
		class->index = classes_nr;
	}
	return class->index - 1u;
}

/* The shortest way from @from to @to, backwards in @before. Returns: is there one? */
static bool leads_to(unsigned from, unsigned to, uint8_t before[CLASSES_MAX])
{
	uint8_t queue[CLASSES_MAX];
	uint64_t seen[CLASSES_MAX / 64] = {0};
	unsigned nr = 0;

	queue[nr++] = (uint8_t)from;
	for (unsigned i = 0; i < nr; i++)
		for (unsigned next = 0; next < classes_nr; next++) {
			if (!is_after(queue[i], next) || seen[next / 64] >> (next % 64) & 1)
				continue;
			seen[next / 64] |= 1ull << (next % 64);
			before[next] = queue[i];
			if (next == to)
				return true;
			queue[nr++] = (uint8_t)next;
		}
	return false;
}

/* ---- what a verdict tells of it ---- */

static uint64_t edge_id(unsigned held, unsigned taken)
{
	return order_id(classes[held]->clean, classes[taken]->clean, edges[held][taken].function);
}

void sim_order_put_run(struct orders *o)
{
	for (unsigned i = 0; i < passed.nr; i++)
		orders_add(o, passed.order[i]);
	for (unsigned a = 0; a < classes_nr; a++)
		for (unsigned b = 0; b < classes_nr; b++)
			if (is_after(a, b))
				orders_add(o, edge_id(a, b));
}

/* Those that lead from @taken to @held, and @closing. */
static void put_cycle(struct orders *o, uint64_t closing, unsigned taken, unsigned held,
		      const uint8_t before[CLASSES_MAX])
{
	uint64_t cycle[CLOSING_MAX];
	unsigned nr = 0;

	cycle[nr++] = closing;
	for (unsigned at = held; at != taken && nr < CLOSING_MAX; at = before[at])
		cycle[nr++] = edge_id(before[at], at);
	orders_close(o, cycle, nr);
}

/* Of two edges the one whose function comes first in the alphabet stays first. */
static void put_edge(struct edge first[2], const struct edge *e)
{
	int order = first[0].function ? strcmp(e->function, first[0].function) : -1;

	if (order < 0) {
		first[1] = first[0];
		first[0] = *e;
	} else if (order > 0 &&
		   (!first[1].function || strcmp(e->function, first[1].function) < 0)) {
		first[1] = *e;
	}
}

/* The event that took the lock of @e; or -1. */
static int event_of(const struct edge *e)
{
	for (uint32_t i = (uint32_t)e->asked; i < sim.trace->events_nr; i++) {
		const struct trace_event *at = &sim.trace->event[i];

		if (at->lane == e->lane && (at->kind == EV_lock || at->kind == EV_lock_read))
			return (int)i;
	}
	return -1;
}

/*
 * Which of its edges closes a cycle depends on the schedule. So the verdict is named after all of
 * them: the first two functions in the alphabet that take a lock of the cycle under the one before.
 */
static void report_cycle(const struct edge *closing, unsigned taken, unsigned held,
			 const uint8_t before[CLASSES_MAX], const char *text)
{
	uint64_t id = order_id(classes[held]->clean, classes[taken]->clean, closing->function);
	struct edge first[2] = {{0}};
	struct orders orders = {0};
	int since = -1;

	put_edge(first, closing);
	for (unsigned at = held; at != taken; at = before[at]) {
		put_edge(first, &edges[before[at]][at]);
		since = event_of(&edges[before[at]][at]);
	}
	put_cycle(&orders, id, taken, held, before);
	sim_order_put_run(&orders);
	orders_add(&passed, id);
	sim_report_in(RULE_lock_order, OBJECT_BLOCK(first[0].object) ? first[0].object : 0,
		      first[0].function, first[1].function, since, &orders, text);
}

/* ---- a lock is taken ---- */

/* Who takes two the other way round closes the cycle, if he comes second. */
static void tell_order(const struct kapi_class *held, const struct kapi_class *taken)
{
	bool down = held->id > taken->id;
	uint32_t low = down ? taken->id : held->id, high = down ? held->id : taken->id;

	if (low != high)
		sim_tell(TOUCH_ORDER, low * 31 + high, down);
}

static void add_edge(const struct prim *lock, unsigned held, unsigned taken)
{
	struct edge edge = {sim_self()->site->func, sim_object(lock->at, 0), sim_event_next(),
			    (uint8_t)sim.current};
	uint8_t before[CLASSES_MAX];
	char text[128];

	if (leads_to(taken, held, before)) {
		strcpy(text, lock->class->clean);
		strcat(text, " is taken under ");
		strcat(text, classes[held]->clean);
		strcat(text, "; the other order was seen before");
		report_cycle(&edge, taken, held, before, text);
		return;
	}
	after[held][taken / 64] |= 1ull << (taken % 64);
	edges[held][taken] = edge;
}

void sim_order_check(struct prim *lock)
{
	struct sim_lane *self = sim_self();
	unsigned taken = class_index(lock->class);

	for (unsigned i = 0; i < self->held_nr; i++) {
		unsigned held = class_index(self->held[i]->class);

		if (sim_is_told())
			tell_order(self->held[i]->class, lock->class);
		if (held != taken && !is_after(held, taken))
			add_edge(lock, held, taken);
	}
}

/* The lock is taken under itself, and under each lock that was taken under it. */
_Noreturn void sim_order_again(struct prim *lock, int since)
{
	const struct sim_lane *self = sim_self();
	const char *name = lock->class->clean, *function = self->site->func;
	unsigned taken = class_index(lock->class);
	struct orders orders = {0};

	for (unsigned i = 0; i < self->held_nr; i++) {
		unsigned held = class_index(self->held[i]->class);
		uint64_t cycle[2] = {order_id(classes[held]->clean, name, function)};

		if (held == taken) {
			orders_close(&orders, cycle, 1);
		} else if (is_after(taken, held)) {
			cycle[1] = edge_id(taken, held);
			orders_close(&orders, cycle, 2);
		}
	}
	sim_order_put_run(&orders);
	sim_fail_orders(lock->at, since, &orders, "the thread takes a lock that it holds");
}
