/*
 * letter_html.c - the letter as HTML: a timeline in SVG, one vertical line a thread.
 *
 * A row is a line of the page. Where another thread goes on, a line leads over to it; a thread that
 * waits is dashed until it goes on; the step of no return is a band. All colours are in the
 * fragment, so that it looks the same in a mail client, in a report and by itself, and stands on
 * white. A page with a style of its own may add letter_dark, which is written from the same names.
 * Left out: anything that needs a script.
 */
#include "letter/letter.h"

#include <stdio.h>
#include <string.h>

#include "letter/letter_page.h"

#define ROW 20
#define LEFT 56	    /* where the first thread's line stands */
#define CHARACTER 7 /* an upper bound of the width of one, in pixels */
#define HEAD 44	    /* above the first row */
#define PIVOT 200   /* what the words of the pivot take */

/* Colours: on white, and what stands for them on a dark page. */
#define INK "#1b2430"
#define FAINT "#7b8aa0"
#define RAIL "#c3cad5"
#define OP_INK "#0b4f9e"
#define BAD "#c01c28"
#define WAIT_INK "#8a5a00"
#define WAITS "#b7791f"
#define BAND "#fff3c4"
#define PAPER "#fff"

const char letter_dark[] =
	"@media(prefers-color-scheme:dark){"
	".letter,.letter svg{background:#14171a!important;color:#e6e9ec!important}"
	".letter [fill=\"" INK "\"]{fill:#e6e9ec}"
	".letter [fill=\"" FAINT "\"]{fill:#9aa4ae}"
	".letter [fill=\"" OP_INK "\"]{fill:#8ab4f8}"
	".letter [fill=\"" BAD "\"]{fill:#ff8a7a}"
	".letter [fill=\"" WAIT_INK "\"]{fill:#f0c36d}"
	".letter [fill=\"" BAND "\"]{fill:#463a12}"
	".letter [stroke=\"" RAIL "\"]{stroke:#4a535c}"
	".letter [stroke=\"" FAINT "\"]{stroke:#9aa4ae}"
	".letter [stroke=\"" PAPER "\"]{stroke:#14171a}"
	"}";

#define MONO "font-family=\"ui-monospace,Menlo,Consolas,monospace\" font-size=\"11.5\""

struct drawing {
	const struct letter_page *p;
	struct text *t;
	unsigned x[LANES];
	unsigned width, height;
};

void letter_escape(struct text *t, const char *words)
{
	for (; *words; words++)
		if (*words == '<')
			text_puts(t, "&lt;");
		else if (*words == '>')
			text_puts(t, "&gt;");
		else if (*words == '&')
			text_puts(t, "&amp;");
		else if (*words == '"')
			text_puts(t, "&quot;");
		else
			text_putc(t, *words);
}

static unsigned lane_x(const struct drawing *d, const struct letter_line *line)
{
	return line->lane < LANES && d->p->column[line->lane] < LANES ? d->x[line->lane] : LEFT;
}

static unsigned row_y(unsigned row)
{
	return HEAD + row * ROW + ROW / 2;
}

static unsigned words_end(const struct drawing *d, const struct letter_line *line)
{
	return lane_x(d, line) + 10 + line->indent * 3 + (unsigned)strlen(line->words) * CHARACTER;
}

/* Is there room for the pivot's words on the lanes before its own? They are empty in its row. */
static bool before_words(const struct drawing *d, const struct letter_line *line)
{
	return lane_x(d, line) >= LEFT + PIVOT;
}

