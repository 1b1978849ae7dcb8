/*
 * lane.h - the names of those who can run: one lane is one column of a letter.
 *
 * A run has a main lane (set-up lines before, closing lines after), the program's threads A..F, and
 * the workers that run RCU and SRCU callbacks. Two SRCU workers, since callbacks of one domain may
 * overlap.
 */
#ifndef BASE_LANE_H
#define BASE_LANE_H

enum lane {
	LANE_MAIN,
	LANE_A,
	LANE_B,
	LANE_C,
	LANE_D,
	LANE_E,
	LANE_F,
	LANE_RCU,
	LANE_SRCU0,
	LANE_SRCU1,
	LANES
};

#define LANE_NONE 0xff
#define LANE_IS_THREAD(l) ((l) >= LANE_A && (l) <= LANE_F)
#define LANE_IS_WORKER(l) ((l) >= LANE_RCU && (l) < LANES)

/**
 * lane_name() - the name of a lane as programs and letters spell it
 * @lane: below LANES
 *
 * Returns: a constant string: "main", "A".."F", "rcu", "srcu0", "srcu1".
 */
const char *lane_name(unsigned lane);

#endif
