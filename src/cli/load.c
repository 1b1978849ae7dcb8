/*
 * load.c - program files: found, read and written. Input is untrusted: sizes are bounded before
 * anything is read, and every complaint names the place.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/cli.h"
#include "cli/folder.h"

#define DEPTH_MAX 8

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

	if (n < 0 || depth > DEPTH_MAX)
		cli_usage("%s: %s", path, n < 0 ? strerror(errno) : "folders nested too deep");
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
	struct file_list list = {0};

	if (!words.nr)
		cli_usage("which files? name a file (*%s) or a folder of them", ending);
	for (int i = 0; i < words.nr; i++) {
		size_t before = list.nr;
		struct stat st;

		if (stat(words.word[i], &st))
			cli_usage("%s: %s", words.word[i], strerror(errno));
		if (S_ISDIR(st.st_mode))
			add_folder(&list, words.word[i], ending, 0);
		else
			add_file(&list, words.word[i]);
		if (list.nr == before)
			cli_usage("%s: no *%s file in this folder", words.word[i], ending);
	}
	return list;
}

struct file_list cli_files(struct cli_words words)
{
	return cli_files_ending(words, ".bond");
}

int cli_each_file(struct file_list files, int (*one)(const void *options, const char *file),
		  const void *options)
{
	int worst = EXIT_CLEAN;

	cli_catch_interrupt();
	for (size_t i = 0; i < files.nr && !cli_stop(); i++) {
		int status = one(options, files.path[i]);

		worst = status > worst ? status : worst;
	}
	if (!cli_stop() || worst != EXIT_CLEAN)
		return worst;
	fputs("bondfuzz: interrupted before it was done\n", stderr);
	return EXIT_INTERRUPTED;
}

const struct subject *cli_subject_of(const char *file, const struct program *p,
				     const struct subject *asked)
{
	const struct subject *s = asked ? asked : subject_find(p->descriptor->name);

	if (s->descriptor->ops == p->descriptor->ops)
		return s;
	fprintf(stderr, "%s: a program of '%s' does not run on '%s': other ops\n", file,
		p->descriptor->name, s->descriptor->name);
	return NULL;
}

static bool complain(const char *path, const char *what)
{
	fprintf(stderr, "%s: %s\n", path, what);
	return false;
}

/* Neither waits for a writer of a FIFO nor reads a device. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st = {0};

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		return fdopen(fd, "rb");
	if (fd >= 0 && S_ISDIR(st.st_mode))
		complain(path, "this is a folder: name one program in it");
	else
		complain(path, fd < 0 ? strerror(errno) : "this is not a plain file");
	if (fd >= 0)
		close(fd);
	return NULL;
}

bool cli_load(const char *path, struct program *ret)
{
	static char data[PROGRAM_TEXT_MAX + 1];
	struct program_names names = {exec_subjects(), strategy_names()};
	struct program_error error;
	FILE *f = open_file(path);
	size_t len;

	if (!f)
		return false;
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

const char *cli_expected(const struct program *p, const char *on)
{
	static char wanted[128];

	for (unsigned i = 0; i < p->expects_nr; i++) {
		const char *name = program_name(p, p->expects[i].on);
		const char *verdict = program_name(p, p->expects[i].verdict);

		if (strcmp(name[0] ? name : p->descriptor->name, on) != 0 ||
		    !strcmp(verdict, "clean"))
			continue;
		snprintf(wanted, sizeof(wanted), "%s%s%s", verdict, p->expects[i].object ? ":" : "",
			 program_name(p, p->expects[i].object));
		return wanted;
	}
	return NULL;
}

bool cli_make_folder(const char *path)
{
	char part[4096];
	size_t n = strlen(path);
	struct stat st;

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
	if (stat(path, &st))
		return false;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode);
}

bool cli_write_program(const char *path, const struct program *p, bool replace)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));
	char temporary[4110];
	FILE *f;
	bool ok;

	program_print(p, &t);
	must(!t.full);
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid()) >=
	    sizeof(temporary))
		return complain(path, "this name is too long");
	f = fopen(temporary, "wbx");
	if (!f)
		return complain(temporary, strerror(errno));
	ok = fwrite(t.data, 1, t.len, f) == t.len;
	ok = fflush(f) == 0 && fsync(fileno(f)) == 0 && ok;
	ok = fclose(f) == 0 && ok;
	if (ok &&
	    renameat2(AT_FDCWD, temporary, AT_FDCWD, path, replace ? 0 : RENAME_NOREPLACE) == 0)
		return true;
	complain(path, strerror(errno));
	unlink(temporary);
	return false;
}

static bool save(const char *dir, const char *name, const struct program *p)
{
	char path[4096];

	must(!strchr(name, '/'));
	if (!cli_make_folder(dir) ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return complain(dir, strerror(errno));
	return cli_write_program(path, p, true);
}

/* A program says nothing of the platform that it needs. */
static void put_needs(struct text *t, const struct exec_how *how)
{
	char options[96] = "";
	struct text o = text_init(options, sizeof(options));
	const struct exec *x = cli_exec();

	cli_put_platform(&o, &how->strength);
	if (o.len)
		text_putf(t, "# found with%s\n", options);
	if (x->record_local)
		text_puts(
			t,
			"# at plain accesses, whose places only this build has: no schedule but a "
			"seed\n");
}

