/*
 * rcu.c - domains: RCU, and one for each srcu_struct.
 *
 * A domain has read sections. RCU's nest, so a lane has one, and its index is the lane. SRCU's are
 * counted: each has an index of its own while it is open, and is ended by that index; sections of
 * one lane may overlap in any order, and one begun by srcu_down_read() may end on another lane.
 *
 * A grace period that began at time t is over when no section is left that began before t; the lane
 * that waits for it becomes runnable then, and runs when the strategy likes. Callbacks are queued
 * with the time of their call; a worker lane may take one any time after its grace period. RCU has
 * one worker, SRCU two, so that callbacks of one domain may overlap. barrier waits for callbacks,
 * synchronize for readers: neither does the other's work.
 *
 * What TSan is told, per domain: leaving a reader is ordered before the end of a grace period, the
 * start of one before readers that begin later; two reader tags by parity of the grace period, so
 * that a reader that began after it is not taken for one before. The end of a callback is ordered
 * before the return of a barrier.
 */
#include "kapi/sim/internal.h"

#include <string.h>

/* Callbacks are queued here, not through the objects: those may be freed meanwhile. */
struct callback {
	struct rcu_head *head;
	void (*func)(struct rcu_head *head);
	uint64_t grace;
	int32_t event; /* the call */
	uint16_t next; /* in its domain's queue, 0: the last */
};

struct sim_domain {
	const void *at; /* NULL: RCU */
	const char *name;
	uint32_t object;	     /* id in the trace */
	uint32_t readers;	     /* bits of sections that are open */
	uint32_t moving;	     /* of those: another lane may end it */
	bool sleeps;		     /* readers may sleep (SRCU) */
	uint8_t nest[LANES];	     /* RCU */
	uint8_t lane[READERS_MAX];   /* that began the section, */
	uint64_t since[READERS_MAX]; /* when, */
	uint8_t parity[READERS_MAX]; /* and in which grace period */
	uint16_t first, last;	     /* callbacks; 0: none */
	uint64_t running[LANES]; /* workers: grace of the callback inside which they are, 0: none */
	uint64_t sequence;	 /* of grace periods */
	unsigned char tags[4];	 /* addresses for the sanitizer's ordering */
};

static struct sim_domain domains[DOMAINS_MAX];
static unsigned domains_nr;	   /* RCU's is always there */
static uint8_t order[DOMAINS_MAX]; /* as they were used in this run, newest first */
static unsigned order_nr;
static bool rcu_used;
static struct callback callbacks[CALLBACKS_MAX + 1];
static unsigned callbacks_nr, callbacks_free;
static struct callback under_way[LANES]; /* what the workers run */

enum { TAG_GRACE, TAG_READER /* and the next */, TAG_CALLBACK = TAG_READER + 2 };

/* Where such a wait stands in a schedule; who asks is in the lane's asks. */
static struct site wait_site = {
	"grace_period", "synchronize:wait", "waits for readers", 0, 0, NULL, 0};
static struct site barrier_site = {
	"callbacks", "barrier:wait", "waits for callbacks", 0, 0, NULL, 0};
static struct site idle_site = {"worker", "end", "has no callback left", 0, 0, NULL, 0};
static struct site callback_site = {"worker", "callback", "callback", 0, 0, NULL, 0};

#define EACH_DOMAIN(d)                                                                             \
	for (unsigned i_ = 0; i_ < order_nr && ((d) = &domains[order[i_]], true); i_++)

/* ---- domains ---- */

static struct sim_domain *domain_new(unsigned index, const void *at, const char *name)
{
	struct sim_domain *d = &domains[index];

	*d = (struct sim_domain){.at = at, .name = name, .sleeps = index != 0};
	d->object = sim_object(at, name_id(name));
	memmove(order + 1, order, order_nr);
	order[0] = (uint8_t)index;
	order_nr++;
	return d;
}

static struct sim_domain *use_rcu(void)
{
	if (__builtin_expect(!rcu_used, 0)) {
		rcu_used = true;
		domain_new(0, NULL, "rcu");
	}
	return &domains[0];
}

