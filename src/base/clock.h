/*
 * clock.h - the time that has passed, for limits and rates.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/** clock_seconds() - seconds of the monotonic clock since some fixed moment */
double clock_seconds(void);

#endif
