/*
 * umem_odp_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of umem_odp.def.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_odp_reg(void *mm, unsigned int nr, unsigned int page_nr, int implicit);
int bond_odp_access(void *mr, unsigned int page_nr, int write);
int bond_odp_advise(void *mr, unsigned int page_nr);
void bond_odp_dereg(void *mr);

FILES(mr, KIND_MR, bond_odp_dereg);

static void *reg(void *mm, const struct subject_call *call)
{
	return bond_odp_reg(mm, call->result, call->operand[1], call->operand[2]);
}

static int access(void *mr, const struct subject_call *call)
{
	return bond_odp_access(mr, call->operand[1], call->operand[2]);
}

static int advise(void *mr, const struct subject_call *call)
{
	return bond_odp_advise(mr, call->operand[1]);
}

OPEN_OP(mr, odp_reg_mr, reg, -ENOMEM)
USE_OP(mr, odp_access, access)
USE_OP(mr, odp_advise, advise)
CLOSE_OP(mr, odp_dereg_mr)

void outside_close(void)
{
	mm_ops_close_files(KIND_MR, mr_put);
}
