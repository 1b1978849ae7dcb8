/*
 * domain.c - readers, grace periods and callbacks, over a liburcu flavour each.
 *
 * RCU is the memb flavour; the first SRCU domain that is used in a run has the mb flavour, and
 * further ones have counters of our own (own.c): a flavour is one domain. Callbacks are run by a
 * worker thread of each domain after a synchronize of its own (liburcu's call_rcu polls: 10 ms a
 * round); it is started by the first callback. barrier queues a callback and waits for it, so it
 * waits for all that were queued before.
 *
 * The queue orders who queues before the worker and nothing else, so no lock is in it: it would
 * order callers with each other, and hide their races from TSan. The worker sleeps on a futex.
 */
#include "kapi/native/internal.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kapi/native/flavour.h"
#include "kapi/native/own.h"

#ifdef BONDFUZZ_TSAN
#include <sanitizer/tsan_interface.h>
#endif

struct domain {
	const struct flavour *flavour; /* NULL: own */
	struct own own;
	int movers;	       /* open sections that any thread may end */
	const void *rcu;       /* that has it in this run */
	pthread_mutex_t grace; /* held over a grace period */
	unsigned sequence;     /* of grace periods; changed under grace */
	char grace_tag;	       /* addresses for TSan's ordering */
	char reader_tag[2];
	struct rcu_head *stack; /* queued, newest first */
	int wake;		/* futex: changes with every callback queued, and to stop */
	int stop;
	int started; /* there is a worker */
	pthread_t worker;
};

static struct domain domains[DOMAINS] = {
	[DOMAIN_RCU] = {.flavour = &flavour_memb, .grace = PTHREAD_MUTEX_INITIALIZER},
	[DOMAIN_SRCU] = {.flavour = &flavour_mb, .grace = PTHREAD_MUTEX_INITIALIZER},
	[DOMAIN_OWN... DOMAINS - 1] = {.grace = PTHREAD_MUTEX_INITIALIZER},
};

static uint64_t run_seed;

/* Returns: is domain @index that of @rcu from now on, or already? */
static bool claim(unsigned index, const void *rcu)
{
	const void *owner = __atomic_load_n(&domains[index].rcu, __ATOMIC_RELAXED);

	return owner == rcu ||
	       (!owner && (__atomic_compare_exchange_n(&domains[index].rcu, &owner, rcu, false,
						       __ATOMIC_RELAXED, __ATOMIC_RELAXED) ||
			   owner == rcu));
}

/* NULL: RCU. */
static unsigned index_of(const void *rcu)
{
	if (!rcu)
		return DOMAIN_RCU;
	for (unsigned i = DOMAIN_SRCU; i < DOMAINS; i++)
		if (claim(i, rcu))
			return i;
	panic(__FILE__, __LINE__, "more than %d SRCU domains", DOMAINS - DOMAIN_SRCU);
}

/*
 * ---- a section, in a flavour or in counters ----
 *
 * A flavour's readers nest, so it has a thread's first section; one that overlaps with it, and one
 * that another thread may end, is counted. The index of a section says what its end has to know.
 */

enum {
	SECTION_SECOND = 1,
	/* the counter */ SECTION_ODD = 2,
	/* grace period */ SECTION_COUNTED = 4
};

static unsigned enter(struct domain *d, bool counted)
{
	if (counted)
		return SECTION_COUNTED | own_read_lock(&d->own);
	d->flavour->read_lock();
	return 0;
}

static void leave(struct domain *d, unsigned section)
{
	if (section & SECTION_COUNTED)
		own_read_unlock(&d->own, section & SECTION_SECOND);
	else
		d->flavour->read_unlock();
}

/* With the mutex of grace periods held. */
static void wait_for_readers(struct domain *d)
{
	if (d->flavour)
		d->flavour->synchronize();
	own_synchronize(&d->own);
}

/* ---- what that orders, for TSan, which does not see into it ---- */

#ifdef BONDFUZZ_TSAN
/*
 * A reader leaves its tag with the parity of the grace periods at its start, and a grace period
 * acquires the tag of the parity before it: readers that began after it are not taken for readers
 * that it waited for. The number is read on both sides of the flavour's lock, since a grace period
 * that begins in between waits for this reader and has to find it under the old parity.
 */
static unsigned reader_begin(struct domain *d, bool counted)
{
	unsigned sequence, section;

	for (;;) {
		sequence = __atomic_load_n(&d->sequence, __ATOMIC_RELAXED);
		section = enter(d, counted);
		if (__atomic_load_n(&d->sequence, __ATOMIC_RELAXED) == sequence)
			break;
		leave(d, section);
	}
	__tsan_acquire(&d->grace_tag);
	return section | (sequence & 1 ? SECTION_ODD : 0);
}

static void reader_end(struct domain *d, unsigned section)
{
	__tsan_release(&d->reader_tag[(section & SECTION_ODD) != 0]);
	leave(d, section);
}

