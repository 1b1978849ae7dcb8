/*
 * later.c - works and timers: three threads run works, one runs timers. The first that is queued
 * starts them.
 *
 * The table is kapi/later.h's, under one mutex, and one condition is signalled whenever anything in
 * it changes. So whoever queues is ordered before whoever runs, and the end of a run before whoever
 * waits for it; the mutex also orders callers with each other, as the kernel's pool locks do more
 * rarely. What waits to be told a race needs the simulator.
 *
 * An armed timer runs soon, whatever its time.
 */
#include "kapi/later.h"

#include <pthread.h>

#include "kapi/native/internal.h"

#define WORKERS (LANE_WQ2 - LANE_TIMER + 1)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* protects all below */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct later works, timers;
static bool stopping;
static bool started; /* there are workers */
static bool used;    /* anything was queued in this run; set and read without the mutex */

static struct {
	pthread_t thread;
} worker[WORKERS];

static uint64_t run_seed;

#define DEFINE_WQ(name_) struct workqueue_struct kapi_##name_ = {.magic = KAPI_LATER_MAGIC}

DEFINE_WQ(system_wq);
DEFINE_WQ(system_unbound_wq);
DEFINE_WQ(system_long_wq);

static void lock(void)
{
	must(!pthread_mutex_lock(&mutex));
}

static void unlock(void)
{
	must(!pthread_mutex_unlock(&mutex));
}

static void tell(void)
{
	must(!pthread_cond_broadcast(&changed));
}

static void wait_while_busy(struct later *l, const void *item, const void *wq, uint64_t until)
{
	while (later_is_busy(l, item, wq, until))
		must(!pthread_cond_wait(&changed, &mutex));
	native_effect();
}

static void *worker_entry(void *arg);

static void start_workers(void)
{
	started = true;
	for (unsigned i = 0; i < WORKERS; i++)
		must(!pthread_create(&worker[i].thread, NULL, worker_entry, (void *)(uintptr_t)i));
}

static struct later_slot *slot_for(struct later *l, const void *item, struct site *site)
{
	struct later_slot *s = later_take(l, item);

	__atomic_store_n(&used, true, __ATOMIC_RELAXED);
	if (!started)
		start_workers();
	if (!s)
		native_fail(RULE_memory_limit, item, "more works than may be queued at a time",
			    site);
	return s;
}

static void check(uint32_t magic, const void *at, const char *text, struct site *site)
{
	native_step();
	if (magic != KAPI_LATER_MAGIC)
		native_fail(RULE_lock_misuse, at, text, site);
}

static void check_work(const struct work_struct *work, struct site *site)
{
	check(work->magic, work, "the work was never initialised", site);
}

static void check_wq(const struct workqueue_struct *wq, struct site *site)
{
	check(wq->magic, wq, "this is no workqueue", site);
}

static void check_timer(const struct timer_list *timer, struct site *site)
{
	check(timer->magic, timer, "the timer was never initialised", site);
}

/* ---- the threads ---- */

/* The slot stays until the end: the item may be freed by its own function. */
static void run(struct later *l, struct later_slot *s, unsigned lane)
{
	const void *item = s->item;

	later_start(s, lane);
	unlock();
	native_step();
	if (l == &timers)
		((const struct timer_list *)item)->function((struct timer_list *)(uintptr_t)item);
	else
		((const struct work_struct *)item)->func((struct work_struct *)(uintptr_t)item);
	native_step();
	lock();
	s->running = 0;
	later_settle(s);
	tell();
}

static void *worker_entry(void *arg)
{
	unsigned lane = LANE_TIMER + (unsigned)(uintptr_t)arg;
	struct later *l = lane == LANE_TIMER ? &timers : &works;

	native_thread_begin(lane, run_seed);
	lock();
	for (;;) {
		struct later_slot *s = later_next(l, NULL);

		if (s)
			run(l, s, lane);
		else if (stopping)
			break;
		else
			must(!pthread_cond_wait(&changed, &mutex));
	}
	unlock();
	native_thread_end();
	return NULL;
}

void native_later_start(uint64_t seed)
{
	works = timers = (struct later){0};
	stopping = started = false;
	run_seed = seed;
	__atomic_store_n(&used, false, __ATOMIC_RELAXED);
}

bool native_later_drain(void)
{
	bool any;

	lock();
	any = later_is_busy(&timers, NULL, NULL, LATER_ALL) ||
	      later_is_busy(&works, NULL, NULL, LATER_ALL);
	wait_while_busy(&timers, NULL, NULL, LATER_ALL);
	wait_while_busy(&works, NULL, NULL, LATER_ALL);
	unlock();
	return any;
}

void native_later_stop(void)
{
	lock();
	stopping = true;
	tell();
	unlock();
	for (unsigned i = 0; started && i < WORKERS; i++)
		must(!pthread_join(worker[i].thread, NULL));
}

