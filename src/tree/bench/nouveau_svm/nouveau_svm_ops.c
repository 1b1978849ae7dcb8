/*
 * nouveau_svm_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of
 * nouveau_svm.def.
 */
#include <errno.h>
#include <linux/err.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"
#include "subject/outside.h"

void *bond_nouveau_open(void *mm, unsigned int nr);
int bond_nouveau_access(void *client, unsigned int page_nr, int write);
void bond_nouveau_close(void *client);
void bond_nouveau_remove(void);

int op_nouveau_open(const struct subject_call *call)
{
	void *mm = mm_ops_use(call->operand[0]);
	void *client;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	client = bond_nouveau_open(mm, call->result);
	if (client)
		kapi_file_install(KIND_NOUVEAU, call->result, client);
	mm_ops_unuse(call->operand[0], mm);
	return client ? 0 : -ENOMEM;
}

static void put(unsigned nr, void *client)
{
	if (kapi_file_put(KIND_NOUVEAU, nr))
		bond_nouveau_close(client);
}

static int access(void *client, const struct subject_call *call)
{
	return bond_nouveau_access(client, call->operand[1], call->operand[2]);
}

int op_nouveau_access(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_NOUVEAU, call, access, put);
}

int op_nouveau_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_NOUVEAU, call, put);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_NOUVEAU, put);
	bond_nouveau_remove();
}
