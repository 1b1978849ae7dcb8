/*
 * ordering.c - bugs that only a finer look at memory shows: a store that others see late (--memory weak),
 * another thread between a plain read and a plain write (--granularity access).
 */
#include "tree/canary/ordering.h"

#include <linux/bug.h>
#include <linux/spinlock.h>

static bool is_published;
static int published_value;
static unsigned counted;
static DEFINE_SPINLOCK(lock);

void ordering_publish(bool bad)
{
	WRITE_ONCE(published_value, 1);
	if (bad)
		WRITE_ONCE(is_published, true);
	else
		smp_store_release(&is_published, true);
}

void ordering_look(void)
{
	if (smp_load_acquire(&is_published))
		WARN_ON(!READ_ONCE(published_value));
}

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
