/*
 * folder.c - bounded reading and whole writing.
 *
 * All goes through descriptors of folders, so that a path cannot be changed between a look and a
 * use. A file is written under a name that begins with FOLDER_NEW, brought to the disk, and renamed:
 * whoever is killed at any moment leaves the old file or the new one.
 */
#include "campaign/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"

int folder_open(int at, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK;

	return openat(at, name, at == AT_FDCWD ? flags : flags | O_NOFOLLOW);
}

int folder_make(int at, const char *name)
{
	if (mkdirat(at, name, 0777) && errno != EEXIST)
		return -1;
	return folder_open(at, name);
}

static const char *open_reason(int error)
{
	switch (error) {
	case ELOOP:
		return "a link; links are not followed";
	case ENOENT:
		return "missing";
	case ENXIO:
		return "not a regular file";
	default:
		return strerrordesc_np(error);
	}
}

static const char *read_all(int fd, size_t max, char **ret, size_t *ret_len)
{
	struct stat st;
	size_t len = 0;
	ssize_t n = 1;
	char *data;

	must(fstat(fd, &st) == 0);
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? "a folder, not a file" : "not a regular file";
	if ((size_t)st.st_size > max)
		return "larger than the maximum size of such a file";
	data = malloc(max + 1); /* it may grow as it is read */
	must(data);
	while (n > 0 && len < max) {
		n = read(fd, data + len, max - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0) {
		free(data);
		return "cannot be read";
	}
	data[len] = '\0';
	*ret = data;
	*ret_len = len;
	return NULL;
}

const char *folder_read(int at, const char *name, size_t max, char **ret, size_t *ret_len)
{
	int fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	const char *why;

	if (fd < 0)
		return open_reason(errno);
	why = read_all(fd, max, ret, ret_len);
	close(fd);
	return why;
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return false;
		data += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) == 0;
}

const char *folder_put(int at, const char *name, const void *data, size_t len)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666),
	    error;
	bool ok;

	if (fd < 0)
		return strerrordesc_np(errno);
	ok = write_all(fd, data, len);
	if (close(fd) == 0 && ok)
		return NULL;
	error = errno;
	unlinkat(at, name, 0);
	errno = error;
	return strerrordesc_np(error);
}

const char *folder_write(int at, const char *name, const void *data, size_t len)
{
	char fresh[512];
	const char *why;

	if ((size_t)snprintf(fresh, sizeof(fresh), FOLDER_NEW "%s.%d", name, (int)getpid()) >=
	    sizeof(fresh))
		return "the name is too long";
	unlinkat(at, fresh, 0);
	why = folder_put(at, fresh, data, len);
	if (why)
		return why;
	if (renameat(at, fresh, at, name)) {
		why = strerrordesc_np(errno);
		unlinkat(at, fresh, 0);
		return why;
	}
	fsync(at);
	return NULL;
}

/* ---- names ---- */

static DIR *open_dir(int at)
{
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

const char *folder_names(int at, size_t max, struct folder_names *ret)
{
	DIR *dir = open_dir(at);
	struct dirent *e;

	*ret = (struct folder_names){0};
	if (!dir)
		return open_reason(errno);
	ret->name = calloc(max, sizeof(*ret->name));
	must(ret->name);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		if (ret->nr == max) {
			ret->more++;
			continue;
		}
		ret->name[ret->nr] = strdup(e->d_name);
		must(ret->name[ret->nr++]);
	}
	closedir(dir);
	qsort(ret->name, ret->nr, sizeof(*ret->name), by_bytes);
	return NULL;
}

void folder_names_free(struct folder_names *n)
{
	for (size_t i = 0; i < n->nr; i++)
		free(n->name[i]);
	free(n->name);
	*n = (struct folder_names){0};
}

static bool is_new(const char *name)
{
	return strncmp(name, FOLDER_NEW, strlen(FOLDER_NEW)) == 0;
}

/* Plain files of a folder that never got its name; with anything else in it, it stays. */
static void sweep_folder(int at, const char *name)
{
	int fd = folder_open(at, name);
	struct folder_names files;

	if (fd < 0)
		return;
	if (!folder_names(fd, 16, &files))
		for (size_t i = 0; i < files.nr; i++)
			unlinkat(fd, files.name[i], 0);
	folder_names_free(&files);
	close(fd);
	unlinkat(at, name, AT_REMOVEDIR);
}

void folder_sweep(int at)
{
	DIR *dir = open_dir(at);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (is_new(e->d_name) && unlinkat(at, e->d_name, 0))
			sweep_folder(at, e->d_name);
	if (dir)
		closedir(dir);
}

static const char *write_to(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");
	bool ok;

	if (!f)
		return strerrordesc_np(errno);
	ok = fwrite(data, 1, len, f) == len;
	ok = fclose(f) == 0 && ok;
	return ok ? NULL : strerrordesc_np(errno);
}

const char *folder_write_file(const char *path, const void *data, size_t len)
{
	char fresh[4096];
	struct stat st;
	const char *why;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_to(path, data, len);
	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new-%d", path, (int)getpid()) >=
	    sizeof(fresh))
		return "the name is too long";
	why = folder_put(AT_FDCWD, fresh, data, len);
	if (!why && rename(fresh, path)) {
		why = strerrordesc_np(errno);
		unlink(fresh);
	}
	return why;
}

bool folder_make_path(const char *path)
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
