/*
 * letter_page.c - from events to lines.
 *
 * The best ranked events are taken, as many as the page has room for; their number is found by
 * bisection, laying the page out each time. A line is one statement in the column of its lane; the
 * function stands before the first statement of it. On a page that is bounded, statements of one
 * function that follow each other share a line where that has room, and an op that runs through is
 * one line with its result.
 */
#include <stdio.h>
#include <string.h>

#include "letter/letter_page.h"

#define COLUMN_MIN 6 /* of as many lanes as there are */
#define COLUMN_MAX 52
#define OVERHANG 14   /* a column is so much narrower than it could be: lines may reach over it */
#define FIXED_LINES 5 /* blank, two of the head, blank, replay */

struct writer {
	struct letter_page *p;
	const char *func[LANES]; /* named last in that column */
};

/* ---- lines ---- */

static unsigned line_room(const struct letter_page *p, unsigned lane)
{
	unsigned column = p->column[lane] < LANES ? p->column[lane] : 0;
	unsigned start = GUTTER + column * p->width;

	return p->l->width > start + 16 ? p->l->width - start : 16;
}

/* What is wider than a page of a letter is cut; --all has it whole. */
static void clip(char *words, size_t width)
{
	const char *outcome = strstr(words, "  // ");
	char tail[LETTER_WORDS];

	if (strlen(words) <= width)
		return;
	snprintf(tail, sizeof(tail), "...%s", outcome ? outcome : "");
	if (strlen(tail) < width)
		strcpy(words + width - strlen(tail), tail);
	else
		strcpy(words + width - 3, "...");
}

static struct letter_line *add_line(struct writer *w, uint32_t event, unsigned style,
				    unsigned indent, const char *words)
{
	struct letter_page *p = w->p;
	const struct letter *l = p->l;
	struct letter_line *line;

	if (p->lines_nr == PAGE_LINES_MAX)
		p->lines_nr--;
	line = &p->line[p->lines_nr++];
	*line = (struct letter_line){
		.event = event,
		.last = event,
		.step = p->step[event],
		.lane = l->trace->event[event].lane,
		.style = (uint8_t)style,
		.indent = (uint8_t)indent,
		.pivot = (int)event == p->pivot,
		.earlier = (int)event == l->trace->verdict.event[1],
	};
	snprintf(line->words, sizeof(line->words), "%s", words);
	clip(line->words, l->lines_max && l->width > GUTTER + 8 ? l->width - GUTTER : LETTER_WORDS);
	return line;
}

static bool joins(const struct letter_page *p, const struct letter_line *line, uint32_t event,
		  const char *words)
{
	size_t len = strlen(line->words) + 2 + strlen(words) + line->indent;

	return p->l->lines_max && line->style == LINE_CALL && !line->pivot && !line->earlier &&
	       (int)event != p->pivot && (int)event != p->l->trace->verdict.event[1] &&
	       line->lane == p->l->trace->event[event].lane && !strstr(line->words, "//") &&
	       len < p->width + OVERHANG && len < LETTER_WORDS;
}

static struct letter_line *last_line(struct letter_page *p)
{
	return p->lines_nr ? &p->line[p->lines_nr - 1] : NULL;
}

static bool join(struct writer *w, uint32_t event, const char *words)
{
	struct letter_line *line = last_line(w->p);
	size_t len;

	if (!line || !joins(w->p, line, event, words))
		return false;
	len = strlen(line->words);
	snprintf(line->words + len, sizeof(line->words) - len, "; %s", words);
	line->last = event;
	if (!line->step)
		line->step = w->p->step[event];
	return true;
}

/* ---- events ---- */

