/*
 * client.c - what the notes need to know that no single call tells: who is a client, how many users
 * it has, whether its end has begun; and of each thread, which calls it is inside.
 *
 * How many users a notifier has the core does not tell. They are counted here, from the return of a get
 * or of a registration to a put's begin: a put that leaves no user may be the last, unless a get under way finds the notifier;
 * then that get takes the note back. The last put has returned when no get or put of these ops and this
 * mm is under way.
 *
 * A release that comes while its thread is in no function of the core is the driver's own call.
 *
 * On real threads all of it is under a lock that no sanitizer sees: the notes order nothing between
 * threads, and so must this not. What does not fit into the tables is not watched.
 */
#include "watch/internal.h"

#include <stdbool.h>
#include <stddef.h>

#include "kapi/kapi.h"

#define CLIENTS 128
#define PAIRS 64
#define WAITING 16
#define BOND_NEVER_THERE 1 /* of the notes of an end: the core did not take the client */

struct client {
	const void *at; /* NULL: free */
	int pair;	/* of a notifier by get and put, or -1 */
	unsigned users;
	unsigned again; /* registrations of one that is registered: nothing may come of them */
	bool leaving;
	const void *mm;
	bool released; /* its mm has ended: the core has let go of it */
};

/* A notifier's ops and mm, as the driver names them in a get. */
struct pair {
	const void *ops, *mm;
	int inside; /* gets that have begun, less puts that have returned */
};

struct thread {
	int core;	     /* functions of the core that it is in */
	const void *getting; /* ops of the get that it is in */
	const void *told;    /* the interval client that is told of a change, until it is noted */
	const void *told_mm, *told_seq, *told_pc;
	const void *reading; /* the interval client that it read for last */
	bool may_fail;	     /* it is in a start that may fail: */
	unsigned waiting_nr; /* its rows of waiting */
};

/* Interval clients that took a start that may fail, and their callbacks. */
struct waiting {
	const void *client, *pc;
};

static struct client clients[CLIENTS];
static unsigned clients_nr;
static struct pair pairs[PAIRS];
static unsigned pairs_nr;
static struct thread threads[KAPI_THREADS];
static struct waiting waiting[KAPI_THREADS][WAITING];

static struct thread *self(void)
{
	return &threads[kapi_thread()];
}

void bond_watch_begin(void)
{
	clients_nr = pairs_nr = 0;
	for (unsigned i = 0; i < KAPI_THREADS; i++)
		threads[i] = (struct thread){.core = 0};
}

/* ---- the tables; watch_lock() is held ---- */

static struct client *find(const void *at)
{
	for (unsigned i = clients_nr; i-- > 0;)
		if (clients[i].at == at)
			return &clients[i];
	return NULL;
}

static bool add(const void *at, const void *mm)
{
	struct client *c = find(at);

	if (!c)
		c = find(NULL);
	if (!c && clients_nr < CLIENTS)
		c = &clients[clients_nr++];
	if (c)
		*c = (struct client){.at = at, .mm = mm, .pair = -1};
	return c;
}

static int pair_of(const void *ops, const void *mm)
{
	for (unsigned i = 0; i < pairs_nr; i++)
		if (pairs[i].ops == ops && pairs[i].mm == mm)
			return (int)i;
	if (pairs_nr == PAIRS)
		return -1;
	pairs[pairs_nr] = (struct pair){ops, mm, 0};
	return (int)pairs_nr++;
}

/* Returns: is nobody inside any more? */
static bool pair_add(int pair, int delta)
{
	return pair >= 0 && !(pairs[pair].inside += delta);
}

/* The driver registers it although it is registered: what the core makes of that is the core's. */
static bool is_again(const void *at)
{
	struct client *c = find(at);

	if (!c || c->leaving || c->released)
		return false;
	c->again++;
	return true;
}

static void forget(const void *at)
{
	struct client *c = find(at);

	if (!c)
		return;
	pair_add(c->pair, -(int)c->users);
	c->at = NULL;
}

/* ---- registration ---- */

