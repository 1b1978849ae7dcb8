/*
 * model.c - the rules over clients: who may be called, how often, until when.
 *
 * A client is registered on an mm; from then on it must have been released before the mm's first
 * page is freed at exit (unless its unregister began), no callback of it runs once unregister
 * returned, and release runs at most once, and once more for each time that the client said that it
 * may (register/unregister flow, SPEC 1.4). Who is told the start of a change is told its end by the
 * same thread, unless it leaves or the mm dies in between. An mm has one PASID at a time (BUGS S19).
 *
 * A client of interval notifiers is told of starts only, and also after exit; the core says when a
 * change is over. Nobody maps a page that was read before or during a change (INV-34), and who is
 * inserted during one counts as told (INV-37).
 */
#include "model/model.h"

static const struct model_finding nothing = {RULE_NONE, 0, -1};

void model_reset(struct model *m)
{
	m->clients_nr = 0;
	m->dead_nr = 0;
	m->waited_nr = 0;
	for (unsigned i = 0; i < PASIDS_MAX; i++)
		m->pasid[i].mm = 0;
	m->changes_nr = 0;
}

static struct model_client *client_of(struct model *m, uint32_t object)
{
	if (!OBJECT_BLOCK(object))
		return 0;
	for (unsigned i = m->clients_nr; i-- > 0;)
		if (m->client[i].object == object)
			return &m->client[i];
	return 0;
}

static bool is_among(const uint32_t *mms, unsigned nr, uint32_t mm)
{
	for (unsigned i = 0; i < nr; i++)
		if (mms[i] == mm)
			return true;
	return false;
}

/* Each registration is a new client. */
static void registered(struct model *m, const struct trace_event *e)
{
	struct model_client *c = client_of(m, e->object);

	if (!c && OBJECT_BLOCK(e->object) && m->clients_nr < CLIENTS_MAX)
		c = &m->client[m->clients_nr++];
	if (c)
		*c = (struct model_client){.object = e->object,
					   .mm = (uint32_t)e->arg,
					   .releases_max = 1,
					   .left = -1,
					   .stays = c->object == e->object && c->stays};
}

/* Before it is registered: nobody may see it in between. */
static void stays(struct model *m, const struct trace_event *e)
{
	struct model_client *c;

	registered(m, e);
	c = client_of(m, e->object);
	if (c)
		c->stays = true;
}

/* What is called later, by an invalidation, an exit or a grace period, is not there any more. */
static struct model_finding unloaded(const struct model *m)
{
	for (unsigned i = 0; i < m->clients_nr; i++) {
		const struct model_client *c = &m->client[i];

		if (!c->stays && c->left < 0 &&
		    (c->leaving || !is_among(m->waited_mm, m->waited_nr, c->mm)))
			return (struct model_finding){RULE_code_unloaded, c->object, -1};
	}
	return nothing;
}

static void add(uint32_t *mms, unsigned *nr, uint32_t mm)
{
	if (*nr < OBJECTS_MAX * 2)
		mms[(*nr)++] = mm;
}

/* A release that the driver calls itself is in no reader: exit does not wait for it. */
static bool is_own(const struct model_client *c, const struct trace_event *e)
{
	return c->own >> e->lane & 1;
}

static struct model_finding begins(struct model *m, struct model_client *c,
				   const struct trace_event *e)
{
	c->running++;
	if (e->kind == EV_release_begin && !is_own(c, e))
		c->releasing |= 1u << e->lane;
	if (c->left >= 0)
		return (struct model_finding){RULE_callback_after_unregister, e->object, c->left};
	if (e->kind == EV_release_begin && ++c->releases_begun > c->releases_max)
		return (struct model_finding){RULE_double_release, e->object, -1};
	if (e->kind == EV_callback_begin && !c->intervals && !c->left_alone &&
	    is_among(m->waited_mm, m->waited_nr, c->mm))
		return (struct model_finding){RULE_callback_after_exit, e->object, -1};
	return nothing;
}

static void release_ends(struct model_client *c, const struct trace_event *e)
{
	c->releases_done++;
	c->running--;
	if (!is_own(c, e)) {
		c->releasing &= ~(1u << e->lane);
		c->to_end &= ~(1u << e->lane);
	}
	c->own &= ~(1u << e->lane);
}