static bool inside(const void *start, size_t size, const volatile void *at)
{
	return at && (uintptr_t)at - (uintptr_t)start < size;
}

static void check_free(const struct later *l, const void *start, size_t size, const char *text,
		       struct site *site)
{
	for (unsigned i = 0; i < l->slots_nr; i++) {
		const struct later_slot *s = &l->slot[i];

		if (!s->item || !s->queued)
			continue;
		if (inside(start, size, s->item))
			native_fail(RULE_pending_freed, start, text, site);
		if (!s->timed && inside(start, size, s->wq))
			native_fail(RULE_pending_freed, start, "a work is queued on it", site);
	}
}

/* Nobody is ordered by this while nothing was ever queued. */
void native_later_check_free(const void *start, size_t size, struct site *site)
{
	if (!__atomic_load_n(&used, __ATOMIC_RELAXED))
		return;
	lock();
	check_free(&timers, start, size, "a timer in it is armed", site);
	check_free(&works, start, size, "a work in it is queued", site);
	unlock();
}

/* ---- works ---- */

void kapi_work_init(void *work, void (*func)(struct work_struct *work), struct kapi_class *class,
		    struct site *run)
{
	*(struct work_struct *)work = (struct work_struct){.func = func, .magic = KAPI_LATER_MAGIC};
}

static void enqueue(struct workqueue_struct *wq, struct later_slot *s, bool timed)
{
	s->wq = wq;
	s->ordered = wq->ordered;
	s->timed = timed;
	s->queued = ++works.clock;
	tell();
}

static bool is_queued(const struct later_slot *s)
{
	return s && (s->queued || s->canceling);
}

bool kapi_work_queue(void *wq, void *work, void (*func)(struct work_struct *work), int how,
		     const char *name, struct site *site)
{
	bool queued;

	check_wq(wq, site);
	check_work(work, site);
	lock();
	queued = is_queued(later_find(&works, work));
	if (!queued)
		enqueue(wq, slot_for(&works, work, site), false);
	unlock();
	return !queued;
}

bool kapi_work_is_pending(void *work, int how, const char *name, struct site *site)
{
	bool queued;

	check_work(work, site);
	lock();
	queued = is_queued(later_find(&works, work));
	unlock();
	return queued;
}

static void check_own(struct later *l, const void *item, const void *wq, struct site *site)
{
	const struct later_slot *own = later_own(l, native_self.lane);

	if (own && (own->item == item || (wq && own->running_wq == wq)))
		native_fail(RULE_deadlock, item, "it waits for its own end", site);
}

bool kapi_work_flush(void *work, int how, const char *name, struct site *site, struct site *wait)
{
	uint64_t last;

	check_work(work, site);
	kapi_might_sleep(site);
	lock();
	check_own(&works, work, NULL, site);
	last = later_last(later_find(&works, work));
	if (last)
		wait_while_busy(&works, work, NULL, last);
	unlock();
	return last != 0;
}

/* With the mutex held. */
static bool cancel(struct work_struct *work, struct site *wait)
{
	struct later_slot *s = later_find(&works, work);
	bool queued = later_unqueue(s);

	if (queued)
		tell();
	if (!wait || !s || s->item != work || !s->running)
		return queued;
	s->canceling++;
	wait_while_busy(&works, work, NULL, s->running);
	s->canceling--;
	later_settle(s);
	return queued;
}

bool kapi_work_cancel(void *work, int how, const char *name, struct site *site, struct site *wait)
{
	bool queued;

	check_work(work, site);
	if (wait)
		kapi_might_sleep(site);
	lock();
	if (wait)
		check_own(&works, work, NULL, site);
	queued = cancel(work, wait);
	unlock();
	if (wait)
		check_work(work, site);
	return queued;
}

/* ---- timers ---- */

void kapi_timer_init(void *timer, void (*function)(struct timer_list *timer),
		     struct kapi_class *class, struct site *run)
{
	*(struct timer_list *)timer =
		(struct timer_list){.function = function, .magic = KAPI_LATER_MAGIC};
}

/* With the mutex held, as all of these. */
static bool arm(struct timer_list *timer, unsigned long expires, struct site *site)
{
	struct later_slot *s = slot_for(&timers, timer, site);
	bool armed = s->queued;

	s->expires = expires;
	s->queued = ++timers.clock;
	tell();
	return armed;
}

static bool disarm(struct timer_list *timer)
{
	bool armed = later_unqueue(later_find(&timers, timer));

	if (armed)
		tell();
	return armed;
}

static bool disarm_for_good(struct timer_list *timer, struct site *site)
{
	struct later_slot *s;
	bool armed = false;

	while ((s = later_find(&timers, timer))) {
		check_own(&timers, timer, NULL, site);
		armed |= later_unqueue(s);
		if (s->item == timer && s->running)
			wait_while_busy(&timers, timer, NULL, s->running);
	}
	return armed;
}