void bond_watch_registered(const void *client, const void *mm, int has_release, const void *pc)
{
	struct site *site = watch_site(pc);
	bool again, watched;

	watch_lock();
	again = is_again(client);
	watched = !again && add(client, mm);
	watch_unlock();
	if (again)
		kapi_list_twice(client, "registered again while it is registered", site);
	if (!watched)
		return;
	kapi_note_registered(client, kapi_object(mm), site);
	if (!has_release)
		kapi_note_no_release(client, 0, site);
}

void bond_watch_failed(const void *client, const void *pc)
{
	struct site *site = watch_site(pc);
	struct client *c;
	bool again;

	watch_lock();
	c = find(client);
	again = c && c->again;
	if (again)
		c->again--;
	else
		forget(client);
	watch_unlock();
	if (again)
		return;
	kapi_note_unregister_begin(client, BOND_NEVER_THERE, site);
	kapi_note_unregistered(client, BOND_NEVER_THERE, site);
}

void bond_watch_over(const void *client, const void *pc)
{
	kapi_note_unregister_begin(client, 0, watch_site(pc));
	bond_watch_left(client, pc);
}

void bond_watch_leave(const void *client, int repeats, const void *pc)
{
	struct site *site = watch_site(pc);
	struct client *c;
	bool first;

	watch_lock();
	c = find(client);
	first = c && !c->leaving;
	if (c)
		c->leaving = true;
	watch_unlock();
	kapi_note_unregister_begin(client, 0, site);
	if (first && repeats)
		kapi_note_may_repeat(client, 0, site);
}

void bond_watch_left(const void *client, const void *pc)
{
	watch_lock();
	forget(client);
	watch_unlock();
	kapi_note_unregistered(client, 0, watch_site(pc));
}

/* ---- get and put ---- */

const void *bond_watch_getting(void)
{
	return self()->getting;
}

const void *bond_watch_get_begin(const void *ops, const void *mm)
{
	const void *before = self()->getting;

	self()->getting = ops;
	watch_lock();
	pair_add(pair_of(ops, mm), 1);
	watch_unlock();
	bond_watch_core(1);
	return before;
}

/* Returns: had it no user, so that its end may have been noted? */
static bool add_user(const void *client, int pair)
{
	struct client *c = find(client);

	if (!c)
		return false;
	c->pair = pair;
	return !c->users++;
}

void bond_watch_get_end(const void *client, const void *ops, const void *mm, const void *before,
			const void *pc)
{
	bool first = false;

	bond_watch_core(-1);
	self()->getting = before;
	watch_lock();
	if (client)
		first = add_user(client, pair_of(ops, mm));
	else
		pair_add(pair_of(ops, mm), -1);
	watch_unlock();
	if (first)
		kapi_note_unregister_not(client, 0, watch_site(pc));
}

void bond_watch_kept(const void *client, const void *ops, const void *mm)
{
	int pair;

	watch_lock();
	pair = pair_of(ops, mm);
	if (find(client)) {
		add_user(client, pair);
		pair_add(pair, 1);
	}
	watch_unlock();
}

int bond_watch_put_begin(const void *client, const void *pc)
{
	bool last = false;
	struct client *c;
	int pair;

	watch_lock();
	c = find(client);
	pair = c ? c->pair : -1;
	if (c && c->users)
		last = !--c->users;
	watch_unlock();
	if (last)
		kapi_note_unregister_begin(client, 0, watch_site(pc));
	bond_watch_core(1);
	return pair;
}

void bond_watch_put_end(const void *client, int pair, const void *pc)
{
	bool last;

	bond_watch_core(-1);
	watch_lock();
	last = pair_add(pair, -1);
	watch_unlock();
	if (last)
		kapi_note_put_done(client, 0, watch_site(pc));
}

/* ---- callbacks ---- */

void bond_watch_core(int change)
{
	self()->core += change;
}

void bond_watch_release_begin(const void *client, const void *mm, const void *pc)
{
	struct site *site = watch_site(pc);

	if (!self()->core) {
		kapi_note_may_repeat(client, 0, site);
		kapi_note_own_release(client, 0, site);
	}
	kapi_note_release_begin(client, kapi_object(mm), site);
}

void bond_watch_release_end(const void *client, const void *mm, const void *pc)
{
	kapi_note_release_end(client, kapi_object(mm), watch_site(pc));
}

void bond_watch_again(const void *client, const void *pc)
{
	kapi_note_may_repeat(client, 0, watch_site(pc));
}

