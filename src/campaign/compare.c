/*
 * compare.c - see compare.h. Both programs are asked through their --json, each in a process of its
 * own: the two may be built from different trees. Their campaigns have the same seeds and times.
 *
 * A campaign that ends before it meets a bug proves nothing, so each finding is looked for on the
 * other side, too: its own schedule first, then a search for the same verdict.
 */
#include "campaign/compare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/interrupt.h"
#include "base/panic.h"
#include "base/text.h"
#include "campaign/folder.h"
#include "format/json.h"

#define LINE_MAX_BYTES (64 * 1024)
#define FINDINGS_MAX_COMPARED 4096

static char why[512];

typedef void row_taker(struct compare *c, enum compare_side side, json_t *row);

static const char *word_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

/*
 * The rows that a command prints. Returns: its exit status, or -1: it did not start or was killed.
 * Lines that are no objects are passed over.
 */
static int each_row(struct compare *c, enum compare_side side, const char *arguments,
		    row_taker *take)
{
	static char line[LINE_MAX_BYTES];
	char command[16384];
	struct text t = text_init(command, sizeof(command));
	FILE *f;
	int status;

	text_put_shell(&t, c->program[side]);
	text_puts(&t, arguments);
	f = t.full ? NULL : popen(command, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		json_t *row = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		if (json_is_object(row))
			take(c, side, row);
		json_decref(row);
	}
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- the corpus ---- */

static struct compare_line *line_of(struct compare *c, const json_t *row)
{
	const char *file = word_of(row, "file"), *on = word_of(row, "on"),
		   *expected = word_of(row, "expected");
	struct compare_line *line;

	for (size_t i = 0; i < c->lines_nr; i++)
		if (!strcmp(c->line[i].file, file) && !strcmp(c->line[i].on, on) &&
		    !strcmp(c->line[i].expected, expected))
			return &c->line[i];
	c->line = realloc(c->line, (c->lines_nr + 1) * sizeof(*c->line));
	must(c->line);
	line = &c->line[c->lines_nr++];
	*line = (struct compare_line){
		.file = strdup(file), .on = strdup(on), .expected = strdup(expected)};
	must(line->file && line->on && line->expected);
	return line;
}

static void take_line(struct compare *c, enum compare_side side, json_t *row)
{
	struct compare_word *word;

	if (!word_of(row, "outcome")[0] || !word_of(row, "file")[0])
		return;
	word = &line_of(c, row)->word[side];
	word->known = strcmp(word_of(row, "outcome"), "untried") != 0;
	snprintf(word->verdict, sizeof(word->verdict), "%s", word_of(row, "verdict"));
	snprintf(word->outcome, sizeof(word->outcome), "%s", word_of(row, "outcome"));
}

static const char *check_corpus(struct compare *c)
{
	char arguments[8192];
	struct text t = text_init(arguments, sizeof(arguments));

	text_puts(&t, " check --json -- ");
	text_put_shell(&t, c->corpus);
	for (enum compare_side side = 0; side < SIDES && !interrupt_seen(); side++) {
		c->progress(side == SIDE_A ? "corpus on A" : "corpus on B");
		if (each_row(c, side, arguments, take_line) < 0) {
			snprintf(why, sizeof(why), "%s: check of %s did not end by itself",
				 c->program[side], c->corpus);
			return why;
		}
	}
	return NULL;
}

/* ---- campaigns ---- */

static struct compare_finding *finding_of(struct compare *c, const char *signature)
{
	for (size_t i = 0; i < c->findings_nr; i++)
		if (strcmp(c->finding[i].signature, signature) == 0)
			return &c->finding[i];
	return NULL;
}

static void take_finding(struct compare *c, enum compare_side side, json_t *row)
{
	const char *signature = word_of(row, "signature");
	struct compare_finding *f;

	if (json_is_true(json_object_get(row, "summary")))
		c->campaign_runs[side] +=
			(uint64_t)json_integer_value(json_object_get(row, "runs"));
	if (!signature[0])
		return;
	f = finding_of(c, signature);
	if (!f && c->findings_nr < FINDINGS_MAX_COMPARED) {
		c->finding = realloc(c->finding, (c->findings_nr + 1) * sizeof(*c->finding));
		must(c->finding);
		f = &c->finding[c->findings_nr++];
		*f = (struct compare_finding){.from = side};
		snprintf(f->signature, sizeof(f->signature), "%s", signature);
		snprintf(f->verdict, sizeof(f->verdict), "%s", word_of(row, "verdict"));
		snprintf(f->object, sizeof(f->object), "%s", word_of(row, "object"));
		snprintf(f->file, sizeof(f->file), "%s", word_of(row, "file"));
	}
	if (f)
		f->has[side] = f->tried[side] = true;
}

static const char *run_campaign(struct compare *c, enum compare_side side, const char *subject)
{
	char arguments[12288], folder[4200];
	struct text t = text_init(arguments, sizeof(arguments));
	int status;

	snprintf(folder, sizeof(folder), "%s/%s-%c", c->out, subject, 'A' + (int)side);
	text_puts(&t, " fuzz --json --subject ");
	text_put_shell(&t, subject);
	text_putf(&t, " --time %llu --seed %llu --out ", (unsigned long long)c->seconds,
		  (unsigned long long)c->seed);
	text_put_shell(&t, folder);
	text_puts(&t, " 2>/dev/null");
	c->progress(folder);
	status = each_row(c, side, arguments, take_finding);
	if (status == 0 || status == 1 || interrupt_seen())
		return NULL;
	snprintf(why, sizeof(why), "%s: the campaign in %.200s ended with status %d",
		 c->program[side], folder, status);
	return why;
}

/* ---- subjects that both have ---- */

#define COMPARE_SUBJECTS_MAX 64

static struct {
	char name[48];
	bool has[SIDES];
} subject[COMPARE_SUBJECTS_MAX];
static unsigned subjects_nr;

static void take_subject(struct compare *c, enum compare_side side, json_t *row)
{
	const char *name = word_of(row, "name");
	unsigned i = 0;

	if (!name[0] || strlen(name) >= sizeof(subject[0].name) ||
	    json_is_true(json_object_get(row, "posted")) ||
	    (c->subject && strcmp(c->subject, name) != 0))
		return;
	while (i < subjects_nr && strcmp(subject[i].name, name) != 0)
		i++;
	if (i == COMPARE_SUBJECTS_MAX)
		return;
	subjects_nr += i == subjects_nr;
	strcpy(subject[i].name, name);
	subject[i].has[side] = true;
}

static const char *read_subjects(struct compare *c)
{
	unsigned common = 0;

	subjects_nr = 0;
	memset(subject, 0, sizeof(subject));
	for (enum compare_side side = 0; side < SIDES; side++)
		if (each_row(c, side, " list subjects --json", take_subject) != 0) {
			snprintf(why, sizeof(why), "%s: this is no bondfuzz that can be started",
				 c->program[side]);
			return why;
		}
	for (unsigned i = 0; i < subjects_nr; i++)
		common += subject[i].has[SIDE_A] && subject[i].has[SIDE_B];
	if (common)
		return NULL;
	snprintf(why, sizeof(why), "%s and %s have no subject %sin common", c->program[SIDE_A],
		 c->program[SIDE_B], c->subject ? "of that name " : "");
	return why;
}

static const char *run_campaigns(struct compare *c)
{
	const char *error = NULL;

	for (unsigned i = 0; i < subjects_nr && !error; i++)
		for (enum compare_side side = 0; side < SIDES && !error; side++)
			if (subject[i].has[SIDE_A] && subject[i].has[SIDE_B] && !interrupt_seen())
				error = run_campaign(c, side, subject[i].name);
	return error;
}

/* ---- the other side ---- */

static struct compare_finding *asked; /* what take_answer() is about */

static void take_answer(struct compare *c, enum compare_side side, json_t *row)
{
	if (!word_of(row, "verdict")[0])
		return;
	asked->tried[side] = true;
	asked->has[side] |= strcmp(word_of(row, "verdict"), asked->verdict) == 0;
}

static void ask(struct compare *c, struct compare_finding *f, enum compare_side side)
{
	char arguments[12288];
	struct text t;

	asked = f;
	for (unsigned searched = 0; searched < 2 && !f->has[side]; searched++) {
		t = text_init(arguments, sizeof(arguments));
		text_puts(&t, " run --json -q ");
		if (searched)
			text_putf(&t, "--strategy portfolio --seed %llu --runs %llu ",
				  (unsigned long long)c->seed, (unsigned long long)c->runs);
		text_puts(&t, "--until ");
		text_put_shell(&t, f->verdict);
		text_puts(&t, " -- ");
		text_put_shell(&t, f->file);
		text_puts(&t, " 2>/dev/null");
		each_row(c, side, arguments, take_answer);
	}
}

const char *compare_run(struct compare *c)
{
	const char *error = read_subjects(c);

	if (!error && !folder_make_path(c->out)) {
		snprintf(why, sizeof(why), "%s: %s", c->out, strerror(errno));
		error = why;
	}
	if (!error && c->corpus)
		error = check_corpus(c);
	if (!error && c->seconds)
		error = run_campaigns(c);
	for (size_t i = 0; !error && i < c->findings_nr && !interrupt_seen(); i++)
		for (enum compare_side side = 0; side < SIDES; side++)
			if (!c->finding[i].tried[side]) {
				c->progress(c->finding[i].signature);
				ask(c, &c->finding[i], side);
			}
	return error;
}

bool compare_differs(const struct compare_line *line)
{
	const struct compare_word *a = &line->word[SIDE_A], *b = &line->word[SIDE_B];

	if (!a->known && !b->known)
		return false;
	return a->known != b->known || strcmp(a->outcome, b->outcome) != 0 ||
	       strcmp(a->verdict, b->verdict) != 0;
}

enum compare_kind compare_kind(const struct compare_finding *f)
{
	if (!f->tried[SIDE_A] || !f->tried[SIDE_B])
		return FOUND_UNTRIED;
	if (f->has[SIDE_A] && f->has[SIDE_B])
		return FOUND_BOTH;
	return f->has[SIDE_A] ? FOUND_ONLY_A : FOUND_ONLY_B;
}

void compare_free(struct compare *c)
{
	for (size_t i = 0; i < c->lines_nr; i++) {
		free(c->line[i].file);
		free(c->line[i].on);
		free(c->line[i].expected);
	}
	free(c->line);
	free(c->finding);
}
