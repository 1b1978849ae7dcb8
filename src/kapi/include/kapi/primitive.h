/*
 * primitive.h - the primitives of the platform, by the address of the kernel's object.
 *
 * Plain C types only, so that code compiled with a kernel tree's own headers can include this file:
 * both worlds call the same functions. The platform keeps all state in tables of its own, by
 * address, and never looks into an object: a spinlock may have 4 bytes. An object's entry is made
 * by its init function, or at its first use: of a static object always, of one in kmalloc memory
 * only with KAPI_INLINE_INIT (else it is the verdict "never initialised"). It is checked and dropped
 * when the block that holds the object is freed.
 *
 * Conventions: @site is the place in the code under test. @name is the object as the caller writes
 * it ("&device->lock"), a string that lives as long as the process; it names the class of an object
 * whose entry is made at first use. Every function is a visible operation unless it says otherwise.
 */
#ifndef KAPI_PRIMITIVE_H
#define KAPI_PRIMITIVE_H

struct site;	 /* base/site.h */
struct rcu_head; /* the world's own, as the two below */
struct work_struct;
struct timer_list;

/* A lock class, or the type of a block: one per place that makes such things. */
struct kapi_class {
	const char *name;    /* as written: "&device->mutex", "sizeof(*bond)" */
	unsigned int id;     /* name_id of the clean name, 0 until first use */
	unsigned char index; /* of the class table, set with id */
	char clean[31];	     /* "device->mutex", "bond" */
};

/**
 * kapi_class_of() - a class for code whose macros make none: one per @key
 * @key: the place or object that stands for the class (a lock_class_key); NULL: one per name
 *
 * Not a visible operation. Returns: a class that lives as long as the process.
 */
struct kapi_class *kapi_class_of(const void *key, const char *name);

/* ---- properties of objects, for @kind and @how ---- */

enum {
	KAPI_SLEEPS = 1, /* a lock: who waits sleeps, and unlock may touch it once more */
	KAPI_SHARED = 2, /* a lock: it has readers */
	KAPI_INLINE_INIT =
		256, /* any object: its initialisation is inline, the platform never sees it */

	KAPI_SPIN = 0,
	KAPI_MUTEX = KAPI_SLEEPS,
	KAPI_RWLOCK = KAPI_SHARED,
	KAPI_RWSEM = KAPI_SLEEPS | KAPI_SHARED,
};

/* ---- locks ---- */

/* Not a visible operation. */
void kapi_lock_init(void *lock, int kind, struct kapi_class *class);
void kapi_lock(void *lock, int kind, _Bool read, const char *name, struct site *site);
/* Returns: was it taken? */
_Bool kapi_trylock(void *lock, int kind, _Bool read, const char *name, struct site *site);
/* @tail: the site of the touch after the release; NULL for locks that have none. */
void kapi_unlock(void *lock, _Bool read, struct site *site, struct site *tail);
/* The writer becomes a reader; nobody writes in between. */
void kapi_lock_downgrade(void *lock, struct site *site);
/* Does this lane hold it? Not a visible operation. */
_Bool kapi_lock_held(const void *lock);
/* Does anybody hold it? Not a visible operation. */
_Bool kapi_lock_is_locked(const void *lock);

/* ---- shared words ---- */

enum kapi_order {
	KAPI_RELAXED,
	KAPI_ACQUIRE,
	KAPI_RELEASE,
	KAPI_FULL,
	KAPI_VOID, /* as relaxed, and the caller does not look at the result: others may see it late */
};

int kapi_atomic_read(const int *word, struct site *site);
void kapi_atomic_set(int *word, int value, struct site *site);
/* Returns: the new value. @delta may be negative. */
int kapi_atomic_add(int *word, int delta, enum kapi_order order, struct site *site);
/* Adds one unless the word is 0. Returns: was it added? */
_Bool kapi_atomic_inc_not_zero(int *word, struct site *site);

