/*
 * message.c - what a driver says and to whom it does not matter: messages about devices, debug output,
 * files of text, and what time it is. Nothing is printed, so each text is empty; time is jiffies.
 */
#include <linux/capability.h>
#include <linux/dev_printk.h>
#include <linux/device.h>
#include <linux/dynamic_debug.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/ratelimit.h>
#include <linux/seq_file.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

/* ---- messages ---- */

#define MESSAGE(name)                                                                              \
	void name(const struct device *dev, const char *format, ...)                               \
	{                                                                                          \
	}

MESSAGE(_dev_emerg)
MESSAGE(_dev_alert)
MESSAGE(_dev_crit)
MESSAGE(_dev_err)
MESSAGE(_dev_warn)
MESSAGE(_dev_notice)
MESSAGE(_dev_info)

void _dev_printk(const char *level, const struct device *dev, const char *format, ...)
{
}

#define DEBUG(name, type)                                                                          \
	void name(struct _ddebug *place, const type *about, const char *format, ...)               \
	{                                                                                          \
	}

DEBUG(__dynamic_dev_dbg, struct device)
DEBUG(__dynamic_netdev_dbg, struct net_device)
DEBUG(__dynamic_ibdev_dbg, struct ib_device)

void __dynamic_pr_debug(struct _ddebug *place, const char *format, ...)
{
}

/* Their types are in headers that depend on options; they look at none of their arguments. */
#define SILENT(name)                                                                               \
	void name(void)                                                                            \
	{                                                                                          \
	}

SILENT(__drm_err)
SILENT(__drm_dev_dbg)
SILENT(__drm_printfn_dbg)
SILENT(__drm_printfn_err)
SILENT(__drm_printfn_info)
SILENT(drm_dev_printk)
SILENT(ibdev_err)
SILENT(ibdev_warn)
SILENT(ibdev_info)

const char *dev_driver_string(const struct device *dev)
{
	return "";
}

int ___ratelimit(struct ratelimit_state *state, const char *func)
{
	return 0; /* not now */
}

bool capable(int cap)
{
	return true;
}

/* ---- text ---- */

void seq_printf(struct seq_file *file, const char *format, ...)
{
}

#if BOND_KERNEL >= 61200
void __seq_puts(struct seq_file *file, const char *text)
{
}
#else
void seq_puts(struct seq_file *file, const char *text)
{
}
#endif

void seq_putc(struct seq_file *file, char c)
{
}

int sysfs_emit(char *to, const char *format, ...)
{
	*to = 0;
	return 0;
}

#define EMPTY(name, ...)                                                                           \
	int name(char *to, size_t size, const char *format, __VA_ARGS__)                           \
	{                                                                                          \
		if (size)                                                                          \
			*to = 0;                                                                   \
		return 0;                                                                          \
	}

EMPTY(snprintf, ...)
EMPTY(scnprintf, ...)
EMPTY(vsnprintf, va_list args)
EMPTY(vscnprintf, va_list args)

int sprintf(char *to, const char *format, ...)
{
	*to = 0;
	return 0;
}

char *kasprintf(gfp_t flags, const char *format, ...)
{
	return kstrdup("", flags);
}

char *__weak kvasprintf(gfp_t flags, const char *format, va_list args)
{
	return kstrdup("", flags);
}

const char *__weak kvasprintf_const(gfp_t flags, const char *format, va_list args)
{
	return kstrdup("", flags);
}

char *__weak __get_task_comm(char *to, size_t size, struct task_struct *task)
{
	if (size)
		*to = 0;
	return to;
}

static ssize_t copy_text(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		to[i] = from[i];
		if (!to[i])
			return (ssize_t)i;
	}
	if (size)
		to[size - 1] = 0;
	return -E2BIG;
}

#if BOND_KERNEL >= 61200
ssize_t __weak sized_strscpy(char *to, const char *from, size_t size)
#else
#undef strscpy
ssize_t __weak strscpy(char *to, const char *from, size_t size)
#endif
{
	return copy_text(to, from, size);
}

/* ---- time ---- */

unsigned int jiffies_to_msecs(unsigned long count)
{
	return count * (MSEC_PER_SEC / HZ);
}

unsigned int jiffies_to_usecs(unsigned long count)
{
	return count * (USEC_PER_SEC / HZ);
}

#undef __msecs_to_jiffies
unsigned long __msecs_to_jiffies(unsigned int time)
{
	return DIV_ROUND_UP(time, MSEC_PER_SEC / HZ);
}

#undef __usecs_to_jiffies
unsigned long __usecs_to_jiffies(unsigned int time)
{
	return DIV_ROUND_UP(time, USEC_PER_SEC / HZ);
}

unsigned long nsecs_to_jiffies(u64 time)
{
	return time / TICK_NSEC;
}

u64 nsecs_to_jiffies64(u64 time)
{
	return time / TICK_NSEC;
}

#define TIME(type, name, argument)                                                                 \
	type name(argument)                                                                        \
	{                                                                                          \
		return (type)jiffies * TICK_NSEC;                                                  \
	}

TIME(ktime_t, ktime_get, void)
TIME(ktime_t, ktime_get_raw, void)
TIME(ktime_t, ktime_get_with_offset, enum tk_offsets base)
TIME(u64, ktime_get_mono_fast_ns, void)
TIME(u64, sched_clock, void)
