/*
 * reclaim.c - an allocation may reclaim, and reclaim calls invalidation callbacks.
 *
 * One pseudo lock, the notifier map, is held around every callback of an invalidation, and is taken and
 * dropped by an allocation that may reclaim. So a lock that a callback takes may not be held at such
 * an allocation, and no callback may make one: each is a deadlock with itself where memory is short.
 * It is a verdict whether memory was short or not (RULE_reclaim_recursion).
 *
 * Edges are between lock objects, not classes: a driver may allocate under the lock of an object that it
 * has not registered yet. For the same reason an allocation counts only for clients that were linked
 * when it was made. A trylock waits for nobody, so nothing leads to it. release() and the last
 * invalidation at exit are outside the map.
 *
 * And the allocation does reclaim, when the schedule says so: it takes one page from a process, as
 * reclaim does, in the thread that allocates (kapi_reclaim_by()).
 */
#include "kapi/sim/internal.h"

#include <string.h>

#define NODES 64 /* lock objects; locks beyond are not looked at */
#define CLIENTS 32

/* By address: what is on a stack, or static, has no object of its own. */
struct client {
	const volatile void *at;
	uint32_t object, mm;
};

struct node {
	uint64_t after;	    /* nodes that are taken while it is held */
	uint32_t taken;	    /* by callbacks of these clients */
	uint32_t allocated; /* there was an allocation under it while these clients were linked */
	uint32_t object;
	const char *lock, *waits; /* the name of the lock; what waits for invalidations under it */
	const char *takes, *allocates; /* functions */
	int32_t event;		       /* of the allocation */
};

static struct client client[CLIENTS];
static unsigned clients_nr;
static uint32_t linked; /* clients, a bit each */
static uint32_t inside[LANES];
static struct node node[NODES];
static unsigned nodes_nr;
static bool any_taken, any_allocated;

static bool (*reclaim_page)(bool dry);

static struct site find_site = {
	"allocation", "find_free_memory", "find free memory", 0, 0, NULL, 0};

void kapi_reclaim_by(bool (*reclaim)(bool dry))
{
	reclaim_page = reclaim;
}

void sim_reclaim_begin(void)
{
	clients_nr = nodes_nr = 0;
	linked = 0;
	any_taken = any_allocated = false;
	memset(inside, 0, sizeof(inside));
	reclaim_page = NULL;
	site_ids(&find_site);
}

/* ---- the order ---- */

static struct node *node_of(struct prim *lock)
{
	if (!lock->node && nodes_nr < NODES) {
		node[nodes_nr] = (struct node){.object = sim_object(lock->at, lock->class->id),
					       .lock = lock->class->clean};
		lock->node = (uint8_t)++nodes_nr;
	}
	return lock->node ? &node[lock->node - 1] : NULL;
}

static uint64_t all_after(unsigned from)
{
	uint64_t all = 1ull << from, done = 0;

	while (all != done) {
		unsigned next = (unsigned)__builtin_ctzll(all & ~done);

		done |= 1ull << next;
		all |= node[next].after;
	}
	return all;
}

/* The deadlocks that it warns of: of two threads, and of one that takes the lock again in the callback. */
static void put_orders(const struct node *taken, const struct node *held, struct orders *o)
{
	const uint64_t two[2] = {order_id(held->lock, held->waits, held->waits),
				 order_id(held->waits, taken->lock, taken->takes)};
	const uint64_t one[1] = {order_id(held->lock, taken->lock, taken->takes)};

	orders_close(o, two, 2);
	if (taken == held)
		orders_close(o, one, 1);
	sim_order_put_run(o);
}

static void complain(struct node *taken, struct node *allocated)
{
	uint32_t both = taken->taken & allocated->allocated;
	struct orders orders = {0};

	allocated->allocated &= ~both; /* once */
	put_orders(taken, allocated, &orders);
	sim_report_in(RULE_reclaim_recursion, allocated->object, allocated->allocates, taken->takes,
		      -1, &orders,
		      "a lock is held at an allocation that may reclaim, or at a wait for "
		      "invalidations, and an invalidation callback takes it");
}

static void check(void)
{
	for (unsigned i = 0; i < nodes_nr; i++) {
		uint64_t after = node[i].taken ? all_after(i) : 0;

		for (; after; after &= after - 1) {
			struct node *held = &node[__builtin_ctzll(after)];

			if (node[i].taken & held->allocated)
				complain(&node[i], held);
		}
	}
}

