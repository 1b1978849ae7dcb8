/*
 * fuzz_jobs.c - what the children of one campaign share: one block of memory, and one lock for the findings.
 *
 * Each child counts in a place of its own, which the parent adds up. The lock is robust: a child may be
 * killed while it has it, and what it was about to add is added by the next one or by the parent.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/panic.h"
#include "base/text.h"
#include "campaign/fuzz.h"

#define REFUSED_FEW 100 /* calls of an op: fewer say nothing */

struct fuzz_shared *fuzz_share(unsigned jobs)
{
	pthread_mutexattr_t attributes;
	struct fuzz_shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(s != MAP_FAILED && jobs && jobs <= FUZZ_JOBS_MAX);
	must(!pthread_mutexattr_init(&attributes) &&
	     !pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) &&
	     !pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) &&
	     !pthread_mutex_init(&s->lock, &attributes));
	s->jobs_nr = jobs;
	return s;
}

void fuzz_lock(struct fuzz_shared *s)
{
	int error = pthread_mutex_lock(&s->lock);

	if (error == EOWNERDEAD)
		error = pthread_mutex_consistent(&s->lock);
	must(!error);
}

void fuzz_unlock(struct fuzz_shared *s)
{
	must(!pthread_mutex_unlock(&s->lock));
}

uint64_t fuzz_runs(const struct fuzz_shared *s)
{
	uint64_t runs = 0;

	for (unsigned i = 0; i < s->jobs_nr; i++)
		runs += __atomic_load_n(&s->job[i].runs, __ATOMIC_RELAXED);
	return runs;
}

static void add_counts(struct fuzz_counts *all, const struct fuzz_counts *c)
{
	all->runs += c->runs;
	all->steps += c->steps;
	all->threads += c->threads;
	all->inputs += c->inputs;
	all->slow += c->slow;
	all->taking |= c->taking;
	for (unsigned i = 0; i < OPS_OF_SUBJECT_MAX; i++) {
		all->refused[i] += c->refused[i];
		all->error[i] = c->error[i] ? c->error[i] : all->error[i];
		for (unsigned state = 0; state < OBJECT_STATES; state++)
			all->ops[i][state] += c->ops[i][state];
	}
	stubs_add(&all->stubs, &c->stubs);
	stubs_add(&all->ends, &c->ends);
	for (unsigned i = 0; i < sizeof(c->coverage); i++)
		all->coverage[i] |= c->coverage[i];
}

static uint64_t began(const struct fuzz_counts *c, unsigned verb)
{
	uint64_t sum = 0;

	for (unsigned state = 0; state < OBJECT_STATES; state++)
		sum += c->ops[verb][state];
	return sum;
}

void fuzz_refused_put(const struct fuzz_counts *c, const struct descriptor *d, struct text *t)
{
	for (unsigned v = 0; v < d->ops_nr && v < OPS_OF_SUBJECT_MAX; v++) {
		uint64_t calls = began(c, v);

		if (calls >= REFUSED_FEW && c->refused[v] >= calls - calls / 100)
			text_putf(t,
				  "  warning: %s failed in %llu of %llu calls (the last returned "
				  "%d): what is behind it was hardly tested\n",
				  d->ops[v].name, (unsigned long long)c->refused[v],
				  (unsigned long long)calls, c->error[v]);
	}
}

void fuzz_sum(struct fuzz_shared *s)
{
	memset(&s->all, 0, sizeof(s->all));
	for (unsigned i = 0; i < s->jobs_nr; i++)
		add_counts(&s->all, &s->job[i]);
}
