/*
 * kapi_litmus_user.c - user memory, signals, and address spaces that are put from anywhere.
 */
#include "litmus.h" /* first: "current" is a name in there, too */

#include <linux/atomic.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

struct args {
	int size;
	int flags;
};

static struct args *kept; /* the kernel's side */
static struct args from_user = {.size = 3, .flags = 4};
static struct args to_user;

static void make_args(void)
{
	kept = kzalloc(sizeof(*kept), GFP_KERNEL);
}

static void free_args(void)
{
	kfree(kept);
}

static void copy_both_ways(void)
{
	int flags = 7;

	if (copy_from_user(kept, &from_user, sizeof(*kept))) {
		BUG_ON(kept->size || kept->flags);
		return;
	}
	BUG_ON(kept->size != 3 || kept->flags != 4);
	if (!copy_to_user(&to_user, kept, sizeof(*kept)))
		BUG_ON(to_user.flags != 4);
	if (!get_user(flags, &from_user.flags))
		BUG_ON(flags != 4);
	else
		BUG_ON(flags);
	if (!put_user(9, &to_user.size))
		BUG_ON(to_user.size != 9);
}

static void trust_copy_from(void)
{
	BUG_ON(copy_from_user(kept, &from_user, sizeof(*kept)));
}

static void trust_copy_to(void)
{
	BUG_ON(copy_to_user(&to_user, kept, sizeof(*kept)));
}

static void trust_get(void)
{
	int size;

	BUG_ON(get_user(size, &from_user.size));
	look_at(size);
}

static void trust_put(void)
{
	BUG_ON(put_user(1, &to_user.size));
}

static void copy_too_much(void)
{
	size_t left = copy_to_user(&to_user, &kept->flags, sizeof(*kept));

	look_at((long)left);
}

static DEFINE_SPINLOCK(spin);

static void copy_holding_spinlock(void)
{
	spin_lock(&spin);
	trust_copy_to();
	spin_unlock(&spin);
}

static void look_for_signal(void)
{
	if (signal_pending(current))
		return;
	look_at(fatal_signal_pending(current));
}

static void trust_no_signal(void)
{
	BUG_ON(signal_pending(current));
}

/* ---- address spaces ---- */

static struct mm_struct *mm;

static void make_mm(void)
{
	mm = mm_alloc();
}

static void put_async_in_spinlock(void)
{
	spin_lock(&spin);
	mmput_async(mm);
	spin_unlock(&spin);
}

static void put_in_spinlock(void)
{
	spin_lock(&spin);
	mmput(mm);
	spin_unlock(&spin);
}

static void keep_mm(void)
{
	mmgrab(mm);
	mmput_async(mm);
	look_at(atomic_read(&mm->mm_users));
	mmdrop(mm);
}

static void trust_mm(void)
{
	mmput_async(mm);
	look_at(atomic_read(&mm->mm_users));
}

#define ON_ARGS(fails, ...)                                                                        \
	{                                                                                          \
		.begin = make_args, .thread = {__VA_ARGS__}, .end = free_args,                     \
		.fail_one_in = (fails)                                                             \
	}
#define ON_MM(...)                                                                                 \
	{                                                                                          \
		.begin = make_mm, .thread = { __VA_ARGS__ }                                        \
	}

const struct litmus_case kapi_litmus_user[] = {
	{"a_copy_from_the_user_may_fail", "bug:none@trust_copy_from", NULL,
	 .good = ON_ARGS(3, copy_both_ways), .bad = ON_ARGS(3, trust_copy_from)},
	{"so_may_a_copy_to_the_user", "bug:none@trust_copy_to", NULL,
	 .good = ON_ARGS(0, trust_copy_to), .bad = ON_ARGS(3, trust_copy_to)},
	{"and_reading_one_word", "bug:none@trust_get", NULL, .good = ON_ARGS(0, trust_get),
	 .bad = ON_ARGS(3, trust_get)},
	{"and_writing_one", "bug:none@trust_put", NULL, .good = ON_ARGS(0, trust_put),
	 .bad = ON_ARGS(3, trust_put)},
	{"a_copy_stays_in_its_block", "out_of_bounds:kept@copy_too_much", NULL,
	 .good = ON_ARGS(0, copy_both_ways), .bad = ON_ARGS(0, copy_too_much)},
	{"a_copy_sleeps", "sleep_in_atomic:none@trust_copy_to", "spinlock",
	 .good = ON_ARGS(0, trust_copy_to), .bad = ON_ARGS(0, copy_holding_spinlock)},
	{"a_signal_may_be_there", "bug:none@trust_no_signal", NULL,
	 .good = ON_ARGS(3, look_for_signal), .bad = ON_ARGS(3, trust_no_signal)},
	{"an_mm_is_put_from_atomic_context", "sleep_in_atomic:none@mmput", "spinlock",
	 .good = ON_MM(put_async_in_spinlock), .bad = ON_MM(put_in_spinlock)},
	{"and_may_be_gone_at_once", "dead_use:mm@trust_mm", NULL, .good = ON_MM(keep_mm),
	 .bad = ON_MM(trust_mm)},
	{0},
};
