/*
 * module.c - the end of a module: what still is to run its code?
 *
 * When cleanup_module() has returned the module's text goes. A work that is queued or runs, a timer
 * that is armed, a callback of a grace period would run in freed memory, whenever that is: so it is a
 * verdict at once, not only in the schedules in which it comes last. The functions of KAPI_STAYS() are
 * the kernel's, and so is what kfree_rcu() calls. Clients of notifiers are src/model's part: they are
 * read off the notes.
 */
#include <linux/rcupdate.h>

#include "kapi/sim/internal.h"

typedef void (*function)(void);

extern const function __start_bf_stays[] __attribute__((weak));
extern const function __stop_bf_stays[] __attribute__((weak));

static bool stays(function func)
{
	if (func == (function)kapi_rcu_free)
		return true;
	for (const function *f = __start_bf_stays; f < __stop_bf_stays; f++)
		if (*f == func)
			return true;
	return false;
}

static void complain(uint32_t object, int event, const char *text)
{
	const struct site *site = event >= 0 ? sim.trace->event[event].site : NULL;

	sim_report(RULE_code_unloaded, object, event, site ? site->func : NULL, text);
}

static void look_at_later(struct later *l, enum prim_kind kind, const char *queued,
			  const char *running)
{
	for (unsigned i = 0; i < l->slots_nr; i++) {
		const struct later_slot *s = &l->slot[i];
		const struct prim *p = s->item ? prim_find(s->item, kind) : NULL;

		/* The timer of a delayed work is the kernel's: it queues the work. */
		if (!p || !p->func || stays(p->func))
			continue;
		if (s->queued || s->running)
			complain(s->object, s->event, s->queued ? queued : running);
	}
}

static void look_at_callback(const void *head, function func, int event)
{
	if (!stays(func))
		complain(sim_object(head, 0), event, "a callback is queued, or runs");
}

/* ---- mappings ---- */

#define MAPS_MAX 64 /* one more is not known */

static struct map {
	const volatile void *vma;
	const volatile void *const volatile *ops;
} maps[MAPS_MAX];
static unsigned maps_nr;

void sim_module_begin(void)
{
	maps_nr = 0;
}

void kapi_module_maps(const volatile void *vma, const volatile void *const volatile *ops)
{
	if (maps_nr < MAPS_MAX)
		maps[maps_nr++] = (struct map){vma, ops};
}

static bool is_mapped(void)
{
	for (unsigned i = 0; i < maps_nr; i++) {
		const struct sim_block *b = sim_block_of(maps[i].vma);

		if (b && sim_lives(b) && *maps[i].ops)
			return true;
	}
	return false;
}

/* ---- the end ---- */

void kapi_module_end(struct site *site)
{
	sim_self()->site = site;
	if (is_mapped())
		return;
	look_at_later(&sim_timers, PRIM_TIMER, "a timer is armed", "a timer runs");
	look_at_later(&sim_works, PRIM_WORK, "a work is queued", "a work runs");
	sim_rcu_each_callback(look_at_callback);
	kapi_note_unloaded(NULL, 0, site);
}
