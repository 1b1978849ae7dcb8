/*
 * kapi_litmus_memory.c - blocks: used, freed, overrun, forgotten; and pointers to no block at all.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "litmus.h"

struct device {
	spinlock_t spin;
	refcount_t users;
	int value;
	bool leaving;
	struct list_head entry;
	struct device *peer;
	struct rcu_head rcu;
};

static struct device *device;
static struct device other; /* no kmalloc memory */

static struct device *new_device(int users)
{
	struct device *new = kzalloc(sizeof(*device), GFP_KERNEL);

	spin_lock_init(&new->spin);
	refcount_set(&new->users, users);
	INIT_LIST_HEAD(&new->entry);
	return new;
}

static void make_device_with_one_user(void)
{
	device = new_device(1);
}

static void make_device_with_two_users(void)
{
	device = new_device(2);
}

static void free_device(void)
{
	kfree(device);
}

/* ---- use after free, by a primitive and by a plain access ---- */

static void read_count_then_put(void)
{
	look_at(refcount_read(&device->users));
	if (refcount_dec_and_test(&device->users))
		kfree(device);
}

static void read_count_uncounted(void)
{
	look_at(refcount_read(&device->users));
}

static void put_device(void)
{
	if (refcount_dec_and_test(&device->users))
		kfree(device);
}

static void read_value_under_lock(void)
{
	spin_lock(&device->spin);
	device->value++;
	spin_unlock(&device->spin);
	put_device();
}

static void read_value_after_put(void)
{
	struct device *mine = device;

	put_device();
	look_at(mine->value);
}

static void write_value_after_put(void)
{
	struct device *mine = device;

	put_device();
	mine->value = 1;
}

/* ---- freed twice, or not at all ---- */

static struct device *take_device(void)
{
	struct device *mine = READ_ONCE(device);

	WRITE_ONCE(device, NULL);
	return mine;
}

static DEFINE_SPINLOCK(take_lock);

static void take_under_lock_and_free(void)
{
	struct device *mine;

	spin_lock(&take_lock);
	mine = take_device();
	spin_unlock(&take_lock);
	kfree(mine);
}

static void take_and_free(void)
{
	kfree(take_device());
}

static void free_what_is_static(void)
{
	kfree(&other);
}

static void free_the_middle(void)
{
	kfree(&device->entry);
}

static void free_nothing(void)
{
	kfree(NULL);
}

static void allocate_and_forget(void)
{
	make_device_with_one_user();
}

/* The entry is what the device holds: it leaks with it, and is not to blame. */
struct entry {
	int value;
};

static void forget_device_with_its_entry(void)
{
	struct entry *entry = kmalloc(sizeof(struct entry), GFP_KERNEL);

	entry->value = 1;
	make_device_with_one_user();
	device->peer = (struct device *)entry;
}

static void free_device_with_its_entry(void)
{
	forget_device_with_its_entry();
	kfree(device->peer);
	kfree(device);
}

static void free_after_grace_period(void)
{
	kfree_rcu(device, rcu);
}

/* ---- past the end ---- */

struct odd {
	char byte[24];
};
struct even {
	char byte[32];
};

static void fill(char *byte, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++)
		((volatile char *)byte)[i] = (char)i;
}

static void fill_odd(void)
{
	struct odd *odd = kmalloc(sizeof(struct odd), GFP_KERNEL);

	fill(odd->byte, 24);
	kfree(odd);
}

static void overrun_odd(void)
{
	struct odd *odd = kmalloc(sizeof(struct odd), GFP_KERNEL);

	fill(odd->byte, 25);
	kfree(odd);
}

static void fill_even(void)
{
	struct even *even = kmalloc(sizeof(struct even), GFP_KERNEL);

	fill(even->byte, 32);
	kfree(even);
}

static void overrun_even(void)
{
	struct even *even = kmalloc(sizeof(struct even), GFP_KERNEL);

	fill(even->byte, 33);
	kfree(even);
}

/* As big as a pointer to the type, not as the type. */
struct wide {
	int head;
	uint64_t tail;
};

