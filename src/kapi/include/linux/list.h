/*
 * list.h - the kernel's two lists. Where the kernel's have a marked store, which links a node or takes
 * it out, there is a choice: what is made under a lock and read without it shows there. The unlocked tests
 * (list_empty, hlist_empty, hlist_unhashed) are marked, visible loads. A splice is a note in the trace.
 */
#ifndef LINUX_LIST_H
#define LINUX_LIST_H

#include <linux/kernel.h>

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define LIST_HEAD_INIT(name)                                                                       \
	{                                                                                          \
		&(name), &(name)                                                                   \
	}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

#define LIST_POISON1 ((void *)0x100)
#define LIST_POISON2 ((void *)0x200)

/* Stores that another lane may read without the lock are marked, but no choice by themselves. */
#define kapi_set(at, value) kapi_atomic_store(&(at), (value), __ATOMIC_RELAXED)

#define kapi_list_note(at, name, text) kapi_note_list((at), 0, KAPI_SITE(name, text))

static __always_inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static __always_inline void kapi_list_add(struct list_head *node, struct list_head *prev,
					  struct list_head *next, struct site *site)
{
	next->prev = node;
	node->next = next;
	node->prev = prev;
	kapi_store(&prev->next, site);
	kapi_set(prev->next, node);
}

static __always_inline void kapi_list_del(struct list_head *prev, struct list_head *next)
{
	next->prev = prev;
	kapi_set(prev->next, next);
}

static __always_inline void kapi_list_unlink(struct list_head *node, struct site *site)
{
	struct list_head *prev = node->prev, *next = node->next;

	next->prev = prev;
	kapi_store(&prev->next, site);
	kapi_set(prev->next, next);
}

static __always_inline void kapi_list_del_init(struct list_head *node, struct site *site)
{
	kapi_list_unlink(node, site);
	INIT_LIST_HEAD(node);
}

static __always_inline void kapi_list_del_poison(struct list_head *node, struct site *site)
{
	kapi_list_unlink(node, site);
	node->next = LIST_POISON1;
	node->prev = LIST_POISON2;
}

/* The kernel's list debugging is on: what fails a check is a verdict, and changes nothing. */
#define kapi_list_insert(node, prev, next, where)                                                  \
	do {                                                                                       \
		struct list_head *new_ = (node), *before_ = (prev), *behind_ = (next);             \
		struct site *place_ = (where);                                                     \
		if (kapi_list_check_add(new_, before_, behind_, place_))                           \
			kapi_list_add(new_, before_, behind_, place_);                             \
	} while (0)

#define kapi_list_leave(node, how, where)                                                          \
	do {                                                                                       \
		struct list_head *old_ = (node);                                                   \
		struct site *place_ = (where);                                                     \
		if (kapi_list_check_del(old_, place_))                                             \
			how(old_, place_);                                                         \
	} while (0)

