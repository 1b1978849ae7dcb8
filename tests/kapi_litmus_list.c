/*
 * kapi_litmus_list.c - list debugging, locks with readers, SRCU sections that overlap, BUG.
 */
#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>

#include "litmus.h"

struct node {
	struct list_head list;
	struct hlist_node hash;
	int value;
};

static struct list_head *first, *second;
static struct hlist_head *chain;
static struct node *node, *shared;
static rwlock_t *rwlock;
static struct rw_semaphore *sem;
static struct srcu_struct *domain;
static bool taken;

struct bench {
	struct list_head first, second;
	struct hlist_head chain;
	rwlock_t rwlock;
	struct rw_semaphore sem;
	struct srcu_struct domain;
};

static struct bench *bench;

static void begin(void)
{
	bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	node = kzalloc(sizeof(*node), GFP_KERNEL);
	shared = kzalloc(sizeof(*shared), GFP_KERNEL);
	first = &bench->first;
	second = &bench->second;
	chain = &bench->chain;
	rwlock = &bench->rwlock;
	sem = &bench->sem;
	domain = &bench->domain;
	INIT_LIST_HEAD(first);
	INIT_LIST_HEAD(second);
	INIT_LIST_HEAD(&node->list);
	rwlock_init(rwlock);
	init_rwsem(sem);
	look_at(init_srcu_struct(domain));
}

static void end(void)
{
	if (!taken)
		kfree(shared);
	cleanup_srcu_struct(domain);
	kfree(node);
	kfree(bench);
}

#define ON_BENCH(...)                                                                              \
	{                                                                                          \
		.begin = begin, .thread = {__VA_ARGS__}, .end = end                                \
	}

/* The same with late stores: a lane sees its own, and a lock shows those of others. */
#define ON_BENCH_LATE(...)                                                                         \
	{                                                                                          \
		.begin = begin, .thread = {__VA_ARGS__}, .end = end, .strength = {.weak = true }   \
	}

/* ---- lists ---- */

static void add_and_delete(void)
{
	list_add(&node->list, first);
	list_del(&node->list);
	list_add_tail(&node->list, first);
	list_del_init(&node->list);
	list_del_init(&node->list);
}

static void add_twice(void)
{
	list_add(&node->list, first);
	list_add(&node->list, first);
}

static void add_under_lock(void)
{
	struct node *mine = kzalloc(sizeof(*mine), GFP_KERNEL);

	write_lock(rwlock);
	list_add(&mine->list, first);
	write_unlock(rwlock);
	write_lock(rwlock);
	list_del(&mine->list);
	write_unlock(rwlock);
	kfree(mine);
}

static void add_tail_twice(void)
{
	list_add_tail(&node->list, first);
	list_add_tail(&node->list, first);
}

static void add_tail_and_delete_rcu(void)
{
	list_add_rcu(&node->list, first);
	list_add_tail_rcu(&shared->list, first);
	BUG_ON(list_first_entry(first, struct node, list) != node);
	list_del_rcu(&node->list);
	list_del_rcu(&shared->list);
}

static void add_tail_twice_rcu(void)
{
	list_add_tail_rcu(&node->list, first);
	list_add_tail_rcu(&node->list, first);
}

static void hash_and_unhash(void)
{
	hlist_add_head(&node->hash, chain);
	hlist_add_head_rcu(&shared->hash, chain);
	hlist_del_init(&node->hash);
	hlist_add_head_rcu(&node->hash, chain);
}

static void hash_twice(void)
{
	hlist_add_head(&node->hash, chain);
	hlist_add_head(&shared->hash, chain);
	hlist_add_head(&node->hash, chain);
}

static void hash_twice_rcu(void)
{
	hlist_add_head_rcu(&node->hash, chain);
	hlist_add_head_rcu(&node->hash, chain);
}

/* As the notes about clients of notifiers do, which know who is registered. */
static void say_that_it_is_in_twice(void)
{
	kapi_list_twice(node, "registered again", KAPI_SITE("list_twice", "list_twice(node)"));
}

static void delete_twice(void)
{
	list_add(&node->list, first);
	list_del(&node->list);
	list_del(&node->list);
}

