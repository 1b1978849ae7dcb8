/*
 * stress_report.c - a sanitizer's report as a verdict, so that what real threads show has the same
 * names as what the simulator shows.
 *
 * Read are the line that says what it is, and the first function of ours in each of the two stacks.
 * Left out: the object's type, which no sanitizer knows.
 */
#include "campaign/stress.h"

#include <string.h>

static const struct {
	const char *words;
	enum rule rule;
} kinds[] = {
	{"ThreadSanitizer: data race", RULE_data_race},
	{"ThreadSanitizer: heap-use-after-free", RULE_dead_use},
	{"ThreadSanitizer: destroy of a locked mutex", RULE_lock_freed},
	{"ThreadSanitizer: unlock of an unlocked mutex", RULE_lock_misuse},
	{"ThreadSanitizer: double lock of a mutex", RULE_lock_misuse},
	{"AddressSanitizer: heap-use-after-free", RULE_dead_use},
	{"AddressSanitizer: attempting double-free", RULE_double_free},
	{"AddressSanitizer: attempting free on address", RULE_bad_free},
	{"AddressSanitizer: heap-buffer-overflow", RULE_out_of_bounds},
	{"int: address points to the zero page", RULE_null_deref},
	{"Sanitizer: SEGV", RULE_wild_access},
	{"Sanitizer: BUS", RULE_wild_access},
	{"runtime error:", RULE_bug},
	{"free(): double free", RULE_double_free},
};

/* Of the platform, the sanitizer and libc; who called them is meant. */
static bool is_ours(const char *function, const char *line)
{
	static const char *const others[] = {"free",	 "malloc", "calloc", "__",
					     "pthread_", "memcpy", "memset"};
	const char *platform = strstr(line, "/kapi/native/");

	if (platform && platform < strchrnul(line, '\n'))
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(function, others[i], strlen(others[i])) == 0)
			return false;
	return true;
}

/* "    #1 hmm_put /path/hmm.c:35:2 (bondfuzz-native+0x1)" and "    #1 0x5 in hmm_put /path" */
static bool read_frame(const char *line, unsigned *ret_nr, char *ret, size_t cap)
{
	const char *at = line + strspn(line, " ");
	const char *in;
	size_t len;

	if (sscanf(at, "#%u ", ret_nr) != 1)
		return false;
	at += strcspn(at, " ");
	at += strspn(at, " ");
	in = strncmp(at, "0x", 2) ? NULL : strstr(at, " in ");
	at = in ? in + 4 : at;
	len = strcspn(at, " \n");
	snprintf(ret, cap, "%.*s", (int)len, at);
	return true;
}

/* Returns: behind the stack. @ret: its first function of ours, or "". */
static const char *read_stack(const char *at, char *ret, size_t cap)
{
	unsigned nr, frames = 0;
	char function[64];

	for (ret[0] = '\0'; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		if (!read_frame(at, &nr, function, sizeof(function))) {
			if (frames)
				break;
			continue;
		}
		frames++;
		if (!ret[0] && is_ours(function, at))
			snprintf(ret, cap, "%.*s", (int)cap - 1, function);
	}
	return at;
}

/* The other access, or where it was freed before. Of other reports the next stack is about threads. */
static bool has_two_stacks(enum rule rule)
{
	return rule == RULE_data_race || rule == RULE_dead_use || rule == RULE_double_free;
}

static void sort_functions(struct verdict *v)
{
	char first[sizeof(v->where[0])];

	if (strcmp(v->where[0], v->where[1]) <= 0)
		return;
	memcpy(first, v->where[0], sizeof(first));
	memcpy(v->where[0], v->where[1], sizeof(first));
	memcpy(v->where[1], first, sizeof(first));
}

bool stress_read_report(const char *report, struct verdict *ret)
{
	const char *at = NULL;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !at; i++)
		at = strstr(report, kinds[i].words);
	if (!at)
		return false;
	*ret = (struct verdict){
		.rule = kinds[i - 1].rule, .type = "none", .object = "none", .event = {-1, -1}};
	at = strstr(report, "#0 ") ? report : at;
	at = read_stack(at, ret->where[0], sizeof(ret->where[0]));
	if (at && has_two_stacks(ret->rule))
		read_stack(at, ret->where[1], sizeof(ret->where[1]));
	if (ret->rule == RULE_data_race)
		sort_functions(ret);
	return true;
}
