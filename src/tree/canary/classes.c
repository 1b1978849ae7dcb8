/*
 * classes.c - the alarm's test of src/tree/kernel: for each class of primitives one op, which keeps the
 * contract (good) or breaks it in one way (bad), with the tree's own inline functions in between.
 *
 * What is expected of each stands in tests/tree/canaries.list.
 */
#define SUBJECT_OPS "tree/canary/classes.def"
#include "subject/kinds.h"

#include <linux/bit_spinlock.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/ww_mutex.h>

#include "subject/bench/device.h"
#include "tree/canary/ordering.h"

static DEFINE_SPINLOCK(spinlock);
static DEFINE_RWLOCK(rwlock);
static DEFINE_MUTEX(mutex);
static DEFINE_MUTEX(other_mutex);
static DECLARE_RWSEM(rwsem);
static DEFINE_WW_CLASS(ww_class);
static seqcount_t seqcount;
static unsigned long bit_word;
static DECLARE_WAIT_QUEUE_HEAD(queue);
static bool woken, raced_word;
static struct work_struct works[4]; /* one more than there are workers */
static struct timer_list staying;
static struct thing __rcu *published;
DEFINE_STATIC_SRCU(classes_srcu);

struct thing {
	struct rcu_head head;
	struct work_struct work;
	struct delayed_work delayed;
	struct timer_list timer;
	struct list_head list;
	spinlock_t lock;
	refcount_t refs;
	char text[8];
};

static bool is_bad(const struct subject_call *call)
{
	return call->operand[0];
}

static struct thing *thing_new(void)
{
	return kzalloc(sizeof(struct thing), GFP_KERNEL);
}

/* ---- locks ---- */

static int op_spin(const struct subject_call *call)
{
	spin_lock(&spinlock);
	if (is_bad(call))
		mutex_lock(&mutex);
	spin_unlock(&spinlock);
	return spin_is_locked(&spinlock) ? -EBUSY : 0;
}

static int op_preempt(const struct subject_call *call)
{
	preempt_disable();
	if (!is_bad(call))
		preempt_enable();
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	return 0;
}

static int op_rwlock(const struct subject_call *call)
{
	read_lock(&rwlock);
	read_unlock(&rwlock);
	write_lock(&rwlock);
	if (!is_bad(call))
		write_unlock(&rwlock);
	return 0;
}

static int op_mutex(const struct subject_call *call)
{
	if (!is_bad(call))
		mutex_lock(&mutex);
	mutex_unlock(&mutex);
	return 0;
}

static void take_both(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	mutex_lock(second);
	mutex_unlock(second);
	mutex_unlock(first);
}

static int op_order(const struct subject_call *call)
{
	take_both(&mutex, &other_mutex);
	if (is_bad(call))
		take_both(&other_mutex, &mutex);
	return 0;
}

static int op_lock_free(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	spin_lock_init(&thing->lock);
	spin_lock(&thing->lock);
	if (!is_bad(call))
		spin_unlock(&thing->lock);
	kfree(thing);
	return 0;
}

static int op_rwsem(const struct subject_call *call)
{
	down_read(&rwsem);
	WARN_ON(!rwsem_is_locked(&rwsem));
	if (is_bad(call))
		up_write(&rwsem);
	else
		up_read(&rwsem);
	return 0;
}

static int op_ww(const struct subject_call *call)
{
	struct ww_acquire_ctx ctx;
	struct ww_mutex lock;

	ww_mutex_init(&lock, &ww_class);
	ww_acquire_init(&ctx, &ww_class);
	WARN_ON(ww_mutex_lock(&lock, &ctx));
	WARN_ON(ww_mutex_lock(&lock, &ctx) != -EALREADY);
	if (!is_bad(call))
		ww_mutex_unlock(&lock);
	ww_acquire_fini(&ctx);
	return 0;
}

static int op_seqcount(const struct subject_call *call)
{
	preempt_disable();
	write_seqcount_begin(&seqcount);
	if (!is_bad(call))
		write_seqcount_end(&seqcount);
	preempt_enable();
	return read_seqcount_retry(&seqcount, read_seqcount_begin(&seqcount)) ? -EAGAIN : 0;
}

static int op_bit_lock(const struct subject_call *call)
{
	bit_spin_lock(0, &bit_word);
	if (is_bad(call))
		bit_spin_lock(0, &bit_word);
	bit_spin_unlock(0, &bit_word);
	return 0;
}

/* ---- grace periods ---- */

