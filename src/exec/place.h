/*
 * place.h - a place in a run: before the n-th operation of that function and primitive in one op of one
 * lane. Schedules are tied to places, so that they survive changes of the code elsewhere.
 */
#ifndef EXEC_PLACE_H
#define EXEC_PLACE_H

#include "program/program.h"
#include "sched/choice.h"
#include "trace/trace.h"

struct place {
	struct site *site; /* function and primitive */
	uint16_t occurrence;
	uint8_t lane, op;
};

/**
 * place_of() - the place of an operation
 * @e: a visible operation, in @t or not in it yet
 * @end: where to stop counting: @e, or the end of @t
 *
 * Context: may be on a lane's fiber: calls no function of libc.
 */
struct place place_of(const struct trace *t, const struct trace_event *e,
		      const struct trace_event *end);

/**
 * place_write() - a deviation of a program at a place
 * @target: the lane that goes on there, or LANE_NONE: the operation fails
 *
 * Returns: false, and @ret as it was, when @p has no room for the names.
 */
bool place_write(struct program *p, const struct place *at, unsigned target,
		 struct program_deviation *ret);

/** place_is_plain() - does the schedule name a plain access? Then a run of it has them as scheduling points. */
bool place_is_plain(const struct program *p);

/** place_take() - the deviations of a program become those of a choice; or the failures among them only */
void place_take(struct choice *c, const struct program *p, bool failures_only);

/*
 * A place of our core that has another name in the core that this program is linked with, so that the
 * anchors of a schedule reach it there. The table ends with a row of NULL; without a table nothing has.
 */
struct place_alias {
	const char *function, *primitive;
	const char *here, *here_primitive; /* NULL: the primitive is the same */
};
extern const struct place_alias place_aliases[] __attribute__((weak));

#endif
