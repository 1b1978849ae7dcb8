/*
 * cache.c - a virtual machine that caches translations for its hardware: KVM's caches of guest
 * pages, vhost's of its rings.
 *
 * A cache is one page that is looked up once and used until it is invalidated. A refresh cannot
 * hold the lock over the look-up, which sleeps. So it first says that it begins, which clears stale
 * unless a change is under way, and calls the page valid only if the cache is not stale then. An
 * invalidation makes stale what it covers, whether it is valid or is only about to be.
 * Two refreshes of one cache take turns: each begins by forgetting what the other must see.
 *
 * Locks: cache->turn -> mmap_lock -> page_table_lock -> vm->lock. vm->lock: the list of caches and
 * all that is in them, the number of changes under way. cache_srcu: who walks the list and sleeps
 * meanwhile; such a reader takes mmap_lock, so no callback may wait for it.
 * A cache uses the file of its machine. Left out: guest memory that moves.
 */
#define SUBJECT_OPS "subject/driver/cache.def"
#include "subject/kinds.h"

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

#define REFRESH_TRIES 3 /* while changes come in between */

struct vm {
	struct mmu_notifier subscription;
	spinlock_t lock;
	struct hlist_head caches; /* added to and removed from under lock */
	int changes;		  /* under lock: starts without their end */
	unsigned nr, mm_nr;
};

struct cache {
	struct hlist_node node;
	struct vm *vm; /* by a use of its file */
	struct mutex turn;
	unsigned nr;
	unsigned long address;
	/* Under vm->lock. */
	bool valid; /* the hardware has the page */
	bool stale; /* invalidated since a refresh began */
	bool gone;  /* off the list */
};

DEFINE_STATIC_SRCU(cache_srcu);

/* In which machine a cache's translation is, plus 1. The hardware knows it without any lock. */
static uint8_t wiring[OBJECTS_MAX];

/* ---- invalidation ---- */

static struct vm *vm_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct vm, subscription);
}

/* vm->lock held. Also what is not valid yet: a refresh may have looked it up already. */
static void cache_drop(struct cache *cache)
{
	if (defect(cache_drop_skips_invalid) && !cache->valid)
		return;
	cache->stale = true;
	cache->valid = false;
	fake_device_flush(cache->vm->nr, cache->nr, 0, 1);
}

/* vm->lock held. Nothing here sleeps, so a range that may not block is no reason to fail. */
static int vm_drop(struct vm *vm, const struct mmu_notifier_range *range)
{
	struct cache *cache;
	int error = 0;

	hlist_for_each_entry(cache, &vm->caches, node) {
		if (defect(cache_start_fails_early) && !mmu_notifier_range_blockable(range))
			return -EAGAIN;
		if (range->start <= cache->address && cache->address < range->end)
			cache_drop(cache);
	}
	return error;
}

static int vm_range_start(struct mmu_notifier *subscription, const struct mmu_notifier_range *range)
{
	struct vm *vm = vm_of(subscription);
	int error;

	spin_lock(&vm->lock);
	vm->changes++;
	error = vm_drop(vm, range);
	spin_unlock(&vm->lock);
	if (defect(cache_start_waits_for_readers))
		synchronize_srcu(&cache_srcu);
	return error;
}

static void vm_range_end(struct mmu_notifier *subscription, const struct mmu_notifier_range *range)
{
	struct vm *vm = vm_of(subscription);

	spin_lock(&vm->lock);
	WARN_ON(vm->changes <= 0);
	vm->changes--;
	spin_unlock(&vm->lock);
}

/* A refresh has a user of the mm, so none comes after exit's call. An unregister may repeat it. */
static void vm_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct vm *vm = vm_of(subscription);
	struct cache *cache;

	spin_lock(&vm->lock);
	hlist_for_each_entry(cache, &vm->caches, node)
		cache_drop(cache);
	spin_unlock(&vm->lock);
}

