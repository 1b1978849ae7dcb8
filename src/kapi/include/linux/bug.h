/*
 * bug.h - WARN and BUG are verdicts: the run ends there.
 */
#ifndef LINUX_BUG_H
#define LINUX_BUG_H

#include <linux/compiler.h>

#define WARN_ON(condition)                                                                         \
	({                                                                                         \
		bool warn_ = !!(condition);                                                        \
		if (unlikely(warn_))                                                               \
			kapi_warn(RULE_warn, KAPI_SITE("WARN_ON", "WARN_ON(" #condition ")"));     \
		warn_;                                                                             \
	})
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN(condition, ...) WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON(condition)

#define BUG_ON(condition)                                                                          \
	do {                                                                                       \
		if (unlikely(condition))                                                           \
			kapi_warn(RULE_bug, KAPI_SITE("BUG_ON", "BUG_ON(" #condition ")"));        \
	} while (0)
#define BUG() BUG_ON(true)

#endif
