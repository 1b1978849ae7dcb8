/*
 * deep.c - bugs of a known depth, to measure what guides a search (bench/ablation).
 *
 * A chain has DEEP + 1 steps, each of another walker than the one before. A step counts only when
 * all before it have been counted, and a walker does not come back: so a run counts them all, which
 * is the bug, only when each of the DEEP pairs of neighbours comes in its order. Which walker has
 * which step is drawn from the number of the pattern. Between its steps a walker takes locks of its
 * own and one that all share, as real code does.
 *
 * Two families. In deep all steps are one line of code: how far a run came shows in nothing but the
 * count. In wide (-DWIDE) each step is a function of its own.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "subject/outside.h"

#define STEPS (DEEP + 1)
#define WALKERS 3
#define NOISE 2 /* locks of its own that a walker takes before a step */

struct chain {
	atomic_t counted;
	struct mutex shared;
	struct mutex own[WALKERS];
	bool started[WALKERS]; /* under the walker's own lock */
	uint8_t walker[STEPS];
};

static void draw_walkers(struct chain *chain, unsigned pattern)
{
	unsigned state = pattern * 2654435761u + DEEP, last = pattern % WALKERS;

	for (unsigned i = 0; i < STEPS; i++) {
		state = state * 1103515245u + 12345;
		last = (last + 1 + (state >> 16) % (WALKERS - 1)) % WALKERS;
		chain->walker[i] = (uint8_t)last;
	}
}

int op_chain_make(const struct subject_call *call)
{
	struct chain *chain = kzalloc(sizeof(*chain), GFP_KERNEL);

	if (!chain)
		return -ENOMEM;
	mutex_init(&chain->shared);
	for (unsigned i = 0; i < WALKERS; i++)
		mutex_init(&chain->own[i]);
	draw_walkers(chain, call->operand[0]);
	kapi_file_install(KIND_CHAIN, call->result, chain);
	return 0;
}

static void take_locks(struct chain *chain, unsigned walker)
{
	for (unsigned i = 0; i < NOISE; i++) {
		mutex_lock(&chain->own[walker]);
		mutex_unlock(&chain->own[walker]);
	}
	mutex_lock(&chain->shared);
	mutex_unlock(&chain->shared);
}

#define DEFINE_STEP(name)                                                                          \
	static void name(struct chain *chain, unsigned step)                                       \
	{                                                                                          \
		if (atomic_read(&chain->counted) == (int)step)                                     \
			WARN_ON(atomic_inc_return(&chain->counted) == STEPS);                      \
	}

DEFINE_STEP(step)

#ifdef WIDE
DEFINE_STEP(step0)
DEFINE_STEP(step1)
DEFINE_STEP(step2)
DEFINE_STEP(step3)
DEFINE_STEP(step4)
DEFINE_STEP(step5)
DEFINE_STEP(step6)
DEFINE_STEP(step7)
DEFINE_STEP(step8)
DEFINE_STEP(step9)
DEFINE_STEP(step10)
DEFINE_STEP(step11)

static void (*const steps[])(struct chain *chain, unsigned step) = {
	step0, step1, step2, step3, step4, step5, step6, step7, step8, step9, step10, step11, step,
};
#define STEP(i) steps[i]
#else
#define STEP(i) step
#endif

static bool starts(struct chain *chain, unsigned walker)
{
	bool first;

	mutex_lock(&chain->own[walker]);
	first = !chain->started[walker];
	chain->started[walker] = true;
	mutex_unlock(&chain->own[walker]);
	return first;
}

static void walk(struct chain *chain, unsigned walker)
{
	for (unsigned i = 0; i < STEPS; i++) {
		if (chain->walker[i] != walker)
			continue;
		take_locks(chain, walker);
		STEP(i)(chain, i);
	}
}

int op_chain_walk(const struct subject_call *call)
{
	struct chain *chain = kapi_file_get(KIND_CHAIN, call->operand[0]);

	if (!chain)
		return -ENOENT;
	if (starts(chain, call->operand[1]))
		walk(chain, call->operand[1]);
	if (kapi_file_put(KIND_CHAIN, call->operand[0]))
		kfree(chain);
	return 0;
}

void outside_close(void)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		struct chain *chain = mm_ops_close_file(KIND_CHAIN, nr);

		if (chain && kapi_file_put(KIND_CHAIN, nr))
			kfree(chain);
	}
}
