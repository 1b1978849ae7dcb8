/*
 * letter_rank.c - which events matter most.
 *
 * Every event gets a level, 0 first; within a level what is nearer to the verdict comes first. The
 * page then takes as many as it has room for. So a letter is short because the least important is
 * left out, not because something was forbidden.
 *
 * What matters is decided around the verdict's object: the blocks of the verdict's two events, and
 * what has the verdict's name. Next come the places where threads change, what orders threads
 * against each other, and at last the plumbing of the mm, which is in every run. What only one
 * lane touches, and what repeats itself, belongs to --all.
 */
#include <string.h>

#include "letter/letter_page.h"

enum level {
	LEVEL_VERDICT,
	LEVEL_OPS,     /* who calls what; the pivot; the end of the object's life */
	LEVEL_STORY,   /* callbacks of the object, failures, who waits */
	LEVEL_OBJECT,  /* all else that is done to the object */
	LEVEL_STATE,   /* what changes what others see: lists, counts, registrations */
	LEVEL_SWITCH,  /* what comes just before another thread goes on, and just after */
	LEVEL_OTHERS,  /* the rest of what two lanes do to one object; results */
	LEVEL_UNLOCKS, /* the other half of pairs */
	LEVEL_LAST,    /* the mm's own */
	LEVEL_NEVER,
};

struct judge {
	struct letter_page *p;
	const struct trace *t;
	bool closing; /* the verdict came when the threads had ended */
	bool relevant[BLOCKS_MAX + 1];
	bool mm[BLOCKS_MAX + 1];
	bool set_up[BLOCKS_MAX + 1];	   /* was there before the threads */
	uint16_t lanes_of[BLOCKS_MAX + 1]; /* threads and workers that touch each block */
	uint8_t level[EVENTS_MAX];
};

unsigned letter_block(const struct letter *l)
{
	const struct trace *t = l->trace;

	return t->verdict.event[0] >= 0 ? OBJECT_BLOCK(t->event[t->verdict.event[0]].object) : 0;
}

/* ---- blocks ---- */

static void look_at_block(struct judge *j, unsigned block)
{
	const struct verdict *v = &j->t->verdict;
	char type[32], name[32];

	j->p->l->describe(OBJECT_OF_BLOCK(block, 0), type, name);
	j->mm[block] =
		!strcmp(type, "mm") || !strcmp(type, "subscriptions") || !strcmp(type, "pgd");
	if (v->object[0] && !strcmp(name, v->object))
		j->relevant[block] = true;
}

static void look_at_blocks(struct judge *j)
{
	const struct verdict *v = &j->t->verdict;
	bool known[BLOCKS_MAX + 1] = {false};

	for (uint32_t i = 0; i < j->t->events_nr; i++) {
		const struct trace_event *e = &j->t->event[i];
		unsigned block = OBJECT_BLOCK(e->object);

		if (!block || block > BLOCKS_MAX)
			continue;
		if (!known[block])
			look_at_block(j, block);
		known[block] = true;
		j->set_up[block] |= e->lane == LANE_MAIN && i < j->p->threads_begin;
		if (e->lane != LANE_MAIN)
			j->lanes_of[block] |= (uint16_t)(1u << e->lane);
	}
	for (int i = 0; i < 2; i++)
		if (v->event[i] >= 0)
			j->relevant[OBJECT_BLOCK(j->t->event[v->event[i]].object)] = true;
	j->relevant[0] = false;
}

static bool is_relevant(const struct judge *j, const struct trace_event *e)
{
	return j->relevant[OBJECT_BLOCK(e->object)];
}

static bool is_lock(const struct trace_event *e)
{
	return e->kind == EV_lock || e->kind == EV_lock_read || e->kind == EV_trylock ||
	       e->kind == EV_unlock || e->kind == EV_unlock_read || e->kind == EV_unlock_tail;
}

/* Two locks of one block are two things: does another lane use this one? */
static bool is_shared_lock(const struct trace *t, const struct trace_event *e)
{
	for (uint32_t i = 0; i < t->events_nr; i++)
		if (t->event[i].object == e->object && t->event[i].lane != e->lane &&
		    t->event[i].lane != LANE_MAIN)
			return true;
	return false;
}

static bool is_shared(const struct judge *j, const struct trace_event *e)
{
	uint16_t lanes = j->lanes_of[OBJECT_BLOCK(e->object)];

	if (!OBJECT_BLOCK(e->object))
		return true;
	return lanes & (lanes - 1) && (!is_lock(e) || is_shared_lock(j->t, e));
}

/* ---- events ---- */

/* The other thread's next step would have been this one's: a place where the threads change. */
static bool is_beside_switch(const struct trace *t, uint32_t i)
{
	if (i + 1 < t->events_nr && t->event[i + 1].lane != t->event[i].lane &&
	    t->event[i + 1].kind != EV_verdict)
		return true;
	return i && t->event[i - 1].lane != t->event[i].lane;
}

