/*
 * litmus.c - a subject that has no core: its schedules can be counted by hand.
 *
 * What the 2015 review is about, and nothing else: a mirror stands on a list under a lock H, with a
 * reference of the list's and one of its owner. unregister unlists it if nobody has and drops both
 * references, exit unlists it if nobody has and drops the list's; whoever drops the last takes and
 * leaves the device's lock D. Around it, one op for each way in which steps may depend: marked
 * words, readers of a lock, RCU, works, completions, a free.
 *
 * A mirror's word is a block of its own, so that freeing it is about nothing else. No op touches
 * anything that is shared and not announced, but under a lock: what a thread does is exactly the
 * operations that one reads here.
 *
 * Locks: H or the mirror's own; D; mirror->rwsem. None is taken inside another but by litmus_both,
 * which takes H or own locks in whatever order it is asked to.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "kapi/file.h"
#include "subject/op.h"

enum { KIND_MIRROR, SLOT_CALL /* open until the callback is queued */ };

struct mirror {
	struct mutex own;
	struct rw_semaphore rwsem;
	struct mutex *lock;
	bool listed; /* under lock */
	refcount_t refs;
	struct completion done;
	struct rcu_head rcu;
	struct work_struct work;
	int *word;
};

static DEFINE_MUTEX(litmus_h);
static DEFINE_MUTEX(litmus_d);
static struct mirror *mirrors[OBJECTS_MAX];

/* ---- the race of 2015 ---- */

static void mirror_put(struct mirror *mirror)
{
	if (!refcount_dec_and_test(&mirror->refs))
		return;
	mutex_lock(&litmus_d);
	mutex_unlock(&litmus_d);
}

static void mirror_unlist(struct mirror *mirror)
{
	bool was_listed;

	mutex_lock(mirror->lock);
	was_listed = mirror->listed;
	mirror->listed = false;
	mutex_unlock(mirror->lock);
	if (was_listed)
		mirror_put(mirror);
}

static int op_litmus_unregister(const struct subject_call *call)
{
	struct mirror *mirror = kapi_file_close(KIND_MIRROR, call->operand[0]);

	if (!mirror)
		return -ENOENT;
	mirror_unlist(mirror);
	mirror_put(mirror);
	return 0;
}

static int op_litmus_exit(const struct subject_call *call)
{
	mirror_unlist(mirrors[call->operand[0]]);
	return 0;
}

static int op_litmus_try(const struct subject_call *call)
{
	struct mirror *mirror = mirrors[call->operand[0]];
	bool was_listed;

	if (!mutex_trylock(mirror->lock))
		return -EAGAIN;
	was_listed = mirror->listed;
	mirror->listed = false;
	mutex_unlock(mirror->lock);
	if (was_listed)
		mirror_put(mirror);
	return 0;
}

static int op_litmus_both(const struct subject_call *call)
{
	struct mirror *one = mirrors[call->operand[0]], *other = mirrors[call->operand[1]];

	if (one->lock == other->lock)
		return -EINVAL;
	mutex_lock(one->lock);
	mutex_lock(other->lock);
	mutex_unlock(other->lock);
	mutex_unlock(one->lock);
	return 0;
}

/* ---- its word ---- */

static int op_litmus_set(const struct subject_call *call)
{
	int *word = mirrors[call->operand[0]]->word, value = READ_ONCE(*word);

	WRITE_ONCE(*word, value + 1);
	return 0;
}

static int op_litmus_read(const struct subject_call *call)
{
	return READ_ONCE(*mirrors[call->operand[0]]->word);
}

static int op_litmus_share(const struct subject_call *call)
{
	struct mirror *mirror = mirrors[call->operand[0]];
	int value;

	down_read(&mirror->rwsem);
	value = READ_ONCE(*mirror->word);
	up_read(&mirror->rwsem);
	return value;
}

static int op_litmus_free(const struct subject_call *call)
{
	kfree(mirrors[call->operand[0]]->word);
	return 0;
}

/* ---- grace periods, works, waiting ---- */

static int op_litmus_walk(const struct subject_call *call)
{
	int value;

	rcu_read_lock();
	value = READ_ONCE(*mirrors[call->operand[0]]->word);
	rcu_read_unlock();
	return value;
}

