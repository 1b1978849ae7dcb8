/*
 * watch.h - the notes about clients of MMU notifiers, written without the drivers' help.
 *
 * Wrapped functions of the notifier core and thunks in the drivers' ops (kernel/notifier.c) call
 * what is here; drivers know nothing of it. A client is a subscription: its address is its name.
 * @pc is an address in the function that a note is about: the driver's callback, or its caller of
 * the core.
 *
 * Plain C types only: the callers are compiled with the headers of a kernel, or with ours. The names
 * begin with bond_, which stay as they are when a tree's symbols get a prefix.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

/* The caller's caller, for a wrapper. */
#define BOND_CALLER ((const char *)__builtin_return_address(0) - 1)

/** bond_watch_begin() - a run starts: no client, no call under way */
void bond_watch_begin(void);

/* ---- registration ---- */

/**
 * bond_watch_registered() - before the core gets a client: callbacks may come before it returns
 * @has_release: 0: nobody will tell it that @mm ends
 */
void bond_watch_registered(const void *client, const void *mm, int has_release, const void *pc);
/** bond_watch_failed() - the core did not take it */
void bond_watch_failed(const void *client, const void *pc);
/** bond_watch_over() - it is no client any more, and nobody says that it was unregistered */
void bond_watch_over(const void *client, const void *pc);
/**
 * bond_watch_leave() - before its unregister or remove
 * @repeats: release may come once more, in this call; not for a second call on one registration
 */
void bond_watch_leave(const void *client, int repeats, const void *pc);
/** bond_watch_map() - @waits, which waits for invalidations, is called: it may not be called inside one */
void bond_watch_map(const char *waits, const void *pc);
/** bond_watch_left() - after it; also before free_notifier() */
void bond_watch_left(const void *client, const void *pc);

/* ---- get and put ---- */

/** bond_watch_get_begin() - before a get. Returns: what bond_watch_get_end() takes back */
const void *bond_watch_get_begin(const void *ops, const void *mm);
/** bond_watch_getting() - the ops of the get that this thread is in */
const void *bond_watch_getting(void);
/** bond_watch_get_end() - after a get; @client is NULL where it failed */
void bond_watch_get_end(const void *client, const void *ops, const void *mm, const void *before,
			const void *pc);
/** bond_watch_kept() - the core took a registration: one user, which a put ends as an unregister does */
void bond_watch_kept(const void *client, const void *ops, const void *mm);
/** bond_watch_put_begin() - before a put. Returns: for bond_watch_put_end() */
int bond_watch_put_begin(const void *client, const void *pc);
void bond_watch_put_end(const void *client, int pair, const void *pc);

/* ---- callbacks ---- */

/** bond_watch_core() - this thread enters (+1) or leaves (-1) a function that may call release() */
void bond_watch_core(int change);
/** bond_watch_exited() - it leaves the one that ends @mm: no list of the core has a client of @mm any more */
void bond_watch_exited(const void *mm);
void bond_watch_release_begin(const void *client, const void *mm, const void *pc);
void bond_watch_release_end(const void *client, const void *mm, const void *pc);
/** bond_watch_again() - the bench is about to call release() once more than needed */
void bond_watch_again(const void *client, const void *pc);
void bond_watch_callback_begin(const void *client, const void *mm, const void *pc);
void bond_watch_callback_end(const void *client, const void *mm, const void *pc);
/** bond_watch_range() - a client that has an end knows of the start of a change (1), of the end (0) */
void bond_watch_range(const void *client, const void *mm, int start, const void *pc);

/* ---- intervals ---- */

/**
 * bond_watch_tell_begin() - a client is told of a change, which it knows of from when it stores to @seq
 * @seq: its own sequence number
 */
void bond_watch_tell_begin(const void *client, const void *mm, const void *seq, const void *pc);
/** bond_watch_store() - a marked store to @at is about to be made: is it such a sequence number? */
void bond_watch_store(const volatile void *at);
/** bond_watch_tell_end() - it returned; @ok: it took the change, so it knows of it by now */
void bond_watch_tell_end(int ok);
/** bond_watch_reading() - mmu_interval_read_begin() returned */
void bond_watch_reading(const void *client, const void *pc);
/** bond_watch_is_foreign() - did another thread begin to read last? Then the notes know less of it */
int bond_watch_is_foreign(const void *client);
/** bond_watch_mapped() - what was read is about to be mapped */
void bond_watch_mapped(const void *client, const void *pc);
/** bond_watch_retry() - the caller asked whether what it read is to be thrown away; else it maps it */
void bond_watch_retry(const void *client, int retry);

/*
 * ---- a core that writes no notes of its own ----
 *
 * Entry and return are all that wrappers see. So a start counts once it returned 0, until the end is
 * entered; and when an exit returns it has waited for every client that was not leaving.
 */

/** bond_watch_start_begin() - before a start; @may_fail: it may not block */
void bond_watch_start_begin(int may_fail);
void bond_watch_start_end(const void *mm, int error, const void *pc);
void bond_watch_end_begin(const void *mm, const void *pc);
/** bond_watch_inserted() - before an interval is inserted, at once or later */
void bond_watch_inserted(const void *client, const void *mm, const void *pc);
void bond_watch_exit_begin(const void *mm, const void *pc);
void bond_watch_exit_end(const void *mm, const void *pc);

#endif
