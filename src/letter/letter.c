/*
 * letter.c - the letter as text, and as Markdown for a mail or a bug tracker.
 *
 * Left of the columns stands the number of each step, as --stop-at and --blame count them; a ">"
 * marks the one that made the verdict inevitable.
 */
#include "letter/letter.h"

#include <stdio.h>
#include <string.h>

#include "letter/letter_page.h"

struct printer {
	const struct letter_page *p;
	const struct letter *l;
	struct text *t;
};

static void put_colour(struct printer *w, const char *code)
{
	if (w->l->colour && code[0])
		text_puts(w->t, code);
}

static void put_blanks(struct text *t, size_t nr)
{
	while (nr--)
		text_putc(t, ' ');
}

void letter_title(struct text *t, const struct letter *l)
{
	const struct verdict *v = &l->trace->verdict;

	bool named = v->object[0] && strcmp(v->object, "none") != 0;

	text_putf(t, "%s%s%s", rule_name(v->rule), named ? ": " : "", named ? v->object : "");
}

void letter_head(const struct letter *l, unsigned lane, char *ret)
{
	char role[64] = "";

	if (l->role)
		l->role(l->arg, lane, role);
	snprintf(ret, 96, "%s%s%s%s%s", LANE_IS_THREAD(lane) ? "Thread " : "", lane_name(lane),
		 role[0] ? " (" : "", role, role[0] ? ")" : "");
}

static void put_cell(struct text *t, const char *words, size_t width, bool last)
{
	size_t len = strlen(words);

	if (len > width - 2) {
		text_putn(t, words, width - 5);
		text_puts(t, "...");
		len = width - 2;
	} else {
		text_puts(t, words);
	}
	if (!last)
		put_blanks(t, width - len);
}

static void put_head(struct printer *w)
{
	static const char dashes[] = "------------------------------------------------------------";
	const struct letter_page *p = w->p;
	unsigned done = 0;
	char head[96];

	put_blanks(w->t, GUTTER);
	for (unsigned column = 0; column < p->columns_nr; column++) {
		unsigned lane = p->lane_at[column];
		const char *from = head;

		letter_head(w->l, lane, head);
		if (LANE_IS_THREAD(lane) && strlen(head) + 2 > p->width)
			from += strlen("Thread ");
		put_cell(w->t, from, p->width, ++done == p->columns_nr);
	}
	text_puts(w->t, "\n  step ");
	for (done = 1; done <= p->columns_nr; done++) {
		text_putn(w->t, dashes, p->width - 2);
		put_blanks(w->t, done < p->columns_nr ? 2 : 0);
	}
	text_putc(w->t, '\n');
}

static const char *colour_of(const struct letter_line *line)
{
	if (line->style == LINE_VERDICT)
		return "\033[1;31m";
	if (line->pivot)
		return "\033[1;33m";
	if (line->style == LINE_OP)
		return "\033[1m";
	return line->earlier ? "\033[33m" : "";
}

/* What would reach over the edge begins further left: its neighbours are empty. */
static size_t start_of(const struct printer *w, const struct letter_line *line)
{
	unsigned column = w->p->column[line->lane] < LANES ? w->p->column[line->lane] : 0;
	size_t start = column * w->p->width + line->indent;
	size_t len = strlen(line->words) + GUTTER;

	if (start + len > w->l->width)
		start = w->l->width > len ? w->l->width - len : 0;
	return start;
}

static void put_line(struct printer *w, const struct letter_line *line)
{
	const char *colour = colour_of(line);

	if (line->step)
		text_putf(w->t, "%s%4u ", line->pivot ? "> " : "  ", line->step);
	else
		put_blanks(w->t, GUTTER);
	put_blanks(w->t, start_of(w, line));
	put_colour(w, colour);
	text_puts(w->t, line->words);
	put_colour(w, colour[0] ? "\033[0m" : "");
	text_putc(w->t, '\n');
}

/* A WARN says what stands there, which may be a line of a kernel tree. */
static const char *verdict_words(const struct trace *trace)
{
	const struct verdict *v = &trace->verdict;
	const struct site *site = v->event[0] >= 0 ? trace->event[v->event[0]].site : NULL;

	return site && strncmp(v->text, site->text, strlen(v->text)) == 0 ? site_words(site)
									  : v->text;
}

static void put_top(struct printer *w)
{
	const struct verdict *v = &w->l->trace->verdict;
	char title[LETTER_WORDS];
	struct text t = text_init(title, sizeof(title));

	letter_title(&t, w->l);
	put_colour(w, "\033[1;31m");
	text_puts(w->t, title);
	put_colour(w, "\033[0m");
	text_puts(w->t, " - ");
	letter_wrap(w->t, w->l->sentence, t.len + 3, w->l->width);
	if (v->text[0]) {
		text_puts(w->t, "  ");
		letter_wrap(w->t, verdict_words(w->l->trace), 2, w->l->width);
	}
	if (w->p->spin[0]) {
		text_puts(w->t, "  ");
		letter_wrap(w->t, w->p->spin, 2, w->l->width);
	}
	for (unsigned i = 0; i < w->p->setup_nr; i++)
		text_putf(w->t, "  %s%s\n", i ? "        " : "set-up: ", w->p->setup[i]);
	text_putc(w->t, '\n');
}

static void put_beneath(struct printer *w)
{
	const struct letter_page *p = w->p;

	text_putc(w->t, '\n');
	for (unsigned i = 0; i < p->story_nr; i++)
		text_putf(w->t, "  %s\n", p->story[i]);
	if (p->pivot >= 0)
		text_putf(w->t, "> inevitable from step %u: all %u continuations tried failed",
			  w->l->pivot, w->l->continuations);
	if (p->hidden_nr)
		text_putf(w->t, "%s--all shows %u more events", p->pivot >= 0 ? "; " : "  ",
			  p->hidden_nr);
	if (p->pivot >= 0 || p->hidden_nr)
		text_putc(w->t, '\n');
}

static void put_letter(struct printer *w)
{
	put_top(w);
	if (w->p->columns_nr)
		put_head(w);
	for (unsigned i = 0; i < w->p->lines_nr; i++)
		put_line(w, &w->p->line[i]);
	put_beneath(w);
	if (w->l->replay)
		text_putf(w->t, "  see it again: %s\n", w->l->replay);
}

void letter_print(struct text *t, const struct letter *l)
{
	struct printer w = {letter_page(l), l, t};

	put_letter(&w);
}

void letter_markdown(struct text *t, const struct letter *l)
{
	struct letter plain = *l;
	struct printer w = {NULL, &plain, t};

	plain.colour = false;
	if (plain.width > LETTER_WIDTH)
		plain.width = LETTER_WIDTH;
	if (plain.width < LETTER_WIDTH_MIN)
		plain.width = LETTER_WIDTH_MIN;
	w.p = letter_page(&plain);
	text_puts(t, "### ");
	letter_title(t, l);
	text_puts(t, "\n\n```\n");
	put_letter(&w);
	text_puts(t, "```\n");
	if (l->program)
		text_putf(t, "\nThe program, to be saved and run:\n\n```\n%s```\n", l->program);
}
