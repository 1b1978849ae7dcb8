/*
 * kapi_litmus_law.c - litmuses for laws that are no pair of good and bad.
 */
#include <linux/bug.h>
#include <linux/list.h>

#include "litmus.h"

#define NOTES 1800 /* two each, of five threads: more than a trace has room for */

/* Notes are no choices: a thread may write any number of them between two. */
static void write_notes(void)
{
	LIST_HEAD(list);
	LIST_HEAD(empty);

	for (unsigned i = 0; i < NOTES; i++) {
		list_splice(&empty, &list);
		list_splice_tail(&empty, &list);
	}
}

static void warn(void)
{
	WARN_ON(true);
}

const struct litmus litmus_many_notes = {
	.thread = {write_notes, write_notes, write_notes, write_notes, write_notes}};
const struct litmus litmus_many_notes_then_warn = {
	.thread = {write_notes, write_notes, write_notes, write_notes, write_notes}, .end = warn};

static unsigned odd_steps(unsigned n)
{
	unsigned steps = 0;

	for (; n != 1; steps++)
		n = n % 2 ? 3 * n + 1 : n / 2;
	return steps;
}

static void comes_to_one(void)
{
	for (unsigned i = 1; i < 200; i++)
		look_at(odd_steps(i));
}

static void never_comes_to_one(void)
{
	for (unsigned n = 3;; n += 2)
		__asm__ volatile("" : "+r"(n));
}

const struct litmus litmus_counts_in_registers = {.thread = {comes_to_one, comes_to_one}};
const struct litmus litmus_hangs = {.thread = {never_comes_to_one, comes_to_one},
				    .strength = {.hang_ms = SIM_HANG_FAST_MS}};