/* refcount_t: the same with the kernel's saturation, and a verdict where the kernel warns. */
void kapi_refcount_set(int *word, int value, struct site *site);
void kapi_refcount_inc(int *word, struct site *site);
_Bool kapi_refcount_inc_not_zero(int *word, struct site *site);
_Bool kapi_refcount_dec_and_test(int *word, struct site *site);
void kapi_refcount_dec(int *word, struct site *site);

enum kapi_update {
	KAPI_UPDATE_ADD,
	KAPI_UPDATE_XCHG,
	KAPI_UPDATE_CMPXCHG,	/* if the old value is @expected */
	KAPI_UPDATE_ADD_UNLESS, /* unless the old value is @expected */
	KAPI_UPDATE_AND,
	KAPI_UPDATE_OR,
	KAPI_UPDATE_XOR,
};

/*
 * Any read-modify-write of a word of @size bytes: 1, 2, 4 or 8. One that changes nothing, a cmpxchg
 * that fails, orders nothing. Returns: the old value, zero-extended; with KAPI_VOID nothing.
 */
unsigned long kapi_update(volatile void *word, unsigned int size, enum kapi_update how,
			  unsigned long operand, unsigned long expected, enum kapi_order order,
			  struct site *site);

/*
 * The caller itself changes @word right behind this, with an instruction of its own, as code of a kernel
 * tree does. @how: what it does, for KAPI_VOID; @change: what it adds to a count; 0: it is no count, or not
 * known.
 */
void kapi_atomic_made(volatile void *word, unsigned int size, enum kapi_update how, int change,
		      enum kapi_order order, struct site *site);

/* A marked load or store is about to be made by the caller, as a relaxed atomic. */
void kapi_load(const volatile void *at, struct site *site);
void kapi_store(const volatile void *at, struct site *site);
/* The next access of this lane is a marked one, if it is to @at. Not a visible operation. */
void kapi_mark(const volatile void *at);

/* A full barrier is both of the first. KAPI_IO: before an access to a device. Not visible. */
enum kapi_barrier { KAPI_WMB = 1, KAPI_RMB = 2, KAPI_IO = 4 };
void kapi_barrier(unsigned int how);

/* Order for the sanitizer: right after an acquiring load, right after a releasing store. */
void kapi_acquire(const volatile void *at);
void kapi_release(const volatile void *at);

/*
 * List debugging, before @node goes in between @prev and @next, or leaves them: a verdict where the
 * neighbours do not agree, @node is one of them, or is poisoned. Each begins with its next and
 * prev pointers. Not a visible operation. Returns: may the list be changed?
 */
_Bool kapi_list_check_add(const void *node, const void *prev, const void *next, struct site *site);
_Bool kapi_list_check_del(const void *node, struct site *site);

/* The same before @node becomes the first of the hlist of @head: is it in there? */
_Bool kapi_hlist_check_add(const void *node, const void *head, struct site *site);

/* @node is about to be added to a list of its own kind, and is in one: a verdict. */
void kapi_list_twice(const void *node, const char *text, struct site *site);

/*
 * The same for a red-black tree, whose nodes begin with the parent, and its right and left: @node is to be
 * in the tree once, hanging from its parent. Not a visible operation. Returns: is it?
 */
_Bool kapi_tree_check(const void *node, const void *root, struct site *site);

/*
 * ---- maps: an entry, and marks, for each index: xarray, idr, ida ----
 *
 * A map is any address. What it holds is a table of the platform's, and no locks are taken here.
 */
#define KAPI_MAP_RESERVED ((void *)-1ul) /* an entry that nobody finds */

