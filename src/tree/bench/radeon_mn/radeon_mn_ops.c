/*
 * radeon_mn_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of radeon_mn.def.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_radeon_userptr(void *mm, unsigned int nr, unsigned int page_nr);
int bond_radeon_validate(void *bo, void *mm);
void bond_radeon_close(void *bo);

FILES(bo, KIND_RADEON, bond_radeon_close);

static void *userptr(void *mm, const struct subject_call *call)
{
	return bond_radeon_userptr(mm, call->result, call->operand[1]);
}

static int validate(void *bo, void *mm, const struct subject_call *call)
{
	(void)call;
	return bond_radeon_validate(bo, mm);
}

OPEN_OP(bo, radeon_userptr, userptr, -EINVAL)
USE_IN_MM_OP(bo, radeon_validate, validate)
CLOSE_OP(bo, radeon_close)

void outside_close(void)
{
	mm_ops_close_files(KIND_RADEON, bo_put);
}