static void write_wide(size_t size)
{
	volatile struct wide *wide = kmalloc(size, GFP_KERNEL);

	wide->head = 1;
	wide->tail = 1;
	kfree((void *)wide);
}

static void write_wide_into_16(void)
{
	write_wide(16);
}

static void write_wide_into_12(void)
{
	write_wide(12);
}

static void write_at(volatile char *byte)
{
	*byte = 1;
}

static void write_far_away(void)
{
	struct even *even = kmalloc(sizeof(struct even), GFP_KERNEL);
	char *byte = even->byte;

	write_at(byte + 4096);
	kfree(even);
}

static void allocate_often(unsigned nr, size_t size)
{
	for (unsigned i = 0; i < nr; i++)
		look_at(kmalloc(size, GFP_KERNEL) != NULL);
}

static void allocate_and_free_often(void)
{
	for (unsigned i = 0; i < 500; i++)
		kfree(kmalloc(16, GFP_KERNEL));
}

static void allocate_without_end(void)
{
	allocate_often(4096, 16);
}

static void allocate_too_much(void)
{
	allocate_often(64, 65536);
}

/* ---- pointers to nothing ---- */

static void check_allocation(void)
{
	struct device *mine = kmalloc(sizeof(*mine), GFP_KERNEL);

	if (!mine)
		return;
	mine->value = 1;
	kfree(mine);
}

static void trust_allocation(void)
{
	volatile struct device *mine = kmalloc(sizeof(*mine), GFP_KERNEL);

	mine->value = 1;
	kfree((void *)mine);
}

static void trust_allocation_of_lock(void)
{
	struct device *mine = kmalloc(sizeof(*mine), GFP_KERNEL);

	spin_lock_init(&mine->spin);
	kfree(mine);
}

const struct litmus litmus_fails_to_allocate = {.thread = {trust_allocation, check_allocation}};

static void *new_or_error(void)
{
	void *new = kmalloc(sizeof(struct device), GFP_KERNEL);

	return new ? new : ERR_PTR(-ENOMEM);
}

static void check_for_error(void)
{
	struct device *mine = new_or_error();

	if (IS_ERR(mine))
		return;
	mine->value = 1;
	kfree(mine);
}

static void check_for_null_only(void)
{
	volatile struct device *mine = new_or_error();

	if (!mine)
		return;
	mine->value = 1;
	kfree((void *)mine);
}

static void follow_a_pointer_that_was_set(void)
{
	struct device *mine = kmalloc(sizeof(*mine), GFP_KERNEL);

	mine->peer = mine;
	mine->value = 1;
	look_at(mine->peer->value);
	kfree(mine);
}

static void follow_a_pointer_that_was_never_set(void)
{
	struct device *mine = kmalloc(sizeof(*mine), GFP_KERNEL);

	look_at(mine->peer->value);
	kfree(mine);
}

static LIST_HEAD(devices);

static void delete_twice_with_init(void)
{
	list_add(&device->entry, &devices);
	list_del_init(&device->entry);
	list_del_init(&device->entry);
}

static void delete_twice(void)
{
	list_add(&device->entry, &devices);
	list_del(&device->entry);
	list_del(&device->entry);
}

#define ONE_USER(...)                                                                              \
	{                                                                                          \
		.begin = make_device_with_one_user, .thread = {__VA_ARGS__}, .end = free_device    \
	}
#define ALONE(...)                                                                                 \
	{                                                                                          \
		.thread = { __VA_ARGS__ }                                                          \
	}
#define STARVED(...)                                                                               \
	{                                                                                          \
		.thread = {__VA_ARGS__}, .fail_one_in = 3                                          \
	}