void bond_watch_callback_begin(const void *client, const void *mm, const void *pc)
{
	kapi_note_callback_begin(client, kapi_object(mm), watch_site(pc));
}

void bond_watch_callback_end(const void *client, const void *mm, const void *pc)
{
	kapi_note_callback_end(client, kapi_object(mm), watch_site(pc));
}

void bond_watch_range(const void *client, const void *mm, int start, const void *pc)
{
	if (start)
		kapi_note_range_start(client, kapi_object(mm), watch_site(pc));
	else
		kapi_note_range_end(client, kapi_object(mm), watch_site(pc));
}

void bond_watch_exited(const void *mm)
{
	bond_watch_core(-1);
	watch_lock();
	for (unsigned i = 0; i < clients_nr; i++)
		if (clients[i].at && clients[i].mm == mm)
			clients[i].released = true;
	watch_unlock();
}

/* ---- intervals ---- */

void bond_watch_tell_begin(const void *client, const void *mm, const void *seq, const void *pc)
{
	struct thread *t = self();

	bond_watch_callback_begin(client, mm, pc);
	t->told = client;
	t->told_mm = mm;
	t->told_seq = seq;
	t->told_pc = pc;
}

/* If the start fails the core ends the part of intervals before it returns: then it never was. */
static void note_told(struct thread *t)
{
	const void *client = t->told;

	t->told = NULL;
	if (!t->may_fail)
		return bond_watch_range(client, t->told_mm, 1, t->told_pc);
	if (t->waiting_nr == WAITING)
		return;
	waiting[t - threads][t->waiting_nr++] = (struct waiting){client, t->told_pc};
}

void bond_watch_store(const volatile void *at)
{
	struct thread *t = self();

	if (t->told && at == t->told_seq)
		note_told(t);
}

/* A driver that forgets the store knows of the change all the same. */
void bond_watch_tell_end(int ok)
{
	struct thread *t = self();

	if (t->told && ok)
		note_told(t);
	t->told = NULL;
}

void bond_watch_map(const char *waits, const void *pc)
{
	kapi_notifier_map(waits, watch_site(pc));
}

void bond_watch_reading(const void *client, const void *pc)
{
	self()->reading = client;
	kapi_note_reading(client, 0, watch_site(pc));
}

/* A number that another thread read is good as long as no change goes on; more is not known of it. */
int bond_watch_is_foreign(const void *client)
{
	return self()->reading != client;
}

void bond_watch_mapped(const void *client, const void *pc)
{
	kapi_note_mapped(client, bond_watch_is_foreign(client), watch_site(pc));
}

void bond_watch_retry(const void *client, int retry)
{
	/*
	 * The contract: it is asked under the lock that the callback takes, and what was read is mapped
	 * before that is dropped. Who asks without a lock has something else in mind.
	 */
	if (!retry && kapi_holds_lock())
		bond_watch_mapped(client, BOND_CALLER);
}

/* ---- a core that writes no notes ---- */

void bond_watch_start_begin(int may_fail)
{
	struct thread *t = self();

	t->may_fail = may_fail;
	t->waiting_nr = 0;
}

void bond_watch_start_end(const void *mm, int error, const void *pc)
{
	struct thread *t = self();

	t->may_fail = false;
	if (error)
		return;
	kapi_note_change_begin(mm, 0, watch_site(pc));
	for (unsigned i = 0; i < t->waiting_nr; i++)
		bond_watch_range(waiting[t - threads][i].client, mm, 1, waiting[t - threads][i].pc);
}

void bond_watch_end_begin(const void *mm, const void *pc)
{
	kapi_note_change_end(mm, 0, watch_site(pc));
}

void bond_watch_inserted(const void *client, const void *mm, const void *pc)
{
	kapi_note_inserted(client, kapi_object(mm), watch_site(pc));
}

void bond_watch_exit_begin(const void *mm, const void *pc)
{
	kapi_note_exit_unlinked(mm, 0, watch_site(pc));
	bond_watch_core(1);
}

void bond_watch_exit_end(const void *mm, const void *pc)
{
	bond_watch_exited(mm);
	kapi_note_exit_waited(mm, 1, watch_site(pc));
}
