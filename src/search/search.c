/*
 * search.c - which strategy makes which run of a search.
 *
 * Of a strategy's runs most repeat a partial order that was seen; those of a tree of executions never
 * do, but a step that matters may be anywhere in it. So they take turns. The first runs are the
 * strategies', which find what is shallow. Then comes the tree, alone at first where a run is short enough for
 * its first executions to meet most orders of two actions; after that it has every fourth. What has
 * not been found by then may be an order of several locks: that is for surw, which comes sooner where a lock
 * dies.
 *
 * Threads that share memory with each other only (profile_company()) have a tree of their own, before that of
 * all: where others run beside them, most orders are none of theirs. It is short, however long a run is.
 *
 * The figures were chosen on the zoo's concurrent defects and on the device race of 2015 (docs/EXPLORE.md).
 */
#include "search/search.h"

#include <string.h>

#define URW_RUNS 2 /* the first ones */
/* Runs before the tree has its first; it has all to TREE_ALONE, then one in TREE_EVERY. */
#define TREE_FROM 4
#define TREE_ALONE 16
#define TREE_EVERY 4
#define TREE_EVERY_ASKED 2 /* where a certificate is asked for */
#define LONG_RUN 160	   /* steps; there the tree is never alone, and has its first later */
#define TREE_FROM_LONG 8
#define SURW_FROM 16 /* runs, before surw is asked */
/* Where a lock dies while threads run, surw has one of so many besides, from then on. */
#define SURW_EVERY 4
#define SURW_EVERY_FROM 8
/* The others, of so many: */
#define DIRECTED_PARTS 10
#define PCT_PARTS 1
#define SURW_PARTS 10

const struct strategy strategy_search = {
	.name = "search",
	.source = "own",
	.help = "urw, directed, pct and surw in turn with executions that were not seen before"};

/* Parts are left out to measure what they are worth (docs/EXPLORE.md). */
static const struct strategy without_tree = {.name = SEARCH_WITHOUT "tree"};
static const struct strategy without_order = {.name = SEARCH_WITHOUT "order"};
static const struct strategy without_focus = {.name = SEARCH_WITHOUT "focus"};
static const struct strategy without_novelty = {.name = SEARCH_WITHOUT "novelty"};

static const struct part {
	const struct strategy *strategy;
	bool tree, focus;
	unsigned walks; /* of explorer_draw() */
} parts[] = {{&strategy_search, true, true, EXPLORE_WALKS},
	     {&without_tree, false, false, 0},
	     {&without_focus, true, false, EXPLORE_WALKS},
	     {&without_order, true, true, 0},
	     {&without_novelty, true, true, 1}};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* What @strategy has of the search; NULL: it is another. */
static const struct part *part_of(const struct strategy *strategy)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (parts[i].strategy == strategy)
			return &parts[i];
	return NULL;
}

const struct strategy *search_strategy(const char *name)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (strcmp(name, parts[i].strategy->name) == 0)
			return parts[i].strategy;
	return strategy_find(name);
}

/* With weak memory a run has decisions that the tree does not know. */
static bool is_turn_of_tree(const struct exec_how *how, const struct search *s)
{
	unsigned every = s->failures_max ? TREE_EVERY_ASKED : TREE_EVERY;
	bool is_long = s->is_long && !s->trees.focus;

	if (!part_of(s->strategy)->tree || s->trees.over || how->strength.weak)
		return false;
	if (s->small)
		return s->runs < 2 || s->runs % 2 == 0;
	if (s->runs < (is_long ? TREE_FROM_LONG : TREE_FROM))
		return false;
	return (!is_long && s->runs < TREE_ALONE) || s->runs % every == every - 1;
}

/* An unlock that meets the free of its lock is an order of at least two locks. */
static bool is_turn_of_surw(const struct search *s)
{
	return !s->small && s->lock_dies && s->runs >= SURW_EVERY_FROM &&
	       s->runs % SURW_EVERY == SURW_EVERY / 2;
}

static const struct strategy *draw(const struct search *s)
{
	struct rng r = rng_init(s->seed + s->runs);
	uint32_t parts = DIRECTED_PARTS + PCT_PARTS + (s->runs >= SURW_FROM ? SURW_PARTS : 0);
	uint32_t at = rng_below(&r, parts);

	if (at < DIRECTED_PARTS)
		return strategy_at(STRATEGY_directed);
	return strategy_at(at < DIRECTED_PARTS + PCT_PARTS ? STRATEGY_pct : STRATEGY_surw);
}