static void write_call(struct writer *w, uint32_t i, const char *words)
{
	const struct trace_event *e = &w->p->l->trace->event[i];
	const char *func = e->site && e->site->func ? e->site->func : "";
	unsigned style = e->kind == EV_blocked ? LINE_WAIT : LINE_CALL;
	char line[LETTER_WORDS * 2];

	if (!func[0] || (w->func[e->lane] && !strcmp(w->func[e->lane], func))) {
		if (!join(w, i, words))
			add_line(w, i, style, 4, words);
		return;
	}
	w->func[e->lane] = func;
	snprintf(line, sizeof(line), "%s: %s", func, words);
	if (strlen(line) + 2 <= line_room(w->p, e->lane) && strlen(line) < LETTER_WORDS) {
		add_line(w, i, style, 2, line);
		return;
	}
	snprintf(line, sizeof(line), "%s:", func);
	add_line(w, i, LINE_CALL, 2, line)->pivot = false;
	last_line(w->p)->step = 0;
	add_line(w, i, style, 4, words);
}

/* Not a note, nor the beginning or the end of what runs. */
static bool is_code(const struct site *site)
{
	return strcmp(site->prim, "note") && strcmp(site->prim, "begin") &&
	       strcmp(site->prim, "end");
}

static bool is_ended(const struct trace_event *e)
{
	return e->site && !strcmp(e->site->prim, "end");
}

/* Who waits for ever has said so; so has who blocked just before. */
static bool is_told(struct letter_page *p, const struct trace_event *e)
{
	const struct letter_line *line = last_line(p);

	for (unsigned i = p->lines_nr; p->l->trace->verdict.waits_for[e->lane] && i-- > 0;)
		if (p->line[i].lane == e->lane)
			return p->line[i].style == LINE_WAIT;
	return line && line->style == LINE_WAIT && line->lane == e->lane &&
	       p->l->trace->event[line->last].site == e->site;
}

/* The verdict names those that wait for each other; the lane that blocked last may be a bystander. */
static unsigned verdict_lane(const struct letter_page *p, const struct trace_event *e)
{
	const struct verdict *v = &p->l->trace->verdict;
	unsigned lane = LANE_NONE;

	if (v->rule != RULE_deadlock || (!v->waits_for[e->lane] && !is_ended(e)))
		return e->lane;
	for (unsigned i = p->lines_nr; i-- > 0;) {
		const struct letter_line *line = &p->line[i];
		const struct site *site = p->l->trace->event[line->last].site;

		if (line->style != LINE_WAIT || !letter_is_last_wait(p->l->trace, line->last))
			continue;
		if (site && (!strcmp(site->func, v->where[0]) || !strcmp(site->func, v->where[1])))
			return line->lane;
		lane = lane == LANE_NONE ? line->lane : lane;
	}
	return lane == LANE_NONE ? e->lane : lane;
}

/* A plain access has no primitive: it is named after the function that made it. */
static void write_access(struct writer *w, uint32_t i)
{
	const struct verdict *v = &w->p->l->trace->verdict;
	char words[LETTER_WORDS], type[32], name[32];

	w->p->l->describe(w->p->l->trace->event[i].object, type, name);
	snprintf(words, sizeof(words), "%s: a plain %s of %u %s%s%s", v->access,
		 v->access_write ? "write" : "read", v->access_size,
		 v->access_size == 1 ? "byte" : "bytes", strcmp(name, "none") ? " of " : "",
		 strcmp(name, "none") ? name : "");
	add_line(w, i, LINE_CALL, 2, words)->step = 0;
}

/* What broke the rule may have been announced and not done: it is the last thing said of its lane. */
static void write_verdict(struct writer *w, uint32_t i)
{
	const struct trace_event *e = &w->p->l->trace->event[i];
	char line[LETTER_WORDS];
	struct text t = text_init(line, sizeof(line));
	struct letter_line *verdict;

	if (w->p->l->trace->verdict.access[0])
		write_access(w, i);
	else if (e->site && is_code(e->site) && !is_told(w->p, e))
		write_call(w, i, site_words(e->site));
	text_puts(&t, "^^^ ");
	letter_title(&t, w->p->l);
	verdict = add_line(w, i, LINE_VERDICT, 4, line);
	verdict->step = 0;
	verdict->lane = (uint8_t)verdict_lane(w->p, e);
}

