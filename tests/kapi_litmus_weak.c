/*
 * kapi_litmus_weak.c - which stores others may see late, and what makes them visible in order. The
 * bad ones are silent without --memory weak: no order of the steps shows them.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "litmus.h"

#define WEAK .strength = {.weak = true}

static struct {
	int data;
	int flag;
	struct mutex lock;
	int *at;
	atomic_t count;
	unsigned long bits;
	atomic_long_t total;
	int saw_no_flag, saw_no_data;
} * box;

static void make_box(void)
{
	box = kzalloc(sizeof(*box), GFP_KERNEL);
	mutex_init(&box->lock);
}

static void free_if_one_saw(void)
{
	WARN_ON(box->saw_no_flag && box->saw_no_data);
	kfree(box);
}

static void free_if_set_or_counted_up(void)
{
	WARN_ON(box->data == 1);
	kfree(box);
}

static void free_only(void)
{
	kfree(box);
}

static void free_box(void)
{
	WARN_ON(box->flag && !box->data); /* who ended has written */
	kfree(box);
}

/* ---- who writes ---- */

static void write_both(void)
{
	WRITE_ONCE(box->data, 1);
	WRITE_ONCE(box->flag, 1);
	look_at(READ_ONCE(box->at) != NULL);
}

static void release_flag(void)
{
	box->data = 1;
	smp_store_release(&box->flag, 1);
}

static void write_behind_barrier(void)
{
	box->data = 1;
	smp_wmb();
	WRITE_ONCE(box->flag, 1);
}

static void write_in_section(void)
{
	mutex_lock(&box->lock);
	box->data = 1;
	box->flag = 1;
	mutex_unlock(&box->lock);
}

static void write_behind_section(void)
{
	mutex_lock(&box->lock);
	box->data = 1;
	mutex_unlock(&box->lock);
	WRITE_ONCE(box->flag, 1);
}

/* Between the two others can run, and nothing orders them. */
static void write_then_look_then_write(void)
{
	box->data = 1;
	look_at(READ_ONCE(box->at) != NULL);
	WRITE_ONCE(box->flag, 1);
	look_at(READ_ONCE(box->at) != NULL);
}

static void write_one_after_the_other(void)
{
	WRITE_ONCE(box->data, 1);
	WRITE_ONCE(box->data, 2);
	WRITE_ONCE(box->data, 3);
	look_at(READ_ONCE(box->flag));
}

static void assign_when_written(void)
{
	box->data = 1;
	rcu_assign_pointer(box->at, &box->data);
	look_at(READ_ONCE(box->flag));
}

static void set_when_written(void)
{
	box->data = 1;
	WRITE_ONCE(box->at, &box->data);
	look_at(READ_ONCE(box->flag));
}

static void write_both_and_end(void)
{
	WRITE_ONCE(box->data, 1);
	WRITE_ONCE(box->flag, 1);
}

static void count_then_write(void)
{
	atomic_inc(&box->count);
	WRITE_ONCE(box->flag, 1);
}

static void count_in_order_then_write(void)
{
	look_at(atomic_inc_return(&box->count));
	WRITE_ONCE(box->flag, 1);
}

static void set_bit_then_write(void)
{
	set_bit(0, &box->bits);
	WRITE_ONCE(box->flag, 1);
}

static void set_bit_in_order_then_write(void)
{
	look_at(test_and_set_bit(0, &box->bits));
	WRITE_ONCE(box->flag, 1);
}

static void total_then_write(void)
{
	atomic_long_or(6, &box->total);
	WRITE_ONCE(box->flag, 1);
}

static void total_in_order_then_write(void)
{
	look_at(atomic_long_fetch_or(6, &box->total) != 0);
	WRITE_ONCE(box->flag, 1);
}

static void set_first_bit(void)
{
	set_bit(0, &box->bits);
	look_at(READ_ONCE(box->flag));
}

static void set_second_bit(void)
{
	set_bit(1, &box->bits);
	look_at(READ_ONCE(box->flag));
}

static void set_second_bit_in_two_steps(void)
{
	WRITE_ONCE(box->bits, READ_ONCE(box->bits) | 2);
	look_at(READ_ONCE(box->flag));
}

static void free_if_both_bits(void)
{
	WARN_ON(box->bits != 3);
	kfree(box);
}

static void write_under_bit(void)
{
	if (test_and_set_bit_lock(0, &box->bits))
		return;
	WRITE_ONCE(box->data, 1);
	WRITE_ONCE(box->flag, 1);
	clear_bit_unlock(0, &box->bits);
}

