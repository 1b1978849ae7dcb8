/*
 * replay.c - does a kept finding still show what it showed, and how does that look?
 *
 * By `bondfuzz run` in a process of its own: that is what the line to paste does, and a program
 * that nobody vouches for can do no more than end that process. What it answers is bounded, too.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "campaign/gather.h"
#include "format/json.h"
#include "zoo/defect.h"
#include "base/clock.h"

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

/* @how: one option of run, which says in what form the answer is wanted */
static _Noreturn void become_run(const struct kept_finding *k, const char *how, int to)
{
	static char words[sizeof(k->f.options)];
	char *argument[ARGUMENTS_MAX] = {(char *)"bondfuzz", (char *)"run", (char *)how};
	unsigned nr = 3;
	char *rest = words;
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

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
	dup2(nowhere, STDERR_FILENO);
	execv("/proc/self/exe", argument);
	_exit(127);
}

/* Returns: false when it did not end in time. */
static bool read_answer(int from, double seconds, char *ret, size_t cap)
{
	double end = clock_seconds() + seconds;
	struct pollfd p = {.fd = from, .events = POLLIN};
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < cap - 1) {
		double left = end - clock_seconds();

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

/* Returns: false when nothing was asked; an answer that does not come in time is "". */
static bool ask(const struct kept_finding *k, const char *how, double seconds, char *ret,
		size_t cap)
{
	int ends[2], status;
	pid_t child;

	if (!k->program || k->f.native || !subject_find(k->f.subject) || !has_defect(k->f.defect) ||
	    pipe(ends))
		return false;
	fflush(NULL);
	child = fork();
	if (child == 0)
		become_run(k, how, ends[1]);
	close(ends[1]);
	if (child > 0 && !read_answer(ends[0], seconds, ret, cap)) {
		ret[0] = '\0';
		kill(child, SIGKILL);
	}
	close(ends[0]);
	if (child > 0)
		waitpid(child, &status, 0);
	return child > 0;
}

void replay_finding(struct kept_finding *k)
{
	static char answer[64 * 1024];

	k->state = REPLAY_SKIPPED;
	if (ask(k, "--json", REPLAY_SECONDS, answer, sizeof(answer)))
		judge(k, answer);
}

/* Only what letter_html() writes, and nothing that could leave its place on a page. */
static bool is_plain_html(const char *at)
{
	static const char *const elements[] = {"section", "h3",	     "p",    "div",  "svg",
					       "rect",	  "line",    "path", "text", "circle",
					       "details", "summary", "pre",  "wbr"};
	unsigned i;

	while ((at = strchr(at, '<'))) {
		size_t len =
			strspn(at += at[1] == '/' ? 2 : 1, "abcdefghijklmnopqrstuvwxyz0123456789");

		for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
			if (strlen(elements[i]) == len && strncmp(elements[i], at, len) == 0)
				break;
		if (i == sizeof(elements) / sizeof(elements[0]))
			return false;
	}
	return true;
}

char *replay_letter(const struct kept_finding *k, double seconds)
{
	static const char begins[] = "<section class=\"letter\"", ends[] = "</section>\n";
	static char answer[LETTER_HTML_MAX];
	char title[128], *from, *to;
	bool named;

	if (seconds <= 0 || !ask(k, "--format=html", seconds, answer, sizeof(answer)))
		return NULL;
	named = k->f.object[0] && strcmp(k->f.object, "none") != 0;
	snprintf(title, sizeof(title), "<h3>%s%s%s</h3>", k->f.verdict, named ? ": " : "",
		 named ? k->f.object : "");
	from = strstr(answer, begins);
	to = from ? strstr(from, ends) : NULL;
	if (!to)
		return NULL;
	to[sizeof(ends) - 1] = '\0';
	return strstr(from, title) && is_plain_html(from) ? strdup(from) : NULL;
}
