/*
 * ordering.c - bugs that only a finer look at memory shows: another thread between a plain read and a
 * plain write (--granularity access), and a store that others see late (--memory weak).
 */
#include "tree/canary/ordering.h"

#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/rcupdate.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct item {
	long value[20]; /* a copy that the compiler makes no stores of */
};

struct box {
	struct item __rcu *item;
};

static unsigned counted;
static DEFINE_SPINLOCK(lock);
static DEFINE_SEQLOCK(sequence);
static unsigned sequenced;
static struct box *box;
/* Of two sides; each looks at the other's, which is a word or a bit of a word. */
static int flag[2];
static unsigned long bits[2];
static struct crossing {
	int seen[2];
	bool crossed[2];
} words_crossing, bits_crossing;

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

static bool is_missed(const struct crossing *c)
{
	return c->crossed[0] && c->crossed[1] && !c->seen[0] && !c->seen[1];
}

int ordering_begin(void)
{
	box = kzalloc(sizeof(*box), GFP_KERNEL);
	return box ? 0 : -ENOMEM;
}

void ordering_end(void)
{
	if (!box)
		return;
	WARN_ON(is_missed(&words_crossing) || is_missed(&bits_crossing));
	kfree(rcu_dereference_protected(box->item, true));
	kfree(box);
}

static void fill(struct item *item, unsigned way)
{
	struct item contents = {{0}};

	for (int i = 0; i < ARRAY_SIZE(contents.value); i++)
		contents.value[i] = 1 + READ_ONCE(counted);
	if (way == 5)
		*item = contents;
	else
		item->value[0] = 1;
}

static void show(struct item *item, unsigned way)
{
	switch (way) {
	case 0:
	case 5:
		WRITE_ONCE(box->item, item);
		break;
	case 1:
		smp_wmb();
		WRITE_ONCE(box->item, item);
		break;
	case 2:
		smp_store_release(&box->item, item);
		break;
	case 3:
		rcu_assign_pointer(box->item, item);
		break;
	default:
		spin_lock(&lock);
		box->item = item;
		spin_unlock(&lock);
	}
}

int ordering_publish(unsigned way)
{
	struct item *item;

	if (!box || READ_ONCE(box->item))
		return -EEXIST;
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return -ENOMEM;
	fill(item, way);
	show(item, way);
	return READ_ONCE(counted); /* others run, and the op has not ended */
}

void ordering_look(void)
{
	struct item *item;

	rcu_read_lock();
	item = box ? rcu_dereference(box->item) : NULL;
	WARN_ON(item && !READ_ONCE(item->value[0]));
	rcu_read_unlock();
}

static int cross_bits(unsigned side, bool bad)
{
	set_bit(0, &bits[side]);
	if (!bad)
		smp_mb__after_atomic();
	return test_bit(0, &bits[!side]);
}

static int cross_words(unsigned side, bool bad)
{
	WRITE_ONCE(flag[side], 1);
	if (!bad)
		smp_mb();
	return READ_ONCE(flag[!side]);
}

void ordering_cross(unsigned side, unsigned way)
{
	struct crossing *c = way & 2 ? &bits_crossing : &words_crossing;

	if (!box)
		return;
	c->seen[side] = way & 2 ? cross_bits(side, way & 1) : cross_words(side, way & 1);
	c->crossed[side] = true;
}

int ordering_sequence(bool bad)
{
	unsigned begin, seen;

	do {
		begin = read_seqbegin(&sequence);
		seen = sequenced;
	} while (read_seqretry(&sequence, begin));
	if (bad)
		seen = sequenced;
	write_seqlock(&sequence);
	sequenced = seen + 1;
	write_sequnlock(&sequence);
	return 0;
}
