/*
 * gntdev_tree.c - the half of the bench in the tree's types: files of drivers/xen/gntdev.c in a PV
 * domain, their mappings, and a hypervisor.
 *
 * The hypervisor writes page table entries of the process by their addresses, so a table must be there
 * as long as a grant is mapped in it: that is looked at where it writes. It gives grants back at once,
 * or, where the page is still in use by direct I/O, later from a work item, as grant-table.c does. The
 * caller may wait for that. A page may go back to the allocator only without a grant.
 *
 * Left out: GRANT_COPY and its pins, GET_OFFSET_FOR_VADDR, notification bytes, DMA buffers, a domain
 * that is not PV, and mappings that fork copies (VM_DONTCOPY forbids it).
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <xen/grant_table.h>
#include <xen/xen.h>

#include <uapi/xen/gntdev.h>

#include "gntdev-common.h"

#include "kapi/bench.h"
#include "kapi/process.h"

int init_module(void);

#define GRANTS 2u

enum xen_domain_type xen_domain_type = XEN_PV_DOMAIN;

struct bond_gntdev {
	struct file file;
	unsigned int nr;
	atomic_t uses; /* the descriptor, and each mapping */
	struct vm_operations_struct vm_ops;
	const struct vm_operations_struct *driver_ops;
	u64 index;	       /* of the grants that the last ioctl named */
	unsigned int count;    /* under mmap_lock, as index */
	unsigned long present; /* a bit for each entry of the mapping */
};

/* What the hypervisor has mapped of a page: bits of its private word. */
enum { IN_PROCESS, IN_KERNEL };

struct bond_io {
	struct work_struct end;
	struct page *page;
};

static DEFINE_MUTEX(probe_mutex);
static const struct file_operations *fops;

int misc_register(struct miscdevice *misc)
{
	fops = misc->fops;
	return 0;
}

void misc_deregister(struct miscdevice *misc)
{
}

static bool probe(void)
{
	mutex_lock(&probe_mutex);
	if (!fops)
		init_module();
	mutex_unlock(&probe_mutex);
	return READ_ONCE(fops) != NULL;
}

/* ---- the grant table: pages ---- */

int gnttab_alloc_pages(int nr_pages, struct page **pages)
{
	for (int i = 0; i < nr_pages; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		if (pages[i])
			continue;
		gnttab_free_pages(i, pages);
		return -ENOMEM;
	}
	return 0;
}

void gnttab_free_pages(int nr_pages, struct page **pages)
{
	for (int i = 0; i < nr_pages; i++) {
		WARN_ON(READ_ONCE(pages[i]->private)); /* a grant is mapped there */
		__free_page(pages[i]);
	}
}

/* ---- the hypervisor ---- */

/* The machine address of an entry is the table's own here. */
xmaddr_t arbitrary_virt_to_machine(void *address)
{
	return XMADDR((unsigned long)address);
}

/* It reaches the entry of a mapped grant by the address that it was given. */
static void write_entry(u64 host_address, u32 flags)
{
	if (flags & GNTMAP_contains_pte)
		WRITE_ONCE(*(bool *)(unsigned long)host_address, false);
}

/* Returns: the status of one operation. */
static int map_grant(struct page *page, int where, u64 host_address, u32 flags)
{
	if (kapi_should_fail(page, KAPI_SITE("gnttab_map_refs", "the hypervisor refuses a grant")))
		return GNTST_general_error;
	write_entry(host_address, flags);
	set_bit(where, &page->private);
	return GNTST_okay;
}

static int unmap_grant(struct page *page, int where, grant_handle_t handle, u64 host_address)
{
	if (handle != where + 1u || !test_and_clear_bit(where, &page->private))
		return GNTST_bad_handle;
	if (where == IN_PROCESS)
		write_entry(host_address, GNTMAP_contains_pte);
	return GNTST_okay;
}

int gnttab_map_refs(struct gnttab_map_grant_ref *map_ops, struct gnttab_map_grant_ref *kmap_ops,
		    struct page **pages, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		map_ops[i].status =
			map_grant(pages[i], IN_PROCESS, map_ops[i].host_addr, map_ops[i].flags);
		map_ops[i].handle = IN_PROCESS + 1;
		kmap_ops[i].status = map_grant(pages[i], IN_KERNEL, 0, 0);
		kmap_ops[i].handle = IN_KERNEL + 1;
	}
	return 0;
}

static void give_back(struct gntab_unmap_queue_data *item)
{
	for (unsigned int i = 0; i < item->count; i++) {
		item->unmap_ops[i].status =
			unmap_grant(item->pages[i], IN_PROCESS, item->unmap_ops[i].handle,
				    item->unmap_ops[i].host_addr);
		item->kunmap_ops[i].status =
			unmap_grant(item->pages[i], IN_KERNEL, item->kunmap_ops[i].handle, 0);
	}
	item->done(0, item);
}

