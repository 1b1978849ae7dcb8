/*
 * wait.c - completions and wait queues: a pthread mutex and condition in ->native.
 *
 * complete() wakes with the mutex held, and its unlock is its last touch: a waiter that returns has
 * had the mutex after it, and may free the completion at once, as the kernel promises.
 *
 * A wait queue counts its wake-ups; who stands in it remembers the count, and sleeps until it is
 * another. Leaving it takes the mutex once more. Timeouts come after a few milliseconds, whatever
 * their time; signals come where something may fail, and to who has waited long.
 */
#include "kapi/native/internal.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define WAIT_MAGIC 0x57414954u
#define TIMEOUT_NS 2000000l
#define SIGNAL_NS 500000000l
#define WORD_QUEUES 16

/* ---- both ---- */

/* When a wait ends that can end in the ways @how: in the first that comes. */
static struct timespec deadline(int how)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += how & KAPI_WAIT_TIMEOUT ? TIMEOUT_NS : SIGNAL_NS;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

static int last_way(int how)
{
	return how & KAPI_WAIT_TIMEOUT ? KAPI_WAIT_TIMEOUT : how & KAPI_WAIT_SIGNAL;
}

/* Returns: false when the time is over. */
static bool wait_on(pthread_cond_t *cond, pthread_mutex_t *mutex, int how,
		    const struct timespec *until)
{
	int error;

	if (!(how & (KAPI_WAIT_SIGNAL | KAPI_WAIT_TIMEOUT)))
		error = pthread_cond_wait(cond, mutex);
	else
		error = pthread_cond_timedwait(cond, mutex, until);
	must(!error || error == ETIMEDOUT);
	return !error;
}

/* ---- completions ---- */

struct native_wait {
	pthread_mutex_t mutex; /* protects wait->done */
	pthread_cond_t cond;
};

_Static_assert(sizeof(struct native_wait) <= sizeof(((struct kapi_wait *)0)->native), "no room");
_Static_assert(offsetof(struct kapi_wait, native) % _Alignof(struct native_wait) == 0, "crooked");

static struct native_wait *native_of(struct kapi_wait *wait)
{
	return (struct native_wait *)wait->native.bytes;
}

static void check_wait(struct kapi_wait *wait, struct site *site)
{
	if (wait->magic != WAIT_MAGIC)
		native_fail(RULE_lock_misuse, wait, "the completion was never initialised", site);
}

void kapi_wait_init(void *at, unsigned *done, struct kapi_class *class)
{
	struct kapi_wait *wait = at;

	memset(wait, 0, sizeof(*wait));
	wait->magic = WAIT_MAGIC;
	must(!pthread_mutex_init(&native_of(wait)->mutex, NULL));
	must(!pthread_cond_init(&native_of(wait)->cond, NULL));
}

/* With the mutex held. */
static bool take(struct kapi_wait *wait)
{
	if (!wait->done)
		return false;
	if (wait->done != UINT32_MAX)
		wait->done--;
	return true;
}

int kapi_wait_for(void *at, unsigned *count, int how, const char *name, struct site *site)
{
	struct kapi_wait *wait = at;
	struct native_wait *n = native_of(wait);
	struct timespec until = deadline(how);
	bool signalled, done;

	native_step();
	check_wait(wait, site);
	kapi_might_sleep(site);
	signalled = how & KAPI_WAIT_SIGNAL && native_fails();
	must(!pthread_mutex_lock(&n->mutex));
	while (!wait->done && !signalled && wait_on(&n->cond, &n->mutex, how, &until))
		;
	done = take(wait);
	must(!pthread_mutex_unlock(&n->mutex));
	native_effect();
	if (done)
		return 0;
	return signalled ? KAPI_WAIT_SIGNAL : last_way(how);
}

bool kapi_wait_try(void *at, unsigned *count, int how, const char *name, struct site *site)
{
	struct kapi_wait *wait = at;
	struct native_wait *n = native_of(wait);
	bool done;

	native_step();
	check_wait(wait, site);
	must(!pthread_mutex_lock(&n->mutex));
	done = take(wait);
	must(!pthread_mutex_unlock(&n->mutex));
	return done;
}

bool kapi_wait_is_done(void *at, unsigned *count, int how, const char *name, struct site *site)
{
	struct kapi_wait *wait = at;
	struct native_wait *n = native_of(wait);
	bool done;

	native_step();
	check_wait(wait, site);
	must(!pthread_mutex_lock(&n->mutex));
	done = wait->done != 0;
	must(!pthread_mutex_unlock(&n->mutex));
	return done;
}

