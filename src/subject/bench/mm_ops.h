/*
 * mm_ops.h - address spaces and plain notifier clients: what the programs of every subject have.
 *
 * A subject puts mm_ops.def before its own table, and page_ops.def where its clients stand what is in
 * it. Its object kinds begin at KIND_FIRST.
 */
#ifndef SUBJECT_BENCH_MM_OPS_H
#define SUBJECT_BENCH_MM_OPS_H

#include "kapi/process.h"
#include "subject/op.h"

enum { KIND_MM, KIND_NOTIFIER, KIND_FIRST };

#define MM_OP(name, ...) op_body mm_ops_##name;
#include "subject/bench/mm_ops.def"
#include "subject/bench/page_ops.def"
#undef MM_OP

/**
 * mm_ops_begin() - a run starts
 * @fork: mm @mm_nr was forked: kapi_file_share() each open file that belongs to it; or NULL
 */
void mm_ops_begin(void (*fork)(unsigned mm_nr));

/**
 * mm_ops_dup_mmap_by() - from now on, in this run, a fork copies mappings of files by @dup
 * @dup: @parent has a user; @child is known to nobody else yet
 */
void mm_ops_dup_mmap_by(void (*dup)(struct mm_struct *parent, struct mm_struct *child));

/**
 * mm_ops_use() - work on the address space of mm @nr
 *
 * Context: any.
 * Takes:   a use of its file and a user of the mm; mm_ops_unuse() drops both.
 * Returns: the mm; ERR_PTR(-ENOENT): no such file; ERR_PTR(-ESRCH): its last user is gone.
 */
struct mm_struct *mm_ops_use(unsigned nr);

/** mm_ops_unuse() - drop what mm_ops_use() took; may run the exit, so no lock is held */
void mm_ops_unuse(unsigned nr, struct mm_struct *mm);

/**
 * mm_ops_with_mm() - an op that works on the address space which is its first operand
 *
 * Returns: what @work returns, or what mm_ops_use() says no with.
 */
int mm_ops_with_mm(const struct subject_call *call,
		   int (*work)(const struct subject_call *call, struct mm_struct *mm));

/**
 * mm_ops_hold() - keep the mm_struct of mm @nr, whether it has users or not
 *
 * Takes:   a use of its file; mm_ops_unhold() drops it.
 * Returns: the mm, or NULL: no such file.
 */
struct mm_struct *mm_ops_hold(unsigned nr);
void mm_ops_unhold(unsigned nr, struct mm_struct *mm);

/**
 * mm_ops_close_file() - on the main lane, at the end: all openers of a file let go
 *
 * Returns: the object, with a use of the caller's, or NULL when it is not open.
 */
void *mm_ops_close_file(unsigned kind, unsigned nr);

/* Puts a use of file @nr, and does the closing work if it is the last. */
typedef void mm_ops_file_put(unsigned nr, void *object);

/**
 * mm_ops_with_file() - an op that uses the file which is its first operand
 *
 * Returns: what @work returns, or -ENOENT: it is not open.
 */
int mm_ops_with_file(unsigned kind, const struct subject_call *call,
		     int (*work)(void *object, const struct subject_call *call),
		     mm_ops_file_put *put);

/** mm_ops_let_go() - an op that closes the file which is its first operand; 0, or -ENOENT */
int mm_ops_let_go(unsigned kind, const struct subject_call *call, mm_ops_file_put *put);

/** mm_ops_each_file() - look at the object of every open file of a kind, without using it */
void mm_ops_each_file(unsigned kind, void (*look)(const void *object));

/** mm_ops_at_rest() - AT_REST() of what the core counts of each process */
void mm_ops_at_rest(void);

/** mm_ops_close_files() - on the main lane, at the end: close every file of a kind */
void mm_ops_close_files(unsigned kind, mm_ops_file_put *put);

/**
 * mm_ops_share_files() - mm @mm_nr was forked: the child has its parent's open files of a kind
 * @mm_nr_of: whose process opened it
 */
void mm_ops_share_files(unsigned kind, unsigned mm_nr, unsigned (*mm_nr_of)(const void *object),
			mm_ops_file_put *put);

/**
 * mm_ops_reclaim() - for kapi_reclaim_by(): what an allocation does where memory is short
 *
 * It comes from a page, so it needs no user of the mm; a thread that holds its rmap lock is passed by.
 */
bool mm_ops_reclaim(bool dry);

/** mm_ops_close() - at the end: clients unregister, then processes exit */
void mm_ops_close(void);

/** mm_ops_settle() - at the very end: wait for callbacks of every domain */
void mm_ops_settle(void);

#endif
