/*
 * rcu.c - domains: RCU, and one for each srcu_struct.
 *
 * A grace period that began at time t is over when no reader is left that began before t; the lane
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

struct kapi_rcu kapi_rcu_domain = {.name = "rcu"};

enum { TAG_GRACE, TAG_READER /* and the next */, TAG_CALLBACK = TAG_READER + 2 };

static struct site wait_site = {
	"grace_period", "synchronize:wait", "waits for readers", 0, 0, NULL, 0};
static struct site barrier_site = {
	"callbacks", "barrier:wait", "waits for callbacks", 0, 0, NULL, 0};
static struct site idle_site = {"worker", "end", "has no callback left", 0, 0, NULL, 0};
static struct site callback_site = {"worker", "callback", "callback", 0, 0, NULL, 0};

/*
 * The queue goes through the objects: one that was freed too early stands in it until a worker
 * takes it, and that is the verdict. Until then it is ours to read, poisoned or not.
 */
#define READS_THE_DEAD __attribute__((no_sanitize("address")))

static void use(struct kapi_rcu *domain)
{
	if (domain->used)
		return;
	domain->used = 1;
	domain->object = OBJECT_STATIC | (name_id(domain->name) & ~OBJECT_STATIC);
	domain->tail = &domain->head;
	domain->next = sim.domains;
	sim.domains = domain;
}

void sim_rcu_reset(void)
{
	struct kapi_rcu *d, *next;

	for (d = sim.domains; d; d = next) {
		next = d->next;
		*d = (struct kapi_rcu){.name = d->name, .sleeps = d->sleeps};
	}
	sim.domains = NULL;
}

static bool readers_before(const struct kapi_rcu *domain, uint64_t when)
{
	for (uint32_t left = domain->readers; left; left &= left - 1)
		if (domain->since[__builtin_ctz(left)] < when)
			return true;
	return false;
}

READS_THE_DEAD static bool callbacks_before(const struct kapi_rcu *domain, uint64_t when)
{
	if (domain->head && domain->head->grace < when)
		return true;
	for (unsigned lane = LANE_RCU; lane <= LANE_SRCU1; lane++)
		if (domain->running[lane] && domain->running[lane] < when)
			return true;
	return false;
}

/* ---- workers ---- */

READS_THE_DEAD static bool ready(const struct kapi_rcu *domain)
{
	return domain->head && !readers_before(domain, domain->head->grace);
}

static struct kapi_rcu *ready_domain(bool sleeps)
{
	for (struct kapi_rcu *d = sim.domains; d; d = d->next)
		if (d->sleeps == sleeps && ready(d))
			return d;
	return NULL;
}

/* An idle worker can run while a callback is ready; only one idle worker is offered each callback.
 */
static void update_worker(unsigned lane, struct kapi_rcu *domain)
{
	if (!domain) {
		sim.runnable &= ~sim_bit(lane);
		return;
	}
	sim.runnable |= sim_bit(lane);
	sim.choice->next[lane] = (struct trace_event){.site = &callback_site,
						      .object = sim_object(domain->head, 0),
						      .kind = EV_callback,
						      .lane = (uint8_t)lane,
						      .op = sim_op_next(lane)};
}

static void update_workers(void)
{
	struct kapi_rcu *srcu = ready_domain(true);

	if (sim.lane[LANE_RCU].idle)
		update_worker(LANE_RCU, ready_domain(false));
	if (sim.lane[LANE_SRCU0].idle) {
		update_worker(LANE_SRCU0, srcu);
		srcu = NULL;
	}
	if (sim.lane[LANE_SRCU1].idle)
		update_worker(LANE_SRCU1, srcu);
}

/* Readers left or callbacks ended: who waited for that may go on. */
static void progress(struct kapi_rcu *domain)
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

static void run_callback(unsigned lane, struct kapi_rcu *domain)
{
	struct rcu_head *head = domain->head;
	void (*func)(struct rcu_head *);

	san_acquire(&sim_start_tag); /* a verdict may come at once */
	sim_touch(head, &callback_site);
	func = head->func;
	domain->head = head->next;
	if (!domain->head)
		domain->tail = &domain->head;
	domain->running[lane] = head->grace;
	sim.dirty |= sim_bit(lane);
	sim.lane[lane].op = sim_op_next(lane);
	sim.lane[lane].idle = false;
	sim.runnable |= sim_bit(lane);
	update_workers();
	sim_effect(0);
	sim_tell(TOUCH_PLATFORM, domain->object, true);
	san_acquire(head);
	san_acquire(&domain->tags[TAG_READER]);
	san_acquire(&domain->tags[TAG_READER + 1]);
	san_release(&domain->tags[TAG_GRACE]);
	func(head);
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
		struct kapi_rcu *domain = ready_domain(lane != LANE_RCU);

		must(domain);
		run_callback(lane, domain);
		sim_choose();
	}
}

/* ---- readers ---- */

