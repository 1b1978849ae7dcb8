/*
 * ioasid.c - the pool of PASIDs.
 *
 * A PASID is what a device puts on every transaction to say whose address space it means. The pool
 * knows nothing of devices: an id is free as soon as its last reference is given back, and the
 * smallest free one is the next to go. Whoever gives one back has made sure that no device sends
 * with it any more (INV-45). Who owns an id is noted, and only compared.
 *
 * Lock: ioasid_lock, innermost.
 */
#include <linux/spinlock.h>

#include "kapi/bench.h"
#include "kapi/pasid.h"

#include "zoo/defect.h"

struct ioasid_data {
	const void *owner;
	unsigned int refs; /* 0: free */
};

static DEFINE_SPINLOCK(ioasid_lock);
static struct ioasid_data ioasids[IOASID_MAX + 1];

ioasid_t ioasid_alloc(ioasid_t min, ioasid_t max, const void *owner)
{
	ioasid_t id;

	spin_lock(&ioasid_lock);
	for (id = min; id <= max && ioasids[id].refs; id++)
		;
	if (id <= max) {
		ioasids[id] = (struct ioasid_data){.owner = owner, .refs = 1};
		KAPI_NOTE(pasid_alloc, owner, (int)id);
	}
	spin_unlock(&ioasid_lock);
	return id <= max ? id : INVALID_IOASID;
}

ioasid_t ioasid_find_get(const void *owner)
{
	ioasid_t id;

	spin_lock(&ioasid_lock);
	for (id = 0; id <= IOASID_MAX; id++)
		if (ioasids[id].refs && ioasids[id].owner == owner)
			break;
	if (id <= IOASID_MAX)
		ioasids[id].refs++;
	spin_unlock(&ioasid_lock);
	return id <= IOASID_MAX ? id : INVALID_IOASID;
}

/* The lock is held. Returns: was there a reference? */
static bool ioasid_drop(ioasid_t ioasid)
{
	struct ioasid_data *data = &ioasids[ioasid];

	if (!data->refs)
		return false;
	if (data->refs == 1)
		KAPI_NOTE(pasid_free, data->owner, (int)ioasid);
	if (!defect(ioasid_free_keeps_id))
		data->refs--;
	return true;
}

void ioasid_free(ioasid_t ioasid)
{
	bool used;

	spin_lock(&ioasid_lock);
	used = ioasid_drop(ioasid);
	spin_unlock(&ioasid_lock);
	WARN_ON(!used);
}
