/*
 * letter_wait.c - who waits for whom, and what a spinner spins on, by the trace.
 *
 * A lock is held by those who took it and did not let go; a grace period waits for those who are inside
 * a reader. What the trace does not tell (whose work a flush waits for) a deadlock's verdict does, for
 * the waits that never end.
 */
#include <stdio.h>
#include <string.h>

#include "letter/letter_page.h"

/* ---- waits ---- */

static bool takes(const struct trace_event *e)
{
	return e->kind == EV_lock || e->kind == EV_lock_read || e->kind == EV_reader_begin ||
	       (e->kind == EV_trylock && e->arg);
}

static bool lets_go(const struct trace_event *e)
{
	return e->kind == EV_unlock || e->kind == EV_unlock_read || e->kind == EV_reader_end;
}

int letter_holder(const struct trace *t, uint32_t index)
{
	const struct trace_event *e = &t->event[index];
	unsigned depth[LANES] = {0};
	uint32_t since[LANES] = {0};

	for (uint32_t i = 0; i < index; i++) {
		const struct trace_event *before = &t->event[i];
		unsigned lane = before->lane;

		if (before->object != e->object || lane == e->lane)
			continue;
		if (takes(before) && !depth[lane]++)
			since[lane] = i;
		else if (lets_go(before) && depth[lane])
			depth[lane]--;
	}
	for (unsigned lane = 0; lane < LANES; lane++)
		if (depth[lane])
			return (int)since[lane];
	return -1;
}

unsigned letter_held(const struct trace *t, uint32_t index, uint32_t ret[LETTER_HELD])
{
	unsigned nr = 0;

	for (uint32_t i = 0; i < index; i++) {
		const struct trace_event *e = &t->event[i];
		unsigned at = nr;

		if (e->lane != t->event[index].lane || e->kind == EV_reader_begin)
			continue;
		if (takes(e) && nr < LETTER_HELD)
			ret[nr++] = i;
		while (lets_go(e) && at-- > 0)
			if (t->event[ret[at]].object == e->object) {
				memmove(&ret[at], &ret[at + 1], (--nr - at) * sizeof(*ret));
				break;
			}
	}
	return nr;
}

bool letter_is_last_wait(const struct trace *t, uint32_t index)
{
	const struct trace_event *e = &t->event[index];

	if (e->kind != EV_blocked || !t->verdict.waits_for[e->lane])
		return false;
	for (uint32_t i = index + 1; i < t->events_nr; i++)
		if (t->event[i].lane == e->lane && t->event[i].kind != EV_verdict)
			return false;
	return true;
}

unsigned letter_waits_for(const struct trace *t, uint32_t index)
{
	unsigned last = t->verdict.waits_for[t->event[index].lane];
	int holder = letter_holder(t, index);

	if (letter_is_last_wait(t, index))
		return last == WAITS_FOR_NOBODY ? LANE_NONE : last - 1;
	return holder < 0 ? LANE_NONE : t->event[holder].lane;
}

/* ---- loops ---- */

static bool is_same_step(const struct trace_event *a, const struct trace_event *b)
{
	return a->lane == b->lane && a->site == b->site && a->object == b->object &&
	       a->kind == b->kind;
}

uint32_t letter_loop(const struct trace *t, uint32_t ret[LOOP_MAX])
{
	uint32_t last = t->events_nr, nr = 0;

	if (t->verdict.rule != RULE_livelock || last < 3)
		return 0;
	for (last -= 2; last && (t->event[last].lane != t->event[t->events_nr - 1].lane ||
				 !event_is_visible(t->event[last].kind));)
		last--;
	for (uint32_t i = last; i-- > 0 && nr < LOOP_MAX;) {
		if (t->event[i].lane != t->event[last].lane)
			continue;
		if (is_same_step(&t->event[i], &t->event[last])) {
			ret[nr++] = last;
			return nr;
		}
		if (event_is_visible(t->event[i].kind))
			ret[nr++] = i;
	}
	return 0;
}

/* What is asked again and again, and answers the same. */
static bool asks(const struct trace_event *e)
{
	return (e->kind == EV_trylock && !e->arg) || e->kind == EV_load || e->kind == EV_ref_read ||
	       (e->kind == EV_wait && e->arg < 0);
}

/* The last in the loop that asks: a lock that was not to be had before all else. */
static int find_question(const struct trace *t, const uint32_t *loop, uint32_t nr)
{
	int found = -1;

	for (uint32_t i = 0; i < nr; i++) {
		const struct trace_event *e = &t->event[loop[i]];

		if (!asks(e))
			continue;
		if (e->kind == EV_trylock)
			return (int)loop[i];
		if (found < 0 || (int)loop[i] > found)
			found = (int)loop[i];
	}
	return found;
}

static int last_write(const struct trace *t, uint32_t index)
{
	const struct trace_event *e = &t->event[index];

	for (uint32_t i = index; i-- > 0;) {
		unsigned kind = t->event[i].kind;

		if (t->event[i].object == e->object &&
		    (kind == EV_store || kind == EV_ref_put || kind == EV_ref_get ||
		     kind == EV_ref_set || kind == EV_wake))
			return (int)i;
	}
	return -1;
}

static void put_since(struct text *t, const struct trace_event *e)
{
	text_putf(t, "%s", lane_name(e->lane));
	if (e->op && e->lane != LANE_MAIN)
		text_putf(t, ".%u", e->op);
	if (e->site)
		text_putf(t, " in %s()", e->site->func);
}

void letter_spin(const struct trace *t, char *ret)
{
	struct text words = text_init(ret, LETTER_WORDS * 2);
	uint32_t loop[LOOP_MAX], nr = letter_loop(t, loop);
	int question = nr ? find_question(t, loop, nr) : -1, who;
	const struct trace_event *e;

	if (question < 0)
		return;
	e = &t->event[question];
	text_putf(&words, "%s asks %s again and again", lane_name(e->lane),
		  e->site ? site_words(e->site) : "");
	who = letter_holder(t, (uint32_t)question);
	if (who >= 0) {
		text_puts(&words, ", which is held by ");
		put_since(&words, &t->event[who]);
		return;
	}
	who = last_write(t, (uint32_t)question);
	if (who < 0) {
		text_puts(&words, ", and nobody has written it");
		return;
	}
	text_puts(&words, ", last written by ");
	put_since(&words, &t->event[who]);
}