/* A lane is as wide as its longest line, so that no words stand on another lane's. */
static void lay_lanes(struct drawing *d)
{
	const struct letter_page *p = d->p;
	unsigned x = LEFT;

	for (unsigned column = 0; column < p->columns_nr; column++) {
		unsigned lane = p->lane_at[column];
		char head[96];
		size_t longest;

		letter_head(p->l, lane, head);
		longest = strlen(head);
		for (unsigned i = 0; i < p->lines_nr; i++) {
			const struct letter_line *line = &p->line[i];

			if (line->lane == lane && strlen(line->words) + line->indent / 2 > longest)
				longest = strlen(line->words) + line->indent / 2;
		}
		d->x[lane] = x;
		x += (unsigned)longest * CHARACTER + 36;
	}
	for (unsigned i = 0; i < p->lines_nr; i++)
		if (p->line[i].pivot && !before_words(d, &p->line[i]) &&
		    words_end(d, &p->line[i]) + PIVOT > x)
			x = words_end(d, &p->line[i]) + PIVOT;
	d->width = x > LEFT ? x : 400;
	d->height = row_y(p->lines_nr) + ROW;
}

static void put_lifelines(struct drawing *d)
{
	char head[96];

	for (unsigned column = 0; column < d->p->columns_nr; column++) {
		unsigned lane = d->p->lane_at[column];

		letter_head(d->p->l, lane, head);
		text_putf(d->t,
			  "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"" RAIL "\" "
			  "stroke-width=\"2\"/>\n<text x=\"%u\" y=\"20\" font-weight=\"bold\" "
			  "fill=\"" INK "\">",
			  d->x[lane], HEAD - 14, d->x[lane], d->height - ROW, d->x[lane] - 4);
		letter_escape(d->t, head);
		text_puts(d->t, "</text>\n");
	}
}

static void put_switch(struct drawing *d, unsigned row)
{
	const struct letter_line *line = &d->p->line[row], *before = row ? line - 1 : NULL;

	if (!before || before->lane == line->lane)
		return;
	text_putf(d->t,
		  "<path d=\"M%u %u V%u H%u V%u\" stroke=\"" FAINT "\" stroke-width=\"1\" "
		  "stroke-dasharray=\"2 2\" fill=\"none\"/>\n",
		  lane_x(d, before), row_y(row - 1) + 4, row_y(row) - ROW / 2, lane_x(d, line),
		  row_y(row) - 4);
}

/* From where it blocks to the next line of that lane. */
static void put_wait(struct drawing *d, unsigned row)
{
	const struct letter_line *line = &d->p->line[row];
	unsigned to = row + 1;

	while (to < d->p->lines_nr && d->p->line[to].lane != line->lane)
		to++;
	text_putf(d->t,
		  "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"" PAPER "\" "
		  "stroke-width=\"4\"/><line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" "
		  "stroke=\"" WAITS "\" stroke-width=\"2\" stroke-dasharray=\"4 4\"/>\n",
		  lane_x(d, line), row_y(row), lane_x(d, line), row_y(to), lane_x(d, line),
		  row_y(row), lane_x(d, line), row_y(to));
}

static const char *fill_of(const struct letter_line *line)
{
	if (line->style == LINE_VERDICT)
		return BAD;
	if (line->style == LINE_OP)
		return OP_INK;
	if (line->style == LINE_WAIT)
		return WAIT_INK;
	return INK;
}

static void put_row(struct drawing *d, unsigned row)
{
	const struct letter_line *line = &d->p->line[row];
	unsigned x = lane_x(d, line), y = row_y(row);
	bool bold = line->style == LINE_OP || line->style == LINE_VERDICT;

	if (line->step)
		text_putf(d->t,
			  "<text x=\"%d\" y=\"%u\" text-anchor=\"end\" fill=\"" FAINT
			  "\">%u</text>\n",
			  LEFT - 20, y + 4, line->step);
	text_putf(d->t, "<circle cx=\"%u\" cy=\"%u\" r=\"%u\" fill=\"%s\"/>\n", x, y,
		  bold ? 4u : 3u, fill_of(line));
	text_putf(d->t, "<text x=\"%u\" y=\"%u\" fill=\"%s\"%s>", x + 10 + line->indent * 3, y + 4,
		  fill_of(line), bold ? " font-weight=\"bold\"" : "");
	letter_escape(d->t, line->words);
	text_puts(d->t, "</text>\n");
}