/* Not a visible operation, as the two behind it. */
void kapi_map_init(void *map);
/* Is the index taken? */
_Bool kapi_map_has(const void *map, unsigned long index);
/* Returns: is one of *@index..@max free? The lowest one is stored there. */
_Bool kapi_map_room(const void *map, unsigned long *index, unsigned long max);
/* Is there no memory for a new index? Asks the schedule if @index is not taken. */
_Bool kapi_map_fails(const void *map, unsigned long index, struct site *site);
/* The first entry of *@index..@max, with @mark if that is not 0, or NULL. Its index is stored. */
void *kapi_map_find(const void *map, unsigned long *index, unsigned long max, unsigned int mark,
		    struct site *site);
/*
 * @entry: NULL takes the index out. @word: of a map that has no lock of its own, a word that each change
 * writes plainly; or NULL. Returns: the entry before, or NULL.
 */
void *kapi_map_set(void *map, unsigned long index, void *entry, int *word, struct site *site);
/* Nothing where there is no entry. */
void kapi_map_mark(void *map, unsigned long index, unsigned int mark, _Bool set, struct site *site);

/* ---- readers and grace periods ---- */

/* RCU itself: readers nest. */
void kapi_rcu_read_lock(struct site *site);
void kapi_rcu_read_unlock(struct site *site);
_Bool kapi_rcu_read_held(void);

/*
 * SRCU: every section has an index of its own while it is open, and is ended by that index.
 * @how: KAPI_READER_MOVES: another lane may end it (srcu_down_read), and KAPI_INLINE_INIT.
 */
enum { KAPI_READER_MOVES = 1 };
void kapi_srcu_init(void *srcu, struct kapi_class *class);
/* A verdict when a section is open or a callback is left. */
void kapi_srcu_cleanup(void *srcu, const char *name, struct site *site);
int kapi_srcu_read_lock(void *srcu, int how, const char *name, struct site *site);
void kapi_srcu_read_unlock(void *srcu, int index, int how, const char *name, struct site *site);
_Bool kapi_srcu_read_held(const void *srcu);

/* @srcu: a domain, or NULL: RCU itself. */
void kapi_rcu_synchronize(void *srcu, const char *name, struct site *site);
void kapi_rcu_call(void *srcu, struct rcu_head *head, void (*func)(struct rcu_head *head),
		   const char *name, struct site *site);
void kapi_rcu_barrier(void *srcu, const char *name, struct site *site);
/* A verdict unless @ok: an RCU-protected pointer is read outside the reader that protects it. */
void kapi_rcu_check(_Bool ok, const volatile void *at, struct site *site);

/* ---- waiting ---- */

/*
 * How a wait may end before what it waits for has come: when the schedule lets it fail. A timeout comes at
 * the latest when nobody can go on, a signal when, besides, all who wait would go on for one: then one of
 * them is killed. To a thread of the kernel no signal comes.
 */
enum kapi_wait_how {
	KAPI_WAIT = 0, /* in no way; a wait queue's may wake up for nothing */
	KAPI_WAIT_SIGNAL = 1,
	KAPI_WAIT_TIMEOUT = 2,
};

/*
 * A completion. @done is its own counter, in the object: what is left, ~0 after complete_all(). So
 * inline code of a world may set and read it.
 */
void kapi_wait_init(void *wait, unsigned int *done, struct kapi_class *class);
/* Returns: 0, or which of the ways of @how came instead. @how may have KAPI_INLINE_INIT, too. */
int kapi_wait_for(void *wait, unsigned int *done, int how, const char *name, struct site *site);
/* Takes a completion that is there already. Returns: was one there? */
_Bool kapi_wait_try(void *wait, unsigned int *done, int how, const char *name, struct site *site);
_Bool kapi_wait_is_done(void *wait, unsigned int *done, int how, const char *name,
			struct site *site);
void kapi_wait_complete(void *wait, unsigned int *done, _Bool all, int how, const char *name,
			struct site *site);

/*
 * A wait queue. Who waits stands in it from kapi_queue_begin() to kapi_queue_end(), and looks at
 * its condition meanwhile: a wake-up in between is not lost. @how: KAPI_INLINE_INIT.
 */
