/*
 * letter.c - the two-column printer.
 *
 * First every event gets a mark: does it belong into the letter? Then the marked ones are written,
 * each in the column of its lane. A line is the code as it stands at its site; above the first line
 * of a function stands the function's name. Columns are as wide as the terminal allows.
 */
#include "trace/letter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_LEN 96
#define COLUMN_MIN 30
#define COLUMN_MAX 52

struct page {
	const struct letter *l;
	struct text *t;
	unsigned column[LANES]; /* from 0; LANES: none */
	unsigned columns_nr;
	unsigned width;			   /* of a column */
	const char *func[LANES];	   /* named last in that column */
	uint16_t lanes_of[BLOCKS_MAX + 1]; /* threads and workers that touch each block */
	bool shown[EVENTS_MAX];
};

/* ---- what belongs into it ---- */

/* Always part of the story. */
static bool is_story(const struct trace_event *e)
{
	switch (e->kind) {
	case EV_op_begin:
	case EV_op_end:
	case EV_release_begin:
	case EV_release_end:
	case EV_callback_begin:
	case EV_unregistered:
	case EV_mm_dead:
	case EV_page_free:
	case EV_callback:
	case EV_work:
	case EV_timer:
	case EV_synchronize:
	case EV_verdict:
	case EV_blocked:
		return true;
	default:
		return false;
	}
}

static unsigned verdict_block(const struct trace *t)
{
	return t->verdict.event[0] >= 0 ? OBJECT_BLOCK(t->event[t->verdict.event[0]].object) : 0;
}

/* What two threads did to an object that both use; reads of counts and pointers are left out. */
static bool is_between_threads(const struct page *p, const struct trace_event *e)
{
	uint16_t lanes = p->lanes_of[OBJECT_BLOCK(e->object)];

	if (!OBJECT_BLOCK(e->object) || !(lanes & (lanes - 1)))
		return false;
	switch (e->kind) {
	case EV_lock:
	case EV_lock_read:
	case EV_unlock:
	case EV_unlock_read:
	case EV_ref_get:
	case EV_ref_put:
	case EV_list:
	case EV_load:
	case EV_store:
	case EV_wake:
	case EV_wait:
	case EV_sleep_end:
	case EV_work_queue:
	case EV_flush:
	case EV_cancel:
	case EV_timer_arm:
		return true;
	default:
		return false;
	}
}

static bool is_mm(const struct page *p, const struct trace_event *e)
{
	char type[32], name[32];

	p->l->describe(e->object, type, name);
	return strcmp(type, "mm") == 0 || strcmp(type, "subscriptions") == 0 ||
	       strcmp(type, "pgd") == 0;
}

static bool about_verdict(const struct page *p, const struct trace_event *e)
{
	unsigned block = verdict_block(p->l->trace);

	return block && OBJECT_BLOCK(e->object) == block && e->kind != EV_ref_read;
}

/* The plumbing of the mm is in every run: it belongs here only if the verdict is about it. */
static bool belongs(const struct page *p, const struct trace_event *e)
{
	if (is_story(e) || about_verdict(p, e))
		return true;
	return is_between_threads(p, e) && !is_mm(p, e);
}

/* Of a leak the whole history of references is told, wherever it was made. */
static bool is_reference(const struct page *p, const struct trace_event *e)
{
	return strcmp(p->l->trace->verdict.rule, "leak") == 0 && about_verdict(p, e) &&
	       (e->kind == EV_ref_get || e->kind == EV_ref_put || e->kind == EV_ref_set);
}

static void count_lanes(struct page *p)
{
	const struct trace *t = p->l->trace;

	for (uint32_t i = 0; i < t->events_nr; i++)
		if (t->event[i].lane != LANE_MAIN)
			p->lanes_of[OBJECT_BLOCK(t->event[i].object)] |=
				(uint16_t)(1u << t->event[i].lane);
}

/* Of the main lane only what the verdict names: the set-up stands above the columns. */
static void mark(struct page *p)
{
	const struct trace *t = p->l->trace;

	count_lanes(p);
	for (uint32_t i = 0; i < t->events_nr; i++) {
		const struct trace_event *e = &t->event[i];
		bool last = i + 1 < t->events_nr && t->event[i + 1].lane != e->lane;

		p->shown[i] = e->lane == LANE_MAIN ? is_reference(p, e) : belongs(p, e) || last;
	}
	for (int i = 0; i < 2; i++)
		if (t->verdict.event[i] >= 0)
			p->shown[t->verdict.event[i]] = true;
}

