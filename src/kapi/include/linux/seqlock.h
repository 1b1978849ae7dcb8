/*
 * seqlock.h - readers that try again when a writer came in between. A writer makes the number odd, and
 * even again; writers exclude each other by a lock of their own (seqcount_t) or of the seqlock.
 *
 * A reader spins while the number is odd, as in the kernel: each look is a choice.
 */
#ifndef LINUX_SEQLOCK_H
#define LINUX_SEQLOCK_H

#include <linux/compiler.h>
#include <linux/spinlock.h>

typedef struct seqcount {
	unsigned int sequence;
} seqcount_t;

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;

#define SEQCNT_ZERO(name)                                                                          \
	{                                                                                          \
		.sequence = 0                                                                      \
	}
#define DEFINE_SEQLOCK(name_)                                                                      \
	KAPI_DEFINE(seqlock_t, name_, {.lock = {.lock = KAPI_LOCK_INIT(KAPI_SPIN)}})

#define seqcount_init(s) ((void)((s)->sequence = 0))
#define raw_read_seqcount(s) smp_load_acquire(&(s)->sequence)
#define read_seqcount_begin(s)                                                                     \
	({                                                                                         \
		seqcount_t *seqcount_ = (s);                                                       \
		unsigned int sequence_;                                                            \
		while ((sequence_ = smp_load_acquire(&seqcount_->sequence)) & 1)                   \
			;                                                                          \
		sequence_;                                                                         \
	})
#define read_seqcount_retry(s, start)                                                              \
	({                                                                                         \
		smp_rmb();                                                                         \
		READ_ONCE((s)->sequence) != (start);                                               \
	})
#define write_seqcount_begin(s)                                                                    \
	do {                                                                                       \
		seqcount_t *seqcount_ = (s);                                                       \
		WRITE_ONCE(seqcount_->sequence, seqcount_->sequence + 1);                          \
		smp_wmb();                                                                         \
	} while (0)
#define write_seqcount_end(s)                                                                      \
	do {                                                                                       \
		seqcount_t *seqcount_ = (s);                                                       \
		smp_wmb();                                                                         \
		WRITE_ONCE(seqcount_->sequence, seqcount_->sequence + 1);                          \
	} while (0)
#define write_seqcount_invalidate(s)                                                               \
	do {                                                                                       \
		seqcount_t *seqcount_ = (s);                                                       \
		smp_wmb();                                                                         \
		WRITE_ONCE(seqcount_->sequence, seqcount_->sequence + 2);                          \
	} while (0)

#define seqlock_init(s)                                                                            \
	do {                                                                                       \
		seqcount_init(&(s)->seqcount);                                                     \
		spin_lock_init(&(s)->lock);                                                        \
	} while (0)
#define read_seqbegin(s) read_seqcount_begin(&(s)->seqcount)
#define read_seqretry(s, start) read_seqcount_retry(&(s)->seqcount, start)
#define write_seqlock(s)                                                                           \
	do {                                                                                       \
		spin_lock(&(s)->lock);                                                             \
		write_seqcount_begin(&(s)->seqcount);                                              \
	} while (0)
#define write_sequnlock(s)                                                                         \
	do {                                                                                       \
		write_seqcount_end(&(s)->seqcount);                                                \
		spin_unlock(&(s)->lock);                                                           \
	} while (0)

#endif
