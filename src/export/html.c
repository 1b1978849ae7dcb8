/*
 * html.c - see html.h. One page that stands alone: no script, no font, no picture from elsewhere.
 */
#include "export/html.h"

#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "letter/letter.h"

#define CURVE_WIDTH 640
#define CURVE_HEIGHT 160
#define CURVE_LEFT 70
#define CURVE_BOTTOM 24
#define SHADES 5

static const char style[] =
	":root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--faint:#59636e;--line:#d1d9e0;"
	"--soft:#f3f5f7;--bad:#b42318;--link:#0b57d0;--runs:#0b57d0;--hit:11,87,208}"
	"@media(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e6e9ec;--faint:#9aa4ae;"
	"--line:#353c43;--soft:#1d2226;--bad:#ff8a7a;--link:#8ab4f8;--runs:#8ab4f8;"
	"--hit:138,180,248}}"
	"body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--paper);"
	"color:var(--ink);font:15px/1.5 system-ui,sans-serif}"
	"h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}"
	"h3{font-size:1rem;margin:1.4rem 0 .3rem}"
	"a{color:var(--link)}.faint{color:var(--faint)}.bad{color:var(--bad)}"
	".scroll{overflow-x:auto}"
	"table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
	"th,td{padding:.2rem .7rem;text-align:left;border-bottom:1px solid var(--line);"
	"vertical-align:top}th{font-weight:600;white-space:nowrap}"
	"td:first-child{min-width:16rem}td.n,th.n{text-align:right}td.n,td.t,th{white-space:nowrap}"
	"code,pre{font:13px/1.45 ui-monospace,monospace}p,li,h3,summary{overflow-wrap:break-word}"
	"pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.8rem;"
	"overflow-x:auto;margin:.5rem 0}"
	"details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}"
	"summary{cursor:pointer}"
	"svg.curve{display:block;max-width:100%;height:auto;font:11px system-ui,sans-serif}"
	"svg.curve text{fill:var(--faint)}svg .axis{stroke:var(--line)}"
	"svg .runs{fill:none;stroke:var(--runs);stroke-width:2}"
	"svg .finding{stroke:var(--bad);stroke-dasharray:2 3}"
	"td.s0{color:var(--faint)}td.s1{background:rgba(var(--hit),.10)}"
	"td.s2{background:rgba(var(--hit),.20)}td.s3{background:rgba(var(--hit),.30)}"
	"td.s4{background:rgba(var(--hit),.42)}";

void html_head(FILE *f)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<title>bondfuzz report</title>\n<style>\n",
	      f);
	fputs(style, f);
	fputs(letter_dark, f);
	fputs("\n</style>\n</head>\n", f);
}

void html_words(FILE *f, const char *text)
{
	char part[256];

	while (*text) {
		size_t n = strcspn(text, "/@+:=,");

		n += strspn(text + n, "/@+:=,");
		if (n >= sizeof(part))
			n = sizeof(part) - 1;
		while (n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--; /* no character is cut */
		memcpy(part, text, n);
		part[n] = '\0';
		put_markup(f, part, false);
		text += n;
		fputs(*text ? "<wbr/>" : "", f);
	}
}

void html_number(FILE *f, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < len; i++)
		fprintf(f, "%s%c", i && (len - i) % 3 == 0 ? "," : "", digits[i]);
}

/* ---- runs over time ---- */

static double x_of(const struct campaign *c, double seconds)
{
	double last = c->point[c->points_nr - 1].seconds;

	if (seconds > last)
		seconds = last;
	return CURVE_LEFT + (last > 0 ? seconds / last : 0) * (CURVE_WIDTH - CURVE_LEFT - 8);
}

static double y_of(uint64_t runs, uint64_t most)
{
	double part = most ? (double)runs / (double)most : 0;

	return 8 + (1 - (part > 1 ? 1 : part)) * (CURVE_HEIGHT - CURVE_BOTTOM - 8);
}

static uint64_t most_runs(const struct campaign *c)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < c->points_nr; i++)
		if (c->point[i].runs > most)
			most = c->point[i].runs;
	return most;
}

static void put_axes(FILE *f, const struct campaign *c, uint64_t most)
{
	double bottom = CURVE_HEIGHT - CURVE_BOTTOM;

	fprintf(f, "<line class=\"axis\" x1=\"%d\" y1=\"%g\" x2=\"%d\" y2=\"%g\"/>", CURVE_LEFT,
		bottom, CURVE_WIDTH - 8, bottom);
	fprintf(f, "<text x=\"%d\" y=\"16\" text-anchor=\"end\">", CURVE_LEFT - 6);
	html_number(f, most);
	fprintf(f, "</text><text x=\"%d\" y=\"%g\" text-anchor=\"end\">0</text>", CURVE_LEFT - 6,
		bottom);
	fprintf(f, "<text x=\"%d\" y=\"%d\">0 s</text>", CURVE_LEFT, CURVE_HEIGHT - 6);
	fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f s</text>", CURVE_WIDTH - 8,
		CURVE_HEIGHT - 6, c->point[c->points_nr - 1].seconds);
}

