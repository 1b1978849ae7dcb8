/*
 * module.h - a module is loaded by init_module() and unloaded by cleanup_module(), as in the kernel:
 * whoever plays the user calls them, and refuses to unload what is in use.
 */
#ifndef LINUX_MODULE_H
#define LINUX_MODULE_H

#include <linux/init.h>
#include <linux/kernel.h>

struct module;
#define THIS_MODULE ((struct module *)NULL)

/** init_module() - what module_init() names. Returns: 0, or the -errno of a module not loaded. */
int init_module(void);
/** cleanup_module() - what module_exit() names. The module is loaded, and nobody uses it. */
void cleanup_module(void);

#define module_init(initfn) int init_module(void) __attribute__((alias(#initfn)))
#define module_exit(exitfn) void cleanup_module(void) __attribute__((alias(#exitfn)))

#define kapi_nothing _Static_assert(true, "")
#define MODULE_LICENSE(license) kapi_nothing
#define MODULE_AUTHOR(author) kapi_nothing
#define MODULE_DESCRIPTION(description) kapi_nothing
#define EXPORT_SYMBOL(sym) kapi_nothing
#define EXPORT_SYMBOL_GPL(sym) kapi_nothing

#endif
