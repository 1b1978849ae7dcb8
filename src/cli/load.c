/*
 * load.c - the program files that a command line names, and the subjects that they run on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "campaign/folder.h"
#include "campaign/program_file.h"
#include "search/expect.h"

int cli_load_program(const char *path, struct program *ret)
{
	struct why why;

	if (program_file_load(path, ret, &why))
		return EXIT_CLEAN;
	notice("%s", why.text);
	return (int)why.status;
}

int cli_write_program(const char *path, const struct program *p, bool replace)
{
	struct why why;

	if (program_file_write(path, p, replace, &why))
		return EXIT_CLEAN;
	notice("%s", why.text);
	return (int)why.status;
}

static void add_file(struct file_list *list, const char *path)
{
	list->path = realloc(list->path, (list->nr + 1) * sizeof(*list->path));
	must(list->path);
	list->path[list->nr] = strdup(path);
	must(list->path[list->nr++]);
}

static bool ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), len = strlen(ending);

	return n > len && strcmp(name + n - len, ending) == 0;
}

/* A link to a folder is not followed: it may lead back. A name that leads nowhere is told when read. */
static bool is_folder(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add_folder(struct file_list *list, const char *path, const char *ending, unsigned depth)
{
	struct dirent **entry;
	int n = scandir(path, &entry, NULL, alphasort);

	if (n < 0)
		quit_file(path, "");
	if (depth > FOLDER_DEPTH_MAX)
		quit_usage("%s: folders nested too deep", path);
	for (int i = 0; i < n; i++) {
		char *child = NULL;

		if (entry[i]->d_name[0] != '.' &&
		    asprintf(&child, "%s/%s", path, entry[i]->d_name) > 0) {
			if (is_folder(child))
				add_folder(list, child, ending, depth + 1);
			else if (ends_in(child, ending))
				add_file(list, child);
		}
		free(child);
		free(entry[i]);
	}
	free(entry);
}

struct file_list cli_files_ending(struct cli_words words, const char *ending)
{
	/* The process's: commands end by exit(), some without a look at it. */
	static struct file_list list;

	list = (struct file_list){0};
	if (!words.nr)
		quit_usage("no file given: name a file (*%s) or a folder of them", ending);
	for (int i = 0; i < words.nr; i++) {
		size_t before = list.nr;
		struct stat st;

		if (stat(words.word[i], &st))
			quit_file(words.word[i], "");
		if (S_ISDIR(st.st_mode))
			add_folder(&list, words.word[i], ending, 0);
		else
			add_file(&list, words.word[i]);
		if (list.nr == before)
			quit_usage("%s: no *%s file in this folder", words.word[i], ending);
	}
	return list;
}

struct file_list cli_files(struct cli_words words)
{
	return cli_files_ending(words, ".bond");
}

int cli_files_status(int worst)
{
	if (!interrupt_seen() || worst != EXIT_CLEAN)
		return worst;
	fputs("bondfuzz: interrupted before it was done\n", stderr);
	return EXIT_INTERRUPTED;
}

int cli_each_file(struct file_list files, int (*one)(const void *options, const char *file),
		  const void *options)
{
	int worst = EXIT_CLEAN;

	interrupt_catch_key();
	for (size_t i = 0; i < files.nr && !interrupt_seen(); i++) {
		int status = one(options, files.path[i]);

		worst = status > worst ? status : worst;
	}
	return cli_files_status(worst);
}

const struct subject *cli_subject_of(const char *file, const struct program *p,
				     const struct subject *asked)
{
	const struct subject *s = asked ? asked : subject_find(p->descriptor->name);

	if (s->descriptor->ops == p->descriptor->ops)
		return s;
	fprintf(stderr, "%s: a program of '%s' cannot run on '%s': the ops differ\n", file,
		p->descriptor->name, s->descriptor->name);
	return NULL;
}

const char *cli_expected(const struct program *p, const char *on)
{
	static char wanted[SIGNATURE_MAX];

	for (unsigned i = 0; i < p->expects_nr; i++) {
		const char *name = program_name(p, p->expects[i].on);
		const char *verdict = program_name(p, p->expects[i].verdict);

		if (strcmp(name[0] ? name : p->descriptor->name, on) != 0 ||
		    !strcmp(verdict, "clean"))
			continue;
		expect_wanted(p, &p->expects[i], wanted, sizeof(wanted));
		return wanted;
	}
	return NULL;
}

void cli_write_text(const char *path, const char *text)
{
	const char *why = NULL;

	if (strcmp(path, "-") == 0)
		fputs(text, stdout);
	else
		why = folder_write_file(path, text, strlen(text));
	if (why)
		quit_file(visible(path), "");
}
