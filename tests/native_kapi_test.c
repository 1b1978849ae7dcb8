/*
 * native_kapi_test.c - each primitive of the native platform, on two real threads.
 *
 * What a primitive orders is written and read as plain data here, so that the TSan build checks the
 * order and the ASan build the lifetime. Misuse is tried in a child, which has to die of its
 * verdict.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Before <linux/timer.h>: <time.h> declares a timer_delete() of its own. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "kapi/file.h"
#include "kapi/native/native.h"

#define ROUNDS 300

static uint64_t seed;

DEFINE_STATIC_SRCU(srcu);

static void two_threads(void (*body)(void *arg, unsigned lane))
{
	native_run(2, body, NULL);
}

static int begin(void **state)
{
	native_begin(++seed);
	return 0;
}

static int end(void **state)
{
	native_end();
	if (native_live_blocks())
		native_print_blocks();
	return native_live_blocks() ? -1 : 0;
}

/* ---- locks ---- */

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spin);
static DECLARE_RWSEM(sem);
static unsigned counter;

static void count_in_mutex(void *arg, unsigned lane)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		mutex_lock(&mutex);
		counter++;
		mutex_unlock(&mutex);
	}
}

static void a_mutex_excludes(void **state)
{
	counter = 0;
	two_threads(count_in_mutex);
	assert_int_equal(counter, 2 * ROUNDS);
}

static void count_in_spinlock(void *arg, unsigned lane)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		spin_lock(&spin);
		counter++;
		spin_unlock(&spin);
	}
}

static void a_spinlock_excludes(void **state)
{
	counter = 0;
	two_threads(count_in_spinlock);
	assert_int_equal(counter, 2 * ROUNDS);
}

static void read_or_write(void *arg, unsigned lane)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned seen;

		down_read(&sem);
		seen = counter;
		assert_true(kapi_lock_held(&sem.lock));
		up_read(&sem);
		down_write(&sem);
		assert_true(counter >= seen);
		counter++;
		up_write(&sem);
	}
}

static void a_writer_excludes_readers(void **state)
{
	counter = 0;
	two_threads(read_or_write);
	assert_int_equal(counter, 2 * ROUNDS);
}

static pthread_barrier_t meeting;

static void meet_as_readers(void *arg, unsigned lane)
{
	down_read(&sem);
	pthread_barrier_wait(&meeting);
	up_read(&sem);
}

static void readers_share(void **state)
{
	pthread_barrier_init(&meeting, NULL, 2);
	two_threads(meet_as_readers);
	pthread_barrier_destroy(&meeting);
}

static void try_while_held(void *arg, unsigned lane)
{
	if (lane == LANE_A)
		mutex_lock(&mutex);
	pthread_barrier_wait(&meeting);
	if (lane == LANE_B) {
		assert_false(mutex_trylock(&mutex));
		assert_false(kapi_lock_held(&mutex.lock));
	}
	pthread_barrier_wait(&meeting);
	if (lane == LANE_A)
		mutex_unlock(&mutex);
}

static void trylock_fails_while_another_thread_holds_it(void **state)
{
	pthread_barrier_init(&meeting, NULL, 2);
	two_threads(try_while_held);
	pthread_barrier_destroy(&meeting);
	assert_true(mutex_trylock(&mutex));
	mutex_unlock(&mutex);
}

/* ---- reference counts ---- */

struct object {
	struct kref kref;
	unsigned written[2];
	struct rcu_head rcu;
	struct completion completion;
	struct mutex mutex;
};

static struct object *object;

static struct object *object_new(void)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	BUG_ON(!o);
	kref_init(&o->kref);
	init_completion(&o->completion);
	mutex_init(&o->mutex);
	return o;
}

static void object_release(struct kref *kref)
{
	struct object *o = container_of(kref, struct object, kref);

	assert_int_equal(o->written[0] + o->written[1], 2);
	kfree(o);
}

static void write_and_put(void *arg, unsigned lane)
{
	object->written[lane - LANE_A] = 1;
	kref_put(&object->kref, object_release);
}

static void the_last_put_sees_what_both_wrote(void **state)
{
	for (unsigned i = 0; i < 20; i++) {
		object = object_new();
		kref_get(&object->kref);
		two_threads(write_and_put);
		assert_int_equal(native_live_blocks(), 0);
	}
}

