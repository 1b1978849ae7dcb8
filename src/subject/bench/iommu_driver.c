/*
 * iommu_driver.c - the IOMMU driver under both SVA cores: it writes the fake device's PASID table and
 * flushes its TLB.
 *
 * The page table is shared: an entry is the mm's own pgd. A PASID must not go back to the pool while a
 * device still has an entry for it (INV-45); the release of the last context that was attached with
 * it is the last moment to look.
 */
#include "subject/bench/iommu_driver.h"

#include <linux/err.h>
#include <linux/ioasid.h>
#include <linux/slab.h>

#include "subject/bench/device.h"
#include "kapi/process.h"

struct context {
	struct pgd *pgd;
	unsigned pasid; /* 0: never attached */
};

static unsigned contexts[FAKE_DEVICE_PASIDS]; /* attached with it, and not released yet */

static unsigned contexts_nr;

static void *driver_alloc(struct mm_struct *mm)
{
	struct context *context = kzalloc(sizeof(*context), GFP_KERNEL);

	if (!context)
		return ERR_PTR(-ENOMEM);
	context->pgd = process_table(mm);
	__atomic_fetch_add(&contexts_nr, 1, __ATOMIC_RELAXED);
	return context;
}

static int driver_attach(struct device *dev, int pasid, void *ctx, bool attach_domain)
{
	struct context *context = ctx;

	if (kapi_should_fail(dev, KAPI_SITE("attach", "attach the device")))
		return -EIO;
	if (!__atomic_exchange_n(&context->pasid, (unsigned)pasid, __ATOMIC_RELAXED))
		__atomic_fetch_add(&contexts[pasid], 1, __ATOMIC_RELAXED);
	if (attach_domain && fake_device_has_entry(dev->domain, pasid))
		kapi_verdict(RULE_bond_twice, ctx, "its device is attached already",
			     KAPI_SITE("attach", "attach the device"));
	if (attach_domain)
		fake_device_set_entry(dev->domain, pasid, context->pgd);
	return 0;
}

static void driver_clear(struct device *dev, int pasid, void *ctx)
{
	fake_device_clear_entry(dev->domain, pasid);
}

static void driver_detach(struct device *dev, int pasid, void *ctx, bool detach_domain)
{
	if (detach_domain)
		fake_device_clear_entry(dev->domain, pasid);
	fake_device_flush(dev->domain, pasid, 0, MM_PAGES);
}

/* A command to the device: a step of its own, since the device may be gone by then. */
static void driver_invalidate(struct device *dev, int pasid, void *ctx, unsigned long start,
			      unsigned long end)
{
	fake_device_flush_range(READ_ONCE(dev->domain), pasid, start, end);
}

/* The PASID returns to the pool right after it, unless a newer context of the same mm has it. */
static void driver_release(void *ctx)
{
	struct context *context = ctx;
	unsigned pasid = kapi_atomic_load(&context->pasid, __ATOMIC_RELAXED);

	if (pasid && __atomic_sub_fetch(&contexts[pasid], 1, __ATOMIC_RELAXED) == 0 &&
	    fake_device_any_has_entry(pasid))
		kapi_verdict(RULE_pasid_live, context,
			     "the PASID is given back, and a device has an entry",
			     KAPI_SITE("release", "release the context"));
	__atomic_fetch_sub(&contexts_nr, 1, __ATOMIC_RELAXED);
	kfree(context);
}

/* The pool gives the smallest that is free. */
void iommu_driver_check_pool(void)
{
	if (!kapi_atomic_load(&contexts_nr, __ATOMIC_RELAXED) &&
	    ioasid_alloc(1, IOASID_MAX, NULL) != 1)
		kapi_verdict(RULE_pasid_lost, NULL, "a PASID never came back to the pool",
			     KAPI_SITE("close", "all is closed"));
}

const struct io_mm_ops iommu_driver_ops = {
	.alloc = driver_alloc,
	.attach = driver_attach,
	.detach = driver_detach,
	.clear = driver_clear,
	.invalidate = driver_invalidate,
	.release = driver_release,
};
