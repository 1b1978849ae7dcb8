/*
 * kapi_litmus_update.c - read-modify-writes of words and bits, sequence counts, guards, waiting by hand.
 */
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/seqlock.h>
#include <linux/wait.h>

#include "litmus.h"

static unsigned long bits, bytes;
static atomic_long_t count;
static atomic_t small;
static unsigned char tiny[2];
static int *pointer, target, data, twin;
static seqcount_t sequence;
static DEFINE_SEQLOCK(seqlock);
static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spinlock);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static bool flag;

/* ---- the arithmetic ---- */

static void computes(void)
{
	int old = 3;
	long bit;

	BUG_ON(atomic_add_return(3, &small) != 3 || atomic_fetch_sub(1, &small) != 3);
	BUG_ON(atomic_cmpxchg(&small, 3, 9) != 2 || atomic_try_cmpxchg(&small, &old, 9) ||
	       old != 2);
	BUG_ON(!atomic_add_unless(&small, -5, 0) || atomic_read(&small) != -3);
	BUG_ON(!atomic_add_negative(1, &small) || atomic_xchg(&small, 0) != -2);
	BUG_ON(atomic_long_sub_return(1, &count) != -1 || !atomic_long_inc_and_test(&count));
	BUG_ON(xchg(&pointer, &target) || cmpxchg(&pointer, &target, NULL) != &target);
	BUG_ON(xchg(&tiny[0], 7) != 0 || tiny[1] || cmpxchg(&tiny[0], 7, 1) != 7);
	bit = test_and_set_bit(63, &bits) + 2 * test_bit(63, &bits) + test_and_clear_bit(63, &bits);
	BUG_ON(bit != 3 || bits);
}

static void computes_wrong(void)
{
	atomic_set(&small, 0);
	BUG_ON(atomic_fetch_add(1, &small) != 1);
}

/* ---- a bit as a lock ---- */

static void add_under_bit(void)
{
	if (test_and_set_bit_lock(0, &bits))
		return;
	BUG_ON(READ_ONCE(bytes));
	WRITE_ONCE(bytes, 1);
	WRITE_ONCE(bytes, 0);
	clear_bit_unlock(0, &bits);
}

/* The bit is looked at, and set: another one does the same in between. */
static void add_under_test(void)
{
	if (test_bit(0, &bits))
		return;
	set_bit(0, &bits);
	BUG_ON(READ_ONCE(bytes));
	WRITE_ONCE(bytes, 1);
	WRITE_ONCE(bytes, 0);
	clear_bit(0, &bits);
}

static void begin(void)
{
	bits = bytes = 0;
	data = twin = 0;
	flag = false;
}

static void both_count(void)
{
	BUG_ON(bytes != 2);
}

/* ---- xchg takes what another one left ---- */

static void make_target(void)
{
	pointer = &target;
}

static void take_once(void)
{
	if (xchg(&pointer, NULL))
		WRITE_ONCE(data, READ_ONCE(data) + 1);
}

static void take_looking(void)
{
	if (READ_ONCE(pointer)) {
		WRITE_ONCE(pointer, NULL);
		WRITE_ONCE(data, READ_ONCE(data) + 1);
	}
}

static void took_once(void)
{
	BUG_ON(data != 1);
}

/* ---- where it points is the process's, and none of the trace's ---- */

static void exchange_pointers(void)
{
	BUG_ON(xchg(&pointer, &target) || xchg(&pointer, &twin) != &target);
}

const struct litmus litmus_exchanges = {.thread = {exchange_pointers}};

/* ---- sequence counts ---- */

static void write_pair(void)
{
	write_seqlock(&seqlock);
	WRITE_ONCE(data, 1);
	WRITE_ONCE(twin, 1);
	write_sequnlock(&seqlock);
}

static void read_pair(void)
{
	unsigned start = raw_read_seqcount(&seqlock.seqcount); /* no spinning here */
	int a = READ_ONCE(data), b = READ_ONCE(twin);

	BUG_ON(!(start & 1) && !read_seqretry(&seqlock, start) && a != b);
}

static void read_pair_once(void)
{
	unsigned start = raw_read_seqcount(&seqlock.seqcount);
	int a = READ_ONCE(data), b = READ_ONCE(twin);

	BUG_ON(!(start & 1) && a != b);
}

static void write_one(void)
{
	write_seqcount_begin(&sequence);
	WRITE_ONCE(data, 1);
	write_seqcount_end(&sequence);
}

static void read_one(void)
{
	unsigned start = read_seqcount_begin(&sequence); /* the writer is over, or has not begun */
	int a = READ_ONCE(data), b = READ_ONCE(data);

	BUG_ON(read_seqcount_retry(&sequence, start) || a != b);
}

