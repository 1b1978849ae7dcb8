/*
 * run.c - lays a program out over real threads, runs it once, and judges what was written.
 *
 * The same steps as in a simulated run: the main lane does the set-up lines, starts the threads, and
 * closes everything, as a careful driver would; what is live after that has leaked. Each op is
 * stamped, so that it can be said how much of a run really overlapped: on a machine with one
 * processor that is busy elsewhere, a clean run says little.
 */
#include "stress/run.h"
#include "base/limits.h"

#include <string.h>

#include "base/panic.h"
#include "kapi/native/native.h"
#include "stress/order.h"

#define NOTES_CAP 16384

struct span {
	uint64_t begin, end; /* 0: it did not run */
	uint8_t lane;
};

static struct run {
	const struct program *program;
	const struct subject *subject;
	struct span span[OPS_MAX];
	struct site site[OPS_MAX];
	unsigned lanes_nr; /* threads, those without ops in between included */
} run;

/* ---- on the threads ---- */

static void run_op(struct run *r, unsigned index)
{
	const struct program_op *op = &r->program->ops[index];
	const struct subject_call call = {
		.operand = op->operand, .result = op->result, .lane = op->lane};

	native_op_begin(&r->site[index]);
	r->span[index].begin = native_now();
	r->subject->op(op->verb, &call);
	r->span[index].end = native_now();
	native_op_end();
}

static void body(void *arg, unsigned lane)
{
	struct run *r = arg;

	for (unsigned i = 0; i < r->program->ops_nr; i++)
		if (r->program->ops[i].lane == lane)
			run_op(r, i);
}

/* ---- around them ---- */

static void lay_out(struct run *r, const struct program *p, const struct subject *subject)
{
	r->program = p;
	r->subject = subject;
	r->lanes_nr = 0;
	for (unsigned i = 0; i < p->ops_nr; i++) {
		unsigned lane = p->ops[i].lane;

		r->span[i] = (struct span){.lane = (uint8_t)lane};
		r->site[i] = (struct site){.func = p->descriptor->ops[p->ops[i].verb].name,
					   .prim = "begin"};
		if (lane != LANE_MAIN && lane - LANE_A + 1 > r->lanes_nr)
			r->lanes_nr = lane - LANE_A + 1;
	}
}

static bool overlap(const struct span *a, const struct span *b)
{
	return a->begin <= b->end && b->begin <= a->end;
}

static void count_overlap(const struct run *r, struct stress_board *board)
{
	uint64_t pairs = 0, overlapped = 0;

	for (unsigned i = 0; i < r->program->ops_nr; i++)
		for (unsigned j = 0; j < i; j++) {
			const struct span *a = &r->span[i], *b = &r->span[j];

			if (a->lane == b->lane || a->lane == LANE_MAIN || b->lane == LANE_MAIN)
				continue;
			pairs++;
			overlapped += overlap(a, b);
		}
	board->pairs += pairs;
	board->pairs_overlapped += overlapped;
	board->runs_overlapped += overlapped != 0;
}

/* ---- what the rules say ---- */

static struct span *span_at(struct run *r, unsigned lane, uint64_t at)
{
	for (unsigned i = 0; i < r->program->ops_nr; i++)
		if (r->span[i].lane == lane && r->span[i].begin <= at && at <= r->span[i].end)
			return &r->span[i];
	return NULL;
}

/* Nobody else was at work while the subject looked: then it saw what there is. */
static bool is_certain(struct run *r, const struct native_doubt *d)
{
	const struct span *own = span_at(r, d->lane, d->at);

	for (unsigned i = 0; own && i < r->program->ops_nr; i++)
		if (r->span[i].lane != own->lane && r->span[i].lane != LANE_MAIN &&
		    overlap(&r->span[i], own))
			return false;
	return own != NULL;
}

static bool judge_doubt(struct run *r, struct stress_board *board, struct verdict *ret)
{
	const struct native_doubt *d = native_doubt();

	if (!d->verdict.rule)
		return true;
	if (!is_certain(r, d)) {
		board->doubts++;
		return true;
	}
	*ret = d->verdict;
	return false;
}

static bool judge_notes(struct stress_board *board, struct verdict *ret)
{
	static struct native_note note[NOTES_CAP];
	int nr = native_notes(note, NOTES_CAP);
	enum order_answer answer = nr < 0 ? ORDER_UNDECIDED : order_judge(note, (unsigned)nr, ret);

	board->notes += nr < 0 ? 0 : (uint64_t)nr;
	board->reordered += answer == ORDER_REORDERED;
	board->undecided += answer == ORDER_UNDECIDED;
	return answer != ORDER_BROKEN;
}

bool stress_run(const struct program *p, const struct subject *subject, uint64_t seed,
		struct stress_board *board, struct verdict *ret)
{
	struct run *r = &run;

	lay_out(r, p, subject);
	native_begin(seed);
	subject->begin();
	body(r, LANE_MAIN);
	native_let_fail(seed % FAIL_RUNS == 1 ? FAIL_ONE_IN : 0);
	if (r->lanes_nr)
		native_run(r->lanes_nr, body, r);
	native_let_fail(0);
	subject->close();
	native_end();
	count_overlap(r, board);
	return !native_leak(ret) && judge_doubt(r, board, ret) && judge_notes(board, ret);
}
