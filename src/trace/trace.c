/*
 * trace.c - the words of events, and two fingerprints of a run: of all that happened, of the bug.
 *
 * trace_hash() copies each event into a packed record without padding and pointers and hashes
 * blocks of them with XXH3, the hash of one block being the seed of the next. Sites go in by the
 * ids of their names. The words of a site are left out: they follow from the names in one build,
 * and two builds may spell a macro's argument differently.
 *
 * The signature is what a bug is filed under, so it names functions and types only. Left out: which
 * of two functions came first in time; where[0] is the one that broke the rule.
 */
#include "trace/trace.h"

#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "base/panic.h"
#include "base/text.h"

#define VISIBLE true
#define NOTE false

static const struct {
	const char *name;
	const char *text;
	bool visible;
} kinds[EVENT_KINDS] = {
#define EVENT(kind, class, words) [EV_##kind] = {#kind, words, class},
#include "trace/event.def"
#undef EVENT
};

const char *event_kind_name(unsigned kind)
{
	must(kind < EVENT_KINDS);
	return kinds[kind].name;
}

bool event_is_visible(unsigned kind)
{
	must(kind < EVENT_KINDS);
	return kinds[kind].visible;
}

const char *event_text(unsigned kind)
{
	must(kind < EVENT_KINDS);
	return kinds[kind].text;
}

struct packed {
	uint32_t func_id, prim_id;
	uint32_t object, class;
	uint8_t kind, lane, op, flags;
	int32_t arg;
};
static_assert(sizeof(struct packed) == 24, "padding would put chance into the hash");

#define BLOCK 128 /* events; 3 KiB of stack */

static struct packed pack(const struct trace_event *e)
{
	struct packed p = {.object = e->object,
			   .class = e->class,
			   .kind = e->kind,
			   .lane = e->lane,
			   .op = e->op,
			   .flags = e->flags,
			   .arg = e->arg};

	if (e->site) {
		site_ids(e->site);
		p.func_id = e->site->func_id;
		p.prim_id = e->site->prim_id;
	}
	return p;
}

static uint64_t hash_string(uint64_t h, const char *s)
{
	return XXH3_64bits_withSeed(s, strlen(s), h);
}

/* Strings, not arrays: nobody promised anything about the bytes behind a NUL. */
static uint64_t hash_verdict(uint64_t h, const struct verdict *v)
{
	h = hash_string(h, rule_name(v->rule));
	if (!v->rule)
		return h;
	h = hash_string(h, v->type);
	h = hash_string(h, v->object);
	h = hash_string(h, v->where[0]);
	h = hash_string(h, v->where[1]);
	if (v->word[0])
		h = hash_string(h, v->word);
	h = hash_string(h, v->text);
	return XXH3_64bits_withSeed(v->event, sizeof(v->event), h);
}

uint64_t trace_hash(const struct trace *t)
{
	struct packed block[BLOCK];
	uint64_t h = t->events_nr;

	for (uint32_t from = 0; from < t->events_nr; from += BLOCK) {
		uint32_t n = t->events_nr - from < BLOCK ? t->events_nr - from : BLOCK;

		for (uint32_t i = 0; i < n; i++)
			block[i] = pack(&t->event[from + i]);
		h = XXH3_64bits_withSeed(block, n * sizeof(block[0]), h);
	}
	return hash_verdict(h, &t->verdict);
}

static void put_part(struct text *t, const char *before, const char *part)
{
	if (!part[0])
		return;
	text_puts(t, before);
	text_puts(t, part);
}

void verdict_signature(const struct verdict *v, char *ret, unsigned cap)
{
	struct text t = text_init(ret, cap);

	put_part(&t, "", rule_name(v->rule));
	if (!v->rule)
		return;
	put_part(&t, ":", v->type);
	put_part(&t, "@", v->where[0]);
	put_part(&t, "+", v->where[1]);
	put_part(&t, "=", v->word);
}

/* Rules whose place is the bug, or all that there is to know it by. */
static bool place_matters(enum rule rule)
{
	switch (rule) {
	case RULE_warn:
	case RULE_bug:
	case RULE_leak:
	case RULE_sleep_in_atomic:
	case RULE_deadlock:
	case RULE_livelock:
	case RULE_null_deref:
	case RULE_data_race:
	case RULE_lock_order:
	case RULE_hang:
		return true;
	default:
		return false;
	}
}

void verdict_symptom(const struct verdict *v, char *ret, unsigned cap)
{
	struct verdict symptom = *v;

	if (!place_matters(v->rule))
		symptom.where[0][0] = '\0';
	verdict_signature(&symptom, ret, cap);
}

void verdict_place(const struct verdict *v, char *ret, unsigned cap)
{
	struct verdict place = *v;

	place.type[0] = '\0';
	if (!place_matters(v->rule))
		place.where[0][0] = place.where[1][0] = '\0';
	verdict_signature(&place, ret, cap);
}

/* ---- asked for ---- */

/* Is the part of @wanted up to one of @ends this name? Moves behind it. */
static bool is_part(const char **wanted, const char *ends, const char *name)
{
	size_t n = strcspn(*wanted, ends);
	bool same = n && strlen(name) == n && strncmp(*wanted, name, n) == 0;

	*wanted += n;
	return same;
}

/* The parts that stand behind the rule, each at most once and in this order. */
static bool has_parts(const struct verdict *v, const char *wanted)
{
	const char *again = wanted + 1;

	if (*wanted == ':' && wanted++ && !is_part(&wanted, "@+=", v->type) &&
	    !is_part(&again, "@+=", v->object))
		return false;
	if (*wanted == '@' && wanted++ && !is_part(&wanted, "+=", v->where[0]))
		return false;
	if (*wanted == '+' && wanted++ && !is_part(&wanted, "=", v->where[1]))
		return false;
	if (*wanted == '=' && wanted++ && !is_part(&wanted, "", v->word))
		return false;
	return !*wanted;
}

bool verdict_has_symptom(const struct verdict *v, const char *symptom)
{
	char got[SIGNATURE_MAX];

	verdict_symptom(v, got, sizeof(got));
	return strcmp(got, symptom) == 0;
}

bool verdict_matches(const struct verdict *v, const char *wanted)
{
	if (!v->rule)
		return false;
	if (!strcmp(wanted, "any"))
		return true;
	return is_part(&wanted, ":@+=", rule_name(v->rule)) && has_parts(v, wanted);
}
