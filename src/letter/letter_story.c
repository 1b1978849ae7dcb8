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

static void put_life(struct text *t, const struct trace *trace, unsigned block)
{
	for (uint32_t i = 0; i < trace->events_nr; i++) {
		const struct trace_event *e = &trace->event[i];

		if (OBJECT_BLOCK(e->object) != block || (e->kind != EV_alloc && e->kind != EV_free))
			continue;
		text_puts(t, e->kind == EV_alloc ? "allocated" : "; freed");
		put_place(t, e);
	}
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

static void add(struct letter_page *p, const char *head, const char *words)
{
	if (words[0] && p->story_nr < STORY_LINES_MAX)
		snprintf(p->story[p->story_nr++], LETTER_WORDS, "%s%s", head, words);
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

void letter_story(struct letter_page *p)
{
	const struct trace *trace = p->l->trace;
	unsigned block = letter_block(p->l);
	char words[LETTER_WORDS], head[40], type[32], name[32];
	size_t room = p->l->width < LETTER_WORDS ? p->l->width - 2 : LETTER_WORDS - 1;
	struct text t;

	p->story_nr = 0;
	if (!block)
		return;
	p->l->describe(OBJECT_OF_BLOCK(block, 0), type, name);
	snprintf(head, sizeof(head), "%s: ", name);
	t = text_init(words, room - strlen(head) + 1);
	put_life(&t, trace, block);
	add(p, head, words);
	tell_counts(p, block, room - strlen(COUNTS));
}
