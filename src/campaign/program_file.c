/*
 * program_file.c - program files: read, written, and named after what they show. Input is untrusted:
 * sizes are bounded before anything is read, and every complaint names the place.
 */
#include "campaign/program_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "campaign/folder.h"
#include "exec/exec.h"
#include "exec/place.h"
#include "exec/platform.h"

/* Neither waits for a writer of a FIFO nor reads a device. */
static FILE *open_file(const char *path, struct why *why)
{
	struct stat st = {0};
	int fd;

	errno = 0;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		return fdopen(fd, "rb");
	if (fd < 0)
		why_file(why, path, "");
	else
		why_usage(why, "%s: %s", path,
			  S_ISDIR(st.st_mode) ? "this is a folder: name one program in it"
					      : "this is not a regular file");
	if (fd >= 0)
		close(fd);
	return NULL;
}

/* Returns: was it read? Else @why says it, and the error has no line where there was no text. */
static bool read_program(const char *path, struct program *ret, struct program_error *error,
			 struct why *why)
{
	static char data[PROGRAM_TEXT_MAX + 1];
	struct program_names names = {.subjects = exec_subjects(),
				      .strategies = strategy_names(),
				      .absent = subject_absent};
	FILE *f = open_file(path, why);
	size_t len;

	*error = (struct program_error){.line = 0};
	if (!f)
		return false;
	len = fread(data, 1, sizeof(data), f);
	if (ferror(f)) {
		why_at(why, "%s: cannot be read", path);
		fclose(f);
		return false;
	}
	fclose(f);
	if (program_parse(data, len, &names, ret, error))
		return true;
	return why_usage(why, "%s:%u:%u: %s", path, error->line, error->column, error->message);
}

bool program_file_load(const char *path, struct program *ret, struct why *why)
{
	struct program_error error;

	return read_program(path, ret, &error, why);
}

bool program_file_load_or_lack(const char *path, struct program *ret, const struct lack **ret_lack,
			       struct why *why)
{
	struct program_error error;
	bool ok = read_program(path, ret, &error, why);

	*ret_lack = ok || !error.line ? NULL : error.lack;
	return ok;
}

bool program_file_write(const char *path, const struct program *p, bool replace, struct why *why)
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
		return why_usage(why, "%s: this name is too long", path);
	f = fopen(temporary, "wbx");
	if (!f)
		return why_file(why, temporary, "");
	ok = fwrite(t.data, 1, t.len, f) == t.len;
	ok = fflush(f) == 0 && fsync(fileno(f)) == 0 && ok;
	ok = fclose(f) == 0 && ok;
	if (ok &&
	    renameat2(AT_FDCWD, temporary, AT_FDCWD, path, replace ? 0 : RENAME_NOREPLACE) == 0)
		return true;
	why_file(why, path, "");
	unlink(temporary);
	return false;
}

static bool save(const char *dir, const char *name, const struct program *p, struct why *why)
{
	char path[4096];

	must(!strchr(name, '/'));
	if (!folder_make_path(dir) ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return why_file(why, dir, "");
	return program_file_write(path, p, true, why);
}

/* A program says nothing of the platform that it needs. */
static void put_needs(struct text *t, const struct program *p, const struct exec_how *how)
{
	char options[PLATFORM_TEXT] = "";
	struct text o = text_init(options, sizeof(options));
	const struct exec *x = exec_process();

	platform_put(&o, &how->strength);
	if (o.len)
		text_putf(t, "# found with%s\n", options);
	if (place_is_plain(p) || x->record_local)
		text_putf(t, "# at plain accesses, whose places only this build has%s\n",
			  place_is_plain(p) ? "" : ": no schedule but a seed");
}

void program_file_describe(struct program *p, const struct subject *subject, const char *defect,
			   const struct exec_how *how, const struct verdict *v)
{
	char comment[PLATFORM_TEXT + 512], signature[SIGNATURE_MAX];
	struct text t = text_init(comment, sizeof(comment));
	char place[SIGNATURE_MAX];
	int on = 0, verdict, object, note, clean = program_intern(p, "clean", 5);

	p->descriptor = subject->descriptor;
	verdict_signature(v, signature, sizeof(signature));
	text_putf(&t, "# %s\n", signature);
	if (v->text[0])
		text_putf(&t, "# %s\n", v->text);
	put_needs(&t, p, how);
	note = program_intern(p, t.data, t.len);
	if (defect)
		on = program_intern(p, defect, strlen(defect));
	verdict_place(v, place, sizeof(place));
	verdict = program_intern(p, place, strlen(place));
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

void program_file_slug(const struct verdict *v, char *ret, size_t cap)
{
	char signature[SIGNATURE_MAX];

	verdict_signature(v, signature, sizeof(signature));
	snprintf(ret, cap, "%s-%s-%08x", rule_name(v->rule), v->type[0] ? v->type : "any",
		 name_id(signature));
}

bool program_file_save(const char *dir, struct program *p, const struct subject *subject,
		       const char *defect, const struct exec_how *how, const struct verdict *v,
		       char *ret_path, size_t cap, struct why *why)
{
	char slug[128], name[136];

	program_file_slug(v, slug, sizeof(slug));
	snprintf(name, sizeof(name), "%s.bond", slug);
	program_file_describe(p, subject, defect, how, v);
	if (!save(dir, name, p, why))
		return false;
	snprintf(ret_path, cap, "%s/%s", dir, name);
	return true;
}
