/*
 * evaluate.c - what needs no run: arithmetic of expressions, and conditions about a final state.
 *
 * Arithmetic is that of the compiled kernel: overflow wraps, and so does what C leaves undefined.
 */
#include "base/panic.h"
#include "litmus/machine.h"

int litmus_compute(int operator, int a, int b)
{
	unsigned x = (unsigned)a, y = (unsigned)b;

	switch (operator) {
	case '+':
		return (int)(x + y);
	case '-':
		return (int)(x - y);
	case '*':
		return (int)(x * y);
	case '/':
		return b && !(b == -1) ? a / b : (int)(0 - (b ? x : 0));
	case '%':
		return b && b != -1 ? a % b : 0;
	case '&':
		return (int)(x & y);
	case '|':
		return (int)(x | y);
	case '^':
		return (int)(x ^ y);
	case '<':
		return a < b;
	case '>':
		return a > b;
	case OPERATOR_EQUAL:
		return a == b;
	case OPERATOR_DIFFERS:
		return a != b;
	case OPERATOR_AT_MOST:
		return a <= b;
	case OPERATOR_AT_LEAST:
		return a >= b;
	case OPERATOR_SHIFT_LEFT:
		return (int)(x << (y & 31));
	case OPERATOR_SHIFT_RIGHT:
		return a >> (y & 31);
	default:
		return 0;
	}
}

static int shown_value(const struct litmus_test *t, int thread, unsigned at,
		       const struct litmus_run *run)
{
	for (unsigned i = 0; i < t->shown_nr; i++)
		if (t->shown[i].thread == thread && t->shown[i].at == at)
			return run->shown[i];
	panic(__FILE__, __LINE__, "a condition about what is not shown");
}

bool litmus_holds(const struct litmus_test *test, uint16_t node, const struct litmus_run *run)
{
	const struct litmus_node *n = &test->node[node];

	switch (n->kind) {
	case NODE_VAR_IS:
		return shown_value(test, -1, n->a, run) == n->value;
	case NODE_REG_IS:
		return shown_value(test, n->a, n->b, run) == n->value;
	case NODE_NOT:
		return !litmus_holds(test, n->a, run);
	case NODE_AND:
		return litmus_holds(test, n->a, run) && litmus_holds(test, n->b, run);
	case NODE_OR:
		return litmus_holds(test, n->a, run) || litmus_holds(test, n->b, run);
	default:
		return true;
	}
}