/* A page that is in use is given back later. */
static void give_back_or_wait(struct gntab_unmap_queue_data *item)
{
	for (unsigned int i = 0; i < item->count; i++) {
		if (page_count(item->pages[i]) > 1) {
			schedule_delayed_work(&item->gnttab_work, 1);
			return;
		}
	}
	give_back(item);
}

static void give_back_work(struct work_struct *work)
{
	give_back_or_wait(container_of(work, struct gntab_unmap_queue_data, gnttab_work.work));
}

void gnttab_unmap_refs_async(struct gntab_unmap_queue_data *item)
{
	INIT_DELAYED_WORK(&item->gnttab_work, give_back_work);
	give_back_or_wait(item);
}

static void wake_waiter(int result, struct gntab_unmap_queue_data *item)
{
	complete(item->data);
}

/* The caller waits, so the entries are there. */
int gnttab_unmap_refs_sync(struct gntab_unmap_queue_data *item)
{
	DECLARE_COMPLETION_ONSTACK(done);

	item->data = &done;
	item->done = wake_waiter;
	gnttab_unmap_refs_async(item);
	wait_for_completion(&done);
	return 0;
}

/* What stands for the entries of a mapping: words that are there as long as its page table. */
int apply_to_page_range(struct mm_struct *mm, unsigned long address, unsigned long size,
			pte_fn_t fn, void *data)
{
	struct pgd *table = process_table(mm);
	int error = 0;

	if (kapi_should_fail(mm, KAPI_SITE("apply_to_page_range", "no memory for a page table")))
		return -ENOMEM;
	for (unsigned long i = 0; i < size >> PAGE_SHIFT && !error; i++)
		error = fn((pte_t *)&table->writable[MM_PAGES - 1], address + i * PAGE_SIZE, data);
	return error;
}

/* ---- files ---- */

static void put(struct bond_gntdev *b)
{
	if (!atomic_dec_and_test(&b->uses))
		return;
	fops->release(NULL, &b->file);
	kfree(b);
}

void *bond_gntdev_open(unsigned int nr)
{
	struct bond_gntdev *b = kzalloc(sizeof(*b), GFP_KERNEL);

	if (!b)
		return NULL;
	b->nr = nr;
	atomic_set(&b->uses, 1);
	if (probe() && !fops->open(NULL, &b->file))
		return b;
	kfree(b);
	return NULL;
}

void bond_gntdev_close(void *at)
{
	put(at);
}

/* ---- mappings: the VMA keeps the file, and lies behind the process's own memory ---- */

static void close_vma(struct vm_area_struct *vma)
{
	struct bond_gntdev *b = container_of(vma->vm_file, struct bond_gntdev, file);

	b->driver_ops->close(vma);
	put(b);
}

/* What the driver set is called through close_vma(), which exit calls, too. */
static void follow_ops(struct bond_gntdev *b, struct vm_area_struct *vma)
{
	if (!b->driver_ops) {
		b->driver_ops = vma->vm_ops;
		b->vm_ops = *vma->vm_ops;
		b->vm_ops.close = close_vma;
	}
	vma->vm_ops = &b->vm_ops;
}

static struct vm_area_struct **find(struct bond_gntdev *b, struct mm_struct *mm)
{
	struct vm_area_struct **at = &process_vmas(mm);

	while (*at && (*at)->vm_file != &b->file)
		at = &process_vma_next(*at);
	return at;
}

static struct vm_area_struct *vma_new(struct bond_gntdev *b, struct mm_struct *mm)
{
	struct vm_area_struct *vma = kzalloc(sizeof(*vma), GFP_KERNEL);

	if (!vma)
		return NULL;
	vma->vm_mm = mm;
	vma->vm_file = &b->file;
	vma->vm_start = process_address(MM_PAGES + (b->nr + 1) * GRANTS);
	vma->vm_end = vma->vm_start + b->count * PAGE_SIZE;
	vma->vm_pgoff = b->index >> PAGE_SHIFT;
	vm_flags_init(vma, VM_SHARED | VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE);
	vma->vm_lock_seq = mm->mm_lock_seq.sequence; /* write-locked by who makes it */
	return vma;
}

static int map_new(struct bond_gntdev *b, struct mm_struct *mm)
{
	struct vm_area_struct *vma = vma_new(b, mm);
	int error = -ENOMEM;

	if (!vma)
		return error;
	atomic_inc(&b->uses);
	error = fops->mmap(&b->file, vma);
	if (error) {
		atomic_dec(&b->uses); /* not the last: the descriptor is in use */
		kfree(vma);
		return error;
	}
	follow_ops(b, vma);
	WRITE_ONCE(b->present, BIT(b->count) - 1);
	process_vma_next(vma) = process_vmas(mm);
	process_vmas(mm) = vma;
	return 0;
}

