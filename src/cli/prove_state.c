/*
 * prove_state.c - the memory of a proof: one word a program, and the findings.
 *
 * Mapped and shared, so that workers write it as they go; with a file, it is the file. A word is
 * written once and whole: however a proof ends, what is in its file was done, and the next one goes on
 * from there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "cli/prove.h"

static int open_file(const char *path, size_t bytes)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		quit_file(path, "");
	if (st.st_size && (size_t)st.st_size != bytes)
		quit_usage("%s: not a state file, or of another proof", path);
	if (ftruncate(fd, (off_t)bytes))
		quit_file(path, "");
	return fd;
}

struct prove_state *prove_state(const char *path, const char *scope, uint32_t programs_nr)
{
	size_t bytes = sizeof(struct prove_state) + programs_nr * sizeof(uint64_t);
	int fd = path ? open_file(path, bytes) : -1;
	struct prove_state *s = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				     path ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS, fd, 0);

	must(s != MAP_FAILED && strlen(scope) < sizeof(s->scope));
	if (fd >= 0)
		close(fd);
	if (s->scope[0] && (strncmp(s->scope, scope, sizeof(s->scope)) != 0 ||
			    s->programs_nr != programs_nr || s->findings_nr > PROVE_FINDINGS_MAX))
		quit_usage("%s: the state file of another proof: %.200s", path, s->scope);
	s->programs_nr = programs_nr;
	s->stop = s->running = 0;
	strcpy(s->scope, scope);
	return s;
}

struct prove_totals prove_totals(const struct prove_state *s)
{
	struct prove_totals t = {0};

	for (uint32_t i = 0; i < s->programs_nr; i++) {
		uint64_t word = __atomic_load_n(&s->done[i], __ATOMIC_RELAXED);

		t.programs += word != 0;
		t.broken += (word & PROVE_BROKEN) != 0;
		t.schedules += word & ~PROVE_BROKEN;
	}
	return t;
}
