/*
 * kapi_litmus_lock.c - locks: the touch after the release, and what lock.c complains about.
 *
 * Most cases are the idiom of the 2015 review. One thread leaves the device under its lock; the
 * other takes the lock, sees that, unlocks, and frees the device: too early where the first
 * thread's unlock is not done with it.
 */
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kapi/bench.h"
#include "litmus.h"

struct device {
	struct mutex mutex;
	struct rw_semaphore sem;
	spinlock_t spin;
	bool left;
};

static struct device *device;
static bool gone;

static void make_device(void)
{
	device = kzalloc(sizeof(*device), GFP_KERNEL);
	mutex_init(&device->mutex);
	init_rwsem(&device->sem);
	spin_lock_init(&device->spin);
}

static void make_bare_device(void)
{
	device = kzalloc(sizeof(*device), GFP_KERNEL);
}

static void free_device(void)
{
	gone = true;
	kfree(device);
}

static void free_device_if_left(bool left)
{
	if (left)
		free_device();
}

static void close_device(void)
{
	if (!gone)
		kfree(device);
}

/* ---- the tail ---- */

static void leave_mutex(void)
{
	mutex_lock(&device->mutex);
	device->left = true;
	mutex_unlock(&device->mutex);
}

static void reap_mutex(void)
{
	bool left;

	mutex_lock(&device->mutex);
	left = device->left;
	mutex_unlock(&device->mutex);
	free_device_if_left(left);
}

/* Never queued: it looks, and goes away. */
static void reap_mutex_if_free(void)
{
	bool left;

	if (!mutex_trylock(&device->mutex))
		return;
	left = device->left;
	mutex_unlock(&device->mutex);
	free_device_if_left(left);
}

static void leave_write(void)
{
	down_write(&device->sem);
	device->left = true;
	up_write(&device->sem);
}

static void reap_read(void)
{
	bool left;

	down_read(&device->sem);
	left = device->left;
	up_read(&device->sem);
	free_device_if_left(left);
}

static void leave_read(void)
{
	down_read(&device->sem);
	device->left = true;
	up_read(&device->sem);
}

static void reap_write(void)
{
	bool left;

	down_write(&device->sem);
	left = device->left;
	up_write(&device->sem);
	free_device_if_left(left);
}

static void leave_spin(void)
{
	spin_lock(&device->spin);
	device->left = true;
	spin_unlock(&device->spin);
}

static void reap_spin(void)
{
	bool left;

	spin_lock(&device->spin);
	left = device->left;
	spin_unlock(&device->spin);
	free_device_if_left(left);
}

#define TAIL(leave_, reap_, unlock_)                                                               \
	{                                                                                          \
		.begin = make_device, .thread = {leave_, reap_}, .end = close_device,              \
		.strength = {                                                                      \
			.unlock = SIM_UNLOCK_##unlock_                                             \
		}                                                                                  \
	}

const struct litmus litmus_tail = TAIL(leave_mutex, reap_mutex, CONTRACT);

/* ---- freed too early, by who does not ask ---- */

static void mark_under_spin(void)
{
	spin_lock(&device->spin);
	WRITE_ONCE(device->left, true);
	spin_unlock(&device->spin);
}

static void reap_without_lock(void)
{
	free_device_if_left(READ_ONCE(device->left));
}

static void reap_once_spin_was_free(void)
{
	spin_lock(&device->spin);
	spin_unlock(&device->spin);
	free_device();
}

/* ---- misuse ---- */

static void unlock_of_a_stranger(void)
{
	mutex_unlock(&device->mutex);
}

static void keep_mutex(void)
{
	mutex_lock(&device->mutex);
}

/* Here, and not when the lock's memory goes: the bench frees what the driver holds. */
static void return_and_free(void)
{
	kapi_driver_returns(KAPI_SITE("return", "call"));
	free_device();
}

static void leave_and_free(void)
{
	leave_mutex();
	return_and_free();
}

static void keep_and_free(void)
{
	keep_mutex();
	return_and_free();
}

static void write_lock_read_unlock(void)
{
	down_write(&device->sem);
	up_read(&device->sem);
}

static void read_lock_write_unlock(void)
{
	down_read(&device->sem);
	up_write(&device->sem);
}

static void lock_twice(void)
{
	mutex_lock(&device->mutex);
	mutex_lock(&device->mutex);
}

static void try_twice(void)
{
	if (!mutex_trylock(&device->mutex))
		return;
	BUG_ON(mutex_trylock(&device->mutex));
	mutex_unlock(&device->mutex);
}

