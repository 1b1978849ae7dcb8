/*
 * repair.c - look for a verdict near the schedule that used to show it.
 *
 * A change of the code moves places: a function has another name, a lock is taken once more, one
 * lock became two. What a schedule means is mostly still there, so the candidates come in the order
 * of their distance: first each stale anchor is moved to places that its op really goes by, the
 * nearest first; then one or two anchors that are reached are moved, since a scheduling point that was
 * put in front shifts what is counted; then one or two deviations are left out; then the portfolio
 * draws the rest; then all of it. Each step has a share of the runs.
 *
 * Whatever the way, a candidate counts when all lines of the file hold with it: the same verdict on
 * the same subject or defect, no anchor stale, and clean where clean is promised.
 */
#include "search/repair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MAX 96 /* of one op: where an anchor may be moved to */
#define MOVES_MAX 6   /* stale anchors that are moved one after the other */
#define NEAR_FEW 12   /* places that are tried of each of two anchors at a time */
#define DROPS_MAX 24  /* deviations of which two at a time are left out */
#define FAR 1000      /* another function and another primitive */

/* Where an anchor may be moved to; its names are in the pool of the program that is tried. */
struct near_place {
	struct program_deviation at;
	uint32_t distance;
};

struct near {
	struct exec *x;
	struct repair *r;
	struct expectation line[EXPECTS_MAX];
	unsigned lines;
	unsigned shows; /* the line whose verdict is looked for */
	uint64_t share; /* r->runs when the present step is over */
	struct program good;
};

const char *repair_way_name(enum repair_way way)
{
	static const char *const names[REPAIR_WAYS] = {
		"",
		"anchors moved to the nearest place",
		"anchors shifted",
		"deviations left out",
		"the rest of the schedule drawn anew",
		"searched from nothing",
	};

	return names[way];
}

static bool is_over(const struct near *n)
{
	return n->r->runs >= n->share || (n->r->stop && n->r->stop());
}

static enum expect_outcome try_line(struct near *n, unsigned line, const struct program *p)
{
	n->r->runs++;
	return expect_try(n->x, p, &n->line[line]);
}

/* The line that is looked for comes last, so that its run is what @x has in the end. */
static bool others_hold(struct near *n, const struct program *p)
{
	for (unsigned i = 0; i < n->lines; i++)
		if (i != n->shows && try_line(n, i, p) != EXPECT_HOLDS)
			return false;
	return true;
}

static bool holds(struct near *n, const struct program *p)
{
	if (try_line(n, n->shows, p) != EXPECT_HOLDS)
		return false;
	if (!others_hold(n, p)) {
		try_line(n, n->shows, p);
		return false;
	}
	try_line(n, n->shows, p);
	verdict_signature(&n->x->trace.verdict, n->r->signature, sizeof(n->r->signature));
	n->good = *p;
	return true;
}

/* ---- places ---- */

static bool is_same(const struct program *p, const struct program_deviation *d,
		    const struct trace_event *e)
{
	return strcmp(program_name(p, d->primitive), e->site->prim) == 0 &&
	       strcmp(program_name(p, d->function), e->site->func) == 0;
}

static bool is_of_op(const struct program_deviation *d, const struct trace_event *e)
{
	return e->site && e->lane == d->lane && e->op == d->op && event_is_visible(e->kind);
}

/* Does its op come to the function at all? If not it may have got another name. */
static bool is_known(const struct trace *t, const struct program *p,
		     const struct program_deviation *d)
{
	for (uint32_t i = 0; i < t->events_nr; i++)
		if (is_of_op(d, &t->event[i]) &&
		    strcmp(program_name(p, d->function), t->event[i].site->func) == 0)
			return true;
	return false;
}

static uint32_t distance(const struct program *p, const struct program_deviation *d,
			 const struct trace_event *e, uint16_t occurrence, bool known)
{
	bool function = strcmp(program_name(p, d->function), e->site->func) == 0;
	bool primitive = strcmp(program_name(p, d->primitive), e->site->prim) == 0;
	uint32_t apart = (uint32_t)abs((int)occurrence - (int)d->occurrence);

	if (primitive)
		return apart * 4 + (function ? 0 : known ? 10 : 1);
	return FAR + apart * 4 + (function ? 0 : 100);
}

static int by_distance(const void *a, const void *b)
{
	uint32_t x = ((const struct near_place *)a)->distance,
		 y = ((const struct near_place *)b)->distance;

	return (x > y) - (x < y);
}

/* Where the last run's op @d->op went by, the nearest first; names go into @p's pool. */
static unsigned places(struct near *n, struct program *p, const struct program_deviation *d,
		       struct near_place *ret)
{
	const struct trace *t = &n->x->trace;
	bool known = is_known(t, p, d);
	unsigned nr = 0;