void kapi_wait_complete(void *at, unsigned *count, bool all, int how, const char *name,
			struct site *site)
{
	struct kapi_wait *wait = at;
	struct native_wait *n = native_of(wait);

	native_step();
	check_wait(wait, site);
	must(!pthread_mutex_lock(&n->mutex));
	if (all)
		wait->done = UINT32_MAX;
	else if (wait->done != UINT32_MAX)
		wait->done++;
	must(!pthread_cond_broadcast(&n->cond));
	must(!pthread_mutex_unlock(&n->mutex));
}

/* ---- wait queues ---- */

/* All zero is its initial state: a queue that was initialised statically needs no call. */
struct native_queue {
	pthread_mutex_t mutex; /* protects the rest */
	pthread_cond_t cond;
	unsigned wakes;
	unsigned sleepers;
};

_Static_assert(sizeof(struct native_queue) <= sizeof(((struct kapi_queue *)0)->native), "no room");

static struct native_queue *lock_queue(void *at, struct site *site)
{
	struct kapi_queue *queue = at;
	struct native_queue *n = (struct native_queue *)queue->native.bytes;

	native_step();
	if (queue->magic != KAPI_QUEUE_MAGIC)
		native_fail(RULE_lock_misuse, queue, "the wait queue was never initialised", site);
	must(!pthread_mutex_lock(&n->mutex));
	return n;
}

static void unlock_queue(struct native_queue *n)
{
	must(!pthread_mutex_unlock(&n->mutex));
}

void kapi_queue_init(void *at, struct kapi_class *class)
{
	struct kapi_queue *queue = at;
	struct native_queue *n = (struct native_queue *)queue->native.bytes;

	memset(queue, 0, sizeof(*queue));
	queue->magic = KAPI_QUEUE_MAGIC;
	must(!pthread_mutex_init(&n->mutex, NULL));
	must(!pthread_cond_init(&n->cond, NULL));
}

void kapi_queue_begin(void *queue, int how, const char *name, struct site *site)
{
	struct native_queue *n = lock_queue(queue, site);

	if (native_self.queue)
		native_fail(RULE_sleep_in_atomic, queue, "in the condition of another wait", site);
	native_self.queue = queue;
	native_self.wakes = n->wakes;
	n->sleepers++;
	unlock_queue(n);
}

int kapi_queue_sleep(void *queue, int how, const char *name, struct site *site)
{
	/* A thread's wake-ups come in the queue of its task: it looks now and then. */
	bool woken_by_task = native_self.runs_as;
	struct timespec until;
	struct native_queue *n;
	bool woken;

	kapi_might_sleep(site);
	if (how & KAPI_WAIT_SIGNAL && native_fails())
		return KAPI_WAIT_SIGNAL;
	until = deadline(woken_by_task ? KAPI_WAIT_TIMEOUT : how);
	n = lock_queue(queue, site);
	while (n->wakes == native_self.wakes &&
	       wait_on(&n->cond, &n->mutex, how | woken_by_task, &until))
		;
	woken = n->wakes != native_self.wakes;
	native_self.wakes = n->wakes;
	unlock_queue(n);
	native_effect();
	return woken || woken_by_task ? 0 : last_way(how);
}

/* Time passes here: nobody knows whether others could go on. */
void kapi_queue_leave(bool is_true, struct site *site)
{
	kapi_queue_end((void *)(uintptr_t)native_self.queue, "", site);
}

void kapi_queue_end(void *queue, const char *name, struct site *site)
{
	struct native_queue *n = lock_queue(queue, site);

	n->sleepers--;
	native_self.queue = NULL;
	unlock_queue(n);
}

void kapi_queue_wake(void *queue, int how, const char *name, struct site *site)
{
	struct native_queue *n = lock_queue(queue, site);

	n->wakes++;
	must(!pthread_cond_broadcast(&n->cond));
	unlock_queue(n);
}

bool kapi_queue_is_used(void *queue, int how, const char *name, struct site *site)
{
	struct native_queue *n = lock_queue(queue, site);
	bool used = n->sleepers != 0;

	unlock_queue(n);
	return used;
}

void *kapi_word_queue(const volatile void *word)
{
	static struct kapi_queue queues[WORD_QUEUES] = {
		[0 ... WORD_QUEUES - 1] = {.magic = KAPI_QUEUE_MAGIC}};

	return &queues[(uintptr_t)word / sizeof(uint64_t) % WORD_QUEUES];
}