static int op_litmus_synchronize(const struct subject_call *call)
{
	synchronize_rcu();
	WRITE_ONCE(*mirrors[call->operand[0]]->word, 10);
	return 0;
}

static void mirror_callback(struct rcu_head *rcu)
{
	struct mirror *mirror = container_of(rcu, struct mirror, rcu);

	WRITE_ONCE(*mirror->word, 20);
}

static int op_litmus_call(const struct subject_call *call)
{
	struct mirror *mirror = kapi_file_close(SLOT_CALL, call->operand[0]);

	if (!mirror)
		return -EBUSY;
	call_rcu(&mirror->rcu, mirror_callback);
	return 0;
}

static void mirror_work(struct work_struct *work)
{
	struct mirror *mirror = container_of(work, struct mirror, work);

	WRITE_ONCE(*mirror->word, 30);
}

static int op_litmus_queue(const struct subject_call *call)
{
	return schedule_work(&mirrors[call->operand[0]]->work);
}

static int op_litmus_flush(const struct subject_call *call)
{
	return flush_work(&mirrors[call->operand[0]]->work);
}

static int op_litmus_complete(const struct subject_call *call)
{
	complete(&mirrors[call->operand[0]]->done);
	return 0;
}

static int op_litmus_wait(const struct subject_call *call)
{
	wait_for_completion(&mirrors[call->operand[0]]->done);
	return 0;
}

/* ---- a run ---- */

static void mirror_init(struct mirror *mirror, bool own)
{
	mutex_init(&mirror->own);
	init_rwsem(&mirror->rwsem);
	init_completion(&mirror->done);
	INIT_WORK(&mirror->work, mirror_work);
	refcount_set(&mirror->refs, 2);
	mirror->lock = own ? &mirror->own : &litmus_h;
	mirror->listed = true;
}

/* Only set-up lines make mirrors, and there no allocation fails by chance. */
static int op_litmus_mirror(const struct subject_call *call)
{
	struct mirror *mirror = kzalloc(sizeof(*mirror), GFP_KERNEL);

	BUG_ON(!mirror);
	mirror->word = kzalloc(sizeof(*mirror->word), GFP_KERNEL);
	BUG_ON(!mirror->word);
	kapi_name(mirror, "mirror", call->result);
	kapi_name(mirror->word, "word", call->result);
	mirror_init(mirror, call->operand[0]);
	mirrors[call->result] = mirror;
	kapi_file_install(KIND_MIRROR, call->result, mirror);
	kapi_file_install(SLOT_CALL, call->result, mirror);
	return 0;
}

static void begin(void)
{
}

/* Works and callbacks first: they write the word. */
static void close_all(void)
{
	rcu_barrier();
	for (unsigned i = 0; i < OBJECTS_MAX; i++) {
		struct mirror *mirror = mirrors[i];

		if (!mirror)
			continue;
		cancel_work_sync(&mirror->work);
		if (kapi_is_live(mirror->word))
			kfree(mirror->word);
		kfree(mirror);
	}
}

/* ---- the subject ---- */

#define KIND(...)
#define WORDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL};
#define OP(...)
#include "subject/core/litmus.def"
#undef OP
#undef WORDS
#undef KIND

#define KIND(...)
#define WORDS(...)

static const struct op_type ops[] = {
#define OP(...) OP_TYPE(__VA_ARGS__),
#include "subject/core/litmus.def"
#undef OP
};

static op_body *const bodies[] = {
#define OP(name, ...) op_##name,
#include "subject/core/litmus.def"
#undef OP
};

static const char *const kinds[] = {"mirror"};

static int run_op(unsigned verb, const struct subject_call *call)
{
	return bodies[verb](call);
}

static const struct descriptor descriptor = {
	.name = "litmus",
	.objects = kinds,
	.objects_nr = ARRAY_SIZE(kinds),
	.ops = ops,
	.ops_nr = ARRAY_SIZE(ops),
};

const struct subject subject_litmus = {
	.descriptor = &descriptor,
	.help = "no core: programs whose schedules can be counted, for the explorer",
	.begin = begin,
	.op = run_op,
	.close = close_all,
};
