/*
 * jiffies.h - time, which stands still: what a timeout or a delay may do, it may do at any time.
 */
#ifndef LINUX_JIFFIES_H
#define LINUX_JIFFIES_H

#include <linux/kernel.h>

#define HZ 1000ul
#define jiffies 0ul
#define MAX_SCHEDULE_TIMEOUT LONG_MAX

#define msecs_to_jiffies(ms) ((unsigned long)(ms))
#define usecs_to_jiffies(us) ((unsigned long)(us) / 1000 + 1)
#define jiffies_to_msecs(j) ((unsigned int)(j))
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)

#endif
