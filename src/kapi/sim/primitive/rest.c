/*
 * rest.c - is a run at rest, and are its clients?
 *
 * When all threads have ended and nothing is left that runs later, a count of what is under way must
 * be 0: one that stays up blocks those who come next for ever, or has them come again for ever, and no
 * lock and no wait shows it. The question reads memory and nothing else, so no run becomes another by
 * it. It is not asked where a run is not what it seems: after an injected failure, in the fair tail of
 * a long run, behind a verdict that was let pass. Delayed stores are no matter: a lane that blocks or
 * ends has none left.
 */
#include "kapi/sim/internal.h"

#include <string.h>

bool sim_is_at_rest(void)
{
	return !sim.fair && !sim.failed && !sim.reported && !sim_rcu_is_busy() &&
	       !later_is_busy(&sim_timers, NULL, NULL, LATER_ALL) &&
	       !later_is_busy(&sim_works, NULL, NULL, LATER_ALL);
}

void sim_at_rest(void (*ask)(void))
{
	must(sim_is_at_rest());
	/* It reads what others wrote, unordered: nobody runs. */
	race_on = sim_watches_accesses = false;
	san_tsan_acquire(&sim_end_tag);
	ask();
	race_on = sim.strength.races && !sim.strength.witness;
	sim_watch_accesses();
}

void kapi_rest(const volatile void *object, const volatile void *word, unsigned size,
	       uint64_t value, struct site *site)
{
	uint64_t now = 0;

	must(size <= sizeof(now));
	sim_touch_range(word, size);
	memcpy(&now, (const void *)word, size);
	if (now == value)
		return;
	sim_self()->site = site;
	sim_report(RULE_not_at_rest, sim_object(object, 0), -1, site->func, site->text);
}
