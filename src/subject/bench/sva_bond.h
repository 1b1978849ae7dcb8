/*
 * sva_bond.h - what the SVA bench knows of each bind, and the checks that need no more than that.
 *
 * Plain words that lanes share without order: each is read and written whole, and no check relies
 * on two of them at once but as it says.
 */
#ifndef SUBJECT_BENCH_SVA_BOND_H
#define SUBJECT_BENCH_SVA_BOND_H

#include <linux/iommu.h>

#include "subject/bench/mm_ops.h"

enum {
	KIND_DEVICE = KIND_FIRST,
	KIND_BOND,
	KINDS,
	KIND_DEVICE_BACK = KINDS, /* SVA is off, still allocated; no name in programs */
};

#define get(word) kapi_atomic_load(&(word), __ATOMIC_RELAXED)
#define set(word, value) kapi_atomic_store(&(word), (value), __ATOMIC_RELAXED)

enum bond_state { BOND_NONE, BOND_BINDING, BOND_OPEN, BOND_CLOSING };

/* One bind. The pointers are compared here, not followed. */
struct bond_file {
	struct iommu_sva *handle; /* from BOND_OPEN on */
	struct device *device;
	struct mm_struct *mm;
	int pasid;
	uint8_t state;
	uint8_t device_nr, mm_nr, domain;
	uint8_t running; /* the device may send with the PASID */
};

extern struct bond_file bonds[OBJECTS_MAX];
extern uint8_t released_early[OBJECTS_MAX]; /* per mm: release came while it lived */
/* Per device: disable() said 0; somebody else enables it, so that nobody can say any more. */
extern uint8_t switched_off[OBJECTS_MAX], switched_again[OBJECTS_MAX];

/** bond_check_enabled() - SVA is on; @again is what a second enable() said (INV-47) */
void bond_check_enabled(const struct device *device, int again);

/**
 * bond_check_disabled() - disable() of @device, which is number @device_nr, said 0 (INV-47)
 *
 * No bond is open then, and none will be. A bind may be under way, which is to be refused.
 */
void bond_check_disabled(unsigned device_nr, const struct device *device);

/** bond_check_bound() - bind() returned; the mm lives, since the caller pins it (INV-40, INV-45) */
void bond_check_bound(const struct bond_file *bond);

/** bond_check_unbound() - unbind() returned: nobody's unbind takes another's entry away (INV-40) */
void bond_check_unbound(void);

/**
 * bond_check_mm() - no op runs any more
 *
 * A bond outlives its mm and never keeps it from ending (INV-42). Not with v4, where the mm that
 * @bond names may be gone.
 */
void bond_check_mm(const struct bond_file *bond);

#endif
