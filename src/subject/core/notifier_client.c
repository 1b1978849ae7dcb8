/*
 * notifier_client.c - the clients of subject notifier that register and unregister.
 *
 * A *mapping* client is the shape of KVM, or of a driver with a page table of its own. It maps pages by
 * a fault path that counts changes going on and numbers those that are over: what was looked up before
 * a change is not mapped after it. Release may run twice for it, at the same time and late; what must
 * happen once, to drop the address space's reference on the client, has a flag. The same object may be
 * registered again.
 *
 * A *busy* client is the shape of those with a start and no end: it may have to wait for its lock, says
 * -EAGAIN where it may not, maps nothing, and has no release.
 *
 * Locks: client->open_lock, for who is registered -> mmap_lock -> client->lock, a leaf; callbacks take
 * that or client->busy_lock.
 */
#include "subject/core/notifier.h"

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

#define FAULT_TRIES 2

struct client {
	struct mmu_notifier subscription;
	refcount_t refs; /* its file; the address space, until release came */
	struct mutex open_lock;
	bool registered; /* under open_lock */
	struct mutex busy_lock;
	spinlock_t lock;
	bool dead;  /* under lock, as all below: no page may be mapped */
	bool owned; /* the address space has a reference */
	unsigned changes;
	unsigned long sequence;
	uint8_t nr, mm_nr;
};

/* ---- callbacks ---- */

static struct client *client_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct client, subscription);
}

static void client_put(struct client *client)
{
	if (refcount_dec_and_test(&client->refs))
		kfree(client);
}

/* Returns: is the address space's reference the caller's to drop? */
static bool client_stop(struct client *client)
{
	bool owned;

	spin_lock(&client->lock);
	owned = client->owned;
	client->owned = false;
	client->dead = true;
	fake_device_flush(client->nr, 0, 0, MM_PAGES);
	spin_unlock(&client->lock);
	return owned;
}

/* What no release may do: those pages may be gone (INV-09). */
static void client_mark_pages(struct mm_struct *mm)
{
	down_read(&process_rmap_lock(mm));
	for (unsigned nr = 0; nr < MM_PAGES; nr++)
		(void)process_page(mm, process_address(nr));
	up_read(&process_rmap_lock(mm));
}

static void client_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct client *client = client_of(subscription);
	bool owned;

	if (defect(client_release_walks_pages))
		client_mark_pages(mm);
	owned = client_stop(client);
	if (defect(client_release_drops_again))
		owned = true;
	if (owned)
		client_put(client);
}

static int client_range_start(struct mmu_notifier *subscription,
			      const struct mmu_notifier_range *range)
{
	struct client *client = client_of(subscription);

	spin_lock(&client->lock);
	client->changes++;
	fake_device_flush_range(client->nr, 0, range->start, range->end);
	spin_unlock(&client->lock);
	return 0;
}

static void client_range_end(struct mmu_notifier *subscription,
			     const struct mmu_notifier_range *range)
{
	struct client *client = client_of(subscription);

	spin_lock(&client->lock);
	client->sequence++;
	client->changes--;
	spin_unlock(&client->lock);
}

static const struct mmu_notifier_ops mapping_ops = {
	.release = client_release,
	.invalidate_range_start = client_range_start,
	.invalidate_range_end = client_range_end,
};

/* Whether others have the lock is for the strategy to say, beside those who do. */
static bool busy_lock(struct client *client, bool block)
{
	if (block)
		mutex_lock(&client->busy_lock);
	return block || (!kapi_should_fail(client, KAPI_SITE("busy", "its lock may be taken")) &&
			 mutex_trylock(&client->busy_lock));
}

static int busy_range_start(struct mmu_notifier *subscription,
			    const struct mmu_notifier_range *range)
{
	struct client *client = client_of(subscription);
	bool block = mmu_notifier_range_blockable(range), locked;

	if (defect(busy_range_start_never_waits))
		block = false;
	if (defect(busy_range_start_always_waits))
		block = true;
	locked = busy_lock(client, block);
	if (locked)
		mutex_unlock(&client->busy_lock);
	return locked ? 0 : -EAGAIN;
}

static const struct mmu_notifier_ops busy_ops = {.invalidate_range_start = busy_range_start};

/* ---- registration ---- */

static bool has_release(const struct client *client)
{
	return client->subscription.ops->release;
}

/* A change that it was told the start of, in an earlier registration, will have no end (INV-25). */
static void client_start(struct client *client)
{
	if (has_release(client))
		refcount_inc(&client->refs);
	spin_lock(&client->lock);
	client->owned = has_release(client);
	client->changes = 0;
	spin_unlock(&client->lock);
}

/* Not sooner: what is mapped, or was looked up, before it is registered nobody takes back. */
static void client_go(struct client *client)
{
	spin_lock(&client->lock);
	client->dead = false;
	client->sequence++;
	spin_unlock(&client->lock);
	client->registered = true;
}

/* open_lock held, or nobody else has the client. */
static int client_open(struct client *client, struct mm_struct *mm)
{
	int error;

	client_start(client);
	error = mmu_notifier_register(&client->subscription, mm);
	if (!error) {
		client_go(client);
		return 0;
	}
	if (defect(client_open_unregisters_what_failed))
		mmu_notifier_unregister(&client->subscription, mm);
	if (client_stop(client))
		client_put(client);
	return error;
}

/* Release has come by the time it returns: here, or in an exit that it waited for. */
static void client_leave(struct client *client)
{
	if (defect(client_leave_puts))
		mmu_notifier_put(&client->subscription);
	if (!defect(client_leave_puts))
		mmu_notifier_unregister(&client->subscription, client->subscription.mm);
	client->registered = false;
}

