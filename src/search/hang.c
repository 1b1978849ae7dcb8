/*
 * hang.c - a hang that a busy machine made up is no finding.
 *
 * The bound is CPU time already; what is left are a debugger, a suspended machine, and code of ours
 * that takes long. A fresh process with three times the bound tells them from a loop without an end. A
 * child that is killed, or dies of anything else, shows no hang.
 */
#include "search/hang.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define TIMES_KILLED 10
#define HUNG 1

static unsigned bound_ms(const struct exec_how *how)
{
	return (how->strength.hang_ms ? how->strength.hang_ms : SIM_HANG_MS) * SIM_HANG_AGAIN;
}

static _Noreturn void repeat(struct exec *x, const struct exec_how *how,
			     const struct strategy *strategy, uint64_t seed)
{
	char where[sizeof(x->trace.verdict.where[0])];
	struct exec_how longer = *how;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, SIG_DFL);
	strcpy(where, x->trace.verdict.where[0]);
	longer.strength.hang_ms = bound_ms(how);
	longer.hang_sure = true;
	exec_run(x, &longer, strategy, seed);
	_exit(x->trace.verdict.rule == RULE_hang && !strcmp(x->trace.verdict.where[0], where) ? HUNG
											      : 0);
}

bool hang_again(struct exec *x, const struct exec_how *how, const struct strategy *strategy,
		uint64_t seed)
{
	double until = clock_seconds() + bound_ms(how) / 1000.0 * TIMES_KILLED;
	const struct timespec nap = {0, 10 * 1000 * 1000};
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		repeat(x, how, strategy, seed);
	while (child > 0 && waitpid(child, &status, WNOHANG) == 0) {
		if (clock_seconds() > until)
			kill(child, SIGKILL);
		nanosleep(&nap, NULL);
	}
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == HUNG;
}

struct exec_how hang_how(const struct exec_how *how)
{
	struct exec_how fast = *how;

	fast.strength.hang_ms = SIM_HANG_FAST_MS;
	fast.hang_sure = true;
	return fast;
}

struct exec_how hang_expected(const struct exec_how *how, const char *wanted)
{
	return rule_of(wanted) == RULE_hang ? hang_how(how) : *how;
}
