/*
 * device.c - what drivers tell the kernel and nobody asks for here: classes, files of sysfs, debugfs and proc,
 * numbers of devices, uses of their module. It always succeeds; what has a count or is found again is patient/device.c.
 *
 * The types of most depend on the kernel's version, and none looks at its arguments: so no header declares them here.
 */
#include <linux/types.h>

static char some_object[1024]
	__attribute__((aligned(64))); /* a class, a dentry: only ever handed back */

/* The machine is what a file of the tree wants: a guest of Xen. */
int xen_domain_type __attribute__((weak)) = 1;

#define SUCCEEDS(name)                                                                             \
	long __attribute__((weak)) name(void)                                                      \
	{                                                                                          \
		return 0;                                                                          \
	}
#define GIVES(name)                                                                                \
	void *__attribute__((weak)) name(void)                                                     \
	{                                                                                          \
		return some_object;                                                                \
	}

GIVES(__class_create)
GIVES(class_create)
SUCCEEDS(class_destroy)
SUCCEEDS(class_register)
SUCCEEDS(__class_register)
SUCCEEDS(class_unregister)
SUCCEEDS(class_create_file_ns)
SUCCEEDS(class_remove_file_ns)
SUCCEEDS(device_create_file)
SUCCEEDS(device_remove_file)
SUCCEEDS(device_create_bin_file)
SUCCEEDS(device_remove_bin_file)
SUCCEEDS(device_add_groups)
SUCCEEDS(device_remove_groups)
SUCCEEDS(dev_set_name)
GIVES(device_create)
GIVES(device_create_with_groups)
SUCCEEDS(device_destroy)
SUCCEEDS(register_chrdev_region)
SUCCEEDS(unregister_chrdev_region)
SUCCEEDS(sysfs_create_group)
SUCCEEDS(sysfs_create_groups)
SUCCEEDS(sysfs_remove_group)
SUCCEEDS(sysfs_remove_groups)
SUCCEEDS(sysfs_create_file_ns)
SUCCEEDS(sysfs_remove_file_ns)
SUCCEEDS(sysfs_create_link)
SUCCEEDS(sysfs_remove_link)
SUCCEEDS(sysfs_notify)
SUCCEEDS(kobject_uevent)
SUCCEEDS(kobject_uevent_env)
GIVES(debugfs_create_dir)
GIVES(debugfs_create_file)
GIVES(debugfs_create_file_unsafe)
SUCCEEDS(debugfs_create_u8)
SUCCEEDS(debugfs_create_u32)
SUCCEEDS(debugfs_create_u64)
SUCCEEDS(debugfs_create_bool)
SUCCEEDS(debugfs_create_atomic_t)
SUCCEEDS(debugfs_remove)
GIVES(proc_create)
GIVES(proc_create_data)
GIVES(proc_create_single_data)
GIVES(proc_create_seq_private)
GIVES(proc_mkdir)
SUCCEEDS(proc_remove)
SUCCEEDS(remove_proc_entry)
SUCCEEDS(remove_proc_subtree)
GIVES(register_sysctl)
GIVES(register_sysctl_sz)
SUCCEEDS(unregister_sysctl_table)
SUCCEEDS(register_reboot_notifier)
SUCCEEDS(unregister_reboot_notifier)
SUCCEEDS(register_shrinker)
SUCCEEDS(unregister_shrinker)

/* ---- files: nobody waits for SIGIO, and no file has a position ---- */

SUCCEEDS(fasync_helper)
SUCCEEDS(kill_fasync)
SUCCEEDS(stream_open)
SUCCEEDS(nonseekable_open)
SUCCEEDS(noop_llseek)
SUCCEEDS(no_llseek)
SUCCEEDS(compat_ptr_ioctl)

/* ---- mappings: what a page of a process shows is not looked at ---- */

SUCCEEDS(vm_insert_page)
SUCCEEDS(vm_map_pages)
SUCCEEDS(remap_pfn_range)
SUCCEEDS(io_remap_pfn_range)

/* ---- the module: it stays while a program runs, so a use of it is no count ---- */

bool __attribute__((weak)) try_module_get(void *module)
{
	return true;
}

SUCCEEDS(module_put)
SUCCEEDS(__module_get)
