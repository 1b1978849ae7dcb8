/*
 * walk.c - the page table of a process as the tree's code walks it: walk_page_range(), find_vma() and
 * handle_mm_fault() over the model of a process.
 *
 * The model has a short array of pages. A walk shows them as a page table's last level: one entry at a
 * time is read (a visible operation), made into a pte, and handed to the walker's pmd_entry() in a
 * table of the running thread's. What cannot be shown so does not exist here: huge pages, swap
 * entries, and protection keys.
 */
#include <linux/mm.h>
#include <linux/pagewalk.h>
#include <linux/pgtable.h>

#include "base/lane.h"
#include "tree/kernel/glue.h"
#include "tree/kernel/process_tree.h"
#undef handle_mm_fault

/* ---- areas ---- */

static bool is_in(const struct vm_area_struct *vma, unsigned long address)
{
	return vma->vm_end > address;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *best = NULL, *vma = process_vmas(mm);

	bond_touch(mm, BOND_SITE);
	if (process_table(mm) && is_in(process_memory(mm), address)) /* an exit leaves none */
		best = process_memory(mm);
	for (; vma; vma = process_vma_next(vma))
		if (is_in(vma, address) && (!best || vma->vm_start < best->vm_start))
			best = vma;
	return best;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

#if BOND_KERNEL >= 60100 /* before, areas stand in a tree that inline code walks */
/* What vma_lookup() calls. A driver that fills a maple tree of its own is linked with the library's. */
void *__weak mtree_load(struct maple_tree *tree, unsigned long address)
{
	struct vm_area_struct *vma = find_vma(container_of(tree, struct mm_struct, mm_mt), address);

	return vma && vma->vm_start <= address ? vma : NULL;
}
#endif

/* ---- faults ---- */

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
			   struct pt_regs *regs)
{
	int error = flags & FAULT_FLAG_WRITE ? handle_mm_write_fault(vma->vm_mm, address)
					     : process_handle_mm_fault(vma->vm_mm, address);

	return error ? VM_FAULT_OOM : 0;
}

/* ---- the walk ---- */

#if BOND_KERNEL >= 60500 /* before, inline code finds the table by itself */

#define TABLE_FLAGS (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY)

static pte_t __section("bf_kept") ptes[LANES][PTRS_PER_PTE];
static pmd_t __section("bf_kept") pmds[LANES];

pte_t *__pte_offset_map(pmd_t *pmd, unsigned long address, pmd_t *ret_pmd)
{
	kapi_rcu_read_lock(BOND_SITE); /* pte_unmap() leaves it */
	if (ret_pmd)
		*ret_pmd = *pmd;
	return &ptes[bond_lane()][pte_index(address)];
}

static pte_t pte_of(struct pgd *table, unsigned int nr)
{
	pgprot_t prot = table->writable[nr] ? PAGE_SHARED : PAGE_READONLY;

	return pfn_pte(page_to_pfn(table->page[nr]), prot);
}

/* Returns: is a page there? */
static bool load_pte(struct mm_struct *mm, unsigned long address, struct site *site)
{
	unsigned int nr = address >> PAGE_SHIFT;
	struct pgd *table = process_table(mm);

	if (nr >= MM_PAGES) /* a mapping of a file: its pages are its driver's */
		return false;
	kapi_load(&table->page[nr], site);
	if (!table->page[nr])
		return false;
	ptes[bond_lane()][pte_index(address)] = pte_of(table, nr);
	pmds[bond_lane()] = __pmd(TABLE_FLAGS);
	return true;
}

static int walk_page(unsigned long address, struct mm_walk *walk, struct site *site)
{
	const struct mm_walk_ops *ops = walk->ops;
	unsigned long next = address + PAGE_SIZE;
	int skip = 0;

	walk->vma = find_vma(walk->mm, address);
	if (walk->vma && walk->vma->vm_start > address)
		walk->vma = NULL;
	if (walk->vma && ops->test_walk)
		skip = ops->test_walk(address, next, walk);
	if (skip)
		return skip < 0 ? skip : 0;
	if (walk->vma && load_pte(walk->mm, address, site))
		return ops->pmd_entry ? ops->pmd_entry(&pmds[bond_lane()], address, next, walk) : 0;
	return ops->pte_hole ? ops->pte_hole(address, next, -1, walk) : 0;
}

int walk_page_range(struct mm_struct *mm, unsigned long start, unsigned long end,
		    const struct mm_walk_ops *ops, void *private)
{
	struct mm_walk walk = {.ops = ops, .mm = mm, .private = private};
	struct site *site = BOND_SITE;
	int error = 0;

	for (unsigned long address = start; address < end && !error; address += PAGE_SIZE)
		error = walk_page(address, &walk, site);
	return error;
}

struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long address, pte_t pte)
{
	return pte_page(pte);
}

/* What inline code asks of the machine: an address has 46 bits, and memory is not encrypted. */
u64 __section("bf_kept") sme_me_mask;
phys_addr_t __section("bf_kept") physical_mask = (1ull << 46) - 1;

#endif
