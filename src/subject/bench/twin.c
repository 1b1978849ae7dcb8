/*
 * twin.c - no device has two live mirrors of one mm (INV-53).
 *
 * From the return of its registration to the call of its release() a mirror is live. One that
 * becomes so looks at the others. Relaxed words: the bench orders nothing that the core does not.
 */
#include "subject/bench/twin.h"

#include "base/limits.h"
#include "kapi/kapi.h"

enum life { LIFE_NONE, LIFE_REGISTERING, LIFE_LIVE, LIFE_OVER };

/* What the bench knows of mirror @nr without its memory. The pointers are compared, not followed. */
struct twin {
	const void *device;
	const void *mm;
	uint8_t life;
};

static struct twin twins[OBJECTS_MAX];

#define get(word) kapi_atomic_load(&(word), __ATOMIC_RELAXED)
#define set(word, value) kapi_atomic_store(&(word), (value), __ATOMIC_RELAXED)

void twin_begin(unsigned nr, const void *device, const void *mm)
{
	set(twins[nr].device, device);
	set(twins[nr].mm, mm);
	set(twins[nr].life, LIFE_REGISTERING);
}

void twin_end(unsigned nr)
{
	set(twins[nr].life, LIFE_OVER);
}

static bool twin_is_live(unsigned nr, const struct twin *of)
{
	return get(twins[nr].life) == LIFE_LIVE && get(twins[nr].device) == get(of->device) &&
	       get(twins[nr].mm) == get(of->mm);
}

/* release() may have come before; and the other may have come after ours, so ours is read last. */
void twin_registered(unsigned nr, const void *mirror)
{
	struct twin *own = &twins[nr];
	uint8_t life = LIFE_REGISTERING;

	if (!__atomic_compare_exchange_n(&own->life, &life, LIFE_LIVE, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED))
		return;
	for (unsigned other = 0; other < OBJECTS_MAX; other++)
		if (other != nr && twin_is_live(other, own) && get(own->life) == LIFE_LIVE)
			kapi_verdict(RULE_mirror_twice, mirror,
				     "its device has another one of this mm",
				     KAPI_SITE("hmm_mirror_register", "register returns"));
}
