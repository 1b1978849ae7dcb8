/*
 * defect.c - the table of defects, and the switches of a zoo build.
 */
#include "zoo/defect.h"

#include <string.h>

static const struct defect_row rows[] = {
#define DEFECT(name, subject, verdict, source, help, told) {#name, subject, verdict, source, help},
#include "zoo/defect.def"
#undef DEFECT
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

#ifdef BONDFUZZ_ZOO
bool defect_switch[DEFECTS];
#endif

static unsigned long reached; /* atomic: the native platform asks on real threads */

#ifdef BONDFUZZ_ZOO
bool defect_note_reached(void)
{
	__atomic_fetch_add(&reached, 1, __ATOMIC_RELAXED);
	return true;
}
#endif

unsigned long defect_reached(void)
{
	return __atomic_load_n(&reached, __ATOMIC_RELAXED);
}

const struct defect_row *defect_row_at(unsigned index)
{
	return index < ROWS ? &rows[index] : NULL;
}

bool defect_build(void)
{
#ifdef BONDFUZZ_ZOO
	return true;
#else
	return false;
#endif
}

bool defect_enable(const char *name)
{
#ifdef BONDFUZZ_ZOO
	bool found = !name;

	for (unsigned i = 0; i < ROWS; i++) {
		defect_switch[i + 1] = name && strcmp(rows[i].name, name) == 0;
		found |= defect_switch[i + 1];
	}
	return found;
#else
	return !name;
#endif
}
