/*
 * kapi_litmus_map.c - xarrays, idrs, idas, stacks without a lock, red-black trees; the last put under a lock.
 */
#include <linux/bug.h>
#include <linux/idr.h>
#include <linux/kref.h>
#include <linux/llist.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "litmus.h"

struct item {
	int value;
	struct rb_node node;
	struct rcu_head rcu;
	struct kref kref;
};

static DEFINE_XARRAY_ALLOC(array);
static DEFINE_IDR(numbers);
static DEFINE_IDA(ids);
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static LLIST_HEAD(stack);
static struct llist_node nodes[2];
static struct rb_root root;
static struct item *items[3];
static struct item *shared;
static int got[2];

static struct item *make_item(int value)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

	item->value = value;
	kref_init(&item->kref);
	return item;
}

/* ---- the arithmetic of arrays ---- */

static void computes(void)
{
	struct item a, b, *entry;
	unsigned long index, sum = 0;
	u32 id;

	BUG_ON(!xa_empty(&array) || xa_load(&array, 5));
	BUG_ON(xa_store(&array, 5, &a, GFP_KERNEL) || xa_load(&array, 5) != &a);
	BUG_ON(xa_insert(&array, 5, &b, GFP_KERNEL) != -EBUSY);
	BUG_ON(xa_cmpxchg(&array, 5, &b, NULL, GFP_KERNEL) != &a || xa_load(&array, 5) != &a);
	BUG_ON(xa_alloc(&array, &id, &b, xa_limit_32b, GFP_KERNEL) || id != 0);
	BUG_ON(xa_alloc(&array, &id, &b, XA_LIMIT(5, 5), GFP_KERNEL) != -EBUSY);
	xa_for_each(&array, index, entry) sum += index + 1;
	BUG_ON(sum != 7);
	xa_set_mark(&array, 5, XA_MARK_1);
	BUG_ON(!xa_get_mark(&array, 5, XA_MARK_1) || xa_get_mark(&array, 0, XA_MARK_1));
	xa_for_each_marked(&array, index, entry, XA_MARK_1) sum += index;
	BUG_ON(sum != 12);
	xa_clear_mark(&array, 5, XA_MARK_1);
	BUG_ON(xa_erase(&array, 5) != &a || xa_erase(&array, 5));
	BUG_ON(xa_err(kapi_xa_error(-ENOMEM)) != -ENOMEM || xa_is_err(&a));
	BUG_ON(xa_to_value(xa_mk_value(9)) != 9 || !xa_is_value(xa_mk_value(9)));
	xa_destroy(&array);
	BUG_ON(!xa_empty(&array));
}

static void computes_wrong(void)
{
	struct item a;

	BUG_ON(!xa_store(&array, 5, &a, GFP_KERNEL));
}

static void computes_numbers(void)
{
	struct item a, b, *entry;
	int id, sum = 0;

	BUG_ON(idr_alloc(&numbers, &a, 1, 0, GFP_KERNEL) != 1);
	BUG_ON(idr_alloc(&numbers, NULL, 0, 0, GFP_KERNEL) != 0 || idr_find(&numbers, 0));
	BUG_ON(idr_alloc(&numbers, &b, 0, 2, GFP_KERNEL) != -ENOSPC);
	BUG_ON(idr_replace(&numbers, &b, 0) || idr_find(&numbers, 0) != &b);
	BUG_ON(idr_alloc_cyclic(&numbers, &a, 0, 0, GFP_KERNEL) != 2);
	idr_for_each_entry(&numbers, entry, id) sum += id;
	BUG_ON(sum != 3 || idr_remove(&numbers, 1) != &a || idr_remove(&numbers, 1));
	idr_destroy(&numbers);
	BUG_ON(!idr_is_empty(&numbers) || !ida_is_empty(&ids));
	BUG_ON(ida_alloc(&ids, GFP_KERNEL) != 0 || ida_alloc_min(&ids, 7, GFP_KERNEL) != 7);
	ida_free(&ids, 0);
	ida_free(&ids, 7);
	BUG_ON(!ida_is_empty(&ids));
}

static void frees_number_twice(void)
{
	int id = ida_alloc(&ids, GFP_KERNEL);

	ida_free(&ids, (unsigned)id);
	ida_free(&ids, (unsigned)id);
}

/* ---- an entry and who looks at it ---- */

static void store_item(void)
{
	xa_store(&array, 3, make_item(1), GFP_KERNEL);
}

static void look_in_reader(void)
{
	struct item *item;

	rcu_read_lock();
	item = xa_load(&array, 3);
	if (item)
		look_at(READ_ONCE(item->value));
	rcu_read_unlock();
}

