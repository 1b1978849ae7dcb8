/*
 * plain.h - the driver of plain.c, for its op file.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <linux/mmu_notifier.h>
#include <linux/mutex.h>

enum plain_bug {
	PLAIN_NONE,
	PLAIN_UNLINKS,
	PLAIN_UNLINKS_IN_START,
	PLAIN_KEEPS_SEQUENCE,
	PLAIN_HANGS,
	PLAIN_LEAVES_TWICE,
	PLAIN_STAYS_BUSY,
	PLAIN_CALLS_LATE,
	PLAIN_RELEASES_IN_GET,
	PLAIN_ALLOCATES,
	PLAIN_JOINS_TWICE,
	PLAIN_JOINS_IN_EXIT,
};

struct plain {
	struct mmu_notifier notifier;
	struct mmu_interval_notifier interval;
	struct mm_struct *mm;
	struct mutex lock; /* of what the device would have mapped */
	atomic_t calls;
	unsigned busy; /* under lock: faults under way */
	enum plain_bug bug;
};

struct plain *plain_open(struct mm_struct *mm, enum plain_bug bug);
void plain_close(struct plain *plain);
int plain_fault(struct plain *plain);
int plain_borrow(struct plain *plain, struct mm_struct *mm);

struct counted {
	struct mmu_notifier notifier;
	atomic_t calls;
};

struct counted *counted_get(struct mm_struct *mm);
struct counted *counted_register(struct mm_struct *mm);
void counted_put(struct counted *counted);

#endif
