/*
 * iommu.h - shared virtual addressing: a device works on the page table of a process.
 *
 * A bond ties a device to an address space. All bonds of one mm share an io_mm, which has the PASID
 * and is told by an mmu_notifier when the mm ends. The IOMMU driver, below, writes the hardware's
 * tables (struct io_mm_ops); the device driver, above, binds and unbinds.
 *
 * There are several implementations: each is one struct sva_core, and its functions have the
 * kernel's names. Which one a driver talks to is the driver's choice, so one binary can hold them
 * all.
 */
#ifndef LINUX_IOMMU_H
#define LINUX_IOMMU_H

#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>

#define IOMMU_PASID_INVALID (-1)

struct iommu_param; /* of the core: what it knows about a device */
struct iommu_sva;

struct device {
	unsigned int domain;		 /* devices of one domain share their PASID table */
	struct iommu_param *iommu_param; /* from probe() to remove() */
};

/* Of a device driver, where the core calls back when the mm ends (v4 only). */
struct iommu_sva_ops {
	/*
	 * The mm is about to end. After it the device does not use the PASID; the bond stays until
	 * unbind(). May sleep; called under the core's locks, so it does not call the core.
	 * Returns: 0.
	 */
	int (*mm_exit)(struct device *dev, struct iommu_sva *handle, void *drvdata);
};

/* What bind() returns. First in the core's bond. */
struct iommu_sva {
	struct device *dev;
	const struct iommu_sva_ops *ops;
};

/* Of the IOMMU driver. @ctx is what alloc() made for one io_mm. */
struct io_mm_ops {
	/* May sleep. Returns: a context or an ERR_PTR. */
	void *(*alloc)(struct mm_struct *mm);
	/*
	 * Let the device use @pasid. The entry of the PASID table is written only with
	 * @attach_domain: else another device of the domain has it there. May sleep. Returns: 0 or
	 * -errno.
	 */
	int (*attach)(struct device *dev, int pasid, void *ctx, bool attach_domain);
	/*
	 * The device stopped using @pasid: forget what is cached for it, and with @detach_domain
	 * clear the entry. May sleep.
	 */
	void (*detach)(struct device *dev, int pasid, void *ctx, bool detach_domain);
	/*
	 * The mm ends while the device may still use @pasid: clear the entry for all devices of the
	 * domain, so that no walk begins. What is cached stays. May sleep.
	 */
	void (*clear)(struct device *dev, int pasid, void *ctx);
	/* Forget pages @start <= page < @end. Does not sleep: called inside an RCU reader. */
	void (*invalidate)(struct device *dev, int pasid, void *ctx, unsigned long start,
			   unsigned long end);
	/* No device uses @ctx any more. Does not sleep. */
	void (*release)(void *ctx);
};

/**
 * struct sva_core - one implementation
 *
 * @driver: register the one IOMMU driver of the system; before anything else.
 *
 * @probe: a device appears; sets iommu_param. May sleep. Returns: 0 or -ENOMEM.
 *
 * @remove: a device goes, after disable() or without enable(). The memory of the device is the
 *          caller's; no call that was given the device is running.
 *
 * @enable: the feature on. May sleep. Returns: 0, -EEXIST when it is on, -ENOMEM.
 *
 * @disable: the feature off. May sleep.
 *          Returns: 0, -EBUSY while there are bonds, -EINVAL when it is off.
 *          Gives: after 0 no thread of the core touches the device, not even one that is still
 *          returning from the unbind() of its last bond. The caller may remove() and free it
 * (INV-47).
 *
 * @bind: tie @dev to @mm. May sleep; no lock held; mm_users pinned by the caller. @drvdata goes to
 *          mm_exit(), and is the same for every bind of one device and mm.
 *          Returns: the bond or an ERR_PTR: -ENODEV without the feature, -ENOMEM, -ENOSPC without a
 *          PASID, what attach() said. The same device and mm again is the same bond; every bind is
 *          undone by an unbind. Gives: on return the device reaches the mm with the bond's PASID,
 *          until the mm ends (INV-40).
 *
 * @unbind: undo one bind. May sleep; no lock held; the device does not use the PASID any more if
 * this is the last. At any time relative to the end of the mm (INV-42). Gives: the handle is not
 * the caller's any more; nothing of it is called for this caller.
 *
 * @get_pasid: of a bond that the caller has bound. Does not sleep.
 *          Returns: the PASID, or IOMMU_PASID_INVALID when there is none any more.
 *
 * @set_ops: where mm_exit() is called; NULL in a core that calls none.
 *
 * @notifier_get: for the test bench, which makes release() come again: the notifier behind a bond
 * of the caller, kept alive and, until its mm ends, registered. May sleep. Or NULL.
 *
 * @notifier_put: done with it. May sleep.
 *
 * @at_rest: AT_REST() of what the core counts of a device that has @bonds; may only read. Or NULL.
 */
struct sva_core {
	void (*driver)(const struct io_mm_ops *ops);
	int (*probe)(struct device *dev);
	void (*remove)(struct device *dev);
	int (*enable)(struct device *dev);
	int (*disable)(struct device *dev);
	struct iommu_sva *(*bind)(struct device *dev, struct mm_struct *mm, void *drvdata);
	void (*unbind)(struct iommu_sva *handle);
	int (*get_pasid)(struct iommu_sva *handle);
	void (*set_ops)(struct iommu_sva *handle, const struct iommu_sva_ops *ops);
	struct mmu_notifier *(*notifier_get)(struct iommu_sva *handle);
	void (*notifier_put)(struct mmu_notifier *mn);
	void (*at_rest)(const struct device *dev, unsigned int bonds);
};

extern const struct sva_core sva_core;	  /* core/sva.c */
extern const struct sva_core sva_v4_core; /* posted/sva_v4.c */

#endif
