/*
 * iommu_sva_tree.c - the half of the bench in the tree's types: iommu-sva.c and io-pgfault.c, with
 * arm-smmu-v3-sva.c as the IOMMU's driver. What is between them in the kernel, iommu.c and arm-smmu-v3.c,
 * is here, as far as these three can see it: groups with their array of PASIDs, and the SMMU's context
 * descriptors.
 *
 * Two devices are behind one SMMU, each in a group of its own. A descriptor that walks a page table is an
 * entry of the fake device, and the SMMU's TLB is its cache: what is cached belongs to an ASID, and stays
 * when the descriptor goes, until that ASID is invalidated or the place is needed for another. A device stalls at a fault until the fault
 * is answered, and its driver stops it, that is, waits for the answers, before it ends a bond: that is
 * what iommu_sva_unbind_device() asks of its caller.
 *
 * Left out: ATS and page requests by PCI, domains other than SVA, and devices that go.
 */
#include <linux/completion.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "arm-smmu-v3.h"
#include "iommu-priv.h"

#include "kapi/bench.h"
#include "kapi/process.h"
#include "subject/bench/device.h"

#define DEVICES 2u
#define PASIDS ((unsigned int)FAKE_DEVICE_PASIDS)
#define TAGS 32u
#define RETRIES 4u /* of an access whose page goes again */

struct iommu_group {
	struct mutex mutex;
	struct xarray pasid_array;
};

struct bond {
	struct iommu_sva *handle;
	unsigned int device, pasid;
	refcount_t uses; /* who bound it, and each fault that is not answered */
	struct completion idle;
};

struct stall { /* a fault, by its tag */
	struct bond *bond;
	unsigned int page_nr;
	enum iommu_page_response_code code;
	struct completion *answered; /* NULL: nobody asks for the answer */
};

DEFINE_XARRAY_ALLOC1(arm_smmu_asid_xa);

static DEFINE_MUTEX(probe_mutex);
static bool probed;
static struct arm_smmu_device smmu;
static struct iommu_device iommu;
static struct arm_smmu_master masters[DEVICES];
static struct device devices[DEVICES];
static struct dev_iommu params[DEVICES];
static struct iommu_group groups[DEVICES];
static struct arm_smmu_cd descriptors[DEVICES][PASIDS];
static u16 asids[DEVICES]
		[PASIDS]; /* of what is cached; under asid_mutex, as the lists of domains */
static DEFINE_MUTEX(asid_mutex);
static DEFINE_SPINLOCK(pasid_lock);
static unsigned long pasids = 1; /* the global ones that are taken */
static DEFINE_SPINLOCK(tag_lock);
static struct stall *tags[TAGS];

static unsigned int device_nr(const struct device *dev)
{
	return dev - devices;
}

/* ---- iommu.c ---- */

ioasid_t iommu_alloc_global_pasid(struct device *dev)
{
	ioasid_t pasid;

	if (kapi_should_fail(dev, KAPI_SITE("iommu_alloc_global_pasid", "no PASID is left")))
		return IOMMU_PASID_INVALID;
	spin_lock(&pasid_lock);
	for (pasid = 1; pasid < PASIDS && pasids & (1ul << pasid); pasid++)
		;
	if (pasid < PASIDS)
		pasids |= 1ul << pasid;
	spin_unlock(&pasid_lock);
	return pasid < PASIDS ? pasid : IOMMU_PASID_INVALID;
}

void iommu_free_global_pasid(ioasid_t pasid)
{
	spin_lock(&pasid_lock);
	WARN_ON(pasid >= PASIDS || !(pasids & (1ul << pasid)));
	pasids &= ~(1ul << pasid);
	spin_unlock(&pasid_lock);
}

struct iommu_attach_handle *iommu_attach_handle_get(struct iommu_group *group, ioasid_t pasid,
						    unsigned int type)
{
	struct iommu_attach_handle *found;
	int error = 0;

	xa_lock(&group->pasid_array);
	found = xa_load(&group->pasid_array, pasid);
	if (!found || (type && found->domain->type != type))
		error = found ? -EBUSY : -ENOENT;
	xa_unlock(&group->pasid_array);
	return error ? ERR_PTR(error) : found;
}

