/*
 * ioasid.c - the pool of PASIDs.
 *
 * A PASID is what a device puts on every transaction to say whose address space it means. The pool
 * knows nothing of devices: an id is free as soon as it is given back, and the smallest free one is
 * the next to go. Whoever gives one back has made sure that no device sends with it any more
 * (INV-45).
 *
 * Lock: ioasid_lock, innermost.
 */
#include <linux/ioasid.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(ioasid_lock);
static bool ioasid_used[IOASID_MAX + 1];

ioasid_t ioasid_alloc(ioasid_t min, ioasid_t max)
{
	ioasid_t id;

	spin_lock(&ioasid_lock);
	for (id = min; id <= max && ioasid_used[id]; id++)
		;
	if (id <= max)
		ioasid_used[id] = true;
	spin_unlock(&ioasid_lock);
	return id <= max ? id : INVALID_IOASID;
}

void ioasid_free(ioasid_t ioasid)
{
	bool used;

	spin_lock(&ioasid_lock);
	used = ioasid_used[ioasid];
	ioasid_used[ioasid] = false;
	spin_unlock(&ioasid_lock);
	WARN_ON(!used);
}
