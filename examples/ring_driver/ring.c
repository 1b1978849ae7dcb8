/* SPDX-License-Identifier: MIT */
/*
 * ring.c - /dev/ring: contexts of a device that works on its users' memory.
 *
 * Each open file is a context, bound to the address space that opened it. Contexts are found by
 * their id, without a lock, by whoever kicks one: that may be another process. A context leaves the
 * list when its file is closed or its address space ends, whichever comes first.
 *
 * A kick only counts; the device's part is done by a work of the context, which closing the file
 * cancels before the context goes. No kick can come after that: the context is off the list, and
 * who found it earlier and has not queued the work yet finds it dead.
 *
 * References: the open file has one, the list has one, a kick has one while it works.
 *
 * Locks: ring_lock (the list, for writers) -> nothing; ctx->lock (pages, kicks and dead) -> nothing.
 *
 * Three bugs can be compiled in, to see what finding them looks like: PLANT_1 to PLANT_3.
 */
#define pr_fmt(fmt) "ring: " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "ring.h"

struct ring_ctx {
	struct list_head node; /* in ring_contexts; walked under RCU */
	struct kref kref;
	struct rcu_head rcu;
	struct mmu_notifier mn;
	struct mm_struct *mm; /* kept by the registration of mn */
	unsigned int id;
	bool listed; /* under ring_lock */
	spinlock_t lock;
	bool dead;	    /* the address space is gone, or the file is closed: no more kicks */
	unsigned int kicks; /* not done yet */
	unsigned int pages; /* which the device has translations for */
	struct work_struct work; /* does the kicks; queued under lock, and only while not dead */
};

static LIST_HEAD(ring_contexts);
static DEFINE_MUTEX(ring_lock);
static unsigned int ring_last_id;

/* ---- references ---- */

static void ring_ctx_free(struct kref *kref)
{
	struct ring_ctx *ctx = container_of(kref, struct ring_ctx, kref);

	pr_debug("context %u ends\n", ctx->id);
#ifdef PLANT_1
	kfree(ctx);
#else
	kfree_rcu(ctx, rcu);
#endif
}

static void ring_ctx_put(struct ring_ctx *ctx)
{
	kref_put(&ctx->kref, ring_ctx_free);
}

static struct ring_ctx *ring_ctx_find(unsigned int id)
{
	struct ring_ctx *ctx, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(ctx, &ring_contexts, node) {
		if (ctx->id == id && kref_get_unless_zero(&ctx->kref)) {
			found = ctx;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

/* ---- the list ---- */

static void ring_ctx_list(struct ring_ctx *ctx)
{
	kref_get(&ctx->kref);
	mutex_lock(&ring_lock);
	ctx->id = ++ring_last_id;
	ctx->listed = true;
	list_add_rcu(&ctx->node, &ring_contexts);
	mutex_unlock(&ring_lock);
}

/* May be called again, and at the same time: who takes it off the list drops the list's reference. */
static void ring_ctx_unlist(struct ring_ctx *ctx)
{
	bool listed;

#ifdef PLANT_2
	listed = READ_ONCE(ctx->listed);
	mutex_lock(&ring_lock);
#else
	mutex_lock(&ring_lock);
	listed = ctx->listed;
#endif
	if (ctx->listed) {
		list_del_rcu(&ctx->node);
		WRITE_ONCE(ctx->listed, false);
	}
	mutex_unlock(&ring_lock);
	if (listed)
		ring_ctx_put(ctx);
}

/* ---- the device's part ---- */

static void ring_work(struct work_struct *work)
{
	struct ring_ctx *ctx = container_of(work, struct ring_ctx, work);

	spin_lock(&ctx->lock);
	if (!ctx->dead)
		ctx->pages += ctx->kicks;
	ctx->kicks = 0;
	spin_unlock(&ctx->lock);
}

/* ---- the address space ---- */

static void ring_ctx_kill(struct ring_ctx *ctx)
{
	spin_lock(&ctx->lock);
	ctx->dead = true;
	ctx->pages = 0;
	spin_unlock(&ctx->lock);
}

static void ring_mn_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct ring_ctx *ctx = container_of(mn, struct ring_ctx, mn);

	ring_ctx_kill(ctx);
	ring_ctx_unlist(ctx);
}

static int ring_mn_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct ring_ctx *ctx = container_of(mn, struct ring_ctx, mn);

	spin_lock(&ctx->lock);
	ctx->pages = 0;
	spin_unlock(&ctx->lock);
	return 0;
}

static const struct mmu_notifier_ops ring_mn_ops = {
	.release = ring_mn_release,
	.invalidate_range_start = ring_mn_start,
};

/* ---- the file ---- */

static int ring_open(struct inode *inode, struct file *file)
{
	struct ring_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	int error;

	if (!ctx)
		return -ENOMEM;
	kref_init(&ctx->kref);
	spin_lock_init(&ctx->lock);
	INIT_WORK(&ctx->work, ring_work);
	ctx->mm = current->mm;
	ctx->mn.ops = &ring_mn_ops;
	error = mmu_notifier_register(&ctx->mn, ctx->mm);
	if (error) {
		kfree(ctx);
		return error;
	}
	ring_ctx_list(ctx);
	file->private_data = ctx;
	return 0;
}

static int ring_release(struct inode *inode, struct file *file)
{
	struct ring_ctx *ctx = file->private_data;

	ring_ctx_unlist(ctx);
	mmu_notifier_unregister(&ctx->mn, ctx->mm); /* if nobody else did: kills it */
#ifndef PLANT_3
	cancel_work_sync(&ctx->work);
#endif
	ring_ctx_put(ctx);
	return 0;
}

static long ring_kick(unsigned int id)
{
	struct ring_ctx *ctx = ring_ctx_find(id);
	long error = 0;

	if (!ctx)
		return -ENOENT;
	spin_lock(&ctx->lock);
	if (ctx->dead) {
		error = -ESRCH;
	} else {
		ctx->kicks++;
		schedule_work(&ctx->work);
	}
	spin_unlock(&ctx->lock);
	ring_ctx_put(ctx);
	return error;
}

static long ring_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct ring_ctx *ctx = file->private_data;

	switch (command) {
	case RING_GET_ID:
		return ctx->id;
	case RING_KICK:
		return ring_kick(argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations ring_fops = {
	.owner = THIS_MODULE,
	.open = ring_open,
	.release = ring_release,
	.unlocked_ioctl = ring_ioctl,
};

static struct miscdevice ring_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ring",
	.fops = &ring_fops,
};

static int __init ring_init(void)
{
	return misc_register(&ring_device);
}

static void __exit ring_exit(void)
{
	misc_deregister(&ring_device);
	WARN_ON(!list_empty(&ring_contexts));
	rcu_barrier();
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("contexts of a device that works on its users' memory");