int iommu_attach_device_pasid(struct iommu_domain *domain, struct device *dev, ioasid_t pasid,
			      struct iommu_attach_handle *handle)
{
	struct iommu_group *group = dev->iommu_group;
	int error;

	mutex_lock(&group->mutex);
	handle->domain = domain;
	error = xa_insert(&group->pasid_array, pasid, handle, GFP_KERNEL);
	if (!error) {
		error = domain->ops->set_dev_pasid(domain, dev, pasid, NULL);
		if (error)
			xa_erase(&group->pasid_array, pasid);
	}
	mutex_unlock(&group->mutex);
	return error;
}

void iommu_detach_device_pasid(struct iommu_domain *domain, struct device *dev, ioasid_t pasid)
{
	struct iommu_group *group = dev->iommu_group;

	mutex_lock(&group->mutex);
	dev_iommu_ops(dev)->remove_dev_pasid(dev, pasid, domain);
	xa_erase(&group->pasid_array, pasid);
	mutex_unlock(&group->mutex);
}

void iommu_domain_free(struct iommu_domain *domain)
{
	mmdrop(domain->mm);
	domain->ops->free(domain);
}

/* ---- arm-smmu-v3.c: context descriptors and the TLB ---- */

struct arm_smmu_domain *arm_smmu_domain_alloc(void)
{
	struct arm_smmu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	if (!domain)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&domain->devices);
	spin_lock_init(&domain->devices_lock);
	return domain;
}

struct arm_smmu_cd *arm_smmu_get_cd_ptr(struct arm_smmu_master *master, u32 ssid)
{
	return &descriptors[device_nr(master->dev)][ssid];
}

/* Which page table it walks is set with the PASID; here a walk is allowed, or no longer. */
void arm_smmu_write_cd_entry(struct arm_smmu_master *master, int ssid, struct arm_smmu_cd *at,
			     const struct arm_smmu_cd *target)
{
	*at = *target;
	if (target->data[0] & cpu_to_le64(CTXDESC_CD_0_TCR_EPD0))
		fake_device_clear_entry(device_nr(master->dev), ssid);
}

static void add_master(struct arm_smmu_domain *domain, struct arm_smmu_master_domain *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&domain->devices_lock, flags);
	list_add(&entry->devices_elm, &domain->devices);
	spin_unlock_irqrestore(&domain->devices_lock, flags);
}

int arm_smmu_set_pasid(struct arm_smmu_master *master, struct arm_smmu_domain *domain,
		       ioasid_t pasid, struct arm_smmu_cd *cd)
{
	struct arm_smmu_master_domain *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	unsigned int nr = device_nr(master->dev);

	if (!entry)
		return -ENOMEM;
	entry->master = master;
	entry->ssid = pasid;
	mutex_lock(&asid_mutex);
	add_master(domain, entry);
	if (asids[nr][pasid] != domain->cd.asid)
		fake_device_flush(nr, pasid, 0, MM_PAGES);
	WRITE_ONCE(asids[nr][pasid], domain->cd.asid);
	arm_smmu_write_cd_entry(master, pasid, arm_smmu_get_cd_ptr(master, pasid), cd);
	fake_device_set_entry(nr, pasid, process_table(domain->domain.mm));
	mutex_unlock(&asid_mutex);
	return 0;
}

static struct arm_smmu_master_domain *take_master(struct arm_smmu_domain *domain,
						  struct arm_smmu_master *master, ioasid_t pasid)
{
	struct arm_smmu_master_domain *entry, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&domain->devices_lock, flags);
	list_for_each_entry(entry, &domain->devices, devices_elm) {
		if (entry->master != master || entry->ssid != pasid)
			continue;
		list_del(&entry->devices_elm);
		found = entry;
		break;
	}
	spin_unlock_irqrestore(&domain->devices_lock, flags);
	return found;
}

static void remove_dev_pasid(struct device *dev, ioasid_t pasid, struct iommu_domain *domain)
{
	unsigned int nr = device_nr(dev);

	mutex_lock(&asid_mutex);
	fake_device_clear_entry(nr, pasid);
	kfree(take_master(to_smmu_domain(domain), &masters[nr], pasid));
	mutex_unlock(&asid_mutex);
}

