/*
 * merge.c - the same ops in fewer threads, or in the set-up: for a minimiser, which asks whether the bug
 * is still there.
 */
#include "program/program.h"

#include "program/draft.h"

/* Settled, or nothing: an op that cannot stand there is not to be lost. */
static bool settle(struct draft *d, const struct program *p, struct program *ret)
{
	*ret = *p;
	draft_settle(d, ret, NULL);
	return ret->ops_nr == p->ops_nr;
}

bool program_merge_threads(const struct program *p, unsigned from, unsigned to,
			   const uint32_t when[OPS_MAX], struct program *ret)
{
	struct draft d;

	draft_take(&d, p);
	for (unsigned i = 0; i < d.nr; i++)
		if (d.op[i].lane == from)
			d.op[i].lane = (uint8_t)to;
	/* An insertion sort of that thread's lines by time; what they use is bound above them. */
	for (unsigned i = 0; i < d.nr; i++)
		for (unsigned j = 0; d.op[i].lane == to && j < i; j++) {
			if (d.op[j].lane != to || when[d.from[j]] <= when[d.from[i]])
				continue;
			draft_move(&d, i, j);
			break;
		}
	if (!settle(&d, p, ret))
		return false;
	ret->deviations_nr = 0;
	return true;
}

bool program_move_to_setup(const struct program *p, unsigned index, struct program *ret)
{
	struct draft d;

	if (!place_fits(&p->descriptor->ops[p->ops[index].verb], LANE_MAIN))
		return false;
	draft_take(&d, p);
	d.op[index].lane = LANE_MAIN;
	draft_move(&d, index, draft_setup_nr(&d) - (index < draft_setup_nr(&d)));
	return settle(&d, p, ret);
}

/* May it stand in @lane, and is it one that makes an object? */
static bool makes_object(const struct program *p, const struct program_op *op)
{
	const struct op_type *type = &p->descriptor->ops[op->verb];

	return type->gives >= 0 && place_fits(type, LANE_MAIN);
}

bool program_one_column(const struct program *p, struct program *ret)
{
	unsigned lane = LANE_NONE, setup = 0;
	struct draft d;

	for (unsigned i = 0; i < p->ops_nr; i++) {
		if (p->ops[i].lane == LANE_MAIN)
			continue;
		if (lane != LANE_NONE && p->ops[i].lane != lane)
			return false;
		lane = p->ops[i].lane;
	}
	if (lane == LANE_NONE)
		return false;
	while (setup + 1u < p->ops_nr && makes_object(p, &p->ops[setup]))
		setup++;
	draft_take(&d, p);
	for (unsigned i = 0; i < d.nr; i++) {
		const struct op_type *type = &p->descriptor->ops[d.op[i].verb];

		d.op[i].lane = (uint8_t)(i < setup || !place_fits(type, lane) ? LANE_MAIN : lane);
	}
	if (!settle(&d, p, ret))
		return false;
	ret->deviations_nr = 0;
	return true;
}