static void put_pivot(struct drawing *d, unsigned row)
{
	const struct letter_line *line = &d->p->line[row];

	text_putf(d->t,
		  "<rect x=\"0\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"" BAND "\"/>"
		  "<text x=\"%u\" y=\"%u\" fill=\"" WAIT_INK "\">inevitable from here on</text>\n",
		  row_y(row) - ROW / 2, d->width, ROW,
		  before_words(d, line) ? LEFT + 10 : words_end(d, line) + 16, row_y(row) + 4);
}

static void put_timeline(struct drawing *d)
{
	const struct letter_page *p = d->p;

	text_putf(d->t,
		  "<svg class=\"timeline\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u "
		  "%u\" width=\"%u\" "
		  "height=\"%u\" role=\"img\" aria-label=\"timeline\" " MONO
		  " style=\"background:" PAPER ";max-width:none\">\n",
		  d->width, d->height, d->width, d->height);
	for (unsigned i = 0; i < p->lines_nr; i++)
		if (p->line[i].pivot)
			put_pivot(d, i);
	put_lifelines(d);
	for (unsigned i = 0; i < p->lines_nr; i++)
		if (p->line[i].style == LINE_WAIT)
			put_wait(d, i);
	for (unsigned i = 0; i < p->lines_nr; i++)
		put_switch(d, i);
	for (unsigned i = 0; i < p->lines_nr; i++)
		put_row(d, i);
	text_puts(d->t, "</svg>\n");
}

/* A path may be broken behind its slashes. */
static void put_paragraph(struct text *t, const char *head, const char *words)
{
	text_putf(t, "<p>%s", head);
	while (*words) {
		char part[256];
		size_t n = strcspn(words, "/");

		n += words[n] == '/';
		if (n >= sizeof(part))
			n = sizeof(part) - 1;
		memcpy(part, words, n);
		part[n] = '\0';
		letter_escape(t, part);
		words += n;
		text_puts(t, part[n - 1] == '/' && *words ? "<wbr/>" : "");
	}
	text_puts(t, "</p>\n");
}

static void put_folded(struct text *t, const char *summary, const char *words)
{
	text_putf(t, "<details><summary>%s</summary>\n<pre>", summary);
	letter_escape(t, words);
	text_puts(t, "</pre></details>\n");
}

static void put_words(struct drawing *d)
{
	static char data[LETTER_TEXT_MAX];
	const struct letter *l = d->p->l;
	struct text as_text = text_init(data, sizeof(data));

	for (unsigned i = 0; i < d->p->story_nr; i++)
		put_paragraph(d->t, "", d->p->story[i]);
	if (l->replay)
		put_paragraph(d->t, "see it again: ", l->replay);
	letter_print(&as_text, l);
	put_folded(d->t, "the letter as text", data);
	if (l->program)
		put_folded(d->t, "the program", l->program);
}

void letter_html(struct text *t, const struct letter *l)
{
	struct letter plain = *l;
	struct drawing d = {.t = t};

	plain.colour = false;
	d.p = letter_page(&plain);
	lay_lanes(&d);
	text_puts(t, "<section class=\"letter\" style=\"background:" PAPER ";color:" INK ";"
		     "font-family:system-ui,sans-serif;font-size:14px;padding:8px\">\n<h3>");
	letter_title(t, &plain);
	text_puts(t, "</h3>\n");
	put_paragraph(t, "", l->sentence);
	if (l->trace->verdict.text[0])
		put_paragraph(t, "", l->trace->verdict.text);
	if (d.p->spin[0])
		put_paragraph(t, "", d.p->spin);
	for (unsigned i = 0; i < d.p->setup_nr; i++)
		put_paragraph(t, i ? "" : "set-up: ", d.p->setup[i]);
	text_puts(t, "<div style=\"overflow-x:auto\">\n");
	put_timeline(&d);
	text_puts(t, "</div>\n");
	put_words(&d);
	text_puts(t, "</section>\n");
}
