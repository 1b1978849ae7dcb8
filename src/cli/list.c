/*
 * list.c - bondfuzz list WHAT: the project's tables as they are compiled in.
 *
 * A table is a head line and a function that fills one row of cells; --json gives the same cells as
 * one object a row.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "search/search.h"
#include "model/invariant.h"
#include "zoo/defect.h"

#define CELLS_MAX 8

struct table {
	const char *name;
	const char *head[CELLS_MAX]; /* ends with NULL */
	/* Fills the cells of row @index; false past the end. */
	bool (*row)(unsigned index, const char *cell[CELLS_MAX]);
};

static bool subject_row(unsigned index, const char *cell[CELLS_MAX])
{
	const struct subject *s = subject_at(index);

	if (!s)
		return false;
	cell[0] = s->descriptor->name;
	cell[1] = s->posted ? "yes" : "no";
	cell[2] = s->help;
	return true;
}

static const char *operands_text(const struct descriptor *d, const struct op_type *op)
{
	static char data[256];
	struct text t = text_init(data, sizeof(data));

	for (unsigned i = 0; i < op->operands_nr; i++) {
		const struct operand_type *o = &op->operands[i];

		text_puts(&t, i ? " " : "");
		if (o->kind == OPERAND_OBJECT)
			text_puts(&t, d->objects[o->object_kind]);
		else if (o->kind == OPERAND_NUMBER)
			text_putf(&t, "0..%u", o->max);
		for (unsigned w = 0; o->kind == OPERAND_WORD && o->words[w]; w++)
			text_putf(&t, "%s%s", w ? "|" : "", o->words[w]);
	}
	return data;
}

static void fill_op_row(const struct descriptor *d, const struct op_type *op,
			const char *cell[CELLS_MAX])
{
	static const char *const places[] = {"any", "setup", "thread"};
	static char weight[8];

	snprintf(weight, sizeof(weight), "%u", op->weight);
	cell[0] = d->name;
	cell[1] = op->name;
	cell[2] = op->gives < 0 ? "" : d->objects[op->gives];
	cell[3] = operands_text(d, op);
	cell[4] = places[op->place];
	cell[5] = weight;
	cell[6] = op->help;
}

/* Ops of subjects that share a table are listed once, under the first. */
static bool op_row(unsigned index, const char *cell[CELLS_MAX])
{
	const struct subject *s;

	for (unsigned i = 0; (s = subject_at(i)); i++) {
		const struct descriptor *d = s->descriptor;
		bool seen = false;

		for (unsigned j = 0; j < i; j++)
			seen |= subject_at(j)->descriptor->ops == d->ops;
		if (seen)
			continue;
		if (index < d->ops_nr) {
			fill_op_row(d, &d->ops[index], cell);
			return true;
		}
		index -= d->ops_nr;
	}
	return false;
}

static bool strategy_row(unsigned index, const char *cell[CELLS_MAX])
{
	const struct strategy *s = index == STRATEGIES ? &strategy_search : strategy_at(index);

	if (!s)
		return false;
	cell[0] = s->name;
	cell[1] = s->source;
	cell[2] = s->help;
	return true;
}

static const char *invariants_of(const char *rule)
{
	static char data[256];
	struct text t = text_init(data, sizeof(data));
	const struct invariant *v;

	for (unsigned i = 0; (v = invariant_at(i)); i++)
		if (invariant_has(v->rules, rule))
			text_putf(&t, "%sINV-%02u", t.len ? " " : "", v->number);
	return data;
}

static bool list_rule(unsigned index, const char *cell[CELLS_MAX])
{
	const struct rule_row *r = rule_row(index + 1);

	if (!r)
		return false;
	cell[0] = r->name;
	cell[1] = r->place;
	cell[2] = r->allowed ? r->allowed : invariants_of(r->name);
	cell[3] = r->native;
	cell[4] = r->sentence;
	return true;
}

static bool invariant_row(unsigned index, const char *cell[CELLS_MAX])
{
	const struct invariant *v = invariant_at(index);
	static char number[16];

	if (!v)
		return false;
	snprintf(number, sizeof(number), "INV-%02u", v->number);
	cell[0] = number;
	cell[1] = v->sentence;
	cell[2] = v->rules;
	cell[3] = v->place;
	cell[4] = v->defects;
	return true;
}

