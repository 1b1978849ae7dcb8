/*
 * nouveau_svm_tree.c - the half of the bench in the tree's types: one GPU, its fault buffer, and the
 * clients that drivers/gpu/drm/nouveau/nouveau_svm.c shares memory for.
 *
 * Of nvif (the driver's way to the hardware) there is what this file calls: registers, a buffer of
 * faults with the pointers GET and PUT, its event, and a table of pages for each client, which is the
 * fake device's. The GPU writes a fault and sends the event under gpu_lock, so an event that was blocked
 * does not come any more, as in the driver.
 *
 * Left out: atomic accesses (make_device_exclusive_range()), memory of the device, failing hardware.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "nouveau_chan.h"
#include "nouveau_drv.h"
#include "nouveau_svm.h"

#include <nvif/class.h>
#include <nvif/clb069.h>
#include <nvif/event.h>
#include <nvif/if000c.h>
#include <nvif/ioctl.h>

#include "subject/bench/device.h"
#include "kapi/process.h"

#define ENTRIES 4u
#define ENTRY_WORDS 8u
#define GPU 0u
#define UNMANAGED (1ul << 40) /* addresses that are no memory of the process */

enum { REGISTER_GET, REGISTER_PUT, REGISTERS };

struct bond_client {
	struct nouveau_cli cli;
	struct drm_file file;
	unsigned int nr; /* its table in the fake device, and its channel */
};

static struct nouveau_drm drm;
static DEFINE_MUTEX(probe_mutex);
static DEFINE_SPINLOCK(gpu_lock); /* what the hardware does at a time: faults, and their event */
static bool event_allowed;
static u32 registers[REGISTERS];
static u32 faults[ENTRIES * ENTRY_WORDS];

/* ---- nvif: registers and memory of the GPU ---- */

unsigned int ioread32(const void __iomem *at)
{
	return READ_ONCE(*(const u32 __force *)at);
}

void iowrite32(u32 value, void __iomem *at)
{
	WRITE_ONCE(*(u32 __force *)at, value);
}

int nvif_object_sclass_get(struct nvif_object *object, struct nvif_sclass **list)
{
	static struct nvif_sclass only = {.oclass = MAXWELL_FAULT_BUFFER_A};

	*list = &only;
	return 1;
}

void nvif_object_sclass_put(struct nvif_sclass **list)
{
}

int nvif_object_ctor(struct nvif_object *parent, const char *name, u32 handle, s32 oclass,
		     void *data, u32 size, struct nvif_object *object)
{
	struct nvif_clb069_v0 *args = data;

	args->entries = ENTRIES;
	args->get = REGISTER_GET * sizeof(u32);
	args->put = REGISTER_PUT * sizeof(u32);
	object->client = &drm.client.base;
	return 0;
}

void nvif_object_dtor(struct nvif_object *object)
{
	object->client = NULL;
}

int nvif_object_map(struct nvif_object *object, void *data, u32 size)
{
	object->map.ptr = (void __iomem *)faults;
	return 0;
}

/* ---- nvif: the event of the fault buffer ---- */

static struct nvif_event *event;

int nvif_event_ctor_(struct nvif_object *parent, const char *name, u32 handle, nvif_event_func func,
		     bool wait, struct nvif_event_v0 *args, u32 size, bool warn,
		     struct nvif_event *at)
{
	at->func = func;
	event = at;
	return 0;
}

static void allow(bool allowed)
{
	spin_lock(&gpu_lock);
	event_allowed = allowed;
	spin_unlock(&gpu_lock);
}

int nvif_event_allow(struct nvif_event *at)
{
	allow(true);
	return 0;
}

int nvif_event_block(struct nvif_event *at)
{
	allow(false);
	return 0;
}

void nvif_event_dtor(struct nvif_event *at)
{
	allow(false);
}

/* ---- nvif: tables of the clients ---- */

int nvif_vmm_ctor(struct nvif_mmu *mmu, const char *name, s32 oclass, enum nvif_vmm_type type,
		  u64 addr, u64 size, void *argv, u32 argc, struct nvif_vmm *vmm)
{
	return 0;
}

static unsigned int table_of(struct nvif_object *object)
{
	struct nouveau_vmm *vmm = container_of(object, struct nouveau_vmm, vmm.object);

	return container_of(vmm, struct bond_client, cli.svm)->nr;
}

/* Replays and cancelled faults change nothing here: an access that failed is not tried again. */
/* A range of the table may end anywhere, as that of a whole address space does. */
static unsigned int page_nr_of(u64 address)
{
	return process_page_nr(min_t(u64, address, process_address(MM_PAGES)));
}

