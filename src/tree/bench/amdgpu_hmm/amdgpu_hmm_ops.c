/*
 * amdgpu_hmm_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of
 * amdgpu_hmm.def.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_amdgpu_userptr(void *mm, unsigned int nr, unsigned int page_nr, int compute);
int bond_amdgpu_submit(void *bo);
int bond_amdgpu_access(void *bo);
void bond_amdgpu_close(void *bo);

FILES(bo, KIND_AMDGPU, bond_amdgpu_close);

static void *userptr(void *mm, const struct subject_call *call)
{
	return bond_amdgpu_userptr(mm, call->result, call->operand[1], call->operand[2]);
}

static int submit(void *bo, const struct subject_call *call)
{
	(void)call;
	return bond_amdgpu_submit(bo);
}

static int access(void *bo, const struct subject_call *call)
{
	(void)call;
	return bond_amdgpu_access(bo);
}

OPEN_OP(bo, amdgpu_userptr, userptr, -EINVAL)
USE_OP(bo, amdgpu_submit, submit)
USE_OP(bo, amdgpu_access, access)
CLOSE_OP(bo, amdgpu_close)

void outside_close(void)
{
	mm_ops_close_files(KIND_AMDGPU, bo_put);
}
