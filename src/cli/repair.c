/*
 * repair.c - bondfuzz repair: files whose schedule the code has outgrown.
 *
 * A file is rewritten only when all its lines hold again, and whole or not at all; its comment, ops
 * and expect lines stay as they are. What cannot be helped is said, and left alone.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli/options.h"
#include "format/json.h"
#include "format/visible.h"

#define RUNS_DEFAULT 60000

struct repair_options {
	uint64_t runs;
	bool json, dry;
};

static const struct cli_option options[] = {
	{"runs", 0, "N", "the maximum number of runs per file (default 60000)",
	 CLI_NUMBER(repair_options, runs, 1, UINT64_MAX)},
	{"dry-run", 0, NULL, "print what would be done, and write nothing",
	 CLI_FLAG(repair_options, dry)},
	{"json", 0, NULL, "print one object per file on standard output",
	 CLI_FLAG(repair_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz repair",
	.options = options,
	.words = "FILE-OR-FOLDER...",
	.help = "Repair programs whose anchors are stale or whose verdict is lost: search near the "
		"old schedule for the same verdict. Rewrite the file if every expect line holds."};

enum expect_outcome cli_repair(const char *path, struct program *p, struct repair *r, bool dry,
			       int *ret_status)
{
	enum expect_outcome outcome;

	outcome = exec_repair(exec_process(), p, r);
	*ret_status =
		outcome != EXPECT_REPAIRED || dry ? EXIT_CLEAN : cli_write_program(path, p, true);
	return outcome;
}

static void put_row(const char *path, enum expect_outcome outcome, const struct repair *r,
		    bool written)
{
	json_t *row = json_object();

	json_object_set_new(row, "file", json_text(path));
	json_object_set_new(row, "before", json_string(expect_outcome_name(r->before)));
	json_object_set_new(row, "outcome", json_string(expect_outcome_name(outcome)));
	json_object_set_new(row, "way", json_string(repair_way_name(r->way)));
	json_put_count(row, "runs", r->runs);
	json_put_text(row, "signature", r->signature);
	json_object_set_new(row, "written", json_boolean(written));
	json_print(row);
}

static void put_line(const char *path, enum expect_outcome outcome, const struct repair *r)
{
	printf("%s: %s", visible(path), expect_outcome_name(outcome));
	if (outcome == EXPECT_REPAIRED)
		printf(" (was %s; %s; %s)", expect_outcome_name(r->before), repair_way_name(r->way),
		       r->signature[0] ? r->signature : "clean");
	printf(", %llu runs\n", (unsigned long long)r->runs);
}

/* Returns: the exit status that this file asks for. */
static int repair_file(const struct repair_options *o, const char *path, unsigned count[])
{
	static struct program program;
	struct repair r = {.runs_max = o->runs, .stop = interrupt_seen};
	enum expect_outcome outcome;
	int status = cli_load_program(path, &program);

	if (status)
		return status;
	outcome = cli_repair(path, &program, &r, o->dry, &status);
	count[outcome]++;
	if (o->json)
		put_row(path, outcome, &r, !status && !o->dry && outcome == EXPECT_REPAIRED);
	else
		put_line(path, outcome, &r);
	if (status)
		return status;
	return outcome <= EXPECT_REPAIRED ? EXIT_CLEAN : EXIT_FINDING;
}

int command_repair(int argc, char **argv)
{
	struct repair_options o = {.runs = RUNS_DEFAULT};
	unsigned count[EXPECT_OUTCOMES] = {0};
	int worst = EXIT_CLEAN;
	struct file_list files;

	files = cli_files(cli_parse(&syntax, argc, argv, &o));
	interrupt_catch();
	for (size_t i = 0; i < files.nr && !interrupt_seen(); i++) {
		int status = repair_file(&o, files.path[i], count);

		worst = status > worst ? status : worst;
	}
	if (!o.json) {
		printf("%zu files:", files.nr);
		for (unsigned i = 0; i < EXPECT_OUTCOMES; i++)
			printf("%s %u %s", i ? "," : "", count[i], expect_outcome_name(i));
		printf("\n");
	}
	return interrupt_seen() && worst == EXIT_CLEAN ? EXIT_INTERRUPTED : worst;
}