static void write_end(struct writer *w, uint32_t i, const char *words)
{
	struct letter_line *line = last_line(w->p);
	unsigned lane = w->p->l->trace->event[i].lane;
	size_t len = line ? strlen(line->words) : 0;

	w->func[lane] = NULL;
	if (line && line->lane == lane && line->style == LINE_OP && w->p->l->lines_max) {
		snprintf(line->words + len, sizeof(line->words) - len, "  // %s", words);
		line->last = i;
	} else if (!join(w, i, words)) {
		add_line(w, i, LINE_END, 2, words);
	}
}

static void write_event(struct writer *w, uint32_t i)
{
	const struct trace_event *e = &w->p->l->trace->event[i];
	char words[LETTER_WORDS];

	if (e->kind == EV_verdict) {
		write_verdict(w, i);
		return;
	}
	letter_event(w->p->l, i, words);
	if (e->kind == EV_op_begin) {
		w->func[e->lane] = NULL;
		add_line(w, i, LINE_OP, 0, words);
	} else if (e->kind == EV_op_end) {
		write_end(w, i, words);
	} else {
		write_call(w, i, words);
	}
}

/* The accesses of a race before event @i, which need not be shown: the later breaks the rule. */
static void write_races(struct writer *w, uint32_t i)
{
	const struct letter *l = w->p->l;
	uint32_t event = i < l->trace->events_nr ? i : l->trace->events_nr - 1;
	char words[LETTER_WORDS];

	for (unsigned n = 0; n < 2; n++) {
		const struct letter_access *a = &l->race[n];
		struct text t = text_init(words, sizeof(words));
		struct letter_line *line;

		if (!a->func || a->event != i)
			continue;
		snprintf(words, sizeof(words), "%s: a plain %s of %s", a->func,
			 a->write ? "write" : "read", l->trace->verdict.object);
		line = add_line(w, event, LINE_CALL, 2, words);
		line->lane = a->lane;
		line->step = 0;
		line->pivot = false;
		line->earlier = n == 0;
		if (n == 0)
			continue;
		text_puts(&t, "^^^ ");
		letter_title(&t, l);
		line = add_line(w, event, LINE_VERDICT, 4, words);
		line->lane = a->lane;
		line->step = 0;
	}
}

static void write_here(struct writer *w, uint32_t i)
{
	write_races(w, i);
	if (w->p->shown[i])
		write_event(w, i);
}

/* ---- the page ---- */

static void lay_columns(struct letter_page *p)
{
	const struct trace *t = p->l->trace;
	unsigned room;

	p->columns_nr = 0;
	for (unsigned i = 1; i <= LANES; i++) {
		unsigned lane = i % LANES; /* the main lane last */
		bool used = false;

		for (uint32_t at = 0; at < t->events_nr; at++)
			used |= p->shown[at] && t->event[at].lane == lane;
		for (unsigned n = 0; n < 2; n++)
			used |= p->l->race[n].func && p->l->race[n].lane == lane;
		p->column[lane] = used ? p->columns_nr : LANES;
		if (used)
			p->lane_at[p->columns_nr++] = lane;
	}
	room = p->columns_nr ? (p->l->width - GUTTER - OVERHANG) / p->columns_nr : COLUMN_MAX;
	p->width = room < COLUMN_MIN ? COLUMN_MIN : room > COLUMN_MAX ? COLUMN_MAX : room;
}

static unsigned top_lines(const struct letter_page *p)
{
	const struct letter *l = p->l;
	char title[LETTER_WORDS];
	struct text t = text_init(title, sizeof(title));

	letter_title(&t, l);
	return letter_wrap(NULL, l->sentence, t.len + 3, l->width) +
	       letter_wrap(NULL, l->trace->verdict.text, 2, l->width) +
	       letter_wrap(NULL, p->spin, 2, l->width);
}

