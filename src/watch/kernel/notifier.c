/*
 * notifier.c - the notifier core as drivers see it: each function that matters is wrapped, and the
 * ops that a driver hands over are exchanged for a table of the same layout, with a thunk for each
 * callback that is there. So the notes are written for any driver over any core.
 *
 * Compiled with the headers of the world that it is in: ours, where linux/mmu_notifier.h gives drivers
 * the wrapped names, or a kernel tree's, where the linker does (kernel/wrapped.list).
 *
 * One table of thunks stands for one table of the driver's, so a get finds by it what an earlier get
 * made. The driver's own table is read where a thunk calls it: it may be gone, and that is a finding.
 * Nothing else here is the driver's business, nor a sanitizer's: QUIET.
 */
#define MMU_NOTIFIER_UNWATCHED
#include <linux/err.h>
#include <linux/mmu_notifier.h>

#include "watch/kernel/notifier.h"
#include "watch/watch.h"

#define QUIET __attribute__((no_sanitize("thread", "coverage"), __noinline__))
#define TABLES 48 /* of a run, by address; a program has no more ops than these */

/* ---- classic notifiers: thunks ---- */

struct notifier_table {
	struct mmu_notifier_ops ops; /* first: what subscriptions point to */
	const struct mmu_notifier_ops *real;
};

static struct notifier_table notifier_tables[TABLES];

QUIET static const struct mmu_notifier_ops *real_ops(const struct mmu_notifier *subscription)
{
	return ((const struct notifier_table *)subscription->ops)->real;
}

static void notifier_release(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	void (*call)(struct mmu_notifier *, struct mm_struct *) = real_ops(subscription)->release;

	bond_watch_release_begin(subscription, mm, call);
	call(subscription, mm);
	bond_watch_release_end(subscription, mm, call);
}

/* A callback that may not sleep and gives back a number. */
#define YOUNG_THUNK(name)                                                                          \
	static int notifier_##name(struct mmu_notifier *subscription, struct mm_struct *mm,        \
				   unsigned long start, unsigned long end)                         \
	{                                                                                          \
		int (*call)(struct mmu_notifier *, struct mm_struct *, unsigned long,              \
			    unsigned long) = real_ops(subscription)->name;                         \
		int young;                                                                         \
                                                                                                   \
		bond_watch_callback_begin(subscription, mm, call);                                 \
		young = call(subscription, mm, start, end);                                        \
		bond_watch_callback_end(subscription, mm, call);                                   \
		return young;                                                                      \
	}

YOUNG_THUNK(clear_flush_young)
YOUNG_THUNK(clear_young)

static int notifier_test_young(struct mmu_notifier *subscription, struct mm_struct *mm,
			       unsigned long address)
{
	int (*call)(struct mmu_notifier *, struct mm_struct *, unsigned long) =
		real_ops(subscription)->test_young;
	int young;

	bond_watch_callback_begin(subscription, mm, call);
	young = call(subscription, mm, address);
	bond_watch_callback_end(subscription, mm, call);
	return young;
}

/* Only a client with an end has a change open until then. */
static int notifier_invalidate_range_start(struct mmu_notifier *subscription,
					   const struct mmu_notifier_range *range)
{
	const struct mmu_notifier_ops *real = real_ops(subscription);
	int (*call)(struct mmu_notifier *, const struct mmu_notifier_range *) =
		real->invalidate_range_start;
	struct mm_struct *mm = range->mm;
	int has_end = real->invalidate_range_end != NULL;
	int error;

	bond_watch_callback_begin(subscription, mm, call);
	error = call(subscription, range);
	if (has_end)
		bond_watch_range(subscription, mm, 1, call);
	bond_watch_callback_end(subscription, mm, call);
	return error;
}

/* An end without a start is a client's that has none, and is told of it as of a change. */
static void notifier_invalidate_range_end(struct mmu_notifier *subscription,
					  const struct mmu_notifier_range *range)
{
	const struct mmu_notifier_ops *real = real_ops(subscription);
	void (*call)(struct mmu_notifier *, const struct mmu_notifier_range *) =
		real->invalidate_range_end;
	struct mm_struct *mm = range->mm;

	bond_watch_callback_begin(subscription, mm, call);
	if (real->invalidate_range_start)
		bond_watch_range(subscription, mm, 0, call);
	call(subscription, range);
	bond_watch_callback_end(subscription, mm, call);
}

