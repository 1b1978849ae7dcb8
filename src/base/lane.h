/*
 * lane.h - the names of those who can run: one lane is one column of a letter.
 *
 * A run has a main lane (set-up lines before, closing lines after), the program's threads A..F, and
 * the workers that run callbacks of RCU and SRCU, timers, and works. Two SRCU workers, since
 * callbacks of one domain may overlap; three for works, since a work may wait for another, and that
 * one for a third. A lock keeps its readers in 16 bits, so there is room for two more.
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
	LANE_TIMER,
	LANE_WQ0,
	LANE_WQ1,
	LANE_WQ2,
	LANES
};

#define LANE_NONE 0xff
#define LANE_IS_THREAD(l) ((l) >= LANE_A && (l) <= LANE_F)
#define LANE_IS_WORKER(l) ((l) >= LANE_RCU && (l) < LANES)
#define LANE_IS_GRACE(l) ((l) >= LANE_RCU && (l) <= LANE_SRCU1) /* RCU's and SRCU's callbacks */
#define LANE_IS_WQ(l) ((l) >= LANE_WQ0 && (l) < LANES)		/* works: may sleep */

/**
 * lane_name() - the name of a lane as programs and letters spell it
 * @lane: below LANES
 *
 * Returns: a constant string: "main", "A".."F", "rcu", "srcu0", "srcu1",
 * "timer", "wq0".."wq2".
 */
const char *lane_name(unsigned lane);

#endif
