/*
 * program.h - a program as data, and the verbs on it; one verb is one .c file.
 *
 * A program is a few ops spread over a few threads, with a schedule and an expectation
 * (docs/LANGUAGE.md). It is plain data without pointers into itself: it may be copied by value and
 * thrown away. All functions here are pure: no globals, no allocation, any thread.
 */
#ifndef PROGRAM_PROGRAM_H
#define PROGRAM_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lane.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/text.h"
#include "program/descriptor.h"

struct program_op {
	uint8_t lane;	/* LANE_MAIN: a set-up line; else LANE_A..LANE_F */
	uint8_t verb;	/* index into descriptor.ops */
	uint8_t result; /* number of the object that it binds (mm0: 0), if the op gives one */
	uint32_t operand[OPERANDS_MAX]; /* object number, index of the word, or number */
};

enum deviation_action {
	DEVIATION_GOTO,	 /* "-> B": lane B goes on before that primitive takes effect */
	DEVIATION_FAILS, /* the allocation or the call fails */
};

/* Names are offsets into program.pool; 0 is the empty name (pool[0] is NUL). */
struct program_deviation {
	uint8_t lane; /* any lane but LANE_MAIN */
	uint8_t op;   /* number in that lane, from 1 */
	uint8_t action;
	uint8_t target;	     /* DEVIATION_GOTO: a lane but LANE_MAIN */
	uint16_t function;   /* empty: any function of that op */
	uint16_t primitive;  /* "mutex_unlock:tail" */
	uint16_t occurrence; /* from 1, counted within lane, op, function and primitive */
};

struct program_expect {
	uint16_t on;	  /* empty: the file's own subject; else a subject or a defect */
	uint16_t verdict; /* "clean" or a rule */
	uint16_t object;  /* "device0", "device", or empty: any */
};

struct program {
	const struct descriptor *descriptor;
	uint8_t ops_nr;
	uint8_t deviations_nr;
	uint8_t expects_nr;
	bool scheduled;	   /* a schedule: line is there */
	uint16_t strategy; /* name in pool; empty: the plain default (run until blocked) */
	uint64_t seed;	   /* of that strategy */
	uint16_t comment;  /* the comment lines at the top, each with its '#' and newline */
	uint16_t pool_len;
	struct program_op ops[OPS_MAX];
	struct program_deviation deviations[DEVIATIONS_MAX];
	struct program_expect expects[EXPECTS_MAX];
	char pool[POOL_MAX];
};

struct program_error {
	unsigned line;	   /* from 1 */
	unsigned column;   /* from 1, in bytes */
	char message[160]; /* what was expected, and what was there */
	/* Not NULL: the text may be right, but names what this build has not got; of a static table. */
	const struct lack *lack;
};

/* What the parser accepts besides the grammar: both lists end with NULL. */
struct program_names {
	const struct descriptor *const *subjects;
	const char *const *strategies;
	const struct lack *absent; /* subjects of other programs; its name NULL ends it; or NULL */
};

/** program_init() - an empty program of a subject; sets every header field, not the arrays */
void program_init(struct program *p, const struct descriptor *d);

/** program_name() - the pool string at an offset */
static inline const char *program_name(const struct program *p, uint16_t at)
{
	return p->pool + at;
}

/**
 * program_intern() - put a name into the pool, or find it there
 *
 * Returns: its offset, 0 for the empty name, or -1 when the pool is full.
 */
int program_intern(struct program *p, const char *name, size_t len);

/**
 * program_parse() - read a program
 * @data: @len bytes, any content, no NUL needed at the end
 * @names: subjects and strategies that may be named
 * @ret: the program; untouched on failure is not promised, it is scratch then
 * @error: place and reason on failure
 *
 * Strict: everything outside the grammar of docs/LANGUAGE.md is an error, also text that is longer
 * than PROGRAM_TEXT_MAX, NUL bytes, names used before they are bound or bound twice.
 * A program that parses has passed program_validate().
 *
 * Returns: true, or false with @error filled.
 */
bool program_parse(const char *data, size_t len, const struct program_names *names,
		   struct program *ret, struct program_error *error);

/**
 * program_print() - write a program in its one canonical form
 *
 * Law: parse(print(p)) prints the same bytes. Overflow shows in @t->full.
 */
void program_print(const struct program *p, struct text *t);

/** program_hash() - of that text */
uint64_t program_hash(const struct program *p);

/** program_print_op() - one line of it, as program_print() writes it */
void program_print_op(const struct program *p, unsigned index, struct text *t);

