/*
 * test.h - a litmus test as data: variables, threads, a condition.
 *
 * The language is the C dialect of the kernel's litmus tests. Statements, expressions and conditions
 * are nodes of one array; index 0 is no node. A variable is an int of shared memory, a lock or a
 * domain of grace periods; a pointer to variable number i is the int LITMUS_POINTER(i), so that
 * every word has four bytes and a printed state is the same in every run.
 */
#ifndef LITMUS_TEST_H
#define LITMUS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

#define LITMUS_TEXT_MAX 65536
#define LITMUS_NODES_MAX 2048
#define LITMUS_VARS_MAX 32
#define LITMUS_REGS_MAX 32 /* of a thread */
#define LITMUS_SHOWN_MAX 64
#define LITMUS_NAME_MAX 32
#define LITMUS_DEPTH_MAX 32 /* of nested statements and expressions: a fiber has to walk them */

#define LITMUS_POINTER_BASE 0x10000
#define LITMUS_POINTER(var) (LITMUS_POINTER_BASE + 16 * (int)(var))

enum litmus_type { LITMUS_WORD, LITMUS_SPINLOCK, LITMUS_SRCU };

struct litmus_var {
	char name[LITMUS_NAME_MAX];
	uint8_t type; /* enum litmus_type */
	int init;
};

enum litmus_kind {
	/* expressions */
	NODE_NUMBER, /* value */
	NODE_REG,    /* value: register */
	NODE_READ,   /* *a, a plain load */
	NODE_CALL,   /* value: primitive; a: the first argument, next: the others */
	NODE_UNARY,  /* value: an operator, a */
	NODE_BINARY, /* value: an operator, a, b */
	NODE_CHOOSE, /* a ? b : c */
	/* statements; next: the one behind */
	NODE_SET,   /* register value = a */
	NODE_WRITE, /* *a = b, a plain store */
	NODE_DO,    /* a, for what it does */
	NODE_IF,    /* if (a) b else c */
	/* conditions */
	NODE_TRUE,
	NODE_VAR_IS, /* variable a == value */
	NODE_REG_IS, /* register b of thread a == value */
	NODE_NOT,    /* a */
	NODE_AND,    /* a, b */
	NODE_OR,     /* a, b */
};

/* Operators of more than one byte have a letter of their own. */
enum litmus_operator {
	OPERATOR_EQUAL = 'e',	    /* == */
	OPERATOR_DIFFERS = 'n',	    /* != */
	OPERATOR_AT_MOST = 'l',	    /* <= */
	OPERATOR_AT_LEAST = 'g',    /* >= */
	OPERATOR_AND = 'a',	    /* && */
	OPERATOR_OR = 'o',	    /* || */
	OPERATOR_SHIFT_LEFT = 'L',  /* << */
	OPERATOR_SHIFT_RIGHT = 'R', /* >> */
};

struct litmus_node {
	uint8_t kind; /* enum litmus_kind */
	uint16_t a, b, c, next;
	int32_t value;
};

struct litmus_thread {
	uint16_t body; /* first statement, or 0 */
	uint8_t regs_nr;
	char reg[LITMUS_REGS_MAX][LITMUS_NAME_MAX];
	int init[LITMUS_REGS_MAX];
};

enum litmus_result {
	RESULT_UNKNOWN, /* the file has none */
	RESULT_NEVER,
	RESULT_SOMETIMES,
	RESULT_ALWAYS,
	RESULT_DEADLOCK, /* no execution passes the filter */
};

enum litmus_quantifier { LITMUS_EXISTS, LITMUS_NOT_EXISTS, LITMUS_FORALL };

/* A part of the final state: variable @at, or register @at of thread @thread. */
struct litmus_shown {
	int8_t thread; /* -1: a variable */
	uint8_t at;
};

struct litmus_test {
	char name[128];
	uint8_t result; /* enum litmus_result */
	bool has_race;	/* the expected result says so */
	uint8_t quantifier;
	uint8_t threads_nr, vars_nr, shown_nr;
	uint16_t nodes_nr;
	uint16_t condition, filter; /* nodes; filter 0: everything passes */
	struct litmus_var var[LITMUS_VARS_MAX];
	struct litmus_thread thread[THREADS_MAX];
	struct litmus_shown
		shown[LITMUS_SHOWN_MAX]; /* of the condition and "locations", in order */
	struct litmus_node node[LITMUS_NODES_MAX];
};

struct litmus_error {
	unsigned line, column;
	char message[160];
	/* A function of the kernel that bondfuzz has no counterpart of; "": something else is wrong. */
	char missing[LITMUS_NAME_MAX];
};

/**
 * litmus_parse() - read a test
 * @text: @len bytes, untrusted
 *
 * Returns: false when it cannot be read; @ret_error is filled then.
 */
bool litmus_parse(const char *text, size_t len, struct litmus_test *ret,
		  struct litmus_error *ret_error);

#endif
