/*
 * loop.c - code that is bound by its accesses, to measure what looking at each of them costs
 * (bondfuzz-loop bench --races bench/loop/loop.bond).
 *
 * An op takes one lock and then makes 2 * WORDS * ROUNDS plain accesses, all to memory that two
 * threads share and none of them racing: no primitive comes between.
 */
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "subject/outside.h"

#define WORDS 64
#define ROUNDS 16

struct buffer {
	struct mutex lock;
	u32 word[WORDS];
};

int op_loop_make(const struct subject_call *call)
{
	struct buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);

	if (!buffer)
		return -ENOMEM;
	mutex_init(&buffer->lock);
	kapi_file_install(KIND_BUFFER, call->result, buffer);
	return 0;
}

int op_loop_touch(const struct subject_call *call)
{
	struct buffer *buffer = kapi_file_get(KIND_BUFFER, call->operand[0]);

	if (!buffer)
		return -ENOENT;
	mutex_lock(&buffer->lock);
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < WORDS; i++)
			buffer->word[i] += i;
	mutex_unlock(&buffer->lock);
	if (kapi_file_put(KIND_BUFFER, call->operand[0]))
		kfree(buffer);
	return 0;
}

void outside_close(void)
{
	for (unsigned nr = 0; nr < OBJECTS_MAX; nr++) {
		struct buffer *buffer = mm_ops_close_file(KIND_BUFFER, nr);

		if (buffer && kapi_file_put(KIND_BUFFER, nr))
			kfree(buffer);
	}
}
