/*
 * load.c - program files: found, read and written. Input is untrusted: sizes are bounded before
 * anything is read, and every complaint names the place.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/cli.h"

#define DEPTH_MAX 8

static void add_file(struct file_list *list, const char *path)
{
	list->path = realloc(list->path, (list->nr + 1) * sizeof(*list->path));
	must(list->path);
	list->path[list->nr] = strdup(path);
	must(list->path[list->nr++]);
}

static bool is_program(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && strcmp(name + n - 5, ".bond") == 0;
}

static void add_folder(struct file_list *list, const char *path, unsigned depth)
{
	struct dirent **entry;
	int n = scandir(path, &entry, NULL, alphasort);

	if (n < 0 || depth > DEPTH_MAX)
		cli_usage("%s: %s", path, n < 0 ? strerror(errno) : "folders nested too deep");
	for (int i = 0; i < n; i++) {
		char *child = NULL;
		struct stat st;

		if (entry[i]->d_name[0] != '.' &&
		    asprintf(&child, "%s/%s", path, entry[i]->d_name) > 0 && !stat(child, &st)) {
			if (S_ISDIR(st.st_mode))
				add_folder(list, child, depth + 1);
			else if (is_program(child))
				add_file(list, child);
		}
		free(child);
		free(entry[i]);
	}
	free(entry);
}

struct file_list cli_files(char **argument, int nr)
{
	struct file_list list = {0};

	if (!nr)
		cli_usage("which files? name a program (*.bond) or a folder of them");
	for (int i = 0; i < nr; i++) {
		size_t before = list.nr;
		struct stat st;

		if (stat(argument[i], &st))
			cli_usage("%s: %s", argument[i], strerror(errno));
		if (S_ISDIR(st.st_mode))
			add_folder(&list, argument[i], 0);
		else
			add_file(&list, argument[i]);
		if (list.nr == before)
			cli_usage("%s: no *.bond file in this folder", argument[i]);
	}
	return list;
}

static bool complain(const char *path, const char *what)
{
	fprintf(stderr, "%s: %s\n", path, what);
	return false;
}

bool cli_load(const char *path, struct program *ret)
{
	static char data[PROGRAM_TEXT_MAX + 1];
	struct program_names names = {exec_subjects(), strategy_names()};
	struct program_error error;
	FILE *f = fopen(path, "rb");
	size_t len;

	if (!f)
		return complain(path, strerror(errno));
	len = fread(data, 1, sizeof(data), f);
	if (ferror(f)) {
		fclose(f);
		return complain(path, "cannot be read");
	}
	fclose(f);
	if (program_parse(data, len, &names, ret, &error))
		return true;
	fprintf(stderr, "%s:%u:%u: %s\n", path, error.line, error.column, error.message);
	return false;
}

bool cli_make_folder(const char *path)
{
	char part[4096];
	size_t n = strlen(path);

	if (n >= sizeof(part))
		return false;
	for (size_t i = 1; i <= n; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0777) && errno != EEXIST)
			return false;
	}
	return true;
}

bool cli_save(const char *dir, const char *name, const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));
	char path[4096], temporary[4110];
	FILE *f;
	bool ok;

	program_print(p, &t);
	must(!t.full && !strchr(name, '/'));
	if (!cli_make_folder(dir) ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return complain(dir, "this folder cannot be made");
	snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	f = fopen(temporary, "wb");
	if (!f)
		return complain(temporary, strerror(errno));
	ok = fwrite(t.data, 1, t.len, f) == t.len;
	ok = fclose(f) == 0 && ok;
	if (ok && rename(temporary, path) == 0)
		return true;
	complain(path, strerror(errno));
	unlink(temporary);
	return false;
}
