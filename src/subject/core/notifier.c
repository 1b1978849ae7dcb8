/*
 * notifier.c - the notifiers themselves, with clients of both flows. Those that register are in
 * notifier_client.c; here are a module and its users, by get and put.
 *
 * The shape is that of SVA's io_mm or of KFD's process. The module's *session* is one per
 * address space, counts changes, and has a list of *handles*, the users. Release takes each handle off
 * the list, then talks to it under no lock; who frees a handle has taken it off too, and then waits
 * with mmu_notifier_synchronize(). Users that were attached are put by release. The ops stand in the
 * module's memory, which goes when every put is done and mmu_notifier_synchronize() returned.
 *
 * Lock order: mmap_lock -> session->lock, a leaf, which is all that callbacks take.
 */
#include "subject/core/notifier.h"

#include <linux/err.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "subject/bench/device.h"
#include "zoo/defect.h"

#define get(word) kapi_atomic_load(&(word), __ATOMIC_RELAXED)
#define set(word, value) kapi_atomic_store(&(word), (value), __ATOMIC_RELAXED)

struct module {
	struct mmu_notifier_ops ops;
	atomic_t sessions;
	uint8_t nr;
};

struct session {
	struct mmu_notifier subscription;
	struct module *module; /* outlives it: see module_exit */
	spinlock_t lock;
	struct list_head handles; /* under lock, as all below */
	unsigned attached;	  /* users that release is to put */
	unsigned changes;
	uint8_t seat, pasid;
};

struct handle {
	struct list_head list; /* under session->lock */
	struct session *session;
	atomic_t stopped;
	uint8_t mm_nr;
};

/* What a handle is of, while it is open: to be compared by others, who may not look into it. */
struct opened {
	struct session *session;
	uint8_t seat;
};

static struct module *loaded; /* or NULL; set while nobody has the module */
static struct mm_struct *seats[OBJECTS_MAX];
static struct opened opened[OBJECTS_MAX];
static const struct session *pasid_owner[FAKE_DEVICE_PASIDS];

/* ---- sessions: the ops of the module ---- */

static struct session *session_of(struct mmu_notifier *subscription)
{
	return container_of(subscription, struct session, subscription);
}

/* An mm that a get is for has one. */
static unsigned seat_of(const struct mm_struct *mm)
{
	unsigned nr = 0;

	while (get(seats[nr]) != mm)
		nr++;
	return nr;
}

/* Two sessions of one address space may be there at a time, each with a PASID of its own. */
static bool pasid_take(unsigned pasid, const struct session *session)
{
	const struct session *none = NULL;

	return __atomic_compare_exchange_n(&pasid_owner[pasid], &none, session, false,
					   __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static unsigned pasid_take_first(const struct session *session)
{
	unsigned pasid = 0;

	while (pasid < FAKE_DEVICE_PASIDS && !pasid_take(pasid, session))
		pasid++;
	return pasid;
}

static int pasid_alloc(const struct session *session)
{
	unsigned pasid = session->seat;

	if (!defect(session_alloc_keys_by_mm))
		pasid = pasid_take_first(session);
	if (pasid == FAKE_DEVICE_PASIDS)
		return -ENOSPC;
	set(pasid_owner[pasid], session);
	return (int)pasid;
}

static void pasid_free(const struct session *session)
{
	if (get(pasid_owner[session->pasid]) != session)
		kapi_verdict(RULE_pasid_live, session, "its PASID is another session's by now",
			     KAPI_SITE("pasid_free", "the PASID is given back"));
	set(pasid_owner[session->pasid], NULL);
}

static void session_init(struct session *session, unsigned seat)
{
	session->module = READ_ONCE(loaded);
	session->seat = (uint8_t)seat;
	spin_lock_init(&session->lock);
	INIT_LIST_HEAD(&session->handles);
	atomic_inc(&session->module->sessions);
}

static struct mmu_notifier *session_alloc(struct mm_struct *mm)
{
	struct session *session;
	int pasid;

	session = kzalloc(sizeof(*session), GFP_KERNEL);
	if (!session)
		return ERR_PTR(-ENOMEM);
	session_init(session, seat_of(mm));
	pasid = pasid_alloc(session);
	if (pasid < 0) {
		atomic_dec(&session->module->sessions);
		kfree(session);
		return ERR_PTR(pasid);
	}
	session->pasid = (uint8_t)pasid;
	kapi_name(session, "session", session->seat);
	return &session->subscription;
}

/* Also for one that was never registered: then ->mm is not set. */
static void session_free(struct mmu_notifier *subscription)
{
	struct session *session = session_of(subscription);

	if (defect(session_free_uses_mm))
		WARN_ON(atomic_read(&subscription->mm->mm_count) <= 0);
	pasid_free(session);
	atomic_dec(&session->module->sessions);
	kfree(session);
}

/* Returns: a handle that is on no list now, or NULL. An SRCU reader keeps it. */
static struct handle *session_take_handle(struct session *session)
{
	struct handle *handle = NULL;

	spin_lock(&session->lock);
	if (!list_empty(&session->handles)) {
		handle = list_first_entry(&session->handles, struct handle, list);
		list_del_init(&handle->list);
	}
	spin_unlock(&session->lock);
	return handle;
}

static unsigned session_take_attached(struct session *session)
{
	unsigned attached;

	spin_lock(&session->lock);
	attached = session->attached;
	session->attached = 0;
	spin_unlock(&session->lock);
	return attached;
}

static void session_put(struct session *session, unsigned module_nr);

static void session_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	struct session *session = session_of(subscription);
	unsigned module_nr = session->module->nr;
	struct handle *handle;

	while ((handle = session_take_handle(session)))
		atomic_inc(&handle->stopped);
	for (unsigned left = session_take_attached(session); left; left--)
		session_put(session, module_nr);
}

static void session_count(struct session *session, int change)
{
	spin_lock(&session->lock);
	session->changes += (unsigned)change;
	spin_unlock(&session->lock);
}

static int session_range_start(struct mmu_notifier *subscription,
			       const struct mmu_notifier_range *range)
{
	session_count(session_of(subscription), 1);
	return 0;
}

static void session_range_end(struct mmu_notifier *subscription,
			      const struct mmu_notifier_range *range)
{
	if (defect(session_range_end_forgets_atomic) && !mmu_notifier_range_blockable(range))
		return;
	session_count(session_of(subscription), -1);
}

static const struct mmu_notifier_ops session_ops = {
	.release = session_release,
	.invalidate_range_start = session_range_start,
	.invalidate_range_end = session_range_end,
	.alloc_notifier = session_alloc,
	.free_notifier = session_free,
};

/* ---- users of sessions ---- */

/* The caller's use of the module goes with it. Also from release: so another use of it is left. */
static void session_put(struct session *session, unsigned module_nr)
{
	mmu_notifier_put(&session->subscription);
	kapi_file_put(KIND_MODULE, module_nr);
}

/* A handle that is open holds a user: who comes for the same gets the same (INV-05). */
static void check_only_one(const struct session *session)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		const struct session *other = get(opened[nr].session);

		if (other && other != session && get(opened[nr].seat) == session->seat)
			kapi_verdict(RULE_second_notifier, other,
				     "another get of the same ops and mm made a second one",
				     KAPI_SITE("mmu_notifier_get", "get returns"));
	}
}