static void write_under_bit_and_clear(void)
{
	if (test_and_set_bit_lock(0, &box->bits))
		return;
	WRITE_ONCE(box->data, 1);
	WRITE_ONCE(box->flag, 1);
	clear_bit(0, &box->bits);
	look_at(READ_ONCE(box->at) != NULL);
}

static void count_and_look(void)
{
	set_bit(0, &box->bits);
	WARN_ON(!test_bit(0, &box->bits));
}

/* Others write the same value: it must not disappear with a store that came late. */
static void mark_and_look(void)
{
	WRITE_ONCE(box->data, 1);
	look_at(READ_ONCE(box->flag));
	look_at(READ_ONCE(box->flag));
}

static void mark_two_and_look(void)
{
	WRITE_ONCE(box->data, 2);
	look_at(READ_ONCE(box->flag));
}

static void mark_and_check(void)
{
	WRITE_ONCE(box->data, 1);
	smp_mb();
	WARN_ON(READ_ONCE(box->data) != 1);
}

static void set_late(void)
{
	WRITE_ONCE(box->data, 5);
	WRITE_ONCE(box->flag, 1);
}

static void count_up(void)
{
	kapi_atomic_add(&box->data, 1, KAPI_VOID, KAPI_SITE("atomic_inc", "atomic_inc()"));
}

static void count_up_in_two_steps(void)
{
	int data = READ_ONCE(box->data);

	WRITE_ONCE(box->data, data + 1);
}

static void release_data_then_look(void)
{
	smp_store_release(&box->data, 1);
	box->saw_no_flag = !READ_ONCE(box->flag);
}

static void release_flag_then_look(void)
{
	smp_store_release(&box->flag, 1);
	box->saw_no_data = !READ_ONCE(box->data);
}

static void write_data_fenced_then_look(void)
{
	WRITE_ONCE(box->data, 1);
	smp_mb();
	box->saw_no_flag = !READ_ONCE(box->flag);
}

static void write_flag_fenced_then_look(void)
{
	WRITE_ONCE(box->flag, 1);
	smp_mb();
	box->saw_no_data = !READ_ONCE(box->data);
}

static void look_then_write_in_reader(void)
{
	rcu_read_lock();
	box->saw_no_flag = !READ_ONCE(box->flag);
	WRITE_ONCE(box->data, 1);
	rcu_read_unlock();
}

static void look_then_write(void)
{
	box->saw_no_flag = !READ_ONCE(box->flag);
	WRITE_ONCE(box->data, 1);
}

static void write_then_wait_then_look(void)
{
	WRITE_ONCE(box->flag, 1);
	synchronize_rcu();
	box->saw_no_data = !READ_ONCE(box->data);
}

/* ---- who looks ---- */

static void flag_means_counted(void)
{
	if (smp_load_acquire(&box->flag))
		WARN_ON(!atomic_read(&box->count));
}

static void flag_means_bit(void)
{
	if (smp_load_acquire(&box->flag))
		WARN_ON(!test_bit(0, &box->bits));
}

static void flag_means_total(void)
{
	if (smp_load_acquire(&box->flag))
		WARN_ON(atomic_long_read(&box->total) != 6);
}

static void flag_means_data_under_bit(void)
{
	if (test_and_set_bit_lock(0, &box->bits))
		return;
	WARN_ON(READ_ONCE(box->flag) && !READ_ONCE(box->data));
	clear_bit_unlock(0, &box->bits);
}

static void flag_means_data(void)
{
	if (READ_ONCE(box->flag))
		WARN_ON(!READ_ONCE(box->data));
}

static void flag_means_data_in_section(void)
{
	mutex_lock(&box->lock);
	WARN_ON(box->flag && !box->data);
	mutex_unlock(&box->lock);
}

static void data_grows(void)
{
	int first = READ_ONCE(box->data);

	WARN_ON(READ_ONCE(box->data) < first);
}

static void pointer_means_data(void)
{
	int *at;

	rcu_read_lock();
	at = rcu_dereference(box->at);
	WARN_ON(at && !*at);
	rcu_read_unlock();
}

#define RUNS(writes, looks)                                                                        \
	{                                                                                          \
		.begin = make_box, .thread = {writes, looks}, .end = free_box, .races = true, WEAK \
	}
#define ENDS(writes, looks, end_)                                                                  \
	{                                                                                          \
		.begin = make_box, .thread = {writes, looks}, .end = end_, .races = true, WEAK     \
	}
#define CASE(good_, good_looks_, bad_, bad_looks_) RUNS(good_, good_looks_), RUNS(bad_, bad_looks_)

/* ---- a pointer that is exchanged ---- */

static void hand_over(void)
{
	WRITE_ONCE(box->data, 1);
	BUG_ON(xchg(&box->at, &box->data));
}