static void get_unless_zero(void *arg, unsigned lane)
{
	if (lane == LANE_A)
		refcount_dec_and_test(&object->kref.refcount);
	else if (kref_get_unless_zero(&object->kref))
		refcount_dec_and_test(&object->kref.refcount);
}

static void nobody_gets_a_reference_from_0(void **state)
{
	for (unsigned i = 0; i < 20; i++) {
		object = object_new();
		two_threads(get_unless_zero);
		assert_false(kref_get_unless_zero(&object->kref));
		kfree(object);
	}
}

static atomic_t atomic;

static void count_atomically(void *arg, unsigned lane)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		atomic_inc(&atomic);
		if (!(i % 3))
			atomic_dec(&atomic);
	}
}

static void atomics_lose_nothing(void **state)
{
	atomic_set(&atomic, 0);
	two_threads(count_atomically);
	assert_int_equal(atomic_read(&atomic), 2 * (ROUNDS - ROUNDS / 3));
	atomic_set(&atomic, 1);
	assert_true(atomic_inc_not_zero(&atomic));
	assert_false(atomic_dec_and_test(&atomic));
	assert_true(atomic_dec_and_test(&atomic));
	assert_false(atomic_inc_not_zero(&atomic));
}

/* ---- grace periods ---- */

static bool inside;
static unsigned finished;

static void wait_for(bool *flag)
{
	while (!READ_ONCE(*flag))
		;
}

/* The reader is inside for a while; its last plain write has to be seen after the grace period. */
#define GRACE_TEST(name, lock, unlock, sync)                                                       \
	static void name##_body(void *arg, unsigned lane)                                          \
	{                                                                                          \
		if (lane == LANE_B) {                                                              \
			wait_for(&inside);                                                         \
			sync;                                                                      \
			assert_int_equal(finished, 1);                                             \
			return;                                                                    \
		}                                                                                  \
		lock;                                                                              \
		WRITE_ONCE(inside, true);                                                          \
		usleep(2000);                                                                      \
		finished = 1;                                                                      \
		unlock;                                                                            \
	}                                                                                          \
	static void name(void **state)                                                             \
	{                                                                                          \
		for (unsigned i = 0; i < 10; i++) {                                                \
			inside = false;                                                            \
			finished = 0;                                                              \
			two_threads(name##_body);                                                  \
		}                                                                                  \
	}

GRACE_TEST(a_grace_period_of_rcu_waits_for_a_reader, rcu_read_lock(), rcu_read_unlock(),
	   synchronize_rcu())
GRACE_TEST(a_grace_period_of_srcu_waits_for_a_reader, int id = srcu_read_lock(&srcu),
	   srcu_read_unlock(&srcu, id), synchronize_srcu(&srcu))
GRACE_TEST(an_inner_reader_does_not_end_the_outer,
	   (rcu_read_lock(), rcu_read_lock(), rcu_read_unlock()), rcu_read_unlock(),
	   synchronize_rcu())

static void in_the_other_domain(void *arg, unsigned lane)
{
	if (lane == LANE_A)
		rcu_read_lock();
	pthread_barrier_wait(&meeting);
	if (lane == LANE_B)
		synchronize_srcu(&srcu);
	pthread_barrier_wait(&meeting);
	if (lane == LANE_A)
		rcu_read_unlock();
}

static void a_grace_period_of_srcu_does_not_wait_for_rcu(void **state)
{
	pthread_barrier_init(&meeting, NULL, 2);
	two_threads(in_the_other_domain);
	pthread_barrier_destroy(&meeting);
}

/* One thread replaces and retires, the other reads: plain contents, published by pointer. */
static void replace(void (*retire)(struct object *old))
{
	for (unsigned i = 1; i <= ROUNDS; i++) {
		struct object *old = object, *new = object_new();

		new->written[0] = i;
		new->written[1] = i;
		rcu_assign_pointer(object, new);
		retire(old);
	}
}

static void read_often(void)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct object *o;

		rcu_read_lock();
		o = rcu_dereference(object);
		assert_int_equal(o->written[0], o->written[1]);
		rcu_read_unlock();
	}
}

static void retire_at_once(struct object *old)
{
	synchronize_rcu();
	kfree(old);
}

