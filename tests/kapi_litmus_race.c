/*
 * kapi_litmus_race.c - what each primitive orders, as the race detector sees it: the good one is
 * ordered by a primitive, the bad one by one that is a little too weak, or by nothing. The data in
 * between is plain. No access is a scheduling point here: a race is seen in the order that comes.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "litmus.h"

#define LOOKS .strength = {.races = true}

static int data, other_data, flag, second_flag;
static int *published;
static struct {
	char first, second;
} neighbours;
static struct {
	atomic_t count;
	int data;
	struct rcu_head rcu;
} * object;

static DEFINE_SPINLOCK(lock);
static struct completion done;

static void make_completion(void)
{
	init_completion(&done);
}

/* ---- locks ---- */

static void count_locked(void)
{
	spin_lock(&lock);
	data++;
	spin_unlock(&lock);
}

static void count_unlocked(void)
{
	data++;
}

/* ---- marked accesses ---- */

static void write_marked(void)
{
	WRITE_ONCE(data, 1);
}

static void read_marked(void)
{
	look_at(READ_ONCE(data));
}

static void read_plain(void)
{
	look_at(data);
}

static void read_both_plain(void)
{
	look_at(data + other_data);
}

/* ---- bytes of one word ---- */

static void write_first(void)
{
	neighbours.first = 1;
}

static void write_second(void)
{
	neighbours.second = 1;
}

static void read_neighbours(void)
{
	look_at(neighbours.first + neighbours.second);
}

/* ---- publication ---- */

static void publish_in_order(void)
{
	data = 1;
	smp_store_release(&flag, 1);
}

static void publish_anyhow(void)
{
	data = 1;
	WRITE_ONCE(flag, 1);
}

static void publish_behind_barrier(void)
{
	data = 1;
	smp_wmb();
	WRITE_ONCE(flag, 1);
}

static void look_if_published(void)
{
	if (smp_load_acquire(&flag))
		look_at(data);
}

/* Who has acquired it may read it plainly from then on. */
static void look_plainly_if_published(void)
{
	if (smp_load_acquire(&flag))
		look_at(flag);
}

static void look_behind_barrier(void)
{
	if (!READ_ONCE(flag))
		return;
	smp_rmb();
	look_at(data);
}

static void look_without_barrier(void)
{
	if (READ_ONCE(flag))
		look_at(data);
}

static void assign_pointer(void)
{
	data = 1;
	rcu_assign_pointer(published, &data);
}

static void set_pointer(void)
{
	data = 1;
	WRITE_ONCE(published, &data);
}

static void follow_pointer(void)
{
	int *at;

	rcu_read_lock();
	at = rcu_dereference(published);
	if (at)
		look_at(*at);
	rcu_read_unlock();
}

/* An address dependency: the pointer was loaded without acquiring. */
static struct {
	int data;
	int *at;
	int other;
} * box;

static void make_box(void)
{
	box = kzalloc(sizeof(*box), GFP_KERNEL);
}

static void free_made_box(void)
{
	kfree(box);
}

static void publish_box_data(void)
{
	box->data = 1;
	smp_store_release(&box->at, &box->data);
}

static void set_box_data(void)
{
	box->data = 1;
	WRITE_ONCE(box->at, &box->data);
}

static void look_at_box_data(void)
{
	int *at = READ_ONCE(box->at);

	if (at)
		look_at(*at);
}

/* A control dependency orders no plain write. */
static void look_then_claim(void)
{
	look_at(data);
	smp_store_release(&flag, 1);
}

static void reuse_if_claimed(void)
{
	if (smp_load_acquire(&flag))
		data = 1;
}

static void reuse_if_seen_claimed(void)
{
	if (READ_ONCE(flag))
		data = 1;
}

/* ---- three threads: a release shows what its thread has read ---- */

static void pass_on_released(void)
{
	if (READ_ONCE(flag))
		smp_store_release(&second_flag, 1);
}

static void pass_on_anyhow(void)
{
	if (READ_ONCE(flag))
		WRITE_ONCE(second_flag, 1);
}

static void look_if_passed_on(void)
{
	if (smp_load_acquire(&second_flag))
		look_at(data);
}

/* ---- completions, works ---- */

static void write_then_complete(void)
{
	data = 1;
	complete(&done);
}

static void complete_then_write(void)
{
	complete(&done);
	data = 1;
}

static void wait_then_read(void)
{
	wait_for_completion(&done);
	look_at(data);
}

static void work_reads(struct work_struct *work)
{
	look_at(data);
}

static DECLARE_WORK(work, work_reads);

static void write_then_queue(void)
{
	data = 1;
	schedule_work(&work);
}

static void queue_then_write(void)
{
	schedule_work(&work);
	data = 1;
}

static void wait_for_work(void)
{
	flush_work(&work);
}

/* ---- grace periods ---- */

/* Readers that begin later see nothing of it: they look at the other one. */
static void write_after_grace_period(void)
{
	synchronize_rcu();
	data = 1;
}

static void write_at_once(void)
{
	data = 1;
}

static void read_in_reader_until_told(void)
{
	rcu_read_lock();
	if (!READ_ONCE(flag))
		look_at(data);
	rcu_read_unlock();
}

static void tell_and_wait(void)
{
	WRITE_ONCE(flag, 1);
	write_after_grace_period();
}

static void tell_and_hurry(void)
{
	WRITE_ONCE(flag, 1);
	write_at_once();
}

/* ---- counts, and the end of an object ---- */

static void make_object(void)
{
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	atomic_set(&object->count, 2);
}

