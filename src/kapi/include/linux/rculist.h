/*
 * rculist.h - the same lists for readers without a lock: publication in order, and nodes that keep
 * their next pointer for walkers after they are taken out.
 */
#ifndef LINUX_RCULIST_H
#define LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

static __always_inline void kapi_list_add_rcu(struct list_head *node, struct list_head *prev,
					      struct list_head *next, struct site *site)
{
	node->next = next;
	node->prev = prev;
	kapi_store(&prev->next, site);
	kapi_atomic_store(&prev->next, node, __ATOMIC_RELEASE);
	kapi_release(&prev->next);
	next->prev = node;
}

static __always_inline void kapi_list_del_rcu(struct list_head *node, struct site *site)
{
	kapi_store(&node->prev->next, site);
	kapi_list_del(node->prev, node->next);
	node->prev = LIST_POISON2;
}

static __always_inline void kapi_hlist_add_head_rcu(struct hlist_node *node,
						    struct hlist_head *head, struct site *site)
{
	struct hlist_node *first = head->first;

	node->next = first;
	kapi_set(node->pprev, &head->first);
	kapi_store(&head->first, site);
	kapi_atomic_store(&head->first, node, __ATOMIC_RELEASE);
	kapi_release(&head->first);
	if (first)
		kapi_set(first->pprev, &node->next);
}

/* What fails a check of list debugging is a verdict, and changes nothing. */
#define kapi_list_insert_rcu(node, prev, next, where)                                              \
	do {                                                                                       \
		struct list_head *new_ = (node), *before_ = (prev), *behind_ = (next);             \
		struct site *place_ = (where);                                                     \
		if (kapi_list_check_add(new_, before_, behind_, place_))                           \
			kapi_list_add_rcu(new_, before_, behind_, place_);                         \
	} while (0)

#define list_add_rcu(node, head)                                                                   \
	do {                                                                                       \
		struct list_head *head_ = (head);                                                  \
		struct site *site_ =                                                               \
			KAPI_SITE("list_add_rcu", "list_add_rcu(" #node ", " #head ")");           \
		kapi_list_insert_rcu((node), head_, head_->next, site_);                           \
	} while (0)
#define list_add_tail_rcu(node, head)                                                              \
	do {                                                                                       \
		struct list_head *head_ = (head);                                                  \
		struct site *site_ =                                                               \
			KAPI_SITE("list_add_tail_rcu", "list_add_tail_rcu(" #node ", " #head ")"); \
		kapi_list_insert_rcu((node), head_->prev, head_, site_);                           \
	} while (0)
#define list_del_rcu(node)                                                                         \
	do {                                                                                       \
		struct list_head *node_ = (node);                                                  \
		struct site *site_ = KAPI_SITE("list_del_rcu", "list_del_rcu(" #node ")");         \
		kapi_list_leave(node_, kapi_list_del_rcu, site_);                                  \
	} while (0)

#define hlist_add_head_rcu(node, head)                                                             \
	do {                                                                                       \
		struct hlist_node *node_ = (node);                                                 \
		struct hlist_head *head_ = (head);                                                 \
		struct site *site_ = KAPI_SITE("hlist_add_head_rcu",                               \
					       "hlist_add_head_rcu(" #node ", " #head ")");        \
		if (kapi_hlist_check_add(node_, head_, site_))                                     \
			kapi_hlist_add_head_rcu(node_, head_, site_);                              \
	} while (0)

/* Idempotent, and next stays for walkers. */
#define hlist_del_init_rcu(node)                                                                   \
	do {                                                                                       \
		struct hlist_node *node_ = (node);                                                 \
		kapi_store(node_,                                                                  \
			   KAPI_SITE("hlist_del_init_rcu", "hlist_del_init_rcu(" #node ")"));      \
		if (node_->pprev) {                                                                \
			kapi_hlist_del(node_);                                                     \
			kapi_set(node_->pprev, NULL);                                              \
		}                                                                                  \
	} while (0)

/* Not idempotent: who comes second writes through NULL or poison. The oops is a verdict here. */
#define hlist_del_rcu(node)                                                                        \
	do {                                                                                       \
		struct hlist_node *node_ = (node);                                                 \
		struct site *site_ = KAPI_SITE("hlist_del_rcu", "hlist_del_rcu(" #node ")");       \
		kapi_store(node_, site_);                                                          \
		if (!node_->pprev || node_->pprev == LIST_POISON2)                                 \
			kapi_warn(RULE_bug, site_);                                                \
		kapi_hlist_del(node_);                                                             \
		kapi_set(node_->pprev, LIST_POISON2);                                              \
	} while (0)

/* The walk's macro stands in the source, not the pointer that it follows. */
#define kapi_list_next(at, ok, name, text)                                                         \
	({                                                                                         \
		__auto_type at_ = (at);                                                            \
		struct site *step_ = KAPI_SITE(name, text);                                        \
		kapi_rcu_check((ok), at_, step_);                                                  \
		kapi_load(at_, step_);                                                             \
		__auto_type next_ = kapi_atomic_load(at_, __ATOMIC_ACQUIRE);                       \
		kapi_acquire(at_);                                                                 \
		next_;                                                                             \
	})

#define list_for_each_entry_rcu(pos, head, member, ...)                                            \
	for (pos = list_entry(kapi_list_next(&(head)->next,                                        \
					     rcu_read_lock_held() __VA_OPT__(|| (__VA_ARGS__)),    \
					     "list_for_each_entry_rcu",                            \
					     "list_for_each_entry_rcu(" #pos ", " #head            \
					     ", " #member ")"),                                    \
			      __typeof__(*pos), member);                                           \
	     &pos->member != (head);                                                               \
	     pos = list_entry(kapi_list_next(&pos->member.next,                                    \
					     rcu_read_lock_held() __VA_OPT__(|| (__VA_ARGS__)),    \
					     "list_for_each_entry_rcu",                            \
					     "list_for_each_entry_rcu(" #pos ", " #head            \
					     ", " #member ")"),                                    \
			      __typeof__(*pos), member))

#define hlist_for_each_entry_srcu(pos, head, member, cond)                                         \
	for (pos = hlist_entry_safe(kapi_list_next(&(head)->first, (cond),                         \
						   "hlist_for_each_entry_srcu",                    \
						   "hlist_for_each_entry_srcu(" #pos ", " #head    \
						   ", " #member ", ...)"),                         \
				    __typeof__(*pos), member);                                     \
	     pos; pos = hlist_entry_safe(kapi_list_next(&pos->member.next, (cond),                 \
							"hlist_for_each_entry_srcu",               \
							"hlist_for_each_entry_srcu(" #pos          \
							", " #head ", " #member ", ...)"),         \
					 __typeof__(*pos), member))

#endif
