/*
 * module.c - on real threads nothing is checked at the end of a module.
 */
#include "kapi/native/internal.h"

void kapi_module_end(struct site *site)
{
}

void kapi_module_maps(const volatile void *vma, const volatile void *const volatile *ops)
{
}
