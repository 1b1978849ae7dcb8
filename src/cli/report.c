/*
 * report.c - how the last run is told: a letter for people, an object for scripts.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/cli.h"
#include "model/rule.h"
#include "trace/letter.h"

#define LETTER_MAX (256 * 1024)

/* The words of an op as its program prints it, without the lane. */
static void op_text(void *arg, unsigned lane, unsigned number, char *ret)
{
	const struct exec *x = arg;
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));
	const char *line;
	size_t n;

	strcpy(ret, lane == LANE_MAIN ? "everything is closed" : "?");
	if (!number || number > x->ops_nr[lane])
		return;
	program_print_op(x->program, x->op_of[lane][number - 1], &t);
	line = t.data;
	if (lane != LANE_MAIN && strchr(line, ' '))
		line = strchr(line, ' ') + 1;
	n = strcspn(line, "\n");
	if (n > 95)
		n = 95;
	memcpy(ret, line, n);
	ret[n] = '\0';
}

static unsigned terminal_width(FILE *f)
{
	struct winsize size;

	if (ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return 100;
}

void cli_print_letter(FILE *f, struct exec *x, const char *replay)
{
	static char data[LETTER_MAX];
	struct text t = text_init(data, sizeof(data));
	const struct rule *rule = rule_find(x->trace.verdict.rule);
	struct letter letter = {.trace = &x->trace,
				.sentence = rule ? rule->sentence : "",
				.replay = replay,
				.colour = cli_colour(f),
				.width = terminal_width(f),
				.op_text = op_text,
				.describe = sim_describe,
				.arg = x};

	letter_print(&t, &letter);
	fputs(t.data, f);
}

void cli_verdict_json(json_t *row, const struct exec *x)
{
	const struct verdict *v = &x->trace.verdict;
	char signature[160], hash[20];

	verdict_signature(v, signature, sizeof(signature));
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)trace_hash(&x->trace));
	json_object_set_new(row, "verdict", json_string(v->rule[0] ? v->rule : "clean"));
	json_object_set_new(row, "object", v->rule[0] ? json_string(v->object) : json_null());
	json_object_set_new(row, "signature", v->rule[0] ? json_string(signature) : json_null());
	json_object_set_new(row, "trace_hash", json_string(hash));
	json_object_set_new(row, "steps", json_integer(x->trace.steps));
}

json_t *cli_json_text(const char *text)
{
	json_t *json = json_string(text);
	char *copy = json ? NULL : strdup(text);

	for (char *c = copy; c && *c; c++)
		if (*c & 0x80)
			*c = '?';
	if (copy)
		json = json_string(copy);
	free(copy);
	return json;
}

void cli_put_json(json_t *row)
{
	char *line = json_dumps(row, JSON_COMPACT | JSON_PRESERVE_ORDER);

	puts(line ? line : "{}");
	fflush(stdout);
	free(line);
	json_decref(row);
}