static void object_free_rcu(struct rcu_head *head)
{
	struct object *o = container_of(head, struct object, rcu);

	o->written[0] = o->written[1] = 0;
	kfree(o);
}

static void retire_later(struct object *old)
{
	call_rcu(&old->rcu, object_free_rcu);
}

static void retire_by_kfree_rcu(struct object *old)
{
	kfree_rcu(old, rcu);
}

#define RETIRE_TEST(name, retire)                                                                  \
	static void name##_body(void *arg, unsigned lane)                                          \
	{                                                                                          \
		if (lane == LANE_A)                                                                \
			replace(retire);                                                           \
		else                                                                               \
			read_often();                                                              \
	}                                                                                          \
	static void name(void **state)                                                             \
	{                                                                                          \
		object = object_new();                                                             \
		two_threads(name##_body);                                                          \
		kfree(object);                                                                     \
		rcu_barrier();                                                                     \
		assert_int_equal(native_live_blocks(), 0);                                         \
	}

RETIRE_TEST(what_is_freed_after_a_grace_period_has_no_reader, retire_at_once)
RETIRE_TEST(what_a_callback_frees_has_no_reader, retire_later)
RETIRE_TEST(what_kfree_rcu_frees_has_no_reader, retire_by_kfree_rcu)

static void note_called(struct rcu_head *head)
{
	counter++;
}

static void queue_on_srcu(void *arg, unsigned lane)
{
	struct rcu_head heads[10];

	for (unsigned i = 0; i < 10; i++)
		call_srcu(&srcu, &heads[i], note_called);
	srcu_barrier(&srcu);
}

static void a_barrier_waits_for_callbacks(void **state)
{
	for (unsigned i = 0; i < 10; i++) {
		counter = 0;
		two_threads(queue_on_srcu);
		srcu_barrier(&srcu);
		assert_int_equal(counter, 20);
	}
}

static void call_inside_a_reader(void *arg, unsigned lane)
{
	if (lane == LANE_B)
		return;
	object = object_new();
	rcu_read_lock();
	call_rcu(&object->rcu, object_free_rcu);
	usleep(2000);
	object->written[0] = 1;
	rcu_read_unlock();
}

static void a_callback_waits_for_the_reader_that_queued_it(void **state)
{
	two_threads(call_inside_a_reader);
	rcu_barrier();
	assert_int_equal(native_live_blocks(), 0);
}

static void queue_on_srcu_in_callback(struct rcu_head *head)
{
	call_srcu(&srcu, head, object_free_rcu);
}

static void callbacks_left_over_run_before_the_run_ends(void **state)
{
	call_rcu(&object_new()->rcu, queue_on_srcu_in_callback);
}

/* ---- completions ---- */

static void complete_or_wait(void *arg, unsigned lane)
{
	if (lane == LANE_A) {
		object->written[0] = 1;
		complete(&object->completion);
		return;
	}
	wait_for_completion(&object->completion);
	assert_int_equal(object->written[0], 1);
	kfree(object);
}

static void a_waiter_may_free_the_completion(void **state)
{
	for (unsigned i = 0; i < 20; i++) {
		object = object_new();
		two_threads(complete_or_wait);
	}
}

static void wait_twice(void *arg, unsigned lane)
{
	if (lane == LANE_A)
		complete_all(&object->completion);
	wait_for_completion(&object->completion);
	wait_for_completion(&object->completion);
}

static void complete_all_lets_everybody_go(void **state)
{
	object = object_new();
	two_threads(wait_twice);
	kfree(object);
}

/* ---- files ---- */

static void open_and_close(void *arg, unsigned lane)
{
	struct object *o = lane == LANE_A ? kapi_file_close(0, 0) : kapi_file_get(0, 0);

	if (!o)
		return;
	o->written[lane - LANE_A] = 1;
	if (kapi_file_put(0, 0))
		kfree(o);
}

static void the_last_one_out_closes_the_file(void **state)
{
	for (unsigned i = 0; i < 20; i++) {
		kapi_file_install(0, 0, object_new());
		two_threads(open_and_close);
		assert_null(kapi_file_peek(0, 0));
		assert_int_equal(native_live_blocks(), 0);
	}
}

/* ---- what runs later ---- */

struct job {
	struct work_struct work;
	struct delayed_work late;
	struct timer_list timer;
	struct rcu_head rcu;
	unsigned runs; /* plain: queueing, one run at a time, and flushing order it */
};

static struct job *job;

static void run_job(struct work_struct *work)
{
	container_of(work, struct job, work)->runs++;
}

static void run_late(struct work_struct *work)
{
	container_of(to_delayed_work(work), struct job, late)->runs++;
}

static void run_timer(struct timer_list *t)
{
	struct job *j = from_timer(j, t, timer);

	j->runs++;
}

static struct job *make_job(void)
{
	struct job *j = kzalloc(sizeof(*j), GFP_KERNEL);

	INIT_WORK(&j->work, run_job);
	INIT_DELAYED_WORK(&j->late, run_late);
	timer_setup(&j->timer, run_timer, 0);
	return j;
}

static void a_flush_sees_what_the_work_did(void **state)
{
	struct job *j = make_job();

	for (unsigned i = 1; i <= ROUNDS; i++) {
		j->runs++;
		assert_true(queue_work(system_wq, &j->work));
		flush_work(&j->work);
		assert_int_equal(j->runs, 2 * i);
	}
	kfree(j);
}

static void queue_rounds(void *arg, unsigned lane)
{
	for (unsigned i = 0; i < ROUNDS; i++)
		queue_work(system_wq, &job->work);
}

static void a_work_never_runs_twice_at_a_time(void **state)
{
	job = make_job();
	two_threads(queue_rounds);
	cancel_work_sync(&job->work);
	assert_in_range(job->runs, 0, 2 * ROUNDS);
	assert_false(work_pending(&job->work));
	kfree(job);
}

static struct job *jobs[8];
static unsigned runs_in_order;

static void run_in_order(struct work_struct *work)
{
	runs_in_order++;
}

static void an_ordered_queue_runs_one_work_at_a_time(void **state)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);

	runs_in_order = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(jobs); i++) {
		jobs[i] = make_job();
		INIT_WORK(&jobs[i]->work, run_in_order);
		queue_work(wq, &jobs[i]->work);
	}
	destroy_workqueue(wq);
	assert_int_equal(runs_in_order, ARRAY_SIZE(jobs));
	for (unsigned i = 0; i < ARRAY_SIZE(jobs); i++)
		kfree(jobs[i]);
}

