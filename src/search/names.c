/*
 * names.c - which thread is called A.
 *
 * By the ops, a program has the same names however its finder called them: the search for the fewest
 * changes of lane starts from these. By the first step, a person reads A first.
 */
#include "search/names.h"

void names_as_they_are(uint8_t lane_to[LANES])
{
	for (unsigned lane = 0; lane < LANES; lane++)
		lane_to[lane] = (uint8_t)lane;
}

/* The threads of @order, in that order, are A, B, ... */
static void name_lanes(const uint8_t *order, unsigned nr, uint8_t lane_to[LANES])
{
	names_as_they_are(lane_to);
	for (unsigned i = 0; i < nr; i++)
		lane_to[order[i]] = (uint8_t)(LANE_A + i);
}

/* By their first step; those that never made one come last, as they stand. */
static unsigned order_by_step(const struct exec *x, uint8_t order[THREADS_MAX])
{
	uint32_t left = x->lanes;
	unsigned nr = 0;

	for (uint32_t i = 0; i < x->trace.events_nr; i++) {
		unsigned lane = x->trace.event[i].lane;

		if (!LANE_IS_THREAD(lane) || !(left & 1u << lane))
			continue;
		left &= ~(1u << lane);
		order[nr++] = (uint8_t)lane;
	}
	for (unsigned lane = LANE_A; lane <= LANE_F; lane++)
		if (left & 1u << lane)
			order[nr++] = (uint8_t)lane;
	return nr;
}

static uint64_t digit(uint32_t operand)
{
	return operand < 1u << 12 ? operand : (1u << 12) - 1;
}

/* Verb and operands of an op as one number; 0: there is none. */
static uint64_t op_rank(const struct program *p, unsigned lane, unsigned number)
{
	for (unsigned i = 0; i < p->ops_nr; i++) {
		const struct program_op *op = &p->ops[i];

		if (op->lane != lane || number--)
			continue;
		return (1 + (uint64_t)op->verb) << 36 | digit(op->operand[0]) << 24 |
		       digit(op->operand[1]) << 12 | digit(op->operand[2]);
	}
	return 0;
}

static int compare_lanes(const struct program *p, unsigned a, unsigned b)
{
	for (unsigned number = 0; number < OPS_MAX; number++) {
		uint64_t ra = op_rank(p, a, number), rb = op_rank(p, b, number);

		if (ra != rb)
			return ra < rb ? -1 : 1;
		if (!ra)
			break;
	}
	return 0;
}

static unsigned order_by_ops(const struct program *p, uint8_t order[THREADS_MAX])
{
	unsigned nr = 0;

	for (unsigned lane = LANE_A; lane <= LANE_F; lane++) {
		unsigned at = nr;

		if (!op_rank(p, lane, 0))
			continue;
		for (; at && compare_lanes(p, lane, order[at - 1]) < 0; at--)
			order[at] = order[at - 1];
		order[at] = (uint8_t)lane;
		nr++;
	}
	return nr;
}

void names_by_step(const struct exec *x, uint8_t lane_to[LANES])
{
	uint8_t order[THREADS_MAX];

	name_lanes(order, order_by_step(x, order), lane_to);
}

void names_by_ops(const struct program *p, uint8_t lane_to[LANES])
{
	uint8_t order[THREADS_MAX];

	name_lanes(order, order_by_ops(p, order), lane_to);
}

static void drop_switches(struct program *p)
{
	for (unsigned i = p->deviations_nr; i-- > 0;)
		if (p->deviations[i].action == DEVIATION_GOTO)
			program_drop_deviation(p, i);
}

void names_sort(const struct program *p, struct program *ret)
{
	static struct program bare;
	uint8_t lane_to[LANES];

	bare = *p;
	drop_switches(&bare);
	names_by_ops(&bare, lane_to);
	program_canonical(&bare, lane_to, ret);
}
