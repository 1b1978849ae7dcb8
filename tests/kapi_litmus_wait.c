/*
 * kapi_litmus_wait.c - waiting: completions, lock order, deadlock, livelock.
 */
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "litmus.h"

/* ---- completions ---- */

struct request {
	struct completion done;
	int answer;
};

static struct request *request;
static bool gone;

static void make_request(void)
{
	request = kzalloc(sizeof(*request), GFP_KERNEL);
	init_completion(&request->done);
}

static void make_bare_request(void)
{
	request = kzalloc(sizeof(*request), GFP_KERNEL);
}

static void close_request(void)
{
	if (!gone)
		kfree(request);
}

static void free_request(void)
{
	gone = true;
	kfree(request);
}

static void answer(void)
{
	request->answer = 42;
	complete(&request->done);
}

static void answer_too_late(void)
{
	complete(&request->done);
	WRITE_ONCE(request->answer, 42);
}

static void wait_and_free(void)
{
	wait_for_completion(&request->done);
	free_request();
}

static void wait_and_check(void)
{
	wait_for_completion(&request->done);
	BUG_ON(request->answer != 42);
}

static void answer_all(void)
{
	request->answer = 42;
	complete_all(&request->done);
}

static void init_and_wait(void)
{
	init_completion(&request->done);
	wait_for_completion(&request->done);
}

static void just_wait(void)
{
	wait_for_completion(&request->done);
}

static void just_complete(void)
{
	complete(&request->done);
}

#define ON_REQUEST(...)                                                                            \
	{                                                                                          \
		.begin = make_request, .thread = {__VA_ARGS__}, .end = close_request               \
	}

/* A completion on the stack of who waits, as drivers have it; the other may refuse to know it. */
static DEFINE_SPINLOCK(post_lock);
static struct completion *posted;
static bool refused;

static void wait_on_own_stack(void)
{
	struct completion mine;
	bool alone;

	init_completion(&mine);
	spin_lock(&post_lock);
	alone = refused;
	posted = &mine;
	spin_unlock(&post_lock);
	if (!alone)
		wait_for_completion(&mine);
}

static void complete_or_refuse(void)
{
	spin_lock(&post_lock);
	if (posted)
		complete(posted);
	else
		refused = true;
	spin_unlock(&post_lock);
}

static void complete_or_forget(void)
{
	spin_lock(&post_lock);
	if (posted)
		complete(posted);
	spin_unlock(&post_lock);
}

/* ---- the order of locks ---- */

static DEFINE_MUTEX(outer);
static DEFINE_MUTEX(inner);
static DEFINE_SPINLOCK(outer_spin);
static DEFINE_SPINLOCK(inner_spin);
static DECLARE_RWSEM(outer_sem);

static void outer_then_inner(void)
{
	mutex_lock(&outer);
	mutex_lock(&inner);
	mutex_unlock(&inner);
	mutex_unlock(&outer);
}

static void inner_then_outer(void)
{
	mutex_lock(&inner);
	mutex_lock(&outer);
	mutex_unlock(&outer);
	mutex_unlock(&inner);
}

/* A trylock does not wait, so it can be in nobody's way. */
static void inner_then_try_outer(void)
{
	mutex_lock(&inner);
	if (mutex_trylock(&outer))
		mutex_unlock(&outer);
	mutex_unlock(&inner);
}

const struct litmus litmus_first_order = {.thread = {outer_then_inner}};
const struct litmus litmus_second_order = {.thread = {inner_then_outer}};

static void spin_outer_then_inner(void)
{
	spin_lock(&outer_spin);
	spin_lock(&inner_spin);
	spin_unlock(&inner_spin);
	spin_unlock(&outer_spin);
}

static void spin_inner_then_outer(void)
{
	spin_lock(&inner_spin);
	spin_lock(&outer_spin);
	spin_unlock(&outer_spin);
	spin_unlock(&inner_spin);
}

/* Three classes, a cycle that no two of them make. */
static void sem_then_outer(void)
{
	down_read(&outer_sem);
	mutex_lock(&outer);
	mutex_unlock(&outer);
	up_read(&outer_sem);
}

static void inner_then_sem(void)
{
	mutex_lock(&inner);
	down_read(&outer_sem);
	up_read(&outer_sem);
	mutex_unlock(&inner);
}

static void sem_then_inner(void)
{
	down_read(&outer_sem);
	mutex_lock(&inner);
	mutex_unlock(&inner);
	up_read(&outer_sem);
}

/* ---- deadlock: two locks of one class, which the order of classes does not see ---- */

struct account {
	struct mutex mutex;
};

static struct account *account[2];

static void make_accounts(void)
{
	for (unsigned i = 0; i < 2; i++) {
		account[i] = kzalloc(sizeof(struct account), GFP_KERNEL);
		mutex_init(&account[i]->mutex);
	}
}

static void free_accounts(void)
{
	kfree(account[0]);
	kfree(account[1]);
}

static void transfer(struct account *from, struct account *to)
{
	mutex_lock(&from->mutex);
	mutex_lock(&to->mutex);
	mutex_unlock(&to->mutex);
	mutex_unlock(&from->mutex);
}

static void transfer_up(void)
{
	transfer(account[0], account[1]);
}

static void transfer_down(void)
{
	transfer(account[1], account[0]);
}

/* ---- livelock ---- */

static int ready;

static void spin_until_ready(void)
{
	while (!READ_ONCE(ready))
		;
}

static void become_ready(void)
{
	WRITE_ONCE(ready, 1);
}