static void init_after_free(void)
{
	kfree(device);
	gone = true;
	mutex_init(&device->mutex);
}

static void assert_under_lock(void)
{
	mutex_lock(&device->mutex);
	WARN_ON(!lockdep_is_held(&device->mutex));
	lockdep_assert_held(&device->mutex);
	mutex_unlock(&device->mutex);
}

static void assert_without_lock(void)
{
	lockdep_assert_held(&device->mutex);
}

/* Readers share, writers do not. */
static int readers_inside;
static bool writer_inside;

static void read_beside_readers(void)
{
	down_read(&device->sem);
	WARN_ON(READ_ONCE(writer_inside));
	up_read(&device->sem);
}

static void write_alone(void)
{
	down_write(&device->sem);
	WRITE_ONCE(writer_inside, true);
	WRITE_ONCE(writer_inside, false);
	up_write(&device->sem);
}

static void meet_a_reader(void)
{
	down_read(&device->sem);
	WARN_ON(READ_ONCE(readers_inside));
	WRITE_ONCE(readers_inside, 1);
	WRITE_ONCE(readers_inside, 0);
	up_read(&device->sem);
}

/* ---- atomic context ---- */

static void sleep_under_spin(void)
{
	spin_lock(&device->spin);
	mutex_lock(&device->mutex);
	mutex_unlock(&device->mutex);
	spin_unlock(&device->spin);
}

static void spin_under_mutex(void)
{
	mutex_lock(&device->mutex);
	spin_lock(&device->spin);
	spin_unlock(&device->spin);
	mutex_unlock(&device->mutex);
}

static void allocate_sleeping_under_spin(void)
{
	spin_lock(&device->spin);
	kfree(kmalloc(16, GFP_KERNEL));
	spin_unlock(&device->spin);
}

static void allocate_atomic_under_spin(void)
{
	spin_lock(&device->spin);
	kfree(kmalloc(16, GFP_ATOMIC));
	spin_unlock(&device->spin);
}

#define ON_DEVICE(...)                                                                             \
	{                                                                                          \
		.begin = make_device, .thread = {__VA_ARGS__}, .end = close_device                 \
	}

/* ---- a reader that reads again ---- */

static void read_in_read(void)
{
	down_read(&device->sem);
	down_read(&device->sem);
	up_read(&device->sem);
	up_read(&device->sem);
}

static void write_once(void)
{
	down_write(&device->sem);
	up_write(&device->sem);
}

static void holds_none(void)
{
	BUG_ON(kapi_holds_lock());
}

static void hold_and_say_so(void)
{
	mutex_lock(&device->mutex);
	BUG_ON(!kapi_holds_lock());
	mutex_unlock(&device->mutex);
	holds_none();
}

static void hold_and_deny_it(void)
{
	mutex_lock(&device->mutex);
	holds_none();
	mutex_unlock(&device->mutex);
}

