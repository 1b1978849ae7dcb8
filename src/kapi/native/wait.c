/*
 * wait.c - completions: a pthread mutex and condition in wait->native.
 *
 * complete() wakes with the mutex held, and its unlock is its last touch: a waiter that returns has
 * had the mutex after it, and may free the completion at once, as the kernel promises.
 */
#include "kapi/native/internal.h"

#include <pthread.h>
#include <string.h>

#define WAIT_MAGIC 0x57414954u

struct native_wait {
	pthread_mutex_t mutex; /* protects wait->done */
	pthread_cond_t cond;
};

_Static_assert(sizeof(struct native_wait) <= sizeof(((struct kapi_wait *)0)->native), "no room");
_Static_assert(offsetof(struct kapi_wait, native) % _Alignof(struct native_wait) == 0, "crooked");

static struct native_wait *native_of(struct kapi_wait *wait)
{
	return (struct native_wait *)wait->native;
}

static void check_wait(struct kapi_wait *wait, struct site *site)
{
	if (wait->magic != WAIT_MAGIC)
		native_fail("lock_misuse", wait, "the completion was never initialised", site);
}

void kapi_wait_init(struct kapi_wait *wait, struct kapi_class *class)
{
	memset(wait, 0, sizeof(*wait));
	wait->magic = WAIT_MAGIC;
	wait->class = class;
	must(!pthread_mutex_init(&native_of(wait)->mutex, NULL));
	must(!pthread_cond_init(&native_of(wait)->cond, NULL));
}

void kapi_wait_for(struct kapi_wait *wait, struct site *site)
{
	struct native_wait *n = native_of(wait);

	native_delay();
	check_wait(wait, site);
	kapi_might_sleep(site);
	must(!pthread_mutex_lock(&n->mutex));
	while (!wait->done)
		must(!pthread_cond_wait(&n->cond, &n->mutex));
	if (wait->done != UINT32_MAX)
		wait->done--;
	must(!pthread_mutex_unlock(&n->mutex));
}

void kapi_wait_complete(struct kapi_wait *wait, bool all, struct site *site)
{
	struct native_wait *n = native_of(wait);

	native_delay();
	check_wait(wait, site);
	must(!pthread_mutex_lock(&n->mutex));
	if (all)
		wait->done = UINT32_MAX;
	else if (wait->done != UINT32_MAX)
		wait->done++;
	must(!pthread_cond_broadcast(&n->cond));
	must(!pthread_mutex_unlock(&n->mutex));
}