static void notifier_flush(struct mmu_notifier *subscription, struct mm_struct *mm,
			   unsigned long start, unsigned long end)
{
	void (*call)(struct mmu_notifier *, struct mm_struct *, unsigned long, unsigned long) =
		real_ops(subscription)->NOTIFIER_FLUSH;

	bond_watch_callback_begin(subscription, mm, call);
	call(subscription, mm, start, end);
	bond_watch_callback_end(subscription, mm, call);
}

#ifdef HAVE_CHANGE_PTE
static void notifier_change_pte(struct mmu_notifier *subscription, struct mm_struct *mm,
				unsigned long address, pte_t pte)
{
	void (*call)(struct mmu_notifier *, struct mm_struct *, unsigned long, pte_t) =
		real_ops(subscription)->change_pte;

	bond_watch_callback_begin(subscription, mm, call);
	call(subscription, mm, address, pte);
	bond_watch_callback_end(subscription, mm, call);
}
#endif

static struct mmu_notifier *notifier_alloc_notifier(struct mm_struct *mm)
{
	const struct mmu_notifier_ops *real = bond_watch_getting();
	struct mmu_notifier *(*call)(struct mm_struct *) = real->alloc_notifier;
	struct mmu_notifier *subscription = call(mm);

	if (!IS_ERR(subscription))
		bond_watch_registered(subscription, mm, real->release != NULL, call);
	return subscription;
}

/* It may be freed by the call, or registered again. */
static void notifier_free_notifier(struct mmu_notifier *subscription)
{
	void (*call)(struct mmu_notifier *) = real_ops(subscription)->free_notifier;

	bond_watch_over(subscription, call);
	call(subscription);
}

/* ---- classic notifiers: tables ---- */

#define THUNK(name) .name = real->name ? notifier_##name : NULL

QUIET static void fill_notifier(struct notifier_table *table, const struct mmu_notifier_ops *real)
{
	table->real = real;
	table->ops = (struct mmu_notifier_ops){
		THUNK(release),
		THUNK(clear_flush_young),
		THUNK(clear_young),
		THUNK(test_young),
		THUNK(invalidate_range_start),
		THUNK(invalidate_range_end),
		.NOTIFIER_FLUSH = real->NOTIFIER_FLUSH ? notifier_flush : NULL,
#ifdef HAVE_CHANGE_PTE
		THUNK(change_pte),
#endif
		THUNK(alloc_notifier),
		THUNK(free_notifier),
	};
}

QUIET static int is_notifier_table(const struct mmu_notifier_ops *ops)
{
	return (const struct notifier_table *)ops >= notifier_tables &&
	       (const struct notifier_table *)ops < notifier_tables + TABLES;
}

/*
 * The driver's memory is read anew each time: it may be another module's by now. Returns: the table
 * that stands for @ops; @ops itself where there is none left: those clients are not watched.
 */
QUIET static const struct mmu_notifier_ops *notifier_thunks(const struct mmu_notifier_ops *ops)
{
	unsigned i = 0;

	if (!ops || is_notifier_table(ops))
		return ops;
	while (i < TABLES && notifier_tables[i].real && notifier_tables[i].real != ops)
		i++;
	if (i == TABLES)
		return ops;
	fill_notifier(&notifier_tables[i], ops);
	return &notifier_tables[i].ops;
}

QUIET static const struct mmu_notifier_ops *driver_ops(const struct mmu_notifier_ops *ops)
{
	return is_notifier_table(ops) ? ((const struct notifier_table *)ops)->real : ops;
}

/* ---- classic notifiers: what drivers call ---- */

/* Before the core sees it. Returns: is it watched? */
QUIET static int exchange_ops(struct mmu_notifier *subscription)
{
	subscription->ops = notifier_thunks(subscription->ops);
	return subscription->ops && is_notifier_table(subscription->ops);
}

static int register_watched(struct mmu_notifier *subscription, struct mm_struct *mm,
			    int (*call)(struct mmu_notifier *, struct mm_struct *), const void *pc)
{
	const struct mmu_notifier_ops *ops;
	int error;

	if (!subscription || !exchange_ops(subscription))
		return call(subscription, mm);
	ops = real_ops(subscription);
	bond_watch_registered(subscription, mm, subscription->ops->release != NULL, pc);
	error = call(subscription, mm);
	if (error)
		bond_watch_failed(subscription, pc);
	else
		bond_watch_kept(subscription, ops, mm);
	return error;
}

