/*
 * stress_child.c - the process with the real threads: started, given jobs, watched, and heard when it
 * dies.
 *
 * It is another program, beside this one, with "-native" behind its name. It may die of anything at any time, so
 * nothing that matters is kept in it: the job and the counts are in shared memory, and what it and
 * its sanitizer say goes to a file without a name, which is read after its death. A child that shows
 * no run for long hangs: its threads wait for each other.
 */
#include "campaign/stress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/site.h"
#include "base/why.h"
#include "base/clock.h"
#include "base/interrupt.h"

#define POLL_MS 200

static char program_path[4096];

static bool find_program(struct why *why)
{
	ssize_t n;

	if (site_has_tree())
		return why_usage(why, "code of a kernel tree runs on the simulator alone");
	n = readlink("/proc/self/exe", program_path, sizeof(program_path) - 32);

	must(n > 0);
	strcpy(program_path + n, "-native");
	if (access(program_path, X_OK))
		return why_usage(why, "%s: %s; it is built and installed beside this program",
				 program_path, strerror(errno));
	return true;
}

bool stress_child_open(struct stress_child *c, const struct stress_options *o, struct why *why)
{
	if (!find_program(why))
		return false;
	c->options = o;
	c->board_fd = memfd_create("bondfuzz board", MFD_CLOEXEC);
	c->log_fd = memfd_create("bondfuzz report", MFD_CLOEXEC);
	must(c->board_fd >= 0 && c->log_fd >= 0);
	must(!ftruncate(c->board_fd, sizeof(*c->board)));
	c->board =
		mmap(NULL, sizeof(*c->board), PROT_READ | PROT_WRITE, MAP_SHARED, c->board_fd, 0);
	must(c->board != MAP_FAILED);
	if (o->defect)
		snprintf(c->board->defect, sizeof(c->board->defect), "%s", o->defect);
	signal(SIGPIPE, SIG_IGN);
	return true;
}

/* ---- its life ---- */

/* A race ends the run that shows it: then it is known which. What the user has set still counts. */
static void set_options(void)
{
	const char *own = getenv("TSAN_OPTIONS");
	char options[4096];

	snprintf(options, sizeof(options), "halt_on_error=1:%s", own ? own : "");
	setenv("TSAN_OPTIONS", options, 1);
}

static _Noreturn void become_child(struct stress_child *c, const int to[2], const int from[2])
{
	char *argv[] = {"bondfuzz-native", NULL};

	dup2(to[0], STDIN_FILENO);
	dup2(from[1], STDOUT_FILENO);
	dup2(c->log_fd, STDERR_FILENO);
	if (c->board_fd == STRESS_BOARD_FD)
		fcntl(STRESS_BOARD_FD, F_SETFD, 0);
	else
		dup2(c->board_fd, STRESS_BOARD_FD);
	set_options();
	execv(program_path, argv);
	_exit(127);
}

static void start(struct stress_child *c)
{
	int to[2], from[2];

	must(!ftruncate(c->log_fd, 0) && !lseek(c->log_fd, 0, SEEK_SET));
	must(!pipe2(to, O_CLOEXEC) && !pipe2(from, O_CLOEXEC));
	c->board->verdict.rule = RULE_NONE;
	fflush(NULL);
	c->pid = fork();
	must(c->pid >= 0);
	if (!c->pid)
		become_child(c, to, from);
	close(to[0]);
	close(from[1]);
	c->to = to[1];
	c->from = from[0];
}

static int reap(struct stress_child *c)
{
	int status;

	while (waitpid(c->pid, &status, 0) < 0)
		must(errno == EINTR);
	close(c->to);
	close(c->from);
	c->pid = 0;
	return status;
}

void stress_child_close(struct stress_child *c)
{
	if (!c->pid)
		return;
	kill(c->pid, SIGKILL);
	reap(c);
}

/* ---- what it died of ---- */

static void read_log(struct stress_child *c)
{
	ssize_t n = pread(c->log_fd, c->report, sizeof(c->report) - 1, 0);

	c->report[n > 0 ? n : 0] = '\0';
}

static void set_rule(struct verdict *v, enum rule rule)
{
	*v = (struct verdict){.rule = rule, .type = "none", .object = "none", .event = {-1, -1}};
}

static void judge_signal(struct stress_child *c, int signal_nr)
{
	set_rule(&c->verdict, RULE_wild_access);
	snprintf(c->verdict.text, sizeof(c->verdict.text), "signal %d: %s", signal_nr,
		 strsignal(signal_nr));
}

static void judge_death(struct stress_child *c, int status)
{
	read_log(c);
	if (c->board->verdict.rule)
		c->verdict = c->board->verdict;
	else if (stress_read_report(c->report, &c->verdict))
		;
	else if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV ||
					 WTERMSIG(status) == SIGBUS || WTERMSIG(status) == SIGABRT))
		judge_signal(c, WTERMSIG(status));
	else {
		notice("%s", c->report);
		panic(__FILE__, __LINE__, "bondfuzz-native ended with status %d", status);
	}
}

static enum stress_end end_stuck(struct stress_child *c)
{
	stress_child_close(c);
	read_log(c);
	set_rule(&c->verdict, RULE_deadlock);
	snprintf(c->verdict.text, sizeof(c->verdict.text), "no run ended in %llu s",
		 (unsigned long long)c->options->stuck);
	return STRESS_FOUND;
}

/* ---- a job ---- */

static void write_job(struct stress_child *c, const struct program *p, uint64_t seed, uint64_t runs)
{
	static struct program plain;
	struct text t = text_init(c->board->text, sizeof(c->board->text));

	plain = *p;
	plain.scheduled = false;
	plain.deviations_nr = plain.expects_nr = 0;
	plain.strategy = plain.comment = 0;
	program_print(&plain, &t);
	must(!t.full);
	c->board->text_len = (uint32_t)t.len;
	c->board->seed = c->board->seed_now = seed;
	c->board->runs = runs;
}

static bool is_over(const struct stress_child *c)
{
	return interrupt_seen() || (c->until > 0 && clock_seconds() >= c->until);
}

static enum stress_end wait_for(struct stress_child *c)
{
	struct pollfd poll_fd = {.fd = c->from, .events = POLLIN};
	uint64_t seen = c->board->runs_done;
	double moved = clock_seconds();
	char byte;

	while (poll(&poll_fd, 1, POLL_MS) <= 0) {
		c->progress();
		if (is_over(c)) {
			stress_child_close(c);
			return STRESS_STOPPED;
		}
		if (c->board->runs_done != seen) {
			seen = c->board->runs_done;
			moved = clock_seconds();
		} else if (clock_seconds() - moved > (double)c->options->stuck) {
			return end_stuck(c);
		}
	}
	if (read(c->from, &byte, 1) == 1)
		return STRESS_DONE;
	judge_death(c, reap(c));
	return STRESS_FOUND;
}

enum stress_end stress_child_run(struct stress_child *c, const struct program *p, uint64_t seed,
				 uint64_t runs)
{
	char byte = 'r';

	if (is_over(c))
		return STRESS_STOPPED;
	if (!c->pid)
		start(c);
	write_job(c, p, seed, runs);
	if (write(c->to, &byte, 1) != 1) {
		judge_death(c, reap(c));
		return STRESS_FOUND;
	}
	return wait_for(c);
}
