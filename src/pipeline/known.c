/*
 * known.c - see known.h. A line is written by one write(), so that processes that share the file do not
 * mix their lines.
 */
#include "pipeline/known.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KNOWN_MAX (64 * 1024)

static struct {
	const char *path;
	off_t size; /* of the file, when it was read */
	char text[KNOWN_MAX];
} known;

void known_open(const char *path)
{
	known.path = path;
	known_refresh();
}

void known_refresh(void)
{
	struct stat now;
	ssize_t n;
	int fd;

	if (!known.path || stat(known.path, &now) || now.st_size == known.size)
		return;
	fd = open(known.path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, known.text, sizeof(known.text) - 1);
	if (fd >= 0)
		close(fd);
	known.text[n < 0 ? 0 : n] = '\0';
	known.size = now.st_size;
}

/* Whole lines only: "leak:hmm" is not known because "leak:hmm_mirror" is. */
bool known_has(const struct verdict *v)
{
	char signature[SIGNATURE_MAX];
	size_t n;

	verdict_signature(v, signature, sizeof(signature));
	n = strlen(signature);
	for (const char *at = known.text; (at = strstr(at, signature)); at += n)
		if ((at == known.text || at[-1] == '\n') && at[n] == '\n')
			return true;
	return false;
}

bool known_add(const struct verdict *v)
{
	char signature[SIGNATURE_MAX], line[SIGNATURE_MAX + 1];
	int n, fd;
	bool ok;

	if (!known.path)
		return true;
	verdict_signature(v, signature, sizeof(signature));
	n = snprintf(line, sizeof(line), "%s\n", signature);
	fd = open(known.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	ok = fd >= 0 && write(fd, line, (size_t)n) == n;
	if (fd >= 0)
		close(fd);
	return ok;
}