static volatile int plain_ready;

static void spin_on_plain_word(void)
{
	(void)READ_ONCE(ready);
	while (!plain_ready)
		;
}

static void set_plain_word(void)
{
	plain_ready = 1;
}

static void look_whether_ready(void)
{
	for (unsigned i = 0; i < 100 && !READ_ONCE(ready); i++)
		;
}

struct ring {
	struct ring *next;
};

static unsigned walked;

/* The list is the thread's own: nothing that it does is visible. */
static void walk_to(struct ring *from, const struct ring *end)
{
	while (from != end) {
		from = from->next;
		walked++;
	}
}

/* More than the bound in all, and less between two primitives. */
static void walk_in_turns(void)
{
	struct ring second, first = {&second};

	second.next = &first;
	for (unsigned i = 0; i < ACCESSES_MAX * 3 / 8; i++) {
		walk_to(&second, &first);
		if (i % (ACCESSES_MAX / 8) == 0)
			(void)READ_ONCE(ready);
	}
}

static void walk_past_end(void)
{
	struct ring second, first = {&second};

	second.next = &first;
	(void)READ_ONCE(ready);
	walk_to(&first, NULL);
}

const struct litmus_case kapi_litmus_wait[] = {
	{"complete_has_no_touch_after_the_waiter_may_go", "dead_use:request@answer_too_late", NULL,
	 .good = ON_REQUEST(answer, wait_and_free),
	 .bad = ON_REQUEST(answer_too_late, wait_and_free)},
	{"a_completion_that_is_waited_for_may_not_be_freed",
	 "lock_freed:request@free_request dead_use:request@just_wait", "a completion in it is",
	 .good = ON_REQUEST(wait_and_free, just_complete),
	 .bad = ON_REQUEST(just_wait, free_request)},
	{"a_completion_must_be_initialised", "lock_misuse:request", "never initialised",
	 .good = ON_REQUEST(just_wait, just_complete),
	 .bad = {.begin = make_bare_request,
		 .thread = {just_wait, just_complete},
		 .end = close_request}},
	{"one_completion_wakes_one_waiter", "deadlock:none@wait_and_check", "wait_for_completion",
	 .good = ON_REQUEST(answer_all, wait_and_check, wait_and_check),
	 .bad = ON_REQUEST(answer, wait_and_check, wait_and_check)},
	{"a_lost_wakeup_is_a_deadlock", "deadlock:none@init_and_wait", "wait_for_completion",
	 .good = ON_REQUEST(just_wait, just_complete),
	 .bad = ON_REQUEST(init_and_wait, just_complete)},
	{"a_completion_on_the_stack_wakes_its_waiter", "deadlock:none@wait_on_own_stack",
	 "A waits in wait_for_completion(&mine)",
	 .good = {.thread = {wait_on_own_stack, complete_or_refuse}},
	 .bad = {.thread = {wait_on_own_stack, complete_or_forget}}},
	{"mutexes_are_taken_in_one_order", "lock_order:none", " is taken under ",
	 .good = {.thread = {outer_then_inner, outer_then_inner}},
	 .bad = {.thread = {outer_then_inner, inner_then_outer}}},
	{"a_trylock_makes_no_order", "lock_order:none", NULL,
	 .good = {.thread = {outer_then_inner, inner_then_try_outer}},
	 .bad = {.thread = {inner_then_try_outer, outer_then_inner, inner_then_outer}}},
	{"spinlocks_have_an_order_too", "lock_order:none", NULL,
	 .good = {.thread = {spin_outer_then_inner, spin_outer_then_inner}},
	 .bad = {.thread = {spin_outer_then_inner, spin_inner_then_outer}}},
	{"an_order_goes_by_way_of_a_third_lock", "lock_order:none", NULL,
	 .good = {.thread = {sem_then_outer, outer_then_inner, sem_then_inner}},
	 .bad = {.thread = {sem_then_outer, outer_then_inner, inner_then_sem}}},
	{"two_that_wait_for_each_other_are_named", "deadlock:account@transfer",
	 "A waits in mutex_lock(&to->mutex) for B|B waits in mutex_lock(&to->mutex) for A",
	 .good = {.begin = make_accounts,
		  .thread = {transfer_up, transfer_up, transfer_up},
		  .end = free_accounts},
	 .bad = {.begin = make_accounts,
		 .thread = {transfer_up, transfer_down},
		 .end = free_accounts}},
	{"a_loop_without_end_is_a_livelock", "livelock:none@spin_until_ready", NULL,
	 .good = {.thread = {look_whether_ready, look_whether_ready}},
	 .bad = {.thread = {spin_until_ready, look_whether_ready}}},
	{"a_loop_that_another_thread_ends_is_none", "livelock:none@spin_until_ready", NULL,
	 .good = {.thread = {spin_until_ready, become_ready, spin_until_ready}},
	 .bad = {.thread = {spin_until_ready, spin_until_ready}}},
	{"nor_is_one_on_a_plain_word", "livelock:none@spin_on_plain_word", NULL,
	 .good = {.thread = {spin_on_plain_word, set_plain_word}, .races = true},
	 .bad = {.thread = {spin_on_plain_word, look_whether_ready}, .races = true}},
	{"a_loop_without_a_primitive_is_a_livelock_too", "livelock:none@walk_past_end",
	 "without a primitive", .good = {.thread = {walk_in_turns}},
	 .bad = {.thread = {walk_past_end}}},
	{0},
};
