/*
 * numbers.h - the numbers of events and rules are the same in every object of a program, or it does not
 * link.
 *
 * A driver's project is compiled with installed headers, and linked with libraries that may be others.
 * If their tables differ, all that is numbered by them is shifted, and rules are silently blind. So the
 * tables have a sum, which is part of a symbol's name: trace/numbers.c defines that symbol, and the
 * table of each subject refers to it.
 */
#ifndef TRACE_NUMBERS_H
#define TRACE_NUMBERS_H

#include "trace/rule.h"
#include "trace/trace.h"

/* Of a name in its place: what is renamed, added, taken away or moved changes the sum. */
#define NUMBERS_WEIGHT(at, name)                                                                   \
	(((at) + 3) * (sizeof(#name) * 61 + (#name)[0] * 17 + (#name)[sizeof(#name) / 2] * 5 +     \
		       (#name)[sizeof(#name) - 2]))

/* A constant of the compiler. */
enum {
	NUMBERS_SUM = (0u
#define EVENT(kind, class, text) +NUMBERS_WEIGHT(EV_##kind, kind)
#include "trace/event.def"
#undef EVENT
#define RULE(name, place, native, sentence) +31u * NUMBERS_WEIGHT(RULE_##name, name)
#include "trace/rule.def"
#undef RULE
		       ) &
		      0x7fffffff
};

/* In a function that is used: refer to the symbol of these tables, or be it. */
#define NUMBERS_CHECK()                                                                            \
	__asm__ volatile(".pushsection .data.rel.ro.numbers, \"aw\"\n"                             \
			 ".quad bond_numbers_%c0\n"                                                \
			 ".popsection"                                                             \
			 :                                                                         \
			 : "i"(NUMBERS_SUM))
#define NUMBERS_DEFINE()                                                                           \
	__asm__ volatile(".pushsection .rodata\n"                                                  \
			 ".globl bond_numbers_%c0\n"                                               \
			 "bond_numbers_%c0: .byte 0\n"                                             \
			 ".popsection"                                                             \
			 :                                                                         \
			 : "i"(NUMBERS_SUM))

#endif