	for (uint32_t i = 0; i < t->events_nr && nr < PLACES_MAX; i++) {
		const struct trace_event *e = &t->event[i];
		struct place at;

		if (!is_of_op(d, e))
			continue;
		at = place_of(t, e, e);
		if (is_same(p, d, e) && at.occurrence == d->occurrence)
			continue;
		if (!place_write(p, &at, LANE_NONE, &ret[nr].at))
			break;
		ret[nr++].distance = distance(p, d, e, at.occurrence, known);
	}
	qsort(ret, nr, sizeof(*ret), by_distance);
	return nr;
}

static void move(struct program_deviation *d, const struct near_place *to)
{
	d->function = to->at.function;
	d->primitive = to->at.primitive;
	d->occurrence = to->at.occurrence;
}

/* ---- ways ---- */

static int first_stale(const struct near *n)
{
	for (unsigned i = 0; i < n->x->choice.deviations_nr; i++)
		if (!n->x->choice.deviation[i].fired)
			return (int)i;
	return -1;
}

/* A function that was moved once has got another name everywhere. */
static void rename_others(struct program *p, uint16_t from, uint16_t to, unsigned after)
{
	for (unsigned i = after + 1; from && from != to && i < p->deviations_nr; i++)
		if (p->deviations[i].function == from)
			p->deviations[i].function = to;
}

/* The last run was @p's. Recursion is bounded by MOVES_MAX, its runs by the share. */
static bool move_stale(struct near *n, const struct program *p, unsigned depth)
{
	int stale = first_stale(n);
	struct near_place place[PLACES_MAX];
	struct program q = *p;
	unsigned nr;
	bool known;

	if (stale < 0 || depth == MOVES_MAX)
		return false;
	known = is_known(&n->x->trace, p, &p->deviations[stale]);
	nr = places(n, &q, &p->deviations[stale], place);
	for (unsigned i = 0; i < nr && !is_over(n); i++) {
		memcpy(q.deviations, p->deviations, sizeof(q.deviations));
		if (!known && place[i].distance < FAR)
			rename_others(&q, q.deviations[stale].function, place[i].at.function,
				      (unsigned)stale);
		move(&q.deviations[stale], &place[i]);
		if (program_validate(&q))
			continue;
		if (holds(n, &q))
			return true;
		if (first_stale(n) != stale && move_stale(n, &q, depth + 1))
			return true;
	}
	return false;
}

static bool way_anchors(struct near *n, const struct program *p)
{
	try_line(n, n->shows, p);
	return move_stale(n, p, 0);
}

/* Each anchor from @from on, at each of @most places near it; with @pairs also one more. */
static bool shift(struct near *n, const struct program *p, unsigned from, unsigned most, bool pairs)
{
	struct near_place place[PLACES_MAX];
	struct program q = *p;

	for (unsigned i = from; i < p->deviations_nr; i++) {
		unsigned nr;

		try_line(n, n->shows, p);
		nr = places(n, &q, &p->deviations[i], place);
		for (unsigned k = 0; k < nr && k < most && !is_over(n); k++) {
			memcpy(q.deviations, p->deviations, sizeof(q.deviations));
			move(&q.deviations[i], &place[k]);
			if (program_validate(&q))
				continue;
			if (pairs ? shift(n, &q, i + 1, most, false) : holds(n, &q))
				return true;
		}
	}
	return false;
}

static bool way_shift(struct near *n, const struct program *p)
{
	return shift(n, p, 0, PLACES_MAX, false) || shift(n, p, 0, NEAR_FEW, true);
}

static bool drop(struct near *n, const struct program *p, unsigned from, bool pairs)
{
	for (unsigned i = from; i < p->deviations_nr && i < DROPS_MAX && !is_over(n); i++) {
		struct program q = *p;

		program_drop_deviation(&q, i);
		if (holds(n, &q) || (first_stale(n) >= 0 && move_stale(n, &q, MOVES_MAX - 2)))
			return true;
		if (pairs && drop(n, &q, i, false))
			return true;
	}
	return false;
}

static bool way_drop(struct near *n, const struct program *p)
{
	return drop(n, p, 0, false) || drop(n, p, 0, true);
}

/* A drawn run as a schedule: recorded by the line that shows the verdict. */
static bool write_down(struct near *n, const struct program *q, struct program *ret)
{
	struct expectation *e = &n->line[n->shows];
	struct exec_how how = exec_default;
	bool whole;

	n->r->runs += 2;
	expect_begin(n->x, q, e, &how, true);
	whole = exec_record(n->x, &how, NULL, 0, ret);
	expect_end();
	return whole && holds(n, ret);
}

