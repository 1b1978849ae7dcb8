/*
 * blame.c - the blame curve for people and for scripts: which step made it inevitable?
 *
 * Of the curve only the steps are printed at which it moves; the rest is as likely as what stands
 * above it.
 */
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "exec/exec.h"
#include "format/json.h"
#include "search/blame.h"

#define BAR 32	    /* columns of a share of 100 % */
#define MOVES_BY 3  /* continuations: less is chance */
#define ROWS_MAX 24 /* of them, the ones that move most are told */

static unsigned percent(const struct blame_point *p)
{
	return (p->fails * 100 + BLAME_CONTINUATIONS / 2) / BLAME_CONTINUATIONS;
}

static unsigned moves(const struct blame *b, uint32_t i)
{
	return i ? (unsigned)abs((int)b->point[i].fails - (int)b->point[i - 1].fails) : 0;
}

/* The least move that is told, so that ROWS_MAX are. */
static unsigned least_move(const struct blame *b)
{
	for (unsigned least = MOVES_BY;; least++) {
		unsigned rows = 0;

		for (uint32_t i = 0; i < b->points_nr; i++)
			rows += moves(b, i) >= least;
		if (rows <= ROWS_MAX)
			return least;
	}
}

static void put_row(struct text *t, const struct letter *l, const struct blame *b,
		    const struct blame_point *p)
{
	int event = trace_event_of_step(l->trace, p->step);
	char words[LETTER_WORDS] = "the threads start";
	const char *lane = "", *func = NULL;

	if (event >= 0 && p->step) {
		const struct trace_event *e = &l->trace->event[event];

		letter_event(l, (uint32_t)event, words);
		lane = lane_name(e->lane);
		func = e->kind != EV_op_begin && e->site ? e->site->func : NULL;
	}
	text_putf(t, "%s%5u %3u %% %-*.*s %-5s %s%s%s\n",
		  p->step == b->pivot && p->step ? ">" : " ", p->step, percent(p), BAR,
		  (int)(p->fails * BAR / BLAME_CONTINUATIONS), "################################",
		  lane, func ? func : "", func ? ": " : "", words);
}

void explain_blame(struct text *t, struct exec *x, const struct explain_run *how)
{
	static struct blame b;
	struct explain_run plain = *how;
	struct letter letter;
	unsigned least;

	exec_blame(x, how->how, how->strategy, how->seed, &b);
	explain_letter(x, &plain, &letter);
	if (!b.points_nr) {
		text_puts(t, "\n  no blame: the prefix of this run cannot be replayed\n");
		return;
	}
	least = least_move(&b);
	text_putf(t, "\n  how many of %u alternative continuations also fail, after each step\n",
		  BLAME_CONTINUATIONS);
	for (uint32_t i = 0; i < b.points_nr; i++)
		if (!i || how->all || moves(&b, i) >= least || b.point[i].step == b.pivot)
			put_row(t, &letter, &b, &b.point[i]);
	if (b.pivot)
		text_putf(t, "> step %u made the verdict inevitable; step %u is the steepest\n",
			  b.pivot, b.steepest);
}

void explain_blame_json(json_t *row, struct exec *x, const struct explain_run *how)
{
	static struct blame b;
	json_t *points = json_array();

	exec_blame(x, how->how, how->strategy, how->seed, &b);
	for (uint32_t i = 0; i < b.points_nr; i++) {
		json_t *point = json_object();

		json_put_count(point, "step", b.point[i].step);
		json_object_set_new(point, "share",
				    json_real((double)b.point[i].fails / BLAME_CONTINUATIONS));
		json_array_append_new(points, point);
	}
	json_object_set_new(row, "steepest", b.steepest ? json_integer(b.steepest) : json_null());
	json_object_set_new(row, "blame", points);
}
