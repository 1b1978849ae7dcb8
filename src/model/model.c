/*
 * model.c - the rules over clients: who may be called, how often, until when.
 *
 * A client is registered on an mm; from then on it must have been released before the mm's first
 * page is freed at exit (unless its unregister began), no callback of it runs once unregister
 * returned, and release runs at most once, or twice where the client said that it may
 * (register/unregister flow, SPEC 1.4).
 */
#include "model/model.h"

static const struct model_finding nothing = {0, 0, -1};

void model_reset(struct model *m)
{
	for (unsigned i = 0; i < m->blocks_nr; i++)
		m->client[i].mm = 0;
	m->blocks_nr = 0;
	m->dead_nr = 0;
}

static struct model_client *client_of(struct model *m, uint32_t object)
{
	unsigned block = OBJECT_BLOCK(object);

	return block && block < m->blocks_nr && m->client[block].mm ? &m->client[block] : 0;
}

static void registered(struct model *m, const struct trace_event *e)
{
	unsigned block = OBJECT_BLOCK(e->object);

	if (!block || block > BLOCKS_MAX)
		return;
	for (; m->blocks_nr <= block; m->blocks_nr++)
		m->client[m->blocks_nr].mm = 0;
	m->client[block] =
		(struct model_client){.mm = (uint32_t)e->arg, .releases_max = 1, .left = -1};
}

static struct model_finding begins(struct model_client *c, const struct trace_event *e)
{
	c->running++;
	if (c->left >= 0)
		return (struct model_finding){"callback_after_unregister", e->object, c->left};
	if (e->kind == EV_release_begin && ++c->releases_begun > c->releases_max)
		return (struct model_finding){"double_release", e->object, -1};
	return nothing;
}

static struct model_finding unregistered(struct model_client *c, const struct trace_event *e,
					 int index)
{
	c->left = index;
	if (c->running)
		return (struct model_finding){"callback_after_unregister", e->object, -1};
	return nothing;
}

static void mm_dead(struct model *m, uint32_t mm)
{
	if (m->dead_nr < sizeof(m->dead_mm) / sizeof(m->dead_mm[0]))
		m->dead_mm[m->dead_nr++] = mm;
}

/* The first page of a dying mm is freed: every client of it has been told by now, or is leaving. */
static struct model_finding page_freed(struct model *m, uint32_t mm)
{
	bool dead = false;

	for (unsigned i = 0; i < m->dead_nr; i++)
		dead |= m->dead_mm[i] == mm;
	for (unsigned i = 0; dead && i < m->blocks_nr; i++) {
		const struct model_client *c = &m->client[i];

		if (c->mm == mm && !c->releases_done && !c->leaving)
			return (struct model_finding){"missed_release", OBJECT_OF_BLOCK(i, 0), -1};
	}
	return nothing;
}

struct model_finding model_note(struct model *m, const struct trace_event *e, int index)
{
	struct model_client *c = client_of(m, e->object);

	if (e->kind == EV_registered)
		registered(m, e);
	else if (e->kind == EV_mm_dead)
		mm_dead(m, e->object);
	else if (e->kind == EV_page_free)
		return page_freed(m, e->object);
	if (!c)
		return nothing;
	switch (e->kind) {
	case EV_may_repeat:
		c->releases_max = 2;
		break;
	case EV_release_begin:
	case EV_callback_begin:
		return begins(c, e);
	case EV_release_end:
		c->releases_done++;
		c->running--;
		break;
	case EV_callback_end:
		c->running--;
		break;
	case EV_unregister_begin:
		c->leaving = true;
		break;
	case EV_unregistered:
		return unregistered(c, e, index);
	default:
		break;
	}
	return nothing;
}