static int op_rcu(const struct subject_call *call)
{
	rcu_read_lock();
	if (!is_bad(call))
		rcu_read_unlock();
	synchronize_rcu();
	return 0;
}

static int op_rcu_end(const struct subject_call *call)
{
	if (!is_bad(call))
		rcu_read_lock();
	rcu_read_unlock();
	return 0;
}

static int op_rcu_load(const struct subject_call *call)
{
	struct thing *thing;

	rcu_read_lock();
	if (is_bad(call))
		rcu_read_unlock();
	thing = rcu_dereference(published);
	if (!is_bad(call))
		rcu_read_unlock();
	return thing ? -EEXIST : 0;
}

static int op_srcu(const struct subject_call *call)
{
	int index = srcu_read_lock(&classes_srcu);

	if (!is_bad(call))
		srcu_read_unlock(&classes_srcu, index);
	return 0;
}

static void thing_free(struct rcu_head *head)
{
	kfree(container_of(head, struct thing, head));
}

static int op_rcu_call(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	call_rcu(&thing->head, thing_free);
	rcu_barrier();
	if (is_bad(call))
		WRITE_ONCE(thing->text[0], 1);
	return 0;
}

static int op_rcu_twice(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	call_rcu(&thing->head, thing_free);
	if (is_bad(call))
		call_rcu(&thing->head, thing_free);
	rcu_barrier();
	return 0;
}

/* ---- waiting ---- */

static int op_wait(const struct subject_call *call)
{
	wait_event(queue, READ_ONCE(woken));
	return 0;
}

static int op_wake(const struct subject_call *call)
{
	WRITE_ONCE(woken, true);
	if (!is_bad(call))
		wake_up_all(&queue);
	return 0;
}

static int op_complete(const struct subject_call *call)
{
	DECLARE_COMPLETION_ONSTACK(done);

	if (!is_bad(call))
		complete(&done);
	wait_for_completion(&done);
	return 0;
}

/* ---- what runs later ---- */

static void work_run(struct work_struct *work)
{
	spin_lock(&spinlock);
	spin_unlock(&spinlock);
}

static void timer_run(struct timer_list *timer)
{
	spin_lock(&spinlock);
	spin_unlock(&spinlock);
}

static int op_work(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	INIT_WORK(&thing->work, work_run);
	schedule_work(&thing->work);
	if (!is_bad(call))
		flush_work(&thing->work);
	kfree(thing);
	return 0;
}

static void work_wait(struct work_struct *work)
{
	wait_event(queue, READ_ONCE(woken));
}

static int op_works(const struct subject_call *call)
{
	for (int i = 0; i < ARRAY_SIZE(works); i++) {
		INIT_WORK(&works[i], is_bad(call) ? work_wait : work_run);
		schedule_work(&works[i]);
	}
	for (int i = 0; i < ARRAY_SIZE(works); i++)
		flush_work(&works[i]);
	return 0;
}

static int op_delayed(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	INIT_DELAYED_WORK(&thing->delayed, work_run);
	schedule_delayed_work(&thing->delayed, 1);
	if (!is_bad(call))
		cancel_delayed_work_sync(&thing->delayed);
	kfree(thing);
	return 0;
}

static int op_timer(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	timer_setup(&thing->timer, timer_run, 0);
	mod_timer(&thing->timer, 1);
	if (!is_bad(call))
		timer_delete_sync(&thing->timer);
	kfree(thing);
	return 0;
}

static int op_stay(const struct subject_call *call)
{
	timer_setup(&staying, timer_run, 0);
	mod_timer(&staying, 1);
	if (!is_bad(call))
		timer_delete_sync(&staying);
	return 0;
}

/* ---- memory ---- */

static int op_slab(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	kfree(thing);
	if (is_bad(call))
		kfree(thing);
	return 0;
}

static int op_foreign(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	kfree(is_bad(call) ? (void *)&spinlock : thing);
	return 0;
}

static int op_lose(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!is_bad(call))
		kfree(thing);
	return 0;
}

/* What it takes it gives back, or not. */
static int op_hoard(const struct subject_call *call)
{
	for (int i = 0; i < (is_bad(call) ? 1000000 : 10); i++) {
		struct thing *thing = thing_new();

		if (!thing)
			return -ENOMEM;
		if (!is_bad(call))
			kfree(thing);
	}
	return 0;
}

static int op_wild(const struct subject_call *call)
{
	int *at = is_bad(call) ? (int *)0x8000000000000000 : (int *)&bit_word;

	return READ_ONCE(*at) ? -EINVAL : 0;
}

