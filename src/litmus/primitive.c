/*
 * primitive.c - the table of the functions that a litmus test may call.
 */
#include "litmus/primitive.h"

#include <string.h>

static const struct primitive primitives[] = {
#define PRIMITIVE(name, kind, order, args) {#name, PRIMITIVE_##kind, KAPI_##order, args},
#include "litmus/primitive.def"
#undef PRIMITIVE
};

static struct site sites[] = {
#define PRIMITIVE(name, kind, order, args) {.func = "litmus", .prim = #name, .text = #name},
#include "litmus/primitive.def"
#undef PRIMITIVE
};

#define PRIMITIVES (sizeof(primitives) / sizeof(primitives[0]))

const struct primitive *primitive_at(unsigned index)
{
	return index < PRIMITIVES ? &primitives[index] : NULL;
}

struct site *primitive_site(unsigned index)
{
	return &sites[index];
}

int primitive_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < PRIMITIVES; i++)
		if (strlen(primitives[i].name) == len && memcmp(primitives[i].name, name, len) == 0)
			return (int)i;
	return -1;
}
