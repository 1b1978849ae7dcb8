/*
 * iommu_sva_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of iommu_sva.def.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_sva_bind(void *mm, unsigned int device);
void bond_sva_unbind(void *at);
int bond_sva_read(void *at, unsigned int page_nr);
int bond_sva_write(void *at, unsigned int page_nr);
int bond_sva_fault(void *at, unsigned int page_nr);
void bond_sva_unload(void);

FILES(bond, KIND_BOND, bond_sva_unbind);

static void *bind(void *mm, const struct subject_call *call)
{
	return bond_sva_bind(mm, call->operand[1]);
}

#define USE(name)                                                                                  \
	static int name(void *bond, const struct subject_call *call)                               \
	{                                                                                          \
		return bond_sva_##name(bond, call->operand[1]);                                    \
	}                                                                                          \
	USE_OP(bond, sva_##name, name)

OPEN_OP(bond, sva_bind, bind, -ENODEV)
USE(read)
USE(write)
USE(fault)
CLOSE_OP(bond, sva_unbind)

void outside_close(void)
{
	mm_ops_close_files(KIND_BOND, bond_put);
	bond_sva_unload();
}
