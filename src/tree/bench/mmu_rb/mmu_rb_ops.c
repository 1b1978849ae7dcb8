/*
 * mmu_rb_ops.c - the half of the bench that bondfuzz calls: op_NAME() for each OP of mmu_rb.def. A
 * packet holds a use of its queue's file, so a queue is freed after its last packet, as in the kernel.
 */
#include "subject/bench/driver_file.h"
#include "subject/outside.h"

void *bond_hfi1_open(void *mm);
void bond_hfi1_close(void *queue);
void *bond_hfi1_send(void *queue, void *mm, unsigned int page_nr);
void bond_hfi1_complete(void *node);
void bond_hfi1_evict(void *queue, void *mm);

static struct {
	unsigned nr;
	void *queue;
} queue_of[OBJECTS_MAX]; /* of which queue a packet is: it holds a use of its file */

FILES(queue, KIND_QUEUE, bond_hfi1_close);

static void put_packet(unsigned nr, void *node)
{
	unsigned queue_nr = queue_of[nr].nr;
	void *queue = queue_of[nr].queue;

	if (!kapi_file_put(KIND_PACKET, nr))
		return;
	bond_hfi1_complete(node);
	queue_put(queue_nr, queue);
}

static void *open_queue(void *mm, const struct subject_call *call)
{
	(void)call;
	return bond_hfi1_open(mm);
}

/* The packet takes a use of its own. Nothing to pin, or a queue that was closed meanwhile: no packet. */
static int send(void *queue, void *mm, const struct subject_call *call)
{
	unsigned nr = call->operand[0];
	void *node;

	if (!kapi_file_get(KIND_QUEUE, nr))
		return -ENOENT;
	node = bond_hfi1_send(queue, mm, call->operand[1]);
	if (!node) {
		queue_put(nr, queue);
		return -EFAULT;
	}
	queue_of[call->result].nr = nr;
	queue_of[call->result].queue = queue;
	kapi_file_install(KIND_PACKET, call->result, node);
	return 0;
}

static int evict(void *queue, void *mm, const struct subject_call *call)
{
	(void)call;
	bond_hfi1_evict(queue, mm);
	return 0;
}

OPEN_OP(queue, hfi1_open, open_queue, -ENOMEM)
USE_IN_MM_OP(queue, hfi1_send, send)
USE_IN_MM_OP(queue, hfi1_evict, evict)
CLOSE_OP(queue, hfi1_close)

int op_hfi1_complete(const struct subject_call *call)
{
	return mm_ops_let_go(KIND_PACKET, call, put_packet);
}

void outside_close(void)
{
	mm_ops_close_files(KIND_PACKET, put_packet);
	mm_ops_close_files(KIND_QUEUE, queue_put);
}