#define list_add(node, head)                                                                       \
	do {                                                                                       \
		struct list_head *head_ = (head);                                                  \
		struct site *site_ = KAPI_SITE("list_add", "list_add(" #node ", " #head ")");      \
		kapi_list_insert((node), head_, head_->next, site_);                               \
	} while (0)
#define list_add_tail(node, head)                                                                  \
	do {                                                                                       \
		struct list_head *head_ = (head);                                                  \
		struct site *site_ =                                                               \
			KAPI_SITE("list_add_tail", "list_add_tail(" #node ", " #head ")");         \
		kapi_list_insert((node), head_->prev, head_, site_);                               \
	} while (0)
#define list_del(node)                                                                             \
	do {                                                                                       \
		struct list_head *node_ = (node);                                                  \
		struct site *site_ = KAPI_SITE("list_del", "list_del(" #node ")");                 \
		kapi_list_leave(node_, kapi_list_del_poison, site_);                               \
	} while (0)
#define list_del_init(node)                                                                        \
	do {                                                                                       \
		struct list_head *node_ = (node);                                                  \
		struct site *site_ = KAPI_SITE("list_del_init", "list_del_init(" #node ")");       \
		kapi_list_leave(node_, kapi_list_del_init, site_);                                 \
	} while (0)
#define list_move(node, head)                                                                      \
	do {                                                                                       \
		struct list_head *node_ = (node), *head_ = (head);                                 \
		struct site *site_ = KAPI_SITE("list_move", "list_move(" #node ", " #head ")");    \
		kapi_list_leave(node_, kapi_list_unlink, site_);                                   \
		kapi_list_insert(node_, head_, head_->next, site_);                                \
	} while (0)
#define list_move_tail(node, head)                                                                 \
	do {                                                                                       \
		struct list_head *node_ = (node), *head_ = (head);                                 \
		struct site *site_ =                                                               \
			KAPI_SITE("list_move_tail", "list_move_tail(" #node ", " #head ")");       \
		kapi_list_leave(node_, kapi_list_unlink, site_);                                   \
		kapi_list_insert(node_, head_->prev, head_, site_);                                \
	} while (0)

static __always_inline void kapi_list_splice(struct list_head *list, struct list_head *prev,
					     struct list_head *next)
{
	struct list_head *first = list->next, *last = list->prev;

	first->prev = prev;
	kapi_set(prev->next, first);
	last->next = next;
	next->prev = last;
}

/* The whole of @list goes behind @head; what is left of @list itself is as in the kernel. */
#define list_splice(list, head)                                                                    \
	do {                                                                                       \
		struct list_head *list_ = (list), *head_ = (head);                                 \
		kapi_list_note(head_, "list_splice", "list_splice(" #list ", " #head ")");         \
		if (list_->next != list_)                                                          \
			kapi_list_splice(list_, head_, head_->next);                               \
	} while (0)
#define list_splice_tail(list, head)                                                               \
	do {                                                                                       \
		struct list_head *list_ = (list), *head_ = (head);                                 \
		kapi_list_note(head_, "list_splice_tail",                                          \
			       "list_splice_tail(" #list ", " #head ")");                          \
		if (list_->next != list_)                                                          \
			kapi_list_splice(list_, head_->prev, head_);                               \
	} while (0)
#define list_splice_init(list, head)                                                               \
	do {                                                                                       \
		struct list_head *list_ = (list), *head_ = (head);                                 \
		kapi_list_note(head_, "list_splice_init",                                          \
			       "list_splice_init(" #list ", " #head ")");                          \
		if (list_->next != list_) {                                                        \
			kapi_list_splice(list_, head_, head_->next);                               \
			INIT_LIST_HEAD(list_);                                                     \
		}                                                                                  \
	} while (0)
#define list_empty(head)                                                                           \
	({                                                                                         \
		const struct list_head *head_ = (head);                                            \
		kapi_load(head_, KAPI_SITE("list_empty", "list_empty(" #head ")"));                \
		kapi_atomic_load(&head_->next, __ATOMIC_RELAXED) == head_;                         \
	})

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_first_entry_or_null(head, type, member)                                               \
	({                                                                                         \
		struct list_head *all_ = (head), *first_ = all_->next;                             \
		first_ != all_ ? list_entry(first_, type, member) : NULL;                          \
	})
#define list_for_each_entry(pos, head, member)                                                     \
	for (pos = list_entry((head)->next, __typeof__(*pos), member); &pos->member != (head);     \
	     pos = list_entry(pos->member.next, __typeof__(*pos), member))
#define list_for_each_entry_safe(pos, n, head, member)                                             \
	for (pos = list_entry((head)->next, __typeof__(*pos), member),                             \
	    n = list_entry(pos->member.next, __typeof__(*pos), member);                            \
	     &pos->member != (head);                                                               \
	     pos = n, n = list_entry(n->member.next, __typeof__(*n), member))

#define INIT_HLIST_HEAD(h) ((h)->first = NULL)
static __always_inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	kapi_set(node->pprev, NULL);
}

static __always_inline void kapi_hlist_add_head(struct hlist_node *node, struct hlist_head *head,
						struct site *site)
{
	struct hlist_node *first = head->first;

	node->next = first;
	if (first)
		kapi_set(first->pprev, &node->next);
	kapi_store(&head->first, site);
	kapi_set(head->first, node);
	kapi_set(node->pprev, &head->first);
}

static __always_inline void kapi_hlist_del(struct hlist_node *node)
{
	struct hlist_node *next = node->next;
	struct hlist_node **pprev = node->pprev;

	kapi_set(*pprev, next);
	if (next)
		kapi_set(next->pprev, pprev);
}

static __always_inline void kapi_hlist_unlink(struct hlist_node *node, struct site *site)
{
	struct hlist_node *next = node->next;
	struct hlist_node **pprev = node->pprev;

	kapi_store(pprev, site);
	kapi_set(*pprev, next);
	if (next)
		kapi_set(next->pprev, pprev);
}

#define hlist_unhashed(node)                                                                       \
	({                                                                                         \
		const struct hlist_node *node_ = (node);                                           \
		kapi_load(node_, KAPI_SITE("hlist_unhashed", "hlist_unhashed(" #node ")"));        \
		kapi_atomic_load(&node_->pprev, __ATOMIC_RELAXED) == NULL;                         \
	})
#define hlist_empty(head)                                                                          \
	({                                                                                         \
		const struct hlist_head *head_ = (head);                                           \
		kapi_load(head_, KAPI_SITE("hlist_empty", "hlist_empty(" #head ")"));              \
		kapi_atomic_load(&head_->first, __ATOMIC_RELAXED) == NULL;                         \
	})
#define hlist_add_head(node, head)                                                                 \
	do {                                                                                       \
		struct hlist_node *node_ = (node);                                                 \
		struct hlist_head *head_ = (head);                                                 \
		struct site *site_ =                                                               \
			KAPI_SITE("hlist_add_head", "hlist_add_head(" #node ", " #head ")");       \
		if (kapi_hlist_check_add(node_, head_, site_))                                     \
			kapi_hlist_add_head(node_, head_, site_);                                  \
	} while (0)
#define hlist_del_init(node)                                                                       \
	do {                                                                                       \
		struct hlist_node *node_ = (node);                                                 \
		if (node_->pprev) {                                                                \
			kapi_hlist_unlink(                                                         \
				node_, KAPI_SITE("hlist_del_init", "hlist_del_init(" #node ")"));  \
			INIT_HLIST_NODE(node_);                                                    \
		}                                                                                  \
	} while (0)

#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member)                                                        \
	({                                                                                         \
		struct hlist_node *ptr_ = (ptr);                                                   \
		ptr_ ? hlist_entry(ptr_, type, member) : NULL;                                     \
	})
#define hlist_for_each_entry(pos, head, member)                                                    \
	for (pos = hlist_entry_safe((head)->first, __typeof__(*pos), member); pos;                 \
	     pos = hlist_entry_safe(pos->member.next, __typeof__(*pos), member))

#endif
