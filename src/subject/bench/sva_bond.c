/*
 * sva_bond.c - what must hold of bonds when a call returns, and at the end.
 *
 * An open bond is one whose bind returned and whose unbind has not begun: so what the core promises
 * while a bond is bound can be asked of it at any time. An mm of which release() came early has
 * lost its entries, and is asked nothing.
 */
#include "subject/bench/sva_bond.h"

#include "kapi/file.h"
#include "subject/bench/device.h"

struct bond_file bonds[OBJECTS_MAX];
uint8_t released_early[OBJECTS_MAX];
uint8_t switched_off[OBJECTS_MAX];
uint8_t switched_again[OBJECTS_MAX];

/* By its caller's name: who asked is what tells one lie from another. */
#define switch_verdict(device, text)                                                               \
	kapi_verdict(RULE_switch_lies, device, text, KAPI_SITE("sva_device", "the switch returns"))

void bond_check_enabled(const struct device *device, int again)
{
	if (again != -EEXIST)
		switch_verdict(device, "SVA is on, and was switched on once more");
}

static bool is_off(unsigned nr)
{
	return get(switched_off[nr]) && !get(switched_again[nr]);
}

void bond_check_disabled(unsigned device_nr, const struct device *device)
{
	set(switched_off[device_nr], 1);
	if (!is_off(device_nr))
		return;
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		if (get(bonds[nr].state) == BOND_OPEN && get(bonds[nr].device) == device)
			switch_verdict(device, "SVA was switched off under a bond");
}

static bool lacks_entry(const struct bond_file *bond)
{
	int pasid = get(bond->pasid);

	return pasid != IOMMU_PASID_INVALID && !get(released_early[get(bond->mm_nr)]) &&
	       !fake_device_has_entry(get(bond->domain), pasid);
}

static void check_entry(const struct bond_file *bond)
{
	if (lacks_entry(bond))
		kapi_verdict(RULE_entry_missing, bond->handle, "bind succeeded without an entry",
			     KAPI_SITE("sva_bind", "bind returns"));
}

static bool mm_lives(unsigned nr)
{
	struct mm_struct *mm = kapi_file_get(KIND_MM, nr);
	bool lives;

	if (!mm)
		return false;
	lives = get(mm->mm_users.counter) > 0;
	if (kapi_file_put(KIND_MM, nr))
		mmdrop(mm);
	return lives;
}

/* If the mm lives after the look, it did before it. */
void bond_check_unbound(void)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		const struct bond_file *bond = &bonds[nr];

		if (get(bond->state) == BOND_OPEN && lacks_entry(bond) &&
		    mm_lives(get(bond->mm_nr)))
			kapi_verdict(RULE_entry_missing, get(bond->handle),
				     "an unbind took the entry of a bond that is open",
				     KAPI_SITE("sva_unbind", "unbind returns"));
	}
}

/* A PASID names one address space to all devices that may send with it (INV-45). */
static void check_pasid(const struct bond_file *bond)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		const struct bond_file *other = &bonds[nr];

		if (get(other->state) != BOND_OPEN || get(other->mm) == bond->mm)
			continue;
		if (get(other->pasid) == bond->pasid && bond->pasid != IOMMU_PASID_INVALID)
			kapi_verdict(RULE_pasid_live, get(other->handle),
				     "its PASID was given to another address space",
				     KAPI_SITE("sva_bind", "bind returns"));
	}
}

/* Binds of one device and mm share a bond; an mm of which release() came may have a new one. */
static void check_twin(const struct bond_file *bond)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		const struct bond_file *other = &bonds[nr];

		if (other == bond || get(other->state) != BOND_OPEN ||
		    get(other->device) != bond->device || get(other->mm) != bond->mm)
			continue;
		if (get(other->handle) != bond->handle && !get(released_early[bond->mm_nr]))
			kapi_verdict(RULE_bond_twice, bond->handle,
				     "its device has another one of this mm",
				     KAPI_SITE("sva_bind", "bind returns"));
	}
}

void bond_check_bound(const struct bond_file *bond)
{
	check_twin(bond);
	if (is_off(bond->device_nr))
		switch_verdict(bond->device, "SVA was switched off, and bind succeeded");
	check_entry(bond);
	check_pasid(bond);
}

void bond_check_mm(const struct bond_file *bond)
{
	if (get(bond->state) != BOND_OPEN || kapi_file_is_open(KIND_MM, bond->mm_nr))
		return;
	if (get(bond->mm->mm_users.counter))
		kapi_verdict(RULE_mm_pinned, bond->handle, "its process is gone, the mm has a user",
			     KAPI_SITE("close", "close everything"));
}