static struct sim_domain *domain_for(struct prim *p)
{
	if (!p->domain) {
		if (domains_nr == DOMAINS_MAX)
			sim_fail(RULE_memory_limit, p->at, -1,
				 "more SRCU domains than a run may have");
		p->domain = (uint8_t)domains_nr++;
		domain_new(p->domain, (const void *)(uintptr_t)p->at, p->class->clean);
	}
	return &domains[p->domain];
}

/* NULL: RCU. */
static struct sim_domain *use(void *srcu, int how, const char *name, struct site *site)
{
	struct prim *p;

	if (!srcu)
		return use_rcu();
	sim_touch(srcu, site);
	sim_witness(srcu);
	p = prim_get(srcu, PRIM_DOMAIN, how, name);
	if (!p)
		sim_fail(RULE_lock_misuse, srcu, -1, "the SRCU domain was never initialised");
	return domain_for(p);
}

void sim_rcu_reset(void)
{
	for (unsigned i = 1; i < domains_nr; i++)
		domains[i].at = NULL;
	memset(domains[0].nest, 0, sizeof(domains[0].nest));
	domains_nr = 1;
	order_nr = 0;
	rcu_used = false;
	callbacks_nr = callbacks_free = 0;
}

void kapi_srcu_init(void *srcu, struct kapi_class *class)
{
	sim_touch_slow(srcu);
	prim_init(srcu, PRIM_DOMAIN, class);
}

static const char *what_is_left(const struct sim_domain *domain)
{
	if (domain->readers)
		return "an SRCU domain in it has a reader";
	if (domain->first)
		return "an SRCU domain in it has a callback";
	return NULL;
}

void kapi_srcu_cleanup(void *srcu, const char *name, struct site *site)
{
	struct sim_domain *d = use(srcu, KAPI_INLINE_INIT, name, site);
	const char *left = what_is_left(d);

	if (left)
		sim_fail(RULE_lock_freed, srcu, -1, left);
}

void sim_domains_check_free(const struct sim_block *block, const void *start)
{
	for (unsigned i = 1; i < domains_nr; i++) {
		const char *left = what_is_left(&domains[i]);

		if (left && (uintptr_t)domains[i].at - (uintptr_t)start < block->size)
			sim_fail(RULE_lock_freed, start, -1, left);
	}
}

static bool readers_before(const struct sim_domain *domain, uint64_t when)
{
	for (uint32_t left = domain->readers; left; left &= left - 1)
		if (domain->since[__builtin_ctz(left)] < when)
			return true;
	return false;
}

static bool callbacks_before(const struct sim_domain *domain, uint64_t when)
{
	if (domain->first && callbacks[domain->first].grace < when)
		return true;
	for (unsigned lane = LANE_RCU; lane <= LANE_SRCU1; lane++)
		if (domain->running[lane] && domain->running[lane] < when)
			return true;
	return false;
}

uint32_t sim_domain_holders(const struct sim_lane *lane)
{
	const struct sim_domain *d = lane->want_readers ? lane->want_readers : lane->want_callbacks;
	uint32_t holders = 0;

	for (uint32_t left = d->readers; left; left &= left - 1) {
		unsigned reader = (unsigned)__builtin_ctz(left);

		if (d->since[reader] < lane->want_since)
			holders |= sim_bit(d->lane[reader]);
	}
	for (unsigned worker = LANE_RCU; worker <= LANE_SRCU1; worker++)
		if (lane->want_callbacks && d->running[worker])
			holders |= sim_bit(worker);
	return holders;
}

/* ---- workers ---- */

static bool ready(const struct sim_domain *domain)
{
	return domain->first && !readers_before(domain, callbacks[domain->first].grace);
}

static struct sim_domain *ready_domain(bool sleeps)
{
	struct sim_domain *d;

	EACH_DOMAIN(d)
	if (d->sleeps == sleeps && ready(d))
		return d;
	return NULL;
}

/* An idle worker can run while a callback is ready; only one idle worker is offered each callback.
 */
