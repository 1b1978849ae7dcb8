/*
 * finding.c - a finding as engines hear of it: the process ends, with the letter on stderr.
 *
 * The run is written down and made small first, so that what is printed can be read and kept, whatever
 * the input was. Then it is repeated with dead memory left to the sanitizer: its report, where it has
 * one, ends the process with the stacks by which engines tell one bug from another. Else abort()
 * does.
 */
#include "fuzz/target.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "search/blame.h"
#include "search/minimize.h"
#include "exec/tell.h"
#include "trace/rule.h"
#include "letter/letter.h"
#include "zoo/defect.h"

#define MINIMIZE_REPLAYS 2000
#define KNOWN_MAX (64 * 1024)
#define LETTER_MAX (256 * 1024)

static struct {
	const char *file; /* BONDFUZZ_KNOWN, or NULL */
	off_t size;	  /* of it, when it was read */
	char text[KNOWN_MAX];
} known;

/* ---- what counts ---- */

static _Noreturn void usage(const char *variable, const char *value)
{
	fprintf(stderr, "bondfuzz: %s=%s means nothing here\n", variable, value);
	_exit(2); /* libFuzzer takes exit() for a crash */
}

static bool is_verdict(const char *wanted)
{
	return strcmp(wanted, "any") == 0 || rule_of(wanted);
}

/* Whole lines only: "leak:hmm" is not known because "leak:hmm_mirror" is. */
static bool is_known(const struct verdict *v)
{
	char signature[160];
	size_t n;

	verdict_signature(v, signature, sizeof(signature));
	n = strlen(signature);
	for (const char *at = known.text; (at = strstr(at, signature)); at += n)
		if ((at == known.text || at[-1] == '\n') && at[n] == '\n')
			return true;
	return false;
}

void finding_refresh(void)
{
	struct stat now;
	ssize_t n;
	int fd;

	if (!known.file || stat(known.file, &now) || now.st_size == known.size)
		return;
	fd = open(known.file, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, known.text, sizeof(known.text) - 1);
	if (fd >= 0)
		close(fd);
	known.text[n < 0 ? 0 : n] = '\0';
	known.size = now.st_size;
}

void finding_init(struct exec_how *how)
{
	const char *until = getenv("BONDFUZZ_UNTIL"), *defect = getenv("BONDFUZZ_DEFECT");

	if (until && !is_verdict(until))
		usage("BONDFUZZ_UNTIL", until);
	if (defect && !defect_enable(defect))
		usage("BONDFUZZ_DEFECT", defect);
	known.file = getenv("BONDFUZZ_KNOWN");
	how->until = until;
	how->is_known = known.file ? is_known : NULL;
}

static bool counts(const struct exec *x, const struct exec_how *how)
{
	const struct verdict *v = &x->trace.verdict;

	if (!v->rule || (how->until && !verdict_matches(v, how->until)))
		return false;
	return !known.file || !is_known(v);
}

/* One write, so that processes that share the file do not mix their lines. */
static void remember(const char *signature)
{
	char line[192];
	int n = snprintf(line, sizeof(line), "%s\n", signature), fd;

	if (!known.file)
		return;
	fd = open(known.file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0 || write(fd, line, (size_t)n) != n)
		fprintf(stderr, "bondfuzz: %s: cannot be written\n", known.file);
	if (fd >= 0)
		close(fd);
}

/* ---- telling ---- */

static void print_letter(struct exec *x, const struct exec_how *how,
			 const struct strategy *strategy, uint64_t seed)
{
	static char data[LETTER_MAX];
	struct text t = text_init(data, sizeof(data));
	const struct rule_row *rule = rule_row(x->trace.verdict.rule);
	struct letter letter = {.trace = &x->trace,
				.sentence = rule ? rule->sentence : "",
				.replay = "bondfuzz run FILE, with the program above in it",
				.width = LETTER_WIDTH,
				.lines_max = LETTER_LINES,
				.pivot = exec_pivot(x, how, strategy, seed),
				.op_text = exec_op_text,
				.role = exec_role,
				.describe = sim_describe,
				.arg = x};

	letter_print(&t, &letter);
	fputs(data, stderr);
}

static void print_program(const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(p, &t);
	fprintf(stderr, "\n----- program -----\n%s----- end -----\n\n", data);
}

/* What the run is called stays as it was found: a smaller one may meet it elsewhere. */
static _Noreturn void tell(struct exec *x, struct exec_how how, const struct strategy *strategy,
			   uint64_t seed)
{
	static struct program readable;
	char signature[160];

	verdict_signature(&x->trace.verdict, signature, sizeof(signature));
	remember(signature);
	fprintf(stderr, "\nfinding: %s\n", signature);
	if (exec_record(x, &how, strategy, seed, &readable)) {
		exec_minimize(x, &how, &readable, MINIMIZE_REPLAYS);
		strategy = NULL; /* its own schedule */
		seed = 0;
	} else {
		exec_run(x, &how, strategy, seed);
	}
	print_program(&readable);
	print_letter(x, &how, strategy, seed);
	fflush(stderr);
	how.strength.witness = sim_sanitizer() != NULL;
	if (how.strength.witness)
		exec_run(x, &how, strategy, seed);
	abort();
}

void finding_look(struct exec *x, const struct exec_how *how, const struct program *program,
		  const struct strategy *strategy, uint64_t seed)
{
	if (!counts(x, how))
		return;
	must(x->program == program);
	tell(x, *how, strategy, seed);
}