static void grace_period(struct domain *d)
{
	unsigned before;

	must(!pthread_mutex_lock(&d->grace));
	__tsan_release(&d->grace_tag);
	before = __atomic_fetch_add(&d->sequence, 1, __ATOMIC_RELAXED);
	wait_for_readers(d);
	__tsan_acquire(&d->reader_tag[before & 1]);
	must(!pthread_mutex_unlock(&d->grace));
}
#else
static unsigned reader_begin(struct domain *d, bool counted)
{
	return enter(d, counted);
}

static void reader_end(struct domain *d, unsigned section)
{
	leave(d, section);
}

static void grace_period(struct domain *d)
{
	must(!pthread_mutex_lock(&d->grace));
	wait_for_readers(d);
	must(!pthread_mutex_unlock(&d->grace));
}
#endif

/* ---- readers ---- */

void kapi_rcu_read_lock(struct site *site)
{
	must(native_self.registered);
	native_step();
	if (!native_self.nest[DOMAIN_RCU]++)
		native_self.rcu = (uint8_t)reader_begin(&domains[DOMAIN_RCU], false);
}

void kapi_rcu_read_unlock(struct site *site)
{
	if (!native_self.nest[DOMAIN_RCU])
		native_fail(RULE_reader_unbalanced, NULL,
			    "a reader is left without having been entered", site);
	native_step();
	if (!--native_self.nest[DOMAIN_RCU])
		reader_end(&domains[DOMAIN_RCU], native_self.rcu);
}

bool kapi_rcu_read_held(void)
{
	return native_self.nest[DOMAIN_RCU] != 0;
}

/* One counter more or less orders nothing. */
static void count_mover(struct domain *d, int change)
{
	__atomic_fetch_add(&d->movers, change, __ATOMIC_RELAXED);
}

int kapi_srcu_read_lock(void *srcu, int how, const char *name, struct site *site)
{
	unsigned index = index_of(srcu), section;
	bool moves = how & KAPI_READER_MOVES;

	must(native_self.registered);
	native_step();
	section = reader_begin(&domains[index],
			       moves || native_self.nest[index] || !domains[index].flavour);
	if (moves) {
		count_mover(&domains[index], 1);
	} else {
		native_self.nest[index]++;
		native_self.open[index][section]++;
	}
	return (int)section;
}

void kapi_srcu_read_unlock(void *srcu, int section, int how, const char *name, struct site *site)
{
	unsigned index = index_of(srcu);

	if (section < 0 || section >= SECTIONS ||
	    (!(how & KAPI_READER_MOVES) && !native_self.open[index][section]) ||
	    (how & KAPI_READER_MOVES && !__atomic_load_n(&domains[index].movers, __ATOMIC_RELAXED)))
		native_fail(RULE_reader_unbalanced, NULL,
			    "a reader is left whose index no section has that is open", site);
	native_step();
	if (how & KAPI_READER_MOVES) {
		count_mover(&domains[index], -1);
	} else {
		native_self.nest[index]--;
		native_self.open[index][section]--;
	}
	reader_end(&domains[index], (unsigned)section);
}

bool kapi_srcu_read_held(const void *srcu)
{
	return native_self.nest[index_of(srcu)] != 0;
}

void kapi_srcu_init(void *srcu, struct kapi_class *class)
{
	(void)index_of(srcu);
}

/* Its place is free for another domain. Readers that are left are the thread's that left them. */
void kapi_srcu_cleanup(void *srcu, const char *name, struct site *site)
{
	unsigned index = index_of(srcu);
	struct domain *d = &domains[index];

	if (native_self.nest[index] || __atomic_load_n(&d->movers, __ATOMIC_RELAXED))
		native_fail(RULE_lock_freed, srcu, "an SRCU domain in it has a reader", site);
	if (__atomic_load_n(&d->stack, __ATOMIC_RELAXED))
		native_fail(RULE_lock_freed, srcu, "an SRCU domain in it has a callback", site);
	__atomic_store_n(&d->rcu, NULL, __ATOMIC_RELEASE);
}

void kapi_rcu_check(bool ok, const volatile void *at, struct site *site)
{
	if (!ok)
		native_fail(RULE_rcu_unprotected, at,
			    "read outside the reader or lock that protects it", site);
}

/* ---- grace periods ---- */

void kapi_rcu_synchronize(void *rcu, const char *name, struct site *site)
{
	unsigned index = index_of(rcu);

	kapi_might_sleep(site);
	if (native_self.nest[index])
		native_fail(RULE_deadlock, NULL,
			    "waits for readers inside a reader of the same domain", site);
	native_step();
	grace_period(&domains[index]);
	native_effect();
}

/* By number: the system's header is another <linux/...> than kapi's, and would mix with it. */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

static void futex_wait(int *word, int value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL);
}

static void futex_wake(int *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX);
}

static void wake_worker(struct domain *d)
{
	__atomic_fetch_add(&d->wake, 1, __ATOMIC_RELEASE);
	futex_wake(&d->wake);
}