static int op_null(const struct subject_call *call)
{
	struct thing *thing = thing_new();
	struct thing *at = is_bad(call) ? NULL : thing;
	int text = thing ? READ_ONCE(at->text[0]) : 0;

	kfree(thing);
	return text;
}

static int op_cache(const struct subject_call *call)
{
	struct kmem_cache *cache = kmem_cache_create("things", sizeof(struct thing), 0, 0, NULL);
	struct thing *thing = cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;

	if (thing && !is_bad(call))
		kmem_cache_free(cache, thing);
	kmem_cache_destroy(cache);
	return 0;
}

static int op_range(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	memset(thing, 0, sizeof(*thing) + (is_bad(call) ? 64 : 0));
	kfree(thing);
	return 0;
}

static int op_page(const struct subject_call *call)
{
	char *contents = (char *)get_zeroed_page(GFP_KERNEL);
	struct page *page = virt_to_page(contents);

	if (!contents)
		return -ENOMEM;
	WARN_ON(page_address(page) != contents || contents[8]);
	get_page(page);
	put_page(page);
	free_pages((unsigned long)contents, 0);
	if (call->operand[0] == 1)
		set_page_private(page, 1);
	if (call->operand[0] == 2)
		contents[8] = 1;
	return 0;
}

/* The device forgets the page before it goes, or uses it behind that. */
static int op_dma(const struct subject_call *call)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	fake_device_map(0, 0, 0, page);
	if (!is_bad(call))
		fake_device_flush(0, 0, 0, 1);
	put_page(page);
	fake_device_dma(0, 0, 0);
	return 0;
}

/* ---- complaints ---- */

static int op_outside(const struct subject_call *call)
{
	if (is_bad(call))
		emergency_restart();
	return 0;
}

static int op_refcount(const struct subject_call *call)
{
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	refcount_set(&thing->refs, is_bad(call) ? 0 : 1);
	refcount_inc(&thing->refs);
	kfree(thing);
	return 0;
}

static int op_count(const struct subject_call *call)
{
	ordering_count(is_bad(call));
	return 0;
}

static int op_box(const struct subject_call *call)
{
	return ordering_begin();
}

static int op_publish(const struct subject_call *call)
{
	return ordering_publish(call->operand[0]);
}

static int op_look(const struct subject_call *call)
{
	ordering_look();
	return 0;
}

static int op_cross(const struct subject_call *call)
{
	ordering_cross(call->operand[0], call->operand[1]);
	return 0;
}

static int op_warn(const struct subject_call *call)
{
	WARN_ON(is_bad(call));
	return 0;
}

static int op_bug(const struct subject_call *call)
{
	BUG_ON(is_bad(call));
	return 0;
}

static int op_list(const struct subject_call *call)
{
	LIST_HEAD(list);
	struct thing *thing = thing_new();

	if (!thing)
		return -ENOMEM;
	list_add(&thing->list, &list);
	list_del(&thing->list);
	if (is_bad(call))
		list_del(&thing->list);
	kfree(thing);
	return 0;
}

/* Each writes under the lock, and looks before it takes it. */
static int op_race(const struct subject_call *call)
{
	bool seen = is_bad(call) ? raced_word : data_race(raced_word);

	if (call->operand[0] > 1)
		return ordering_sequence(call->operand[0] == 3);
	spin_lock(&spinlock);
	WRITE_ONCE(raced_word, !seen);
	spin_unlock(&spinlock);
	return 0;
}

/* Another thread runs meanwhile: current and what belongs to it is this one's again behind it. */
static int op_own_task(const struct subject_call *call)
{
	struct task_struct *task = current;

	task->mm = (void *)&rwsem;
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	WARN_ON(READ_ONCE(task->mm) != (is_bad(call) ? NULL : (void *)&rwsem));
	WARN_ON(current != task);
	task->mm = NULL;
	return 0;
}

/* ---- the subject ---- */

static void nothing(void)
{
}

static void fork_files(unsigned mm_nr)
{
}

#define SUBJECT_NAME "classes"
#define SUBJECT_SYMBOL subject_classes
#define SUBJECT_HELP "the kernel's primitives, kept and broken: the alarm's own test"
#define SUBJECT_MM_OPS "subject/bench/mm_ops.def"
#define SUBJECT_BEGIN nothing
#define SUBJECT_FORK fork_files
#define SUBJECT_CLOSE nothing
#define SUBJECT_UNLOAD ordering_end
#define SUBJECT_POSTED true /* its ops break the rules on purpose */
#include "subject/define.h"