static void begin(const struct exec *x, struct search *s)
{
	const struct part *part = part_of(s->strategy);

	if (!part)
		return;
	s->lock_dies = profile_has_mortal_lock(&x->profile);
	s->trees = (struct trees){.strategy = &strategy_dpor,
				  .preemptions_max = EXPLORE_UNBOUNDED,
				  .failures_max = s->failures_max,
				  .walks = part->walks,
				  .seed = s->seed};
	if (part->focus && !s->small && !s->failures_max)
		s->trees.focus = profile_company(&x->profile);
}

static void choose(const struct exec *x, const struct exec_how *how, struct search *s)
{
	s->by = s->strategy;
	s->by_seed = s->seed + s->runs;
	if (!part_of(s->strategy))
		return;
	if (is_turn_of_surw(s)) {
		s->by = strategy_at(STRATEGY_surw);
		return;
	}
	if (is_turn_of_tree(how, s)) {
		s->by = &strategy_dpor;
		if (trees_next(&s->trees, x->program))
			return;
	}
	if (s->small)
		s->by = strategy_at(s->runs % 4 == 1 ? STRATEGY_urw : STRATEGY_surw);
	else
		s->by = s->runs < URW_RUNS ? strategy_at(STRATEGY_urw) : draw(s);
}

const struct verdict *search_next(struct exec *x, const struct exec_how *how, struct search *s)
{
	if (!s->runs)
		begin(x, s);
	choose(x, how, s);
	if (s->small && s->trees.over)
		return NULL;
	s->runs++;
	if (search_explored(s)) {
		trees_run(x, how, &s->trees);
	} else {
		exec_run(x, how, s->by, s->by_seed);
		s->is_long |= x->trace.steps > LONG_RUN;
	}
	return &x->trace.verdict;
}

bool search_explored(const struct search *s)
{
	return s->by == &strategy_dpor;
}

bool search_write_down(struct exec *x, const struct exec_how *how, struct search *s)
{
	static struct program recorded[2]; /* @x may still have the last one */
	struct program *ret = &recorded[x->program == &recorded[0]];
	const struct program *asked = x->program;
	char symptom[SIGNATURE_MAX];

	verdict_symptom(&x->trace.verdict, symptom, sizeof(symptom));
	if (!trees_record(x, how, &s->trees, ret))
		return false;
	x->program = ret; /* the same ops: layout and profile stay */
	exec_run(x, how, NULL, 0);
	if (!verdict_has_symptom(&x->trace.verdict, symptom)) {
		x->program = asked;
		return false;
	}
	s->by = NULL;
	s->by_seed = 0;
	return true;
}

static bool is_wanted(const struct exec_how *how, const struct verdict *v)
{
	return v->rule && (!how->until || verdict_matches(v, how->until));
}

static bool goes_on(const struct exec_how *how, const struct search *s)
{
	if (s->runs >= s->runs_max || (s->stop && s->stop()))
		return false;
	return !s->trees.complete || !(how->no_failures || s->failures_max);
}

void search_run(struct exec *x, const struct exec_how *how, struct search *s)
{
	s->runs = s->first = s->others = 0;
	s->is_long = false;
	s->trees = (struct trees){0};
	while (!s->first && goes_on(how, s)) {
		const struct verdict *v = search_next(x, how, s);
		bool is_broken = v->rule != RULE_NONE;

		if (is_wanted(how, v) && (!search_explored(s) || search_write_down(x, how, s)))
			s->first = s->runs;
		else
			s->others += is_broken;
	}
	search_end(s);
}

void search_end(struct search *s)
{
	trees_end(&s->trees);
}

void search_certify(const struct search *s, struct text *t)
{
	text_putf(t, "%s: %llu executions, %s; ", s->trees.complete ? "complete" : "not complete",
		  (unsigned long long)trees_counts(&s->trees).executions,
		  s->first    ? "one breaks a rule"
		  : s->others ? "none has that verdict"
			      : "no rule broken");
	if (s->failures_max)
		text_putf(t, "%u sets of up to %u failures", s->trees.nr, s->failures_max);
	else
		text_puts(t, "failures not varied");
}