static void delays_end_and_are_taken_back(void **state)
{
	struct job *j = make_job();

	assert_true(schedule_delayed_work(&j->late, 5));
	flush_delayed_work(&j->late);
	assert_int_equal(j->runs, 1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		mod_delayed_work(system_wq, &j->late, 1);
		cancel_delayed_work_sync(&j->late);
	}
	assert_false(delayed_work_pending(&j->late));
	kfree(j);
}

static void a_timer_that_is_deleted_in_sync_may_be_freed(void **state)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct job *j = make_job();

		assert_false(mod_timer(&j->timer, jiffies + 1));
		del_timer_sync(&j->timer);
		assert_in_range(j->runs, 0, 1);
		timer_shutdown_sync(&j->timer);
		assert_false(mod_timer(&j->timer, jiffies + 1));
		kfree(j);
	}
}

static void free_job(struct work_struct *work)
{
	kfree(container_of(work, struct job, work));
}

static void free_by_work(struct rcu_head *head)
{
	struct job *j = container_of(head, struct job, rcu);

	INIT_WORK(&j->work, free_job);
	schedule_work(&j->work);
}

static void works_left_over_run_before_the_run_ends(void **state)
{
	for (unsigned i = 0; i < 20; i++)
		call_rcu(&make_job()->rcu, free_by_work);
}

/* ---- wait queues ---- */

static DECLARE_WAIT_QUEUE_HEAD(turn_wq);
static int turn;
static unsigned turns; /* plain: handed over with the turn */

static void take_turns(void *arg, unsigned lane)
{
	int mine = lane == LANE_A, other = !mine;

	for (unsigned i = 0; i < ROUNDS; i++) {
		wait_event(turn_wq, smp_load_acquire(&turn) == mine);
		turns++;
		smp_store_release(&turn, other);
		wake_up(&turn_wq);
	}
}

static void no_wake_up_is_lost(void **state)
{
	turn = 0;
	turns = 0;
	two_threads(take_turns);
	assert_int_equal(turns, 2 * ROUNDS);
}