void kapi_queue_init(void *queue, struct kapi_class *class);
/* Stand in the queue. The waiter is awake until kapi_queue_sleep(). */
void kapi_queue_begin(void *queue, int how, const char *name, struct site *site);
/*
 * Sleep until woken, and stand in the queue again.
 * Returns: 0, or which of the ways of @how came instead.
 */
int kapi_queue_sleep(void *queue, int how, const char *name, struct site *site);
/* Leave the queue: touches it, whoever may have freed it because the condition was true. */
void kapi_queue_end(void *queue, const char *name, struct site *site);
/*
 * Stand in it no longer, without a touch, since a signal ended the sleep. A verdict if its condition
 * @is_true, and the signal came since nobody could go on: a wake-up was missed. @site: of the wait.
 */
void kapi_queue_leave(_Bool is_true, struct site *site);
void kapi_queue_wake(void *queue, int how, const char *name, struct site *site);
/*
 * Wake the thread of @lane, if it stands in a queue. That may be gone by now, and is not touched. One step with the
 * kapi_queue_wake() of the thread's own queue before it.
 */
void kapi_queue_rouse(unsigned int lane);
/* Does anyone stand in it? */
_Bool kapi_queue_is_used(void *queue, int how, const char *name, struct site *site);
/*
 * The queue of a word, for kapi_queue_begin() with KAPI_INLINE_INIT. Words share a few: a wake-up may be for
 * another one. Nobody touches the word itself. A wake-up in that of a task wakes who runs as it, wherever it
 * sleeps.
 */
void *kapi_word_queue(const volatile void *word);

/* ---- what runs later ---- */

/* The work that runs here is a thread of the kernel, and keeps its lane. */
void kapi_lane_is_thread(_Bool is);

/*
 * Works. @func: for a work whose entry is made at first use. @run: the site of its runs, NULL: one
 * is made of the class's name.
 */
void kapi_work_init(void *work, void (*func)(struct work_struct *work), struct kapi_class *class,
		    struct site *run);
/* Returns: false when it was queued already. */
_Bool kapi_work_queue(void *wq, void *work, void (*func)(struct work_struct *work), int how,
		      const char *name, struct site *site);
_Bool kapi_work_is_pending(void *work, int how, const char *name, struct site *site);
/* Waits for its last instance. @wait: the site of waiting. Returns: was there anything to wait for? */
_Bool kapi_work_flush(void *work, int how, const char *name, struct site *site, struct site *wait);
/* Takes it back; with @wait, also waits for the instance that runs. Returns: was it queued? */
_Bool kapi_work_cancel(void *work, int how, const char *name, struct site *site, struct site *wait);

/* A delayed work is a work with a timer, each with an address of its own. */
void kapi_delayed_init(void *work, void *timer, void (*func)(struct work_struct *work),
		       struct kapi_class *class, struct site *run);
/*
 * @again: arm it anew if it is queued (mod_delayed_work).
 * Returns: was it queued, with @again; else is it now?
 */
_Bool kapi_delayed_queue(void *wq, void *work, void *timer, unsigned long delay, _Bool again,
			 void (*func)(struct work_struct *work), int how, const char *name,
			 struct site *site);
_Bool kapi_delayed_flush(void *work, void *timer, int how, const char *name, struct site *site,
			 struct site *wait);
_Bool kapi_delayed_cancel(void *work, void *timer, int how, const char *name, struct site *site,
			  struct site *wait);

/* A queue is any address: unordered unless kapi_wq_init() said otherwise. */
void kapi_wq_init(void *wq, _Bool ordered, struct kapi_class *class);
/* A queue in a block of its own. Returns: NULL when a strategy lets it fail. */
void *kapi_wq_alloc(_Bool ordered, struct kapi_class *class, struct site *site);
/* Waits for what was queued before; @drain: until nothing is queued at all. */
void kapi_wq_flush(void *wq, _Bool drain, struct site *site, struct site *wait);
/* Drains it and frees it. */
void kapi_wq_destroy(void *wq, struct site *site, struct site *wait, struct site *free);