/* Once for each registration: the second gives back a reference on the mm that is somebody else's. */
static struct model_finding leaves(struct model_client *c, const struct trace_event *e)
{
	c->leaving = true;
	if (c->left >= 0)
		return (struct model_finding){RULE_unregistered_twice, e->object, c->left};
	return nothing;
}

static struct model_finding unregistered(struct model_client *c, const struct trace_event *e,
					 int index)
{
	c->left = index;
	if (c->running)
		return (struct model_finding){RULE_callback_after_unregister, e->object, -1};
	return nothing;
}

/* An interval that waits to get into the tree has nothing mapped, and no fault can come any more. */
static void mm_dead(struct model *m, uint32_t mm)
{
	add(m->dead_mm, &m->dead_nr, mm);
	for (unsigned i = 0; i < m->clients_nr; i++)
		if (m->client[i].mm == mm && m->client[i].intervals)
			m->client[i].excused = !m->client[i].in_tree;
}

/* Exit has unlinked everybody: what runs now has to end before it frees pages. */
static void exit_unlinked(struct model *m, uint32_t mm)
{
	for (unsigned i = 0; i < m->clients_nr; i++)
		if (m->client[i].mm == mm)
			m->client[i].to_end = m->client[i].releasing;
}

/*
 * A release may come late, after an unlocked test; no other callback may. Where only the exit's return
 * is known (arg 1), it may have found nobody to wait for, since those who were left were leaving.
 */
static struct model_finding exit_waited(struct model *m, uint32_t mm, bool not_exact)
{
	add(m->waited_mm, &m->waited_nr, mm);
	for (unsigned i = 0; i < m->clients_nr; i++) {
		struct model_client *c = &m->client[i];

		if (c->mm != mm || c->intervals)
			continue;
		c->left_alone = not_exact && c->leaving;
		if (!c->left_alone && c->running > c->releases_begun - c->releases_done)
			return (struct model_finding){RULE_callback_after_exit, c->object, -1};
	}
	return nothing;
}

static enum rule exit_frees_rule(const struct model_client *c)
{
	if (!c->releases_done && !c->leaving && !c->excused && !c->no_release)
		return RULE_missed_release;
	if (c->to_end)
		return RULE_release_overrun;
	return RULE_NONE;
}

/* From here on exit frees pages: every client has been told by now, or is leaving. */
static struct model_finding exit_frees(struct model *m, uint32_t mm)
{
	for (unsigned i = 0; i < m->clients_nr; i++) {
		const struct model_client *c = &m->client[i];
		enum rule rule = c->mm == mm ? exit_frees_rule(c) : RULE_NONE;

		if (rule)
			return (struct model_finding){rule, c->object, -1};
	}
	return nothing;
}

static struct model_finding range_end(struct model_client *c, const struct trace_event *e)
{
	if (!c->open[e->lane])
		return (struct model_finding){RULE_unbalanced_range, e->object, -1};
	c->open[e->lane]--;
	return nothing;
}

/* A lane has said all that it had to say about a change to @mm. */
static struct model_finding range_done(struct model *m, const struct trace_event *e)
{
	bool dead = is_among(m->dead_mm, m->dead_nr, e->object);

	for (unsigned i = 0; i < m->clients_nr; i++) {
		struct model_client *c = &m->client[i];

		if (c->mm != e->object || !c->open[e->lane])
			continue;
		c->open[e->lane] = 0;
		if (!dead && !c->leaving && !c->intervals)
			return (struct model_finding){RULE_unbalanced_range, c->object, -1};
	}
	return nothing;
}

/* ---- interval clients ---- */

static struct model_changes *changes_of(struct model *m, uint32_t intervals)
{
	static struct model_changes none;

	for (unsigned i = 0; i < m->changes_nr; i++)
		if (m->changes[i].intervals == intervals)
			return &m->changes[i];
	if (m->changes_nr == OBJECTS_MAX * 2)
		return &none;
	m->changes[m->changes_nr] = (struct model_changes){intervals, 0};
	return &m->changes[m->changes_nr++];
}

