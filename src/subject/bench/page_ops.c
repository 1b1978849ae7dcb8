/*
 * page_ops.c - reclaim, the OOM reaper, protection: bodies of page_ops.def.
 *
 * Reclaim and the reaper come from outside of the process and hold no user of it; the bench's file
 * keeps the mm_struct for them, as the page's mapping or the task would.
 */
#include "subject/bench/mm_ops.h"

#include <linux/err.h>

static int write_page(const struct subject_call *call, struct mm_struct *mm)
{
	int error;

	mmap_read_lock(mm);
	error = handle_mm_write_fault(mm, process_address(call->operand[1]));
	mmap_read_unlock(mm);
	return error;
}

int mm_ops_mm_write(const struct subject_call *call)
{
	return mm_ops_with_mm(call, write_page);
}

static int protect(const struct subject_call *call, struct mm_struct *mm)
{
	write_protect_page(mm, process_address(call->operand[1]));
	return 0;
}

int mm_ops_mm_write_protect(const struct subject_call *call)
{
	return mm_ops_with_mm(call, protect);
}

int mm_ops_mm_reclaim(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_hold(call->operand[0]);

	if (!mm)
		return -ENOENT;
	reclaim_page(mm, process_address(call->operand[1]));
	mm_ops_unhold(call->operand[0], mm);
	return 0;
}

int mm_ops_mm_age(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_hold(call->operand[0]);
	int young;

	if (!mm)
		return -ENOENT;
	young = page_is_young(mm, process_address(call->operand[1]), call->operand[2]);
	mm_ops_unhold(call->operand[0], mm);
	return young;
}

int mm_ops_mm_oom_reap(const struct subject_call *call)
{
	struct mm_struct *mm = mm_ops_hold(call->operand[0]);
	int error;

	if (!mm)
		return -ENOENT;
	error = oom_reap_mm(mm);
	mm_ops_unhold(call->operand[0], mm);
	return error;
}
