/*
 * later.c - what works and timers have in common: who runs them, and who waits for their end.
 *
 * Three workers run works, one runs timers. A worker that is idle can run while something is
 * offered to it; each item is offered to one idle worker, so which of several works comes first is
 * the choice of a lane. Works of all queues share the workers: a work may wait for another, also of
 * its own queue unless that is ordered. More works that all wait than there are workers is a limit
 * of ours, and said so.
 *
 * What TSan is told: queueing is ordered before the run, the end of a run before the return of
 * whoever waits for it. Works that one lane runs one after another look ordered, as callbacks do.
 */
#include "kapi/sim/internal.h"

struct later sim_works, sim_timers;

static struct later_slot *offer[LANES];

static struct site idle_site = {"worker", "end", "has nothing left to run", 0, 0, NULL, 0};
static struct site drain_site = {"works", "drain", "works and timers that are left", 0, 0, NULL, 0};

static void reset(struct later *l)
{
	for (unsigned i = 0; i < l->slots_nr; i++)
		l->slot[i].item = NULL;
	l->slots_nr = 0;
	l->clock = 0;
}

void sim_later_reset(void)
{
	reset(&sim_works);
	reset(&sim_timers);
}

/* ---- workers ---- */

static void offer_to(unsigned lane, struct later_slot *s, unsigned kind)
{
	offer[lane] = s;
	if (!s) {
		sim.runnable &= ~sim_bit(lane);
		return;
	}
	sim.runnable |= sim_bit(lane);
	sim.choice->next[lane] = (struct trace_event){.site = s->site,
						      .object = s->object,
						      .class = s->class,
						      .kind = (uint8_t)kind,
						      .lane = (uint8_t)lane,
						      .op = sim_op_next(lane)};
}

void sim_later_offer(void)
{
	struct later_slot *s = NULL;
	bool more = true;

	for (unsigned lane = LANE_WQ0; lane <= LANE_WQ2; lane++) {
		if (!sim.lane[lane].idle)
			continue;
		s = more ? later_next(&sim_works, s) : NULL;
		more = s != NULL;
		offer_to(lane, s, EV_work);
	}
	if (sim.lane[LANE_TIMER].idle)
		offer_to(LANE_TIMER, later_next(&sim_timers, NULL), EV_timer);
}

void kapi_lane_is_thread(bool is)
{
	sim_self()->thread = is;
}

bool sim_later_lacks_workers(void)
{
	return later_next(&sim_works, NULL) != NULL;
}

/* Something ended or was taken back: who waited for that may go on. */
void sim_later_progress(struct later *l)
{
	for (uint32_t left = sim.waiting; left; left &= left - 1) {
		unsigned lane = (unsigned)__builtin_ctz(left);
		const struct sim_lane *w = &sim.lane[lane];

		if (w->want_later == l &&
		    !later_is_busy(l, w->want_item, w->want_wq, w->want_since))
			sim.runnable |= sim_bit(lane);
	}
	sim_later_offer();
}

/* @p is read first: its block may be freed by its own function. */
static void call(const struct prim *p, bool is_timer)
{
	void *item = (void *)(uintptr_t)p->at;

	if (is_timer && p->owner_at)
		sim_delayed_expire((struct prim *)(uintptr_t)p);
	else if (is_timer)
		((void (*)(struct timer_list *))p->func)(item);
	else
		((void (*)(struct work_struct *))p->func)(item);
}

