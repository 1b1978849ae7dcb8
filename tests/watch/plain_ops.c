/*
 * plain_ops.c - the op file of plain.c. It, too, writes no notes.
 */
#define SUBJECT_OPS "tests/watch/plain.def"
#include "subject/kinds.h"

#include <linux/err.h>

#include "tests/watch/plain.h"

static int plain_new(const struct subject_call *call, struct mm_struct *mm)
{
	struct plain *plain = plain_open(mm, call->operand[1]);

	if (IS_ERR(plain))
		return PTR_ERR(plain);
	kapi_file_install(KIND_PLAIN, call->result, plain);
	return 0;
}

static int op_plain_open(const struct subject_call *call)
{
	return mm_ops_with_mm(call, plain_new);
}

static void plain_put(unsigned nr, void *plain)
{
	if (kapi_file_put(KIND_PLAIN, nr))
		plain_close(plain);
}

static int op_plain_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_PLAIN, call, plain_put);
}

static int fault(void *plain, const struct subject_call *call)
{
	(void)call;
	return plain_fault(plain);
}

static int op_plain_fault(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_PLAIN, call, fault, plain_put);
}

static int borrow(void *plain, const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_use(call->operand[1]);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = plain_borrow(plain, mm);
	mm_ops_unuse(call->operand[1], mm);
	return error;
}

static int op_plain_borrow(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_PLAIN, call, borrow, plain_put);
}

static int install(const struct subject_call *call, struct counted *counted)
{
	if (IS_ERR(counted))
		return PTR_ERR(counted);
	kapi_file_install(KIND_COUNTED, call->result, counted);
	return 0;
}

static int counted_new(const struct subject_call *call, struct mm_struct *mm)
{
	return install(call, counted_get(mm));
}

static int counted_own(const struct subject_call *call, struct mm_struct *mm)
{
	return install(call, counted_register(mm));
}

static int op_counted_register(const struct subject_call *call)
{
	return mm_ops_with_mm(call, counted_own);
}

static int op_counted_get(const struct subject_call *call)
{
	return mm_ops_with_mm(call, counted_new);
}

static void counted_file_put(unsigned nr, void *counted)
{
	if (kapi_file_put(KIND_COUNTED, nr))
		counted_put(counted);
}

static int op_counted_put(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_COUNTED, call, counted_file_put);
}

/* ---- a run ---- */

static void fork_files(unsigned mm_nr)
{
	(void)mm_nr;
}

static void look_at_plain(const void *object)
{
	const struct plain *plain = object;

	AT_REST(plain, plain->busy, 0);
}

static void at_rest(void)
{
	mm_ops_each_file(KIND_PLAIN, look_at_plain);
}

static void close_files(void)
{
	mm_ops_close_files(KIND_PLAIN, plain_put);
	mm_ops_close_files(KIND_COUNTED, counted_file_put);
}

static void unload(void)
{
	mmu_notifier_synchronize();
}

#define SUBJECT_NAME "plain"
#define SUBJECT_SYMBOL subject_plain
#define SUBJECT_HELP "a driver that writes no notes"
#define SUBJECT_MM_OPS "subject/bench/mm_and_page_ops.def"
#define SUBJECT_BEGIN()
#define SUBJECT_FORK fork_files
#define SUBJECT_CLOSE close_files
#define SUBJECT_UNLOAD unload
#define SUBJECT_AT_REST at_rest
#define SUBJECT_POSTED true /* its bugs are for tests */
#include "subject/define.h"

#ifndef BOND_TREE
const struct subject *const subject_rows[] = {&subject_plain, NULL};
#endif
