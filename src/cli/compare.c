/*
 * compare.c - bondfuzz compare A B: what did a change to the code under test mend, and what did it
 * break? The two are programs: before and after a patch, or over two versions of a kernel.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/compare.h"
#include "cli/options.h"
#include "format/visible.h"

struct compare_options {
	uint64_t seconds, seed, runs;
	const char *corpus, *subject, *out, *format;
	bool json;
};

static const struct cli_option options[] = {
	{"corpus", 0, "FOLDER", "check these programs on both", CLI_WORD(compare_options, corpus)},
	{"subject", 's', "NAME", "only this subject (default: each that both have)",
	 CLI_WORD(compare_options, subject)},
	{"time", 0, "SECONDS", "of each campaign (default 30); 0: the corpus only",
	 CLI_NUMBER(compare_options, seconds, 0, 1000000)},
	{"seed", 'n', "N", "of the campaigns and searches (default 1)",
	 CLI_NUMBER(compare_options, seed, 1, UINT64_MAX)},
	{"runs", 0, "N",
	 "the most runs of the search for a finding on the side that did not report it (default "
	 "20000)",
	 CLI_NUMBER(compare_options, runs, 1, UINT64_MAX)},
	{"out", 'o', "FOLDER", "keep the campaigns here (default compare)",
	 CLI_WORD(compare_options, out)},
	{"format", 0, "FORMAT", "text (default), or md: for a reply by mail",
	 CLI_WORD(compare_options, format)},
	{"json", 0, NULL, "one object a changed line or finding, and one in all",
	 CLI_FLAG(compare_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz compare",
	.options = options,
	.words = "A B",
	.help = "Compare two programs, A before a change and B after it: the same corpus, the same "
		"campaigns and seeds on both. Exit 1 if B has a finding that A has not, or breaks "
		"what held on A.",
	.too_many = "two programs are compared",
	.words_max = 2};

static const char *const kind_names[COMPARE_KINDS] = {"fixed", "introduced", "in both",
						      "not comparable"};

static void show_progress(const char *what)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[Kcomparing: %s", visible(what));
}

static void end_progress(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

static const char *said(const struct compare_word *w)
{
	return w->known ? w->outcome : "not tried";
}

/* It held on A, or A had not tried it, and it is broken on B. */
static bool is_worse(const struct compare_line *line)
{
	const struct compare_word *b = &line->word[SIDE_B];

	return compare_differs(line) && b->known && strcmp(b->outcome, "holds") != 0 &&
	       strcmp(line->word[SIDE_A].outcome, "broken") != 0;
}

static unsigned put_lines(const struct compare *c, const char *bullet)
{
	unsigned changed = 0;

	for (size_t i = 0; i < c->lines_nr; i++) {
		const struct compare_line *l = &c->line[i];

		if (!compare_differs(l))
			continue;
		changed++;
		printf("%s%s, on %s expected %s: %s (%s) on A, %s (%s) on B\n", bullet,
		       visible(l->file), visible(l->on), visible(l->expected),
		       said(&l->word[SIDE_A]), l->word[SIDE_A].verdict, said(&l->word[SIDE_B]),
		       l->word[SIDE_B].verdict);
	}
	return changed;
}

static unsigned count(const struct compare *c, enum compare_kind kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->findings_nr; i++)
		n += compare_kind(&c->finding[i]) == kind;
	return n;
}

static void put_findings(const struct compare *c, enum compare_kind kind, const char *head,
			 const char *bullet, bool markdown)
{
	const char *quote = markdown ? "`" : "";

	if (!count(c, kind))
		return;
	printf("%s%s: %u\n", head, kind_names[kind], count(c, kind));
	for (size_t i = 0; i < c->findings_nr; i++) {
		const struct compare_finding *f = &c->finding[i];
		char command[16384];
		struct text t = text_init(command, sizeof(command));

		if (compare_kind(f) != kind)
			continue;
		text_put_shell(&t, c->program[f->from]);
		text_puts(&t, " run ");
		text_put_shell(&t, f->file);
		printf("%s%s%s%s\n    %s\n", bullet, quote, visible(f->signature), quote,
		       visible(command));
	}
}

