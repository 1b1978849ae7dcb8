/*
 * module.h - a module is loaded by init_module() and unloaded by cleanup_module(), as in the kernel:
 * the op file plays the user, who calls them by kapi_module_unload().
 *
 * A program has one module, and its use count is THIS_MODULE's: 1 while it is loaded and nobody uses it.
 */
#ifndef LINUX_MODULE_H
#define LINUX_MODULE_H

#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>

struct module {
	int refs; /* 0: it is about to go, or gone */
};

extern struct module kapi_this_module; /* core/misc.c */
#define THIS_MODULE (&kapi_this_module)

/** init_module() - what module_init() names. Returns: 0, or the -errno of a module not loaded. */
int init_module(void);
/** cleanup_module() - what module_exit() names. The module is loaded, and nobody uses it. */
void cleanup_module(void);

/* It may be loaded again. */
static inline void kapi_module_begin(void)
{
	if (!data_race(kapi_this_module.refs))
		kapi_atomic_set(&kapi_this_module.refs, 1,
				KAPI_SITE("insmod", "the module is loaded"));
}

/* Of a module whose initialisation failed nothing stays, as of one that is unloaded. */
#define module_init(initfn)                                                                        \
	int init_module(void)                                                                      \
	{                                                                                          \
		kapi_module_begin();                                                               \
		int error_ = initfn();                                                             \
		if (error_)                                                                        \
			kapi_module_end(KAPI_SITE("module_init", "module_init(" #initfn ")"));     \
		return error_;                                                                     \
	}                                                                                          \
	kapi_nothing
#define module_exit(exitfn)                                                                        \
	void cleanup_module(void)                                                                  \
	{                                                                                          \
		exitfn();                                                                          \
		kapi_module_end(KAPI_SITE("module_exit", "module_exit(" #exitfn ")"));             \
	}                                                                                          \
	kapi_nothing

/* Fails while the module goes; NULL, what is built in, never goes. */
#define try_module_get(m)                                                                          \
	({                                                                                         \
		struct module *module_ = (m);                                                      \
		!module_ || kapi_atomic_inc_not_zero(                                              \
				    &module_->refs,                                                \
				    KAPI_SITE("try_module_get", "try_module_get(" #m ")"));        \
	})
#define __module_get(m)                                                                            \
	do {                                                                                       \
		struct module *module_ = (m);                                                      \
		if (module_)                                                                       \
			kapi_atomic_add(&module_->refs, 1, KAPI_VOID,                              \
					KAPI_SITE("__module_get", "__module_get(" #m ")"));        \
	} while (0)
/* A put without its get is a WARN, as in the kernel. */
#define module_put(m)                                                                              \
	do {                                                                                       \
		struct module *module_ = (m);                                                      \
		struct site *site_ = KAPI_SITE("module_put", "module_put(" #m ")");                \
		if (module_ && kapi_atomic_add(&module_->refs, -1, KAPI_FULL, site_) < 1)          \
			kapi_warn(RULE_warn, site_);                                               \
	} while (0)
#define module_refcount(m)                                                                         \
	(kapi_atomic_read(&(m)->refs, KAPI_SITE("module_refcount", "module_refcount(" #m ")")) - 1)

/**
 * kapi_module_unload() - for the op file: what rmmod does
 *
 * Context: may sleep.
 * Returns: 0: cleanup_module() was called; -EAGAIN: the module is in use, and stays.
 */
static inline int kapi_module_unload(void)
{
	if (kapi_update(&kapi_this_module.refs, sizeof(kapi_this_module.refs), KAPI_UPDATE_CMPXCHG,
			0, 1, KAPI_FULL, KAPI_SITE("rmmod", "try to unload the module")) != 1)
		return -EAGAIN;
	cleanup_module();
	return 0;
}

#define kapi_nothing _Static_assert(true, "")
#define MODULE_LICENSE(license) kapi_nothing
#define MODULE_AUTHOR(author) kapi_nothing
#define MODULE_DESCRIPTION(description) kapi_nothing
#define EXPORT_SYMBOL(sym) kapi_nothing
#define EXPORT_SYMBOL_GPL(sym) kapi_nothing

#endif