static const struct mmu_notifier_ops vm_notifier_ops = {
	.release = vm_release,
	.invalidate_range_start = vm_range_start,
	.invalidate_range_end = vm_range_end,
};

/* ---- machines ---- */

static void vm_end(struct vm *vm)
{
	kfree(vm);
}

static void vm_put(unsigned nr, void *object)
{
	struct vm *vm = object;

	if (!kapi_file_put(KIND_VM, nr))
		return;
	mmu_notifier_unregister(&vm->subscription, vm->subscription.mm);
	vm_end(vm);
}

static int vm_create(const struct subject_call *call, struct mm_struct *mm)
{
	struct vm *vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	int error;

	if (!vm)
		return -ENOMEM;
	kapi_name(vm, "vm", call->result);
	spin_lock_init(&vm->lock);
	INIT_HLIST_HEAD(&vm->caches);
	vm->nr = call->result;
	vm->mm_nr = call->operand[0];
	vm->subscription.ops = &vm_notifier_ops;
	error = mmu_notifier_register(&vm->subscription, mm);
	if (!error) {
		kapi_file_install(KIND_VM, call->result, vm);
		return 0;
	}
	vm_end(vm);
	return error;
}

static int op_vm_open(const struct subject_call *call)
{
	return mm_ops_with_mm(call, vm_create);
}

static int op_vm_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_VM, call, vm_put);
}

/* ---- caches ---- */

static int op_cache_open(const struct subject_call *call)
{
	struct vm *vm = kapi_file_get(KIND_VM, call->operand[0]);
	struct cache *cache;

	if (!vm)
		return -ENOENT;
	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	if (!cache) {
		vm_put(call->operand[0], vm);
		return -ENOMEM;
	}
	kapi_name(cache, "cache", call->result);
	mutex_init(&cache->turn);
	cache->vm = vm;
	cache->nr = call->result;
	cache->address = process_address(call->operand[1]);
	kapi_atomic_store(&wiring[cache->nr], vm->nr + 1, __ATOMIC_RELAXED);
	spin_lock(&vm->lock);
	hlist_add_head_rcu(&cache->node, &vm->caches);
	spin_unlock(&vm->lock);
	kapi_file_install(KIND_CACHE, call->result, cache);
	return 0;
}

/* No callback finds it from here on, so it may not come back either. */
static void cache_unlink(struct cache *cache)
{
	spin_lock(&cache->vm->lock);
	hlist_del_rcu(&cache->node);
	cache->gone = true;
	cache_drop(cache);
	spin_unlock(&cache->vm->lock);
}

static void cache_put(unsigned nr, void *object)
{
	struct cache *cache = object;
	struct vm *vm = cache->vm;

	if (!kapi_file_put(KIND_CACHE, nr))
		return;
	cache_unlink(cache);
	synchronize_srcu(&cache_srcu);
	kfree(cache);
	vm_put(vm->nr, vm);
}

static int op_cache_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_CACHE, call, cache_put);
}

/* ---- refresh ---- */

/* A change that is under way has said so before: it may go on under the whole refresh. Returns:
 * false when it is valid already. */
static bool refresh_begin(struct cache *cache)
{
	bool begun;

	spin_lock(&cache->vm->lock);
	begun = !cache->valid;
	if (begun)
		cache->stale =
			cache->vm->changes || (defect(cache_refresh_keeps_stale) && cache->stale);
	spin_unlock(&cache->vm->lock);
	return begun;
}

/* vm->lock held. What was looked up is good only if no change covered it since. */
static int refresh_must_retry(const struct cache *cache)
{
	return cache->stale ? -EAGAIN : 0;
}

/* vm->lock held. From here on every change to come finds the page here. */
static void refresh_map(struct cache *cache, struct page *page)
{
	cache->valid = true;
	fake_device_map(cache->vm->nr, cache->nr, 0, page);
}

