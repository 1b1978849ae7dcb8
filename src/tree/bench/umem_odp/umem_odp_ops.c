/*
 * umem_odp_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of umem_odp.def.
 */
#include <errno.h>
#include <linux/err.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"
#include "subject/outside.h"

void *bond_odp_reg(void *mm, unsigned int nr, unsigned int page_nr, int implicit);
int bond_odp_access(void *mr, unsigned int page_nr, int write);
int bond_odp_advise(void *mr, unsigned int page_nr);
void bond_odp_dereg(void *mr);

int op_odp_reg_mr(const struct subject_call *call)
{
	void *mm = mm_ops_use(call->operand[0]);
	void *mr;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	mr = bond_odp_reg(mm, call->result, call->operand[1], call->operand[2]);
	if (mr)
		kapi_file_install(KIND_MR, call->result, mr);
	mm_ops_unuse(call->operand[0], mm);
	return mr ? 0 : -ENOMEM;
}

static void put(unsigned nr, void *mr)
{
	if (kapi_file_put(KIND_MR, nr))
		bond_odp_dereg(mr);
}

static int access(void *mr, const struct subject_call *call)
{
	return bond_odp_access(mr, call->operand[1], call->operand[2]);
}

int op_odp_access(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_MR, call, access, put);
}

static int advise(void *mr, const struct subject_call *call)
{
	return bond_odp_advise(mr, call->operand[1]);
}

int op_odp_advise(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_MR, call, advise, put);
}

int op_odp_dereg_mr(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_MR, call, put);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_MR, put);
}
