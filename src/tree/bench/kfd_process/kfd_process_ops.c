/*
 * kfd_process_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of kfd_process.def.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_kfd_open(void *mm);
int bond_kfd_quiesce(void *mm);
int bond_kfd_debug(void *mm);
int bond_kfd_interrupt(unsigned int pasid);
int bond_kfd_ioctl(void *file);
void bond_kfd_close(void *file);
void bond_kfd_unload(void);

FILES(file, KIND_KFD, bond_kfd_close);

static void *open_file(void *mm, const struct subject_call *call)
{
	(void)call;
	return bond_kfd_open(mm);
}

static int ioctl(void *file, const struct subject_call *call)
{
	(void)call;
	return bond_kfd_ioctl(file);
}

OPEN_OP(file, kfd_open, open_file, -EINVAL)
USE_OP(file, kfd_ioctl, ioctl)
CLOSE_OP(file, kfd_close)

static int in_mm(const struct subject_call *call, int (*work)(void *mm))
{
	void *mm = mm_ops_use(call->operand[0]);
	int error;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	error = work(mm);
	mm_ops_unuse(call->operand[0], mm);
	return error;
}

int op_kfd_quiesce(const struct subject_call *call)
{
	return in_mm(call, bond_kfd_quiesce);
}

int op_kfd_debug(const struct subject_call *call)
{
	return in_mm(call, bond_kfd_debug);
}

int op_kfd_interrupt(const struct subject_call *call)
{
	return bond_kfd_interrupt(call->operand[0] + 1);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_KFD, file_put);
	bond_kfd_unload();
}