bool kapi_timer_mod(void *at, unsigned long expires, void (*function)(struct timer_list *timer),
		    int how, const char *name, struct site *site)
{
	struct timer_list *timer = at;
	bool armed;

	check_timer(timer, site);
	lock();
	armed = timer->function && arm(timer, expires, site);
	unlock();
	return armed;
}

bool kapi_timer_is_pending(void *timer, int how, const char *name, struct site *site)
{
	const struct later_slot *s;
	bool armed;

	check_timer(timer, site);
	lock();
	s = later_find(&timers, timer);
	armed = s && s->queued;
	unlock();
	return armed;
}

bool kapi_timer_delete(void *at, bool shutdown, int how, const char *name, struct site *site,
		       struct site *wait)
{
	struct timer_list *timer = at;
	bool armed;

	check_timer(timer, site);
	lock();
	if (shutdown)
		timer->function = NULL;
	armed = wait ? disarm_for_good(timer, site) : disarm(timer);
	unlock();
	return armed;
}

/* ---- delayed works ---- */

static void queue_delayed(struct timer_list *timer)
{
	struct delayed_work *work =
		(struct delayed_work *)((char *)timer - offsetof(struct delayed_work, timer));
	struct later_slot *s;

	lock();
	s = later_find(&works, &work->work);
	if (s && s->timed)
		enqueue(work->wq, s, false);
	unlock();
}

/* Here a delayed work is always world kapi's. */
static struct delayed_work *delayed_of(void *work)
{
	return (struct delayed_work *)((char *)work - offsetof(struct delayed_work, work));
}

void kapi_delayed_init(void *work, void *timer, void (*func)(struct work_struct *work),
		       struct kapi_class *class, struct site *run)
{
	kapi_work_init(work, func, class, run);
	kapi_timer_init(timer, queue_delayed, class, run);
	delayed_of(work)->wq = NULL;
}

bool kapi_delayed_queue(void *wq, void *at, void *timer, unsigned long delay, bool again,
			void (*func)(struct work_struct *work), int how, const char *name,
			struct site *site)
{
	struct delayed_work *work = delayed_of(at);
	struct later_slot *s;
	bool queued, canceling;

	check_wq(wq, site);
	check_work(&work->work, site);
	lock();
	s = later_find(&works, &work->work);
	queued = s && s->queued;
	canceling = s && s->canceling;
	if (!canceling && (!queued || again)) {
		disarm(&work->timer);
		work->wq = wq;
		enqueue(wq, slot_for(&works, &work->work, site), delay != 0);
		if (delay)
			arm(&work->timer, delay, site);
	}
	unlock();
	return !canceling && (again ? queued : !queued);
}

bool kapi_delayed_flush(void *at, void *timer, int how, const char *name, struct site *site,
			struct site *wait)
{
	struct delayed_work *work = delayed_of(at);
	struct later_slot *s;

	check_work(&work->work, site);
	lock();
	s = later_find(&works, &work->work);
	if (s && s->timed) {
		disarm(&work->timer);
		enqueue(work->wq, s, false);
	}
	unlock();
	return kapi_work_flush(at, how, name, site, wait);
}

bool kapi_delayed_cancel(void *at, void *timer, int how, const char *name, struct site *site,
			 struct site *wait)
{
	struct delayed_work *work = delayed_of(at);
	bool queued;

	check_work(&work->work, site);
	if (wait)
		kapi_might_sleep(site);
	lock();
	if (wait)
		check_own(&works, &work->work, NULL, site);
	if (wait)
		disarm_for_good(&work->timer, site);
	else
		disarm(&work->timer);
	queued = cancel(&work->work, wait);
	unlock();
	return queued;
}

/* ---- workqueues ---- */

void kapi_wq_init(void *wq, bool ordered, struct kapi_class *class)
{
	*(struct workqueue_struct *)wq =
		(struct workqueue_struct){.magic = KAPI_LATER_MAGIC, .ordered = ordered};
}

void *kapi_wq_alloc(bool ordered, struct kapi_class *class, struct site *site)
{
	void *wq = kapi_alloc(sizeof(struct workqueue_struct), true, class, site);

	if (wq)
		kapi_wq_init(wq, ordered, class);
	return wq;
}

void kapi_wq_flush(void *wq, bool drain, struct site *site, struct site *wait)
{
	check_wq(wq, site);
	kapi_might_sleep(site);
	lock();
	check_own(&works, NULL, wq, site);
	wait_while_busy(&works, NULL, wq, drain ? LATER_ALL : works.clock);
	unlock();
}

void kapi_wq_destroy(void *wq, struct site *site, struct site *wait, struct site *free)
{
	kapi_wq_flush(wq, true, site, wait);
	kapi_free(wq, free);
}
