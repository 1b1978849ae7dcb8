/*
 * witness.c - the sanitizer's own report of a finding, from one replay in a child process.
 *
 * Our verdict comes first and keeps the process alive; the sanitizer, which would end it, is heard as
 * a second witness. The child uses malloc and free, so that the report has both stacks.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explain/explain.h"
#include "exec/exec.h"

#define REPORT_MAX (64 * 1024)
#define FRAMES_FOLDED 5 /* of each stack: the first ones are the platform's */

static bool has_a_word(enum rule rule)
{
	return rule == RULE_dead_use || rule == RULE_double_free || rule == RULE_out_of_bounds ||
	       rule == RULE_null_deref || rule == RULE_data_race;
}

static _Noreturn void replay(struct exec *x, const struct explain_run *l, int to)
{
	struct exec_how how = *l->how;

	dup2(to, STDERR_FILENO);
	how.strength.witness = true;
	exec_run(x, &how, l->strategy, l->seed);
	_exit(0);
}

/* "    #12 0x... in f": 12; -1: the line is no frame of a stack. */
static int frame_of(const char *line)
{
	const char *at = line + strspn(line, " ");

	return at > line && *at == '#' ? atoi(at + 1) : -1;
}

/*
 * Up to the dump of shadow memory, which says nothing to a reader of kernel code. Of each stack the
 * innermost functions, unless all are wanted.
 */
static void put_report(struct text *t, char *report, bool all)
{
	char *line = report, *end;
	unsigned left = 0;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (strncmp(line, "Shadow bytes", 12) == 0)
			break;
		if (strstr(line, " (BuildId"))
			*strstr(line, " (BuildId") = '\0';
		if (!line[0] || (line[0] == '=' && !strstr(line, "ERROR:")))
			continue;
		if (all || frame_of(line) < FRAMES_FOLDED)
			text_putf(t, "  | %s\n", line[0] == '=' ? strstr(line, "ERROR:") : line);
		else
			left++;
	}
	if (left)
		text_putf(t, "  | %u more frames: --all\n", left);
}

void explain_witness(struct text *t, struct exec *x, const struct explain_run *how)
{
	static char report[REPORT_MAX];
	size_t len = 0;
	ssize_t n;
	int ends[2];
	pid_t child;

	if (!sim_sanitizer() || !has_a_word(x->trace.verdict.rule) || pipe(ends))
		return;
	fflush(NULL);
	child = fork();
	if (child == 0)
		replay(x, how, ends[1]);
	close(ends[1]);
	while (len < sizeof(report) - 1 &&
	       (n = read(ends[0], report + len, sizeof(report) - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	waitpid(child, NULL, 0);
	report[len] = '\0';
	if (!len)
		return;
	text_putf(t, "\n  report of %s, from a separate replay:\n", sim_sanitizer());
	put_report(t, report, how->all);
}