int __wrap_mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	return register_watched(subscription, mm, __real_mmu_notifier_register, BOND_CALLER);
}

int __wrap___mmu_notifier_register(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	return register_watched(subscription, mm, __real___mmu_notifier_register, BOND_CALLER);
}

void __wrap_mmu_notifier_unregister(struct mmu_notifier *subscription, struct mm_struct *mm)
{
	const void *pc = BOND_CALLER;

	bond_watch_leave(subscription, 1, pc);
	bond_watch_core(1);
	__real_mmu_notifier_unregister(subscription, mm);
	bond_watch_core(-1);
	bond_watch_left(subscription, pc);
}

static struct mmu_notifier *
get_watched(const struct mmu_notifier_ops *ops, struct mm_struct *mm,
	    struct mmu_notifier *(*call)(const struct mmu_notifier_ops *, struct mm_struct *),
	    const void *pc)
{
	const struct mmu_notifier_ops *thunks = notifier_thunks(ops), *real = driver_ops(ops);
	const void *before = bond_watch_get_begin(real, mm);
	struct mmu_notifier *subscription = call(thunks, mm);

	bond_watch_get_end(IS_ERR(subscription) ? NULL : subscription, real, mm, before, pc);
	return subscription;
}

#ifdef __real_mmu_notifier_get
struct mmu_notifier *__wrap_mmu_notifier_get(const struct mmu_notifier_ops *ops,
					     struct mm_struct *mm)
{
	return get_watched(ops, mm, __real_mmu_notifier_get, BOND_CALLER);
}
#endif

struct mmu_notifier *__wrap_mmu_notifier_get_locked(const struct mmu_notifier_ops *ops,
						    struct mm_struct *mm)
{
	return get_watched(ops, mm, __real_mmu_notifier_get_locked, BOND_CALLER);
}

void __wrap_mmu_notifier_put(struct mmu_notifier *subscription)
{
	const void *pc = BOND_CALLER;
	int pair = bond_watch_put_begin(subscription, pc);

	__real_mmu_notifier_put(subscription);
	bond_watch_put_end(subscription, pair, pc);
}

/* ---- interval notifiers ---- */

struct interval_table {
	struct mmu_interval_notifier_ops ops;
	const struct mmu_interval_notifier_ops *real;
};

static struct interval_table interval_tables[TABLES];

QUIET static const struct mmu_interval_notifier_ops *
real_interval_ops(const struct mmu_interval_notifier *interval_sub)
{
	return ((const struct interval_table *)interval_sub->ops)->real;
}

/* The end of the address space is one change more to it, and its release to the rules. */
static void tell_begin(struct mmu_interval_notifier *interval_sub,
		       const struct mmu_notifier_range *range, const void *pc)
{
	if (range->event == MMU_NOTIFY_RELEASE)
		bond_watch_release_begin(interval_sub, range->mm, pc);
	else
		bond_watch_tell_begin(interval_sub, range->mm, &interval_sub->invalidate_seq, pc);
}

static void tell_end(struct mmu_interval_notifier *interval_sub,
		     const struct mmu_notifier_range *range, int ok, const void *pc)
{
	if (range->event == MMU_NOTIFY_RELEASE) {
		bond_watch_release_end(interval_sub, range->mm, pc);
		return;
	}
	bond_watch_tell_end(ok);
	bond_watch_callback_end(interval_sub, range->mm, pc);
}

static bool interval_invalidate(struct mmu_interval_notifier *interval_sub,
				const struct mmu_notifier_range *range, unsigned long cur_seq)
{
	bool (*call)(struct mmu_interval_notifier *, const struct mmu_notifier_range *,
		     unsigned long) = real_interval_ops(interval_sub)->invalidate;
	bool ok;

	tell_begin(interval_sub, range, call);
	ok = call(interval_sub, range, cur_seq);
	tell_end(interval_sub, range, ok, call);
	return ok;
}