static void put_ordered(void)
{
	look_at(object->data);
	if (atomic_dec_and_test(&object->count))
		kfree(object);
}

/* atomic_dec() orders nothing: the read may come after the free. */
static void put_unordered(void)
{
	look_at(object->data);
	atomic_dec(&object->count);
}

static void free_if_last(void)
{
	if (atomic_read(&object->count) == 1)
		kfree(object);
	else
		put_unordered();
}

static void free_object_at_end(void)
{
	if (object && kapi_is_live(object))
		kfree(object);
}

const struct litmus_case kapi_litmus_race[] = {
	{"a_lock_orders_plain_accesses",
	 "data_race:none@count_locked+count_unlocked",
	 NULL,
	 {.thread = {count_locked, count_locked}, LOOKS},
	 {.thread = {count_locked, count_unlocked}, LOOKS}},
	{"two_marked_accesses_are_no_race",
	 "data_race:none@read_plain+write_marked",
	 NULL,
	 {.thread = {write_marked, read_marked}, LOOKS},
	 {.thread = {write_marked, read_plain}, LOOKS}},
	{"two_reads_are_no_race",
	 "data_race:none@read_plain+write_at_once",
	 NULL,
	 {.thread = {read_plain, read_both_plain}, LOOKS},
	 {.thread = {read_plain, write_at_once}, LOOKS}},
	{"neighbours_in_a_word_are_no_race",
	 "data_race:none@write_first+write_first",
	 NULL,
	 {.thread = {write_first, write_second}, .end = read_neighbours, LOOKS},
	 {.thread = {write_first, write_first}, .end = read_neighbours, LOOKS}},
	{"a_release_orders_before_who_acquires_it",
	 "data_race:none@look_if_published+publish_anyhow",
	 NULL,
	 {.thread = {publish_in_order, look_if_published}, LOOKS},
	 {.thread = {publish_anyhow, look_if_published}, LOOKS}},
	{"a_release_orders_its_own_store_too",
	 "data_race:none@look_plainly_if_published+publish_anyhow",
	 NULL,
	 {.thread = {publish_in_order, look_plainly_if_published}, LOOKS},
	 {.thread = {publish_anyhow, look_plainly_if_published}, LOOKS}},
	{"a_write_barrier_orders_before_a_marked_store",
	 "data_race:none@look_behind_barrier+publish_anyhow",
	 NULL,
	 {.thread = {publish_behind_barrier, look_behind_barrier}, LOOKS},
	 {.thread = {publish_anyhow, look_behind_barrier}, LOOKS}},
	{"a_read_barrier_orders_after_a_marked_load",
	 "data_race:none@look_without_barrier+publish_behind_barrier",
	 NULL,
	 {.thread = {publish_behind_barrier, look_behind_barrier}, LOOKS},
	 {.thread = {publish_behind_barrier, look_without_barrier}, LOOKS}},
	{"rcu_assign_pointer_publishes_what_was_written",
	 "data_race:none@follow_pointer+set_pointer",
	 NULL,
	 {.thread = {assign_pointer, follow_pointer}, LOOKS},
	 {.thread = {set_pointer, follow_pointer}, LOOKS}},
	{"complete_orders_what_came_before_it",
	 "data_race:none@complete_then_write+wait_then_read",
	 NULL,
	 {.begin = make_completion, .thread = {write_then_complete, wait_then_read}, LOOKS},
	 {.begin = make_completion, .thread = {complete_then_write, wait_then_read}, LOOKS}},
	{"queueing_orders_what_came_before_it",
	 "data_race:none@queue_then_write+work_reads",
	 NULL,
	 {.thread = {write_then_queue}, .end = wait_for_work, LOOKS},
	 {.thread = {queue_then_write}, .end = wait_for_work, LOOKS}},
	{"a_grace_period_orders_readers_before_it",
	 "data_race:none@read_in_reader_until_told+write_at_once",
	 NULL,
	 {.thread = {read_in_reader_until_told, tell_and_wait}, LOOKS},
	 {.thread = {read_in_reader_until_told, tell_and_hurry}, LOOKS}},
	{"an_ordered_put_orders_before_the_free",
	 "data_race:object@free_if_last+put_unordered",
	 NULL,
	 {.begin = make_object, .thread = {put_ordered, put_ordered}, LOOKS},
	 {.begin = make_object,
	  .thread = {put_unordered, free_if_last},
	  .end = free_object_at_end,
	  LOOKS}},
	{"an_address_dependency_orders_what_it_points_to",
	 "data_race:box@look_at_box_data+set_box_data",
	 NULL,
	 {.begin = make_box,
	  .thread = {publish_box_data, look_at_box_data},
	  .end = free_made_box,
	  LOOKS},
	 {.begin = make_box,
	  .thread = {set_box_data, look_at_box_data},
	  .end = free_made_box,
	  LOOKS}},
	{"a_control_dependency_to_a_plain_write_is_a_race",
	 "data_race:none@look_then_claim+reuse_if_seen_claimed",
	 NULL,
	 {.thread = {look_then_claim, reuse_if_claimed}, LOOKS},
	 {.thread = {look_then_claim, reuse_if_seen_claimed}, LOOKS}},
	{"a_release_is_cumulative",
	 "data_race:none@look_if_passed_on+publish_in_order",
	 NULL,
	 {.thread = {publish_in_order, pass_on_released, look_if_passed_on}, LOOKS},
	 {.thread = {publish_in_order, pass_on_anyhow, look_if_passed_on}, LOOKS}},
	{0}};