void html_curve(FILE *f, const struct campaign *c)
{
	uint64_t most = most_runs(c), findings = 0;

	if (c->points_nr < 2)
		return;
	fprintf(f,
		"<svg class=\"curve\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
		"role=\"img\" "
		"aria-label=\"runs over time\"><title>runs over time; a dotted line is a new "
		"finding</title>",
		CURVE_WIDTH, CURVE_HEIGHT, CURVE_WIDTH, CURVE_HEIGHT);
	put_axes(f, c, most);
	for (unsigned i = 0; i < c->points_nr; i++) {
		double x = x_of(c, c->point[i].seconds);

		if (c->point[i].findings > findings)
			fprintf(f,
				"<line class=\"finding\" x1=\"%.1f\" y1=\"8\" x2=\"%.1f\" "
				"y2=\"%d\"/>",
				x, x, CURVE_HEIGHT - CURVE_BOTTOM);
		findings = c->point[i].findings;
	}
	fputs("<polyline class=\"runs\" points=\"", f);
	for (unsigned i = 0; i < c->points_nr; i++)
		fprintf(f, "%.1f,%.1f ", x_of(c, c->point[i].seconds),
			y_of(c->point[i].runs, most));
	fputs("\"/></svg>\n", f);
}

/* ---- ops by states ---- */

/* By orders of magnitude below the most. */
static unsigned shade(uint64_t n, uint64_t most)
{
	unsigned s = SHADES - 1;

	for (; n && s > 1 && n * 30 < most; s--)
		most /= 30;
	return n ? s : 0;
}

void html_coverage(FILE *f, const struct campaign *c)
{
	uint64_t most = 0;
	unsigned met = 0;

	for (unsigned i = 0; i < c->ops_nr; i++)
		for (unsigned s = 0; s < OBJECT_STATES; s++) {
			met += c->op[i].runs[s] > 0;
			if (c->op[i].runs[s] > most)
				most = c->op[i].runs[s];
		}
	fprintf(f,
		"<p class=\"faint\">%u of %u pairs of op and state of its object were met.</p>\n",
		met, c->ops_nr * OBJECT_STATES);
	fputs("<div class=\"scroll\"><table class=\"coverage\"><tr><th>op</th>", f);
	for (unsigned s = 0; s < OBJECT_STATES; s++)
		fprintf(f, "<th class=\"n\">%s</th>", campaign_state_name(s));
	fputs("</tr>\n", f);
	for (unsigned i = 0; i < c->ops_nr; i++) {
		fputs("<tr><td><code>", f);
		put_markup(f, c->op[i].name, false);
		fputs("</code></td>", f);
		for (unsigned s = 0; s < OBJECT_STATES; s++) {
			fprintf(f, "<td class=\"n s%u\">", shade(c->op[i].runs[s], most));
			html_number(f, c->op[i].runs[s]);
			fputs("</td>", f);
		}
		fputs("</tr>\n", f);
	}
	fputs("</table></div>\n", f);
}

/* ---- the zoo ---- */

static void put_zoo_row(FILE *f, struct json_reader *r)
{
	char defect[64], strategy[32], verdict[64];
	uint64_t found = json_get_count(r, "found", FINDING_COUNT_MAX);
	uint64_t trials = json_get_count(r, "trials", FINDING_COUNT_MAX);
	uint64_t median = json_get_count(r, "median", FINDING_COUNT_MAX);
	uint64_t max = json_get_count(r, "max", FINDING_COUNT_MAX);
	double mean = json_get_seconds(r, "mean");

	json_get_text(r, "defect", defect, sizeof(defect), false);
	json_get_text(r, "strategy", strategy, sizeof(strategy), false);
	json_get_text(r, "verdict", verdict, sizeof(verdict), false);
	if (r->why[0])
		return;
	fputs("<tr><td><code>", f);
	put_markup(f, defect, false);
	fputs("</code></td><td>", f);
	put_markup(f, strategy, false);
	fprintf(f, "</td><td class=\"n%s\">%llu/%llu</td><td class=\"n\">%.1f</td><td class=\"n\">",
		found < trials ? " bad" : "", (unsigned long long)found, (unsigned long long)trials,
		mean);
	html_number(f, median);
	fputs("</td><td class=\"n\">", f);
	html_number(f, max);
	fputs("</td><td>", f);
	put_markup(f, verdict, false);
	fputs("</td></tr>\n", f);
}

const char *html_zoo(FILE *f, const char *lines)
{
	static struct json_reader r;
	unsigned number = 0;
	size_t n;

	r.why[0] = '\0';
	fputs("<div class=\"scroll\"><table class=\"zoo\"><tr><th>defect</th><th>strategy</th>"
	      "<th class=\"n\">found</th><th class=\"n\">mean runs</th><th class=\"n\">median</th>"
	      "<th class=\"n\">most</th><th>verdict</th></tr>\n",
	      f);
	for (; *lines && !r.why[0]; lines += n + (lines[n] == '\n')) {
		char why[200] = "";
		json_t *row;

		n = strcspn(lines, "\n");
		number++;
		r.object = row = json_parse(lines, n, why, sizeof(why));
		if (row)
			put_zoo_row(f, &r);
		else
			json_fault(&r, "%s", why);
		json_decref(row);
	}
	fputs("</table></div>\n", f);
	if (!r.why[0])
		return NULL;
	snprintf(r.why + strlen(r.why), sizeof(r.why) - strlen(r.why), " (row %u)", number);
	return r.why;
}
