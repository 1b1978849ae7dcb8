/*
 * parser.h - what the files of the litmus parser share: parse.c reads the frame and the initial
 * state, statement.c the threads, condition.c the conditions.
 */
#ifndef LITMUS_PARSER_H
#define LITMUS_PARSER_H

#include "litmus/lex.h"

struct parser {
	struct lex lex;
	struct litmus_test *test;
	struct litmus_thread *thread; /* that is being read */
	unsigned depth;
};

/** parser_node() - a new node; 0 and an error when there are too many */
uint16_t parser_node(struct parser *p, unsigned kind, int value, unsigned a, unsigned b);

/** parser_var() - the variable of that name, made where it is new; -1 and an error: too many */
int parser_var(struct parser *p, const char *name);

/** parser_find_var() - the same, -1 without an error where there is none */
int parser_find_var(const struct parser *p, const char *name);

/** parser_reg() - the register of @t of that name, made where it is new; -1 and an error: too many */
int parser_reg(struct parser *p, struct litmus_thread *t, const char *name);

/** parser_deeper() - one level of nesting more; false and an error: too deep */
bool parser_deeper(struct parser *p);

/** parser_type() - step over the words of a type; @ret_type is a variable's. False: no type is there */
bool parser_type(struct parser *p, uint8_t *ret_type);

/** parse_body() - "{ statements }" of p->thread; @ret is the first */
bool parse_body(struct parser *p, uint16_t *ret);

/** parse_value() - a constant, maybe signed, "&x" or "x" */
bool parse_value(struct parser *p, int *ret);

/** parse_tail() - locations, filter and the condition, up to the end of the text */
bool parse_tail(struct parser *p);

#endif