/* Whatever is going on, it has been told of. */
static void inserted(struct model *m, struct model_client *c, const struct trace_event *e)
{
	uint32_t lanes = changes_of(m, (uint32_t)e->arg)->lanes;

	c->intervals = (uint32_t)e->arg;
	for (unsigned lane = 0; lane < LANES; lane++)
		c->open[lane] = lanes >> lane & 1;
}

static void change_end(struct model *m, const struct trace_event *e)
{
	changes_of(m, e->object)->lanes &= ~(1u << e->lane);
	for (unsigned i = 0; i < m->clients_nr; i++)
		if (m->client[i].intervals == e->object)
			m->client[i].open[e->lane] = 0;
}

static struct model_finding mapped(const struct model_client *c, const struct trace_event *e)
{
	bool changing = !e->arg && c->outdated >> e->lane & 1;

	for (unsigned lane = 0; lane < LANES; lane++)
		changing |= c->open[lane] != 0;
	if (changing)
		return (struct model_finding){RULE_mapped_in_change, e->object, -1};
	return nothing;
}

/* ---- all notes ---- */

/* Notes about an mm. */
static struct model_finding mm_note(struct model *m, const struct trace_event *e)
{
	switch (e->kind) {
	case EV_mm_dead:
		mm_dead(m, e->object);
		break;
	case EV_exit_unlinked:
		exit_unlinked(m, e->object);
		break;
	case EV_exit_waited:
		return exit_waited(m, e->object, e->arg);
	case EV_exit_frees:
		return exit_frees(m, e->object);
	case EV_range_done:
		return range_done(m, e);
	case EV_unloaded:
		return unloaded(m);
	case EV_change_begin:
		changes_of(m, e->object)->lanes |= 1u << e->lane;
		break;
	case EV_change_end:
		change_end(m, e);
		break;
	default:
		break;
	}
	return nothing;
}

/* The PASID is the mm's: a second one is of no use, and may be what another mm does not get. */
static struct model_finding pasid_given(struct model *m, const struct trace_event *e, int index)
{
	struct model_finding f = nothing;
	unsigned mm = OBJECT_BLOCK(e->object);

	if (!mm || (unsigned)e->arg >= PASIDS_MAX)
		return nothing;
	for (unsigned i = 0; i < PASIDS_MAX; i++)
		if (m->pasid[i].mm == mm)
			f = (struct model_finding){RULE_pasid_twice, e->object, m->pasid[i].given};
	m->pasid[e->arg] = (struct model_pasid){.mm = mm, .given = index};
	return f;
}

static void pasid_returns(struct model *m, const struct trace_event *e)
{
	if ((unsigned)e->arg < PASIDS_MAX)
		m->pasid[e->arg].mm = 0;
}

struct model_finding model_note(struct model *m, const struct trace_event *e, int index)
{
	struct model_client *c = client_of(m, e->object);

	if (e->kind == EV_registered)
		registered(m, e);
	else if (e->kind == EV_stays)
		stays(m, e);
	else if (e->kind == EV_pasid_alloc)
		return pasid_given(m, e, index);
	else if (e->kind == EV_pasid_free)
		pasid_returns(m, e);
	if (!c)
		return mm_note(m, e);
	switch (e->kind) {
	case EV_may_repeat:
		c->releases_max++;
		break;
	case EV_no_release:
		c->no_release = true;
		break;
	case EV_own_release:
		c->own |= 1u << e->lane;
		break;
	case EV_release_begin:
	case EV_callback_begin:
		return begins(m, c, e);
	case EV_release_end:
		release_ends(c, e);
		break;
	case EV_callback_end:
		c->running--;
		break;
	case EV_range_start:
		c->open[e->lane]++;
		c->outdated = UINT32_MAX;
		break;
	case EV_inserted:
		inserted(m, c, e);
		break;
	case EV_in_tree:
		c->in_tree = true;
		c->excused &= !e->arg; /* exit is about to look */
		break;
	case EV_reading:
		c->outdated &= ~(1u << e->lane);
		break;
	case EV_mapped:
		return mapped(c, e);
	case EV_range_end:
		return range_end(c, e);
	case EV_unregister_begin:
		return leaves(c, e);
	case EV_unregister_not:
		c->leaving = false;
		break;
	case EV_unregistered:
		return unregistered(c, e, index);
	default:
		break;
	}
	return nothing;
}
