/*
 * nouveau_svm_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of
 * nouveau_svm.def.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_nouveau_open(void *mm, unsigned int nr);
int bond_nouveau_access(void *client, unsigned int page_nr, int write);
void bond_nouveau_close(void *client);
void bond_nouveau_remove(void);

FILES(client, KIND_NOUVEAU, bond_nouveau_close);

static void *open_client(void *mm, const struct subject_call *call)
{
	return bond_nouveau_open(mm, call->result);
}

static int access(void *client, const struct subject_call *call)
{
	return bond_nouveau_access(client, call->operand[1], call->operand[2]);
}

OPEN_OP(client, nouveau_open, open_client, -ENOMEM)
USE_OP(client, nouveau_access, access)
CLOSE_OP(client, nouveau_close)

void outside_close(void)
{
	mm_ops_close_files(KIND_NOUVEAU, client_put);
	bond_nouveau_remove();
}
