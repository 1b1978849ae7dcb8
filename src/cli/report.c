/*
 * report.c - bondfuzz report: campaigns and findings as one page that stands alone.
 *
 * What triage says, with the letters, what the campaigns did, and how strong the tool is (the zoo's
 * table, where it was measured). Nothing on the page is loaded, and nothing on it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/panic.h"
#include "export/html.h"
#include "cli/options.h"
#include "trace/rule.h"

#define ZOO_JSON "zoo.json"
#define LETTERS_MAX 500		  /* signatures that are shown with their letter */
#define LETTER_SHOWN (128 * 1024) /* bytes of one */
#define LETTER_SECONDS 10	  /* for the timeline of one, and of all; then they are text */
#define LETTERS_SECONDS 60

struct report_options {
	const char *out, *zoo;
	struct cli_words folders;
};

static const struct cli_option options[] = {
	{"out", 'o', "FILE", "the page to write ('-': standard output)",
	 CLI_WORD(report_options, out)},
	{"zoo", 0, "FILE",
	 "what bondfuzz zoo --json printed (default: " ZOO_JSON " of a folder, where there is one)",
	 CLI_WORD(report_options, zoo)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz report",
	.options = options,
	.words = "FOLDER...",
	.help = "Write a self-contained page about campaigns: findings with their letters, "
		"coverage, runs over time, and the table of the zoo."};

static void put_cell(FILE *f, const char *text)
{
	fputs("<td>", f);
	put_markup(f, text[0] ? text : "-", false);
	fputs("</td>", f);
}

static void put_time_cell(FILE *f, const char *text)
{
	fputs("<td class=\"t\">", f);
	put_markup(f, text[0] ? text : "-", false);
	fputs("</td>", f);
}

static void put_number_cell(FILE *f, uint64_t n)
{
	fputs("<td class=\"n\">", f);
	html_number(f, n);
	fputs("</td>", f);
}

static void put_code(FILE *f, const char *text)
{
	fputs("<code>", f);
	html_words(f, text);
	fputs("</code>", f);
}

/* ---- findings ---- */

struct groups {
	struct group *row;
	unsigned nr;
};

/* What was seen last stands first. */
static int by_last_seen(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int order = strcmp(y->last_seen, x->last_seen);

	return order ? order : strcmp(x->best->f.signature, y->best->f.signature);
}

static struct groups groups_of(struct gathering *g)
{
	struct groups all = {.row = calloc(g->findings_nr + 1, sizeof(*all.row))};
	struct group group = {0};

	must(all.row);
	while (gather_next_group(g, &group))
		all.row[all.nr++] = group;
	qsort(all.row, all.nr, sizeof(*all.row), by_last_seen);
	return all;
}

static void put_summary_row(FILE *f, const struct group *group, unsigned number)
{
	fprintf(f, "<tr><td><a href=\"#finding%u\">", number);
	put_code(f, group->best->f.signature);
	fputs("</a></td>", f);
	put_number_cell(f, group->seen);
	put_number_cell(f, group->campaigns);
	put_time_cell(f, group->last_seen);
	put_time_cell(f, group->first_seen);
	put_cell(f, group->subjects);
	put_cell(f, group->defects);
	put_number_cell(f, group->best->f.ops);
	put_number_cell(f, group->best->f.switches);
	fputs("</tr>\n", f);
}

static void put_text(FILE *f, const char *letter)
{
	fputs("<pre class=\"letter\">", f);
	put_markup(f, letter ? letter : "there is no letter", true);
	fputs("</pre>\n", f);
}

/*
 * A timeline where this build shows the finding still; else the letter as it was written. Returns: does
 * it say how to see the finding again?
 */
static bool put_letter(FILE *f, struct gathering *g, const struct kept_finding *k)
{
	static double spent;
	double begun = clock_seconds();
	char *letter = spent < LETTERS_SECONDS ? replay_letter(k, LETTER_SECONDS) : NULL;
	bool again = letter;

	spent += clock_seconds() - begun;
	if (letter) {
		put_fragment(f, letter);
	} else {
		letter = gather_letter(g, k);
		if (letter && strlen(letter) > LETTER_SHOWN)
			strcpy(letter + LETTER_SHOWN - 32, "\n(cut here)\n");
		put_text(f, letter);
	}
	free(letter);
	return again;
}

static void put_sentence(FILE *f, const char *verdict)
{
	const struct rule_row *rule = rule_row(rule_find(verdict));

	fputs("<p>", f);
	put_markup(f, rule ? rule->sentence : "the process that fuzzed died", false);
	fputs("</p>\n", f);
}

static void put_places(FILE *f, const struct group *group, bool again)
{
	static char replay[32768];
	struct text t = text_init(replay, sizeof(replay));

	if (again && group->best->program) {
		finding_replay(&group->best->f, "bondfuzz", group->best->program, &t);
		fputs("<p>See it again: ", f);
		put_code(f, replay);
		fputs("</p>\n", f);
	}
	fputs("<ul>", f);
	for (size_t i = 0; i < group->nr; i++) {
		const struct kept_finding *k = &group->of[i];

		fputs("<li>", f);
		put_code(f, k->folder);
		fprintf(f, " <span class=\"faint\">after ");
		html_number(f, k->f.runs);
		fprintf(f, " runs, %.1f s</span></li>\n", k->f.seconds);
	}
	fputs("</ul>\n", f);
}

static void put_relation(FILE *f, const struct group *group)
{
	char relation[RELATION_MAX] = "";
	struct text t = text_init(relation, sizeof(relation));

	if (group_stands_alone(group))
		return;
	finding_put_relation(&group->best->f, &t);
	fputs("<p class=\"faint\">", f);
	put_markup(f, relation, false);
	fputs("</p>\n", f);
}

static void put_finding(FILE *f, struct gathering *g, const struct group *group, unsigned number)
{
	bool again = false; /* a letter has the rule's sentence and the line to paste */

	fprintf(f, "<details class=\"finding\" id=\"finding%u\"%s><summary class=\"bad\">", number,
		number == 1 ? " open" : "");
	put_code(f, group->best->f.signature);
	fputs("</summary>\n", f);
	put_relation(f, group);
	if (number <= LETTERS_MAX)
		again = put_letter(f, g, group->best);
	else
		put_sentence(f, group->best->f.verdict);
	put_places(f, group, !again);
	fputs("</details>\n", f);
}

static void put_findings(FILE *f, struct gathering *g, const struct groups *groups)
{
	fputs("<section id=\"findings\">\n<h2>Findings</h2>\n", f);
	if (!groups->nr)
		fputs("<p>None.</p>\n", f);
	else
		fputs("<div class=\"scroll\"><table><tr><th>signature</th><th "
		      "class=\"n\">seen</th><th class=\"n\">campaigns</th><th>last seen</th>"
		      "<th>first seen</th><th>subjects</th><th>defects</th>"
		      "<th class=\"n\">ops</th><th class=\"n\">switches</th></tr>\n",
		      f);
	for (unsigned i = 0; i < groups->nr; i++)
		put_summary_row(f, &groups->row[i], i + 1);
	if (groups->nr)
		fputs("</table></div>\n", f);
	for (unsigned i = 0; i < groups->nr; i++)
		put_finding(f, g, &groups->row[i], i + 1);
	fputs("</section>\n", f);
}

/* ---- campaigns ---- */

static size_t findings_of(const struct gathering *g, size_t campaign)
{
	size_t n = 0;

	for (size_t i = 0; i < g->findings_nr; i++)
		n += g->finding[i].campaign == campaign;
	return n;
}

static void put_campaign_row(FILE *f, const struct gathering *g, size_t i)
{
	const struct campaign *c = &g->campaign[i].c;

	fprintf(f, "<tr><td><a href=\"#campaign%zu\">", i);
	put_code(f, g->campaign[i].path);
	fputs("</a></td>", f);
	put_cell(f, c->subject);
	put_cell(f, c->defect);
	put_cell(f, c->build);
	put_time_cell(f, c->started);
	put_number_cell(f, c->sessions);
	put_number_cell(f, (uint64_t)c->seconds);
	put_number_cell(f, c->runs);
	put_number_cell(f, c->seconds > 0 ? (uint64_t)((double)c->runs / c->seconds) : 0);
	put_number_cell(f, findings_of(g, i));
	fputs("</tr>\n", f);
}

static void put_campaigns(FILE *f, const struct gathering *g)
{
	fputs("<section id=\"campaigns\">\n<h2>Campaigns</h2>\n<div class=\"scroll\"><table><tr>"
	      "<th>folder</th><th>subject</th><th>defect</th><th>build</th><th>started</th><th "
	      "class=\"n\">sessions</th><th class=\"n\">seconds</th><th class=\"n\">runs</th><th "
	      "class=\"n\">runs a second</th><th class=\"n\">findings</th></tr>\n",
	      f);
	for (size_t i = 0; i < g->campaigns_nr; i++)
		put_campaign_row(f, g, i);
	fputs("</table></div>\n", f);
	for (size_t i = 0; i < g->campaigns_nr; i++) {
		fprintf(f, "<article class=\"campaign\" id=\"campaign%zu\"><h3>", i);
		html_words(f, g->campaign[i].path);
		fputs("</h3>\n", f);
		if (g->campaign[i].damaged) {
			fputs("<p class=\"bad\">its " CAMPAIGN_JSON " cannot be read</p>\n", f);
		} else {
			html_curve(f, &g->campaign[i].c);
			html_coverage(f, &g->campaign[i].c);
		}
		fputs("</article>\n", f);
	}
	fputs("</section>\n", f);
}

/* ---- the page ---- */

static void put_problems(FILE *f, const struct gathering *g)
{
	if (!g->problems_nr)
		return;
	fputs("<section id=\"problems\">\n<h2 class=\"bad\">What could not be read</h2>\n<ul>\n",
	      f);
	for (size_t i = 0; i < g->problems_nr; i++) {
		fputs("<li class=\"problem\">", f);
		put_code(f, g->problem[i].path);
		fputs(": ", f);
		put_markup(f, g->problem[i].why, false);
		fputs("</li>\n", f);
	}
	fputs("</ul>\n</section>\n", f);
}

static void put_header(FILE *f, const struct gathering *g, unsigned signatures)
{
	uint64_t runs = 0;
	double seconds = 0;

	for (size_t i = 0; i < g->campaigns_nr; i++) {
		runs += g->campaign[i].c.runs;
		seconds += g->campaign[i].c.seconds;
	}
	fputs("<header><h1>bondfuzz report</h1>\n<p id=\"sum\">", f);
	fprintf(f, "%u signature%s in %zu finding%s of %zu campaign%s; ", signatures,
		signatures == 1 ? "" : "s", g->findings_nr, g->findings_nr == 1 ? "" : "s",
		g->campaigns_nr, g->campaigns_nr == 1 ? "" : "s");
	html_number(f, runs);
	fprintf(f, " runs in %.0f&nbsp;s</p></header>\n<main>\n", seconds);
}

/* Returns: NULL or what is wrong with it. */
static const char *put_zoo(FILE *f, const char *lines)
{
	const char *why;

	if (!lines)
		return NULL;
	fputs("<section id=\"zoo\">\n<h2>Known bugs, and how many runs each takes</h2>\n", f);
	why = html_zoo(f, lines);
	fputs("</section>\n", f);
	return why;
}

static char *page(struct gathering *g, const char *zoo, const char **ret_why)
{
	struct groups groups = groups_of(g);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	must(f);
	html_head(f);
	fputs("<body>\n", f);
	put_header(f, g, groups.nr);
	put_problems(f, g);
	put_findings(f, g, &groups);
	put_campaigns(f, g);
	*ret_why = put_zoo(f, zoo);
	fputs("</main>\n</body>\n</html>\n", f);
	must(!ferror(f) && fclose(f) == 0);
	free(groups.row);
	return text;
}

/* ---- the command ---- */

/* Of the user's own choice: a link is fine. */
static char *read_zoo(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *why;
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int at = folder_open(AT_FDCWD, folder);
	char *data = NULL;
	size_t len;

	why = at < 0 ? strerrordesc_np(errno)
		     : folder_read(at, slash ? slash + 1 : path, ZOO_JSON_MAX, &data, &len);
	if (why)
		quit_usage("%s: %s", visible(path), why);
	close(at);
	free(folder);
	return data;
}

static char *find_zoo(const struct report_options *o)
{
	char *data = NULL;
	size_t len;

	if (o->zoo)
		return read_zoo(o->zoo);
	for (int i = 0; i < o->folders.nr && !data; i++) {
		int at = folder_open(AT_FDCWD, o->folders.word[i]);

		if (at >= 0 && folder_read(at, ZOO_JSON, ZOO_JSON_MAX, &data, &len))
			data = NULL;
		if (at >= 0)
			close(at);
	}
	return data;
}

static void must_gather(struct gathering *g, const char *path)
{
	struct why why;

	if (!gather(g, path, &why))
		quit_why(&why);
}

int command_report(int argc, char **argv)
{
	struct report_options o = {0};
	struct gathering g = {0};
	const char *why;
	char *zoo, *text;
	int status;

	o.folders = cli_parse(&syntax, argc, argv, &o);
	if (!o.folders.nr)
		quit_usage("no folder given: name the folder of a campaign, or one that contains "
			   "campaigns");
	if (!o.out)
		quit_usage("no output given: use -o FILE.html");
	for (int i = 0; i < o.folders.nr; i++)
		must_gather(&g, o.folders.word[i]);
	zoo = find_zoo(&o);
	gather_complain(&g);
	text = page(&g, zoo, &why);
	if (why)
		fprintf(stderr, "%s: %s\n", o.zoo ? visible(o.zoo) : ZOO_JSON, why);
	cli_write_text(o.out, text);
	if (strcmp(o.out, "-") != 0)
		fprintf(stderr, "written to %s\n", visible(o.out));
	status = g.problems_nr || why ? EXIT_USAGE : g.findings_nr ? EXIT_FINDING : EXIT_CLEAN;
	free(text);
	free(zoo);
	gather_free(&g);
	return status;
}