static struct mmu_notifier *get_notifier(struct module *module, struct mm_struct *mm, bool locked)
{
	struct mmu_notifier *subscription;

	if (!locked)
		return mmu_notifier_get(&module->ops, mm);
	mmap_write_lock(mm);
	subscription = mmu_notifier_get_locked(&module->ops, mm);
	mmap_write_unlock(mm);
	return subscription;
}

static struct session *session_got(struct session *session)
{
	check_only_one(session);
	return session;
}

static struct session *session_get(struct module *module, unsigned mm_nr, struct mm_struct *mm,
				   bool locked)
{
	struct mmu_notifier *subscription;

	set(seats[mm_nr], mm);
	subscription = get_notifier(module, mm, locked);
	if (!IS_ERR(subscription))
		return session_got(session_of(subscription));
	return ERR_PTR(PTR_ERR(subscription));
}

/* What to do with a user of a session: 0, or it is not kept. */
typedef int session_user(const struct subject_call *call, struct session *session);

/* The user keeps the module's file in use, as it keeps the module. */
static int use_session(const struct subject_call *call, bool locked, session_user *user)
{
	struct module *module = kapi_file_get(KIND_MODULE, call->operand[0]);
	struct session *session;
	struct mm_struct *mm;
	int error;

	if (!module)
		return -ENOENT;
	mm = mm_ops_use(call->operand[1]);
	session = IS_ERR(mm) ? ERR_PTR(PTR_ERR(mm))
			     : session_get(module, call->operand[1], mm, locked);
	error = IS_ERR(session) ? (int)PTR_ERR(session) : user(call, session);
	if (IS_ERR(session))
		kapi_file_put(KIND_MODULE, call->operand[0]);
	else if (error)
		session_put(session, call->operand[0]);
	if (!IS_ERR(mm))
		mm_ops_unuse(call->operand[1], mm);
	return error;
}

static int handle_open(const struct subject_call *call, struct session *session)
{
	struct handle *handle = kzalloc(sizeof(*handle), GFP_KERNEL);

	if (!handle)
		return -ENOMEM;
	kapi_name(handle, "handle", call->result);
	handle->session = session;
	handle->mm_nr = (uint8_t)call->operand[1];
	spin_lock(&session->lock);
	list_add(&handle->list, &session->handles);
	spin_unlock(&session->lock);
	set(opened[call->result].seat, handle->mm_nr);
	set(opened[call->result].session, session);
	kapi_file_install(KIND_HANDLE, call->result, handle);
	return 0;
}

int op_notifier_get(const struct subject_call *call)
{
	return use_session(call, false, handle_open);
}

int op_notifier_get_locked(const struct subject_call *call)
{
	return use_session(call, true, handle_open);
}