static void *worker_entry(void *arg);

static void start_worker(struct domain *d)
{
	int none = 0;

	if (__atomic_load_n(&d->started, __ATOMIC_RELAXED) ||
	    !__atomic_compare_exchange_n(&d->started, &none, 1, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED))
		return;
	must(!pthread_create(&d->worker, NULL, worker_entry, d));
}

static void queue(struct domain *d, struct rcu_head *head, void (*func)(struct rcu_head *),
		  struct site *site)
{
	struct rcu_head *next = __atomic_load_n(&d->stack, __ATOMIC_RELAXED);

	head->func = func;
	do
		head->next = next;
	while (!__atomic_compare_exchange_n(&d->stack, &next, head, true, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	start_worker(d);
	wake_worker(d);
}

void kapi_rcu_call(void *rcu, struct rcu_head *head, void (*func)(struct rcu_head *head),
		   const char *name, struct site *site)
{
	native_step();
	queue(&domains[index_of(rcu)], head, func, site);
}

struct barrier {
	struct rcu_head head;
	int done;
};

/* The store lets the waiter go, and its stack with it; the futex is an address then, no more. */
static void barrier_callback(struct rcu_head *head)
{
	int *done = &((struct barrier *)head)->done;

	__atomic_store_n(done, 1, __ATOMIC_RELEASE);
	futex_wake(done);
}

static void barrier(unsigned index, struct site *site)
{
	struct barrier barrier = {.done = 0};

	kapi_might_sleep(site);
	if (native_self.nest[index])
		native_fail(RULE_deadlock, NULL,
			    "waits for callbacks inside a reader of the domain", site);
	native_step();
	queue(&domains[index], &barrier.head, barrier_callback, site);
	while (!__atomic_load_n(&barrier.done, __ATOMIC_ACQUIRE))
		futex_wait(&barrier.done, 0);
	native_effect();
}

void kapi_rcu_barrier(void *rcu, const char *name, struct site *site)
{
	barrier(index_of(rcu), site);
}

void native_domains_barrier(void)
{
	static struct site site = {"native_end", "barrier", "the end of the run", 0, 0, NULL, 0};

	for (unsigned i = 0; i < DOMAINS; i++)
		if (__atomic_load_n(&domains[i].started, __ATOMIC_RELAXED))
			barrier(i, &site);
}

/* ---- the worker ---- */

/* Returns: all that is queued, oldest first. */
static struct rcu_head *take_all(struct domain *d)
{
	struct rcu_head *from = __atomic_exchange_n(&d->stack, NULL, __ATOMIC_ACQUIRE);
	struct rcu_head *list = NULL, *next;

	for (; from; from = next) {
		next = from->next;
		from->next = list;
		list = from;
	}
	return list;
}

static void run_callbacks(struct domain *d, struct rcu_head *list)
{
	struct rcu_head *next;

	grace_period(d);
	for (; list; list = next) {
		next = list->next;
		native_step();
		native_self.callback = true;
		list->func(list);
		native_self.callback = false;
	}
}

static void *worker_entry(void *arg)
{
	struct domain *d = arg;
	unsigned index = (unsigned)(d - domains);

	native_thread_begin(index < DOMAIN_OWN ? LANE_RCU + index : LANE_SRCU1, run_seed);
	native_self.writer = (uint8_t)(LANES + index);
	for (;;) {
		int seen = __atomic_load_n(&d->wake, __ATOMIC_ACQUIRE);
		int stop = __atomic_load_n(&d->stop, __ATOMIC_RELAXED);
		struct rcu_head *list = take_all(d);

		if (list)
			run_callbacks(d, list);
		else if (stop)
			break;
		else
			futex_wait(&d->wake, seen);
	}
	native_thread_end();
	return NULL;
}

/* ---- a run ---- */

void native_domains_start(uint64_t seed)
{
	run_seed = seed;
	for (unsigned i = 0; i < DOMAINS; i++)
		domains[i].rcu = NULL;
	for (unsigned i = 0; i < DOMAINS; i++)
		domains[i].movers = 0;
}

static void stop_worker(struct domain *d)
{
	__atomic_store_n(&d->stop, 1, __ATOMIC_RELAXED);
	wake_worker(d);
	must(!pthread_join(d->worker, NULL));
	d->stop = d->started = 0;
}

/* One after the other: a callback of RCU may still queue one of SRCU. */
void native_domains_stop(void)
{
	for (unsigned i = 0; i < DOMAINS; i++)
		if (domains[i].started)
			stop_worker(&domains[i]);
}

void native_domains_register(void)
{
	for (unsigned i = 0; i < DOMAIN_OWN; i++)
		domains[i].flavour->thread_register();
}

void native_domains_unregister(void)
{
	for (unsigned i = 0; i < DOMAIN_OWN; i++)
		domains[i].flavour->thread_unregister();
}
