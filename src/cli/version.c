/*
 * version.c - bondfuzz --version: which bondfuzz this is, and what it was built with.
 *
 * What a report has to say for somebody else to repeat it. With --json one object, for scripts.
 */
#include <string.h>

#include "cli/cli.h"
#include "zoo/defect.h"

#include "revision.h"

#define NAME(macro) TEXT(macro)
#define TEXT(word) #word

#ifdef __clang__
#define COMPILER                                                                                   \
	"clang " NAME(__clang_major__) "." NAME(__clang_minor__) "." NAME(__clang_patchlevel__)
#else
#define COMPILER "another compiler than clang"
#endif

static unsigned count(const void *(*at)(unsigned))
{
	unsigned n = 0;

	while (at(n))
		n++;
	return n;
}

static const void *subject(unsigned i)
{
	return subject_at(i);
}

static const void *defect_of(unsigned i)
{
	return defect_build() ? defect_row_at(i) : NULL;
}

static void put_text(bool native)
{
	printf("bondfuzz " BONDFUZZ_VERSION "%s%s%s\n", BONDFUZZ_REVISION[0] ? " (" : "",
	       BONDFUZZ_REVISION, BONDFUZZ_REVISION[0] ? ")" : "");
	printf("  compiler   %s\n", COMPILER);
	printf("  sanitizer  %s\n", BONDFUZZ_SANITIZER);
	printf("  platforms  simulated%s\n", native ? ", real threads over liburcu" : "");
	printf("  subjects   %u\n", count(subject));
	printf("  defects    %u%s\n", count(defect_of),
	       defect_build() ? "" : " (a zoo build has switches)");
}

static void put_json(bool native)
{
	json_t *row = json_object();

	json_object_set_new(row, "version", json_string(BONDFUZZ_VERSION));
	json_object_set_new(row, "revision", json_string(BONDFUZZ_REVISION));
	json_object_set_new(row, "compiler", json_string(COMPILER));
	json_object_set_new(row, "sanitizer", json_string(BONDFUZZ_SANITIZER));
	json_object_set_new(row, "native", json_boolean(native));
	json_object_set_new(row, "subjects", json_integer(count(subject)));
	json_object_set_new(row, "zoo", json_boolean(defect_build()));
	json_print(row);
}

int cli_version(int argc, char **argv, bool native)
{
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;

	if (argc > 1 && !json)
		quit_usage("--version takes nothing, or --json");
	(json ? put_json : put_text)(native);
	return EXIT_CLEAN;
}