int bond_gntdev_mmap(void *at, void *mm, unsigned int unused)
{
	int error = -EINVAL;

	mmap_write_lock(mm);
	if (!*find(at, mm))
		error = map_new(at, mm);
	mmap_write_unlock(mm);
	return error;
}

/* The page of an entry that is there, as get_user_pages() finds it; or NULL. */
static struct page *page_of(struct bond_gntdev *b, struct vm_area_struct *vma, unsigned int nr)
{
	if (!test_bit(nr, &b->present))
		return NULL;
	return vma->vm_ops->find_special_page(vma, vma->vm_start + nr * PAGE_SIZE);
}

static void zap(struct bond_gntdev *b, struct vm_area_struct *vma, enum mmu_notifier_event event,
		unsigned int first, unsigned int nr)
{
	unsigned long start = vma->vm_start + first * PAGE_SIZE;
	struct mmu_notifier_range range;

	process_range_init(&range, event, vma->vm_mm, start, start + nr * PAGE_SIZE);
	mmu_notifier_invalidate_range_start(&range);
	for (unsigned int i = first; i < first + nr; i++)
		clear_bit(i, &b->present);
	mmu_notifier_invalidate_range_end(&range);
	KAPI_NOTE(range_done, vma->vm_mm, 0);
}

int bond_gntdev_munmap(void *at, void *mm, unsigned int unused)
{
	struct vm_area_struct **link, *vma;

	mmap_write_lock(mm);
	link = find(at, mm);
	vma = *link;
	if (vma) {
		zap(at, vma, MMU_NOTIFY_UNMAP, 0, vma_pages(vma));
		*link = process_vma_next(vma);
		vma->vm_ops->close(vma);
		kfree(vma);
	}
	mmap_write_unlock(mm);
	return vma ? 0 : -EINVAL;
}

/* As madvise() does: under the lock for reading, a page alone. */
int bond_gntdev_discard(void *at, void *mm, unsigned int page_nr)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = *find(at, mm);
	if (vma && page_nr < vma_pages(vma))
		zap(at, vma, MMU_NOTIFY_CLEAR, page_nr, 1);
	mmap_read_unlock(mm);
	return vma ? 0 : -EINVAL;
}

static void end_io(struct work_struct *work)
{
	struct bond_io *io = container_of(work, struct bond_io, end);

	put_page(io->page);
	kfree(io);
}

static struct page *get_page_of(struct bond_gntdev *b, struct mm_struct *mm, unsigned int nr)
{
	struct vm_area_struct *vma;
	struct page *page;

	mmap_read_lock(mm);
	vma = *find(b, mm);
	page = vma ? page_of(b, vma, nr) : NULL;
	if (page)
		get_page(page);
	mmap_read_unlock(mm);
	return page;
}

/* The device is done, and the completion runs, at any time from here on. */
int bond_gntdev_io(void *at, void *mm, unsigned int page_nr)
{
	struct bond_io *io = kzalloc(sizeof(*io), GFP_KERNEL);

	if (!io)
		return -ENOMEM;
	INIT_WORK(&io->end, end_io);
	io->page = get_page_of(at, mm, page_nr);
	if (io->page) {
		queue_work(system_unbound_wq, &io->end);
		return 0;
	}
	kfree(io);
	return -EFAULT;
}

/* ---- ioctls: user memory is the bench's own ---- */

int bond_gntdev_map(void *at, void *mm, unsigned int more)
{
	struct {
		struct ioctl_gntdev_map_grant_ref op;
		struct ioctl_gntdev_grant_ref second;
	} user = {.op.count = 1 + more};
	struct bond_gntdev *b = at;
	int error =
		fops->unlocked_ioctl(&b->file, IOCTL_GNTDEV_MAP_GRANT_REF, (unsigned long)&user);

	if (error)
		return error;
	mmap_write_lock(mm);
	b->index = user.op.index;
	b->count = user.op.count;
	mmap_write_unlock(mm);
	return 0;
}

int bond_gntdev_unmap(void *at, void *mm, unsigned int unused)
{
	struct ioctl_gntdev_unmap_grant_ref op = {0};
	struct bond_gntdev *b = at;

	mmap_read_lock(mm);
	op.index = b->index;
	op.count = b->count;
	mmap_read_unlock(mm);
	return fops->unlocked_ioctl(&b->file, IOCTL_GNTDEV_UNMAP_GRANT_REF, (unsigned long)&op);
}
