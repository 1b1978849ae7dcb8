/*
 * xarray.h - an array of pointers with holes, and marks on its entries.
 *
 * Who looks takes no lock, and sees the array at one moment: that is one choice. Who changes it does so
 * under xa_lock; the functions with __ in front find it held, and drop it where an allocation may sleep.
 * A new index may need memory; one that is there does not.
 */
#ifndef LINUX_XARRAY_H
#define LINUX_XARRAY_H

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/spinlock.h>

struct xarray {
	spinlock_t xa_lock;
	gfp_t xa_flags;
};

struct xa_limit {
	unsigned int max, min;
};

typedef unsigned int xa_mark_t;

#define XA_FLAGS_ALLOC 1u
#define XA_FLAGS_ALLOC1 3u
#define XA_PRESENT 0u
#define XA_MARK_0 1u
#define XA_MARK_1 2u
#define XA_MARK_2 4u
#define XA_LIMIT(min_, max_)                                                                       \
	(struct xa_limit)                                                                          \
	{                                                                                          \
		.min = (min_), .max = (max_)                                                       \
	}
#define xa_limit_16b XA_LIMIT(0, UINT16_MAX)
#define xa_limit_31b XA_LIMIT(0, INT_MAX)
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)

/* ---- entries that are no pointers ---- */

#define xa_mk_value(v) ((void *)((unsigned long)(v) << 1 | 1))
#define xa_is_value(entry) (((unsigned long)(entry)&1) != 0)
#define xa_to_value(entry) ((unsigned long)(entry) >> 1)
#define kapi_xa_error(error) ((void *)((long)(error)*4 + 2))
#define xa_is_err(entry)                                                                           \
	((unsigned long)(entry) >= (unsigned long)kapi_xa_error(-MAX_ERRNO) &&                     \
	 ((unsigned long)(entry)&3) == 2)
#define xa_err(entry)                                                                              \
	({                                                                                         \
		void *result_ = (entry);                                                           \
		xa_is_err(result_) ? (int)((long)result_ >> 2) : 0;                                \
	})

/* ---- arrays ---- */

#define kapi_xa_init(xa, flags, text)                                                              \
	({                                                                                         \
		struct xarray *array_ = (xa);                                                      \
		kapi_lock_init(&array_->xa_lock.lock, KAPI_SPIN, KAPI_CLASS(text));                \
		array_->xa_flags = (flags);                                                        \
		kapi_map_init(array_);                                                             \
	})
#define xa_init_flags(xa, flags) kapi_xa_init(xa, flags, #xa)
#define xa_init(xa) kapi_xa_init(xa, 0, #xa)
#define DEFINE_XARRAY_FLAGS(name_, flags_)                                                         \
	KAPI_DEFINE(struct xarray, name_,                                                          \
		    {.xa_lock = {.lock = KAPI_LOCK_INIT(KAPI_SPIN)}, .xa_flags = (flags_)})
#define DEFINE_XARRAY(name_) DEFINE_XARRAY_FLAGS(name_, 0)
#define DEFINE_XARRAY_ALLOC(name_) DEFINE_XARRAY_FLAGS(name_, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name_) DEFINE_XARRAY_FLAGS(name_, XA_FLAGS_ALLOC1)

#define kapi_xa_lock(xa, name, text)                                                               \
	kapi_lock(&(xa)->xa_lock.lock, KAPI_SPIN, false, "xa_lock", KAPI_SITE(name, text))
#define kapi_xa_unlock(xa, name, text)                                                             \
	kapi_unlock(&(xa)->xa_lock.lock, false, KAPI_SITE(name, text), NULL)