/* The same place in the same op, and nobody else came between: a loop. */
static bool repeats(const struct trace *t, uint32_t i)
{
	const struct trace_event *e = &t->event[i];

	for (uint32_t at = i; e->site && at-- > 0;) {
		const struct trace_event *before = &t->event[at];

		if (before->lane != e->lane || before->op != e->op)
			return false;
		if (before->site == e->site && before->object == e->object &&
		    before->kind == e->kind && before->arg == e->arg)
			return true;
	}
	return false;
}

/*
 * Of a change to an object that is not the mm's (those are in every run): most where two lanes use
 * it, less where one does that found it there.
 */
static unsigned level_of_change(const struct judge *j, const struct trace_event *e)
{
	unsigned block = OBJECT_BLOCK(e->object);

	if (!block || j->mm[block])
		return LEVEL_LAST;
	if (is_shared(j, e))
		return LEVEL_STATE;
	return j->set_up[block] ? LEVEL_OTHERS : LEVEL_LAST;
}

static unsigned level_of_note(const struct judge *j, const struct trace_event *e)
{
	switch (e->kind) {
	case EV_op_end:
		return e->arg ? LEVEL_SWITCH : LEVEL_OTHERS;
	case EV_unregistered:
		if (e->arg) /* a registration that failed: its begin says so */
			return LEVEL_NEVER;
		return is_relevant(j, e) ? LEVEL_STORY : LEVEL_STATE;
	case EV_release_begin:
	case EV_callback_begin:
	case EV_pasid_free:
	case EV_detach:
		return is_relevant(j, e) ? LEVEL_STORY : LEVEL_STATE;
	case EV_blocked:
		return LEVEL_STORY;
	case EV_late:
		if (is_relevant(j, e))
			return LEVEL_STORY;
		return is_shared(j, e) ? LEVEL_STATE : LEVEL_NEVER;
	case EV_page_free:
	case EV_mm_dead:
	case EV_put_done:
	case EV_unregister_begin:
		return is_relevant(j, e) ? LEVEL_OBJECT : LEVEL_OTHERS;
	case EV_release_end:
	case EV_callback_end:
		return is_relevant(j, e) ? LEVEL_SWITCH : LEVEL_UNLOCKS;
	case EV_list:
		if (is_relevant(j, e))
			return LEVEL_OBJECT;
		return level_of_change(j, e);
	default:
		return is_relevant(j, e) ? LEVEL_OTHERS : LEVEL_NEVER;
	}
}

static unsigned level_of_step(const struct judge *j, const struct trace_event *e)
{
	bool ours = is_relevant(j, e);

	switch (e->kind) {
	case EV_op_begin:
		return LEVEL_OPS;
	case EV_callback:
	case EV_work:
	case EV_timer:
		return ours ? LEVEL_OPS : LEVEL_OTHERS;
	case EV_alloc:
	case EV_may_fail:
		return e->arg < 0 ? LEVEL_STORY : LEVEL_NEVER;
	case EV_free:
		return ours ? LEVEL_OPS : is_shared(j, e) ? LEVEL_OTHERS : LEVEL_NEVER;
	case EV_ref_put:
		if (ours)
			return e->arg > 0 ? LEVEL_OBJECT : LEVEL_STORY;
		return level_of_change(j, e);
	case EV_ref_get:
	case EV_store:
		if (ours)
			return LEVEL_OBJECT;
		return level_of_change(j, e);
	case EV_unlock_tail:
		return ours ? LEVEL_OTHERS : LEVEL_LAST;
	case EV_unlock:
	case EV_unlock_read:
		if (ours)
			return LEVEL_SWITCH;
		return is_shared(j, e) ? LEVEL_UNLOCKS : LEVEL_NEVER;
	case EV_synchronize:
	case EV_barrier:
	case EV_flush:
	case EV_cancel:
		return LEVEL_OBJECT;
	case EV_reader_begin:
	case EV_reader_end:
	case EV_lane_end:
		return LEVEL_LAST;
	default:
		break;
	}
	if (ours)
		return e->kind == EV_ref_read ? LEVEL_OTHERS : LEVEL_OBJECT;
	if (!is_shared(j, e) || !OBJECT_BLOCK(e->object))
		return LEVEL_LAST;
	return j->mm[OBJECT_BLOCK(e->object)] ? LEVEL_UNLOCKS : LEVEL_OTHERS;
}

static bool is_failure(const struct trace_event *e)
{
	return (e->kind == EV_alloc || e->kind == EV_may_fail) && e->arg < 0;
}

/* Of closing: what can tell why it fails, whatever object it is about. */
static bool tells_of_closing(const struct trace_event *e)
{
	return e->kind == EV_blocked || e->kind == EV_callback || e->kind == EV_work ||
	       e->kind == EV_timer || is_failure(e);
}

/* Set-up stands above the columns, closing matters only where it is closing that fails. */
static unsigned level_of_main(const struct judge *j, uint32_t i)
{
	const struct trace_event *e = &j->t->event[i];

	if (i < j->p->threads_end || !j->closing)
		return LEVEL_NEVER;
	if (e->kind == EV_op_begin)
		return LEVEL_OPS;
	if (is_relevant(j, e) || is_failure(e))
		return event_is_visible(e->kind) ? level_of_step(j, e) : level_of_note(j, e);
	return LEVEL_NEVER;
}