void sim_reclaim_lock(struct prim *lock)
{
	struct sim_lane *self = sim_self();
	struct node *n;
	bool changed = false;

	/* Nothing is said of it yet. */
	if (!clients_nr || !(self->held_nr | inside[sim.current]))
		return;
	n = node_of(lock);
	if (!n)
		return;
	for (unsigned i = 0; i < self->held_nr; i++) {
		struct node *held = node_of(self->held[i]);

		if (!held || held == n || held->after >> (n - node) & 1)
			continue;
		held->after |= 1ull << (n - node);
		changed = true;
	}
	if (inside[sim.current] & ~n->taken) {
		n->taken |= inside[sim.current];
		n->takes = self->site->func;
		any_taken = changed = true;
	}
	if (__builtin_expect(changed && any_taken && any_allocated, 0))
		check();
}

/* ---- who may be called ---- */

static uint32_t bit_of(const volatile void *at)
{
	for (unsigned i = clients_nr; i-- > 0;)
		if (client[i].at == at)
			return 1u << i;
	return 0;
}

/* Each registration is a client of its own: what was allocated before the second is no matter to it. */
static void register_client(const volatile void *at, uint32_t object, uint32_t mm)
{
	linked &= ~bit_of(at);
	if (clients_nr == CLIENTS)
		return;
	client[clients_nr] = (struct client){at, object, mm};
	linked |= 1u << clients_nr++;
}

static void unlink_all(uint32_t mm)
{
	for (unsigned i = 0; i < clients_nr; i++)
		if (client[i].mm == mm)
			linked &= ~(1u << i);
}

void sim_reclaim_note(unsigned kind, const volatile void *at, uint32_t object, int arg)
{
	switch (kind) {
	case EV_registered:
		register_client(at, object, (uint32_t)arg);
		break;
	case EV_unregistered:
	case EV_put_done:
		linked &= ~bit_of(at);
		break;
	case EV_exit_unlinked:
		unlink_all(object);
		break;
	case EV_callback_begin:
		inside[sim.current] |= bit_of(at);
		break;
	case EV_callback_end:
		inside[sim.current] &= ~bit_of(at);
		break;
	default:
		break;
	}
}

/* ---- allocations ---- */

void kapi_notifier_map(const char *waits, struct site *site)
{
	struct sim_lane *self = sim_self();
	uint32_t own = inside[sim.current] & linked;

	self->site = site;
	if (__builtin_expect(!linked, 1))
		return;
	if (own)
		sim_report(RULE_reclaim_recursion, client[__builtin_ctz(own)].object, -1,
			   site->func, "inside an invalidation callback");
	for (unsigned i = 0; i < self->held_nr; i++) {
		struct node *n = node_of(self->held[i]);

		if (!n || !(linked & ~own & ~n->allocated))
			continue;
		n->allocated |= linked & ~own; /* of those in @own it is said already */
		n->allocates = site->func;
		n->waits = waits;
		any_allocated = true;
	}
	if (any_taken && any_allocated)
		check();
}

/* A page goes in the middle of whatever the thread is at, with what it holds. */
static void reclaim(void)
{
	struct trace_event *e = &sim.choice->next[sim.current];
	bool does;

	sim_announce(EV_may_fail, 0, 0, &find_site, 0);
	does = !sim.fair && choice_fails(sim.choice, e);
	sim_effect(does ? -1 : 0);
	if (!does)
		return;
	kapi_current()->flags |= PF_MEMALLOC;
	reclaim_page(false);
	kapi_current()->flags &= ~PF_MEMALLOC;
}

/*
 * Whether there is a page to take depends on what others map and register, of which dpor hears nothing. So
 * trees of executions are without it, as they are without failures.
 */
static bool can_reclaim(void)
{
	int since;

	return linked && reclaim_page && !sim.choice->explorer && !inside[sim.current] &&
	       !sim_in_atomic(&since) && reclaim_page(true);
}

void kapi_may_reclaim(struct site *site)
{

	if (kapi_current()->flags & PF_MEMALLOC)
		return;
	kapi_notifier_map(find_site.func, site);
	if (can_reclaim())
		reclaim();
}
