/*
 * interpret.h - accesses to memory that no compiler made: for an interpreter of code under test.
 *
 * Each is a visible operation, plain ones too. A stamp is a moment of the run, counted in committed
 * stores: a load carries the earliest moment at which it can have been made, and what is computed from
 * it carries the latest of its sources. So the interpreter knows address dependencies exactly.
 */
#ifndef KAPI_SIM_INTERPRET_H
#define KAPI_SIM_INTERPRET_H

#include "kapi/kapi.h"

struct sim_access {
	int *word;
	struct site *site;
	enum kapi_order order;
	bool plain;
	uint32_t when; /* a load: stamp of the address; on return that of the value */
};

/** sim_interpret_load() - load a word; under weak memory maybe an old value of it */
int sim_interpret_load(struct sim_access *a);

/** sim_interpret_points() - the value that was loaded is the address of @word */
void sim_interpret_points(const struct sim_access *a, const int *word);

/** sim_interpret_store() - store a word; under weak memory others may see it later */
void sim_interpret_store(const struct sim_access *a, int value);

/**
 * sim_interpret_update() - a read-modify-write of a word: add, xchg, cmpxchg or add_unless
 * @ret_done: false: it failed, the word is as it was
 *
 * Returns: the old value.
 */
int sim_interpret_update(struct sim_access *a, enum kapi_update how, int operand, int expected,
			 bool *ret_done);

/** sim_interpret_is_locked() - is the lock held by anyone? orders nothing */
bool sim_interpret_is_locked(const void *lock, const char *name, struct site *site);

/**
 * sim_interpret_state() - under weak memory: a hash of what the words hold, of old values that can still
 * be read, and of pending stores
 * @when: @nr stamps that the interpreter keeps
 *
 * Stamps count by their order only.
 */
uint64_t sim_interpret_state(const uint32_t *when, unsigned nr);

#endif
