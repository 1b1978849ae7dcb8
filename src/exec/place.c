/*
 * place.c - from an operation of a run to its place, from there to a program's text, and from that to what
 * a strategy is overruled by.
 */
#include "exec/place.h"

#include <string.h>

static bool is_same(const struct site *a, const struct site *b)
{
	return a->func_id == b->func_id && a->prim_id == b->prim_id;
}

struct place place_of(const struct trace *t, const struct trace_event *e,
		      const struct trace_event *end)
{
	struct place p = {.site = e->site, .occurrence = 1, .lane = e->lane, .op = e->op};

	site_ids(e->site);
	for (const struct trace_event *at = t->event; at < end; at++) {
		if (at->lane != e->lane || at->op != e->op || !at->site ||
		    !event_is_visible(at->kind))
			continue;
		site_ids(at->site);
		p.occurrence += is_same(at->site, e->site);
	}
	return p;
}

bool place_write(struct program *p, const struct place *at, unsigned target,
		 struct program_deviation *ret)
{
	int function = program_intern(p, at->site->func, strlen(at->site->func));
	int primitive = program_intern(p, at->site->prim, strlen(at->site->prim));
	bool fails = target == LANE_NONE;

	if (function < 0 || primitive < 0)
		return false;
	*ret = (struct program_deviation){
		.lane = at->lane,
		.op = at->op,
		.action = fails ? DEVIATION_FAILS : DEVIATION_GOTO,
		.target = fails ? 0 : (uint8_t)target,
		.function = (uint16_t)function,
		.primitive = (uint16_t)primitive,
		.occurrence = at->occurrence,
	};
	return true;
}

/* What a place is called in this program: the text names functions of our own core. */
static void translate(const char **function, const char **primitive)
{
	for (const struct place_alias *a = place_aliases; a && a->function; a++) {
		if (strcmp(a->function, *function) != 0 || strcmp(a->primitive, *primitive) != 0)
			continue;
		*function = a->here;
		*primitive = a->here_primitive ? a->here_primitive : *primitive;
		return;
	}
}

static struct choice_deviation read(const struct program *p, const struct program_deviation *d)
{
	const char *function = program_name(p, d->function);
	const char *primitive = program_name(p, d->primitive);

	translate(&function, &primitive);
	return (struct choice_deviation){
		.func_id = function[0] ? name_id(function) : 0,
		.prim_id = name_id(primitive),
		.occurrence = d->occurrence,
		.lane = d->lane,
		.op = d->op,
		.target = d->action == DEVIATION_FAILS ? LANE_NONE : d->target,
	};
}

bool place_is_plain(const struct program *p)
{
	for (unsigned i = 0; i < p->deviations_nr; i++) {
		const char *primitive = program_name(p, p->deviations[i].primitive);

		if (strcmp(primitive, PLACE_LOAD) == 0 || strcmp(primitive, PLACE_STORE) == 0)
			return true;
	}
	return false;
}

void place_take(struct choice *c, const struct program *p, bool failures_only)
{
	c->deviations_nr = 0;
	for (unsigned i = 0; i < p->deviations_nr; i++)
		if (!failures_only || p->deviations[i].action == DEVIATION_FAILS)
			c->deviation[c->deviations_nr++] = read(p, &p->deviations[i]);
}