const struct litmus_case kapi_litmus_memory[] = {
	{"a_primitive_on_a_freed_object_is_a_dead_use",
	 "dead_use:device@read_count_uncounted+put_device", NULL,
	 .good = {.begin = make_device_with_two_users, .thread = {read_count_then_put, put_device}},
	 .bad = {.begin = make_device_with_one_user, .thread = {read_count_uncounted, put_device}}},
	{"a_plain_read_of_a_freed_object_is_a_dead_use", "dead_use:device", NULL,
	 .good = {.begin = make_device_with_two_users,
		  .thread = {read_value_under_lock, put_device}},
	 .bad = {.begin = make_device_with_two_users,
		 .thread = {read_value_after_put, put_device}}},
	{"a_plain_write_of_a_freed_object_is_a_dead_use", "dead_use:device", NULL,
	 .good = {.begin = make_device_with_two_users,
		  .thread = {read_value_under_lock, read_value_under_lock}},
	 .bad = {.begin = make_device_with_two_users,
		 .thread = {write_value_after_put, put_device}}},
	{"an_object_is_freed_once", "double_free:device@take_and_free+take_and_free", NULL,
	 .good = {.begin = make_device_with_one_user,
		  .thread = {take_under_lock_and_free, take_under_lock_and_free}},
	 .bad = {.begin = make_device_with_one_user, .thread = {take_and_free, take_and_free}}},
	{"static_data_is_not_freed", "bad_free:none@free_what_is_static", NULL,
	 .good = ALONE(free_nothing), .bad = ALONE(free_what_is_static)},
	{"an_object_is_freed_by_its_first_byte", "bad_free:device@free_the_middle", "middle",
	 .good = ONE_USER(free_nothing), .bad = ONE_USER(free_the_middle)},
	{"what_is_still_there_at_the_end_has_leaked", "leak:device@new_device", "device",
	 .good = {.thread = {allocate_and_forget}, .end = free_device},
	 .bad = ALONE(allocate_and_forget)},
	{"a_leak_is_named_by_its_root", "leak:device@new_device", "entry, device",
	 .good = ALONE(free_device_with_its_entry), .bad = ALONE(forget_device_with_its_entry)},
	{"a_callback_that_frees_is_waited_for", "leak:device@new_device", NULL,
	 .good = {.begin = make_device_with_one_user, .end = free_after_grace_period},
	 .bad = {.begin = make_device_with_one_user}},
	{"an_access_past_the_end_is_out_of_bounds", "out_of_bounds:odd", NULL,
	 .good = ALONE(fill_odd), .bad = ALONE(overrun_odd)},
	{"so_is_one_past_an_end_that_is_aligned", "out_of_bounds:even", NULL,
	 .good = ALONE(fill_even), .bad = ALONE(overrun_even)},
	{"so_is_one_that_begins_inside", "out_of_bounds:size", NULL,
	 .good = ALONE(write_wide_into_16), .bad = ALONE(write_wide_into_12)},
	{"an_access_where_no_object_is_is_wild", "wild_access:none", NULL, .good = ALONE(fill_even),
	 .bad = ALONE(write_far_away)},
	{"blocks_are_bounded", "memory_limit:none@allocate_often", NULL,
	 .good = ALONE(allocate_and_free_often), .bad = ALONE(allocate_without_end)},
	{"bytes_are_bounded", "memory_limit:none@allocate_often", NULL,
	 .good = ALONE(allocate_and_free_often), .bad = ALONE(allocate_too_much)},
	{"an_allocation_may_fail", "null_deref:none@trust_allocation", NULL,
	 .good = STARVED(check_allocation), .bad = STARVED(trust_allocation)},
	{"a_lock_is_not_initialised_in_no_memory", "null_deref:none@trust_allocation_of_lock", NULL,
	 .good = STARVED(check_allocation), .bad = STARVED(trust_allocation_of_lock)},
	{"an_error_is_no_pointer", "null_deref:none@new_or_error", NULL,
	 .good = STARVED(check_for_error), .bad = STARVED(check_for_null_only)},
	{"kmalloc_memory_holds_no_pointers", "wild_access:none", NULL,
	 .good = ALONE(follow_a_pointer_that_was_set),
	 .bad = ALONE(follow_a_pointer_that_was_never_set)},
	{"list_del_leaves_poison", "list_corrupt:device@delete_twice", NULL,
	 .good = ONE_USER(delete_twice_with_init), .bad = ONE_USER(delete_twice)},
	{0},
};