/**
 * program_validate() - does the data keep every rule that the parser enforces?
 *
 * Returns: NULL, or a constant sentence that says what is wrong.
 */
const char *program_validate(const struct program *p);

/* Shape of what generate and mutate draw. */
struct program_shape {
	uint8_t threads_min, threads_max; /* 1..THREADS_MAX */
	uint8_t ops_min, ops_max;	  /* ops in threads, without set-up; at most OPS_MAX - 8 */
	const char *const *strategies;	  /* NULL-terminated: one is drawn for the schedule */
	bool whole; /* each op may be drawn: half of the programs leave a random third out else */
};

/**
 * program_generate() - draw a valid program
 *
 * A set-up that binds one to three objects of every kind that is needed (in dependency order,
 * learnt from the descriptor), then thread ops that use bound names, may bind new ones, and prefer
 * objects that another thread uses too. Ends with `schedule: <strategy> seed=<n>`.
 * The same rng state, shape and descriptor give the same program.
 */
void program_generate(struct program *ret, const struct descriptor *d,
		      const struct program_shape *shape, struct rng *rng);

/**
 * program_mutate() - change a valid program a little, into a valid one
 *
 * One to four steps of: add, drop, move, swap, duplicate or retarget an op, move an op to another
 * thread, add or drop a thread, new seed, new strategy, drop, move or retarget a deviation.
 */
void program_mutate(struct program *p, const struct program_shape *shape, struct rng *rng);

/**
 * program_crossover() - splice two valid programs of one subject into a valid one
 * @a: gives the first part, and the schedule
 * @b: gives the rest; objects are renumbered so that every name is bound once
 */
void program_crossover(const struct program *a, const struct program *b, struct program *ret,
		       struct rng *rng);

/**
 * program_embed() - put a valid program among others that have nothing to do with it
 * @p: its own lines stay; a generated program of its subject comes beside them, with objects and
 *     threads of its own, at least one op
 * @shape: threads_min and ops_min are what both have together, as far as there is room
 */
void program_embed(struct program *p, const struct program_shape *shape, struct rng *rng);

/**
 * program_merge_threads() - the ops of thread @from become ops of thread @to, without a schedule
 * @when: per op, its turn among those of both threads
 *
 * Returns: false when an op would stand above what it uses.
 */
bool program_merge_threads(const struct program *p, unsigned from, unsigned to,
			   const uint32_t when[OPS_MAX], struct program *ret);

/** program_move_to_setup() - op @index becomes the last line of the set-up; false: it may not stand there */
bool program_move_to_setup(const struct program *p, unsigned index, struct program *ret);

/**
 * program_one_column() - a program of one thread as it is read best: the first lines that make objects
 * are the set-up, and all others are the thread's
 *
 * Returns: false when it has more threads, or none.
 */
bool program_one_column(const struct program *p, struct program *ret);

/**
 * program_drop_op() - take op @index out, together with what cannot stand without it
 *
 * Drops ops that use an object which it bound (transitively), and renumbers the op numbers of
 * deviations; deviations of dropped ops go too.
 */
void program_drop_op(struct program *p, unsigned index);

/** program_drop_deviation() - take deviation @index out */
void program_drop_deviation(struct program *p, unsigned index);

/** program_op_number() - the number of ops[index] in its lane, from 1: the 2 of "A.2" */
unsigned program_op_number(const struct program *p, unsigned index);

/**
 * program_canonical() - the one way to write a program
 * @lane_to: of each lane of @p its new name; LANE_MAIN and workers keep theirs
 * @ret: ops as blocks by thread, objects numbered in the order of the text, the pool without what
 *       nothing uses; deviations follow their lanes; not @p itself
 *
 * Written once more with the lanes as they are, the result does not change.
 */
void program_canonical(const struct program *p, const uint8_t *lane_to, struct program *ret);

/**
 * program_minimize() - make a failing program small
 * @keeps: says whether a candidate still shows what is to be kept; called with valid programs only,
 *         never twice with the same text in a row
 * @budget: the most calls of @keeps
 *
 * Biggest cuts first: threads, objects that can be another one, halves of the ops, single ops, all
 * deviations, halves, single ones; then operands that can be the first of their kind.
 * Idempotent for a deterministic @keeps. Returns the number of calls made.
 */
unsigned program_minimize(struct program *p, bool (*keeps)(const struct program *, void *),
			  void *arg, unsigned budget);

#endif