static bool draw(struct near *n, const struct program *p)
{
	int portfolio;
	struct program q = *p, written;

	portfolio = program_intern(&q, "portfolio", strlen("portfolio"));
	if (portfolio < 0)
		return false;
	q.scheduled = true;
	q.strategy = (uint16_t)portfolio;
	for (q.seed = 1; !is_over(n); q.seed++) {
		struct exec_how how = exec_default;
		bool found;

		expect_begin(n->x, &q, &n->line[n->shows], &how, q.seed == 1);
		exec_run(n->x, &how, NULL, 0);
		n->r->runs++;
		found = verdict_matches(&n->x->trace.verdict, n->line[n->shows].wanted);
		expect_end();
		if (found && write_down(n, &q, &written))
			return true;
	}
	return false;
}

static bool way_draw(struct near *n, const struct program *p)
{
	return p->deviations_nr && !n->line[n->shows].clean && draw(n, p);
}

static bool way_search(struct near *n, const struct program *p)
{
	struct program q = *p;

	q.deviations_nr = 0;
	return !n->line[n->shows].clean && draw(n, &q);
}

/* What was drawn is long; what is not needed goes. Ops stay: it is the file's own program. */
static void shorten(struct near *n)
{
	struct program best = n->good;

	n->share = UINT64_MAX;
	for (unsigned size = best.deviations_nr; size; size /= 2)
		for (unsigned end = best.deviations_nr; end;) {
			unsigned from = end > size ? end - size : 0;
			struct program q = best;

			for (unsigned i = from; i < end; i++)
				program_drop_deviation(&q, from);
			if (holds(n, &q))
				best = q;
			end = from;
		}
	n->good = best;
}

static uint64_t runs_left(const struct repair *r)
{
	return r->runs < r->runs_max ? r->runs_max - r->runs : 0;
}

static bool search(struct near *n, const struct program *p)
{
	static bool (*const ways[REPAIR_WAYS])(struct near *, const struct program *) = {
		[REPAIR_ANCHORS] = way_anchors, [REPAIR_SHIFT] = way_shift,
		[REPAIR_DROP] = way_drop,	[REPAIR_DRAW] = way_draw,
		[REPAIR_SEARCH] = way_search,
	};

	for (unsigned way = REPAIR_ANCHORS; way < REPAIR_WAYS; way++) {
		n->share = n->r->runs + runs_left(n->r) / (REPAIR_WAYS - way);
		if (!ways[way](n, p))
			continue;
		n->r->way = way;
		if (way >= REPAIR_DRAW)
			shorten(n);
		return true;
	}
	return false;
}

/* Looked for is what the first line that wants a verdict and does not hold wants. */
static bool is_better(const struct near *n, unsigned line, enum expect_outcome o,
		      enum expect_outcome shown)
{
	if (line == 0)
		return true;
	if (n->line[line].clean)
		return false;
	return n->line[n->shows].clean || (shown == EXPECT_HOLDS && o != EXPECT_HOLDS);
}

/* The lines, and what is the matter with them. */
static enum expect_outcome look(struct near *n, const struct program *p)
{
	enum expect_outcome worst = EXPECT_HOLDS, shown = EXPECT_HOLDS;

	for (unsigned i = 0; i < p->expects_nr; i++) {
		enum expect_outcome o = expect_read(p, &p->expects[i], &n->line[n->lines]);

		if (o == EXPECT_HOLDS) {
			unsigned line = n->lines++;

			o = try_line(n, line, p);
			if (is_better(n, line, o, shown)) {
				n->shows = line;
				shown = o;
			}
		}
		worst = o > worst ? o : worst;
	}
	return worst;
}

enum expect_outcome exec_repair(struct exec *x, struct program *p, struct repair *r)
{
	static struct near n; /* large, and there is one struct exec a process */

	n = (struct near){.x = x, .r = r, .share = UINT64_MAX};
	r->runs = 0;
	r->way = REPAIR_NONE;
	r->signature[0] = '\0';
	r->before = look(&n, p);
	if (r->before != EXPECT_STALE && r->before != EXPECT_LOST)
		return r->before;
	for (unsigned i = 0; i < p->expects_nr; i++) {
		struct expectation e;

		if (expect_read(p, &p->expects[i], &e) == EXPECT_SKIPPED)
			return EXPECT_SKIPPED; /* another schedule might break what is not asked */
	}
	if (!search(&n, p))
		return r->stop && r->stop() ? EXPECT_STALE : EXPECT_LOST;
	*p = n.good;
	return EXPECT_REPAIRED;
}
