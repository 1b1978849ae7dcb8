/*
 * ring.h - what user space knows of /dev/ring.
 */
#ifndef RING_H
#define RING_H

#define RING_GET_ID 1 /* returns the id of this file's context */
#define RING_KICK 2   /* argument: the id of any context; it works on a page */

#endif
