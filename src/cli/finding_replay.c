/*
 * finding_replay.c - does a kept finding still show what it showed?
 *
 * By `bondfuzz run --json` in a process of its own: that is what the line to paste does, and a
 * program that nobody vouches for can do no more than end that process.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/gather.h"
#include "cli/json.h"
#include "zoo/defect.h"

#define REPLAY_SECONDS 60
#define ARGUMENTS_MAX 32

const char *replay_state_name(enum replay_state s)
{
	static const char *const names[REPLAY_STATES] = {"", "holds", "stale", "lost", "skipped"};

	return names[s];
}

static bool has_defect(const char *name)
{
	bool known = !name[0] || defect_enable(name);

	defect_enable(NULL);
	return known;
}

static _Noreturn void become_run(const struct kept_finding *k, int to)
{
	static char words[sizeof(k->f.options)];
	char *argument[ARGUMENTS_MAX] = {(char *)"bondfuzz", (char *)"run", (char *)"--json"};
	unsigned nr = 3;
	char *rest = words;

	strcpy(words, k->f.options);
	for (char *word; nr < ARGUMENTS_MAX - 5 && (word = strsep(&rest, " "));)
		if (word[0])
			argument[nr++] = word;
	if (k->f.defect[0]) {
		argument[nr++] = (char *)"--defect";
		argument[nr++] = (char *)k->f.defect;
	}
	argument[nr++] = (char *)"--";
	argument[nr++] = k->program;
	dup2(to, STDOUT_FILENO);
	execv("/proc/self/exe", argument);
	_exit(127);
}

/* Returns: false when it did not end in time. */
static bool read_answer(int from, char *ret, size_t cap)
{
	double end = cli_seconds() + REPLAY_SECONDS;
	struct pollfd p = {.fd = from, .events = POLLIN};
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < cap - 1) {
		double left = end - cli_seconds();

		if (left <= 0 || poll(&p, 1, (int)(left * 1000) + 1) <= 0)
			return false;
		n = read(from, ret + len, cap - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	ret[len] = '\0';
	return true;
}

static void judge(struct kept_finding *k, const char *answer)
{
	char why[128];
	json_t *row = json_parse(answer, strlen(answer), why, sizeof(why));
	struct json_reader r = {.object = row};
	uint64_t stale;

	k->state = REPLAY_LOST;
	if (!row) {
		snprintf(k->now, sizeof(k->now), "no answer");
		return;
	}
	json_get_text(&r, "signature", k->now, sizeof(k->now), true);
	stale = json_get_count(&r, "stale", DEVIATIONS_MAX);
	if (strcmp(k->now, k->f.signature) == 0)
		k->state = REPLAY_HOLDS;
	else if (stale)
		k->state = REPLAY_STALE;
	if (!k->now[0])
		strcpy(k->now, "clean");
	json_decref(row);
}

void replay_finding(struct kept_finding *k)
{
	static char answer[64 * 1024];
	int ends[2], status;
	bool in_time;
	pid_t child;

	k->state = REPLAY_SKIPPED;
	if (!k->program || k->f.native || !subject_find(k->f.subject) || !has_defect(k->f.defect) ||
	    pipe(ends))
		return;
	fflush(NULL);
	child = fork();
	if (child == 0)
		become_run(k, ends[1]);
	close(ends[1]);
	in_time = child > 0 && read_answer(ends[0], answer, sizeof(answer));
	close(ends[0]);
	if (child <= 0)
		return;
	if (!in_time)
		kill(child, SIGKILL);
	waitpid(child, &status, 0);
	judge(k, in_time ? answer : "");
}