#define xa_lock(xa) kapi_xa_lock(xa, "xa_lock", "xa_lock(" #xa ")")
#define xa_unlock(xa) kapi_xa_unlock(xa, "xa_unlock", "xa_unlock(" #xa ")")
#define xa_lock_irq(xa) kapi_xa_lock(xa, "xa_lock_irq", "xa_lock_irq(" #xa ")")
#define xa_unlock_irq(xa) kapi_xa_unlock(xa, "xa_unlock_irq", "xa_unlock_irq(" #xa ")")
#define xa_trylock(xa)                                                                             \
	kapi_trylock(&(xa)->xa_lock.lock, KAPI_SPIN, false, "xa_lock",                             \
		     KAPI_SITE("xa_trylock", "xa_trylock(" #xa ")"))

/* ---- how a change is made: array_, index_, entry_ and gfp_ are the caller's ---- */

#define kapi_xa_locked(name, text, change)                                                         \
	({                                                                                         \
		kapi_xa_lock(array_, name ":lock", text " takes xa_lock");                         \
		__auto_type changed_ = (change);                                                   \
		kapi_xa_unlock(array_, name ":unlock", text " drops xa_lock");                     \
		changed_;                                                                          \
	})
/* Without the lock. Returns: is there no memory for it? */
#define kapi_xa_starves(name, text)                                                                \
	({                                                                                         \
		struct site *memory_ = KAPI_SITE(name ":memory", text " memory?");                 \
		kapi_gfp(gfp_, memory_);                                                           \
		kapi_map_fails(array_, index_, memory_);                                           \
	})
/* With the lock, which is dropped for an allocation that sleeps. */
#define kapi_xa_starves_locked(name, text)                                                         \
	({                                                                                         \
		bool starves_;                                                                     \
		if (gfp_ & __GFP_DIRECT_RECLAIM && !kapi_map_has(array_, index_)) {                \
			kapi_xa_unlock(array_, name ":unlock", text " drops xa_lock for memory");  \
			starves_ = kapi_xa_starves(name, text);                                    \
			kapi_xa_lock(array_, name ":lock", text " takes xa_lock again");           \
		} else {                                                                           \
			starves_ = kapi_map_fails(array_, index_,                                  \
						  KAPI_SITE(name ":memory", text " memory?"));     \
		}                                                                                  \
		starves_;                                                                          \
	})
#define kapi_xa_set(name, text) kapi_map_set(array_, index_, entry_, NULL, KAPI_SITE(name, text))
#define kapi_xa_insert(name, text)                                                                 \
	(kapi_map_has(array_, index_) ? -EBUSY : (kapi_xa_set(name, text), 0))
#define kapi_xa_exchange(name, text)                                                               \
	({                                                                                         \
		unsigned long at_ = index_;                                                        \
		void *found_ = kapi_map_find(array_, &at_, at_, 0,                                 \
					     KAPI_SITE(name ":load", text " looks"));              \
		if (found_ == old_)                                                                \
			kapi_xa_set(name, text);                                                   \
		found_;                                                                            \
	})
#define kapi_xa_alloc(name, text)                                                                  \
	({                                                                                         \
		bool room_ = kapi_map_room(array_, &index_, limit_.max);                           \
		if (room_) {                                                                       \
			kapi_xa_set(name, text);                                                   \
			*id_ = (u32)index_;                                                        \
		}                                                                                  \
		room_ ? 0 : -EBUSY;                                                                \
	})

#define kapi_xa_change(xa, index, entry, flags, none, starves, how)                                \
	({                                                                                         \
		struct xarray *array_ = (xa);                                                      \
		unsigned long index_ = (index);                                                    \
		void *entry_ = (void *)(entry);                                                    \
		gfp_t gfp_ __maybe_unused = (flags);                                               \
		entry_ && (starves) ? (none) : (how);                                              \
	})

/* ---- changes ---- */

#define kapi_xa_store(xa, index, entry, gfp, name, text)                                           \
	kapi_xa_change(xa, index, entry, gfp, kapi_xa_error(-ENOMEM), kapi_xa_starves(name, text), \
		       kapi_xa_locked(name, text, kapi_xa_set(name, text)))
#define xa_store(xa, index, entry, gfp)                                                            \
	kapi_xa_store(xa, index, entry, gfp, "xa_store",                                           \
		      "xa_store(" #xa ", " #index ", " #entry ", " #gfp ")")
#define xa_store_irq(xa, index, entry, gfp)                                                        \
	kapi_xa_store(xa, index, entry, gfp, "xa_store_irq",                                       \
		      "xa_store_irq(" #xa ", " #index ", " #entry ", " #gfp ")")
#define __xa_store(xa, index, entry, gfp)                                                          \
	kapi_xa_change(xa, index, entry, gfp, kapi_xa_error(-ENOMEM),                              \
		       kapi_xa_starves_locked("__xa_store", "__xa_store(" #xa ", " #index ")"),    \
		       kapi_xa_set("__xa_store",                                                   \
				   "__xa_store(" #xa ", " #index ", " #entry ", " #gfp ")"))
#define kapi_xa_erase(xa, index, name, text)                                                       \
	kapi_xa_change(xa, index, NULL, 0, NULL, false,                                            \
		       kapi_xa_locked(name, text, kapi_xa_set(name, text)))
#define xa_erase(xa, index) kapi_xa_erase(xa, index, "xa_erase", "xa_erase(" #xa ", " #index ")")
#define xa_erase_irq(xa, index)                                                                    \
	kapi_xa_erase(xa, index, "xa_erase_irq", "xa_erase_irq(" #xa ", " #index ")")
#define __xa_erase(xa, index)                                                                      \
	kapi_xa_change(xa, index, NULL, 0, NULL, false,                                            \
		       kapi_xa_set("__xa_erase", "__xa_erase(" #xa ", " #index ")"))
/* Returns: 0, -EBUSY where there is an entry, or -ENOMEM. */
#define xa_insert(xa, index, entry, gfp)                                                           \
	kapi_xa_change(xa, index, entry, gfp, -ENOMEM,                                             \
		       kapi_xa_starves("xa_insert", "xa_insert(" #xa ", " #index ")"),             \
		       kapi_xa_locked("xa_insert", "xa_insert(" #xa ", " #index ", " #entry ")",   \
				      kapi_xa_insert("xa_insert", "xa_insert(" #xa ", " #index     \
								  ", " #entry ", " #gfp ")")))
#define __xa_insert(xa, index, entry, gfp)                                                         \
	kapi_xa_change(xa, index, entry, gfp, -ENOMEM,                                             \
		       kapi_xa_starves_locked("__xa_insert", "__xa_insert(" #xa ", " #index ")"),  \
		       kapi_xa_insert("__xa_insert",                                               \
				      "__xa_insert(" #xa ", " #index ", " #entry ", " #gfp ")"))
/* Returns: what was there. */
#define xa_cmpxchg(xa, index, old, entry, gfp)                                                     \
	({                                                                                         \
		void *old_ = (void *)(old);                                                        \
		kapi_xa_change(xa, index, entry, gfp, kapi_xa_error(-ENOMEM),                      \
			       kapi_xa_starves("xa_cmpxchg", "xa_cmpxchg(" #xa ", " #index ")"),   \
			       kapi_xa_locked("xa_cmpxchg", "xa_cmpxchg(" #xa ", " #index ")",     \
					      kapi_xa_exchange("xa_cmpxchg",                       \
							       "xa_cmpxchg(" #xa ", " #index       \
							       ", " #old ", " #entry ")")));       \
	})
/* The lowest free index of @limit. Returns: 0, -EBUSY when there is none, or -ENOMEM. */
#define xa_alloc(xa, id, entry, limit, gfp)                                                        \
	({                                                                                         \
		u32 *id_ = (id);                                                                   \
		struct xa_limit limit_ = (limit);                                                  \
		void *what_ = (void *)(entry);                                                     \
		kapi_xa_change(                                                                    \
			xa, limit_.min + (!limit_.min && array_->xa_flags == XA_FLAGS_ALLOC1),     \
			what_ ? what_ : KAPI_MAP_RESERVED, gfp, -ENOMEM,                           \
			(kapi_map_room(array_, &index_, limit_.max) &&                             \
			 kapi_xa_starves("xa_alloc", "xa_alloc(" #xa ", " #id ")")),               \
			kapi_xa_locked("xa_alloc", "xa_alloc(" #xa ", " #id ", " #entry ")",       \
				       kapi_xa_alloc("xa_alloc",                                   \
						     "xa_alloc(" #xa ", " #id ", " #entry          \
						     ", " #limit ", " #gfp ")")));                 \
	})
#define kapi_xa_mark(xa, index, mark, set, name, text)                                             \
	({                                                                                         \
		struct xarray *array_ = (xa);                                                      \
		unsigned long index_ = (index);                                                    \
		(void)kapi_xa_locked(                                                              \
			name, text,                                                                \
			(kapi_map_mark(array_, index_, (mark), set, KAPI_SITE(name, text)), 0));   \
	})
#define xa_set_mark(xa, index, mark)                                                               \
	kapi_xa_mark(xa, index, mark, true, "xa_set_mark",                                         \
		     "xa_set_mark(" #xa ", " #index ", " #mark ")")
#define xa_clear_mark(xa, index, mark)                                                             \
	kapi_xa_mark(xa, index, mark, false, "xa_clear_mark",                                      \
		     "xa_clear_mark(" #xa ", " #index ", " #mark ")")
/* All entries go; what they point to does not. */
#define xa_destroy(xa)                                                                             \
	({                                                                                         \
		struct xarray *array_ = (xa);                                                      \
		(void)kapi_xa_locked("xa_destroy", "xa_destroy(" #xa ")",                          \
				     (kapi_map_init(array_), 0));                                  \
	})

/* ---- looks ---- */

#define kapi_xa_find(xa, index, max, mark, name, text)                                             \
	kapi_map_find((xa), (index), (max), (mark), KAPI_SITE(name, text))
#define xa_find(xa, index, max, filter)                                                            \
	kapi_xa_find(xa, index, max, filter, "xa_find", "xa_find(" #xa ", " #index ")")
/* The index moves only if there is a next one. */
#define kapi_xa_after(xa, index, max, mark, name, text)                                            \
	({                                                                                         \
		unsigned long *at_ = (index), next_ = *at_ + 1;                                    \
		void *next_entry_ =                                                                \
			next_ ? kapi_xa_find(xa, &next_, max, mark, name, text) : NULL;            \
		if (next_entry_)                                                                   \
			*at_ = next_;                                                              \
		next_entry_;                                                                       \
	})
#define xa_find_after(xa, index, max, filter)                                                      \
	kapi_xa_after(xa, index, max, filter, "xa_find_after", "xa_find_after(" #xa ", " #index ")")
#define kapi_xa_load(xa, index, mark, name, text)                                                  \
	({                                                                                         \
		unsigned long look_ = (index);                                                     \
		kapi_xa_find(xa, &look_, look_, mark, name, text);                                 \
	})
#define xa_load(xa, index) kapi_xa_load(xa, index, 0, "xa_load", "xa_load(" #xa ", " #index ")")
#define xa_get_mark(xa, index, mark)                                                               \
	(kapi_xa_load(xa, index, mark, "xa_get_mark",                                              \
		      "xa_get_mark(" #xa ", " #index ", " #mark ")") != NULL)
#define xa_empty(xa)                                                                               \
	({                                                                                         \
		unsigned long first_ = 0;                                                          \
		!kapi_xa_find(xa, &first_, ULONG_MAX, 0, "xa_empty", "xa_empty(" #xa ")");         \
	})
#define kapi_xa_each(xa, index, entry, start, last, mark, name, text)                              \
	for ((index) = (start), (entry) = kapi_xa_find(xa, &(index), (last), (mark), name, text);  \
	     (entry); (entry) = kapi_xa_after(xa, &(index), (last), (mark), name, text))
#define xa_for_each_range(xa, index, entry, start, last)                                           \
	kapi_xa_each(xa, index, entry, start, last, 0, "xa_for_each_range",                        \
		     "xa_for_each_range(" #xa ", " #index ", " #entry ")")
#define xa_for_each_start(xa, index, entry, start)                                                 \
	kapi_xa_each(xa, index, entry, start, ULONG_MAX, 0, "xa_for_each_start",                   \
		     "xa_for_each_start(" #xa ", " #index ", " #entry ")")
#define xa_for_each(xa, index, entry)                                                              \
	kapi_xa_each(xa, index, entry, 0, ULONG_MAX, 0, "xa_for_each",                             \
		     "xa_for_each(" #xa ", " #index ", " #entry ")")
#define xa_for_each_marked(xa, index, entry, filter)                                               \
	kapi_xa_each(xa, index, entry, 0, ULONG_MAX, (filter), "xa_for_each_marked",               \
		     "xa_for_each_marked(" #xa ", " #index ", " #entry ", " #filter ")")

#endif
