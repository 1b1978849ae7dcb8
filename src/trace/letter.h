/*
 * letter.h - a finding as a reviewer would write it: one column a thread, one line an event.
 */
#ifndef TRACE_LETTER_H
#define TRACE_LETTER_H

#include "base/text.h"
#include "trace/trace.h"

struct letter {
	const struct trace *trace;
	const char *sentence; /* of the rule */
	const char *replay;   /* the line to paste */
	bool colour;
	unsigned width; /* of the terminal, in columns */
	/* The words of op @number of @lane: "mm_exit mm0". Written to @ret (at least 96 bytes). */
	void (*op_text)(void *arg, unsigned lane, unsigned number, char *ret);
	/* Type and name of an object, at least 32 bytes each. */
	void (*describe)(uint32_t object, char *type, char *name);
	void *arg;
};

/**
 * letter_print() - write the letter
 *
 * Shows what matters for the verdict: ops and their results, what was done to the object of the
 * verdict and to the locks that threads fought over, everything next to a change of thread, and an
 * arrow at the line that breaks the rule.
 */
void letter_print(struct text *t, const struct letter *l);

#endif
