/*
 * kapi_litmus_count.c - reference counts, plain counters, complaints, and static data between runs.
 */
#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "litmus.h"

struct session {
	struct kref kref;
	atomic_t uses;
	bool dead;
	struct rcu_head rcu;
};

static struct session __rcu *session;

static void make_session(void)
{
	session = kzalloc(sizeof(struct session), GFP_KERNEL);
	kref_init(&session->kref);
}

static void free_session_later(struct kref *kref)
{
	struct session *mine = container_of(kref, struct session, kref);

	RCU_INIT_POINTER(session, NULL);
	kfree_rcu(mine, rcu);
}

static void put_session(void)
{
	struct session *mine = rcu_access_pointer(session);

	kref_put(&mine->kref, free_session_later);
}

static void use_session_if_alive(void)
{
	struct session *mine;

	rcu_read_lock();
	mine = rcu_dereference(session);
	if (mine && !kref_get_unless_zero(&mine->kref))
		mine = NULL;
	rcu_read_unlock();
	if (mine)
		kref_put(&mine->kref, free_session_later);
}

static void use_session(void)
{
	struct session *mine;

	rcu_read_lock();
	mine = rcu_dereference(session);
	if (mine)
		kref_get(&mine->kref);
	rcu_read_unlock();
	if (mine)
		kref_put(&mine->kref, free_session_later);
}

/* ---- counts that nobody frees by ---- */

static refcount_t count;
static atomic_t plain;
static int word;
static bool dead;

static void set_count_to_one(void)
{
	refcount_set(&count, 1);
	atomic_set(&plain, 1);
}

static void set_count_to_two(void)
{
	refcount_set(&count, 2);
	atomic_set(&plain, 2);
}

static void drop_count(void)
{
	look_at(refcount_dec_and_test(&count));
}

static void drop_count_of_many(void)
{
	refcount_dec(&count);
}

static void drop_and_die(void)
{
	if (atomic_dec_and_test(&plain))
		WRITE_ONCE(dead, true);
}

static void get_if_not_zero(void)
{
	if (!atomic_inc_not_zero(&plain))
		return;
	BUG_ON(READ_ONCE(dead));
	drop_and_die();
}

static void look_then_get(void)
{
	if (!atomic_read(&plain))
		return;
	atomic_inc(&plain);
	BUG_ON(READ_ONCE(dead));
	drop_and_die();
}

static void count_refs_if_not_zero(void)
{
	if (refcount_inc_not_zero(&count))
		drop_count();
}

static void count_refs(void)
{
	refcount_inc(&count);
	drop_count();
}

/* A plain counter has no policy: it may pass 0 both ways. */
static void pass_zero(void)
{
	atomic_dec(&plain);
	atomic_dec(&plain);
	atomic_inc(&plain);
	atomic_inc(&plain);
	atomic_inc(&plain);
}

static void expect_three(void)
{
	BUG_ON(atomic_read(&plain) != 3);
}

static void get_from_below_zero(void)
{
	atomic_set(&plain, -1);
	BUG_ON(!atomic_inc_not_zero(&plain));
	BUG_ON(atomic_inc_not_zero(&plain));
}

static void get_from_zero(void)
{
	atomic_set(&plain, 0);
	BUG_ON(!atomic_inc_not_zero(&plain));
}

static void add_atomically(void)
{
	atomic_inc(&plain);
}

static void add_in_two_steps(void)
{
	int before = READ_ONCE(word);

	WRITE_ONCE(word, before + 1);
}

static void expect_two_atomic(void)
{
	BUG_ON(atomic_read(&plain) != 2);
}

static void expect_two_plain(void)
{
	BUG_ON(READ_ONCE(word) != 2);
}

/* ---- message passing ---- */

static int payload, flag;

static void send(void)
{
	payload = 42;
	smp_store_release(&flag, 1);
}

static void send_flag_first(void)
{
	smp_store_release(&flag, 1);
	WRITE_ONCE(payload, 42);
}

static void receive(void)
{
	if (smp_load_acquire(&flag))
		BUG_ON(payload != 42);
}

static void receive_marked(void)
{
	if (smp_load_acquire(&flag))
		BUG_ON(READ_ONCE(payload) != 42);
}

/* ---- complaints ---- */

static void complain(void)
{
	WARN_ON(READ_ONCE(word) == 0);
}

static void complain_of_nothing(void)
{
	WARN_ON(READ_ONCE(word) != 0);
}

static void give_up(void)
{
	BUG_ON(READ_ONCE(word) == 0);
}

/* ---- static data: each run finds it as the process did ---- */

static int data = 7;
static int bss;
static char small = 3;
static int not_restored KAPI_KEPT;
int visible_data = 9;
static int *pointer = &data;
static DEFINE_MUTEX(static_lock);

static int next_number(void)
{
	static int number = 100;

	return number++;
}