static void erase_and_wait(void)
{
	struct item *item = xa_erase(&array, 3);

	kfree_rcu(item, rcu);
}

static void erase_and_free(void)
{
	kfree(xa_erase(&array, 3));
}

/* ---- an index is taken once ---- */

static void take_index(void)
{
	u32 id;

	BUG_ON(xa_alloc(&array, &id, xa_mk_value(1), xa_limit_32b, GFP_KERNEL));
	WRITE_ONCE(got[id], READ_ONCE(got[id]) + 1);
}

static void take_what_looks_free(void)
{
	unsigned long id = 0;

	while (xa_load(&array, id))
		id++;
	xa_store(&array, id, xa_mk_value(1), GFP_KERNEL);
	WRITE_ONCE(got[id], READ_ONCE(got[id]) + 1);
}

static void take_number_locked(void)
{
	int id;

	spin_lock(&lock);
	id = idr_alloc(&numbers, &numbers, 0, 0, GFP_NOWAIT);
	spin_unlock(&lock);
	WRITE_ONCE(got[id], READ_ONCE(got[id]) + 1);
}

static void take_number(void)
{
	int id = idr_alloc(&numbers, &numbers, 0, 0, GFP_KERNEL);

	WRITE_ONCE(got[id], READ_ONCE(got[id]) + 1);
}

static void none_twice(void)
{
	BUG_ON(got[0] > 1 || got[1] > 1);
}

/* xa_lock is dropped for an allocation that sleeps. */
static void add_one_locked(gfp_t gfp)
{
	unsigned long index = 0;

	xa_lock(&array);
	if (!xa_find(&array, &index, 8, XA_PRESENT)) {
		__xa_store(&array, 4 + (unsigned long)got[0]++, &array, gfp);
		got[1]++;
	}
	xa_unlock(&array);
}

static void add_one_at_once(void)
{
	add_one_locked(GFP_NOWAIT);
}

static void add_one_sleeping(void)
{
	add_one_locked(GFP_KERNEL);
}

static void one_was_added(void)
{
	BUG_ON(got[1] != 1);
}

/* ---- stacks ---- */

static void push_first(void)
{
	llist_add(&nodes[0], &stack);
}

static void push_second(void)
{
	llist_add(&nodes[1], &stack);
}

static void push_second_looking(void)
{
	nodes[1].next = READ_ONCE(stack.first);
	WRITE_ONCE(stack.first, &nodes[1]);
}

static void both_are_there(void)
{
	struct llist_node *node, *all = llist_reverse_order(llist_del_all(&stack));
	int nr = 0;

	llist_for_each(node, all) nr++;
	BUG_ON(nr != 2 || !llist_empty(&stack) || llist_del_first(&stack));
}

/* ---- trees ---- */

static void insert(struct item *item)
{
	struct rb_node **link = &root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item->value < rb_entry(parent, struct item, node)->value ? &parent->rb_left
										: &parent->rb_right;
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_color(&item->node, &root);
}

static void make_tree(void)
{
	static const int order[] = {1, 0, 2};

	for (int i = 0; i < 3; i++) {
		items[order[i]] = make_item(order[i]);
		insert(items[order[i]]);
	}
}

static void sum_locked(void)
{
	struct rb_node *node;
	int sum = 0;

	spin_lock(&lock);
	for (node = rb_first(&root); node; node = rb_next(node))
		sum = sum * 4 + rb_entry(node, struct item, node)->value;
	spin_unlock(&lock);
	BUG_ON(sum != 6 && sum != 2);
}

static void sum_unlocked(void)
{
	struct rb_node *node;

	for (node = rb_first(&root); node; node = rb_next(node))
		look_at(rb_entry(node, struct item, node)->value);
}

static void erase_middle(void)
{
	spin_lock(&lock);
	rb_erase(&items[1]->node, &root);
	spin_unlock(&lock);
	kfree(items[1]);
	items[1] = NULL;
}

static void free_tree(void)
{
	struct rb_node *node;

	BUG_ON(rb_entry(rb_last(&root), struct item, node) != items[2] || rb_prev(&items[0]->node));
	while ((node = rb_first(&root))) {
		rb_erase(node, &root);
		kfree(rb_entry(node, struct item, node));
	}
}

static void erase_twice(void)
{
	rb_erase(&items[0]->node, &root);
	rb_erase(&items[0]->node, &root);
}

static void insert_twice(void)
{
	insert(items[2]);
}

static void replace_one(void)
{
	struct item *item = make_item(1);

	rb_replace_node(&items[1]->node, &item->node, &root);
	kfree(items[1]);
	items[1] = item;
}

/* ---- the last put ---- */

static void make_shared(void)
{
	shared = make_item(0);
}