const struct litmus_case kapi_litmus_lock[] = {
	{"mutex_unlock_touches_the_mutex_after_its_release", "dead_use:device@leave_mutex", NULL,
	 .good = TAIL(leave_mutex, reap_mutex, ATOMIC),
	 .bad = TAIL(leave_mutex, reap_mutex, CONTRACT)},
	{"mutex_unlock_touches_the_mutex_where_a_waiter_is_queued", "dead_use:device@leave_mutex",
	 "with a waiter queued", .good = TAIL(leave_mutex, reap_mutex, ATOMIC),
	 .bad = TAIL(leave_mutex, reap_mutex, QUEUED)},
	{"without_a_waiter_the_touch_is_contract_only", "dead_use:device@leave_mutex",
	 "no waiter was queued", .good = TAIL(leave_mutex, reap_mutex_if_free, QUEUED),
	 .bad = TAIL(leave_mutex, reap_mutex_if_free, CONTRACT)},
	{"up_write_touches_the_semaphore_after_its_release", "dead_use:device@leave_write", NULL,
	 .good = TAIL(leave_write, reap_read, ATOMIC),
	 .bad = TAIL(leave_write, reap_read, CONTRACT)},
	{"up_write_touches_the_semaphore_where_a_reader_is_queued", "dead_use:device@leave_write",
	 NULL, .good = TAIL(leave_write, reap_read, ATOMIC),
	 .bad = TAIL(leave_write, reap_read, QUEUED)},
	{"up_read_touches_the_semaphore_after_its_release", "dead_use:device@leave_read", NULL,
	 .good = TAIL(leave_read, reap_write, ATOMIC),
	 .bad = TAIL(leave_read, reap_write, CONTRACT)},
	{"up_read_touches_the_semaphore_where_a_writer_is_queued", "dead_use:device@leave_read",
	 NULL, .good = TAIL(leave_read, reap_write, ATOMIC),
	 .bad = TAIL(leave_read, reap_write, QUEUED)},
	{"spin_unlock_has_no_touch_after_its_release", "dead_use:device@leave_mutex", NULL,
	 .good = TAIL(leave_spin, reap_spin, CONTRACT),
	 .bad = TAIL(leave_mutex, reap_mutex, CONTRACT)},
	{"a_lock_that_is_held_may_not_be_freed", "lock_freed:device@free_device",
	 "a lock in it is held", .good = ON_DEVICE(leave_spin, reap_spin),
	 .bad = ON_DEVICE(mark_under_spin, reap_without_lock)},
	{"a_lock_that_is_waited_for_may_not_be_freed",
	 "lock_freed:device@free_device dead_use:device@leave_spin", "a lock in it is waited for",
	 .good = ON_DEVICE(leave_spin, reap_spin),
	 .bad = ON_DEVICE(leave_spin, reap_once_spin_was_free)},
	{"a_mutex_must_be_initialised", "lock_misuse:device@leave_mutex", "never initialised",
	 .good = ON_DEVICE(leave_mutex),
	 .bad = {.begin = make_bare_device, .thread = {leave_mutex}, .end = close_device}},
	{"a_mutex_is_not_unlocked_by_a_stranger", "lock_misuse:device@unlock_of_a_stranger",
	 "does not hold", .good = ON_DEVICE(leave_mutex, leave_mutex),
	 .bad = ON_DEVICE(leave_mutex, unlock_of_a_stranger)},
	{"a_writer_does_not_leave_as_a_reader", "lock_misuse:device@write_lock_read_unlock", NULL,
	 .good = ON_DEVICE(leave_write), .bad = ON_DEVICE(write_lock_read_unlock)},
	{"a_reader_does_not_leave_as_a_writer", "lock_misuse:device@read_lock_write_unlock", NULL,
	 .good = ON_DEVICE(leave_read), .bad = ON_DEVICE(read_lock_write_unlock)},
	{"a_lock_is_not_initialised_in_freed_memory", "dead_use:device", NULL,
	 .good = ON_DEVICE(leave_mutex), .bad = ON_DEVICE(init_after_free)},
	{"an_op_returns_without_its_locks", "lock_leaked:device", NULL,
	 .good = ON_DEVICE(leave_mutex), .bad = ON_DEVICE(keep_mutex)},
	{"a_call_of_a_driver_returns_without_its_locks", "lock_leaked:device@keep_mutex", NULL,
	 .good = ON_DEVICE(leave_and_free), .bad = ON_DEVICE(keep_and_free)},
	{"a_mutex_is_not_recursive", "deadlock:device@lock_twice", "that it holds",
	 .good = ON_DEVICE(try_twice), .bad = ON_DEVICE(lock_twice)},
	{"a_reader_that_reads_again_hangs_behind_a_writer", "deadlock:device@read_in_read",
	 "behind a writer", .good = ON_DEVICE(read_in_read, read_in_read, leave_read),
	 .bad = ON_DEVICE(read_in_read, write_once)},
	{"lockdep_assert_held_speaks_for_its_own_thread", "warn:none@assert_without_lock",
	 "kapi_lock_held", .good = ON_DEVICE(assert_under_lock, assert_under_lock),
	 .bad = ON_DEVICE(assert_without_lock, assert_under_lock)},
	{"a_thread_holds_its_own_locks_only", "bug:none@holds_none", "kapi_holds_lock",
	 .good = ON_DEVICE(hold_and_say_so, holds_none),
	 .bad = ON_DEVICE(hold_and_deny_it, holds_none)},
	{"readers_share_and_writers_do_not", "warn:none@meet_a_reader", NULL,
	 .good = ON_DEVICE(read_beside_readers, write_alone, write_alone),
	 .bad = ON_DEVICE(meet_a_reader, meet_a_reader)},
	{"a_mutex_is_not_taken_under_a_spinlock", "sleep_in_atomic:none@sleep_under_spin",
	 "spinlock", .good = ON_DEVICE(spin_under_mutex), .bad = ON_DEVICE(sleep_under_spin)},
	{"an_allocation_under_a_spinlock_does_not_sleep",
	 "sleep_in_atomic:none@allocate_sleeping_under_spin", "spinlock",
	 .good = ON_DEVICE(allocate_atomic_under_spin),
	 .bad = ON_DEVICE(allocate_sleeping_under_spin)},
	{0},
};
