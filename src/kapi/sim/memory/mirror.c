/*
 * mirror.c - tells a world what its own objects have to say: the words that its inline code reads.
 *
 * World kapi has none: its headers ask the platform.
 */
#include "kapi/sim/internal.h"

#define MIRRORS_MAX 2

bool sim_mirrors;
static const struct kapi_mirror *mirrors[MIRRORS_MAX];

void kapi_mirror_add(const struct kapi_mirror *mirror)
{
	unsigned i = 0;

	while (i < MIRRORS_MAX && mirrors[i])
		i++;
	must(i < MIRRORS_MAX);
	mirrors[i] = mirror;
	sim_mirrors = true;
}

#define TELL(member, ...)                                                                          \
	for (unsigned i = 0; i < MIRRORS_MAX && mirrors[i]; i++)                                   \
		if (mirrors[i]->member)                                                            \
			mirrors[i]->member(__VA_ARGS__);

void sim_mirror_lock_slow(const struct prim *lock)
{
	TELL(lock, (void *)(uintptr_t)lock->at, lock->lock_kind, lock->owner != 0,
	     (unsigned)__builtin_popcount(lock->readers));
}

void sim_mirror_later_slow(const struct prim *item, bool pending)
{
	if (item->kind == PRIM_TIMER) {
		TELL(timer, (void *)(uintptr_t)item->at, pending)
	} else {
		TELL(work, (void *)(uintptr_t)item->at, pending)
	}
}

void sim_mirror_lane_slow(unsigned lane)
{
	TELL(lane, lane);
}

void sim_mirror_begin(void)
{
	TELL(begin, );
}

void sim_mirror_end(void)
{
	TELL(end, );
}