static void update_worker(unsigned lane, struct sim_domain *domain)
{
	if (!domain) {
		sim.runnable &= ~sim_bit(lane);
		return;
	}
	sim.runnable |= sim_bit(lane);
	sim.choice->next[lane] =
		(struct trace_event){.site = &callback_site,
				     .object = sim_object(callbacks[domain->first].head, 0),
				     .kind = EV_callback,
				     .lane = (uint8_t)lane,
				     .op = sim_op_next(lane)};
}

static void update_workers(void)
{
	struct sim_domain *srcu = ready_domain(true);

	if (sim.lane[LANE_RCU].idle)
		update_worker(LANE_RCU, ready_domain(false));
	if (sim.lane[LANE_SRCU0].idle) {
		update_worker(LANE_SRCU0, srcu);
		srcu = NULL;
	}
	if (sim.lane[LANE_SRCU1].idle)
		update_worker(LANE_SRCU1, srcu);
}

/* Sections or callbacks ended: lanes that waited for that may go on. */
static void progress(struct sim_domain *domain)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		struct sim_lane *l = &sim.lane[lane];

		if (l->want_readers == domain && !readers_before(domain, l->want_since))
			sim.runnable |= sim_bit(lane);
		if (l->want_callbacks == domain && !callbacks_before(domain, l->want_since))
			sim.runnable |= sim_bit(lane);
	}
	update_workers();
}

/* Take the first callback off the queue. */
static struct callback take_callback(struct sim_domain *domain)
{
	unsigned i = domain->first;
	struct callback c = callbacks[i];

	domain->first = c.next;
	callbacks[i].head = NULL;
	callbacks[i].next = (uint16_t)callbacks_free;
	callbacks_free = i;
	return c;
}

static void run_callback(unsigned lane, struct sim_domain *domain)
{
	struct callback c;

	san_acquire(&sim_start_tag); /* a verdict may come at once */
	sim_touch(callbacks[domain->first].head, &callback_site);
	sim_witness(callbacks[domain->first].head);
	c = take_callback(domain);
	under_way[lane] = c;
	domain->running[lane] = c.grace;
	sim.dirty |= sim_bit(lane);
	sim.lane[lane].op = sim_op_next(lane);
	sim.lane[lane].idle = false;
	sim.runnable |= sim_bit(lane);
	update_workers();
	sim_effect(0);
	sim_tell(TOUCH_PLATFORM, domain->object, true);
	san_acquire(c.head);
	weak_grace_end(domain);
	san_acquire(&domain->tags[TAG_READER]);
	san_acquire(&domain->tags[TAG_READER + 1]);
	san_release(&domain->tags[TAG_GRACE]);
	c.func(c.head);
	sim_lock_leaks();
	sim_rcu_leaks();
	san_release(&domain->tags[TAG_CALLBACK]);
	san_release(&sim_end_tag);
	sim_tell(TOUCH_PLATFORM, domain->object, true);
	domain->running[lane] = 0;
	sim.lane[lane].idle = true;
	sim.choice->next[lane].kind = EV_lane_end;
	sim.choice->next[lane].site = &idle_site;
	progress(domain);
}

void sim_worker(unsigned lane)
{
	for (;;) {
		struct sim_domain *domain = ready_domain(lane != LANE_RCU);

		must(domain);
		run_callback(lane, domain);
		sim_choose();
	}
}

/* ---- readers ---- */

/* Section @index of @domain begins now, on this lane. */
static void section_begin(struct sim_domain *domain, unsigned index)
{
	domain->lane[index] = sim.current;
	domain->since[index] = ++sim.clock;
	domain->parity[index] = domain->sequence & 1;
	domain->readers |= 1u << index;
	san_acquire_only(&domain->tags[TAG_GRACE]);
	old_reader_begin(domain);
}

static void section_end(struct sim_domain *domain, unsigned index)
{
	san_release_only(&domain->tags[TAG_READER + domain->parity[index]]);
	weak_reader_end(domain);
	domain->readers &= ~(1u << index);
	domain->moving &= ~(1u << index);
	progress(domain);
}