/* ---- columns ---- */

static void lay_out(struct page *p)
{
	const struct trace *t = p->l->trace;
	unsigned room;

	p->columns_nr = 0;
	for (unsigned lane = 0; lane < LANES; lane++) {
		bool used = false;

		for (uint32_t i = 0; lane != LANE_MAIN && i < t->events_nr; i++)
			used |= p->shown[i] && t->event[i].lane == lane;
		p->column[lane] = used ? p->columns_nr++ : LANES;
	}
	room = p->columns_nr ? (p->l->width - 2) / p->columns_nr : COLUMN_MAX;
	p->width = room < COLUMN_MIN ? COLUMN_MIN : room > COLUMN_MAX ? COLUMN_MAX : room;
}

static void put_colour(struct page *p, const char *code)
{
	if (p->l->colour)
		text_puts(p->t, code);
}

static void put_line(struct page *p, unsigned lane, const char *colour, const char *line)
{
	unsigned column = p->column[lane] < LANES ? p->column[lane] : 0;

	text_puts(p->t, lane == LANE_MAIN && p->columns_nr ? "main: " : "  ");
	for (unsigned i = 0; i < column * p->width; i++)
		text_putc(p->t, ' ');
	put_colour(p, colour);
	text_puts(p->t, line);
	if (colour[0])
		put_colour(p, "\033[0m");
	text_putc(p->t, '\n');
}

static void put_head(struct page *p)
{
	char line[LANES * (COLUMN_MAX + 1)] = "";
	size_t at = 0;

	for (int row = 0; row < 2; row++) {
		at = 0;
		for (unsigned lane = 0; lane < LANES; lane++) {
			size_t end;

			if (p->column[lane] == LANES)
				continue;
			end = at + p->width;
			if (row)
				memset(line + at, '-', p->width - 2), at += p->width - 2;
			else
				at += (size_t)sprintf(line + at, "%s%s",
						      LANE_IS_THREAD(lane) ? "Thread " : "",
						      lane_name(lane));
			while (at < end)
				line[at++] = ' ';
		}
		while (at && line[at - 1] == ' ')
			at--;
		line[at] = '\0';
		text_putf(p->t, "  %s\n", line);
	}
}

/* ---- lines ---- */

static const char *errno_text(int value)
{
	switch (-value) {
	case ENOENT:
		return "-ENOENT";
	case EBUSY:
		return "-EBUSY";
	case ENOMEM:
		return "-ENOMEM";
	case ESRCH:
		return "-ESRCH";
	case EEXIST:
		return "-EEXIST";
	case EINVAL:
		return "-EINVAL";
	case EFAULT:
		return "-EFAULT";
	case ENOSPC:
		return "-ENOSPC";
	case EAGAIN:
		return "-EAGAIN";
	case ENODEV:
		return "-ENODEV";
	default:
		return NULL;
	}
}

static void result_line(const struct trace_event *e, char *line)
{
	const char *name = errno_text(e->arg);

	if (!e->arg)
		strcpy(line, "returns 0");
	else if (name)
		sprintf(line, "returns %s", name);
	else
		sprintf(line, "returns %d", e->arg);
}

static void event_line(struct page *p, const struct trace_event *e, char *line)
{
	char type[32], name[32];
	const char *words = event_text(e->kind), *at = strstr(words, "%s");

	p->l->describe(e->object, type, name);
	if (e->kind == EV_op_end) {
		result_line(e, line);
		return;
	}
	if (e->kind == EV_blocked) {
		snprintf(line, LINE_MAX_LEN, "  // waits: %s", e->site ? e->site->text : "");
		return;
	}
	if (event_is_visible(e->kind) && e->site)
		snprintf(line, LINE_MAX_LEN, "  %s", e->site->text);
	else if (e->kind == EV_list && e->site)
		snprintf(line, LINE_MAX_LEN, "  %s", e->site->text);
	else if (at)
		snprintf(line, LINE_MAX_LEN, "  %.*s%s%s", (int)(at - words), words, name, at + 2);
	else
		snprintf(line, LINE_MAX_LEN, "  %s", words);
	if ((e->kind == EV_ref_get || e->kind == EV_ref_put) && strlen(line) < LINE_MAX_LEN - 16)
		sprintf(line + strlen(line), "  // now %d", e->arg);
	if ((e->kind == EV_alloc || e->kind == EV_may_fail) && e->arg < 0)
		strncat(line, "  // fails", LINE_MAX_LEN - strlen(line) - 1);
	if (e->kind == EV_wait && e->arg < 0)
		strncat(line, "  // nobody woke it", LINE_MAX_LEN - strlen(line) - 1);
}

