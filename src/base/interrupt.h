/*
 * interrupt.h - Ctrl-C ends long work cleanly: the work asks, at places where it can stop.
 */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

#include <stdbool.h>

/** interrupt_catch() - from now on the first SIGINT or SIGTERM is remembered; a second one kills */
void interrupt_catch(void);

/** interrupt_catch_key() - the same of SIGINT alone: SIGTERM ends what keeps nothing */
void interrupt_catch_key(void);

/** interrupt_status() - the exit status of a process that ends for that signal: 130 or 143 */
int interrupt_status(void);

/** interrupt_seen() - did a signal arrive since interrupt_catch()? */
bool interrupt_seen(void);

#endif