/* The slot stays until the end: @item may be freed by its own function. */
static void run(unsigned lane, struct later *l, struct later_slot *s)
{
	struct sim_lane *self = &sim.lane[lane];
	const char *item = s->item;
	const void *wq = s->wq;
	const struct prim *p;

	san_acquire(&sim_start_tag); /* a verdict may come at once */
	sim_touch(item, s->site);
	sim_witness(item);
	p = prim_find(item, l == &sim_timers ? PRIM_TIMER : PRIM_WORK);
	must(p);
	sim.dirty |= sim_bit(lane);
	self->op = sim_op_next(lane);
	self->idle = false;
	later_start(s, lane);
	sim_mirror_later(p, false);
	sim_effect(0);
	sim_later_progress(l);
	sim.runnable |= sim_bit(lane);
	san_acquire(item);
	call(p, l == &sim_timers);
	sim_lock_leaks();
	sim_rcu_leaks();
	san_release(item + 1); /* an address, no more */
	if (wq)
		san_release((const char *)wq + 1);
	san_release(&sim_end_tag);
	sim_tell(TOUCH_PLATFORM, TOUCH_LATER, true);
	s->running = 0;
	later_settle(s);
	self->idle = true;
	sim.choice->next[lane].kind = EV_lane_end;
	sim.choice->next[lane].site = &idle_site;
	sim_later_progress(l);
}

void sim_later_worker(unsigned lane)
{
	for (;;) {
		must(offer[lane]);
		run(lane, lane == LANE_TIMER ? &sim_timers : &sim_works, offer[lane]);
		sim_choose();
	}
}

/* ---- waiting ---- */

void sim_later_wait(struct later *l, const void *item, const void *wq, uint64_t until,
		    struct site *site)
{
	const volatile void *what = item ? item : wq;
	struct sim_lane *self = sim_self();
	uint32_t me = sim_bit(sim.current);

	if (!later_is_busy(l, item, wq, until))
		return;
	self->want_later = l;
	self->want_item = item;
	self->want_wq = wq;
	self->want_since = until;
	sim.waiting |= me;
	sim_block(EV_wait, what ? sim_object(what, 0) : 0, site);
	sim.waiting &= ~me;
	self->want_later = NULL;
	sim_effect(0);
}

/* Whose end would @lane's wait be? For the text of a deadlock. */
unsigned sim_later_holder(const struct sim_lane *lane)
{
	const struct later *l = lane->want_later;

	for (unsigned i = 0; i < l->slots_nr; i++) {
		const struct later_slot *s = &l->slot[i];

		if (s->item && s->running && (!lane->want_item || s->item == lane->want_item) &&
		    (!lane->want_wq || s->running_wq == lane->want_wq))
			return s->lane;
	}
	return LANE_NONE;
}

/* Timers first: a delayed work becomes one that is queued. Returns: was there anything? */
bool sim_later_drain(void)
{
	bool any = later_is_busy(&sim_timers, NULL, NULL, LATER_ALL);

	sim_later_wait(&sim_timers, NULL, NULL, LATER_ALL, &drain_site);
	any |= later_is_busy(&sim_works, NULL, NULL, LATER_ALL);
	sim_later_wait(&sim_works, NULL, NULL, LATER_ALL, &drain_site);
	if (any) {
		san_acquire(&sim_end_tag);
	}
	return any;
}

/* ---- checks ---- */

static bool inside(const struct sim_block *block, const char *start, const volatile void *at)
{
	return at && (uintptr_t)at - (uintptr_t)start < block->size;
}

static void check_free(const struct later *l, const struct sim_block *block, const void *start,
		       const char *text)
{
	for (unsigned i = 0; i < l->slots_nr; i++) {
		const struct later_slot *s = &l->slot[i];

		if (!s->item || !s->queued)
			continue;
		if (inside(block, start, s->item))
			sim_fail(RULE_pending_freed, start, s->event, text);
		if (!s->timed && inside(block, start, s->wq))
			sim_fail(RULE_pending_freed, start, s->event, "a work is queued on it");
	}
}

/* One that runs is no matter: a work may free itself, and whoever waits for its last step may. */
void sim_later_check_free(const struct sim_block *block, const void *start)
{
	check_free(&sim_timers, block, start, "a timer in it is armed");
	check_free(&sim_works, block, start, "a work in it is queued");
}