static struct client *client_alloc(const struct subject_call *call)
{
	struct client *client = kzalloc(sizeof(*client), GFP_KERNEL);

	if (!client)
		return NULL;
	kapi_name(client, "client", call->result);
	client->subscription.ops = call->operand[1] ? &busy_ops : &mapping_ops;
	refcount_set(&client->refs, 1);
	mutex_init(&client->open_lock);
	mutex_init(&client->busy_lock);
	spin_lock_init(&client->lock);
	client->dead = true;
	client->nr = call->result;
	client->mm_nr = call->operand[0];
	return client;
}

static int client_create(const struct subject_call *call, struct mm_struct *mm)
{
	struct client *client = client_alloc(call);
	int error;

	if (!client)
		return -ENOMEM;
	error = client_open(client, mm);
	if (error)
		client_put(client);
	else
		kapi_file_install(KIND_CLIENT, call->result, client);
	return error;
}

int op_client_register(const struct subject_call *call)
{
	return mm_ops_with_mm(call, client_create);
}

static void client_file_put(unsigned nr, void *object)
{
	struct client *client = object;

	if (!kapi_file_put(KIND_CLIENT, nr))
		return;
	mutex_lock(&client->open_lock);
	if (client->registered)
		client_leave(client);
	mutex_unlock(&client->open_lock);
	client_put(client);
}

int op_client_unregister(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_CLIENT, call, client_file_put);
}

static int client_reopen(struct client *client, struct mm_struct *mm)
{
	int error;

	mutex_lock(&client->open_lock);
	if (client->registered)
		client_leave(client);
	error = client_open(client, mm);
	mutex_unlock(&client->open_lock);
	return error;
}

static int work_reregister(void *object, const struct subject_call *call)
{
	struct client *client = object;
	struct mm_struct *mm = mm_ops_use(client->mm_nr);
	int error;

	(void)call;
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = client_reopen(client, mm);
	mm_ops_unuse(client->mm_nr, mm);
	return error;
}

int op_client_reregister(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CLIENT, call, work_reregister, client_file_put);
}

/* ---- using it ---- */

/* Returns: is no change going on? */
static bool client_sample(struct client *client, unsigned long *ret_sequence)
{
	bool quiet;

	spin_lock(&client->lock);
	quiet = !client->changes && !client->dead;
	*ret_sequence = client->sequence;
	spin_unlock(&client->lock);
	return quiet;
}

/* Reclaim may have taken @page since it was looked up, but not without a change. */
static int client_map(struct client *client, unsigned long sequence, unsigned long address,
		      struct page *page)
{
	int error = -EAGAIN;

	spin_lock(&client->lock);
	if (page && !client->changes && !client->dead && client->sequence == sequence) {
		fake_device_map(client->nr, 0, process_page_nr(address), page);
		error = 0;
	}
	spin_unlock(&client->lock);
	return error;
}

static int client_try_fault(struct client *client, struct mm_struct *mm, unsigned long address)
{
	struct page *page = NULL;
	unsigned long sequence;
	int error;

	if (!client_sample(client, &sequence))
		return -EAGAIN;
	mmap_read_lock(mm);
	error = handle_mm_fault(mm, address);
	if (!error)
		page = process_page(mm, address);
	mmap_read_unlock(mm);
	return error ? error : client_map(client, sequence, address, page);
}

/* A busy client maps nothing, and works under its lock. */
static int client_fault(struct client *client, struct mm_struct *mm, unsigned long address)
{
	int error = -EAGAIN;

	if (has_release(client)) {
		for (unsigned try = 0; try < FAULT_TRIES && error == -EAGAIN; try++)
			error = client_try_fault(client, mm, address);
		return error;
	}
	mutex_lock(&client->busy_lock);
	mutex_unlock(&client->busy_lock);
	return 0;
}

static int work_fault(void *object, const struct subject_call *call)
{
	struct client *client = object;
	struct mm_struct *mm = mm_ops_use(client->mm_nr);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = client_fault(client, mm, process_address(call->operand[1]));
	mm_ops_unuse(client->mm_nr, mm);
	return error;
}

int op_client_fault(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CLIENT, call, work_fault, client_file_put);
}

int op_client_dma(const struct subject_call *call)
{
	return fake_device_dma(call->operand[0], 0, call->operand[1]);
}

/* open_lock held. The driver's own call is in no reader: the file keeps the client. */
static int client_again(struct client *client, enum again again)
{
	struct mmu_notifier *subscription = &client->subscription;

	if (!client->registered || !has_release(client))
		return -ESRCH;
	if (again == AGAIN_OTHER)
		subscription->ops->release(subscription, subscription->mm);
	else
		mmu_notifier_release_again(subscription, subscription->mm, again == AGAIN_LATE);
	return 0;
}

/* Another path of the driver that ends the registration, and does not ask whether one did. */
static void client_unregister_too(struct client *client)
{
	mmu_notifier_unregister(&client->subscription, client->subscription.mm);
}

static int work_release_again(void *object, const struct subject_call *call)
{
	struct client *client = object;
	int error;

	if (defect(client_again_unregisters))
		client_unregister_too(client);
	mutex_lock(&client->open_lock);
	error = client_again(client, call->operand[1]);
	mutex_unlock(&client->open_lock);
	return error;
}

int op_client_release_again(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_CLIENT, call, work_release_again, client_file_put);
}

/* ---- for notifier.c ---- */

static unsigned client_mm_nr(const void *client)
{
	return ((const struct client *)client)->mm_nr;
}

void clients_share(unsigned mm_nr)
{
	mm_ops_share_files(KIND_CLIENT, mm_nr, client_mm_nr, client_file_put);
}

void clients_close(void)
{
	mm_ops_close_files(KIND_CLIENT, client_file_put);
}
