/*
 * known.c - see known.h. A line of the file is written by one write(), so that processes that share it do
 * not mix their lines; it is untrusted when it is read: lines that are no signature are skipped.
 */
#include "pipeline/known.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void known_add(struct known *k, const char *signature, unsigned finding)
{
	struct known_row *row = &k->row[k->nr % KNOWN_MAX];

	row->finding = finding;
	snprintf(row->signature, sizeof(row->signature), "%s", signature);
	__atomic_store_n(&k->nr, k->nr + 1, __ATOMIC_RELEASE); /* others may be reading */
}

const struct known_row *known_next(const struct known *k, const char *signature, unsigned *at)
{
	while (*at < k->nr && *at < KNOWN_MAX) {
		const struct known_row *row = &k->row[(*at)++];

		if (strcmp(row->signature, signature) == 0)
			return row;
	}
	return NULL;
}

/* ---- the file ---- */

static struct {
	const char *path;
	off_t size; /* of the file, when it was read */
	struct known known;
} file;

void known_file_open(const char *path)
{
	file.path = path;
	known_file_refresh();
}

/* Whole lines only: the last one may be half of another process's. */
static void read_lines(FILE *f)
{
	char line[SIGNATURE_MAX + 1];

	file.known.nr = 0;
	while (fgets(line, sizeof(line), f)) {
		char *end = strchr(line, '\n');
		int c = 0;

		if (end && end > line) {
			*end = '\0';
			known_add(&file.known, line, 0);
		}
		while (!end && c != '\n' && (c = getc(f)) != EOF)
			; /* too long: no signature */
	}
}

void known_file_refresh(void)
{
	struct stat now;
	FILE *f;

	if (!file.path || stat(file.path, &now) || !S_ISREG(now.st_mode) ||
	    now.st_size == file.size)
		return;
	f = fopen(file.path, "re");
	if (!f)
		return;
	read_lines(f);
	fclose(f);
	file.size = now.st_size;
}

bool known_file_has(const struct verdict *v)
{
	char signature[SIGNATURE_MAX];
	unsigned at = 0;

	verdict_signature(v, signature, sizeof(signature));
	return known_next(&file.known, signature, &at) != NULL;
}

bool known_file_add(const struct verdict *v)
{
	char signature[SIGNATURE_MAX], line[SIGNATURE_MAX + 1];
	int n, fd;
	bool ok;

	if (!file.path)
		return true;
	verdict_signature(v, signature, sizeof(signature));
	n = snprintf(line, sizeof(line), "%s\n", signature);
	fd = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	ok = fd >= 0 && write(fd, line, (size_t)n) == n;
	if (fd >= 0)
		close(fd);
	return ok;
}
