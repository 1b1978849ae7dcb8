/*
 * kapi_litmus_module.c - the end of a module: what still is to run its code, and its use count.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "litmus.h"

struct part {
	struct work_struct work;
	struct delayed_work late;
	struct timer_list timer;
	struct rcu_head rcu;
	const volatile void *ops;
};

static struct part *part;
static int uses;

static void do_work(struct work_struct *work)
{
	WRITE_ONCE(uses, 1);
}

static void do_timer(struct timer_list *timer)
{
	WRITE_ONCE(uses, 2);
}

static void free_part_later(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct part, rcu));
}

static void make_part(void)
{
	part = kzalloc(sizeof(*part), GFP_KERNEL);
	INIT_WORK(&part->work, do_work);
	INIT_DELAYED_WORK(&part->late, do_work);
	timer_setup(&part->timer, do_timer, 0);
}

static void nothing(void)
{
}

static void free_part(void)
{
	kfree(part);
}

static void make_mapped(void)
{
	make_part();
	part->ops = part;
	kapi_module_maps(part, &part->ops);
}

/* The module's own function, and what the kernel adds. */
#define END(exit, free)                                                                            \
	static void end_##exit(void)                                                               \
	{                                                                                          \
		exit();                                                                            \
		kapi_module_end(KAPI_SITE("module_exit", "module_exit(" #exit ")"));               \
		free();                                                                            \
	}

static void queue(void)
{
	queue_work(system_wq, &part->work);
}

static void cancels_work(void)
{
	cancel_work_sync(&part->work);
}

static void takes_work_back(void)
{
	cancel_work(&part->work); /* one that runs goes on */
}

static void goes(void)
{
}
END(cancels_work, nothing)
END(takes_work_back, nothing)

static void cancels_and_frees(void)
{
	cancels_work();
	free_part();
}

static void make_and_queue(void)
{
	make_part();
	queue();
}

static void queue_late(void)
{
	queue_delayed_work(system_wq, &part->late, 1);
}

static void cancels_late(void)
{
	cancel_delayed_work_sync(&part->late);
}

static void flushes(void)
{
	flush_work(&part->late.work);
}
END(cancels_late, free_part)
END(flushes, free_part)

static void arm(void)
{
	mod_timer(&part->timer, 1);
}

static void disarms(void)
{
	timer_delete_sync(&part->timer);
}

static void forgets_timer(void)
{
}
END(disarms, free_part)
END(forgets_timer, free_part)

static void call(void)
{
	call_rcu(&part->rcu, free_part_later);
}

static void call_kfree(void)
{
	kfree_rcu(part, rcu); /* its function is the kernel's */
}

static void waits_for_callbacks(void)
{
	rcu_barrier();
}

static void waits_for_readers(void)
{
	synchronize_rcu();
}

END(waits_for_callbacks, nothing)
END(waits_for_readers, nothing)
END(goes, nothing)

/* ---- the use count ---- */

static bool gone;

static int loads(void)
{
	return 0;
}

static void unloads(void)
{
	WRITE_ONCE(gone, true);
}
module_init(loads);
module_exit(unloads);

static void unload(void)
{
	kapi_module_unload();
}

static void use_module(void)
{
	if (!try_module_get(THIS_MODULE))
		return;
	BUG_ON(READ_ONCE(gone));
	__module_get(THIS_MODULE);
	BUG_ON(module_refcount(THIS_MODULE) < 2);
	module_put(THIS_MODULE);
	module_put(THIS_MODULE);
}

static void use_without_get(void)
{
	BUG_ON(READ_ONCE(gone));
}

static void put_without_get(void)
{
	module_put(THIS_MODULE);
}

const struct litmus_case kapi_litmus_module[] = {
	{"a_module_waits_for_its_work", "code_unloaded:part@queue", "a work",
	 .good = {.begin = make_and_queue, .thread = {end_cancels_work}, .end = free_part},
	 .bad = {.begin = make_and_queue,
		 .thread = {end_takes_work_back},
		 .end = cancels_and_frees}},
	{"a_flush_does_not_wait_for_the_timer_of_a_work", "code_unloaded:part@queue_late", "a work",
	 .good = {.begin = make_part, .thread = {queue_late}, .end = end_cancels_late},
	 .bad = {.begin = make_part, .thread = {queue_late}, .end = end_flushes}},
	{"a_module_waits_for_its_timer", "code_unloaded:part@arm", "a timer",
	 .good = {.begin = make_part, .thread = {arm}, .end = end_disarms},
	 .bad = {.begin = make_part, .thread = {arm}, .end = end_forgets_timer}},
	{"a_module_waits_for_callbacks_not_for_readers", "code_unloaded:part@call", "a callback",
	 .good = {.begin = make_part, .thread = {call}, .end = end_waits_for_callbacks},
	 .bad = {.begin = make_part, .thread = {call}, .end = end_waits_for_readers}},
	{"what_kfree_rcu_calls_stays", "code_unloaded:part@call", "a callback",
	 .good = {.begin = make_part, .thread = {call_kfree}, .end = end_goes},
	 .bad = {.begin = make_part, .thread = {call}, .end = end_goes}},
	{"a_module_is_held_by_a_mapping_of_its_file", "code_unloaded:part@call", "a callback",
	 .good = {.begin = make_mapped, .thread = {call}, .end = end_goes},
	 .bad = {.begin = make_part, .thread = {call}, .end = end_goes}},
	{"a_module_in_use_is_not_unloaded", "bug:none@use_without_get", NULL,
	 .good = {.thread = {unload, use_module, use_module}},
	 .bad = {.thread = {unload, use_without_get}}},
	{"a_put_of_a_module_without_its_get_is_a_warn", "warn:none@put_without_get", NULL,
	 .good = {.thread = {use_module, use_module}}, .bad = {.thread = {put_without_get}}},
	{0},
};
