/*
 * ring_ops.c - the op file: plays the user space and the VFS for ring.c. The only file here that
 * knows bondfuzz.
 *
 * A module and an open file are files of the bench (kapi/file.h): who uses one holds it, so that an
 * ioctl is never overtaken by the release of its own file, and a module with open files stays.
 */
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ring.h"
#include "subject/outside.h"

struct open_file {
	struct file file;
	unsigned module_nr, mm_nr;
};

static struct inode inode;
static DEFINE_MUTEX(module_lock);
static bool loaded; /* or about to be: there is one ring at a time; under module_lock */
static int module;  /* what a module's slot holds */

/* ---- the module ---- */

/* Returns: was it so before? */
static bool set_loaded(bool value)
{
	bool before;

	mutex_lock(&module_lock);
	before = loaded;
	loaded = value;
	mutex_unlock(&module_lock);
	return before;
}

int op_ring_load(const struct subject_call *call)
{
	int error;

	if (set_loaded(true))
		return -EEXIST;
	error = init_module();
	if (error)
		set_loaded(false);
	else
		kapi_file_install(KIND_MODULE, call->result, &module);
	return error;
}

/* The caller closed the module's slot. */
static int unload(unsigned nr)
{
	int error = kapi_file_users(KIND_MODULE, nr) > 1 ? -EAGAIN : kapi_module_unload();

	if (error) {
		kapi_file_reopen(KIND_MODULE, nr);
		return error;
	}
	kapi_file_put(KIND_MODULE, nr);
	set_loaded(false);
	return 0;
}

int op_ring_unload(const struct subject_call *call)
{
	if (!kapi_file_close(KIND_MODULE, call->operand[0]))
		return -ENOENT;
	return unload(call->operand[0]);
}

/* ---- open and close ---- */

static int open_as(struct mm_struct *mm, struct open_file *open)
{
	int error;

	current->mm = mm;
	error = kapi_misc_open("ring", &inode, &open->file);
	current->mm = NULL;
	return error;
}

static int open_ring(const struct subject_call *call, struct mm_struct *mm)
{
	struct open_file *open = kzalloc(sizeof(*open), GFP_KERNEL);
	int error;

	if (!open)
		return -ENOMEM;
	error = open_as(mm, open);
	if (error) {
		kfree(open);
		return error;
	}
	open->module_nr = call->operand[0];
	open->mm_nr = call->operand[1];
	kapi_file_install(KIND_FILE, call->result, open);
	return 0;
}

int op_ring_open(const struct subject_call *call)
{
	struct mm_struct *mm;
	int error;

	if (!kapi_file_get(KIND_MODULE, call->operand[0]))
		return -ENOENT;
	mm = mm_ops_use(call->operand[1]);
	error = IS_ERR(mm) ? PTR_ERR(mm) : open_ring(call, mm);
	if (!IS_ERR(mm))
		mm_ops_unuse(call->operand[1], mm);
	if (error) /* else the open file uses the module */
		kapi_file_put(KIND_MODULE, call->operand[0]);
	return error;
}

/* The last one out of a closed file releases it, as fput() does. */
static void put_file(unsigned nr, struct open_file *open)
{
	if (!kapi_file_put(KIND_FILE, nr))
		return;
	open->file.f_op->release(&inode, &open->file);
	kapi_file_put(KIND_MODULE, open->module_nr);
	kfree(open);
}

int op_ring_close(const struct subject_call *call)
{
	struct open_file *open = kapi_file_close(KIND_FILE, call->operand[0]);

	if (!open)
		return -ENOENT;
	put_file(call->operand[0], open);
	return 0;
}

int op_ring_kick(const struct subject_call *call)
{
	struct open_file *open = kapi_file_get(KIND_FILE, call->operand[0]);
	long error;

	if (!open)
		return -ENOENT;
	error = open->file.f_op->unlocked_ioctl(&open->file, RING_KICK, call->operand[1]);
	put_file(call->operand[0], open);
	return (int)error;
}

/* ---- a run ---- */

void outside_fork(unsigned mm_nr)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		struct open_file *open = kapi_file_get(KIND_FILE, nr);

		if (!open)
			continue;
		if (open->mm_nr == mm_nr)
			kapi_file_share(KIND_FILE, nr);
		put_file(nr, open);
	}
}

void outside_close(void)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		struct open_file *open = mm_ops_close_file(KIND_FILE, nr);

		if (open)
			put_file(nr, open);
	}
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++)
		if (mm_ops_close_file(KIND_MODULE, nr))
			unload(nr);
}
