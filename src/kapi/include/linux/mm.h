/*
 * mm.h - what drivers include for pages, VMAs and the life of an address space.
 */
#ifndef LINUX_MM_H
#define LINUX_MM_H

#include <linux/mm_types.h>
#include <linux/sched/mm.h>

#define PAGE_ALIGN(address) (((address) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGN_DOWN(address) ((address)&PAGE_MASK)
#define PAGE_ALIGNED(address) (!((unsigned long)(address) & ~PAGE_MASK))
#define offset_in_page(address) ((unsigned long)(address) & ~PAGE_MASK)

#endif