int nvif_object_mthd(struct nvif_object *object, u32 method, void *data, u32 size)
{
	struct nvif_vmm_pfnclr_v0 *clear = data;

	if (method == NVIF_VMM_V0_PFNCLR)
		fake_device_flush(GPU, table_of(object), page_nr_of(clear->addr),
				  page_nr_of(clear->addr + clear->size));
	return 0;
}

/* The one ioctl of the file: a page is mapped, or nothing is. */
int nvif_object_ioctl(struct nvif_object *object, void *data, u32 size, void **hack)
{
	struct {
		struct nvif_ioctl_v0 i;
		struct nvif_ioctl_mthd_v0 m;
		struct nvif_vmm_pfnmap_v0 p;
	} *args = data;
	u64 phys = args->p.phys[0];
	struct page *page = pfn_to_page((phys & NVIF_VMM_PFNMAP_V0_ADDR) >> PAGE_SHIFT);

	if (!(phys & NVIF_VMM_PFNMAP_V0_V))
		return 0;
	if (phys & NVIF_VMM_PFNMAP_V0_W)
		fake_device_map(GPU, table_of(object), process_page_nr(args->p.addr), page);
	else
		fake_device_map_read_only(GPU, table_of(object), process_page_nr(args->p.addr),
					  page);
	return 0;
}

/* ---- the GPU ---- */

static bool put_fault(unsigned int inst, unsigned long address, bool write)
{
	u32 put = READ_ONCE(registers[REGISTER_PUT]), next = (put + 1) % ENTRIES;
	u32 *entry = &faults[put * ENTRY_WORDS];

	if (next == READ_ONCE(registers[REGISTER_GET]))
		return false;
	WRITE_ONCE(entry[0], inst);
	WRITE_ONCE(entry[2], lower_32_bits(address));
	WRITE_ONCE(entry[3], upper_32_bits(address));
	WRITE_ONCE(entry[7], 0x80000000 | (write ? 0x10000 : 0));
	WRITE_ONCE(registers[REGISTER_PUT], next);
	return true;
}

static int raise(unsigned int inst, unsigned long address, bool write)
{
	bool ok;

	spin_lock(&gpu_lock);
	ok = event_allowed && put_fault(inst, address, write);
	if (ok)
		event->func(event, NULL, 0);
	spin_unlock(&gpu_lock);
	return ok ? 0 : -EBUSY;
}

/**
 * bond_nouveau_access() - the GPU reads or writes a page for a client
 *
 * Returns: 0; -EBUSY: it faulted, and the fault is lost, because the buffer is full.
 */
int bond_nouveau_access(void *at, unsigned int page_nr, int write)
{
	struct bond_client *client = at;

	if (!(write ? fake_device_dma_write : fake_device_dma)(GPU, client->nr, page_nr))
		return 0;
	return raise(client->nr, process_address(page_nr), write);
}

/* ---- probing, and what a client does ---- */

static bool probe(void)
{
	bool ok;

	mutex_lock(&probe_mutex);
	if (!drm.svm) {
		drm.client.drm = &drm;
		drm.client.device.object.map.ptr = (void __iomem *)registers;
		nouveau_svm_init(&drm);
	}
	ok = drm.svm != NULL;
	mutex_unlock(&probe_mutex);
	return ok;
}

void bond_nouveau_remove(void)
{
	nouveau_svm_fini(&drm);
}

/* As the last close does: the channel goes, then the table that it used. */
void bond_nouveau_close(void *at)
{
	struct bond_client *client = at;

	nouveau_svmm_part(client->cli.svm.svmm, client->nr);
	nouveau_svmm_fini(&client->cli.svm.svmm);
	fake_device_flush(GPU, client->nr, 0, MM_PAGES);
	kfree(client);
}

static int share(struct bond_client *client, struct mm_struct *mm)
{
	struct drm_nouveau_svm_init args = {.unmanaged_addr = UNMANAGED,
					    .unmanaged_size = PAGE_SIZE};
	int error;

	current->mm = mm;
	error = nouveau_svmm_init(drm.dev, &args, &client->file);
	current->mm = NULL;
	if (error)
		return error;
	error = nouveau_svmm_join(client->cli.svm.svmm, client->nr);
	if (error)
		nouveau_svmm_fini(&client->cli.svm.svmm);
	return error;
}

/* Returns: NULL when it cannot be opened. @mm has a user meanwhile. */
void *bond_nouveau_open(void *mm, unsigned int nr)
{
	struct bond_client *client = kzalloc(sizeof(*client), GFP_KERNEL);

	if (!client)
		return NULL;
	client->nr = nr;
	client->cli.drm = &drm;
	mutex_init(&client->cli.mutex);
	client->file.driver_priv = &client->cli;
	if (probe() && !share(client, mm))
		return client;
	kfree(client);
	return NULL;
}
