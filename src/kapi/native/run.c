/*
 * run.c - a run: the main lane, threads that start together, workers; everything is joined.
 *
 * Every thread is registered with both flavours for as long as it lives: who is not registered is
 * not waited for.
 */
#include "kapi/native/internal.h"

#include <pthread.h>

struct crew {
	void (*body)(void *arg, unsigned lane);
	void *arg;
	pthread_barrier_t start;
};

struct member {
	struct crew *crew;
	unsigned lane;
	pthread_t thread;
};

static uint64_t run_seed;

/* ---- a thread ---- */

void native_thread_begin(unsigned lane, uint64_t seed)
{
	native_self = (struct native_thread){.rng = rng_init(seed * LANES + lane),
					     .lane = (uint8_t)lane,
					     .writer = (uint8_t)lane,
					     .registered = true,
					     .begin = native_now()};
	native_domains_register();
}

static void check_left_over(const struct site *site)
{
	if (native_self.held_nr)
		native_fail(RULE_lock_leaked, native_self.held[0], "it ends with a lock held",
			    site);
	for (unsigned d = 0; d < DOMAINS; d++)
		if (native_self.nest[d])
			native_fail(RULE_reader_leaked, NULL, "it ends inside a reader", site);
}

void kapi_driver_returns(struct site *site)
{
	check_left_over(site);
}

void native_op_begin(const struct site *site)
{
	native_step();
	native_self.op++;
	native_self.site = site;
}

void native_op_end(void)
{
	check_left_over(native_self.site);
}

void native_thread_end(void)
{
	check_left_over(NULL);
	native_notes_settle(native_now());
	native_domains_unregister();
	native_self.registered = false;
}

static void *member_entry(void *arg)
{
	struct member *m = arg;

	native_thread_begin(m->lane, run_seed);
	pthread_barrier_wait(&m->crew->start);
	m->crew->body(m->crew->arg, m->lane);
	native_thread_end();
	return NULL;
}

/* ---- a run ---- */

void native_run(unsigned threads_nr, void (*body)(void *arg, unsigned lane), void *arg)
{
	struct crew crew = {.body = body, .arg = arg};
	struct member member[THREADS_MAX];

	must(threads_nr && threads_nr <= THREADS_MAX && native_self.registered);
	must(!pthread_barrier_init(&crew.start, NULL, threads_nr));
	for (unsigned i = 0; i < threads_nr; i++) {
		member[i] = (struct member){.crew = &crew, .lane = LANE_A + i};
		must(!pthread_create(&member[i].thread, NULL, member_entry, &member[i]));
	}
	for (unsigned i = 0; i < threads_nr; i++)
		must(!pthread_join(member[i].thread, NULL));
	must(!pthread_barrier_destroy(&crew.start));
}

void native_begin(uint64_t seed)
{
	run_seed = seed;
	native_let_fail(0);
	native_blocks_reset();
	native_files_reset();
	native_maps_reset();
	native_notes_reset();
	native_doubt_reset();
	native_statics_restore();
	native_thread_begin(LANE_MAIN, seed);
	native_domains_start(seed);
	native_later_start(seed);
}

/* Callbacks, works and timers start each other. */
void native_end(void)
{
	do
		native_domains_barrier();
	while (native_later_drain());
	native_domains_stop();
	native_later_stop();
	native_thread_end();
}