static void a_wait_with_a_timeout_ends(void **state)
{
	struct completion done;

	init_completion(&done);
	assert_int_equal(wait_event_timeout(turn_wq, false, 1), 0);
	assert_int_equal(wait_for_completion_timeout(&done, 1), 0);
	assert_false(try_wait_for_completion(&done));
	complete(&done);
	assert_true(completion_done(&done));
	assert_int_equal(wait_for_completion_timeout(&done, 7), 7);
	assert_int_equal(wait_event_interruptible(turn_wq, true), 0);
	assert_int_equal(wait_event_interruptible_timeout(turn_wq, true, 5), 5);
	complete(&done);
	assert_int_equal(wait_for_completion_interruptible_timeout(&done, 7), 7);
}

/* It leaves its queue then, and can wait again. What is complete is taken all the same. */
static void a_signal_ends_a_wait(void **state)
{
	struct completion done;

	init_completion(&done);
	native_let_fail(1);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(wait_event_interruptible(turn_wq, false), -ERESTARTSYS);
	assert_int_equal(wait_event_interruptible_timeout(turn_wq, false, 5), -ERESTARTSYS);
	assert_int_equal(wait_for_completion_interruptible(&done), -ERESTARTSYS);
	complete(&done);
	assert_int_equal(wait_for_completion_interruptible_timeout(&done, 7), 7);
	native_let_fail(0);
	assert_false(waitqueue_active(&turn_wq));
}

static struct completion late;

static void complete_late(void *arg, unsigned lane)
{
	if (lane == LANE_A)
		usleep(600 * 1000);
	if (lane == LANE_A)
		complete(&late);
	else
		assert_int_equal(kapi_wait_for(&late.wait, &late.wait.done,
					       KAPI_WAIT | KAPI_INLINE_INIT, "late",
					       KAPI_SITE("late", "late")),
				 0);
}

static void a_wait_without_ways_goes_on(void **state)
{
	init_completion(&late);
	two_threads(complete_late);
	assert_false(completion_done(&late));
}

/* ---- misuse ---- */

static void unlock_of_nobody(void)
{
	mutex_unlock(&mutex);
}

static void lock_twice(void)
{
	mutex_lock(&mutex);
	mutex_lock(&mutex);
}

static void lock_without_init(void)
{
	static struct mutex never;

	mutex_lock(&never);
}

static void get_from_0(void)
{
	static refcount_t count;

	refcount_inc(&count);
}

static void put_below_0(void)
{
	static refcount_t count;

	refcount_dec_and_test(&count);
}

static void dereference_outside(void)
{
	(void)rcu_dereference(object);
}

static void leave_without_enter(void)
{
	rcu_read_unlock();
}

static void sleep_in_a_reader(void)
{
	rcu_read_lock();
	mutex_lock(&mutex);
}

static void sleep_in_a_callback_body(struct rcu_head *head)
{
	might_sleep();
}

static void sleep_in_a_callback(void)
{
	static struct rcu_head head;

	call_rcu(&head, sleep_in_a_callback_body);
	rcu_barrier();
}

static void synchronize_inside(void)
{
	int id = srcu_read_lock(&srcu);

	synchronize_srcu(&srcu);
	srcu_read_unlock(&srcu, id);
}

static void keep_the_lock(void *arg, unsigned lane)
{
	if (lane == LANE_A)
		mutex_lock(&mutex);
}

static void leak_a_lock(void)
{
	two_threads(keep_the_lock);
}

static void wait_for_ever(struct work_struct *work)
{
	static struct completion never;

	init_completion(&never);
	wait_for_completion(&never);
}

static void free_queued_work(void)
{
	struct workqueue_struct *wq = alloc_ordered_workqueue("ordered", 0);
	struct job *first = make_job(), *second = make_job();

	INIT_WORK(&first->work, wait_for_ever);
	queue_work(wq, &first->work);
	queue_work(wq, &second->work);
	kfree(second);
}

static void flush_self(struct work_struct *work)
{
	flush_work(work);
}

static void work_that_flushes_itself(void)
{
	struct job *j = make_job();

	INIT_WORK(&j->work, flush_self);
	schedule_work(&j->work);
	flush_work(&j->work);
}

static void sleep_in_timer(struct timer_list *t)
{
	mutex_lock(&mutex);
}

