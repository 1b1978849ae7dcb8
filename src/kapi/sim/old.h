/*
 * old.h - loads of old values, for an interpreter that knows which load the address of another comes from.
 *
 * A stamp is a moment of the run: the number of stores committed so far. All functions are about the
 * lane that runs.
 */
#ifndef KAPI_SIM_OLD_H
#define KAPI_SIM_OLD_H

#include <stdbool.h>
#include <stdint.h>

/** old_begin() - a run starts: no word is watched */
void old_begin(void);

/** old_watch() - keep the values of a word from here on; false: there is no room */
bool old_watch(const int *word);

/** old_now() - the stamp of this moment */
uint32_t old_now(void);

/** old_committed() - @lane's store of @value to @at is visible from here on */
void old_committed(const volatile void *at, int value, unsigned lane);

/**
 * old_load() - read a word that no own store is pending for: any value that it had since the lane's view
 * @when: stamp of the address; on return the earliest moment at which the load can have been made
 */
int old_load(const int *word, uint32_t *when);

/** old_loaded() - this lane has made a load at @when by other means */
void old_loaded(uint32_t when);

/** old_acquire() - later loads are made at @when or after it */
void old_acquire(uint32_t when);

/** old_barrier() - smp_rmb(): later loads are made after all earlier ones */
void old_barrier(void);

/** old_grace_begin() - a grace period of @domain begins */
void old_grace_begin(const void *domain);

/** old_reader_begin() - the loads of this reader are made after the newest grace period began */
void old_reader_begin(const void *domain);

/** old_hash() - a hash of the values that can still be read, and of what each lane may read */
uint64_t old_hash(uint32_t (*stamp)(uint32_t when));

/** old_each_stamp() - call @note for each stamp that old_hash() asks about */
void old_each_stamp(void (*note)(uint32_t when));

/** old_view() - the earliest moment of a load of @lane */
uint32_t old_view(unsigned lane);

#endif