static void print_text(const struct compare *c, bool markdown)
{
	const char *head = markdown ? "\n### " : "\n", *bullet = markdown ? "- " : "  ";
	static const enum compare_kind order[] = {FOUND_ONLY_B, FOUND_ONLY_A, FOUND_BOTH,
						  FOUND_UNTRIED};

	printf("%sA %s\n%sB %s\n", markdown ? "- " : "", visible(c->program[SIDE_A]),
	       markdown ? "- " : "", visible(c->program[SIDE_B]));
	if (c->corpus) {
		printf("%scorpus: %zu expect lines\n", head, c->lines_nr);
		if (!put_lines(c, bullet))
			printf("%sno difference\n", bullet);
	}
	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_findings(c, order[i], head, bullet, markdown);
	if (c->seconds)
		printf("\n%llu runs on A, %llu on B, seed %llu\n",
		       (unsigned long long)c->campaign_runs[SIDE_A],
		       (unsigned long long)c->campaign_runs[SIDE_B], (unsigned long long)c->seed);
}

static void print_json(const struct compare *c)
{
	for (size_t i = 0; i < c->lines_nr; i++) {
		const struct compare_line *l = &c->line[i];

		if (compare_differs(l))
			json_print(json_pack("{s:o, s:o, s:o, s:s, s:s}", "file",
					     json_text(l->file), "on", json_text(l->on), "expected",
					     json_text(l->expected), "A", said(&l->word[SIDE_A]),
					     "B", said(&l->word[SIDE_B])));
	}
	for (size_t i = 0; i < c->findings_nr; i++) {
		const struct compare_finding *f = &c->finding[i];

		json_print(json_pack("{s:o, s:s, s:o}", "signature", json_text(f->signature),
				     "kind", kind_names[compare_kind(f)], "file",
				     json_text(f->file)));
	}
	json_print(json_pack(
		"{s:b, s:I, s:I, s:I, s:i, s:i, s:i, s:i}", "summary", 1, "lines",
		(json_int_t)c->lines_nr, "runs_A", (json_int_t)c->campaign_runs[SIDE_A], "runs_B",
		(json_int_t)c->campaign_runs[SIDE_B], "introduced", (int)count(c, FOUND_ONLY_B),
		"fixed", (int)count(c, FOUND_ONLY_A), "both", (int)count(c, FOUND_BOTH),
		"not_comparable", (int)count(c, FOUND_UNTRIED)));
}

static int status_of(const struct compare *c)
{
	for (size_t i = 0; i < c->lines_nr; i++)
		if (is_worse(&c->line[i]))
			return EXIT_FINDING;
	return count(c, FOUND_ONLY_B) ? EXIT_FINDING : EXIT_CLEAN;
}

int command_compare(int argc, char **argv)
{
	struct compare_options o = {
		.seconds = 30, .seed = 1, .runs = 20000, .out = "compare", .format = "text"};
	struct cli_words words = cli_parse(&syntax, argc, argv, &o);
	struct compare c;
	const char *error;
	int status;

	if (words.nr != 2)
		quit_usage("name two programs: bondfuzz compare A B");
	if (strcmp(o.format, "text") != 0 && strcmp(o.format, "md") != 0)
		quit_usage("--format is text or md, not '%.40s'", o.format);
	c = (struct compare){.program = {words.word[0], words.word[1]},
			     .corpus = o.corpus,
			     .subject = o.subject,
			     .out = o.out,
			     .seconds = o.seconds,
			     .seed = o.seed,
			     .runs = o.runs,
			     .progress = show_progress};
	interrupt_catch();
	error = compare_run(&c);
	end_progress();
	if (error)
		quit_usage("%s", visible(error));
	if (o.json)
		print_json(&c);
	else
		print_text(&c, o.format[0] == 'm');
	status = status_of(&c);
	compare_free(&c);
	if (!interrupt_seen() || status != EXIT_CLEAN)
		return status;
	fputs("bondfuzz: interrupted before it was done\n", stderr);
	return EXIT_INTERRUPTED;
}
