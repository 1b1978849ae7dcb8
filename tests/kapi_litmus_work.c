/*
 * kapi_litmus_work.c - works and workqueues.
 */
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "litmus.h"

struct item {
	struct work_struct work;
	struct work_struct second;
	struct delayed_work late;
	struct rcu_head rcu;
	struct mutex mutex;
	struct completion done;
	struct workqueue_struct *wq;
	int plain; /* what queueing orders */
	int runs;
	int inside;
	bool gone;
};

static struct item *item;
static bool ran_late;

/* ---- what works do ---- */

static void count_run(struct work_struct *work)
{
	struct item *i = container_of(work, struct item, work);

	BUG_ON(i->plain != 1);
	WRITE_ONCE(i->runs, READ_ONCE(i->runs) + 1);
}

static void free_own_item(struct work_struct *work)
{
	kfree(container_of(work, struct item, work));
}

static void free_and_look(struct work_struct *work)
{
	struct item *i = container_of(work, struct item, work);

	kfree(i);
	WRITE_ONCE(i->runs, 1);
}

/* Never two at a time: of one work, or on an ordered queue. */
static void be_alone(struct work_struct *work)
{
	BUG_ON(READ_ONCE(item->inside));
	WRITE_ONCE(item->inside, 1);
	WRITE_ONCE(item->inside, 0);
}

static void queue_self_again(struct work_struct *work)
{
	struct item *i = container_of(work, struct item, work);

	WRITE_ONCE(i->runs, READ_ONCE(i->runs) + 1);
	if (READ_ONCE(i->runs) < 20)
		queue_work(system_wq, &i->work);
}

static void flush_self(struct work_struct *work)
{
	flush_work(work);
}

static void flush_own_queue(struct work_struct *work)
{
	flush_workqueue(system_wq);
}

static void cancel_self(struct work_struct *work)
{
	cancel_work_sync(work);
}

static void flush_second(struct work_struct *work)
{
	flush_work(&container_of(work, struct item, work)->second);
}

static void lock_mutex(struct work_struct *work)
{
	struct item *i = container_of(work, struct item, work);

	mutex_lock(&i->mutex);
	mutex_unlock(&i->mutex);
}

static void keep_mutex(struct work_struct *work)
{
	mutex_lock(&container_of(work, struct item, work)->mutex);
}

static void do_nothing(struct work_struct *work)
{
}

static void complete_and_end(struct work_struct *work)
{
	complete(&container_of(work, struct item, work)->done);
}

static void complete_and_look(struct work_struct *work)
{
	struct item *i = container_of(work, struct item, work);

	complete(&i->done);
	WRITE_ONCE(i->runs, 1);
}

/* ---- set-up and closing ---- */

static void make_with(work_func_t func)
{
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	item->plain = 1;
	mutex_init(&item->mutex);
	init_completion(&item->done);
	INIT_WORK(&item->work, func);
	INIT_WORK(&item->second, be_alone);
	INIT_DELAYED_WORK(&item->late, do_nothing);
}

#define MAKE(func)                                                                                 \
	static void make_##func(void)                                                              \
	{                                                                                          \
		make_with(func);                                                                   \
	}

MAKE(count_run)
MAKE(free_own_item)
MAKE(free_and_look)
MAKE(be_alone)
MAKE(queue_self_again)
MAKE(flush_self)
MAKE(flush_own_queue)
MAKE(cancel_self)
MAKE(lock_mutex)
MAKE(keep_mutex)
MAKE(do_nothing)
MAKE(complete_and_end)
MAKE(complete_and_look)

static void make_unordered(void)
{
	make_with(be_alone);
	item->wq = alloc_workqueue("item", WQ_UNBOUND, 0);
}

static void make_ordered(void)
{
	make_with(be_alone);
	item->wq = alloc_ordered_workqueue("item", 0);
}

static void make_raw(void)
{
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	item->gone = true;
}

static void free_item(void)
{
	kfree(item);
}

static void flush_and_free(void)
{
	flush_work(&item->work);
	kfree(item);
}