static void expect_fresh_data(void)
{
	static int zero_number;

	BUG_ON(data++ != 7);
	BUG_ON(bss++ != 0);
	BUG_ON(small++ != 3);
	BUG_ON(visible_data++ != 9);
	BUG_ON(next_number() != 100);
	BUG_ON(zero_number++ != 0);
	BUG_ON(pointer != &data);
	pointer = &bss;
	mutex_lock(&static_lock);
	mutex_unlock(&static_lock);
}

static void spoil_data_and_keep_lock(void)
{
	expect_fresh_data();
	mutex_lock(&static_lock);
}

static void expect_fresh_kept_data(void)
{
	BUG_ON(not_restored++ != 0);
}

/* ---- the stack of a fiber ---- */

static int nest(int depth)
{
	volatile char room[256];

	room[0] = (char)depth;
	atomic_inc(&plain);
	return depth ? nest(depth - 1) + room[0] : 0;
}

static void nest_deep(void)
{
	BUG_ON(nest(99) != 99 * 100 / 2);
}

static void nest_wrong(void)
{
	BUG_ON(nest(98) != 99 * 100 / 2);
}

#define SESSION(...)                                                                               \
	{                                                                                          \
		.begin = make_session, .thread = { __VA_ARGS__ }                                   \
	}
#define ONE(...)                                                                                   \
	{                                                                                          \
		.begin = set_count_to_one, .thread = { __VA_ARGS__ }                               \
	}
#define TWO(...)                                                                                   \
	{                                                                                          \
		.begin = set_count_to_two, .thread = { __VA_ARGS__ }                               \
	}
#define ALONE(...)                                                                                 \
	{                                                                                          \
		.thread = { __VA_ARGS__ }                                                          \
	}

const struct litmus_case kapi_litmus_count[] = {
	{"a_reader_gets_a_reference_unless_it_is_zero", "refcount:session@use_session",
	 "an increment of a count that is 0",
	 .good = SESSION(put_session, use_session_if_alive, use_session_if_alive),
	 .bad = SESSION(put_session, use_session)},
	{"a_count_is_not_raised_from_zero", "refcount:none@count_refs", "an increment",
	 .good = ONE(drop_count, count_refs_if_not_zero), .bad = ONE(drop_count, count_refs)},
	{"a_count_is_not_dropped_below_zero", "refcount:none@drop_count", "a decrement below 0",
	 .good = TWO(drop_count, drop_count), .bad = ONE(drop_count, drop_count)},
	{"refcount_dec_does_not_reach_zero", "refcount:none@drop_count_of_many", "hit 0",
	 .good = TWO(drop_count_of_many), .bad = TWO(drop_count_of_many, drop_count_of_many)},
	{"inc_not_zero_is_one_step", "bug:none@look_then_get", NULL,
	 .good = ONE(drop_and_die, get_if_not_zero, get_if_not_zero),
	 .bad = ONE(drop_and_die, look_then_get)},
	{"a_counter_may_pass_zero", "bug:none@expect_three", NULL,
	 .good = {.begin = set_count_to_one,
		  .thread = {pass_zero, add_atomically},
		  .end = expect_three},
	 .bad = {.begin = set_count_to_one, .thread = {pass_zero}, .end = expect_three}},
	{"inc_not_zero_looks_at_the_old_value", "bug:none@get_from_zero", NULL,
	 .good = ALONE(get_from_below_zero), .bad = ALONE(get_from_zero)},
	{"an_atomic_addition_is_one_step", "bug:none@expect_two_plain", NULL,
	 .good = {.thread = {add_atomically, add_atomically}, .end = expect_two_atomic},
	 .bad = {.thread = {add_in_two_steps, add_in_two_steps}, .end = expect_two_plain}},
	{"a_release_store_comes_after_what_it_announces", "bug:none@receive_marked", NULL,
	 .good = ALONE(send, receive), .bad = ALONE(send_flag_first, receive_marked)},
	{"a_WARN_is_a_verdict", "warn:none@complain", "WARN_ON(READ_ONCE(word) == 0)",
	 .good = ALONE(complain_of_nothing), .bad = ALONE(complain)},
	{"a_WARN_that_nobody_wants_lets_the_run_go_on", "warn:none@complain", NULL,
	 .good = {.thread = {complain}, .ignores = RULE_warn}, .bad = ALONE(complain)},
	{"a_BUG_is_a_verdict", "bug:none@give_up", "BUG_ON(READ_ONCE(word) == 0)",
	 .good = ALONE(complain_of_nothing), .bad = ALONE(give_up)},
	{"static_data_starts_every_run_afresh", "bug:none@expect_fresh_kept_data", "not_restored",
	 .good = ALONE(expect_fresh_data), .bad = ALONE(expect_fresh_kept_data)},
	{"also_after_a_run_that_was_abandoned", "lock_leaked:none", NULL,
	 .good = ALONE(expect_fresh_data), .bad = ALONE(spoil_data_and_keep_lock)},
	{"a_fiber_has_stack_for_nested_calls", "bug:none@nest_wrong", NULL,
	 .good = ALONE(nest_deep, nest_deep, nest_deep), .bad = ALONE(nest_wrong)},
	{0},
};
