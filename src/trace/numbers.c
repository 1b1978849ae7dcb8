/*
 * numbers.c - the symbol that says with which tables this library was built.
 */
#include "trace/numbers.h"

__attribute__((used, noinline)) static void define_numbers(void)
{
	NUMBERS_DEFINE();
}
