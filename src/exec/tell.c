/*
 * tell.c - what a letter asks about the last run: the words of its ops, the roles of its lanes.
 */
#include "exec/tell.h"

#include <string.h>

void exec_op_text(void *arg, unsigned lane, unsigned number, char *ret)
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

void exec_role(void *arg, unsigned lane, char *ret)
{
	static const char *const workers[LANES] = {
		[LANE_RCU] = "RCU callbacks",
		[LANE_SRCU0] = "SRCU callbacks",
		[LANE_SRCU1] = "SRCU callbacks",
		[LANE_TIMER] = "timers",
		[LANE_WQ0] = "works",
		[LANE_WQ1] = "works",
		[LANE_WQ2] = "works",
	};
	const struct exec *x = arg;
	struct text t = text_init(ret, 64);

	if (!LANE_IS_THREAD(lane)) {
		text_puts(&t, workers[lane] ? workers[lane] : "");
		return;
	}
	for (unsigned i = 0; i < x->ops_nr[lane]; i++) {
		unsigned verb = x->program->ops[x->op_of[lane][i]].verb;
		char one[48];

		op_role(&x->program->descriptor->ops[verb], one, sizeof(one));
		if (one[0] && !strstr(ret, one))
			text_putf(&t, "%s%s", t.len ? ", " : "", one);
	}
}