static unsigned level_of(const struct judge *j, uint32_t i)
{
	const struct trace_event *e = &j->t->event[i];
	unsigned level;

	if (e->kind == EV_verdict || (int)i == j->t->verdict.event[1] ||
	    letter_is_last_wait(j->t, i))
		return LEVEL_VERDICT;
	if ((int)i == j->p->pivot)
		return LEVEL_OPS;
	if (e->lane == LANE_MAIN)
		return level_of_main(j, i);
	if (i >= j->p->threads_end && !(j->closing && (is_relevant(j, e) || tells_of_closing(e))))
		return LEVEL_NEVER;
	level = event_is_visible(e->kind) ? level_of_step(j, e) : level_of_note(j, e);
	if (level > LEVEL_SWITCH && event_is_visible(e->kind) && e->kind != EV_lane_end &&
	    e->kind != EV_unlock_tail && is_beside_switch(j->t, i))
		return LEVEL_SWITCH;
	if (level > LEVEL_OPS && level < LEVEL_LAST && repeats(j->t, i))
		return LEVEL_LAST;
	return level;
}

static void raise(struct judge *j, int index, unsigned level)
{
	if (index >= 0 && j->level[index] > level &&
	    (j->t->event[index].lane != LANE_MAIN || (uint32_t)index >= j->p->threads_end))
		j->level[index] = (uint8_t)level;
}

/* Who waits is not understood without whom it waits for, what lets it go on, and that it does. */
static void explain_wait(struct judge *j, uint32_t index)
{
	const struct trace *t = j->t;
	const struct trace_event *e = &t->event[index];
	int holder = letter_holder(t, index);

	raise(j, holder, letter_is_last_wait(t, index) ? LEVEL_OPS : LEVEL_STORY);
	for (uint32_t i = index + 1; i < t->events_nr; i++) {
		if (t->event[i].lane == e->lane) {
			raise(j, (int)i, LEVEL_SWITCH);
			return;
		}
		if (t->event[i].kind == EV_wake && t->event[i].object == e->object)
			raise(j, (int)i, LEVEL_SWITCH);
		if (holder >= 0 && t->event[i].lane == t->event[holder].lane &&
		    t->event[i].object == e->object && t->event[i].kind != EV_unlock_tail)
			raise(j, (int)i, LEVEL_SWITCH);
	}
}

/* The order of two locks is not understood without the one that is held when the other is taken. */
static void explain_order(struct judge *j)
{
	const struct trace *t = j->t;

	for (unsigned i = 0; i < 2 && t->verdict.rule == RULE_lock_order; i++) {
		uint32_t held[LETTER_HELD];
		unsigned nr = t->verdict.event[i] < 0
				      ? 0
				      : letter_held(t, (uint32_t)t->verdict.event[i], held);

		for (unsigned at = 0; at < nr; at++)
			raise(j, (int)held[at], LEVEL_OPS);
	}
}

/* A lock that somebody had to wait for is more than plumbing. */
static void explain_lock(struct judge *j, uint32_t object)
{
	for (uint32_t i = 0; object && i < j->t->events_nr; i++)
		if (j->t->event[i].object == object && is_lock(&j->t->event[i]) &&
		    j->t->event[i].kind != EV_unlock_tail && j->level[i] != LEVEL_NEVER)
			raise(j, (int)i, LEVEL_OTHERS);
}

/* The last turn of a loop is what a livelock is about. */
static void explain_loop(struct judge *j)
{
	uint32_t loop[LOOP_MAX], nr = letter_loop(j->t, loop);

	for (uint32_t i = 0; i < nr; i++)
		raise(j, (int)loop[i], LEVEL_STORY);
	for (uint32_t i = 0; i < nr; i++)
		if (j->t->event[loop[i]].kind == EV_trylock)
			raise(j, letter_holder(j->t, loop[i]), LEVEL_OPS);
}

void letter_rank(struct letter_page *p)
{
	static struct judge judge;
	struct judge *j = &judge;
	const struct trace *t = p->l->trace;
	unsigned last = p->l->lines_max ? LEVEL_UNLOCKS : LEVEL_NEVER;

	memset(j, 0, offsetof(struct judge, level));
	j->p = p;
	j->t = t;
	look_at_blocks(j);
	for (uint32_t i = p->threads_end; i < t->events_nr; i++)
		j->closing |= t->event[i].kind == EV_verdict;
	for (uint32_t i = 0; i < t->events_nr; i++)
		j->level[i] = (uint8_t)level_of(j, i);
	for (uint32_t i = 0; i < t->events_nr; i++)
		if (t->event[i].kind == EV_blocked && j->level[i] <= LEVEL_STORY) {
			explain_wait(j, i);
			explain_lock(j, t->event[i].object);
		}
	explain_loop(j);
	explain_order(j);
	p->ranked_nr = 0;
	for (unsigned level = 0; level <= last; level++)
		for (uint32_t i = t->events_nr; i-- > 0;)
			if (j->level[i] == level)
				p->ranked[p->ranked_nr++] = i;
}