static void move_and_splice(void)
{
	list_add(&node->list, first);
	list_move_tail(&node->list, second);
	list_splice_init(second, first);
	if (!list_empty(second) || list_empty(first))
		BUG();
	list_del(&node->list);
}

static void forget_to_splice_all(void)
{
	list_add(&node->list, first);
	list_splice(first, second);
	/* The old head is not in the list any more, and still points to the node. */
	list_add_tail(&shared->list, first);
}

/* ---- locks with readers ---- */

static void read_and_unlock(void)
{
	read_lock(rwlock);
	read_unlock(rwlock);
}

static void write_and_unlock(void)
{
	write_lock(rwlock);
	write_unlock(rwlock);
}

static void allocate_in_reader(void)
{
	read_lock(rwlock);
	kfree(kmalloc(8, GFP_KERNEL));
	read_unlock(rwlock);
}

static void downgrade_and_read(void)
{
	down_write(sem);
	downgrade_write(sem);
	up_read(sem);
}

static void downgrade_and_write(void)
{
	down_write(sem);
	downgrade_write(sem);
	up_write(sem);
}

static void write_while_downgraded(void)
{
	if (!down_write_trylock(sem))
		return;
	up_write(sem);
}

/* ---- SRCU ---- */

static void look_in_second(void)
{
	int i = srcu_read_lock(domain), j = srcu_read_lock(domain);
	const struct node *n;

	srcu_read_unlock(domain, i);
	n = srcu_dereference(shared, domain);
	if (n)
		look_at(READ_ONCE(n->value));
	srcu_read_unlock(domain, j);
}

static void look_from_first_in_second(void)
{
	int i = srcu_read_lock(domain), j;
	const struct node *n = srcu_dereference(shared, domain);

	j = srcu_read_lock(domain);
	srcu_read_unlock(domain, i);
	if (n)
		look_at(READ_ONCE(n->value));
	srcu_read_unlock(domain, j);
}

static void free_after_readers(void)
{
	struct node *old = shared;

	taken = true;
	rcu_assign_pointer(shared, NULL);
	synchronize_srcu(domain);
	kfree(old);
}

static void leave_by_wrong_index(void)
{
	int i = srcu_read_lock(domain);

	srcu_read_unlock(domain, i + 1);
}

static void down_and_up(void)
{
	int i = srcu_down_read(domain);

	srcu_up_read(domain, i);
}

static void down_and_unlock(void)
{
	int i = srcu_down_read(domain);

	srcu_read_unlock(domain, i);
}

static void end_domain_in_reader(void)
{
	int i = srcu_read_lock(domain);

	cleanup_srcu_struct(domain);
	srcu_read_unlock(domain, i);
}

/* ---- BUG ---- */

static void no_bug(void)
{
	BUG_ON(!node);
}

static void warn_behind_bug(void)
{
	BUG_ON(node);
	WARN_ON(node);
}

/* ---- what is added under a lock, and read without it ---- */

static void say_then_add(void)
{
	write_lock(rwlock);
	WRITE_ONCE(shared->value, 1);
	list_add(&node->list, first);
	write_unlock(rwlock);
}

static void look_under_lock(void)
{
	read_lock(rwlock);
	WARN_ON(READ_ONCE(shared->value) && list_empty(first));
	read_unlock(rwlock);
}

static void look_without_lock(void)
{
	WARN_ON(READ_ONCE(shared->value) && list_empty(first));
}

static void add_node_locked(void)
{
	write_lock(rwlock);
	list_add(&node->list, first);
	write_unlock(rwlock);
}

static void add_shared_locked(void)
{
	write_lock(rwlock);
	list_add(&shared->list, first);
	write_unlock(rwlock);
}

static void add_node(void)
{
	list_add(&node->list, first);
}

static void add_shared(void)
{
	list_add(&shared->list, first);
}

