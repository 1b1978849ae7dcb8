/*
 * letter_page.h - what the parts of the letter share; for src/trace/letter*.c only.
 *
 *   letter_rank.c    which events matter most
 *   letter_words.c   the words of one event
 *   letter_page.c    from events to lines: columns, joined lines, as many as fit
 *   letter_wait.c    who waits for whom, and what spins
 *   letter_story.c   the history of the object that the verdict is about
 *   letter.c         as text and as Markdown
 *   letter_html.c    as a timeline
 */
#ifndef LETTER_LETTER_PAGE_H
#define LETTER_LETTER_PAGE_H

#include "base/limits.h"
#include "letter/letter.h"

#define PAGE_LINES_MAX 8192 /* of --all; what comes after is left out, and said to be */
#define STORY_LINES_MAX 8
#define GUTTER 7 /* columns for the step's number, left of the first lane */

enum line_style { LINE_OP, LINE_CALL, LINE_WAIT, LINE_END, LINE_VERDICT };

struct letter_line {
	uint32_t event; /* the first that it tells */
	uint32_t last;	/* and the last */
	uint32_t step;	/* of the first; 0: it is none */
	uint8_t lane;
	uint8_t style;
	uint8_t indent;
	bool pivot, earlier; /* the step of no return; the verdict's other event */
	char words[LETTER_WORDS];
};

struct letter_page {
	const struct letter *l;
	unsigned column[LANES];	 /* from 0; LANES: none */
	unsigned lane_at[LANES]; /* of each column: the main lane comes last */
	unsigned columns_nr;
	unsigned width;		/* of a column */
	uint32_t threads_begin; /* the first event of a thread */
	uint32_t threads_end;	/* the first event after the threads: closing */
	uint32_t ranked_nr, shown_nr, hidden_nr;
	int pivot; /* event, or -1 */
	unsigned lines_nr;
	struct letter_line line[PAGE_LINES_MAX];
	char setup[8][LETTER_WORDS];
	unsigned setup_nr;
	char spin[LETTER_WORDS * 2]; /* what a livelock waits for, or "" */
	char story[STORY_LINES_MAX][LETTER_WORDS];
	unsigned story_nr;
	uint32_t ranked[EVENTS_MAX]; /* the events in order of importance */
	bool shown[EVENTS_MAX];
	uint32_t step[EVENTS_MAX]; /* number of a visible operation; 0: a note */
};

/** letter_page() - lay the letter out. One at a time: the page is kept here, and large. */
const struct letter_page *letter_page(const struct letter *l);

/** letter_rank() - fills ranked, most important first, without what does not belong */
void letter_rank(struct letter_page *p);

/** letter_is_step() - is it a visible operation that every build has? */
static inline bool letter_is_step(const struct trace_event *e)
{
	return event_is_visible(e->kind) && !(e->flags & EVENT_PLAIN);
}

/**
 * letter_holder() - who holds what event @index, of another lane, wants
 *
 * Returns: the event since which: of a lock that was taken, of a reader that was entered; or -1.
 */
int letter_holder(const struct trace *t, uint32_t index);

#define LETTER_HELD 8 /* locks that one lane holds; more are not looked at */

/** letter_held() - the events that took the locks that the lane of event @index holds there */
unsigned letter_held(const struct trace *t, uint32_t index, uint32_t ret[LETTER_HELD]);

/** letter_waits_for() - the lane that the one of EV_blocked @index waits for; LANE_NONE: not known */
unsigned letter_waits_for(const struct trace *t, uint32_t index);

/** letter_is_last_wait() - is it a wait that never ends, of a deadlock? */
bool letter_is_last_wait(const struct trace *t, uint32_t index);

#define LOOP_MAX 24

/** letter_loop() - of a livelock: the steps of the last turn of the loop. Returns: how many, or 0. */
uint32_t letter_loop(const struct trace *t, uint32_t ret[LOOP_MAX]);

/** letter_spin() - of a livelock: what it waits for, and who has that; at least 2 * LETTER_WORDS bytes */
void letter_spin(const struct trace *t, char *ret);

/**
 * letter_wrap() - write a text that may be longer than a line, and its last newline
 * @t: NULL: only count
 * @used: columns of the first line that are taken
 *
 * Returns: the number of lines.
 */
unsigned letter_wrap(struct text *t, const char *words, size_t used, size_t width);

/** letter_is_closing() - does closing begin with it? The op that no program has written. */
bool letter_is_closing(const struct trace_event *e);

/** letter_story() - the history of the verdict's object, STORY_LINES_MAX lines at most */
void letter_story(struct letter_page *p);

/** letter_block() - the block that the verdict is about; 0: none */
unsigned letter_block(const struct letter *l);

/** letter_title() - "dead_use: device0" */
void letter_title(struct text *t, const struct letter *l);

/** letter_head() - "Thread A (file close)", at least 96 bytes */
void letter_head(const struct letter *l, unsigned lane, char *ret);

#endif
