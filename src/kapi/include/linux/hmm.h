/*
 * hmm.h - mirrors of an address space on a device.
 *
 * Implemented twice: by core/hmm.c, and by posted/hmm_v3.c as it was posted in 2015. Both stand in
 * one binary, so a driver calls through the table of one of them. Contracts here are the clean
 * core's; where the posted version promises less, hmm_v3.c says so.
 */
#ifndef LINUX_HMM_H
#define LINUX_HMM_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>

struct hmm;
struct hmm_mirror;

struct hmm_device_ops {
	/*
	 * The device must stop using the address space, and may not start again. Called when the mm
	 * ends, on a device error and in hmm_mirror_unregister(), whichever is first, once per
	 * registration (INV-50). May sleep; no lock of the core is held; @mirror stays until it
	 * returns. May not unregister @mirror, nor wait for who may be the last user of the mm:
	 * exit waits for it.
	 */
	void (*release)(struct hmm_mirror *mirror);
	/*
	 * Addresses @start up to @end are about to change: drop them. May sleep, but may not call back
	 * into the core. May run beside release(), never after it returned.
	 */
	void (*invalidate)(struct hmm_mirror *mirror, unsigned long start, unsigned long end);
};

/* Embedded in a driver's device. The driver sets ops, the rest is the core's. */
struct hmm_device {
	const struct hmm_device_ops *ops;
	struct list_head mirrors;
	struct mutex mutex;	/* protects mirrors, and never the life of the device */
	refcount_t refs;	/* one for the driver, one per mirror that is not destroyed */
	struct completion idle; /* refs is 0: nobody touches the device any more */
};

/* Embedded in a driver's mirror. Zeroed by the driver before hmm_mirror_register(). */
struct hmm_mirror {
	struct hmm_device *device;
	struct hmm *hmm;
	struct kref kref;	 /* one of the caller's, one while it is on hmm's list */
	struct list_head dlist;	 /* device->mirrors */
	struct hlist_node mlist; /* hmm->mirrors, until release() returned */
	unsigned char claimed;	 /* somebody calls release(), or did */
	struct completion released;
	struct completion gone; /* nobody but the unregisterer touches the mirror any more */
};

struct hmm_core {
	/**
	 * hmm_device_register() - make a device ready for mirrors
	 * @device: ops is set
	 *
	 * Context: any.
	 * Takes:   nothing; the driver keeps the memory until hmm_device_unregister() returned 0.
	 * Returns: 0.
	 */
	int (*device_register)(struct hmm_device *device);

	/**
	 * hmm_device_unregister() - the driver wants its device back
	 *
	 * Context: may sleep. No mirror is being registered on @device, and none will be; a driver
	 *          may call again after -EBUSY.
	 * Gives:   after 0 no thread touches @device, not even the tail of an unlock (INV-52); the
	 *          caller may free it at once.
	 * Returns: 0, or -EBUSY while a mirror of @device is registered.
	 */
	int (*device_unregister)(struct hmm_device *device);

	/**
	 * hmm_mirror_register() - mirror an address space on a device
	 * @mirror: zeroed memory of the caller
	 * @device: registered, and not being unregistered
	 * @mm: mm_users pinned by the caller
	 *
	 * Context: may sleep; mmap_lock is not held.
	 * Takes:   the caller's reference on @mirror, returned by hmm_mirror_unregister(); a
	 *          reference on @device; a user of the hmm of @mm, which keeps the mm_struct.
	 * Gives:   callbacks from here on, maybe before it returns; until @mirror is unregistered
	 *          the mm_struct stays, mm_users does not.
	 * Returns: 0; -EEXIST: @device already mirrors @mm; -ENOMEM, -EOVERFLOW. On failure
	 *          nothing refers to @mirror.
	 */
	int (*mirror_register)(struct hmm_mirror *mirror, struct hmm_device *device,
			       struct mm_struct *mm);

	/**
	 * hmm_mirror_unregister() - stop mirroring an address space
	 * @mirror: what hmm_mirror_register() accepted; once
	 *
	 * Context: may sleep; no lock is held that release() takes; not from release().
	 * Takes:   the caller's reference on @mirror. Any time relative to exit, in any thread.
	 * Gives:   on return no callback of @mirror runs or can start, here or on another thread
	 *          (INV-51), and nobody touches @mirror: the caller may free it at once. A thread
	 *          that is on its way out may still hold @device, which is what
	 *          hmm_device_unregister() waits for.
	 * Returns: nothing; cannot fail.
	 */
	void (*mirror_unregister)(struct hmm_mirror *mirror);

	/**
	 * hmm_mirror_error() - the device cannot go on with this mirror
	 *
	 * Context: may sleep; the caller keeps @mirror alive at least until it is entered, and does
	 *          not hold a lock that release() takes. May run beside exit and unregister.
	 * Gives:   release() has been called, or is being called by another thread.
	 */
	void (*mirror_error)(struct hmm_mirror *mirror);

	/**
	 * hmm_mirror_get() - a second owner's reference
	 *
	 * Context: any; the caller keeps @mirror alive meanwhile.
	 * Takes:   a reference; hmm_mirror_unregister() waits for it to be put.
	 * Returns: false when the last reference is gone already.
	 */
	bool (*mirror_get)(struct hmm_mirror *mirror);

	/** mirror_put() - drop what mirror_get() took; may sleep */
	void (*mirror_put)(struct hmm_mirror *mirror);

	/**
	 * hmm_mirror_notifier() - the notifier that serves a mirror; for the test bench
	 *
	 * Context: any; good as long as the caller holds a reference on @mirror.
	 */
	struct mmu_notifier *(*mirror_notifier)(struct hmm_mirror *mirror);
};

extern const struct hmm_core hmm_core;
extern const struct hmm_core hmm_core_v3;

#endif