static void destroy_and_free(void)
{
	if (item->wq)
		destroy_workqueue(item->wq);
	kfree(item);
}

/* ---- threads ---- */

static void queue(void)
{
	queue_work(system_wq, &item->work);
}

static void queue_both(void)
{
	queue_work(item->wq, &item->work);
	queue_work(item->wq, &item->second);
	flush_workqueue(item->wq);
}

static void linger(void)
{
	for (unsigned i = 0; i < 4; i++)
		look_at(READ_ONCE(ran_late));
}

static void queue_and_flush(void)
{
	queue_work(system_wq, &item->work);
	flush_work(&item->work);
	BUG_ON(item->runs != 1);
}

static void queue_and_flush_queue(void)
{
	queue_work(system_wq, &item->work);
	flush_workqueue(system_wq);
	BUG_ON(item->runs != 1);
}

static void queue_and_flush_other_queue(void)
{
	queue_work(system_wq, &item->work);
	flush_workqueue(system_unbound_wq);
	BUG_ON(READ_ONCE(item->runs) != 1);
}

static void queue_and_look(void)
{
	queue_work(system_wq, &item->work);
	BUG_ON(READ_ONCE(item->runs) != 1);
}

static void queue_twice(void)
{
	queue_work(system_wq, &item->work);
	queue_work(system_wq, &item->work);
}

static void expect_one_or_two(void)
{
	flush_work(&item->work);
	BUG_ON(item->runs < 1 || item->runs > 2);
	kfree(item);
}

static void expect_one(void)
{
	flush_work(&item->work);
	BUG_ON(item->runs != 1);
	kfree(item);
}

static void expect_two(void)
{
	flush_work(&item->work);
	BUG_ON(item->runs != 2);
	kfree(item);
}

static void queue_and_free(void)
{
	queue_work(system_wq, &item->work);
	kfree(item);
}

static void queue_cancel_and_free(void)
{
	queue_work(system_wq, &item->work);
	cancel_work(&item->work);
	kfree(item);
}

static void queue_cancel_sync_and_free(void)
{
	queue_work(system_wq, &item->work);
	cancel_work_sync(&item->work);
	kfree(item);
}

static void queue_flush_and_free(void)
{
	queue_work(system_wq, &item->work);
	flush_work(&item->work);
	kfree(item);
}

static void queue_wait_and_free(void)
{
	queue_work(system_wq, &item->work);
	wait_for_completion(&item->done);
	kfree(item);
}

static void queue_and_init(void)
{
	queue_work(system_wq, &item->work);
	INIT_WORK(&item->work, do_nothing);
}

static void flush_and_init(void)
{
	queue_work(system_wq, &item->work);
	flush_work(&item->work);
	INIT_WORK(&item->work, do_nothing);
}

static void flush_holding_mutex(void)
{
	mutex_lock(&item->mutex);
	queue_work(system_wq, &item->work);
	flush_work(&item->work);
	mutex_unlock(&item->mutex);
}

static void flush_after_mutex(void)
{
	mutex_lock(&item->mutex);
	queue_work(system_wq, &item->work);
	mutex_unlock(&item->mutex);
	flush_work(&item->work);
}

static DEFINE_SPINLOCK(spin);

static void flush_holding_spinlock(void)
{
	queue_work(system_wq, &item->work);
	spin_lock(&spin);
	flush_work(&item->work);
	spin_unlock(&spin);
}

static void queue_holding_spinlock(void)
{
	spin_lock(&spin);
	queue_work(system_wq, &item->work);
	spin_unlock(&spin);
	flush_work(&item->work);
}

static void queue_second_on_ordered(void)
{
	queue_work(item->wq, &item->work);
	queue_work(item->wq, &item->second);
}

static void make_ordered_flushing(void)
{
	make_with(flush_second);
	item->wq = alloc_ordered_workqueue("item", 0);
}

static void make_unordered_flushing(void)
{
	make_with(flush_second);
	item->wq = alloc_workqueue("item", 0, 0);
}

/* ---- queues that end ---- */