static void flush(u16 asid, unsigned long first, unsigned long end)
{
	for (unsigned int d = 0; d < DEVICES; d++)
		for (unsigned int p = 0; p < PASIDS; p++)
			if (READ_ONCE(asids[d][p]) == asid)
				fake_device_flush(d, p, first, end);
}

void arm_smmu_tlb_inv_asid(struct arm_smmu_device *of, u16 asid)
{
	flush(asid, 0, MM_PAGES);
}

void arm_smmu_tlb_inv_range_asid(unsigned long iova, size_t size, int asid, size_t granule,
				 bool leaf, struct arm_smmu_domain *domain)
{
	flush(asid, min(iova >> PAGE_SHIFT, (unsigned long)MM_PAGES),
	      min((iova + size + PAGE_SIZE - 1) >> PAGE_SHIFT, (unsigned long)MM_PAGES));
}

/* The devices cache nothing themselves. */
int arm_smmu_atc_inv_domain(struct arm_smmu_domain *domain, unsigned long iova, size_t size)
{
	return 0;
}

/* ---- faults: a tag each ---- */

static int tag_new(struct stall *stall)
{
	int tag = -EBUSY;

	spin_lock(&tag_lock);
	for (unsigned int i = 0; i < TAGS && tag < 0; i++)
		if (!tags[i])
			tag = i;
	if (tag >= 0)
		tags[tag] = stall;
	spin_unlock(&tag_lock);
	return tag;
}

static struct stall *tag_take(unsigned int tag)
{
	struct stall *stall;

	spin_lock(&tag_lock);
	stall = tags[tag];
	tags[tag] = NULL;
	spin_unlock(&tag_lock);
	return stall;
}

static void bond_put(struct bond *bond)
{
	if (refcount_dec_and_test(&bond->uses))
		complete(&bond->idle);
}

/* The device goes on: it makes the access again, or gives it up. The bond may go right after that. */
static void page_response(struct device *dev, struct iopf_fault *fault,
			  struct iommu_page_response *response)
{
	struct stall *stall = tag_take(response->grpid);
	struct bond *bond = stall->bond;

	stall->code = response->code;
	if (stall->answered) {
		complete(stall->answered);
		return; /* it is on the stack of who waits */
	}
	if (stall->code == IOMMU_PAGE_RESP_SUCCESS)
		fake_device_dma(bond->device, bond->pasid, stall->page_nr);
	kfree(stall);
	bond_put(bond);
}

/* In the interrupt's thread. Returns: 0 if the fault has an answer, or will have one. */
static int report(struct stall *stall, bool write)
{
	int tag = tag_new(stall);
	struct iopf_fault event = {
		.fault.type = IOMMU_FAULT_PAGE_REQ,
		.fault.prm.flags =
			IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE | IOMMU_FAULT_PAGE_REQUEST_PASID_VALID,
		.fault.prm.pasid = stall->bond->pasid,
		.fault.prm.grpid = tag,
		.fault.prm.perm = write ? IOMMU_FAULT_PERM_WRITE : IOMMU_FAULT_PERM_READ,
		.fault.prm.addr = (u64)stall->page_nr << PAGE_SHIFT,
	};

	if (tag < 0)
		return tag;
	iommu_report_device_fault(&devices[stall->bond->device],
				  &event); /* an error is answered, too */
	return 0;
}

/* ---- devices ---- */

static const struct iommu_ops operations = {
	.domain_alloc_sva = arm_smmu_sva_domain_alloc,
	.remove_dev_pasid = remove_dev_pasid,
	.page_response = page_response,
};

static int add_device(unsigned int nr)
{
	mutex_init(&groups[nr].mutex);
	xa_init(&groups[nr].pasid_array);
	mutex_init(&params[nr].lock);
	params[nr].iommu_dev = &iommu;
	params[nr].priv = &masters[nr];
	params[nr].max_pasids = PASIDS;
	devices[nr].iommu = &params[nr];
	devices[nr].iommu_group = &groups[nr];
	masters[nr] = (struct arm_smmu_master){
		.smmu = &smmu,
		.dev = &devices[nr],
		.num_streams = 1,
		.stall_enabled = true,
		.iopf_enabled = true,
		.ssid_bits = 4,
	};
	return arm_smmu_master_enable_sva(&masters[nr]);
}