void cli_describe(struct program *p, const struct subject *subject, const char *defect,
		  const struct exec_how *how, const struct verdict *v)
{
	char comment[512], signature[160];
	struct text t = text_init(comment, sizeof(comment));
	int on = 0, verdict, object, note, clean = program_intern(p, "clean", 5);

	p->descriptor = subject->descriptor;
	verdict_signature(v, signature, sizeof(signature));
	text_putf(&t, "# %s\n", signature);
	if (v->text[0])
		text_putf(&t, "# %s\n", v->text);
	put_needs(&t, how);
	note = program_intern(p, t.data, t.len);
	if (defect)
		on = program_intern(p, defect, strlen(defect));
	verdict = program_intern(p, rule_name(v->rule), strlen(rule_name(v->rule)));
	object = program_intern(p, v->object, strlen(v->object));
	if (note < 0 || on < 0 || verdict < 0 || object < 0 || clean < 0)
		return;
	if (strcmp(v->object, "none") == 0)
		object = 0;
	p->comment = (uint16_t)note;
	p->expects_nr = 0;
	if (defect && !subject->posted)
		p->expects[p->expects_nr++] = (struct program_expect){.verdict = (uint16_t)clean};
	p->expects[p->expects_nr++] =
		(struct program_expect){(uint16_t)on, (uint16_t)verdict, (uint16_t)object};
}

void cli_finding_slug(const struct verdict *v, char *ret, size_t cap)
{
	char signature[160];

	verdict_signature(v, signature, sizeof(signature));
	snprintf(ret, cap, "%s-%s-%08x", rule_name(v->rule), v->type[0] ? v->type : "any",
		 name_id(signature));
}

bool cli_save_finding(const char *dir, struct program *p, const struct subject *subject,
		      const char *defect, const struct exec_how *how, const struct verdict *v,
		      char *ret_path, size_t cap)
{
	char slug[128], name[136];

	cli_finding_slug(v, slug, sizeof(slug));
	snprintf(name, sizeof(name), "%s.bond", slug);
	cli_describe(p, subject, defect, how, v);
	if (!save(dir, name, p))
		return false;
	snprintf(ret_path, cap, "%s/%s", dir, name);
	return true;
}

void cli_write_text(const char *path, const char *text)
{
	const char *why = NULL;

	if (strcmp(path, "-") == 0)
		fputs(text, stdout);
	else
		why = folder_write_file(path, text, strlen(text));
	if (why)
		cli_usage("%s: %s", visible(path), why);
}
