/*
 * bit.c - waits for a bit of a word to be clear, as the lock of a page is, and for a condition about a
 * variable.
 *
 * The kernel has a table of queues by hash, and a wake-up wakes those that wait for the same word. Here each
 * word has a queue of its own in a run; the last queue is for all that are too many. So nobody touches the
 * word behind its last look at it: who waits for it may free it.
 *
 * A wake-up first looks whether somebody waits, without a lock, and so can come too early where no barrier
 * stands between it and the change of the word.
 */
#include <linux/bitops.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "tree/kernel/glue.h"

#define HOW KAPI_INLINE_INIT
#define WORDS 32
#define VARIABLE -1 /* no bit */

static struct {
	const void *at;
	int bit;
	struct wait_queue_head queue;
} words[WORDS];

static struct wait_queue_head *queue_of(const void *at, int bit)
{
	unsigned int i = 0;

	while (i < WORDS - 1 && words[i].at && (words[i].at != at || words[i].bit != bit))
		i++;
	if (!words[i].at) {
		words[i].at = at;
		words[i].bit = bit;
		INIT_LIST_HEAD(&words[i].queue.head);
		kapi_queue_init(&words[i].queue, kapi_class_of(NULL, "word"));
	}
	return &words[i].queue;
}

static void wake(struct wait_queue_head *queue, struct site *site)
{
	if (kapi_queue_is_used(queue, HOW, "word", site))
		kapi_queue_wake(queue, HOW, "word", site);
}

/* ---- what waits sleep with ---- */

static int sleep(int how, struct site *site)
{
	int end = bond_queue_sleep(how, site);

	if (!end)
		return 0;
	return end == KAPI_WAIT_SIGNAL ? -EINTR : -EAGAIN;
}

int bit_wait(struct wait_bit_key *key, int mode)
{
	return sleep(bond_sleep_how(mode), BOND_SITE);
}

int bit_wait_io(struct wait_bit_key *key, int mode)
{
	return sleep(bond_sleep_how(mode), BOND_SITE);
}

int bit_wait_timeout(struct wait_bit_key *key, int mode)
{
	return sleep(bond_sleep_how(mode) | KAPI_WAIT_TIMEOUT, BOND_SITE);
}

int bit_wait_io_timeout(struct wait_bit_key *key, int mode)
{
	return sleep(bond_sleep_how(mode) | KAPI_WAIT_TIMEOUT, BOND_SITE);
}

/* Where it is one of the above, the call at @site is what sleeps. */
static int act(wait_bit_action_f *action, struct wait_bit_key *key, unsigned int mode,
	       struct site *site)
{
	if (action == bit_wait || action == bit_wait_io)
		return sleep(bond_sleep_how(mode), site);
	if (action == bit_wait_timeout || action == bit_wait_io_timeout)
		return sleep(bond_sleep_how(mode) | KAPI_WAIT_TIMEOUT, site);
	current->__state = mode;
	return action(key, mode);
}

/* ---- waiting ---- */

struct call {
	struct site *site;
	const void *pc;
	wait_bit_action_f *action;
	unsigned int mode;
};

static bool is_set(const struct wait_bit_key *key, const struct call *call)
{
	const unsigned long *word = (unsigned long *)key->flags + key->bit_nr / BITS_PER_LONG;

	bond_load(word, sizeof(*word), call->site, call->pc);
	return *(const volatile unsigned long *)word >> key->bit_nr % BITS_PER_LONG & 1;
}

/* Returns: was it clear, and is it the caller's now? */
static bool take(const struct wait_bit_key *key, const struct call *call)
{
	unsigned long *word = (unsigned long *)key->flags + key->bit_nr / BITS_PER_LONG;
	unsigned long bit = 1ul << key->bit_nr % BITS_PER_LONG;

	return !(
		kapi_update(word, sizeof(*word), KAPI_UPDATE_OR, bit, 0, KAPI_ACQUIRE, call->site) &
		bit);
}

