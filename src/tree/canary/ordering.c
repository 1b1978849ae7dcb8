/*
 * ordering.c - a bug that only a finer look at memory shows: another thread between a plain read and a
 * plain write (--granularity access).
 */
#include "tree/canary/ordering.h"

#include <linux/bug.h>
#include <linux/spinlock.h>

static unsigned counted;
static DEFINE_SPINLOCK(lock);

static void count_one(void)
{
	unsigned before = counted;

	counted = before + 1;
	barrier();
	WARN_ON(counted != before + 1);
}

void ordering_count(bool bad)
{
	if (!bad)
		spin_lock(&lock);
	count_one();
	if (!bad)
		spin_unlock(&lock);
}
