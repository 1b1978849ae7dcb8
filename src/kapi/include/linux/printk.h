/*
 * printk.h - messages: checked against their format, and not printed. A search makes a hundred
 * thousand runs a second, and the letter tells more.
 */
#ifndef LINUX_PRINTK_H
#define LINUX_PRINTK_H

#define KERN_ERR ""
#define KERN_WARNING ""
#define KERN_NOTICE ""
#define KERN_INFO ""
#define KERN_DEBUG ""

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

static inline __attribute__((format(printf, 1, 2))) int printk(const char *fmt, ...)
{
	(void)fmt;
	return 0;
}

#define pr_err(fmt, ...) printk(KERN_ERR pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...) printk(KERN_WARNING pr_fmt(fmt), ##__VA_ARGS__)
#define pr_notice(fmt, ...) printk(KERN_NOTICE pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...) printk(KERN_INFO pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...) printk(KERN_DEBUG pr_fmt(fmt), ##__VA_ARGS__)

#endif