static void read_one_wrong(void)
{
	unsigned start = read_seqcount_begin(&sequence);

	write_one();
	BUG_ON(read_seqcount_retry(&sequence, start));
}

/* ---- guards ---- */

static void add_guarded(void)
{
	guard(mutex)(&mutex);
	if (READ_ONCE(flag))
		return; /* the mutex is dropped here, too */
	WRITE_ONCE(bytes, READ_ONCE(bytes) + 1);
	scoped_guard(spinlock, &spinlock) WRITE_ONCE(data, READ_ONCE(data) + 1);
}

static void add_scoped_only(void)
{
	unsigned long before;

	scoped_guard(spinlock, &spinlock) WRITE_ONCE(data, READ_ONCE(data) + 1);
	before = READ_ONCE(bytes);
	WRITE_ONCE(bytes, before + 1);
}

static void frees_at_the_end(void)
{
	int *p __free(kfree) = kmalloc(sizeof(*p), GFP_KERNEL);

	if (p)
		*p = 1;
}

static void keeps_and_forgets(void)
{
	int *p __free(kfree) = kmalloc(sizeof(*p), GFP_KERNEL);

	if (p)
		*p = 1;
	look_at((long)no_free_ptr(p));
}

/* ---- waiting by hand ---- */

static void wait_by_hand(void)
{
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(flag))
			break;
		schedule();
	}
	finish_wait(&queue, &wait);
}

/* The flag is looked at before the thread stands in the queue: the wake-up may be over by then. */
static void wait_too_late(void)
{
	DEFINE_WAIT(wait);

	if (READ_ONCE(flag))
		return;
	prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&queue, &wait);
}

static void raise_flag(void)
{
	WRITE_ONCE(flag, true);
	wake_up(&queue);
}

/* ---- caches ---- */

struct record {
	int value;
};

static struct kmem_cache *cache;

static void make_cache(void)
{
	cache = KMEM_CACHE(record, 0);
}

static void use_cache(void)
{
	struct record *record = kmem_cache_zalloc(cache, GFP_KERNEL);

	BUG_ON(record->value);
	kmem_cache_free(cache, record);
}

static void lose_record(void)
{
	look_at((long)kmem_cache_alloc(cache, GFP_KERNEL));
}

static void destroy_cache(void)
{
	kmem_cache_destroy(cache);
}

const struct litmus_case kapi_litmus_update[] = {
	{"updates_compute_what_they_say", "bug:none@computes_wrong", NULL,
	 .good = {.thread = {computes}}, .bad = {.thread = {computes_wrong}}},
	{"a_bit_is_a_lock", "bug:none@add_under_test", NULL,
	 .good = {.begin = begin, .thread = {add_under_bit, add_under_bit}},
	 .bad = {.begin = begin, .thread = {add_under_test, add_under_test}}},
	{"xchg_takes_once", "bug:none@took_once", NULL,
	 .good = {.begin = make_target, .thread = {take_once, take_once}, .end = took_once},
	 .bad = {.begin = make_target, .thread = {take_looking, take_looking}, .end = took_once}},
	{"a_reader_of_a_seqlock_tries_again", "bug:none@read_pair_once", NULL,
	 .good = {.begin = begin, .thread = {write_pair, read_pair}},
	 .bad = {.begin = begin, .thread = {write_pair, read_pair_once}}},
	{"a_reader_of_a_seqcount_sees_the_writer", "bug:none@read_one_wrong", NULL,
	 .good = {.begin = write_one, .thread = {read_one}, .end = write_one},
	 .bad = {.begin = write_one, .thread = {read_one_wrong}}},
	{"a_guard_lasts_until_its_scope_ends", "bug:none@both_count", NULL,
	 .good = {.begin = begin, .thread = {add_guarded, add_guarded}, .end = both_count},
	 .bad = {.begin = begin, .thread = {add_scoped_only, add_scoped_only}, .end = both_count}},
	{"memory_is_freed_with_its_variable", "leak:p@keeps_and_forgets", NULL,
	 .good = {.thread = {frees_at_the_end}}, .bad = {.thread = {keeps_and_forgets}}},
	{"who_waits_by_hand_looks_behind_prepare", "deadlock:none", NULL,
	 .good = {.begin = begin, .thread = {wait_by_hand, raise_flag}},
	 .bad = {.begin = begin, .thread = {wait_too_late, raise_flag}}},
	{"a_cache_is_destroyed_empty", "warn:none@destroy_cache", NULL,
	 .good = {.begin = make_cache, .thread = {use_cache, use_cache}, .end = destroy_cache},
	 .bad = {.begin = make_cache, .thread = {use_cache, lose_record}, .end = destroy_cache}},
	{0},
};
