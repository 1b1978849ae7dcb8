/*
 * mmu_rb_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of mmu_rb.def. A
 * packet holds a use of its queue's file, so a queue is freed after its last packet, as in the kernel.
 */
#include <errno.h>
#include <linux/err.h>

#include "kapi/file.h"
#include "subject/bench/mm_ops.h"
#include "subject/outside.h"

void *bond_hfi1_open(void *mm);
void bond_hfi1_close(void *queue);
void *bond_hfi1_send(void *queue, void *mm, unsigned int page_nr);
void bond_hfi1_complete(void *node);
void bond_hfi1_evict(void *queue, void *mm);

static unsigned mm_of[OBJECTS_MAX]; /* of which process a queue is */
static struct {
	unsigned nr;
	void *queue;
} queue_of[OBJECTS_MAX]; /* of which queue a packet is: it holds a use of its file */

static void put_queue(unsigned nr, void *queue)
{
	if (kapi_file_put(KIND_QUEUE, nr))
		bond_hfi1_close(queue);
}

int op_hfi1_open(const struct subject_call *call)
{
	void *mm = mm_ops_use(call->operand[0]);
	void *queue;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	queue = bond_hfi1_open(mm);
	if (queue) {
		mm_of[call->result] = call->operand[0];
		kapi_file_install(KIND_QUEUE, call->result, queue);
	}
	mm_ops_unuse(call->operand[0], mm);
	return queue ? 0 : -ENOMEM;
}

static void put_packet(unsigned nr, void *node)
{
	unsigned queue_nr = queue_of[nr].nr;
	void *queue = queue_of[nr].queue;

	if (!kapi_file_put(KIND_PACKET, nr))
		return;
	bond_hfi1_complete(node);
	put_queue(queue_nr, queue);
}

/* Returns: the packet's node; NULL: the process is gone, or there is nothing to pin. */
static void *send(unsigned queue_nr, void *queue, unsigned page_nr)
{
	unsigned nr = mm_of[queue_nr];
	void *mm = mm_ops_use(nr), *node;

	if (IS_ERR(mm))
		return NULL;
	node = bond_hfi1_send(queue, mm, page_nr);
	mm_ops_unuse(nr, mm);
	return node;
}

int op_hfi1_send(const struct subject_call *call)
{
	unsigned nr = call->operand[0];
	void *queue = kapi_file_get(KIND_QUEUE, nr), *node;

	if (!queue)
		return -ENOENT;
	node = send(nr, queue, call->operand[1]);
	if (!node) {
		put_queue(nr, queue);
		return -EFAULT;
	}
	queue_of[call->result].nr = nr;
	queue_of[call->result].queue = queue;
	kapi_file_install(KIND_PACKET, call->result, node);
	return 0;
}

int op_hfi1_complete(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_PACKET, call, put_packet);
}

static int evict(void *queue, const struct subject_call *call)
{
	unsigned nr = mm_of[call->operand[0]];
	void *mm = mm_ops_use(nr);

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	bond_hfi1_evict(queue, mm);
	mm_ops_unuse(nr, mm);
	return 0;
}

int op_hfi1_evict(const struct subject_call *call)
{
	return mm_ops_with_file(KIND_QUEUE, call, evict, put_queue);
}

int op_hfi1_close(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_QUEUE, call, put_queue);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_PACKET, put_packet);
	mm_ops_close_files(KIND_QUEUE, put_queue);
}
