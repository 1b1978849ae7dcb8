/*
 * letter_story.c - the history of the object that the verdict is about: where it came from, who took
 * and who dropped which reference, where it went.
 *
 * Told from the whole trace, set-up and closing included, in few words: "- A hmm_mirror_unref 1". A
 * count is one word of the object, and has a line of its own where the object has several.
 */
#include <stdio.h>
#include <string.h>

#include "letter/letter_page.h"

#define COUNTS "  counts: "
#define COUNT_LINES 2 /* of the references; two counts of an object at most */

static void put_place(struct text *t, const struct trace_event *e)
{
	if (e->lane != LANE_MAIN)
		text_putf(t, " %s", lane_name(e->lane));
	if (e->lane != LANE_MAIN && e->op)
		text_putf(t, ".%u", e->op);
	if (e->site)
		text_putf(t, " %s()", e->site->func);
	if (e->site && e->site->file)
		text_putf(t, " %s:%u", site_file_name(e->site), e->site->line);
}

/* The event of @kind about the block itself; or NULL. */
static const struct trace_event *find_life(const struct trace *trace, unsigned block, unsigned kind)
{
	for (uint32_t i = 0; i < trace->events_nr; i++)
		if (OBJECT_BLOCK(trace->event[i].object) == block && trace->event[i].kind == kind)
			return &trace->event[i];
	return NULL;
}

static bool is_reference(const struct trace_event *e)
{
	return e->kind == EV_ref_set || e->kind == EV_ref_get || e->kind == EV_ref_put;
}

static void put_reference(struct text *t, const struct trace_event *e)
{
	if (t->len)
		text_puts(t, ", ");
	if (e->kind != EV_ref_set)
		text_putf(t, "%s ", e->kind == EV_ref_get ? "+" : "-");
	if (e->lane != LANE_MAIN)
		text_putf(t, "%s ", lane_name(e->lane));
	text_putf(t, "%s %d", e->site ? e->site->func : "?", e->arg);
}

/* The counts of the block that somebody changed, in order; one that nobody does has no history. */
static unsigned find_counts(const struct trace *trace, unsigned block, uint32_t ret[COUNT_LINES])
{
	unsigned nr = 0;

	for (uint32_t i = 0; i < trace->events_nr && nr < COUNT_LINES; i++) {
		const struct trace_event *e = &trace->event[i];

		if (OBJECT_BLOCK(e->object) != block ||
		    (e->kind != EV_ref_get && e->kind != EV_ref_put))
			continue;
		if (!nr || ret[nr - 1] != e->object)
			ret[nr++] = e->object;
		if (nr > 1 && ret[0] == ret[nr - 1])
			nr--;
	}
	return nr;
}

/* The first event from which on all of the count is told in @room bytes, with commas. */
static uint32_t first_that_fits(const struct trace *trace, uint32_t count, size_t room)
{
	uint32_t first = trace->events_nr;
	size_t len = 0;

	for (; first > 0; first--) {
		const struct trace_event *e = &trace->event[first - 1];
		char word[LETTER_WORDS];
		struct text one = text_init(word, sizeof(word));

		if (e->object != count || !is_reference(e))
			continue;
		put_reference(&one, e);
		len += one.len + (len ? 2 : 0);
		if (len > room)
			break;
	}
	return first;
}

/* The last ones, where there are more than there is room for. */
static void put_references(struct text *t, const struct trace *trace, uint32_t count, size_t room)
{
	uint32_t first = first_that_fits(trace, count, room);

	if (first) {
		first = first_that_fits(trace, count, room - strlen("..., "));
		text_puts(t, "...");
	}
	for (uint32_t i = first; i < trace->events_nr; i++)
		if (trace->event[i].object == count && is_reference(&trace->event[i]))
			put_reference(t, &trace->event[i]);
}

/* What is wider than the page ends in a mark. */
static void add(struct letter_page *p, const char *head, const char *words)
{
	size_t width = p->l->width < LETTER_WORDS ? p->l->width - 2 : LETTER_WORDS - 1;
	char line[LETTER_WORDS * 3];

	if (!words[0] || p->story_nr == STORY_LINES_MAX)
		return;
	snprintf(line, sizeof(line), "%s%s", head, words);
	if (strlen(line) > width)
		strcpy(line + width - 3, "...");
	snprintf(p->story[p->story_nr++], LETTER_WORDS, "%.*s", LETTER_WORDS - 1, line);
}

/* On one line where that has room. */
static void tell_life(struct letter_page *p, unsigned block, const char *head, size_t room)
{
	const struct trace_event *alloc = find_life(p->l->trace, block, EV_alloc);
	const struct trace_event *drop = find_life(p->l->trace, block, EV_free);
	char born[LETTER_WORDS * 2] = "", died[LETTER_WORDS * 2] = "";
	struct text t = text_init(born, sizeof(born)), end = text_init(died, sizeof(died));

	if (alloc) {
		text_puts(&t, "allocated");
		put_place(&t, alloc);
	}
	if (drop) {
		text_puts(&end, "freed");
		put_place(&end, drop);
	}
	if (born[0] && died[0] && strlen(head) + t.len + end.len + 2 <= room) {
		text_putf(&t, "; %s", died);
		died[0] = '\0';
	}
	add(p, head, born);
	add(p, born[0] ? "  " : head, died);
}