static void hand_over_relaxed(void)
{
	WRITE_ONCE(box->data, 1);
	BUG_ON(xchg_relaxed(&box->at, &box->data));
}

static void take_over(void)
{
	int *taken = xchg(&box->at, NULL);

	BUG_ON(taken && (taken != &box->data || READ_ONCE(*taken) != 1));
}

const struct litmus_case kapi_litmus_weak[] = {
	{"xchg_hands_over_what_was_written", "bug:none@take_over", NULL,
	 .good = {.begin = make_box, .thread = {hand_over, take_over}, .end = free_only, WEAK},
	 .bad = {.begin = make_box,
		 .thread = {hand_over_relaxed, take_over},
		 .end = free_only,
		 WEAK}},
	{"a_release_store_shows_what_was_before_it", "warn:none@flag_means_data", NULL,
	 CASE(release_flag, flag_means_data, write_then_look_then_write, flag_means_data)},
	{"a_write_barrier_keeps_stores_in_order", "warn:none@flag_means_data", NULL,
	 CASE(write_behind_barrier, flag_means_data, write_both, flag_means_data)},
	{"an_unlock_shows_what_was_before_it", "warn:none@flag_means_data", NULL,
	 CASE(write_behind_section, flag_means_data, write_in_section, flag_means_data)},
	{"a_section_is_whole_for_others_of_its_lock", "warn:none@flag_means_data", NULL,
	 CASE(write_in_section, flag_means_data_in_section, write_in_section, flag_means_data)},
	{"a_pointer_shows_what_it_was_assigned_with", "warn:none@pointer_means_data", NULL,
	 CASE(assign_when_written, pointer_means_data, set_when_written, pointer_means_data)},
	{"stores_to_one_word_keep_their_order", "warn:none@flag_means_data", NULL,
	 CASE(write_one_after_the_other, data_grows, write_both, flag_means_data)},
	{"the_end_of_an_op_is_no_barrier", "warn:none@flag_means_data", NULL,
	 CASE(release_flag, flag_means_data, write_both_and_end, flag_means_data)},
	{"an_update_without_result_may_be_late", "warn:none@flag_means_counted", NULL,
	 ENDS(count_in_order_then_write, flag_means_counted, free_only),
	 ENDS(count_then_write, flag_means_counted, free_only)},
	{"a_bit_that_is_set_may_be_late", "warn:none@flag_means_bit", NULL,
	 ENDS(set_bit_in_order_then_write, flag_means_bit, free_only),
	 ENDS(set_bit_then_write, flag_means_bit, free_only)},
	{"a_long_update_without_result_may_be_late", "warn:none@flag_means_total", NULL,
	 ENDS(total_in_order_then_write, flag_means_total, free_only),
	 ENDS(total_then_write, flag_means_total, free_only)},
	{"late_bits_of_one_word_are_all_set", "warn:none@free_if_both_bits", NULL,
	 ENDS(set_first_bit, set_second_bit, free_if_both_bits),
	 ENDS(set_first_bit, set_second_bit_in_two_steps, free_if_both_bits)},
	{"a_bit_that_is_cleared_as_a_lock_releases", "warn:none@flag_means_data_under_bit", NULL,
	 ENDS(write_under_bit, flag_means_data_under_bit, free_only),
	 ENDS(write_under_bit_and_clear, flag_means_data_under_bit, free_only)},
	{"who_set_a_bit_sees_it", "warn:none@flag_means_bit", NULL,
	 ENDS(count_and_look, set_second_bit, free_if_both_bits),
	 ENDS(set_bit_then_write, flag_means_bit, free_only)},
	{"a_store_of_another_thread_is_never_undone", "warn:none@mark_and_check", NULL,
	 CASE(mark_and_look, mark_and_check, mark_two_and_look, mark_and_check)},
	{"an_update_is_one_step_beside_late_stores", "warn:none@free_if_set_or_counted_up", NULL,
	 ENDS(set_late, count_up, free_if_set_or_counted_up),
	 ENDS(set_late, count_up_in_two_steps, free_if_set_or_counted_up)},
	{"a_release_store_may_be_late", "warn:none@free_if_one_saw", NULL,
	 ENDS(write_data_fenced_then_look, write_flag_fenced_then_look, free_if_one_saw),
	 ENDS(release_data_then_look, release_flag_then_look, free_if_one_saw)},
	{"a_grace_period_shows_what_its_readers_wrote", "warn:none@free_if_one_saw", NULL,
	 ENDS(look_then_write_in_reader, write_then_wait_then_look, free_if_one_saw),
	 ENDS(look_then_write, write_then_wait_then_look, free_if_one_saw)},
	{0}};
