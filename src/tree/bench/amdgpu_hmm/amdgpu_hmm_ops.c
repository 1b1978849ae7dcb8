/*
 * amdgpu_hmm_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of
 * amdgpu_hmm.def.
 */
#include <errno.h>
#include <linux/err.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"
#include "subject/outside.h"

void *bond_amdgpu_userptr(void *mm, unsigned int nr, unsigned int page_nr, int compute);
int bond_amdgpu_submit(void *bo);
int bond_amdgpu_access(void *bo);
void bond_amdgpu_close(void *bo);

int op_amdgpu_userptr(const struct subject_call *call)
{
	void *mm = mm_ops_use(call->operand[0]);
	void *bo;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	bo = bond_amdgpu_userptr(mm, call->result, call->operand[1], call->operand[2]);
	if (bo)
		kapi_file_install(KIND_AMDGPU, call->result, bo);
	mm_ops_unuse(call->operand[0], mm);
	return bo ? 0 : -EINVAL;
}

static void put(unsigned nr, void *bo)
{
	if (kapi_file_put(KIND_AMDGPU, nr))
		bond_amdgpu_close(bo);
}

static int submit(void *bo, const struct subject_call *call)
{
	(void)call;
	return bond_amdgpu_submit(bo);
}

int op_amdgpu_submit(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_AMDGPU, call, submit, put);
}

static int access(void *bo, const struct subject_call *call)
{
	(void)call;
	return bond_amdgpu_access(bo);
}

int op_amdgpu_access(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_AMDGPU, call, access, put);
}

int op_amdgpu_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_AMDGPU, call, put);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_AMDGPU, put);
}