/* Broken behind a comma where it is longer than a line. */
static void add_wrapped(struct letter_page *p, char *words, size_t room)
{
	const char *head = COUNTS;

	while (strlen(words) > room) {
		char *at = words + room;

		while (at > words && strncmp(at, ", ", 2))
			at--;
		if (at == words)
			break;
		*at = '\0';
		add(p, head, words);
		head = "          ";
		words = at + 2;
	}
	add(p, head, words);
}

/* COUNT_LINES lines: the history of one count, or the ends of the histories of several. */
static void tell_counts(struct letter_page *p, unsigned block, size_t room)
{
	char words[LETTER_WORDS * COUNT_LINES];
	uint32_t count[COUNT_LINES];
	unsigned nr = find_counts(p->l->trace, block, count);

	for (unsigned i = 0; i < nr; i++) {
		struct text t = text_init(words, sizeof(words));

		put_references(&t, p->l->trace, count[i], nr > 1 ? room : room * 3 / 2);
		add_wrapped(p, words, room);
	}
}

/* ---- a leak: what was not given back ---- */

/* Within one op a reference is dropped by who took it last, unless a bench did: it drops its own. */
static bool is_of_bench(const struct trace_event *e)
{
	const char *path = e->site ? site_path(e->site) : NULL;

	return path && strstr(path, "/bench/");
}

static bool is_same_op(const struct trace_event *a, const struct trace_event *b)
{
	return a->lane == b->lane && a->op == b->op;
}

/* Takes out of @taken what the put @e drops; of its own op first, else the oldest. */
static unsigned drop_one(const struct trace *trace, uint32_t *taken, unsigned nr, uint32_t put)
{
	unsigned out = 0;
	bool own = false;

	for (unsigned i = 0; i < nr; i++) {
		const struct trace_event *e = &trace->event[taken[i]];

		if (!is_same_op(e, &trace->event[put]) || e->kind == EV_ref_set)
			continue;
		if (own && is_of_bench(&trace->event[taken[out]]))
			continue;
		out = i;
		own = true;
	}
	if (nr)
		memmove(&taken[out], &taken[out + 1], (nr - out - 1) * sizeof(*taken));
	return nr ? nr - 1 : 0;
}

#define TAKEN_MAX 64

/* What of @count was taken and not dropped, the oldest first; the first reference is not an event. */
static unsigned find_taken(const struct trace *trace, uint32_t count, uint32_t taken[TAKEN_MAX])
{
	unsigned nr = 0, first = 0;
	bool seen = false;

	for (uint32_t i = 0; i < trace->events_nr; i++) {
		const struct trace_event *e = &trace->event[i];

		if (e->object != count || !is_reference(e))
			continue;
		if (!seen && e->kind != EV_ref_set)
			first = e->arg + (e->kind == EV_ref_put ? 1 : -1) > 0;
		seen = true;
		if (e->kind != EV_ref_put && nr < TAKEN_MAX)
			taken[nr++] = i;
		else if (e->kind == EV_ref_put && first &&
			 !(nr && is_same_op(&trace->event[taken[nr - 1]], e)))
			first--;
		else if (e->kind == EV_ref_put)
			nr = drop_one(trace, taken, nr, i);
	}
	return nr;
}

/* Returns: how many lines; a bench's references are told only where there are no others. */
static unsigned tell_taken(struct letter_page *p, unsigned block, bool bench)
{
	const struct trace *trace = p->l->trace;
	uint32_t count[COUNT_LINES], taken[TAKEN_MAX];
	unsigned nr = find_counts(trace, block, count), told = 0;
	char words[LETTER_WORDS * 2];

	for (unsigned i = 0; i < nr; i++) {
		unsigned left = find_taken(trace, count[i], taken);

		for (unsigned at = 0; at < left; at++) {
			struct text t = text_init(words, sizeof(words));

			if (is_of_bench(&trace->event[taken[at]]) != bench)
				continue;
			put_place(&t, &trace->event[taken[at]]);
			add(p, "  not dropped: taken", words);
			told++;
		}
	}
	return told;
}

static void tell_leak(struct letter_page *p, unsigned block)
{
	const struct trace *trace = p->l->trace;
	const struct trace_event *last = NULL;
	char words[LETTER_WORDS * 2];
	struct text t;

	if (!tell_taken(p, block, false))
		tell_taken(p, block, true);
	for (uint32_t i = 0; i < trace->events_nr; i++)
		if (OBJECT_BLOCK(trace->event[i].object) == block &&
		    event_is_visible(trace->event[i].kind) && trace->event[i].kind != EV_alloc)
			last = &trace->event[i];
	t = text_init(words, sizeof(words));
	if (last)
		put_place(&t, last);
	add(p, "  last used by", words);
}

void letter_story(struct letter_page *p)
{
	const struct trace *trace = p->l->trace;
	unsigned block = letter_block(p->l);
	char head[40], type[32], name[32];
	size_t room = p->l->width < LETTER_WORDS ? p->l->width - 2 : LETTER_WORDS - 1;

	p->story_nr = 0;
	if (!block)
		return;
	p->l->describe(OBJECT_OF_BLOCK(block, 0), type, name);
	snprintf(head, sizeof(head), "%s: ", name);
	tell_life(p, block, head, room);
	tell_counts(p, block, room - strlen(COUNTS));
	if (trace->verdict.rule == RULE_leak)
		tell_leak(p, block);
}
