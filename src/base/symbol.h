/*
 * symbol.h - names of functions and variables by address, from the program's own symbol table.
 */
#ifndef BASE_SYMBOL_H
#define BASE_SYMBOL_H

/**
 * symbol_function() - the function that holds @at
 * @at: an address of code; of a return address give the byte before it
 *
 * Returns: a name that stays valid, or "?": no function, or the program was stripped.
 */
const char *symbol_function(const void *at);

/** symbol_variable() - the static variable that holds @at; "?" as above */
const char *symbol_variable(const volatile void *at);

#endif
