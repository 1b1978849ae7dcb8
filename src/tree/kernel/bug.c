/*
 * bug.c - complaints: WARN, BUG, refcount_t, list debugging, and printk, which says nothing.
 *
 * overlay/asm/bug.h makes calls of WARN and BUG. WARN goes on behind the verdict where a run survives
 * it; BUG does not.
 */
#include <linux/bug.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/refcount.h>

#include "tree/kernel/glue.h"

void bond_tree_warn(void)
{
	bond_warn(BOND_SITE);
}

void bond_tree_bug(void)
{
	bond_bug(BOND_SITE);
}

void __warn_printk(const char *format, ...)
{
}

int _printk(const char *format, ...)
{
	return 0;
}

int __printk_ratelimit(const char *func)
{
	return 0;
}

void dump_stack(void)
{
}

/* ---- refcount_t ---- */

static const char *const saturations[] = {
	[REFCOUNT_ADD_NOT_ZERO_OVF] = "an increment of a count that is saturated",
	[REFCOUNT_ADD_OVF] = "an increment of a count that is saturated",
	[REFCOUNT_ADD_UAF] = "an increment of a count that is 0 or saturated",
	[REFCOUNT_SUB_UAF] = "a decrement below 0",
	[REFCOUNT_DEC_LEAK] = "refcount_dec() hit 0: nobody frees the object",
};

void refcount_warn_saturate(refcount_t *count, enum refcount_saturation_type type)
{
	count->refs.counter = REFCOUNT_SATURATED;
	bond_verdict("refcount", count, saturations[type], BOND_SITE);
}

/* ---- lists: what CONFIG_DEBUG_LIST asks before it changes one; no: the change is not made ---- */

#if BOND_KERNEL >= 60600
#define LIST_ADD_VALID __list_add_valid_or_report
#define LIST_DEL_VALID __list_del_entry_valid_or_report
#else
#define LIST_ADD_VALID __list_add_valid
#define LIST_DEL_VALID __list_del_entry_valid
#endif

bool LIST_ADD_VALID(struct list_head *new, struct list_head *prev, struct list_head *next)
{
	struct site *site = BOND_SITE;

	bond_touch(prev, site);
	bond_touch(next, site);
	return kapi_list_check_add(new, prev, next, site);
}

bool LIST_DEL_VALID(struct list_head *entry)
{
	return kapi_list_check_del(entry, BOND_SITE);
}
