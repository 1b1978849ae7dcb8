/*
 * import.c - bondfuzz import: files of a kernel tree as a project. The work is done by a script, since
 * it consists of running a compiler and reading what it leaves: src/tree/build/import.py.
 *
 * The script is looked for beside the installed program, then in the source of this build. The
 * variable BONDFUZZ_TREE_BUILD names another folder.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/options.h"

#define WORDS_MAX 256

struct import_options {
	const char *tree, *headers, *build, *name, *out;
	bool module;
	const char *words[WORDS_MAX]; /* -D and -I, for the compiler */
	unsigned words_nr;
};

static void take_compiler_word(const struct cli_option *option, void *field, const char *word)
{
	struct import_options *o = field;
	char *joined;

	if (o->words_nr == WORDS_MAX)
		quit_usage("more than %d options for the compiler", WORDS_MAX);
	if (asprintf(&joined, "-%c%s", option->letter, word) < 0)
		quit_usage("no memory");
	o->words[o->words_nr++] = joined;
}

static const struct cli_option options[] = {
	{"tree", 't', "DIR", "the kernel's source", CLI_WORD(import_options, tree)},
	{"headers", 0, "DIR",
	 "generated headers: an unpacked package linux-headers-*-amd64 of the same version",
	 CLI_WORD(import_options, headers)},
	{"build", 0, "DIR", "generated headers: a build folder in which `make prepare` ran",
	 CLI_WORD(import_options, build)},
	{"name", 0, "N", "of the project and its subject (default: the first file's)",
	 CLI_WORD(import_options, name)},
	{"out", 'o', "DIR", "the project's folder (default: its name)",
	 CLI_WORD(import_options, out)},
	{"module", 0, NULL, "the files are part of a module, as drivers are",
	 CLI_FLAG(import_options, module)},
	{"define", 'D', "NAME=VALUE", "for the compiler, as CONFIG_UACCE=1",
	 CLI_OWN(take_compiler_word)},
	{"include", 'I', "DIR", "for the compiler: where the files' own headers are",
	 CLI_OWN(take_compiler_word)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz import",
	.options = options,
	.words = "FILE.c...",
	.help = "Make a project of files of a kernel tree (docs/YOUR-KERNEL.md): a build file, a "
		"table of ops and an op file in two halves, and print what the files need and who "
		"answers it. What a person wrote is never overwritten.",
};

/* ---- the script ---- */

static bool is_there(char *path, size_t cap, const char *folder)
{
	snprintf(path, cap, "%s/import.py", folder);
	return access(path, R_OK) == 0;
}

static bool is_installed(char *path, size_t cap)
{
	static char self[PATH_MAX], folder[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return false;
	slash = strrchr(self, '/');
	*slash = '\0';
	snprintf(folder, sizeof(folder), "%s/../lib/bondfuzz/src/tree/build", self);
	return is_there(path, cap, folder);
}

static const char *find_script(void)
{
	static char path[PATH_MAX + 128];
	const char *named = getenv("BONDFUZZ_TREE_BUILD");

	if (named && !is_there(path, sizeof(path), named))
		quit_usage("BONDFUZZ_TREE_BUILD: no import.py in %s", named);
	if (named || is_installed(path, sizeof(path)) ||
	    is_there(path, sizeof(path), TREE_BUILD_FOLDER))
		return path;
	quit_usage("import.py is missing: install bondfuzz again, or set BONDFUZZ_TREE_BUILD");
}

static void put(const char **argument, unsigned *nr, const char *name, const char *value)
{
	if (!value)
		return;
	argument[(*nr)++] = name;
	argument[(*nr)++] = value;
}

static _Noreturn void become_script(const struct import_options *o, const struct cli_words *words)
{
	const char **argument = calloc((size_t)words->nr + WORDS_MAX + 20, sizeof(*argument));
	unsigned nr = 0;

	if (!argument)
		quit_usage("no memory");
	argument[nr++] = "python3";
	argument[nr++] = "-B"; /* nothing is written beside the scripts */
	argument[nr++] = find_script();
	put(argument, &nr, "--tree", o->tree);
	put(argument, &nr, "--headers", o->headers);
	put(argument, &nr, "--build", o->build);
	put(argument, &nr, "--name", o->name);
	put(argument, &nr, "--out", o->out);
	if (o->module)
		argument[nr++] = "--module";
	for (unsigned i = 0; i < o->words_nr; i++)
		argument[nr++] = o->words[i];
	argument[nr++] = "--";
	for (int i = 0; i < words->nr; i++)
		argument[nr++] = words->word[i];
	execvp("python3", (char *const *)argument);
	quit_usage("python3: %s; install it", strerror(errno));
}

int command_import(int argc, char **argv)
{
	struct import_options o = {0};
	struct cli_words words = cli_parse(&syntax, argc, argv, &o);

	if (!o.tree)
		quit_usage("--tree is missing: name the folder of the kernel's source");
	if (!words.nr)
		quit_usage("no file: name one of the tree, such as mm/mmu_notifier.c");
	become_script(&o, &words);
}