void kapi_rcu_read_lock(struct kapi_rcu *domain, struct site *site)
{
	unsigned me = sim.current;

	use(domain);
	sim_visible(EV_reader_begin, domain->object, 0, site);
	if (domain->nest[me]++)
		return;
	domain->since[me] = ++sim.clock;
	domain->parity[me] = domain->sequence & 1;
	domain->readers |= sim_bit(me);
	san_acquire(&domain->tags[TAG_GRACE]);
}

void kapi_rcu_read_unlock(struct kapi_rcu *domain, struct site *site)
{
	unsigned me = sim.current;

	use(domain);
	sim_self()->site = site;
	if (!domain->nest[me])
		sim_fail(RULE_reader_unbalanced, NULL, -1, "a reader is left that was not entered");
	sim_visible(EV_reader_end, domain->object, 0, site);
	if (--domain->nest[me])
		return;
	san_release(&domain->tags[TAG_READER + domain->parity[me]]);
	domain->readers &= ~sim_bit(me);
	progress(domain);
}

bool kapi_rcu_read_held(const struct kapi_rcu *domain)
{
	return domain->nest[sim.current] != 0;
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
	for (struct kapi_rcu *d = sim.domains; d; d = d->next)
		if (d->nest[sim.current])
			sim_fail(RULE_reader_leaked, NULL, -1, d->name);
}

bool sim_in_atomic(const char **ret_why)
{
	if (sim_self()->spinning)
		*ret_why = "a spinlock is held";
	else if (kapi_rcu_domain.nest[sim.current])
		*ret_why = "inside an RCU reader";
	else if (sim_self()->non_block)
		*ret_why = "in a section that may not block";
	else if (LANE_IS_GRACE(sim.current))
		*ret_why = "in a grace period's callback";
	else if (sim.current == LANE_TIMER)
		*ret_why = "in a timer";
	else
		return false;
	return true;
}

/* ---- grace periods ---- */

static void wait_until(struct kapi_rcu *domain, struct site *site)
{
	uint32_t me = sim_bit(sim.current);

	sim.waiting |= me;
	sim_block(EV_wait, domain->object, site);
	sim.waiting &= ~me;
	sim_effect(0);
}

void kapi_rcu_synchronize(struct kapi_rcu *domain, struct site *site)
{
	struct sim_lane *self = sim_self();

	use(domain);
	kapi_might_sleep(site);
	if (domain->nest[sim.current])
		sim_fail(RULE_deadlock, NULL, -1,
			 "waits for readers inside a reader of the same domain");
	sim_visible(EV_synchronize, domain->object, 0, site);
	san_release(&domain->tags[TAG_GRACE]);
	domain->sequence++;
	self->want_since = ++sim.clock;
	if (readers_before(domain, self->want_since)) {
		self->want_readers = domain;
		wait_until(domain, &wait_site);
		self->want_readers = NULL;
	}
	san_acquire(&domain->tags[TAG_READER]);
	san_acquire(&domain->tags[TAG_READER + 1]);
}

READS_THE_DEAD static bool is_queued(const struct kapi_rcu *domain, const struct rcu_head *head)
{
	const struct rcu_head *h = domain->head;

	while (h && h != head)
		h = h->next;
	return h;
}

READS_THE_DEAD static void append(struct kapi_rcu *domain, struct rcu_head *head)
{
	*domain->tail = head;
	domain->tail = &head->next;
}

void kapi_rcu_call(struct kapi_rcu *domain, struct rcu_head *head,
		   void (*func)(struct rcu_head *head), struct site *site)
{
	use(domain);
	sim_touch(head, site);
	sim_visible(EV_call, sim_object(head, 0), 0, site);
	sim_tell(TOUCH_PLATFORM, domain->object, true);
	sim_touch_slow(head);
	if (is_queued(domain, head))
		sim_fail(RULE_double_call, head, -1, "queued while it is still queued");
	head->next = NULL;
	head->func = func;
	head->site = site;
	head->grace = ++sim.clock;
	append(domain, head);
	san_release(head);
	update_workers();
}

static void wait_for_callbacks(struct kapi_rcu *domain)
{
	struct sim_lane *self = sim_self();

	self->want_since = ++sim.clock;
	if (!callbacks_before(domain, self->want_since))
		return;
	self->want_callbacks = domain;
	wait_until(domain, &barrier_site);
	self->want_callbacks = NULL;
}

void kapi_rcu_barrier(struct kapi_rcu *domain, struct site *site)
{
	use(domain);
	kapi_might_sleep(site);
	sim_visible(EV_barrier, domain->object, 0, site);
	wait_for_callbacks(domain);
	san_acquire(&domain->tags[TAG_CALLBACK]);
}

/* Callbacks, works and timers start each other. */
void sim_drain(void)
{
	for (bool again = true; again;) {
		again = sim_later_drain();
		for (struct kapi_rcu *d = sim.domains; d; d = d->next) {
			again |= callbacks_before(d, UINT64_MAX);
			wait_for_callbacks(d);
		}
	}
}
