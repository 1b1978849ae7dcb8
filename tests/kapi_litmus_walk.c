/*
 * kapi_litmus_walk.c - lists that readers walk without a lock while nodes are put in and taken out.
 *
 * Two nodes: the first is taken out under the walker, which must see the last all the same.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "litmus.h"

struct node {
	int value;
	struct hlist_node hash;
	struct list_head list;
	struct rcu_head rcu;
};

static struct hlist_head chain;
static LIST_HEAD(row);
static struct node *first, *last;
static DEFINE_SPINLOCK(chain_lock);
DEFINE_STATIC_SRCU(walkers);

static struct node *new_node(int value)
{
	struct node *new = kzalloc(sizeof(struct node), GFP_KERNEL);

	new->value = value;
	return new;
}

static void make_nodes(void)
{
	first = new_node(1);
	last = new_node(2);
	hlist_add_head(&last->hash, &chain);
	hlist_add_head(&first->hash, &chain);
	list_add_tail(&first->list, &row);
	list_add_tail(&last->list, &row);
}

static void make_last(void)
{
	last = new_node(2);
	hlist_add_head(&last->hash, &chain);
	list_add_tail(&last->list, &row);
}

static void free_nodes(void)
{
	kfree(first);
	kfree(last);
}

/* ---- walkers ---- */

static void walk_chain(void)
{
	int idx = srcu_read_lock(&walkers), seen = 0;
	struct node *node;

	hlist_for_each_entry_srcu(node, &chain, hash, srcu_read_lock_held(&walkers))
		seen = node->value;
	srcu_read_unlock(&walkers, idx);
	BUG_ON(seen != 2);
}

static void walk_chain_without_reader(void)
{
	struct node *node;

	hlist_for_each_entry_srcu(node, &chain, hash, srcu_read_lock_held(&walkers))
		look_at(node->value);
}

static void walk_row(void)
{
	struct node *node;
	int seen = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(node, &row, list)
		seen = node->value;
	rcu_read_unlock();
	BUG_ON(seen != 2);
}

static void walk_row_under_lock(void)
{
	struct node *node;

	spin_lock(&chain_lock);
	list_for_each_entry_rcu(node, &row, list, kapi_lock_held(&chain_lock.lock))
		look_at(node->value);
	spin_unlock(&chain_lock);
}

static void walk_row_without_reader(void)
{
	struct node *node;

	list_for_each_entry_rcu(node, &row, list)
		look_at(node->value);
}

/* ---- who changes the lists ---- */

static void add_to_chain(void)
{
	first = new_node(1);
	spin_lock(&chain_lock);
	hlist_add_head_rcu(&first->hash, &chain);
	spin_unlock(&chain_lock);
}

static void add_to_chain_too_early(void)
{
	first = kzalloc(sizeof(struct node), GFP_KERNEL);
	spin_lock(&chain_lock);
	WRITE_ONCE(chain.first, &first->hash);
	WRITE_ONCE(first->hash.next, &last->hash);
	spin_unlock(&chain_lock);
}

static void add_to_row(void)
{
	first = new_node(1);
	spin_lock(&chain_lock);
	list_add_rcu(&first->list, &row);
	spin_unlock(&chain_lock);
}

static void unhash_for_walkers(void)
{
	spin_lock(&chain_lock);
	hlist_del_init_rcu(&first->hash);
	spin_unlock(&chain_lock);
}

static void unhash_and_clear(void)
{
	spin_lock(&chain_lock);
	WARN_ON(hlist_unhashed(&first->hash));
	hlist_del_init(&first->hash);
	WARN_ON(!hlist_unhashed(&first->hash));
	spin_unlock(&chain_lock);
}

static void unhash_twice(void)
{
	unhash_for_walkers();
	unhash_for_walkers();
}

static void unhash_once_only(void)
{
	spin_lock(&chain_lock);
	hlist_del_rcu(&first->hash);
	spin_unlock(&chain_lock);
}

static void unhash_once_only_twice(void)
{
	unhash_once_only();
	unhash_once_only();
}

static void delete_for_walkers(void)
{
	spin_lock(&chain_lock);
	list_del_rcu(&first->list);
	spin_unlock(&chain_lock);
}