static int session_attach(const struct subject_call *call, struct session *session)
{
	(void)call;
	spin_lock(&session->lock);
	session->attached++;
	spin_unlock(&session->lock);
	return 0;
}

int op_notifier_attach(const struct subject_call *call)
{
	return use_session(call, false, session_attach);
}

/* A release may have the handle in hand. It has one user, so the put alone waits for nobody. */
static void handle_close(struct handle *handle)
{
	struct session *session = handle->session;

	spin_lock(&session->lock);
	list_del_init(&handle->list);
	spin_unlock(&session->lock);
	session_put(session, session->module->nr);
	mmu_notifier_synchronize();
	kfree(handle);
}

static void handle_file_put(unsigned nr, void *handle)
{
	if (!kapi_file_put(KIND_HANDLE, nr))
		return;
	set(opened[nr].session, NULL);
	handle_close(handle);
}

int op_notifier_put(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_HANDLE, call, handle_file_put);
}

int op_notifier_synchronize(const struct subject_call *call)
{
	(void)call;
	mmu_notifier_synchronize();
	return 0;
}

/* ---- ...release, again ---- */

/* A second user of the session: its put is not the last. */
static int again_unregister(struct handle *handle)
{
	struct session *session = handle->session, *same;
	struct mm_struct *mm = mm_ops_use(handle->mm_nr);

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	/* It is in use by the handle; who tries to unload it may have it closed for a moment. */
	same = kapi_file_get(KIND_MODULE, session->module->nr)
		       ? session_get(session->module, handle->mm_nr, mm, false)
		       : ERR_PTR(-EBUSY);
	if (!IS_ERR(same))
		session_put(same, session->module->nr);
	mm_ops_unuse(handle->mm_nr, mm);
	return IS_ERR(same) ? (int)PTR_ERR(same) : 0;
}

static int again_session(struct session *session, bool late)
{
	mmu_notifier_release_again(&session->subscription, session->subscription.mm, late);
	return 0;
}

static int handle_again(void *object, const struct subject_call *call)
{
	struct handle *handle = object;
	enum again again = call->operand[1];

	return again == AGAIN_OTHER ? again_unregister(handle)
				    : again_session(handle->session, again == AGAIN_LATE);
}

int op_notifier_release_again(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_HANDLE, call, handle_again, handle_file_put);
}

/* ---- the module ---- */

int op_module_load(const struct subject_call *call)
{
	struct module *module;

	if (READ_ONCE(loaded))
		return -EEXIST;
	module = kzalloc(sizeof(*module), GFP_KERNEL);
	if (!module)
		return -ENOMEM;
	kapi_name(module, "module", call->result);
	module->ops = session_ops;
	module->nr = call->result;
	if (cmpxchg(&loaded, NULL, module)) { /* somebody was faster */
		kfree(module);
		return -EEXIST;
	}
	kapi_file_install(KIND_MODULE, call->result, module);
	return 0;
}

/* The caller closed its file, and has the only use of it. */
static void module_unload(unsigned nr, struct module *module)
{
	kapi_file_put(KIND_MODULE, nr);
	mmu_notifier_synchronize();
	kfree(module);
	WRITE_ONCE(loaded, NULL);
}

int op_module_exit(const struct subject_call *call)
{
	struct module *module = kapi_file_close(KIND_MODULE, call->operand[0]);

	if (!module)
		return -ENOENT;
	if (kapi_file_users(KIND_MODULE, call->operand[0]) > 1) {
		kapi_file_reopen(KIND_MODULE, call->operand[0]);
		return -EBUSY;
	}
	module_unload(call->operand[0], module);
	return 0;
}

/* ---- the whole run ---- */

static unsigned handle_mm_nr(const void *handle)
{
	return ((const struct handle *)handle)->mm_nr;
}

static void share_files(unsigned mm_nr)
{
	mm_ops_share_files(KIND_HANDLE, mm_nr, handle_mm_nr, handle_file_put);
	clients_share(mm_nr);
}

static void begin(void)
{
}

/* Exit, and a release that comes again, stop the handles; who is told of the start may miss the end then. */
static void look_at_handle(const void *object)
{
	const struct handle *handle = object;

	if (!handle->stopped.counter)
		AT_REST(handle->session, handle->session->changes, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_HANDLE, look_at_handle);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_HANDLE, handle_file_put);
	clients_close();
}

/* The one use of the module's file is ours: it was closed, or the run is at its end. */
static void module_file_put(unsigned nr, void *module)
{
	module_unload(nr, module);
}

/* An exit that the OOM reaper left to a work puts the users that were attached. */
static void unload(void)
{
	flush_scheduled_work();
	mm_ops_close_files(KIND_MODULE, module_file_put);
}

#define SUBJECT_NAME "notifier"
#define SUBJECT_SYMBOL subject_notifier
#define SUBJECT_HELP "the notifiers, with clients that register and users that get and put"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN begin
#define SUBJECT_FORK share_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_AT_REST at_rest
#define SUBJECT_UNLOAD unload
#include "subject/define.h"