static void queue_and_destroy(void)
{
	struct workqueue_struct *wq = item->wq;

	queue_work(wq, &item->work);
	item->wq = NULL;
	destroy_workqueue(wq);
}

static void destroy(void)
{
	destroy_workqueue(item->wq);
}

static void keep_queue(void)
{
	flush_workqueue(item->wq);
	kfree(item);
}

static void queue_late_and_destroy(void)
{
	struct workqueue_struct *wq = item->wq;

	queue_delayed_work(wq, &item->late, 1);
	cancel_delayed_work_sync(&item->late);
	item->wq = NULL;
	destroy_workqueue(wq);
}

static void destroy_under_timer(void)
{
	queue_delayed_work(item->wq, &item->late, 1);
	destroy_workqueue(item->wq);
}

/* ---- delayed works ---- */

static void run_late(struct work_struct *work)
{
	ran_late = container_of(to_delayed_work(work), struct item, late) == item;
}

static void make_late(void)
{
	item = kzalloc(sizeof(*item), GFP_KERNEL);
	INIT_DELAYED_WORK(&item->late, run_late);
}

static void late_and_flush_delayed(void)
{
	schedule_delayed_work(&item->late, 10);
	flush_delayed_work(&item->late);
	BUG_ON(!ran_late);
}

static void late_and_flush(void)
{
	schedule_delayed_work(&item->late, 10);
	flush_work(&item->late.work);
	BUG_ON(!ran_late);
}

static void at_once_and_flush(void)
{
	schedule_delayed_work(&item->late, 0);
	flush_work(&item->late.work);
	BUG_ON(!ran_late);
}

static void late_and_sooner(void)
{
	schedule_delayed_work(&item->late, 10);
	mod_delayed_work(system_wq, &item->late, 0);
	flush_work(&item->late.work);
	BUG_ON(!ran_late);
}

static void late_and_free(void)
{
	schedule_delayed_work(&item->late, 10);
	kfree(item);
}

static void late_cancel_and_free(void)
{
	schedule_delayed_work(&item->late, 10);
	cancel_delayed_work_sync(&item->late);
	kfree(item);
}

/* ---- works and callbacks start each other ---- */

static void free_by_work(struct rcu_head *head)
{
	queue_work(system_wq, &container_of(head, struct item, rcu)->work);
}

static void forget(struct rcu_head *head)
{
}

static void call_that_queues(void)
{
	call_rcu(&item->rcu, free_by_work);
}

static void call_that_forgets(void)
{
	call_rcu(&item->rcu, forget);
}

/* ---- more works that wait than there are workers ---- */

static struct work_struct waiting[3];
static struct completion all_go;

static void wait_for_go(struct work_struct *work)
{
	wait_for_completion(&all_go);
}

static void let_all_go(struct work_struct *work)
{
	complete_all(&all_go);
}

static void start_waiting(unsigned nr)
{
	static struct work_struct last;

	init_completion(&all_go);
	for (unsigned i = 0; i < nr; i++) {
		INIT_WORK(&waiting[i], wait_for_go);
		queue_work(system_wq, &waiting[i]);
	}
	INIT_WORK(&last, let_all_go);
	queue_work(system_wq, &last);
	flush_workqueue(system_wq);
}

static void two_wait_for_a_third(void)
{
	start_waiting(2);
}

static void three_wait_for_a_fourth(void)
{
	start_waiting(3);
}

static void run_static(struct work_struct *work)
{
	ran_late = true;
}

static DECLARE_WORK(static_work, run_static);

static void static_and_flush(void)
{
	schedule_work(&static_work);
	flush_work(&static_work);
	BUG_ON(!ran_late);
	BUG_ON(work_pending(&static_work));
}

static void static_and_look(void)
{
	schedule_work(&static_work);
	BUG_ON(work_pending(&static_work));
}

#define WITH(func, ...)                                                                            \
	{                                                                                          \
		.begin = make_##func, .thread = {__VA_ARGS__}, .end = flush_and_free               \
	}
