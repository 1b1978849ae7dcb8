/*
 * idr.h - numbers for pointers (idr), and numbers alone (ida).
 *
 * An idr has no lock: who changes it holds one of its own. A number is found in one step and taken in
 * the next, and each change writes a word of the idr, plainly. An ida has its lock inside.
 */
#ifndef LINUX_IDR_H
#define LINUX_IDR_H

#include <linux/xarray.h>

struct idr {
	struct xarray idr_rt;
	int idr_next; /* where idr_alloc_cyclic() begins */
	int changes;  /* written by each change */
};

struct ida {
	struct xarray xa;
};

/* ---- idr ---- */

#define idr_init(map)                                                                              \
	({                                                                                         \
		struct idr *numbers_ = (map);                                                      \
		numbers_->idr_next = numbers_->changes = 0;                                        \
		kapi_xa_init(&numbers_->idr_rt, XA_FLAGS_ALLOC, #map);                             \
	})
#define DEFINE_IDR(name_)                                                                          \
	KAPI_DEFINE(struct idr, name_, {.idr_rt = {.xa_lock = {.lock = KAPI_LOCK_INIT(KAPI_SPIN)}}})

#define kapi_idr_set(map, index, entry, name, text)                                                \
	kapi_map_set(&(map)->idr_rt, (index), (entry), &(map)->changes, KAPI_SITE(name, text))
/* From @start up to @end, 0: to the largest. Returns: the number, -ENOMEM or -ENOSPC. */
#define kapi_idr_alloc(map, ptr, start, end, flags, name, text)                                    \
	({                                                                                         \
		struct idr *numbers_ = (map);                                                      \
		struct xarray *array_ = &numbers_->idr_rt;                                         \
		void *entry_ = (void *)(ptr);                                                      \
		int end_ = (end);                                                                  \
		unsigned long index_ = (unsigned long)(start);                                     \
		gfp_t gfp_ = (flags);                                                              \
		int number_ = -ENOSPC;                                                             \
		if (kapi_map_room(array_, &index_, end_ > 0 ? (unsigned long)end_ - 1 : INT_MAX))  \
			number_ = kapi_xa_starves(name, text) ? -ENOMEM : (int)index_;             \
		if (number_ >= 0)                                                                  \
			kapi_idr_set(numbers_, index_, entry_ ? entry_ : KAPI_MAP_RESERVED, name,  \
				     text);                                                        \
		number_;                                                                           \
	})
#define idr_alloc(map, ptr, start, end, gfp)                                                       \
	kapi_idr_alloc(map, ptr, start, end, gfp, "idr_alloc",                                     \
		       "idr_alloc(" #map ", " #ptr ", " #start ", " #end ")")
/* The next number first, and from @start again when there is none. */
#define idr_alloc_cyclic(map, ptr, start, end, gfp)                                                \
	({                                                                                         \
		struct idr *cycle_ = (map);                                                        \
		int first_ = (start), got_;                                                        \
		got_ = kapi_idr_alloc(cycle_, ptr, max(first_, cycle_->idr_next), end, gfp,        \
				      "idr_alloc_cyclic", "idr_alloc_cyclic(" #map ", " #ptr ")"); \
		if (got_ == -ENOSPC)                                                               \
			got_ = kapi_idr_alloc(cycle_, ptr, first_, end, gfp, "idr_alloc_cyclic",   \
					      "idr_alloc_cyclic(" #map ", " #ptr ") again");       \
		if (got_ >= 0)                                                                     \
			cycle_->idr_next = got_ + 1;                                               \
		got_;                                                                              \
	})
/* Returns: what was there, or NULL. */
#define idr_remove(map, id)                                                                        \
	({                                                                                         \
		struct idr *numbers_ = (map);                                                      \
		kapi_idr_set(numbers_, (unsigned long)(id), NULL, "idr_remove",                    \
			     "idr_remove(" #map ", " #id ")");                                     \
	})
#define idr_replace(map, ptr, id)                                                                  \
	({                                                                                         \
		struct idr *numbers_ = (map);                                                      \
		unsigned long index_ = (unsigned long)(id);                                        \
		!kapi_map_has(&numbers_->idr_rt, index_)                                           \
			? ERR_PTR(-ENOENT)                                                         \
			: kapi_idr_set(numbers_, index_, (ptr), "idr_replace",                     \
				       "idr_replace(" #map ", " #ptr ", " #id ")");                \
	})
#define idr_find(map, id)                                                                          \
	kapi_xa_load(&(map)->idr_rt, (unsigned long)(id), 0, "idr_find",                           \
		     "idr_find(" #map ", " #id ")")
#define kapi_idr_from(map, id, from, name, text)                                                   \
	({                                                                                         \
		unsigned long from_ = (unsigned long)(from);                                       \
		void *next_entry_ = kapi_xa_find(&(map)->idr_rt, &from_, INT_MAX, 0, name, text);  \
		if (next_entry_)                                                                   \
			(id) = (__typeof__(id))from_;                                              \
		next_entry_;                                                                       \
	})
#define idr_get_next(map, id)                                                                      \
	({                                                                                         \
		int *id_ = (id);                                                                   \
		kapi_idr_from(map, *id_, *id_, "idr_get_next", "idr_get_next(" #map ", " #id ")"); \
	})
#define idr_for_each_entry(map, entry, id)                                                         \
	for ((id) = 0,                                                                             \
	    (entry) = kapi_idr_from(map, id, 0, "idr_for_each_entry",                              \
				    "idr_for_each_entry(" #map ", " #entry ", " #id ")");          \
	     (entry);                                                                              \
	     (entry) = kapi_idr_from(map, id, (id) + 1, "idr_for_each_entry",                      \
				     "idr_for_each_entry(" #map ", " #entry ", " #id ")"))
#define idr_is_empty(map)                                                                          \
	({                                                                                         \
		int any_ = 0;                                                                      \
		!kapi_idr_from(map, any_, 0, "idr_is_empty", "idr_is_empty(" #map ")");            \
	})
#define idr_destroy(map) kapi_map_init(&(map)->idr_rt)

/* ---- ida ---- */

#define ida_init(ida) kapi_xa_init(&(ida)->xa, XA_FLAGS_ALLOC, #ida)
#define DEFINE_IDA(name_)                                                                          \
	KAPI_DEFINE(struct ida, name_, {.xa = {.xa_lock = {.lock = KAPI_LOCK_INIT(KAPI_SPIN)}}})

#define kapi_ida_alloc(ida, min_, max_, flags, name, text)                                         \
	({                                                                                         \
		struct xarray *array_ = &(ida)->xa;                                                \
		unsigned long index_ = (min_), last_ = (max_);                                     \
		void *entry_ = KAPI_MAP_RESERVED;                                                  \
		gfp_t gfp_ = (flags);                                                              \
		int number_ = -ENOMEM;                                                             \
		bool starves_ =                                                                    \
			kapi_map_room(array_, &index_, last_) && kapi_xa_starves(name, text);      \
		if (!starves_)                                                                     \
			number_ = kapi_xa_locked(name, text,                                       \
						 kapi_map_room(array_, &index_, last_)             \
							 ? (kapi_xa_set(name, text), (int)index_)  \
							 : -ENOSPC);                               \
		number_;                                                                           \
	})
#define ida_alloc_range(ida, min, max, gfp)                                                        \
	kapi_ida_alloc(ida, min, max, gfp, "ida_alloc_range",                                      \
		       "ida_alloc_range(" #ida ", " #min ", " #max ")")
#define ida_alloc(ida, gfp) kapi_ida_alloc(ida, 0, INT_MAX, gfp, "ida_alloc", "ida_alloc(" #ida ")")
#define ida_alloc_min(ida, min, gfp)                                                               \
	kapi_ida_alloc(ida, min, INT_MAX, gfp, "ida_alloc_min", "ida_alloc_min(" #ida ", " #min ")")
#define ida_alloc_max(ida, max, gfp)                                                               \
	kapi_ida_alloc(ida, 0, max, gfp, "ida_alloc_max", "ida_alloc_max(" #ida ", " #max ")")
/* A number that is not allocated is a warning. */
#define ida_free(ida, id)                                                                          \
	({                                                                                         \
		struct xarray *array_ = &(ida)->xa;                                                \
		unsigned long index_ = (id);                                                       \
		struct site *free_ = KAPI_SITE("ida_free", "ida_free(" #ida ", " #id ")");         \
		bool was_there_ =                                                                  \
			kapi_xa_locked("ida_free", "ida_free(" #ida ")",                           \
				       (kapi_map_has(array_, index_) &&                            \
					(kapi_map_set(array_, index_, NULL, NULL, free_), true))); \
		if (!was_there_)                                                                   \
			kapi_warn(RULE_warn, free_);                                               \
	})
#define ida_is_empty(ida)                                                                          \
	({                                                                                         \
		unsigned long number_ = 0;                                                         \
		kapi_load(&(ida)->xa, KAPI_SITE("ida_is_empty", "ida_is_empty(" #ida ")"));        \
		kapi_map_room(&(ida)->xa, &number_, 0);                                            \
	})
#define ida_destroy(ida) xa_destroy(&(ida)->xa)

#endif
