/*
 * gfp.h - what an allocation may do to get memory. Of the flags two things count: may it reclaim, and so
 * sleep and call invalidation callbacks; and is the memory zeroed.
 */
#ifndef LINUX_GFP_H
#define LINUX_GFP_H

#include <linux/types.h>

#define __GFP_DIRECT_RECLAIM 0x1u
#define __GFP_KSWAPD_RECLAIM 0x2u
#define __GFP_RECLAIM (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define __GFP_HIGH 0x4u
#define __GFP_IO 0x8u
#define __GFP_FS 0x10u
#define __GFP_ZERO 0x20u
#define __GFP_NOWARN 0x40u
#define __GFP_NORETRY 0x80u
#define __GFP_RETRY_MAYFAIL 0x100u
#define __GFP_NOLOCKDEP 0x200u
#define __GFP_ACCOUNT 0x400u
#define __GFP_HIGHMEM 0x800u

#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT __GFP_KSWAPD_RECLAIM
#define GFP_NOIO __GFP_RECLAIM
#define GFP_NOFS (__GFP_RECLAIM | __GFP_IO)
#define GFP_KERNEL (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_USER GFP_KERNEL
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)

static inline bool gfpflags_allow_blocking(gfp_t flags)
{
	return flags & __GFP_DIRECT_RECLAIM;
}

/* NOFS and NOIO reclaim, too: it is notifiers that are called, not file systems. */
#define kapi_gfp(flags, site)                                                                      \
	do {                                                                                       \
		if ((flags)&__GFP_DIRECT_RECLAIM)                                                  \
			kapi_might_sleep(site);                                                    \
		if (((flags) & (__GFP_DIRECT_RECLAIM | __GFP_NOLOCKDEP)) == __GFP_DIRECT_RECLAIM)  \
			kapi_may_reclaim(site);                                                    \
	} while (0)
/* For what allocates only now and then. */
#define might_alloc(flags)                                                                         \
	do {                                                                                       \
		gfp_t gfp_ = (flags);                                                              \
		struct site *site_ = KAPI_SITE("might_alloc", "might_alloc(" #flags ")");          \
		kapi_gfp(gfp_, site_);                                                             \
	} while (0)

#endif