static int refresh_end(struct cache *cache, struct page *page)
{
	int error = 0;

	spin_lock(&cache->vm->lock);
	if (!defect(cache_refresh_skips_recheck))
		error = refresh_must_retry(cache);
	if (cache->gone)
		error = -ENOENT;
	if (!error)
		refresh_map(cache, page);
	spin_unlock(&cache->vm->lock);
	return error;
}

static int look_up(struct mm_struct *mm, unsigned long address, struct page **ret_page)
{
	int error;

	mmap_read_lock(mm);
	error = handle_mm_fault(mm, address);
	*ret_page = process_page(mm, address);
	mmap_read_unlock(mm);
	return error;
}

static int refresh_once(struct cache *cache)
{
	struct page *page;
	int error;

	if (!refresh_begin(cache))
		return 0;
	error = look_up(cache->vm->subscription.mm, cache->address, &page);
	if (error)
		return error;
	return page ? refresh_end(cache, page) : -EAGAIN;
}

/* The caller has a user of the mm. */
static int cache_refresh(struct cache *cache)
{
	int error = -EAGAIN;

	if (!defect(cache_refresh_takes_no_turns))
		mutex_lock(&cache->turn);
	for (unsigned try = 0; try < REFRESH_TRIES && error == -EAGAIN; try++)
		error = refresh_once(cache);
	if (!defect(cache_refresh_takes_no_turns))
		mutex_unlock(&cache->turn);
	return error;
}

static int refresh_one(void *object, const struct subject_call *call)
{
	struct cache *cache = object;
	struct mm_struct *mm = cache->vm->subscription.mm;
	int error;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	error = cache_refresh(cache);
	mmput(mm);
	return error;
}

static int op_cache_refresh(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CACHE, call, refresh_one, cache_put);
}

/* A reader over all of them: one that is given up meanwhile stays until the walk is over. */
static int refresh_listed(struct vm *vm)
{
	struct cache *cache;
	int error = 0, id;

	id = srcu_read_lock(&cache_srcu);
	hlist_for_each_entry_srcu(cache, &vm->caches, node, srcu_read_lock_held(&cache_srcu))
		if (!error)
			error = cache_refresh(cache);
	srcu_read_unlock(&cache_srcu, id);
	return error;
}

static int refresh_all(void *object, const struct subject_call *call)
{
	struct vm *vm = object;
	struct mm_struct *mm = vm->subscription.mm;
	int error;

	if (!mmget_not_zero(mm))
		return -ESRCH;
	error = refresh_listed(vm);
	mmput(mm);
	return error;
}

static int op_vm_enter(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_VM, call, refresh_all, vm_put);
}

static int op_cache_dma(const struct subject_call *call)
{
	unsigned vm = kapi_atomic_load(&wiring[call->operand[0]], __ATOMIC_RELAXED);

	return vm ? fake_device_dma(vm - 1, call->operand[0], 0) : -ENOENT;
}

/* ---- a run ---- */

static unsigned vm_mm_nr(const void *vm)
{
	return ((const struct vm *)vm)->mm_nr;
}

static unsigned cache_mm_nr(const void *cache)
{
	return vm_mm_nr(((const struct cache *)cache)->vm);
}

static void fork_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_CACHE, mm_nr, cache_mm_nr, cache_put);
	mm_ops_share_files(KIND_VM, mm_nr, vm_mm_nr, vm_put);
}

static void look_at_vm(const void *object)
{
	const struct vm *vm = object;

	if (vm->subscription.mm->mm_users.counter >
	    0) /* exit may come between a start and its end */
		AT_REST(vm, vm->changes, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_VM, look_at_vm);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_CACHE, cache_put);
	mm_ops_close_files(KIND_VM, vm_put);
}

static void begin(void)
{
}

/* Every machine was unregistered, which waits. */
static void unload(void)
{
}

#define SUBJECT_NAME "cache"
#define SUBJECT_SYMBOL subject_cache
#define SUBJECT_HELP "a virtual machine that caches translations: refreshed beside invalidations"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN begin
#define SUBJECT_FORK fork_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD unload
#define SUBJECT_AT_REST at_rest
#include "subject/define.h"