#define FREED(func, ...)                                                                           \
	{                                                                                          \
		.begin = make_##func, .thread = { __VA_ARGS__ }                                    \
	}
#define ON_QUEUE(make, ...)                                                                        \
	{                                                                                          \
		.begin = make_##make, .thread = {__VA_ARGS__}, .end = destroy_and_free             \
	}
#define LATE(...)                                                                                  \
	{                                                                                          \
		.begin = make_late, .thread = {__VA_ARGS__}, .end = NULL                           \
	}

static void cancel_late_and_free(void)
{
	cancel_delayed_work_sync(&item->late);
	kfree(item);
}

#define LATE_FREED(...)                                                                            \
	{                                                                                          \
		.begin = make_late, .thread = {__VA_ARGS__}, .end = cancel_late_and_free           \
	}

const struct litmus_case kapi_litmus_work[] = {
	{"a_work_runs_any_time_later", "bug:none@queue_and_look", NULL,
	 .good = WITH(count_run, queue_and_flush), .bad = WITH(count_run, queue_and_look)},
	{"flushing_a_queue_waits_for_its_works", "bug:none@queue_and_flush_other_queue", NULL,
	 .good = WITH(count_run, queue_and_flush_queue),
	 .bad = WITH(count_run, queue_and_flush_other_queue)},
	{"a_work_is_queued_once_until_it_starts", "bug:none@expect_two", NULL,
	 .good = {.begin = make_count_run, .thread = {queue_twice}, .end = expect_one_or_two},
	 .bad = {.begin = make_count_run, .thread = {queue_twice}, .end = expect_two}},
	{"and_again_once_it_runs", "bug:none@expect_one", NULL,
	 .good = {.begin = make_count_run, .thread = {queue, queue}, .end = expect_one_or_two},
	 .bad = {.begin = make_count_run, .thread = {queue, queue}, .end = expect_one}},
	{"a_work_never_runs_twice_at_a_time", "bug:none@be_alone", NULL,
	 .good = WITH(be_alone, queue, queue, queue), .bad = ON_QUEUE(unordered, queue_both)},
	{"an_ordered_queue_runs_one_work_at_a_time", "bug:none@be_alone", NULL,
	 .good = ON_QUEUE(ordered, queue_both), .bad = ON_QUEUE(unordered, queue_both)},
	{"a_queued_work_is_not_freed",
	 "pending_freed:item@queue_and_free dead_use:item@count_run dead_use:item@queue_and_free",
	 "a work in it is queued", .good = FREED(count_run, queue_cancel_sync_and_free),
	 .bad = FREED(count_run, queue_and_free)},
	{"canceling_does_not_wait_for_one_that_runs", "dead_use:item@count_run", NULL,
	 .good = FREED(count_run, queue_cancel_sync_and_free),
	 .bad = FREED(count_run, queue_cancel_and_free)},
	{"a_work_may_free_itself", "dead_use:item@free_and_look", NULL,
	 .good = FREED(free_own_item, queue), .bad = FREED(free_and_look, queue)},
	{"who_waits_for_its_last_step_may_free_it", "dead_use:item@complete_and_look", NULL,
	 .good = FREED(complete_and_end, queue_wait_and_free),
	 .bad = FREED(complete_and_look, queue_wait_and_free)},
	{"a_flush_does_not_stop_one_that_queues_itself",
	 "pending_freed:item@queue_flush_and_free dead_use:item@queue_self_again", NULL,
	 .good = FREED(queue_self_again, queue_cancel_sync_and_free),
	 .bad = FREED(queue_self_again, queue_flush_and_free)},
	{"a_work_does_not_flush_itself", "deadlock:item@flush_self", "its own end",
	 .good = WITH(do_nothing, queue), .bad = WITH(flush_self, queue)},
	{"nor_its_own_queue", "deadlock:none@flush_own_queue", "its own queue",
	 .good = WITH(do_nothing, queue), .bad = WITH(flush_own_queue, queue)},
	{"nor_cancels_itself", "deadlock:item@cancel_self", "its own end",
	 .good = WITH(do_nothing, queue), .bad = WITH(cancel_self, queue)},
	{"who_flushes_does_not_hold_what_the_work_takes",
	 "deadlock:item@flush_holding_mutex+lock_mutex",
	 "A waits in flush_work(&item->work) for wq|waits in mutex_lock(&i->mutex) for A",
	 .good = WITH(lock_mutex, flush_after_mutex), .bad = WITH(lock_mutex, flush_holding_mutex)},
	{"a_flush_sleeps", "sleep_in_atomic:none@flush_holding_spinlock", "spinlock",
	 .good = WITH(do_nothing, queue_holding_spinlock),
	 .bad = WITH(do_nothing, flush_holding_spinlock)},
	{"a_work_of_an_ordered_queue_does_not_flush_the_next", "deadlock:none@flush_second",
	 "flush_work(", .good = ON_QUEUE(unordered_flushing, queue_second_on_ordered),
	 .bad = ON_QUEUE(ordered_flushing, queue_second_on_ordered)},
	{"a_work_leaves_its_locks", "lock_leaked:item@keep_mutex", NULL,
	 .good = WITH(lock_mutex, queue), .bad = WITH(keep_mutex, queue)},
	{"a_work_is_initialised", "lock_misuse:item@queue", "never initialised",
	 .good = WITH(do_nothing, queue),
	 .bad = {.begin = make_raw, .thread = {queue}, .end = free_item}},
	{"a_queued_work_is_not_initialised_again", "lock_misuse:item@queue_and_init",
	 "while it is queued", .good = WITH(do_nothing, flush_and_init),
	 .bad = WITH(do_nothing, queue_and_init)},
	{"a_queue_is_destroyed", "leak:workqueue_struct@make_unordered", "workqueue_struct",
	 .good = ON_QUEUE(unordered, queue_and_destroy),
	 .bad = {.begin = make_unordered, .end = keep_queue}},
	{"nothing_is_queued_on_a_dead_queue",
	 "dead_use:workqueue_struct@queue_both pending_freed:workqueue_struct@destroy", NULL,
	 .good = ON_QUEUE(ordered, queue_both),
	 .bad = {.begin = make_ordered, .thread = {queue_both, destroy}, .end = free_item}},
	{"a_queue_outlives_its_delayed_works",
	 "dead_use:workqueue_struct@worker pending_freed:workqueue_struct@destroy_under_timer",
	 NULL, .good = ON_QUEUE(unordered, queue_late_and_destroy),
	 .bad = {.begin = make_unordered,
		 .thread = {destroy_under_timer, linger},
		 .end = cancel_late_and_free}},
	{"a_flush_does_not_wait_for_the_timer", "bug:none@late_and_flush", NULL,
	 .good = LATE_FREED(late_and_flush_delayed), .bad = LATE_FREED(late_and_flush)},
	{"without_a_delay_there_is_no_timer", "bug:none@late_and_flush", NULL,
	 .good = LATE_FREED(at_once_and_flush), .bad = LATE_FREED(late_and_flush)},
	{"a_delay_can_be_taken_back", "bug:none@late_and_flush", NULL,
	 .good = LATE_FREED(late_and_sooner), .bad = LATE_FREED(late_and_flush)},
	{"a_delayed_work_is_not_freed_under_its_timer", "pending_freed:item@late_and_free", "timer",
	 .good = LATE(late_cancel_and_free), .bad = LATE(late_and_free)},
	{"callbacks_and_works_run_out_at_the_end", "leak:item@make_with", NULL,
	 .good = FREED(free_own_item, call_that_queues),
	 .bad = FREED(free_own_item, call_that_forgets)},
	{"there_are_three_workers", "worker_limit:none", "all three workers",
	 .good = {.thread = {two_wait_for_a_third}}, .bad = {.thread = {three_wait_for_a_fourth}}},
	{"a_static_work_is_pending_until_it_starts", "bug:none@static_and_look", NULL,
	 .good = {.thread = {static_and_flush}}, .bad = {.thread = {static_and_look}}},
	{0},
};