static int probe(void)
{
	int error = 0;

	iommu.ops = &operations;
	smmu.features = ARM_SMMU_FEAT_SVA | ARM_SMMU_FEAT_COHERENCY | ARM_SMMU_FEAT_RANGE_INV;
	smmu.asid_bits = 8;
	smmu.evtq.iopf = iopf_queue_alloc("bench");
	if (!smmu.evtq.iopf)
		return -ENOMEM;
	for (unsigned int nr = 0; nr < DEVICES && !error; nr++)
		error = add_device(nr);
	if (error)
		iopf_queue_free(smmu.evtq.iopf);
	return error;
}

static bool is_there(void)
{
	bool there;

	mutex_lock(&probe_mutex);
	if (!probed)
		probed = !probe();
	there = probed;
	mutex_unlock(&probe_mutex);
	return there;
}

void *bond_sva_bind(void *mm, unsigned int device)
{
	struct bond *bond = is_there() ? kzalloc(sizeof(*bond), GFP_KERNEL) : NULL;

	if (!bond)
		return NULL;
	bond->handle = iommu_sva_bind_device(&devices[device], mm);
	if (IS_ERR(bond->handle)) {
		kfree(bond);
		return NULL;
	}
	bond->device = device;
	bond->pasid = iommu_sva_get_pasid(bond->handle);
	refcount_set(&bond->uses, 1);
	init_completion(&bond->idle);
	return bond;
}

/* The device is stopped first: it begins no access any more, and those that stall are answered. */
void bond_sva_unbind(void *at)
{
	struct bond *bond = at;

	bond_put(bond);
	wait_for_completion(&bond->idle);
	iommu_sva_unbind_device(bond->handle);
	kfree(bond);
}

static int access(struct bond *bond, unsigned int page_nr, bool write)
{
	return write ? fake_device_dma_write(bond->device, bond->pasid, page_nr)
		     : fake_device_dma(bond->device, bond->pasid, page_nr);
}

/* Returns: 0 when the access may be made again. */
static int stall(struct bond *bond, unsigned int page_nr, bool write)
{
	DECLARE_COMPLETION_ONSTACK(answered);
	struct stall stall = {.bond = bond, .page_nr = page_nr, .answered = &answered};
	int error = report(&stall, write);

	if (error)
		return error;
	wait_for_completion(&answered);
	return stall.code == IOMMU_PAGE_RESP_SUCCESS ? 0 : -EFAULT;
}

static int access_or_stall(struct bond *bond, unsigned int page_nr, bool write)
{
	int error = access(bond, page_nr, write);

	for (unsigned int i = 0; error && i < RETRIES; i++) {
		if (stall(bond, page_nr, write))
			return -EFAULT;
		error = access(bond, page_nr, write);
	}
	return error;
}

int bond_sva_read(void *at, unsigned int page_nr)
{
	return access_or_stall(at, page_nr, false);
}

int bond_sva_write(void *at, unsigned int page_nr)
{
	return access_or_stall(at, page_nr, true);
}

int bond_sva_fault(void *at, unsigned int page_nr)
{
	struct bond *bond = at;
	struct stall *stall;
	int error;

	if (!access(bond, page_nr, false))
		return 0;
	stall = kzalloc(sizeof(*stall), GFP_KERNEL);
	if (!stall)
		return -ENOMEM;
	stall->bond = bond;
	stall->page_nr = page_nr;
	refcount_inc(&bond->uses);
	error = report(stall, false);
	if (error) {
		kfree(stall);
		bond_put(bond);
	}
	return error;
}

/* All bonds are gone. */
void bond_sva_unload(void)
{
	if (!probed)
		return;
	for (unsigned int nr = 0; nr < DEVICES; nr++)
		arm_smmu_master_disable_sva(&masters[nr]);
	iopf_queue_free(smmu.evtq.iopf);
	probed = false;
}
