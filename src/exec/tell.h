/*
 * tell.h - what a letter (letter/letter.h) asks its caller, for whoever tells a run: @arg is a struct
 * exec.
 */
#ifndef EXEC_TELL_H
#define EXEC_TELL_H

#include "exec/exec.h"

/** exec_op_text() - op @number of @lane as its program prints it, without the lane; 96 bytes */
void exec_op_text(void *arg, unsigned lane, unsigned number, char *ret);

/** exec_role() - what a lane is: of a thread the roles of its ops, each once; 64 bytes */
void exec_role(void *arg, unsigned lane, char *ret);

#endif
