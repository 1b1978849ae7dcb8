/*
 * lane.c - the one list of lane names.
 */
#include "base/lane.h"

#include "base/panic.h"

static const char *const names[LANES] = {
	[LANE_MAIN] = "main",	[LANE_A] = "A",		[LANE_B] = "B",		[LANE_C] = "C",
	[LANE_D] = "D",		[LANE_E] = "E",		[LANE_F] = "F",		[LANE_RCU] = "rcu",
	[LANE_SRCU0] = "srcu0", [LANE_SRCU1] = "srcu1", [LANE_TIMER] = "timer", [LANE_WQ0] = "wq0",
	[LANE_WQ1] = "wq1",	[LANE_WQ2] = "wq2",
};

const char *lane_name(unsigned lane)
{
	must(lane < LANES);
	return names[lane];
}
