/*
 * rbtree.h - binary trees that a driver orders and locks by itself.
 *
 * They are not balanced: of the shape a driver sees nothing but the order. Insertion and removal are
 * choices, and so are the first step and each next one of a walk, since a walk without the lock of the
 * tree is the bug to find. What is inserted twice, or erased and not there, is a verdict.
 */
#ifndef LINUX_RBTREE_H
#define LINUX_RBTREE_H

#include <linux/interval_tree.h>
#include <linux/kernel.h>
#include <linux/list.h>

struct rb_node {
	unsigned long __rb_parent_color;
	struct rb_node *rb_right, *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

#undef RB_ROOT /* of the library behind interval_tree.h */
#define RB_ROOT                                                                                    \
	(struct rb_root)                                                                           \
	{                                                                                          \
		NULL                                                                               \
	}
#define rb_parent(node) ((struct rb_node *)((node)->__rb_parent_color & ~3ul))
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member)                                                           \
	({                                                                                         \
		struct rb_node *at_ = (ptr);                                                       \
		at_ ? rb_entry(at_, type, member) : NULL;                                          \
	})
#define RB_EMPTY_ROOT(root) (kapi_read_once((root)->rb_node, "RB_EMPTY_ROOT(" #root ")") == NULL)
#define RB_EMPTY_NODE(node) ((node)->__rb_parent_color == (unsigned long)(node))
#define RB_CLEAR_NODE(node) ((node)->__rb_parent_color = (unsigned long)(node))

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = node->rb_right = NULL;
	kapi_set(*link, node);
}

static inline void kapi_rb_change(struct rb_root *root, struct rb_node *parent, struct rb_node *old,
				  struct rb_node *new)
{
	if (!parent)
		kapi_set(root->rb_node, new);
	else if (parent->rb_left == old)
		kapi_set(parent->rb_left, new);
	else
		kapi_set(parent->rb_right, new);
	if (new)
		new->__rb_parent_color = (unsigned long)parent;
}

static inline struct rb_node *kapi_rb_end(struct rb_node *node, bool left)
{
	while (node && (left ? node->rb_left : node->rb_right))
		node = left ? node->rb_left : node->rb_right;
	return node;
}

static inline void kapi_rb_take(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *next;

	if (!node->rb_left || !node->rb_right) {
		kapi_rb_change(root, rb_parent(node), node,
			       node->rb_left ? node->rb_left : node->rb_right);
		return;
	}
	next = kapi_rb_end(node->rb_right, true);
	kapi_rb_change(root, rb_parent(next), next, next->rb_right);
	next->rb_left = node->rb_left;
	next->rb_right = node->rb_right;
	next->rb_left->__rb_parent_color = (unsigned long)next;
	if (next->rb_right)
		next->rb_right->__rb_parent_color = (unsigned long)next;
	kapi_rb_change(root, rb_parent(node), node, next);
}

static inline struct rb_node *kapi_rb_beside(const struct rb_node *node, bool next)
{
	struct rb_node *side = next ? node->rb_right : node->rb_left, *parent;

	if (side)
		return kapi_rb_end(side, next);
	for (parent = rb_parent(node);
	     parent && node == (next ? parent->rb_right : parent->rb_left);
	     parent = rb_parent(node))
		node = parent;
	return parent;
}

#define rb_insert_color(node, root)                                                                \
	do {                                                                                       \
		const struct rb_node *node_ = (node);                                              \
		const struct rb_root *root_ = (root);                                              \
		struct site *site_ =                                                               \
			KAPI_SITE("rb_insert_color", "rb_insert_color(" #node ", " #root ")");     \
		kapi_store(root_, site_);                                                          \
		(void)kapi_tree_check(node_, root_, site_);                                        \
	} while (0)
#define rb_erase(node, root)                                                                       \
	do {                                                                                       \
		struct rb_node *node_ = (node);                                                    \
		struct rb_root *root_ = (root);                                                    \
		struct site *site_ = KAPI_SITE("rb_erase", "rb_erase(" #node ", " #root ")");      \
		kapi_store(root_, site_);                                                          \
		if (kapi_tree_check(node_, root_, site_))                                          \
			kapi_rb_take(node_, root_);                                                \
	} while (0)
#define rb_replace_node(victim, new, root)                                                         \
	do {                                                                                       \
		struct rb_node *old_ = (victim), *new_ = (new);                                    \
		struct rb_root *root_ = (root);                                                    \
		kapi_store(root_, KAPI_SITE("rb_replace_node",                                     \
					    "rb_replace_node(" #victim ", " #new ", " #root ")")); \
		*new_ = *old_;                                                                     \
		if (new_->rb_left)                                                                 \
			new_->rb_left->__rb_parent_color = (unsigned long)new_;                    \
		if (new_->rb_right)                                                                \
			new_->rb_right->__rb_parent_color = (unsigned long)new_;                   \
		kapi_rb_change(root_, rb_parent(old_), old_, new_);                                \
	} while (0)

#define kapi_rb_from(root, first, name, text)                                                      \
	({                                                                                         \
		const struct rb_root *root_ = (root);                                              \
		kapi_load(root_, KAPI_SITE(name, text));                                           \
		kapi_rb_end(kapi_atomic_load(&root_->rb_node, __ATOMIC_RELAXED), first);           \
	})
#define rb_first(root) kapi_rb_from(root, true, "rb_first", "rb_first(" #root ")")
#define rb_last(root) kapi_rb_from(root, false, "rb_last", "rb_last(" #root ")")
#define kapi_rb_step(node, next, name, text)                                                       \
	({                                                                                         \
		const struct rb_node *node_ = (node);                                              \
		kapi_load(node_, KAPI_SITE(name, text));                                           \
		kapi_rb_beside(node_, next);                                                       \
	})
#define rb_next(node) kapi_rb_step(node, true, "rb_next", "rb_next(" #node ")")
#define rb_prev(node) kapi_rb_step(node, false, "rb_prev", "rb_prev(" #node ")")

#endif