static void delete_and_poison(void)
{
	spin_lock(&chain_lock);
	list_del(&first->list);
	spin_unlock(&chain_lock);
}

static void delete_for_walkers_twice(void)
{
	delete_for_walkers();
	delete_for_walkers();
}

static void free_first(void)
{
	kfree(first);
	first = NULL;
}

static void unhash_wait_and_free(void)
{
	unhash_for_walkers();
	synchronize_srcu(&walkers);
	free_first();
}

static void unhash_and_free(void)
{
	unhash_for_walkers();
	free_first();
}

static void unhash_wait_for_rcu_and_free(void)
{
	unhash_for_walkers();
	synchronize_rcu();
	free_first();
}

static void delete_and_free_later(void)
{
	struct node *mine = first;

	first = NULL;
	spin_lock(&chain_lock);
	list_del_rcu(&mine->list);
	spin_unlock(&chain_lock);
	kfree_rcu(mine, rcu);
}

static void delete_and_free(void)
{
	delete_for_walkers();
	free_first();
}

#define NODES(...)                                                                                 \
	{                                                                                          \
		.begin = make_nodes, .thread = {__VA_ARGS__}, .end = free_nodes                    \
	}
#define ADDS(...)                                                                                  \
	{                                                                                          \
		.begin = make_last, .thread = {__VA_ARGS__}, .end = free_nodes                     \
	}

const struct litmus_case kapi_litmus_walk[] = {
	{"a_node_is_published_whole", "bug:none@walk_chain", NULL,
	 .good = ADDS(walk_chain, add_to_chain, walk_chain),
	 .bad = ADDS(walk_chain, add_to_chain_too_early)},
	{"hlist_del_init_rcu_keeps_next_for_walkers", "bug:none@walk_chain", NULL,
	 .good = NODES(walk_chain, unhash_for_walkers, walk_chain),
	 .bad = NODES(walk_chain, unhash_and_clear)},
	{"hlist_del_init_rcu_may_come_twice", "bug:none@unhash_once_only", "hlist_del_rcu",
	 .good = NODES(walk_chain, unhash_twice), .bad = NODES(unhash_once_only_twice)},
	{"hlist_del_rcu_keeps_next_for_walkers", "bug:none@walk_chain", NULL,
	 .good = NODES(walk_chain, unhash_once_only), .bad = NODES(walk_chain, unhash_and_clear)},
	{"list_del_rcu_keeps_next_for_walkers", "null_deref:none@walk_row", NULL,
	 .good = NODES(walk_row, delete_for_walkers, walk_row),
	 .bad = NODES(walk_row, delete_and_poison)},
	{"list_del_rcu_comes_once", "list_corrupt:node@delete_for_walkers", "again",
	 .good = NODES(delete_for_walkers), .bad = NODES(delete_for_walkers_twice)},
	{"list_add_rcu_publishes_whole", "null_deref:none@walk_row", NULL,
	 .good = ADDS(walk_row, add_to_row, walk_row), .bad = NODES(walk_row, delete_and_poison)},
	{"a_walker_in_srcu_keeps_nodes_alive", "dead_use:node@walk_chain", NULL,
	 .good = NODES(walk_chain, unhash_wait_and_free),
	 .bad = NODES(walk_chain, unhash_and_free)},
	{"only_its_own_domain_keeps_nodes_alive", "dead_use:node@walk_chain", NULL,
	 .good = NODES(walk_chain, unhash_wait_and_free),
	 .bad = NODES(walk_chain, unhash_wait_for_rcu_and_free)},
	{"a_walker_in_rcu_keeps_nodes_alive", "dead_use:node@walk_row", NULL,
	 .good = NODES(walk_row, delete_and_free_later, walk_row),
	 .bad = NODES(walk_row, delete_and_free)},
	{"a_chain_is_walked_inside_its_reader", "rcu_unprotected:none", NULL,
	 .good = NODES(walk_chain), .bad = NODES(walk_chain_without_reader)},
	{"a_row_is_walked_inside_a_reader_or_under_its_lock", "rcu_unprotected:none", NULL,
	 .good = NODES(walk_row, walk_row_under_lock), .bad = NODES(walk_row_without_reader)},
	{0},
};
