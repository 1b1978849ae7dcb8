/*
 * driver_file.h - the op file of a driver whose objects are open files of a process: one line an op.
 *
 *   FILES(mr, KIND_MR, odp_dereg)           the files of a kind, and the closing work of the last use
 *   OPEN_OP(mr, odp_reg_mr, reg, -ENOMEM)   void *reg(mm, call): the object; NULL is the error
 *   USE_OP(mr, odp_advise, advise)          int advise(object, call): while the file is held
 *   USE_IN_MM_OP(mr, odp_map, map)          int map(object, mm, call): in the process that opened it
 *   CLOSE_OP(mr, odp_dereg_mr)
 *
 * Each _OP defines op_NAME(). mr_put() puts a use of a file, as mm_ops_file_put has it, and
 * mm_ops_close_files(KIND_MR, mr_put) closes what is open at the end of a run.
 */
#ifndef SUBJECT_BENCH_DRIVER_FILE_H
#define SUBJECT_BENCH_DRIVER_FILE_H

#include <errno.h>
#include <linux/err.h>

#include "base/limits.h"
#include "kapi/file.h"
#include "subject/bench/mm_ops.h"

struct driver_files {
	unsigned kind;
	mm_ops_file_put *put;
	unsigned *mm_of; /* the process that opened each */
};

static inline int driver_file_open(const struct driver_files *files,
				   const struct subject_call *call,
				   void *(*open)(void *mm, const struct subject_call *call),
				   int error)
{
	void *mm = mm_ops_use(call->operand[0]), *object;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	object = open(mm, call);
	if (object) {
		files->mm_of[call->result] = call->operand[0];
		kapi_file_install(files->kind, call->result, object);
	}
	mm_ops_unuse(call->operand[0], mm);
	return object ? 0 : error;
}

static inline int
driver_file_use_in_mm(const struct driver_files *files, const struct subject_call *call,
		      int (*work)(void *object, void *mm, const struct subject_call *call))
{
	unsigned nr = call->operand[0], mm_nr;
	void *object = kapi_file_get(files->kind, nr), *mm;
	int error;

	if (!object)
		return -ENOENT;
	mm_nr = files->mm_of[nr];
	mm = mm_ops_use(mm_nr);
	error = IS_ERR(mm) ? PTR_ERR(mm) : work(object, mm, call);
	if (!IS_ERR(mm))
		mm_ops_unuse(mm_nr, mm);
	files->put(nr, object);
	return error;
}

#define FILES(name, kind, close)                                                                   \
	static void name##_put(unsigned nr, void *object)                                          \
	{                                                                                          \
		if (kapi_file_put(kind, nr))                                                       \
			close(object);                                                             \
	}                                                                                          \
	static unsigned name##_mm_of[OBJECTS_MAX];                                                 \
	static const struct driver_files name##_files = {kind, name##_put, name##_mm_of}

#define OPEN_OP(name, op, open, error)                                                             \
	int op_##op(const struct subject_call *call)                                               \
	{                                                                                          \
		return driver_file_open(&name##_files, call, open, error);                         \
	}

#define USE_OP(name, op, work)                                                                     \
	int op_##op(const struct subject_call *call)                                               \
	{                                                                                          \
		return mm_ops_with_file(name##_files.kind, call, work, name##_put);                \
	}

#define USE_IN_MM_OP(name, op, work)                                                               \
	int op_##op(const struct subject_call *call)                                               \
	{                                                                                          \
		return driver_file_use_in_mm(&name##_files, call, work);                           \
	}

#define CLOSE_OP(name, op)                                                                         \
	int op_##op(const struct subject_call *call)                                               \
	{                                                                                          \
		return mm_ops_let_go(name##_files.kind, call, name##_put);                         \
	}

#endif