void kapi_rcu_read_lock(struct site *site)
{
	struct sim_domain *d = use_rcu();
	unsigned me = sim.current;

	sim_visible(EV_reader_begin, d->object, 0, site);
	if (!d->nest[me]++)
		section_begin(d, me);
}

void kapi_rcu_read_unlock(struct site *site)
{
	struct sim_domain *d = use_rcu();
	unsigned me = sim.current;

	sim_self()->site = site;
	if (!d->nest[me])
		sim_fail(RULE_reader_unbalanced, NULL, -1,
			 "a reader is left without having been entered");
	sim_visible(EV_reader_end, d->object, 0, site);
	if (!--d->nest[me])
		section_end(d, me);
}

bool kapi_rcu_read_held(void)
{
	return domains[0].nest[sim.current] != 0;
}

/* The lowest index that is free. */
int kapi_srcu_read_lock(void *srcu, int how, const char *name, struct site *site)
{
	struct sim_domain *d = use(srcu, how, name, site);
	unsigned index;

	sim_visible(EV_reader_begin, d->object, 0, site);
	if (!~d->readers)
		sim_fail(RULE_memory_limit, srcu, -1,
			 "more SRCU readers than may be open at a time");
	index = (unsigned)__builtin_ctz(~d->readers);
	section_begin(d, index);
	if (how & KAPI_READER_MOVES)
		d->moving |= 1u << index;
	return (int)index;
}

/* Does this lane have a section of @domain that only it may end? */
static bool is_inside(const struct sim_domain *domain)
{
	for (uint32_t left = domain->readers & ~domain->moving; left; left &= left - 1)
		if (domain->lane[__builtin_ctz(left)] == sim.current)
			return true;
	return false;
}

static const char *why_not_ended(const struct sim_domain *domain, unsigned index, bool moves)
{
	if (index >= READERS_MAX || !(domain->readers >> index & 1))
		return "a reader is left whose index no section has that is open";
	if (moves != (domain->moving >> index & 1))
		return "srcu_up_read() ends what srcu_down_read() began, and nothing else does";
	if (!moves && domain->lane[index] != sim.current)
		return "a reader is left with the index of another thread's";
	return NULL;
}

void kapi_srcu_read_unlock(void *srcu, int index, int how, const char *name, struct site *site)
{
	struct sim_domain *d = use(srcu, how, name, site);
	const char *why = why_not_ended(d, (unsigned)index, how & KAPI_READER_MOVES);

	if (why)
		sim_fail(RULE_reader_unbalanced, NULL, -1, why);
	sim_visible(EV_reader_end, d->object, 0, site);
	section_end(d, (unsigned)index);
}

bool kapi_srcu_read_held(const void *srcu)
{
	const struct prim *p = prim_find(srcu, PRIM_DOMAIN);

	return p && p->domain && is_inside(&domains[p->domain]);
}

void kapi_rcu_check(bool ok, const volatile void *at, struct site *site)
{
	sim_touch(at, site);
	if (!ok)
		sim_fail(RULE_rcu_unprotected, at, -1,
			 "read outside the reader or lock that protects it");
}

void sim_rcu_leaks(void)
{
	const struct sim_domain *d;

	EACH_DOMAIN(d)
	if (is_inside(d))
		sim_fail_left(RULE_reader_leaked, NULL, sim_last_begin(d->object), d->name);
}

/* ---- grace periods ---- */

static void wait_until(struct sim_domain *domain, struct site *site, struct site *asks)
{
	uint32_t me = sim_bit(sim.current);

	sim.waiting |= me;
	sim_self()->asks = asks;
	sim_block(EV_wait, domain->object, site);
	sim_self()->asks = NULL;
	sim.waiting &= ~me;
	sim_effect(0);
}