static void put_function(struct page *p, const struct trace_event *e)
{
	const char *func = e->site ? e->site->func : NULL;
	char line[LINE_MAX_LEN];

	if (!func || e->kind == EV_blocked ||
	    (p->func[e->lane] && strcmp(p->func[e->lane], func) == 0))
		return;
	p->func[e->lane] = func;
	snprintf(line, sizeof(line), "%s():", func);
	put_line(p, e->lane, "", line);
}

static void put_verdict(struct page *p, const struct trace_event *e)
{
	const struct verdict *v = &p->l->trace->verdict;
	char line[LINE_MAX_LEN + 64];

	snprintf(line, sizeof(line), "  ^^^ %s%s%s", v->rule, v->object[0] ? ": " : "", v->object);
	put_line(p, e->lane, "\033[1;31m", line);
}

static void put_event(struct page *p, uint32_t i)
{
	const struct trace_event *e = &p->l->trace->event[i];
	char line[LINE_MAX_LEN + 1];

	if (e->kind == EV_verdict) {
		put_verdict(p, e);
		return;
	}
	if (e->kind == EV_op_begin) {
		p->l->op_text(p->l->arg, e->lane, e->op, line);
		p->func[e->lane] = NULL;
		put_line(p, e->lane, "\033[1m", line);
		return;
	}
	if (e->kind != EV_op_end)
		put_function(p, e);
	event_line(p, e, line);
	put_line(p, e->lane, (int)i == p->l->trace->verdict.event[1] ? "\033[33m" : "", line);
	if (e->kind == EV_op_end)
		p->func[e->lane] = NULL;
}

/* What broke the rule may have been announced and not done: it is the last thing said of its lane.
 */
static void put_breaking_step(struct page *p, const struct trace_event *verdict)
{
	char line[LINE_MAX_LEN + 64];

	if (!verdict->site || verdict->kind != EV_verdict)
		return;
	put_function(p, verdict);
	snprintf(line, sizeof(line), "  %s", verdict->site->text);
	put_line(p, verdict->lane, "", line);
}

static void put_setup(struct page *p)
{
	const struct trace *t = p->l->trace;
	bool threads_ran = false;
	char line[LINE_MAX_LEN];

	for (uint32_t i = 0; i < t->events_nr; i++) {
		const struct trace_event *e = &t->event[i];

		threads_ran |= LANE_IS_THREAD(e->lane);
		if (e->lane != LANE_MAIN || e->kind != EV_op_begin)
			continue;
		if (threads_ran)
			break;
		p->l->op_text(p->l->arg, e->lane, e->op, line);
		text_putf(p->t, "  %s\n", line);
	}
	text_putc(p->t, '\n');
}

void letter_print(struct text *t, const struct letter *l)
{
	static struct page page; /* one letter at a time; large */
	const struct verdict *v = &l->trace->verdict;
	struct page *p = &page;

	memset(p, 0, sizeof(*p));
	p->l = l;
	p->t = t;
	mark(p);
	lay_out(p);
	put_colour(p, "\033[1;31m");
	text_putf(t, "%s%s%s", v->rule, v->object[0] ? ": " : "", v->object);
	put_colour(p, "\033[0m");
	text_putf(t, " - %s\n", l->sentence);
	if (v->text[0])
		text_putf(t, "  %s\n", v->text);
	text_putc(t, '\n');
	put_setup(p);
	if (p->columns_nr)
		put_head(p);
	for (uint32_t i = 0; i < l->trace->events_nr; i++) {
		const struct trace_event *e = &l->trace->event[i];

		if (!p->shown[i])
			continue;
		if (e->kind == EV_verdict)
			put_breaking_step(p, e);
		put_event(p, i);
	}
	if (l->replay)
		text_putf(t, "\n  see it again: %s\n", l->replay);
}
