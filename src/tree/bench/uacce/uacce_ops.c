/*
 * uacce_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of uacce.def.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_uacce_open(void *mm);
int bond_uacce_start(void *file);
int bond_uacce_put(void *file);
int bond_uacce_poll(void *file);
void bond_uacce_close(void *file);
int bond_uacce_unplug(void);

FILES(queue, KIND_UACCE, bond_uacce_close);

static void *open_queue(void *mm, const struct subject_call *call)
{
	(void)call;
	return bond_uacce_open(mm);
}

#define USE(name)                                                                                  \
	static int name(void *file, const struct subject_call *call)                               \
	{                                                                                          \
		(void)call;                                                                        \
		return bond_uacce_##name(file);                                                    \
	}                                                                                          \
	USE_OP(queue, uacce_##name, name)

OPEN_OP(queue, uacce_open, open_queue, -ENODEV)
USE(start)
USE(put)
USE(poll)
CLOSE_OP(queue, uacce_close)

int op_uacce_unplug(const struct subject_call *call)
{
	(void)call;
	return bond_uacce_unplug();
}

void outside_close(void)
{
	mm_ops_close_files(KIND_UACCE, queue_put);
	bond_uacce_unplug();
}
