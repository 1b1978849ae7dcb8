/*
 * mmu_rb_tree.c - the half of the bench in the tree's types: a queue's cache of pinned pages, used in
 * the order in which hfi1/pin_system.c calls drivers/infiniband/hw/hfi1/mmu_rb.c. A node is one page.
 *
 * Left out: limits on what is pinned (a caller evicts when it likes), and nodes of several pages.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "mmu_rb.h"
#include "kapi/process.h"

struct bond_queue {
	struct mm_struct *mm;
	struct mmu_rb_handler *handler;
	struct workqueue_struct *wq;
};

struct bond_node {
	struct mmu_rb_node rb;
	struct page *page;
};

#define bond_node_of(rb_) container_of(rb_, struct bond_node, rb)

static bool is_of_page(struct mmu_rb_node *rb, unsigned long address, unsigned long len)
{
	return rb->addr == address;
}

static void remove_node(void *arg, struct mmu_rb_node *rb)
{
	struct bond_node *node = bond_node_of(rb);

	unpin_user_pages_dirty_lock(&node->page, 1, true);
	kfree(node);
}

static int evict_node(void *arg, struct mmu_rb_node *rb, void *arg2, bool *stop)
{
	*stop = true;
	return 1;
}

static const struct mmu_rb_ops ops = {
	.filter = is_of_page, .remove = remove_node, .evict = evict_node};

void *bond_hfi1_open(void *mm)
{
	struct bond_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);

	if (!queue)
		return NULL;
	queue->mm = mm;
	queue->wq = alloc_workqueue("hfi1", 0, 1);
	current->mm = mm;
	if (queue->wq && !hfi1_mmu_rb_register(queue, &ops, queue->wq, &queue->handler)) {
		current->mm = NULL;
		return queue;
	}
	current->mm = NULL;
	if (queue->wq)
		destroy_workqueue(queue->wq);
	kfree(queue);
	return NULL;
}

void bond_hfi1_close(void *at)
{
	struct bond_queue *queue = at;

	hfi1_mmu_rb_unregister(queue->handler);
	destroy_workqueue(queue->wq);
	kfree(queue);
}

static struct bond_node *find(struct bond_queue *queue, unsigned long address)
{
	struct mmu_rb_node *rb;
	unsigned long flags;

	spin_lock_irqsave(&queue->handler->lock, flags);
	rb = hfi1_mmu_rb_get_first(queue->handler, address, PAGE_SIZE);
	if (rb)
		kref_get(&rb->refcount);
	spin_unlock_irqrestore(&queue->handler->lock, flags);
	return rb ? bond_node_of(rb) : NULL;
}

static struct bond_node *add(struct bond_queue *queue, unsigned long address, int *ret_error)
{
	struct bond_node *node = kzalloc(sizeof(*node), GFP_KERNEL);

	*ret_error = -ENOMEM;
	if (!node)
		return NULL;
	kref_init(&node->rb.refcount); /* the cache's */
	kref_get(&node->rb.refcount);  /* the packet's */
	node->rb.addr = address;
	node->rb.len = PAGE_SIZE;
	*ret_error = -EFAULT;
	if (pin_user_pages_fast(address, 1, FOLL_WRITE | FOLL_LONGTERM, &node->page) == 1)
		*ret_error = hfi1_mmu_rb_insert(queue->handler, &node->rb);
	if (!*ret_error)
		return node;
	if (node->page)
		unpin_user_page(node->page);
	kfree(node);
	return NULL;
}

/**
 * bond_hfi1_send() - a packet from page @page_nr of the process that opened the queue
 *
 * Returns: the node that the packet uses until bond_hfi1_complete(), or NULL.
 */
void *bond_hfi1_send(void *at, void *mm, unsigned int page_nr)
{
	struct bond_queue *queue = at;
	struct bond_node *node;
	int error = -EEXIST;

	if (mm != queue->mm)
		return NULL;
	current->mm = mm;
	do {
		node = find(queue, process_address(page_nr));
		if (!node)
			node = add(queue, process_address(page_nr), &error);
	} while (!node && error == -EEXIST);
	current->mm = NULL;
	return node;
}

void bond_hfi1_complete(void *at)
{
	struct bond_node *node = at;

	kref_put(&node->rb.refcount, hfi1_mmu_rb_release);
}

void bond_hfi1_evict(void *at, void *mm)
{
	struct bond_queue *queue = at;

	current->mm = mm;
	hfi1_mmu_rb_evict(queue->handler, NULL);
	current->mm = NULL;
}