static int wait(struct wait_queue_head *queue, struct wait_bit_queue_entry *entry, bool lock,
		const struct call *call)
{
	int error = 0;
	bool over;

	bond_sleepable(call->site);
	do {
		bond_queue_begin(queue, &entry->wq_entry, call->site);
		if (is_set(&entry->key, call))
			error = act(call->action, &entry->key, call->mode, call->site);
		over = lock ? take(&entry->key, call) : !is_set(&entry->key, call);
	} while (!over && !error);
	bond_queue_end(queue, &entry->wq_entry, call->site);
	return lock && over ? 0 : error;
}

int __wait_on_bit(struct wait_queue_head *queue, struct wait_bit_queue_entry *entry,
		  wait_bit_action_f *action, unsigned int mode)
{
	struct call call = {BOND_SITE, __builtin_return_address(0), action, mode};

	return wait(queue, entry, false, &call);
}

int __wait_on_bit_lock(struct wait_queue_head *queue, struct wait_bit_queue_entry *entry,
		       wait_bit_action_f *action, unsigned int mode)
{
	struct call call = {BOND_SITE, __builtin_return_address(0), action, mode};

	return wait(queue, entry, true, &call);
}

static int out_of_line(void *word, int bit, bool lock, const struct call *call)
{
	DEFINE_WAIT_BIT(entry, word, bit);

	return wait(queue_of(word, bit), &entry, lock, call);
}

int out_of_line_wait_on_bit(void *word, int bit, wait_bit_action_f *action, unsigned int mode)
{
	struct call call = {BOND_SITE, __builtin_return_address(0), action, mode};

	return out_of_line(word, bit, false, &call);
}

int out_of_line_wait_on_bit_timeout(void *word, int bit, wait_bit_action_f *action,
				    unsigned int mode, unsigned long timeout)
{
	struct call call = {BOND_SITE, __builtin_return_address(0), action, mode};

	return out_of_line(word, bit, false, &call);
}

int out_of_line_wait_on_bit_lock(void *word, int bit, wait_bit_action_f *action, unsigned int mode)
{
	struct call call = {BOND_SITE, __builtin_return_address(0), action, mode};

	return out_of_line(word, bit, true, &call);
}

int wake_bit_function(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key)
{
	return 1;
}

struct wait_queue_head *bit_waitqueue(void *word, int bit)
{
	return queue_of(word, bit);
}

void __wake_up_bit(struct wait_queue_head *queue, void *word, int bit)
{
	wake(queue, BOND_SITE);
}

void wake_up_bit(void *word, int bit)
{
	wake(queue_of(word, bit), BOND_SITE);
}

/* ---- variables: the loop is inline ---- */

struct wait_queue_head *__var_waitqueue(void *variable)
{
	return queue_of(variable, VARIABLE);
}

void init_wait_var_entry(struct wait_bit_queue_entry *entry, void *variable, int flags)
{
	entry->key.flags = variable;
	entry->key.bit_nr = VARIABLE;
	init_wait_entry(&entry->wq_entry, flags);
}

void wake_up_var(void *variable)
{
	wake(queue_of(variable, VARIABLE), BOND_SITE);
}

/* ---- the lock of a page: a bit of its flags, of which the fast path is inline ---- */

static struct wait_queue_head *queue_of_page(struct folio *folio)
{
	return queue_of(&folio->flags, PG_locked);
}

void __folio_lock(struct folio *folio)
{
	struct call call = {BOND_SITE, __builtin_return_address(0), bit_wait, TASK_UNINTERRUPTIBLE};

	out_of_line(&folio->flags, PG_locked, true, &call);
}

int __folio_lock_killable(struct folio *folio)
{
	struct call call = {BOND_SITE, __builtin_return_address(0), bit_wait, TASK_KILLABLE};

	return out_of_line(&folio->flags, PG_locked, true, &call);
}

static void unlock_folio(struct folio *folio, struct site *site)
{
	kapi_update(&folio->flags, sizeof(folio->flags), KAPI_UPDATE_AND, ~(1ul << PG_locked), 0,
		    KAPI_RELEASE, site);
	wake(queue_of_page(folio), site);
}

void folio_unlock(struct folio *folio)
{
	unlock_folio(folio, BOND_SITE);
}

void unlock_page(struct page *page)
{
	unlock_folio(page_folio(page), BOND_SITE);
}