const struct litmus_case kapi_litmus_list[] = {
	{"a_node_is_added_once", "list_corrupt:node@add_twice", "beside itself",
	 .good = ON_BENCH(add_and_delete), .bad = ON_BENCH(add_twice)},
	{"nor_twice_with_late_stores", "list_corrupt:node@add_twice", "beside itself",
	 .good = ON_BENCH_LATE(add_under_lock, add_under_lock, add_under_lock),
	 .bad = ON_BENCH_LATE(add_twice)},
	{"a_node_is_deleted_once_with_late_stores", "list_corrupt:node@delete_twice", "again",
	 .good = ON_BENCH_LATE(add_and_delete), .bad = ON_BENCH_LATE(delete_twice)},
	{"also_at_the_tail", "list_corrupt:node@add_tail_twice", "beside itself",
	 .good = ON_BENCH(add_and_delete), .bad = ON_BENCH(add_tail_twice)},
	{"also_for_walkers_of_rcu", "list_corrupt:node@add_tail_twice_rcu", "beside itself",
	 .good = ON_BENCH(add_tail_and_delete_rcu), .bad = ON_BENCH(add_tail_twice_rcu)},
	{"also_in_a_hash_table", "list_corrupt:node@hash_twice", "in already",
	 .good = ON_BENCH(hash_and_unhash), .bad = ON_BENCH(hash_twice)},
	{"and_in_one_with_walkers", "list_corrupt:node@hash_twice_rcu", "in already",
	 .good = ON_BENCH(hash_and_unhash), .bad = ON_BENCH(hash_twice_rcu)},
	{"and_where_its_user_knows_it", "list_corrupt:node@say_that_it_is_in_twice", "again",
	 .good = ON_BENCH(add_and_delete), .bad = ON_BENCH(say_that_it_is_in_twice)},
	{"a_node_is_deleted_once", "list_corrupt:node@delete_twice", "again",
	 .good = ON_BENCH(add_and_delete), .bad = ON_BENCH(delete_twice)},
	{"a_head_that_was_spliced_is_initialised", "list_corrupt:shared@forget_to_splice_all",
	 "no neighbours", .good = ON_BENCH(move_and_splice), .bad = ON_BENCH(forget_to_splice_all)},
	{"a_list_is_read_under_its_lock", "warn:none@look_without_lock", NULL,
	 .good = ON_BENCH(say_then_add, look_under_lock),
	 .bad = ON_BENCH(say_then_add, look_without_lock)},
	{"a_list_is_changed_under_its_lock",
	 "list_corrupt:node@add_node list_corrupt:shared@add_shared", "no neighbours",
	 .good = ON_BENCH(add_node_locked, add_shared_locked),
	 .bad = ON_BENCH(add_node, add_shared)},
	{"an_rwlock_does_not_sleep", "sleep_in_atomic:none@allocate_in_reader", "spinlock",
	 .good = ON_BENCH(read_and_unlock, write_and_unlock, read_and_unlock),
	 .bad = ON_BENCH(allocate_in_reader)},
	{"a_downgraded_writer_is_a_reader", "lock_misuse:bench@downgrade_and_write", NULL,
	 .good = ON_BENCH(downgrade_and_read, write_while_downgraded),
	 .bad = ON_BENCH(downgrade_and_write)},
	{"an_srcu_section_protects_what_was_read_in_it", "dead_use:shared", NULL,
	 .good = ON_BENCH(look_in_second, free_after_readers),
	 .bad = ON_BENCH(look_from_first_in_second, free_after_readers)},
	{"an_srcu_section_is_left_by_its_index", "reader_unbalanced:none@leave_by_wrong_index",
	 "index", .good = ON_BENCH(look_in_second), .bad = ON_BENCH(leave_by_wrong_index)},
	{"up_read_ends_what_down_read_began", "reader_unbalanced:none@down_and_unlock",
	 "srcu_up_read", .good = ON_BENCH(down_and_up), .bad = ON_BENCH(down_and_unlock)},
	{"a_domain_ends_without_readers", "lock_freed:bench@end_domain_in_reader", "reader",
	 .good = ON_BENCH(down_and_up), .bad = ON_BENCH(end_domain_in_reader)},
	{"nothing_is_judged_behind_a_bug", "bug:none@warn_behind_bug", NULL,
	 .good = ON_BENCH(no_bug),
	 .bad = {.begin = begin, .thread = {warn_behind_bug}, .end = end, .ignores = RULE_bug}},
	{0},
};
