/*
 * at_once.c - files of a command line, several at a time, with the output of one after the other.
 *
 * A process a file: what breaks one is told with its name and the others go on.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/panic.h"
#include "cli/cli.h"
#include "format/visible.h"

#define POLL_US 1000

struct file_job {
	pid_t child; /* 0: not started, or it has ended */
	int out, status;
	bool ended;
};

struct at_once {
	struct file_list files;
	int (*one)(const void *options, const char *file);
	const void *options;
	struct file_job *job;
	size_t started, printed, running;
};

static void start(struct at_once *a)
{
	struct file_job *job = &a->job[a->started];
	pid_t parent = getpid();

	job->out = memfd_create("output", MFD_CLOEXEC);
	must(job->out >= 0);
	fflush(NULL);
	job->child = fork();
	must(job->child >= 0);
	if (!job->child) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		setpgid(0, 0); /* a key reaches this process through its parent, once */
		if (getppid() != parent || dup2(job->out, STDOUT_FILENO) < 0)
			_exit(EXIT_INTERRUPTED);
		_exit(quit_closing_output(a->one(a->options, a->files.path[a->started])));
	}
	a->started++;
	a->running++;
}

static void take_end(struct at_once *a, pid_t child, int how)
{
	size_t i = 0;

	while (i < a->started && a->job[i].child != child)
		i++;
	if (i == a->started)
		return;
	a->job[i].child = 0;
	a->job[i].ended = true;
	a->job[i].status = WIFEXITED(how) ? WEXITSTATUS(how) : EXIT_HARNESS;
	a->running--;
	if (WIFSIGNALED(how))
		notice("%s: its process was ended by signal %d", visible(a->files.path[i]),
		       WTERMSIG(how));
}

static void interrupt_children(const struct at_once *a)
{
	for (size_t i = 0; i < a->started; i++)
		if (a->job[i].child)
			kill(a->job[i].child, SIGINT);
}

static void print_ended(struct at_once *a)
{
	for (; a->printed < a->started && a->job[a->printed].ended; a->printed++) {
		int out = a->job[a->printed].out;
		char buffer[4096];
		ssize_t n;

		for (off_t at = 0; (n = pread(out, buffer, sizeof(buffer), at)) > 0; at += n)
			fwrite(buffer, 1, (size_t)n, stdout);
		fflush(stdout);
		close(out);
	}
}

static void run(struct at_once *a, unsigned jobs)
{
	bool told = false;

	while (a->running || (a->started < a->files.nr && !interrupt_seen())) {
		pid_t child;
		int how;

		while (a->running < jobs && a->started < a->files.nr && !interrupt_seen())
			start(a);
		child = waitpid(-1, &how, WNOHANG);
		if (child > 0)
			take_end(a, child, how);
		else
			usleep(POLL_US);
		print_ended(a);
		if (interrupt_seen() && !told) {
			interrupt_children(a);
			told = true;
		}
	}
}

int cli_each_file_at_once(struct file_list files, int (*one)(const void *options, const char *file),
			  const void *options, unsigned jobs)
{
	struct at_once a = {.files = files, .one = one, .options = options};
	int worst = EXIT_CLEAN;

	if (jobs < 2 || files.nr < 2)
		return cli_each_file(files, one, options);
	interrupt_catch_key();
	a.job = calloc(files.nr, sizeof(*a.job));
	must(a.job);
	run(&a, jobs);
	for (size_t i = 0; i < a.started; i++)
		worst = a.job[i].status > worst ? a.job[i].status : worst;
	free(a.job);
	return cli_files_status(worst);
}
