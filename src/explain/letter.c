/*
 * letter.c - the last run as a letter for people and as an object for scripts.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "format/visible.h"
#include "explain/explain.h"
#include "exec/exec.h"
#include "program/program.h"
#include "format/json.h"
#include "search/blame.h"
#include "exec/tell.h"
#include "trace/rule.h"
#include "letter/letter.h"

#define LETTER_MAX (2 * 1024 * 1024)
#define BENEATH_MAX (128 * 1024)

static unsigned terminal_width(FILE *f)
{
	struct winsize size;

	if (ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return 100;
}

static void print_text(FILE *f, struct text *t, struct letter *letter)
{
	letter->colour = visible_colour(f);
	letter->width = terminal_width(f);
	letter_print(t, letter);
	fprintf(f, "\n%s", t->data);
}

static void print_page(FILE *f, struct text *t, const struct letter *letter)
{
	const struct verdict *v = &letter->trace->verdict;

	letter_html(t, letter);
	fprintf(f,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>%s: %s</title>\n"
		"<style>:root{color-scheme:light dark}pre{overflow-x:auto}%s</style>\n"
		"</head>\n<body>\n%s",
		rule_name(v->rule), v->object, letter_dark, t->data);
}

/* What was said beneath, in what quotes code in that format. */
static void print_beneath(FILE *f, const char *beneath, enum explain_format format)
{
	static char data[BENEATH_MAX * 2];
	struct text t = text_init(data, sizeof(data));

	if (beneath[0] && format == FORMAT_TEXT)
		fputs(beneath, f);
	if (beneath[0] && format == FORMAT_MD)
		fprintf(f, "\n```%s%s```\n", beneath[0] == '\n' ? "" : "\n", beneath);
	if (beneath[0] && format == FORMAT_HTML) {
		letter_escape(&t, beneath);
		fprintf(f, "<pre>%s</pre>\n", t.data);
	}
	if (format == FORMAT_HTML)
		fputs("</body>\n</html>\n", f);
}

void explain_print(FILE *f, struct exec *x, const struct explain_run *how,
		   enum explain_format format, bool blame)
{
	static char data[LETTER_MAX], more[BENEATH_MAX];
	struct text t = text_init(data, sizeof(data)), beneath = text_init(more, sizeof(more));
	struct verdict found = x->trace.verdict;
	struct letter letter;

	explain_letter(x, how, &letter);
	if (format == FORMAT_TEXT)
		print_text(f, &t, &letter);
	else if (format == FORMAT_HTML)
		print_page(f, &t, &letter);
	if (format == FORMAT_MD) {
		letter_markdown(&t, &letter);
		fputs(t.data, f);
	}
	if (blame)
		explain_blame(&beneath, x, how);
	explain_witness(&beneath, x, how);
	explain_race(&beneath, x, how);
	print_beneath(f, beneath.data, format);
	x->trace.verdict = found; /* whoever saves the run looks at it */
}

static json_t *event_json(const struct letter *l, uint32_t index)
{
	const struct trace_event *e = &l->trace->event[index];
	char words[LETTER_WORDS], type[32], name[32] = "";
	json_t *row = json_object();

	letter_event(l, index, words);
	if (e->object)
		l->describe(e->object, type, name);
	json_object_set_new(row, "step", json_integer(trace_step(l->trace, index)));
	json_object_set_new(row, "lane", json_string(lane_name(e->lane)));
	json_put_count(row, "op", e->op);
	json_object_set_new(row, "kind", json_string(event_kind_name(e->kind)));
	json_put_text(row, "object", name);
	json_put_count(row, "offset", OBJECT_BLOCK(e->object) ? e->object & 0xffff : 0);
	json_object_set_new(row, "function", e->site ? json_string(e->site->func) : json_null());
	json_object_set_new(row, "file",
			    e->site && e->site->file ? json_text(site_path(e->site)) : json_null());
	json_object_set_new(row, "line", json_integer(e->site ? e->site->line : 0));
	json_object_set_new(row, "words", json_text(words));
	return row;
}

void explain_letter_json(json_t *row, struct exec *x, const struct explain_run *how)
{
	json_t *events = json_array();
	struct letter letter;

	explain_letter(x, how, &letter);
	for (uint32_t i = 0; i < x->trace.events_nr; i++)
		if (how->all || letter_tells(&letter, i))
			json_array_append_new(events, event_json(&letter, i));
	json_object_set_new(row, "pivot", letter.pivot ? json_integer(letter.pivot) : json_null());
	json_object_set_new(row, "events", events);
}

/* What op @index returned, or null: the run ended before it. */
static json_t *returned_json(const struct exec *x, unsigned index)
{
	const struct program *p = x->program;
	unsigned number = program_op_number(p, index);

	for (uint32_t i = 0; i < x->trace.events_nr; i++) {
		const struct trace_event *e = &x->trace.event[i];

		if (e->kind == EV_op_end && e->lane == p->ops[index].lane && e->op == number)
			return json_integer(e->arg);
	}
	return json_null();
}

void explain_ops_json(json_t *row, const struct exec *x)
{
	const struct program *p = x->program;
	json_t *ops = json_array();

	for (unsigned i = 0; i < p->ops_nr; i++) {
		json_t *op = json_object();

		json_object_set_new(op, "thread", json_string(lane_name(p->ops[i].lane)));
		json_object_set_new(op, "op", json_string(p->descriptor->ops[p->ops[i].verb].name));
		json_object_set_new(op, "returned", returned_json(x, i));
		json_array_append_new(ops, op);
	}
	json_object_set_new(row, "ops", ops);
}

void explain_verdict_json(json_t *row, const struct exec *x)
{
	const struct verdict *v = &x->trace.verdict;
	char signature[SIGNATURE_MAX], hash[20];

	verdict_signature(v, signature, sizeof(signature));
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)trace_hash(&x->trace));
	json_object_set_new(row, "verdict", json_string(v->rule ? rule_name(v->rule) : "clean"));
	json_object_set_new(row, "object", v->rule ? json_string(v->object) : json_null());
	json_object_set_new(row, "signature", v->rule ? json_string(signature) : json_null());
	json_object_set_new(row, "trace_hash", json_string(hash));
	json_put_count(row, "steps", x->trace.steps);
}
