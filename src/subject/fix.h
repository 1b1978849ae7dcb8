/*
 * fix.h - how a row of posted/fix.def becomes a subject.
 *
 * The subject of a posted version includes that table with FIX_OF_<version> defined as FIX_SUBJECT
 * and those of other versions as nothing.
 */
#ifndef SUBJECT_FIX_H
#define SUBJECT_FIX_H

#include "posted/fix.h"
#include "subject/subject.h"

#define FIX(name, posted, about, predicted, source, help)                                          \
	FIX_OF_##posted(name, about, FIX_IS_##predicted, help)
#define FIX_IS_RIGHT true
#define FIX_IS_BROKEN false
#define FIX_IS_NOT_OURS(name, about, right, help)

/* In a file that has ops, kinds, run_op(), close_all() and the posted version's begin function. */
#define FIX_SUBJECT(name_, about_, right_, help_, begin_)                                          \
	static void begin_##name_(void)                                                            \
	{                                                                                          \
		posted_fix = FIX_##name_;                                                          \
		begin_();                                                                          \
	}                                                                                          \
	static const struct descriptor descriptor_##name_ = {                                      \
		.name = #name_,                                                                    \
		.objects = kinds,                                                                  \
		.objects_nr = KINDS,                                                               \
		.ops = ops,                                                                        \
		.ops_nr = ARRAY_SIZE(ops),                                                         \
	};                                                                                         \
	extern const struct subject subject_##name_;                                               \
	const struct subject subject_##name_ = {                                                   \
		.descriptor = &descriptor_##name_,                                                 \
		.help = help_,                                                                     \
		.posted = true,                                                                    \
		.about = about_,                                                                   \
		.right = right_,                                                                   \
		.begin = begin_##name_,                                                            \
		.op = run_op,                                                                      \
		.close = close_all,                                                                \
	};

#endif
