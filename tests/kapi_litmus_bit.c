/*
 * kapi_litmus_bit.c - bits as locks, and waits for a word without a queue of the caller's.
 */
#include <linux/bit_spinlock.h>
#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "litmus.h"

#define HELD 3 /* a bit */

static struct word {
	unsigned long bits;
	int variable;
	int counted; /* under the bit */
} * word;
static bool gone;
static DEFINE_MUTEX(mutex);

static void make_word(void)
{
	word = kzalloc(sizeof(*word), GFP_KERNEL);
	set_bit(HELD, &word->bits);
}

static void make_free_word(void)
{
	word = kzalloc(sizeof(*word), GFP_KERNEL);
}

static void free_word(void)
{
	if (!gone)
		kfree(word);
}

static void free_counted_word(void)
{
	WARN_ON(word->counted != 2);
	kfree(word);
}

/* ---- waiting ---- */

static void wait_and_free(void)
{
	WARN_ON(wait_on_bit(&word->bits, HELD, TASK_UNINTERRUPTIBLE));
	gone = true;
	kfree(word);
}

static void clear_and_wake(void)
{
	clear_and_wake_up_bit(HELD, &word->bits);
}

static void clear_and_forget(void)
{
	clear_bit_unlock(HELD, &word->bits);
}

static void clear_and_touch(void)
{
	struct word *own = word;

	clear_and_wake_up_bit(HELD, &own->bits);
	WRITE_ONCE(own->variable, 1);
}

static void wait_or_leave(void)
{
	if (!wait_on_bit(&word->bits, HELD, TASK_KILLABLE))
		WARN_ON(test_bit(HELD, &word->bits));
}

static void take_and_give(void)
{
	WARN_ON(wait_on_bit_lock(&word->bits, HELD, TASK_UNINTERRUPTIBLE));
	word->counted++;
	clear_and_wake_up_bit(HELD, &word->bits);
}

static void wait_for_variable(void)
{
	wait_var_event(&word->variable, READ_ONCE(word->variable));
}

static void wait_for_variable_or_leave(void)
{
	look_at(wait_var_event_killable(&word->variable, READ_ONCE(word->variable)));
}

static void set_variable(void)
{
	WRITE_ONCE(word->variable, 1);
	smp_mb();
	wake_up_var(&word->variable);
}

static void set_variable_without_barrier(void)
{
	WRITE_ONCE(word->variable, 1);
	wake_up_var(&word->variable);
}

static void clear_and_wake_by_hand(void)
{
	clear_bit_unlock(HELD, &word->bits);
	smp_mb__after_atomic();
	wake_up_bit(&word->bits, HELD);
}

/* ---- a lock ---- */

static void count_locked(void)
{
	bit_spin_lock(HELD, &word->bits);
	WARN_ON(!bit_spin_is_locked(HELD, &word->bits));
	word->counted++;
	bit_spin_unlock(HELD, &word->bits);
}

static void count_unlocked(void)
{
	int before = READ_ONCE(word->counted);

	WRITE_ONCE(word->counted, before + 1);
}

static void sleep_unlocked(void)
{
	if (!bit_spin_trylock(HELD, &word->bits))
		return;
	bit_spin_unlock(HELD, &word->bits);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static void sleep_locked(void)
{
	bit_spin_lock(HELD, &word->bits);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	bit_spin_unlock(HELD, &word->bits);
}

#define ON_WORD(...)                                                                               \
	{                                                                                          \
		.begin = make_word, .thread = {__VA_ARGS__}, .end = free_word                      \
	}
#define ON_FREE_WORD(...)                                                                          \
	{                                                                                          \
		.begin = make_free_word, .thread = {__VA_ARGS__}, .end = free_word                 \
	}
#define COUNT(...)                                                                                 \
	{                                                                                          \
		.begin = make_free_word, .thread = {__VA_ARGS__}, .end = free_counted_word         \
	}

const struct litmus_case kapi_litmus_bit[] = {
	{"who_clears_a_bit_wakes_its_waiters", "deadlock:none@wait_and_free", "wait_on_bit",
	 .good = ON_WORD(wait_and_free, clear_and_wake),
	 .bad = ON_WORD(wait_and_free, clear_and_forget)},
	{"and_touches_the_word_no_more", "dead_use:word@clear_and_touch", NULL,
	 .good = ON_WORD(wait_and_free, clear_and_wake_by_hand),
	 .bad = ON_WORD(wait_and_free, clear_and_touch)},
	{"a_bit_is_taken_by_one_waiter", "warn:none@free_counted_word", NULL,
	 .good = COUNT(take_and_give, take_and_give), .bad = COUNT(count_unlocked, count_unlocked)},
	{"who_is_killed_waits_no_longer", "deadlock:none@wait_for_variable", "wait_var_event",
	 .good = ON_WORD(wait_or_leave, wait_for_variable_or_leave, clear_and_wake, set_variable),
	 .bad = ON_WORD(wait_for_variable, clear_and_wake)},
	{"a_variable_is_changed_and_then_its_waiters_wake", "deadlock:none@wait_for_variable",
	 "wait_var_event",
	 .good = {.begin = make_free_word,
		  .thread = {wait_for_variable, set_variable},
		  .end = free_word,
		  .strength = {.weak = true}},
	 .bad = {.begin = make_free_word,
		 .thread = {wait_for_variable, set_variable_without_barrier},
		 .end = free_word,
		 .strength = {.weak = true}}},
	{"a_bit_is_a_lock", "warn:none@free_counted_word", NULL,
	 .good = COUNT(count_locked, count_locked), .bad = COUNT(count_locked, count_unlocked)},
	{"under_which_nobody_sleeps", "sleep_in_atomic:none@sleep_locked", NULL,
	 .good = ON_FREE_WORD(sleep_unlocked, count_locked), .bad = ON_FREE_WORD(sleep_locked)},
	{0},
};
