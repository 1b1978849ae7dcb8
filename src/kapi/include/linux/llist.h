/*
 * llist.h - a stack without a lock: added to by cmpxchg, emptied by xchg. Who takes single nodes needs to
 * be alone with those who take, as in the kernel: nothing here saves it from a node that comes again.
 */
#ifndef LINUX_LLIST_H
#define LINUX_LLIST_H

#include <linux/atomic.h>
#include <linux/kernel.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define LLIST_HEAD_INIT(name)                                                                      \
	{                                                                                          \
		NULL                                                                               \
	}
#define LLIST_HEAD(name) struct llist_head name = LLIST_HEAD_INIT(name)

static inline void init_llist_head(struct llist_head *head)
{
	head->first = NULL;
}

#define kapi_llist_add(new_first, new_last, head, name, text)                                      \
	({                                                                                         \
		struct llist_node *new_first_ = (new_first), *new_last_ = (new_last);              \
		struct llist_head *stack_ = (head);                                                \
		struct llist_node *top_ = kapi_read_once(stack_->first, text " looks");            \
		do                                                                                 \
			new_last_->next = top_;                                                    \
		while (!kapi_try_cmpxchg(&stack_->first, &top_, new_first_, FULL, name, text));    \
		!top_;                                                                             \
	})
/* Returns: was it empty? */
#define llist_add(node, head)                                                                      \
	({                                                                                         \
		struct llist_node *added_ = (node);                                                \
		kapi_llist_add(added_, added_, head, "llist_add",                                  \
			       "llist_add(" #node ", " #head ")");                                 \
	})
#define llist_add_batch(new_first, new_last, head)                                                 \
	kapi_llist_add(new_first, new_last, head, "llist_add_batch",                               \
		       "llist_add_batch(" #new_first ", " #new_last ", " #head ")")
#define llist_del_all(head)                                                                        \
	kapi_rmw(&(head)->first, XCHG, NULL, 0, FULL, "llist_del_all", "llist_del_all(" #head ")")
#define llist_del_first(head)                                                                      \
	({                                                                                         \
		struct llist_head *stack_ = (head);                                                \
		struct llist_node *top_ = smp_load_acquire(&stack_->first);                        \
		while (top_ &&                                                                     \
		       !kapi_try_cmpxchg(&stack_->first, &top_, READ_ONCE(top_->next), FULL,       \
					 "llist_del_first", "llist_del_first(" #head ")"))         \
			;                                                                          \
		top_;                                                                              \
	})
#define llist_empty(head) (kapi_read_once((head)->first, "llist_empty(" #head ")") == NULL)

static inline struct llist_node *llist_next(struct llist_node *node)
{
	return node->next;
}

static inline struct llist_node *llist_reverse_order(struct llist_node *head)
{
	struct llist_node *reversed = NULL, *next;

	for (; head; head = next) {
		next = head->next;
		head->next = reversed;
		reversed = head;
	}
	return reversed;
}

#define llist_entry(ptr, type, member) container_of(ptr, type, member)
#define kapi_llist_entry_safe(ptr, type, member)                                                   \
	({                                                                                         \
		struct llist_node *at_ = (ptr);                                                    \
		at_ ? llist_entry(at_, type, member) : NULL;                                       \
	})
#define llist_for_each(pos, node) for ((pos) = (node); pos; (pos) = (pos)->next)
#define llist_for_each_safe(pos, n, node)                                                          \
	for ((pos) = (node); (pos) && ((n) = (pos)->next, true); (pos) = (n))
#define llist_for_each_entry(pos, node, member)                                                    \
	for (pos = kapi_llist_entry_safe((node), __typeof__(*pos), member); pos;                   \
	     pos = kapi_llist_entry_safe(pos->member.next, __typeof__(*pos), member))
#define llist_for_each_entry_safe(pos, n, node, member)                                            \
	for (pos = kapi_llist_entry_safe((node), __typeof__(*pos), member);                        \
	     pos && (n = kapi_llist_entry_safe(pos->member.next, __typeof__(*n), member), true);   \
	     pos = n)

#endif
