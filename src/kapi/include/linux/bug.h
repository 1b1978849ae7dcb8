/*
 * bug.h - WARN and BUG are verdicts: the run ends there.
 */
#ifndef LINUX_BUG_H
#define LINUX_BUG_H

#include <linux/compiler.h>

/* With the words of the macro that the source calls, its message included. */
#define kapi_warn_if(condition, text)                                                              \
	({                                                                                         \
		bool warn_ = !!(condition);                                                        \
		if (unlikely(warn_))                                                               \
			kapi_warn(RULE_warn, KAPI_SITE("WARN_ON", text));                          \
		warn_;                                                                             \
	})
#define WARN_ON(condition) kapi_warn_if(condition, "WARN_ON(" #condition ")")
#define WARN_ON_ONCE(condition) kapi_warn_if(condition, "WARN_ON_ONCE(" #condition ")")
#define WARN(condition, ...) kapi_warn_if(condition, "WARN(" #condition ", " #__VA_ARGS__ ")")
#define WARN_ONCE(condition, ...)                                                                  \
	kapi_warn_if(condition, "WARN_ONCE(" #condition ", " #__VA_ARGS__ ")")

#define BUG_ON(condition)                                                                          \
	do {                                                                                       \
		if (unlikely(condition))                                                           \
			kapi_warn(RULE_bug, KAPI_SITE("BUG_ON", "BUG_ON(" #condition ")"));        \
	} while (0)
#define BUG() kapi_warn(RULE_bug, KAPI_SITE("BUG_ON", "BUG()"))

#endif