void kapi_timer_init(void *timer, void (*function)(struct timer_list *timer),
		     struct kapi_class *class, struct site *run);
/* Arms it, anew if it is armed. Returns: was it armed? */
_Bool kapi_timer_mod(void *timer, unsigned long expires, void (*function)(struct timer_list *timer),
		     int how, const char *name, struct site *site);
_Bool kapi_timer_is_pending(void *timer, int how, const char *name, struct site *site);
/*
 * Disarms it; with @wait, also waits while it runs; with @shutdown, for ever.
 * Returns: was it armed?
 */
_Bool kapi_timer_delete(void *timer, _Bool shutdown, int how, const char *name, struct site *site,
			struct site *wait);

/* ---- memory ---- */

/* Returns: @size bytes aligned to 16, zeroed if @zero, or NULL when a strategy lets it fail. */
void *kapi_alloc(unsigned long size, _Bool zero, struct kapi_class *type, struct site *site);
/* NULL is ignored. */
void kapi_free(const void *at, struct site *site);

/* ---- context and complaints; none is a visible operation ---- */

/* A verdict where this lane may not sleep. */
void kapi_might_sleep(struct site *site);
/*
 * An allocation that may reclaim is about to be made: for as long as it lasts invalidation callbacks may
 * run, in this thread, under the locks that it holds. A visible operation where one does.
 */
void kapi_may_reclaim(struct site *site);
/* @waits, a function, waits for invalidations: the order of locks alone, as of such an allocation. */
void kapi_notifier_map(const char *waits, struct site *site);
/* From @begin to its end this lane may not sleep. They nest. */
void kapi_non_block(_Bool begin);
/* The number of a rule of trace/rule.def, for code that does not know enum rule; 0: there is none. */
int kapi_rule(const char *name);
/*
 * cleanup_module() is over: a verdict where a work, a timer or a callback is still to run code of the
 * module, or runs it; and where a client of notifiers is still to be called.
 */
void kapi_module_end(struct site *site);
/*
 * @vma is a mapping of a file of the module as long as its block lives and *@ops is set: it holds the
 * file, and that the module. So kapi_module_end() says nothing then: who unloads it all the same is a
 * bench that knows no mappings, not the driver.
 */
void kapi_module_maps(const volatile void *vma, const volatile void *const volatile *ops);
/* A rule of the kernel is broken: RULE_warn or RULE_bug. */
void kapi_warn(int rule, struct site *site);
/*
 * A rule is broken by what happens now. Ends the run if the verdict is wanted and not known; else
 * it returns, and the run goes on.
 */
void kapi_verdict(int rule, const volatile void *at, const char *text, struct site *site);
/* A device call: a visible operation that a strategy may let fail. */
_Bool kapi_should_fail(const volatile void *at, struct site *site);
/* The same for a signal: one is there when a strategy says so, and in an op that was killed. */
_Bool kapi_signal_pending(struct site *site);

/* ---- what a world keeps in step ---- */

/*
 * Words in a world's own objects that its inline code reads (rwsem_is_locked(), work_pending()), and
 * what belongs to a lane there (current). Called at the moment of the effect, by the simulated
 * platform only; NULL members are not called.
 */
struct kapi_mirror {
	void (*lock)(void *lock, int kind, _Bool written, unsigned int readers);
	void (*work)(void *work, _Bool pending);
	void (*timer)(void *timer, _Bool pending);
	void (*lane)(unsigned int lane); /* goes on from here */
	void (*begin)(void);		 /* a run begins: nothing is locked, pending or running */
	void (*end)(void);		 /* everything is closed: what still counts may complain */
};

/* At start-up, once for a world: @mirror lives as long as the process. At most 2. */
void kapi_mirror_add(const struct kapi_mirror *mirror);

#endif
