/*
 * since.c - since when the current lane is in something: the event that took a lock, or entered a reader.
 *
 * A verdict about what is held names it, so that the letter shows where it began. Asked only for one.
 */
#include "kapi/sim/internal.h"

int sim_last_of(enum event_kind kind, uint32_t object)
{
	for (uint32_t i = sim.trace->events_nr; object && i-- > 0;) {
		const struct trace_event *e = &sim.trace->event[i];
		bool like = kind == EV_lock &&
			    (e->kind == EV_lock_read || (e->kind == EV_trylock && e->arg));

		if (e->lane == sim.current && e->object == object && (e->kind == kind || like))
			return (int)i;
	}
	return -1;
}

int sim_last_begin(uint32_t domain)
{
	unsigned ended = 0;

	for (uint32_t i = sim.trace->events_nr; i-- > 0;) {
		const struct trace_event *e = &sim.trace->event[i];

		if (e->lane != sim.current || e->object != domain)
			continue;
		if (e->kind == EV_reader_end)
			ended++;
		else if (e->kind == EV_reader_begin && !ended--)
			return (int)i;
	}
	return -1;
}