void kapi_rcu_synchronize(void *srcu, const char *name, struct site *site)
{
	struct sim_domain *domain = use(srcu, KAPI_INLINE_INIT, name, site);
	struct sim_lane *self = sim_self();

	kapi_might_sleep(site);
	if (is_inside(domain))
		sim_fail_since(RULE_deadlock, NULL, sim_last_of(EV_reader_begin, domain->object),
			       "waits for readers inside a reader of the same domain");
	sim_visible(EV_synchronize, domain->object, 0, site);
	san_release(&domain->tags[TAG_GRACE]);
	old_grace_begin(domain);
	domain->sequence++;
	self->want_since = ++sim.clock;
	if (readers_before(domain, self->want_since)) {
		self->want_readers = domain;
		wait_until(domain, &wait_site, site);
		self->want_readers = NULL;
	}
	weak_grace_end(domain);
	san_acquire(&domain->tags[TAG_READER]);
	san_acquire(&domain->tags[TAG_READER + 1]);
}

static bool is_queued(const struct sim_domain *domain, const struct rcu_head *head)
{
	unsigned i = domain->first;

	while (i && callbacks[i].head != head)
		i = callbacks[i].next;
	return i;
}

static void append(struct sim_domain *domain, struct callback c)
{
	unsigned i = callbacks_free;

	if (i)
		callbacks_free = callbacks[i].next;
	else if (callbacks_nr < CALLBACKS_MAX)
		i = ++callbacks_nr;
	else
		sim_fail(RULE_memory_limit, c.head, -1,
			 "more callbacks than may be queued at a time");
	callbacks[i] = c;
	if (domain->first)
		callbacks[domain->last].next = (uint16_t)i;
	else
		domain->first = (uint16_t)i;
	domain->last = (uint16_t)i;
}

void kapi_rcu_call(void *srcu, struct rcu_head *head, void (*func)(struct rcu_head *head),
		   const char *name, struct site *site)
{
	struct sim_domain *domain = use(srcu, KAPI_INLINE_INIT, name, site);

	sim_touch(head, site);
	sim_visible(EV_call, sim_object(head, 0), 0, site);
	sim_tell(TOUCH_PLATFORM, domain->object, true);
	sim_touch_slow(head);
	sim_witness(head);
	if (is_queued(domain, head))
		sim_fail(RULE_double_call, head, -1, "queued while it is still queued");
	append(domain, (struct callback){.head = head,
					 .func = func,
					 .grace = ++sim.clock,
					 .event = sim_event_next() - 1});
	san_release(head);
	update_workers();
}

static void wait_for_callbacks(struct sim_domain *domain, struct site *site)
{
	struct sim_lane *self = sim_self();

	self->want_since = ++sim.clock;
	if (!callbacks_before(domain, self->want_since))
		return;
	self->want_callbacks = domain;
	wait_until(domain, &barrier_site, site);
	self->want_callbacks = NULL;
}

void kapi_rcu_barrier(void *srcu, const char *name, struct site *site)
{
	struct sim_domain *domain = use(srcu, KAPI_INLINE_INIT, name, site);

	kapi_might_sleep(site);
	sim_visible(EV_barrier, domain->object, 0, site);
	wait_for_callbacks(domain, site);
	san_acquire(&domain->tags[TAG_CALLBACK]);
}

bool sim_rcu_is_busy(void)
{
	struct sim_domain *d;

	EACH_DOMAIN(d)
	{
		if (callbacks_before(d, UINT64_MAX))
			return true;
	}
	return false;
}

void sim_rcu_each_callback(void (*look)(const void *head, void (*func)(void), int event))
{
	struct sim_domain *d;

	EACH_DOMAIN(d)
	{
		for (unsigned i = d->first; i; i = callbacks[i].next)
			look(callbacks[i].head, (void (*)(void))callbacks[i].func,
			     callbacks[i].event);
		for (unsigned lane = LANE_RCU; lane <= LANE_SRCU1; lane++)
			if (d->running[lane])
				look(under_way[lane].head, (void (*)(void))under_way[lane].func,
				     under_way[lane].event);
	}
}

/* Callbacks, works and timers start each other. */
void sim_drain(void)
{
	struct sim_domain *d;

	for (bool again = true; again;) {
		again = sim_later_drain();
		EACH_DOMAIN(d)
		{
			again |= callbacks_before(d, UINT64_MAX);
			wait_for_callbacks(d, &barrier_site);
		}
	}
}
