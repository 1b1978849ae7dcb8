/*
 * race.c - races become verdicts with a stable signature: the sorted pair of functions and the type
 * of the object.
 *
 * TSan calls __tsan_on_report() on the fiber's stack, after its text: only the addresses are kept
 * there. Names are asked for when the run is over; those of our own detector come from the symbol
 * table of the program, so that builds without a sanitizer have them.
 */
#include "exec/race.h"

#include <stdio.h>
#include <string.h>

#include "kapi/kapi.h"
#include "kapi/sim/sim.h"

static void fill(struct verdict *ret, uint32_t object, char name[2][48])
{
	bool swap = strcmp(name[0], name[1]) > 0;

	memset(ret, 0, sizeof(*ret));
	ret->rule = RULE_data_race;
	sim_describe(object, ret->type, ret->object);
	strcpy(ret->where[0], name[swap]);
	strcpy(ret->where[1], name[!swap]);
	ret->event[0] = ret->event[1] = -1;
}

#ifdef BONDFUZZ_TSAN

int __tsan_get_report_mop(void *report, unsigned long idx, int *tid, void **addr, int *size,
			  int *write, int *atomic, void **trace, unsigned long trace_size);
void __tsan_on_report(void *report);

#define FRAMES 8
#define ADDRESSES 16

void __tsan_write1(void *at);
void __tsan_write_range(void *at, unsigned long size);

static bool reported;
static void *address;
static void *seen[ADDRESSES]; /* all of the run */
static unsigned seen_nr;
static void *frame[2][FRAMES];

void __tsan_on_report(void *report)
{
	int tid, size, write, atomic;
	void *at[2] = {0}, *stack[2][FRAMES] = {0};

	for (unsigned long i = 0; i < 2; i++)
		__tsan_get_report_mop(report, i, &tid, &at[i], &size, &write, &atomic, stack[i],
				      FRAMES);
	seen[seen_nr++ % ADDRESSES] = at[0];
	if (reported)
		return;
	reported = true;
	address = at[1];
	memcpy(frame, stack, sizeof(frame));
}

/*
 * Where there was a report TSan takes reads for harmless from then on: a mark in the first of the four places of a
 * word. The next run is to see its own race, so its bytes are written, until that took each place: where a write goes
 * depends on how long the runtime's trace is, which two kinds of writes lengthen by odd and by even amounts.
 */
static void unmark(void *at)
{
	char *word = (char *)((uintptr_t)at & ~7ul);

	for (unsigned i = 0; i < 4 * 8; i++) {
		__tsan_write_range(word + i % 8, 1);
		__tsan_write1(word + (i + 3) % 8);
	}
}

void race_forget(void)
{
	for (unsigned i = 0; i < seen_nr && i < ADDRESSES; i++)
		unmark(seen[i]);
	seen_nr = 0;
	reported = false;
}

bool race_sanitizer_says(void)
{
	return reported;
}

/* The innermost function that is not only the one that says the access to TSan. */
static void name_of(void *const stack[FRAMES], char *ret, size_t cap)
{
	snprintf(ret, cap, "?");
	for (unsigned i = 0; i < FRAMES && stack[i]; i++) {
		const char *name = sim_function_at(stack[i]);

		if (strcmp(name, "san_marked") == 0)
			continue;
		snprintf(ret, cap, "%s", name);
		return;
	}
}

static bool take_from_sanitizer(struct verdict *ret)
{
	char name[2][48];

	if (!reported)
		return false;
	name_of(frame[0], name[0], sizeof(name[0]));
	name_of(frame[1], name[1], sizeof(name[1]));
	fill(ret, (uint32_t)kapi_object(address), name);
	return true;
}

#else

void race_forget(void)
{
}

bool race_sanitizer_says(void)
{
	return false;
}

static bool take_from_sanitizer(struct verdict *ret)
{
	(void)ret;
	return false;
}

#endif

static void put_kind(const struct sim_race *race, unsigned i, struct text *t)
{
	text_putf(t, "%s by %s in %s()", race->write[i] ? "a write" : "a read",
		  lane_name(race->lane[i]), sim_function_at(race->pc[i]));
}

bool race_take(struct verdict *ret)
{
	struct sim_race race;
	char name[2][48];
	struct text t;

	if (take_from_sanitizer(ret))
		return true;
	if (!sim_race(&race))
		return false;
	for (unsigned i = 0; i < 2; i++)
		snprintf(name[i], sizeof(name[i]), "%s", sim_function_at(race.pc[i]));
	fill(ret, race.object, name);
	t = text_init(ret->text, sizeof(ret->text));
	put_kind(&race, 0, &t);
	text_puts(&t, ", then ");
	put_kind(&race, 1, &t);
	return true;
}

/* ---- the other order ---- */

static bool is_reversed(const struct sim_race *a, const struct sim_race *b)
{
	if (a->pc[0] == a->pc[1])
		return a->lane[0] == b->lane[1] && a->lane[1] == b->lane[0];
	return a->pc[0] == b->pc[1];
}

/* The other order of an access and a free ends the run: with the free first it is a use after it. */
static bool is_use_after_free(const struct exec *x, const char *type)
{
	const struct verdict *v = &x->trace.verdict;

	return v->rule == RULE_dead_use && strcmp(v->type, type) == 0;
}

static enum race_order order_of_run(const struct exec *x, struct sim_race *race, const char *type)
{
	struct sim_race got;

	if (race->frees && is_use_after_free(x, type))
		return RACE_USED_FREED;
	if (!sim_race(&got))
		return RACE_ONE_ORDER;
	if (is_reversed(race, &got))
		return RACE_REVERSED;
	memcpy(race->stack, got.stack, sizeof(got.stack));
	return RACE_ONE_ORDER;
}

/* Until it was seen in the other order, and where the earlier access stands. */
static enum race_order search_order(struct exec *x, const struct exec_how *how,
				    struct sim_race *race, unsigned runs, uint64_t *ret_seed)
{
	enum race_order order = RACE_ONE_ORDER;
	char type[32], name[32];

	sim_describe(race->object, type, name);
	for (uint64_t seed = 1; seed <= runs && !(order && race->stack[0][0]); seed++) {
		enum race_order got;

		exec_run(x, how, strategy_find("pos"), seed);
		got = order_of_run(x, race, type);
		if (order || !got)
			continue;
		order = got;
		*ret_seed = seed;
	}
	return order;
}

static bool is_seen_late(struct exec *x, struct exec_how how, const struct sim_race *race,
			 unsigned runs, uint64_t *ret_seed)
{
	struct sim_race wanted = *race, got;

	wanted.late = true;
	sim_race_only(&wanted);
	how.strength.weak = true;
	for (*ret_seed = 1; *ret_seed <= runs; ++*ret_seed) {
		exec_run(x, &how, strategy_find("pos"), *ret_seed);
		if (sim_race(&got))
			return true;
	}
	return false;
}

enum race_order race_confirm(struct exec *x, const struct exec_how *how, struct sim_race *race,
			     unsigned runs, uint64_t *ret_seed)
{
	struct exec_how racy = *how;
	enum race_order order;

	racy.strength.granularity = SIM_RACY;
	sim_race_point(race->pc[0]);
	sim_race_point(race->pc[1]);
	sim_race_only(race);
	order = search_order(x, &racy, race, runs, ret_seed);
	if (!order && is_seen_late(x, racy, race, runs, ret_seed))
		order = RACE_LATE;
	sim_race_only(NULL);
	return order;
}
