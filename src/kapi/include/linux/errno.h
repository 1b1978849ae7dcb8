/*
 * errno.h - error numbers; the host's are the kernel's. The host's own header of this name has
 * them, and its <errno.h> comes here for them, too.
 */
#ifndef LINUX_ERRNO_H
#define LINUX_ERRNO_H

#include_next <linux/errno.h>

#define ERESTARTSYS 512 /* a signal came; not for user space */

#endif