#ifdef HAVE_TWO_PASS
static bool interval_invalidate_start(struct mmu_interval_notifier *interval_sub,
				      const struct mmu_notifier_range *range, unsigned long cur_seq,
				      struct mmu_interval_notifier_finish **ret_finish)
{
	bool (*call)(struct mmu_interval_notifier *, const struct mmu_notifier_range *,
		     unsigned long, struct mmu_interval_notifier_finish **) =
		real_interval_ops(interval_sub)->invalidate_start;
	bool ok;

	tell_begin(interval_sub, range, call);
	ok = call(interval_sub, range, cur_seq, ret_finish);
	tell_end(interval_sub, range, ok, call);
	return ok;
}

static void interval_invalidate_finish(struct mmu_interval_notifier_finish *finish)
{
	struct mmu_interval_notifier *interval_sub = finish->notifier;
	struct mm_struct *mm = interval_sub->mm;
	void (*call)(struct mmu_interval_notifier_finish *) =
		real_interval_ops(interval_sub)->invalidate_finish;

	bond_watch_callback_begin(interval_sub, mm, call);
	call(finish);
	bond_watch_callback_end(interval_sub, mm, call);
}
#endif

#define INTERVAL_THUNK(name) .name = real->name ? interval_##name : NULL

QUIET static void fill_interval(struct interval_table *table,
				const struct mmu_interval_notifier_ops *real)
{
	table->real = real;
	table->ops = (struct mmu_interval_notifier_ops){
		INTERVAL_THUNK(invalidate),
#ifdef HAVE_TWO_PASS
		INTERVAL_THUNK(invalidate_start),
		INTERVAL_THUNK(invalidate_finish),
#endif
	};
}

/* Returns: the table that stands for @ops, or NULL: there is none left. */
QUIET static const struct mmu_interval_notifier_ops *
interval_thunks(const struct mmu_interval_notifier_ops *ops)
{
	unsigned i = 0;

	while (i < TABLES && interval_tables[i].real && interval_tables[i].real != ops)
		i++;
	if (i == TABLES)
		return NULL;
	fill_interval(&interval_tables[i], ops);
	return &interval_tables[i].ops;
}

typedef int insert_function(struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
			    unsigned long start, unsigned long length,
			    const struct mmu_interval_notifier_ops *ops);

static int insert_watched(struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
			  unsigned long start, unsigned long length,
			  const struct mmu_interval_notifier_ops *ops, insert_function *call,
			  const void *pc)
{
	const struct mmu_interval_notifier_ops *thunks = interval_thunks(ops);
	int error;

	if (!thunks)
		return call(interval_sub, mm, start, length, ops);
	bond_watch_registered(interval_sub, mm, 1, pc);
	NOTE_INSERTED(interval_sub, mm, pc);
	error = call(interval_sub, mm, start, length, thunks);
	if (error)
		bond_watch_failed(interval_sub, pc);
	return error;
}

int __wrap_mmu_interval_notifier_insert(struct mmu_interval_notifier *interval_sub,
					struct mm_struct *mm, unsigned long start,
					unsigned long length,
					const struct mmu_interval_notifier_ops *ops)
{
	return insert_watched(interval_sub, mm, start, length, ops,
			      __real_mmu_interval_notifier_insert, BOND_CALLER);
}

int __wrap_mmu_interval_notifier_insert_locked(struct mmu_interval_notifier *interval_sub,
					       struct mm_struct *mm, unsigned long start,
					       unsigned long length,
					       const struct mmu_interval_notifier_ops *ops)
{
	return insert_watched(interval_sub, mm, start, length, ops,
			      __real_mmu_interval_notifier_insert_locked, BOND_CALLER);
}

void __wrap_mmu_interval_notifier_remove(struct mmu_interval_notifier *interval_sub)
{
	const void *pc = BOND_CALLER;

	bond_watch_map("mmu_interval_notifier_remove", pc);
	bond_watch_leave(interval_sub, 0, pc);
	__real_mmu_interval_notifier_remove(interval_sub);
	bond_watch_left(interval_sub, pc);
}

unsigned long __wrap_mmu_interval_read_begin(struct mmu_interval_notifier *interval_sub)
{
	const void *pc = BOND_CALLER;
	unsigned long seq;

	bond_watch_map("mmu_interval_read_begin", pc);
	seq = __real_mmu_interval_read_begin(interval_sub);

	bond_watch_reading(interval_sub, pc);
	return seq;
}
