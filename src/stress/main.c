/*
 * main.c - bondfuzz-native: runs what the board says, for bondfuzz stress, which starts it.
 *
 * A process of its own, since both platforms implement the same names. It ends as a fuzzer's child
 * does: when a rule is broken the verdict is on the board and the process aborts; when a sanitizer
 * finds something, it prints its report and exits as it does. Ctrl-C is for the parent.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/quit.h"
#include "kapi/native/native.h"
#include "program/program.h"
#include "stress/board.h"
#include "stress/run.h"
#include "zoo/defect.h"

static struct stress_board *board;

static void tell(const struct verdict *v)
{
	board->verdict = *v;
}

static struct stress_board *map_board(void)
{
	void *at = mmap(NULL, sizeof(struct stress_board), PROT_READ | PROT_WRITE, MAP_SHARED,
			STRESS_BOARD_FD, 0);

	if (at == MAP_FAILED) {
		fputs("bondfuzz-native: started by bondfuzz stress, not by hand\n", stderr);
		exit(EXIT_USAGE);
	}
	return at;
}

static const struct subject *parse(struct program *ret)
{
	static const char *const strategies[] = {NULL};
	const struct descriptor *descriptors[SUBJECTS_MAX + 1] = {0};
	struct program_names names = {.subjects = descriptors, .strategies = strategies};
	struct program_error error;

	for (unsigned i = 0; subject_at(i); i++)
		descriptors[i] = subject_at(i)->descriptor;
	if (!program_parse(board->text, board->text_len, &names, ret, &error))
		panic(__FILE__, __LINE__, "a job of line %u: %s", error.line, error.message);
	return subject_find(ret->descriptor->name);
}

static _Noreturn void end_with(const struct verdict *v)
{
	tell(v);
	native_print_verdict(v);
	native_print_blocks();
	fflush(stderr);
	abort();
}

static void do_job(void)
{
	static struct program program;
	const struct subject *subject = parse(&program);

	must(subject);
	for (uint64_t i = 0; i < board->runs; i++) {
		struct verdict v;

		board->seed_now = board->seed + i;
		if (!stress_run(&program, subject, board->seed_now, board, &v))
			end_with(&v);
		board->runs_done++;
	}
}

/* The parent waits for it: without one it is gone, or another started this program. */
static void answer(char byte)
{
	if (write(STDOUT_FILENO, &byte, 1) == 1)
		return;
	fprintf(stderr, "bondfuzz-native: standard output: %s\n", strerror(errno));
	exit(EXIT_REFUSED);
}

int main(int argc, char **argv)
{
	char byte;

	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	board = map_board();
	must(defect_enable(board->defect[0] ? board->defect : NULL));
	native_on_verdict(tell);
	while (read(STDIN_FILENO, &byte, 1) == 1) {
		do_job();
		answer(byte);
	}
	return 0;
}
