/*
 * edit.c - the small edits that a person or a minimiser makes: start, take out, count.
 */
#include "program/program.h"

#include <string.h>

#include "base/panic.h"
#include "program/draft.h"

void program_init(struct program *p, const struct descriptor *d)
{
	p->descriptor = d;
	p->ops_nr = 0;
	p->deviations_nr = 0;
	p->expects_nr = 0;
	p->scheduled = false;
	p->strategy = 0;
	p->seed = 0;
	p->comment = 0;
	p->pool[0] = '\0';
	p->pool_len = 1;
}

void program_drop_op(struct program *p, unsigned index)
{
	struct draft d;

	must(index < p->ops_nr);
	draft_take(&d, p);
	draft_remove(&d, index);
	draft_settle(&d, p, NULL);
}

void program_drop_deviation(struct program *p, unsigned index)
{
	must(index < p->deviations_nr);
	p->deviations_nr--;
	memmove(&p->deviations[index], &p->deviations[index + 1],
		(p->deviations_nr - index) * sizeof(p->deviations[0]));
}

unsigned program_op_number(const struct program *p, unsigned index)
{
	unsigned number = 0;

	must(index < p->ops_nr);
	for (unsigned i = 0; i <= index; i++)
		number += p->ops[i].lane == p->ops[index].lane;
	return number;
}
