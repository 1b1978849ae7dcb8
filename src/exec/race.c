/*
 * race.c - TSan's reports become verdicts with a stable signature: the sorted pair of functions and
 * the type of the object.
 *
 * TSan calls __tsan_on_report() on the fiber's stack, after its text: only the addresses are kept
 * there. Names are asked for when the run is over.
 */
#include "exec/race.h"

#ifdef BONDFUZZ_TSAN

#include <stdio.h>
#include <string.h>

#include "kapi/sim/sim.h"
#include "kapi/kapi.h"

int __tsan_get_report_mop(void *report, unsigned long idx, int *tid, void **addr, int *size,
			  int *write, int *atomic, void **trace, unsigned long trace_size);
void __sanitizer_symbolize_pc(void *pc, const char *format, char *out, size_t out_size);
void __tsan_on_report(void *report);

static bool reported;
static void *address;
static void *pc[2];

void __tsan_on_report(void *report)
{
	int tid, size, write, atomic;

	if (reported)
		return;
	reported = true;
	for (unsigned long i = 0; i < 2; i++) {
		void *trace[4] = {0};

		__tsan_get_report_mop(report, i, &tid, &address, &size, &write, &atomic, trace, 4);
		pc[i] = trace[0];
	}
}

void race_forget(void)
{
	reported = false;
}

static void name_of(void *at, char *ret, size_t cap)
{
	snprintf(ret, cap, "?");
	if (at)
		__sanitizer_symbolize_pc((char *)at - 1, "%f", ret, cap);
}

bool race_take(struct verdict *ret)
{
	char name[2][48];

	if (!reported)
		return false;
	memset(ret, 0, sizeof(*ret));
	name_of(pc[0], name[0], sizeof(name[0]));
	name_of(pc[1], name[1], sizeof(name[1]));
	bool swap = strcmp(name[0], name[1]) > 0;

	strcpy(ret->rule, "data_race");
	sim_describe((uint32_t)kapi_object(address), ret->type, ret->object);
	strcpy(ret->where[0], name[swap]);
	strcpy(ret->where[1], name[!swap]);
	ret->event[0] = ret->event[1] = -1;
	return true;
}

#else

void race_forget(void)
{
}

bool race_take(struct verdict *ret)
{
	(void)ret;
	return false;
}

#endif
