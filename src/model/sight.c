/*
 * sight.c - who calls release, how often, and when: one function for each row of sight.def.
 *
 * Exit calls it in the lane that noted the mm's death, unregister in one that noted its begin, and the
 * driver where it said so; any other call is the bench's. The question is put to what was known before the note, and the note counts
 * after it.
 */
#include "model/sight.h"

#include <string.h>

static const struct sight_client nobody;

struct question {
	const struct sight *s;
	const struct sight_client *c; /* whose note it is, or nobody */
	const struct sight_exit *x;   /* of its mm, or NULL: it lives */
	const struct trace_event *e;
	enum sight_who who; /* begins a release; WHOS: the note is none of that */
};

/* ---- the rows ---- */

static unsigned running(const struct sight_client *c, enum sight_who who)
{
	return c->begun[who] - c->done[who];
}

static bool sees_release_concurrent(const struct question *q)
{
	return (q->who == WHO_EXIT && running(q->c, WHO_UNREGISTER)) ||
	       (q->who == WHO_UNREGISTER && running(q->c, WHO_EXIT));
}

static bool sees_release_unregister_first(const struct question *q)
{
	return q->who == WHO_EXIT && q->c->done[WHO_UNREGISTER];
}

static bool sees_release_exit_first(const struct question *q)
{
	return q->who == WHO_UNREGISTER && q->c->done[WHO_EXIT] && !q->x->waited;
}

static bool sees_release_late(const struct question *q)
{
	return q->who == WHO_UNREGISTER && q->x && q->x->freed;
}

static bool sees_release_third(const struct question *q)
{
	return q->c->total == 2 && (q->who == WHO_EXIT || q->who == WHO_UNREGISTER) &&
	       !q->c->begun[WHO_UNREGISTER];
}

static bool sees_release_own_call(const struct question *q)
{
	if (q->who == WHO_DRIVER)
		return q->c->total;
	return (q->who == WHO_EXIT || q->who == WHO_UNREGISTER) && q->c->begun[WHO_DRIVER];
}

static bool sees_release_second_unregister(const struct question *q)
{
	return q->who == WHO_UNREGISTER && q->c->begun[WHO_UNREGISTER];
}

static bool sees_release_put_first(const struct question *q)
{
	return q->e->kind == EV_unregistered && q->c->mm && q->x && !q->c->total &&
	       !q->c->begun[WHO_DRIVER] && !q->c->begun[WHO_BENCH];
}

static bool sees_release_after_put(const struct question *q)
{
	return q->who == WHO_EXIT && q->c->put;
}

static bool sees_release_no_op(const struct question *q)
{
	return q->c->no_release && q->x && q->x->freed;
}

/* Classic notifiers are out of the list by then. */
static bool sees_release_then_changes(const struct question *q)
{
	return q->e->kind == EV_callback_begin && q->x && q->x->lane == q->e->lane &&
	       q->c->done[WHO_EXIT];
}

static bool (*const sees[RULES])(const struct question *q) = {
#define SIGHT(name, allowed, sentence) [RULE_##name] = sees_##name,
#include "trace/sight.def"
#undef SIGHT
};

enum rule sight_find(const char *wanted)
{
	enum rule rule = wanted ? rule_of(wanted) : RULE_NONE;

	return sees[rule] ? rule : RULE_NONE;
}

/* ---- what is known ---- */

void sight_reset(struct sight *s)
{
	s->clients_nr = 0;
	s->exits_nr = 0;
}

static struct sight_client *client_of(struct sight *s, uint32_t object)
{
	if (!OBJECT_BLOCK(object))
		return NULL;
	for (unsigned i = s->clients_nr; i-- > 0;)
		if (s->client[i].object == object)
			return &s->client[i];
	return NULL;
}

static struct sight_exit *exit_of(struct sight *s, uint32_t mm)
{
	for (unsigned i = 0; i < s->exits_nr; i++)
		if (s->exit[i].mm == mm)
			return &s->exit[i];
	return NULL;
}

/* Each registration starts again; only the total goes on. */
static void registered(struct sight *s, const struct trace_event *e)
{
	struct sight_client *c = client_of(s, e->object);
	uint8_t total = c ? c->total : 0;

	if (!c && OBJECT_BLOCK(e->object) && s->clients_nr < CLIENTS_MAX)
		c = &s->client[s->clients_nr++];
	if (c)
		*c = (struct sight_client){
			.object = e->object, .mm = (uint32_t)e->arg, .total = total};
}

static enum sight_who who_releases(const struct sight_client *c, const struct sight_exit *x,
				   unsigned lane)
{
	if (c->own >> lane & 1)
		return WHO_DRIVER;
	if (c->unregistering >> lane & 1)
		return WHO_UNREGISTER;
	return x && x->lane == lane && !x->freed ? WHO_EXIT : WHO_BENCH;
}

static void release_begins(struct sight_client *c, unsigned lane, enum sight_who who)
{
	c->who[lane] = (uint8_t)who;
	c->begun[who]++;
	c->total += who == WHO_EXIT || who == WHO_UNREGISTER;
}

static void client_note(struct sight_client *c, const struct question *q)
{
	unsigned lane = q->e->lane;

	switch (q->e->kind) {
	case EV_own_release:
		c->own |= 1u << lane;
		break;
	case EV_release_begin:
		release_begins(c, lane, q->who);
		break;
	case EV_release_end:
		c->done[c->who[lane]]++;
		c->own &= ~(1u << lane);
		break;
	case EV_no_release:
		c->no_release = true;
		break;
	case EV_put_done:
		c->put = true;
		break;
	case EV_unregister_begin:
		c->unregistering |= 1u << lane;
		break;
	case EV_unregistered:
		c->unregistering &= ~(1u << lane);
		c->no_release = false;
		break;
	default:
		break;
	}
}

static void mm_note(struct sight *s, const struct trace_event *e)
{
	struct sight_exit *x = exit_of(s, e->object);

	if (e->kind == EV_mm_dead && s->exits_nr < OBJECTS_MAX * 2)
		s->exit[s->exits_nr++] = (struct sight_exit){.mm = e->object, .lane = e->lane};
	if (!x || x->lane != e->lane)
		return;
	x->waited |= e->kind == EV_exit_waited;
	x->freed |= e->kind == EV_page_free;
}

/* A client that nobody told, when the first page goes. */
static const struct sight_client *untold(const struct sight *s, uint32_t mm)
{
	for (unsigned i = 0; i < s->clients_nr; i++)
		if (s->client[i].mm == mm && s->client[i].no_release)
			return &s->client[i];
	return &nobody;
}

static struct model_finding answer(const struct question *q, enum rule wanted)
{
	return (struct model_finding){sees[wanted](q) ? wanted : RULE_NONE, q->c->object, -1};
}

struct model_finding sight_note(struct sight *s, enum rule wanted, const struct trace_event *e)
{
	struct sight_client *c = client_of(s, e->object);
	struct question q = {.s = s, .c = c ? c : &nobody, .e = e, .who = WHOS};
	struct model_finding f;

	if (!c)
		mm_note(s, e);
	if (!c && e->kind == EV_page_free)
		q.c = untold(s, e->object);
	q.x = exit_of(s, q.c->mm);
	if (c && e->kind == EV_release_begin)
		q.who = who_releases(c, q.x, e->lane);
	f = answer(&q, wanted);
	if (c)
		client_note(c, &q);
	if (e->kind == EV_registered)
		registered(s, e);
	return f;
}
