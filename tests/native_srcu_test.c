/*
 * native_srcu_test.c - SRCU domains beyond the one that has a liburcu flavour: counters of our own.
 *
 * In every test the first domain is used first, so that the others are own ones. Plain data is what
 * the TSan build looks at: a grace period orders it, and nothing else here does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/srcu.h>

#include "kapi/native/native.h"

#define ROUNDS 30
#define DOMAINS 8 /* more than there is room for */

DEFINE_STATIC_SRCU(first_srcu);
DEFINE_STATIC_SRCU(own_srcu);
DEFINE_STATIC_SRCU(other_srcu);
static struct srcu_struct many_srcu[DOMAINS];

struct object {
	struct rcu_head rcu;
	int written[2];
};

static uint64_t seed;
static bool inside;
static int finished;
static struct object *object;
static pthread_barrier_t meeting;

static int begin(void **state)
{
	native_begin(++seed);
	synchronize_srcu(&first_srcu);
	inside = false;
	finished = 0;
	pthread_barrier_init(&meeting, NULL, 2);
	return 0;
}

static int end(void **state)
{
	pthread_barrier_destroy(&meeting);
	native_end();
	return native_live_blocks() ? -1 : 0;
}

enum shape { ALONE, NESTED, OVERLAPPING, MOVED };

static struct srcu_struct *domain;
static int moved;

/* Other sections of the thread end before the one that counts. */
static int read_others(enum shape shape)
{
	int first = srcu_read_lock(domain), second;

	if (shape == ALONE)
		return first;
	second = srcu_read_lock(domain);
	srcu_read_unlock(domain, shape == NESTED ? second : first);
	return shape == NESTED ? first : second;
}

static void read_for_a_while(enum shape shape)
{
	int id = shape == MOVED ? srcu_down_read(domain) : read_others(shape);

	moved = id;
	WRITE_ONCE(inside, true);
	usleep(2000);
	finished = 1;
	if (shape == MOVED)
		pthread_barrier_wait(&meeting);
	else
		srcu_read_unlock(domain, id);
}

static void read_beside_grace_period(void *arg, unsigned lane)
{
	if (lane == LANE_A) {
		read_for_a_while(*(enum shape *)arg);
		return;
	}
	if (lane == LANE_C) {
		pthread_barrier_wait(&meeting);
		srcu_up_read(domain, moved);
		return;
	}
	while (!READ_ONCE(inside))
		;
	synchronize_srcu(domain);
	assert_int_equal(finished, 1);
}

/* In a domain with counters of its own, and in the one that has a flavour. */
static void run_shape(enum shape shape)
{
	domain = &own_srcu;
	native_run(shape == MOVED ? 3 : 2, read_beside_grace_period, &shape);
	domain = &first_srcu;
	inside = false;
	finished = 0;
	native_run(shape == MOVED ? 3 : 2, read_beside_grace_period, &shape);
}

static void a_grace_period_waits_for_a_reader(void **state)
{
	run_shape(ALONE);
}

static void an_inner_reader_does_not_end_the_outer(void **state)
{
	run_shape(NESTED);
}

static void an_overlapping_reader_goes_on_when_the_first_ends(void **state)
{
	run_shape(OVERLAPPING);
}

static void a_reader_ends_on_another_thread(void **state)
{
	run_shape(MOVED);
}

static void sit_in_another_domain(void *arg, unsigned lane)
{
	int id = lane == LANE_A ? srcu_read_lock(&other_srcu) : 0;

	pthread_barrier_wait(&meeting);
	if (lane == LANE_B)
		synchronize_srcu(&own_srcu);
	pthread_barrier_wait(&meeting);
	if (lane == LANE_A)
		srcu_read_unlock(&other_srcu, id);
}

static void a_grace_period_of_one_domain_does_not_wait_for_another(void **state)
{
	native_run(2, sit_in_another_domain, NULL);
}

/* Readers come and go without end: each wait is for those that were there. */
static void read_again_and_again(void *arg, unsigned lane)
{
	if (lane == LANE_A) {
		for (unsigned i = 0; i < ROUNDS; i++)
			synchronize_srcu(&own_srcu);
		WRITE_ONCE(inside, true);
		return;
	}
	while (!READ_ONCE(inside)) {
		int id = srcu_read_lock(&own_srcu);

		srcu_read_unlock(&own_srcu, id);
	}
}

static void a_grace_period_ends_however_many_readers_come(void **state)
{
	native_run(3, read_again_and_again, NULL);
}

static struct object *object_new(int n)
{
	struct object *o = kmalloc(sizeof(*o), GFP_KERNEL);

	assert_non_null(o);
	o->written[0] = o->written[1] = n;
	return o;
}

static void object_free(struct rcu_head *head)
{
	struct object *o = container_of(head, struct object, rcu);

	o->written[0] = o->written[1] = -1;
	kfree(o);
}

static void replace_or_read(void *arg, unsigned lane)
{
	for (int i = 1; i <= ROUNDS; i++) {
		struct object *old = object;
		int id;

		if (lane == LANE_A) {
			rcu_assign_pointer(object, object_new(i));
			call_srcu(&own_srcu, &old->rcu, object_free);
			continue;
		}
		id = srcu_read_lock(&own_srcu);
		old = srcu_dereference(object, &own_srcu);
		assert_int_equal(old->written[0], old->written[1]);
		assert_true(old->written[0] >= 0);
		srcu_read_unlock(&own_srcu, id);
	}
}

static void what_a_callback_frees_has_no_reader(void **state)
{
	object = object_new(0);
	native_run(3, replace_or_read, NULL);
	kfree(object);
	srcu_barrier(&own_srcu);
	assert_int_equal(native_live_blocks(), 0);
}

static void use_many(void)
{
	for (unsigned i = 0; i < DOMAINS; i++) {
		synchronize_srcu(&many_srcu[i]);
	}
}

/* In a child, while this process has no other thread. */
static void too_many_domains_are_refused(void **state)
{
	char said[1024] = "";
	size_t len = 0;
	ssize_t n;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		dup2(ends[1], STDERR_FILENO);
		native_begin(1);
		use_many();
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	assert_non_null(strstr(said, "SRCU domains"));
}

#define RUN(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_domains_are_refused),
		RUN(a_grace_period_waits_for_a_reader),
		RUN(an_inner_reader_does_not_end_the_outer),
		RUN(an_overlapping_reader_goes_on_when_the_first_ends),
		RUN(a_reader_ends_on_another_thread),
		RUN(a_grace_period_of_one_domain_does_not_wait_for_another),
		RUN(a_grace_period_ends_however_many_readers_come),
		RUN(what_a_callback_frees_has_no_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