static bool defect_row(unsigned index, const char *cell[CELLS_MAX])
{
	const struct defect_row *d = defect_row_at(index);

	if (!d)
		return false;
	cell[0] = d->name;
	cell[1] = d->subject;
	cell[2] = d->verdict;
	cell[3] = d->source;
	cell[4] = d->help;
	return true;
}

static bool platform_row(unsigned index, const char *cell[CELLS_MAX])
{
	const struct platform_option *o = platform_at(index);

	if (!o)
		return false;
	cell[0] = o->name;
	cell[1] = o->words;
	cell[2] = o->help;
	return true;
}

static bool event_row(unsigned index, const char *cell[CELLS_MAX])
{
	if (index >= EVENT_KINDS)
		return false;
	cell[0] = event_kind_name(index);
	cell[1] = event_is_visible(index) ? "visible" : "note";
	cell[2] = event_text(index);
	return true;
}

static const struct table tables[] = {
	{"subjects", {"name", "posted", "help", NULL}, subject_row},
	{"ops", {"subject", "name", "gives", "operands", "place", "weight", "help", NULL}, op_row},
	{"strategies", {"name", "source", "help", NULL}, strategy_row},
	{"rules", {"name", "place", "invariants", "native", "sentence", NULL}, list_rule},
	{"invariants", {"invariant", "sentence", "rules", "place", "defects", NULL}, invariant_row},
	{"defects", {"name", "subject", "verdict", "source", "help", NULL}, defect_row},
	{"events", {"name", "class", "text", NULL}, event_row},
	{"platform", {"name", "words", "help", NULL}, platform_row},
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

struct list_options {
	bool json;
};

static const struct cli_option options[] = {
	{"json", 'j', NULL, "print one object per row", CLI_FLAG(list_options, json)}, {0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz list",
	.options = options,
	.words = "subjects|ops|strategies|rules|invariants|defects|events|platform",
	.help = "Print one of the tables of the project.",
	.too_many = "one table at a time",
	.words_max = 1};

static void put_json(const struct table *t)
{
	const char *cell[CELLS_MAX];

	for (unsigned i = 0; t->row(i, cell); i++) {
		json_t *row = json_object();

		for (unsigned c = 0; t->head[c]; c++)
			if (strcmp(t->head[c], "posted") == 0)
				json_object_set_new(row, t->head[c],
						    json_boolean(strcmp(cell[c], "yes") == 0));
			else if (strcmp(t->head[c], "weight") == 0)
				json_object_set_new(row, t->head[c], json_integer(atoi(cell[c])));
			else
				json_object_set_new(row, t->head[c], json_string(cell[c]));
		json_print(row);
	}
}

static void put_text(const struct table *t)
{
	int width[CELLS_MAX] = {0};
	const char *cell[CELLS_MAX];

	for (unsigned c = 0; t->head[c]; c++)
		width[c] = (int)strlen(t->head[c]);
	for (unsigned i = 0; t->row(i, cell); i++)
		for (unsigned c = 0; t->head[c]; c++)
			if ((int)strlen(cell[c]) > width[c])
				width[c] = (int)strlen(cell[c]);
	for (unsigned c = 0; t->head[c]; c++)
		printf("%-*s%s", t->head[c + 1] ? width[c] : 0, t->head[c],
		       t->head[c + 1] ? "  " : "\n");
	for (unsigned i = 0; t->row(i, cell); i++)
		for (unsigned c = 0; t->head[c]; c++)
			printf("%-*s%s", t->head[c + 1] ? width[c] : 0, cell[c],
			       t->head[c + 1] ? "  " : "\n");
}

int command_list(int argc, char **argv)
{
	struct list_options o = {0};
	struct cli_words what = cli_parse(&syntax, argc, argv, &o);

	for (size_t i = 0; what.nr && i < TABLES; i++) {
		if (strcmp(what.word[0], tables[i].name) != 0)
			continue;
		(o.json ? put_json : put_text)(&tables[i]);
		return EXIT_CLEAN;
	}
	quit_usage("list what? subjects, ops, strategies, rules, invariants, defects, events or "
		   "platform");
}
