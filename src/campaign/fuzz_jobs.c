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
#include "campaign/fuzz.h"

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
	for (unsigned i = 0; i < OPS_OF_SUBJECT_MAX; i++)
		for (unsigned state = 0; state < OBJECT_STATES; state++)
			all->ops[i][state] += c->ops[i][state];
	stubs_add(&all->stubs, &c->stubs);
	stubs_add(&all->ends, &c->ends);
	for (unsigned i = 0; i < sizeof(c->coverage); i++)
		all->coverage[i] |= c->coverage[i];
}

void fuzz_sum(struct fuzz_shared *s)
{
	memset(&s->all, 0, sizeof(s->all));
	for (unsigned i = 0; i < s->jobs_nr; i++)
		add_counts(&s->all, &s->job[i]);
}