static void timer_that_sleeps(void)
{
	struct job *j = make_job();

	timer_setup(&j->timer, sleep_in_timer, 0);
	mod_timer(&j->timer, 1);
	sleep(10);
}

static void queue_raw_work(void)
{
	struct job *j = kzalloc(sizeof(*j), GFP_KERNEL);

	schedule_work(&j->work);
}

static void wake_raw_queue(void)
{
	static wait_queue_head_t raw;

	wake_up(&raw);
}

static _Noreturn void child(void (*misuse)(void), int err)
{
	dup2(err, STDERR_FILENO);
	signal(SIGABRT, SIG_DFL);
	alarm(20);
	native_begin(++seed);
	misuse();
	_exit(0);
}

/* The child's status, and what it said. */
static int try(void (*misuse)(void), char *said, size_t cap)
{
	int fds[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	if (!pid)
		child(misuse, fds[1]);
	close(fds[1]);
	while ((n = read(fds[0], said + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void must_die(void (*misuse)(void), const char *rule)
{
	char said[4096], line[64];
	int status = try(misuse, said, sizeof(said));

	snprintf(line, sizeof(line), "[verdict] %s", rule);
	if (!strstr(said, line))
		fail_msg("no \"%s\" in: %s", line, said);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void misuse_is_a_verdict(void **state)
{
	static const struct {
		void (*misuse)(void);
		const char *rule;
	} rows[] = {
		{unlock_of_nobody, "lock_misuse"},
		{lock_twice, "deadlock"},
		{lock_without_init, "lock_misuse"},
		{get_from_0, "refcount"},
		{put_below_0, "refcount"},
		{dereference_outside, "rcu_unprotected"},
		{leave_without_enter, "reader_unbalanced"},
		{sleep_in_a_reader, "sleep_in_atomic"},
		{sleep_in_a_callback, "sleep_in_atomic"},
		{synchronize_inside, "deadlock"},
		{leak_a_lock, "lock_leaked"},
		{free_queued_work, "pending_freed"},
		{work_that_flushes_itself, "deadlock"},
		{timer_that_sleeps, "sleep_in_atomic"},
		{queue_raw_work, "lock_misuse"},
		{wake_raw_queue, "lock_misuse"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		must_die(rows[i].misuse, rows[i].rule);
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		/* First, while this process has no other thread: they fork. */
		cmocka_unit_test(misuse_is_a_verdict),
		RUN(a_mutex_excludes),
		RUN(a_spinlock_excludes),
		RUN(a_writer_excludes_readers),
		RUN(readers_share),
		RUN(trylock_fails_while_another_thread_holds_it),
		RUN(the_last_put_sees_what_both_wrote),
		RUN(nobody_gets_a_reference_from_0),
		RUN(atomics_lose_nothing),
		RUN(a_grace_period_of_rcu_waits_for_a_reader),
		RUN(a_grace_period_of_srcu_waits_for_a_reader),
		RUN(an_inner_reader_does_not_end_the_outer),
		RUN(a_grace_period_of_srcu_does_not_wait_for_rcu),
		RUN(what_is_freed_after_a_grace_period_has_no_reader),
		RUN(what_a_callback_frees_has_no_reader),
		RUN(what_kfree_rcu_frees_has_no_reader),
		RUN(a_barrier_waits_for_callbacks),
		RUN(a_callback_waits_for_the_reader_that_queued_it),
		RUN(callbacks_left_over_run_before_the_run_ends),
		RUN(a_waiter_may_free_the_completion),
		RUN(complete_all_lets_everybody_go),
		RUN(a_flush_sees_what_the_work_did),
		RUN(a_work_never_runs_twice_at_a_time),
		RUN(an_ordered_queue_runs_one_work_at_a_time),
		RUN(delays_end_and_are_taken_back),
		RUN(a_timer_that_is_deleted_in_sync_may_be_freed),
		RUN(works_left_over_run_before_the_run_ends),
		RUN(no_wake_up_is_lost),
		RUN(a_wait_with_a_timeout_ends),
		RUN(a_signal_ends_a_wait),
		RUN(a_wait_without_ways_goes_on),
		RUN(the_last_one_out_closes_the_file),
	};

	seed = argc > 1 ? strtoull(argv[1], NULL, 0) << 20 : 0;
	alarm(120);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