static void drop_shared_and_unlock(struct kref *kref)
{
	shared = NULL;
	mutex_unlock(&mutex);
	kfree(container_of(kref, struct item, kref));
}

static void drop_shared(struct kref *kref)
{
	mutex_lock(&mutex);
	shared = NULL;
	mutex_unlock(&mutex);
	kfree(container_of(kref, struct item, kref));
}

static struct item *get_shared(void)
{
	struct item *item;

	mutex_lock(&mutex);
	item = shared;
	if (item)
		kref_get(&item->kref);
	mutex_unlock(&mutex);
	return item;
}

static void use_and_put_mutex(void)
{
	struct item *item = get_shared();

	if (item)
		kref_put_mutex(&item->kref, drop_shared_and_unlock, &mutex);
}

static void put_mutex(void)
{
	struct item *item = shared;

	kref_put_mutex(&item->kref, drop_shared_and_unlock, &mutex);
}

static void put_bare(void)
{
	struct item *item = shared;

	kref_put(&item->kref, drop_shared);
}

static void drop_under_spinlock(struct kref *kref)
{
	shared = NULL;
	spin_unlock(&lock);
	kfree(container_of(kref, struct item, kref));
}

static void put_lock(void)
{
	struct item *item = shared;

	kref_put_lock(&item->kref, drop_under_spinlock, &lock);
}

/* The lock is held in the release function. */
static void put_lock_and_lock(void)
{
	struct item *item = shared;

	if (refcount_dec_and_lock(&item->kref.refcount, &lock)) {
		spin_lock(&lock);
		kfree(item);
	}
}

const struct litmus_case kapi_litmus_map[] = {
	{"arrays_compute_what_they_say", "bug:none@computes_wrong", NULL,
	 .good = {.thread = {computes}}, .bad = {.thread = {computes_wrong}}},
	{"a_number_is_freed_once", "warn:none@frees_number_twice", NULL,
	 .good = {.thread = {computes_numbers}}, .bad = {.thread = {frees_number_twice}}},
	{"an_entry_is_used_in_a_reader", "dead_use:item@look_in_reader", NULL,
	 .good = {.begin = store_item, .thread = {look_in_reader, erase_and_wait}},
	 .bad = {.begin = store_item, .thread = {look_in_reader, erase_and_free}}},
	{"an_index_is_taken_once", "bug:none@none_twice", NULL,
	 .good = {.thread = {take_index, take_index}, .end = none_twice},
	 .bad = {.thread = {take_what_looks_free, take_what_looks_free}, .end = none_twice}},
	{"an_idr_wants_a_lock", "bug:none@none_twice", NULL,
	 .good = {.thread = {take_number_locked, take_number_locked}, .end = none_twice},
	 .bad = {.thread = {take_number, take_number}, .end = none_twice}},
	{"a_store_that_sleeps_drops_the_lock", "bug:none@one_was_added", NULL,
	 .good = {.thread = {add_one_at_once, add_one_at_once}, .end = one_was_added},
	 .bad = {.thread = {add_one_sleeping, add_one_sleeping}, .end = one_was_added}},
	{"a_stack_loses_nothing", "bug:none@both_are_there", NULL,
	 .good = {.thread = {push_first, push_second}, .end = both_are_there},
	 .bad = {.thread = {push_first, push_second_looking}, .end = both_are_there}},
	{"a_tree_is_walked_under_its_lock", "dead_use:item@sum_unlocked", NULL,
	 .good = {.begin = make_tree, .thread = {sum_locked, erase_middle}, .end = free_tree},
	 .bad = {.begin = make_tree, .thread = {sum_unlocked, erase_middle}, .end = free_tree}},
	{"a_node_is_erased_once", "list_corrupt:item@erase_twice", "not in the tree",
	 .good = {.begin = make_tree, .thread = {replace_one}, .end = free_tree},
	 .bad = {.begin = make_tree, .thread = {erase_twice}, .end = free_tree}},
	{"a_node_is_inserted_once", "list_corrupt:item@insert", NULL,
	 .good = {.begin = make_tree, .thread = {sum_locked}, .end = free_tree},
	 .bad = {.begin = make_tree, .thread = {insert_twice}, .end = free_tree}},
	{"the_last_put_is_under_the_lock", "refcount:item@get_shared", NULL,
	 .good = {.begin = make_shared, .thread = {put_mutex, use_and_put_mutex}},
	 .bad = {.begin = make_shared, .thread = {put_bare, use_and_put_mutex}}},
	{"the_last_put_holds_the_lock", "deadlock:none", NULL,
	 .good = {.begin = make_shared, .thread = {put_lock}},
	 .bad = {.begin = make_shared, .thread = {put_lock_and_lock}}},
	{0},
};
