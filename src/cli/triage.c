/*
 * triage.c - bondfuzz triage: what do these campaigns have, by signature?
 *
 * The table is for people, --json, --sarif and --junit are for tools. With anything that cannot be
 * read the exit status is 2, and all the rest is told nevertheless.
 */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "cli/options.h"
#include "format/json.h"
#include "export/triage.h"

struct triage_options {
	bool replay, json;
	const char *sarif, *junit;
};

static const struct cli_option options[] = {
	{"replay", 0, NULL,
	 "replay each finding in a separate process: holds, stale, lost, or skipped if this build "
	 "lacks its subject or defect",
	 CLI_FLAG(triage_options, replay)},
	{"sarif", 0, "FILE", "write SARIF 2.1.0 ('-': standard output)",
	 CLI_WORD(triage_options, sarif)},
	{"junit", 0, "FILE", "write JUnit XML ('-': standard output)",
	 CLI_WORD(triage_options, junit)},
	{"json", 0, NULL, "print one object per signature on standard output",
	 CLI_FLAG(triage_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz triage",
	.options = options,
	.words = "FOLDER...",
	.help = "Print the findings of campaigns, grouped by signature. A folder is a campaign "
		"(bondfuzz fuzz --out), or contains campaigns."};

/* ---- one row ---- */

static unsigned count_state(const struct group *group, enum replay_state s)
{
	unsigned n = 0;

	for (size_t i = 0; i < group->nr; i++)
		n += group->of[i].state == s;
	return n;
}

/* "holds", or "2 holds, 1 lost" */
static const char *state_text(const struct group *group, char *ret, size_t cap)
{
	struct text t = text_init(ret, cap);

	for (enum replay_state s = REPLAY_HOLDS; s < REPLAY_STATES; s++) {
		unsigned n = count_state(group, s);

		if (n && n == group->nr)
			text_puts(&t, replay_state_name(s));
		else if (n)
			text_putf(&t, "%s%u %s", t.len ? ", " : "", n, replay_state_name(s));
	}
	return ret;
}

static void put_list(json_t *row, const char *key, const char *words)
{
	json_t *list = json_array();
	char *copy = strdup(words), *rest = copy;

	for (char *word; (word = strsep(&rest, " "));)
		if (word[0])
			json_array_append_new(list, json_text(word));
	free(copy);
	json_object_set_new(row, key, list);
}

static void put_json(const struct group *group)
{
	const struct kept_finding *best = group->best;
	static char replay[32768];
	struct text t = text_init(replay, sizeof(replay));
	json_t *row = finding_json(&best->f);

	if (best->program)
		finding_replay(&best->f, program_invocation_name, best->program, &t);
	json_object_del(row, "finding");
	json_put_count(row, "findings", group->nr);
	json_put_count(row, "campaigns", group->campaigns);
	json_put_count(row, "seen", group->seen);
	json_object_set_new(row, "first_seen", json_text(group->first_seen));
	json_object_set_new(row, "last_seen", json_text(group->last_seen));
	put_list(row, "subjects", group->subjects);
	put_list(row, "defects", group->defects);
	json_put_text(row, "file", best->program);
	json_object_set_new(row, "replay", best->program ? json_text(replay) : json_null());
	for (enum replay_state s = REPLAY_HOLDS; s < REPLAY_STATES; s++)
		json_object_set_new(row, replay_state_name(s), json_integer(count_state(group, s)));
	json_print(row);
}

/* ---- the table ---- */

enum {
	COLUMN_SIGNATURE,
	COLUMN_SEEN,
	COLUMN_CAMPAIGNS,
	COLUMN_FIRST,
	COLUMN_SUBJECTS,
	COLUMN_SIZE,
	COLUMN_STATE,
	COLUMN_FILE,
	COLUMNS
};

static const char *const heads[COLUMNS] = {"signature", "seen", "campaigns", "first seen",
					   "subjects",	"ops",	"replay",    "file to replay"};

struct row {
	char *cell[COLUMNS];
	char relation[RELATION_MAX]; /* to another signature; "": it stands alone */
};

static char *cell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *cell(const char *format, ...)
{
	char *text;
	va_list ap;

	va_start(ap, format);
	must(vasprintf(&text, format, ap) >= 0);
	va_end(ap);
	return text;
}

static void fill(struct row *row, const struct group *group)
{
	const struct kept_finding *best = group->best;
	char state[128] = "";
	struct text t = text_init(row->relation, sizeof(row->relation));

	if (!group_stands_alone(group))
		finding_put_relation(&best->f, &t);
	row->cell[COLUMN_SIGNATURE] = cell("%s", visible(best->f.signature));
	row->cell[COLUMN_SEEN] = cell("%llu", (unsigned long long)group->seen);
	row->cell[COLUMN_CAMPAIGNS] = cell("%zu", group->campaigns);
	row->cell[COLUMN_FIRST] = cell("%s", visible(group->first_seen));
	row->cell[COLUMN_SUBJECTS] =
		cell("%s%s%s%s", visible(group->subjects), group->defects[0] ? " (" : "",
		     visible(group->defects), group->defects[0] ? ")" : "");
	row->cell[COLUMN_SIZE] = cell("%u", best->f.ops);
	row->cell[COLUMN_STATE] = cell("%s", state_text(group, state, sizeof(state)));
	row->cell[COLUMN_FILE] = cell("%s", best->program ? visible(best->program) : "-");
}

static bool is_number(unsigned column)
{
	return column == COLUMN_SEEN || column == COLUMN_CAMPAIGNS || column == COLUMN_SIZE;
}

static void put_row(const struct row *row, const int *width, bool states)
{
	for (unsigned c = 0; c < COLUMNS; c++)
		if (c == COLUMN_FILE)
			printf("%s\n", row->cell[c]);
		else if (c != COLUMN_STATE || states)
			printf("%*s  ", is_number(c) ? width[c] : -width[c], row->cell[c]);
	if (row->relation[0])
		printf("  %s\n", row->relation);
}

static void put_table(struct gathering *g, bool states)
{
	struct row *rows = calloc(g->findings_nr + 1, sizeof(*rows));
	struct group group = {0};
	int width[COLUMNS] = {0};
	size_t nr = 1, related = 0;

	must(rows);
	for (unsigned c = 0; c < COLUMNS; c++)
		rows[0].cell[c] = cell("%s", heads[c]);
	while (gather_next_group(g, &group))
		fill(&rows[nr++], &group);
	for (size_t i = 0; i < nr; i++)
		for (unsigned c = 0; c < COLUMNS; c++)
			if ((int)strlen(rows[i].cell[c]) > width[c])
				width[c] = (int)strlen(rows[i].cell[c]);
	for (size_t i = 0; i < nr; i++) {
		related += rows[i].relation[0] != '\0';
		if (nr > 1)
			put_row(&rows[i], width, states);
		for (unsigned c = 0; c < COLUMNS; c++)
			free(rows[i].cell[c]);
	}
	free(rows);
	printf("%s%zu signature%s in %zu finding%s of %zu campaign%s", nr > 1 ? "\n" : "", nr - 1,
	       nr == 2 ? "" : "s", g->findings_nr, g->findings_nr == 1 ? "" : "s", g->campaigns_nr,
	       g->campaigns_nr == 1 ? "" : "s");
	if (related)
		printf("; %zu may belong to another signature", related);
	putchar('\n');
}

/* What became of it, where that is not what it was. */
static void put_changes(const struct gathering *g)
{
	for (size_t i = 0; i < g->findings_nr; i++) {
		const struct kept_finding *k = &g->finding[i];

		if (k->state == REPLAY_STALE || k->state == REPLAY_LOST)
			printf("%s: %s: %s\n", visible(k->program), replay_state_name(k->state),
			       visible(k->now));
	}
}

/* ---- the command ---- */

static void write_files(const struct triage_options *o, struct gathering *g)
{
	json_t *sarif = o->sarif ? sarif_json(g) : NULL;
	char *text;

	if (sarif) {
		text = json_dumps(sarif, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
		must(text);
		cli_write_text(o->sarif, text);
		free(text);
		json_decref(sarif);
	}
	if (o->junit) {
		text = junit_text(g);
		cli_write_text(o->junit, text);
		free(text);
	}
}

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

int command_triage(int argc, char **argv)
{
	struct triage_options o = {0};
	struct gathering g = {0};
	struct group group = {0};
	struct cli_words folders;
	struct why why;
	int status;

	folders = cli_parse(&syntax, argc, argv, &o);
	if (!folders.nr)
		quit_usage("no folder given: name the folder of a campaign, or one that contains "
			   "campaigns");
	if (o.json + is_stdout(o.sarif) + is_stdout(o.junit) > 1)
		quit_usage("standard output can be only one of --json, --sarif - and --junit -");
	interrupt_catch();
	for (int i = 0; i < folders.nr; i++)
		if (!gather(&g, folders.word[i], &why))
			quit_why(&why);
	for (size_t i = 0; o.replay && i < g.findings_nr && !interrupt_seen(); i++)
		replay_finding(&g.finding[i]);
	gather_complain(&g);
	write_files(&o, &g);
	if (o.json)
		while (gather_next_group(&g, &group))
			put_json(&group);
	else if (!is_stdout(o.sarif) && !is_stdout(o.junit))
		put_table(&g, o.replay);
	if (o.replay && !o.json)
		put_changes(&g);
	status = g.problems_nr ? EXIT_USAGE : g.findings_nr ? EXIT_FINDING : EXIT_CLEAN;
	gather_free(&g);
	return interrupt_seen() ? EXIT_INTERRUPTED : status;
}
