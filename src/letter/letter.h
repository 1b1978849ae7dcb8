/*
 * letter.h - a finding as a reviewer would write it: one column a thread, one line an event.
 *
 * A letter is a page (letter_page.h) of lines that were chosen by their rank, printed as text, as
 * Markdown or as HTML. What it says of programs, objects and roles it asks its caller.
 */
#ifndef LETTER_LETTER_H
#define LETTER_LETTER_H

#include "base/text.h"
#include "trace/trace.h"

#define LETTER_LINES 30	 /* what a reviewer reads in one go */
#define LETTER_WORDS 128 /* bytes of a line's own words, NUL included */
#define LETTER_WIDTH 100 /* columns where no terminal says otherwise */
#define LETTER_WIDTH_MIN 72

/* A plain access, which is no event of the trace. */
struct letter_access {
	uint32_t event; /* it came before this event; the trace's number of events: at its end */
	uint8_t lane;
	bool write;
	const char *func; /* NULL: there is none */
};

struct letter {
	const struct trace *trace;
	struct letter_access race[2]; /* of a data race: the earlier and the later */
	const char *sentence;	      /* of the rule */
	const char *replay;	      /* the line to paste; NULL: none */
	const char *program; /* its text, for those who get the letter alone; NULL: left out */
	bool colour;
	unsigned width;	    /* of the page, in columns */
	unsigned lines_max; /* of the letter, LETTER_LINES; 0: everything that happened is told */
	uint32_t pivot;	    /* the step that made it inevitable; 0: not known */
	unsigned continuations; /* that were tried from there, and all failed */
	/* The words of op @number of @lane: "mm_exit mm0". Written to @ret (at least 96 bytes). */
	void (*op_text)(void *arg, unsigned lane, unsigned number, char *ret);
	/* What @lane is in the story: "file close"; at least 64 bytes, "" if nobody knows. */
	void (*role)(void *arg, unsigned lane, char *ret);
	/* Type and name of an object, at least 32 bytes each. */
	void (*describe)(uint32_t object, char *type, char *name);
	void *arg;
};

/**
 * letter_print() - write the letter as text
 *
 * Shows what matters for the verdict, as much of it as fits on lines_max lines: the ops and their
 * results, what was done to the object of the verdict, what orders that, who waits for whom, an
 * arrow at the line that breaks the rule; then the history of the object, and the line to replay.
 */
void letter_print(struct text *t, const struct letter *l);

/** letter_markdown() - the same for a mail or a bug tracker, no wider than LETTER_WIDTH */
void letter_markdown(struct text *t, const struct letter *l);

/**
 * letter_html() - the same as a fragment of HTML that needs nothing else: a timeline in SVG, and
 * the text beneath
 */
void letter_html(struct text *t, const struct letter *l);

/** letter_dark - rules of CSS with which such fragments are dark where the reader wants it so */
extern const char letter_dark[];

/** letter_escape() - text as HTML shows it */
void letter_escape(struct text *t, const char *words);

/** letter_event() - the words of event @index, without column and function; LETTER_WORDS bytes */
void letter_event(const struct letter *l, uint32_t index, char *ret);

/**
 * letter_tells() - does event @index stand in the letter?
 *
 * To be asked for every event in turn, from 0: then the page is laid out.
 */
bool letter_tells(const struct letter *l, uint32_t index);

/** trace_step() - the number of a step: of visible operations up to event @index; from 1 */
uint32_t trace_step(const struct trace *t, uint32_t index);

/** trace_event_of_step() - its inverse: the index of an event, or -1 */
int trace_event_of_step(const struct trace *t, uint32_t step);

#endif