static unsigned page_lines(const struct letter_page *p)
{
	return FIXED_LINES + top_lines(p) + p->lines_nr + p->setup_nr + p->story_nr +
	       (p->pivot >= 0 || p->hidden_nr);
}

/* With the @nr best events. */
static void fill(struct letter_page *p, uint32_t nr)
{
	struct writer w = {.p = p};

	memset(p->shown, 0, sizeof(p->shown));
	for (uint32_t i = 0; i < nr; i++)
		p->shown[p->ranked[i]] = true;
	p->shown_nr = nr;
	p->hidden_nr = p->l->trace->events_nr - nr;
	p->lines_nr = 0;
	lay_columns(p);
	for (uint32_t i = 0; i < p->l->trace->events_nr; i++)
		write_here(&w, i);
	write_races(&w, p->l->trace->events_nr);
}

static void fill_as_much_as_fits(struct letter_page *p)
{
	uint32_t low = 1, high = p->ranked_nr;

	if (!p->l->lines_max) {
		fill(p, p->ranked_nr);
		return;
	}
	while (low < high) {
		uint32_t middle = (low + high + 1) / 2;

		fill(p, middle);
		if (page_lines(p) <= p->l->lines_max)
			low = middle;
		else
			high = middle - 1;
	}
	fill(p, low < p->ranked_nr ? low : p->ranked_nr);
}

bool letter_is_closing(const struct trace_event *e)
{
	return e->lane == LANE_MAIN && e->kind == EV_op_begin && e->site &&
	       !strcmp(e->site->func, "close");
}

static void count_steps(struct letter_page *p)
{
	const struct trace *t = p->l->trace;
	bool threads_ran = false;
	uint32_t step = 0;

	p->threads_begin = p->threads_end = t->events_nr;
	for (uint32_t i = 0; i < t->events_nr; i++) {
		p->step[i] = letter_is_step(&t->event[i]) ? ++step : 0;
		if (!threads_ran && LANE_IS_THREAD(t->event[i].lane))
			p->threads_begin = i;
		threads_ran |= LANE_IS_THREAD(t->event[i].lane);
		if (letter_is_closing(&t->event[i]) && p->threads_end == t->events_nr)
			p->threads_end = i;
	}
}

/* The ops before the threads, several to a line. */
static void lay_setup(struct letter_page *p)
{
	const struct trace *t = p->l->trace;
	unsigned max = sizeof(p->setup) / sizeof(p->setup[0]);
	char words[LETTER_WORDS], *line = NULL;

	p->setup_nr = 0;
	for (uint32_t i = 0; i < t->events_nr && !LANE_IS_THREAD(t->event[i].lane); i++) {
		size_t len = line ? strlen(line) : 0;

		if (t->event[i].lane != LANE_MAIN || t->event[i].kind != EV_op_begin)
			continue;
		if (letter_is_closing(&t->event[i]))
			return;
		letter_event(p->l, i, words);
		if (line && len + strlen(words) + 12 < p->l->width &&
		    len + strlen(words) + 3 < LETTER_WORDS) {
			snprintf(line + len, LETTER_WORDS - len, "; %s", words);
			continue;
		}
		if (p->setup_nr == max)
			return;
		line = p->setup[p->setup_nr++];
		snprintf(line, LETTER_WORDS, "%s", words);
	}
}

const struct letter_page *letter_page(const struct letter *l)
{
	static struct letter_page page;
	struct letter_page *p = &page;

	memset(p, 0, offsetof(struct letter_page, line));
	p->l = l;
	p->pivot = trace_event_of_step(l->trace, l->pivot);
	count_steps(p);
	letter_spin(l->trace, p->spin);
	lay_setup(p);
	letter_story(p);
	letter_rank(p);
	fill_as_much_as_fits(p);
	return p;
}

bool letter_tells(const struct letter *l, uint32_t index)
{
	static const struct letter *last;
	static const struct letter_page *page;

	if (!index || last != l)
		page = letter_page(l);
	last = l;
	return page->shown[index];
}
