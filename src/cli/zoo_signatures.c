/*
 * zoo_signatures.c - bondfuzz zoo --signatures: is one bug one finding, and two bugs two?
 *
 * What each trial found is recorded and minimised, as fuzz and run do it, and the signature is that of
 * the small program's run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "cli/zoo.h"
#include "format/json.h"
#include "search/minimize.h"

#define SHARE_WANTED 0.95

static uint8_t threads_of(const struct program *p)
{
	uint32_t lanes = 0;

	for (unsigned i = 0; i < p->ops_nr; i++)
		if (LANE_IS_THREAD(p->ops[i].lane))
			lanes |= 1u << p->ops[i].lane;
	return (uint8_t)__builtin_popcount(lanes);
}

void zoo_sign(struct exec *x, const struct zoo_job *job, uint64_t seed, struct zoo_signed *ret)
{
	static struct program small;
	struct minimize m = {.replays_max = MINIMIZE_REPLAYS,
			     .schedules_max = MINIMIZE_SCHEDULES,
			     .anywhere = true};
	double start = clock_seconds();
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	if (!exec_record(x, &job->how, job->strategy, seed, &small))
		return;
	exec_minimize_with(x, &job->how, &small, &m);
	ret->seconds = (float)(clock_seconds() - start);
	verdict_signature(&x->trace.verdict, ret->signature, sizeof(ret->signature));
	program_file_describe(&small, x->subject, job->defect->name, &job->how, &x->trace.verdict);
	program_print(&small, &t);
	for (size_t i = 0; i < t.len; i++)
		ret->lines += t.data[i] == '\n' && ret->lines < UINT8_MAX;
	ret->text = name_id(t.data);
	ret->threads = threads_of(&small);
	ret->switches = m.switches < UINT8_MAX ? (uint8_t)m.switches : UINT8_MAX;
	ret->proved = m.proved;
}

/* ---- groups ---- */

static const char *const groups[] = {
#define GROUP(why, ...) "," #__VA_ARGS__ ",",
#include "zoo/group.def"
#undef GROUP
	NULL,
};

static bool is_in(const char *group, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = group; (at = strstr(at, name)); at += len)
		if ((at[-1] == ' ' || at[-1] == ',') && at[len] == ',')
			return true;
	return false;
}

static bool are_grouped(const char *a, const char *b)
{
	for (unsigned i = 0; groups[i]; i++)
		if (is_in(groups[i], a) && is_in(groups[i], b))
			return true;
	return false;
}

/* ---- counting ---- */

static unsigned times(const struct zoo_result *r, const char *signature)
{
	unsigned n = 0;

	for (uint64_t i = 0; i < r->trials; i++)
		n += strcmp(r->small[i].signature, signature) == 0;
	return n;
}

/* In how many trials is the text the one of trial @index? */
static unsigned texts(const struct zoo_result *r, uint64_t index)
{
	unsigned n = 0;

	for (uint64_t i = 0; i < r->trials; i++)
		n += r->small[i].signature[0] && r->small[i].text == r->small[index].text;
	return n;
}

static unsigned most_frequent_text(const struct zoo_result *r)
{
	unsigned most = 0;

	for (uint64_t i = 0; i < r->trials; i++) {
		unsigned n = r->small[i].signature[0] ? texts(r, i) : 0;

		most = n > most ? n : most;
	}
	return most;
}

/* The trial whose signature is the most frequent one; those that have none are not asked. */
static const struct zoo_signed *most_frequent(const struct zoo_result *r)
{
	const struct zoo_signed *best = NULL;
	unsigned most = 0;

	for (uint64_t i = 0; i < r->trials; i++) {
		unsigned n = r->small[i].signature[0] ? times(r, r->small[i].signature) : 0;

		if (n <= most)
			continue;
		most = n;
		best = &r->small[i];
	}
	return best;
}

static bool is_first(const struct zoo_result *r, uint64_t index)
{
	for (uint64_t i = 0; i < index; i++)
		if (strcmp(r->small[i].signature, r->small[index].signature) == 0)
			return false;
	return r->small[index].signature[0] != '\0';
}

static json_t *counts_of(const struct zoo_result *r)
{
	json_t *all = json_object();

	for (uint64_t i = 0; i < r->trials; i++)
		if (is_first(r, i))
			json_object_set_new(all, r->small[i].signature,
					    json_integer(times(r, r->small[i].signature)));
	return all;
}

struct extremes {
	unsigned lines, switches, threads, proved;
	double seconds;
};

static struct extremes extremes_of(const struct zoo_result *r)
{
	struct extremes e = {0};

	for (uint64_t i = 0; i < r->trials; i++) {
		const struct zoo_signed *s = &r->small[i];

		e.lines = s->lines > e.lines ? s->lines : e.lines;
		e.switches = s->switches > e.switches ? s->switches : e.switches;
		e.threads = s->threads > e.threads ? s->threads : e.threads;
		e.seconds = s->seconds > e.seconds ? s->seconds : e.seconds;
		e.proved += s->proved;
	}
	return e;
}

/* ---- telling ---- */

static void put_json(const struct zoo_job *job)
{
	const struct zoo_result *r = job->result;
	struct extremes e = extremes_of(r);
	json_t *row = json_object();

	json_object_set_new(row, "defect", json_string(job->defect->name));
	json_object_set_new(row, "subject", json_string(job->defect->subject));
	json_put_count(row, "trials", r->trials);
	json_put_count(row, "found", r->found);
	json_object_set_new(row, "signatures", counts_of(r));
	json_put_count(row, "same_text", most_frequent_text(r));
	json_put_count(row, "lines", e.lines);
	json_put_count(row, "threads", e.threads);
	json_put_count(row, "switches", e.switches);
	json_put_count(row, "proved", e.proved);
	json_object_set_new(row, "seconds", json_real(e.seconds));
	json_print(row);
}

static void put_row(const struct zoo_job *job)
{
	const struct zoo_result *r = job->result;
	const struct zoo_signed *s = most_frequent(r);
	struct extremes e = extremes_of(r);

	printf("%-46s %4u/%-4llu %4u %5u %7u %8u %6u  %s\n", job->defect->name,
	       s ? times(r, s->signature) : 0, (unsigned long long)r->trials, most_frequent_text(r),
	       e.lines, e.threads, e.switches, e.proved, s ? s->signature : "-");
	for (uint64_t i = 0; s && i < r->trials; i++)
		if (is_first(r, i) && strcmp(r->small[i].signature, s->signature) != 0)
			printf("%-46s %4u %41s %s\n", "", times(r, r->small[i].signature), "",
			       r->small[i].signature);
}

/* ---- what must hold ---- */

static bool is_stable(const struct zoo_result *r)
{
	const struct zoo_signed *s = most_frequent(r);

	return s && times(r, s->signature) >= SHARE_WANTED * (double)r->trials;
}

static bool is_one_text(const struct zoo_job *job)
{
	const struct zoo_result *r = job->result;

	return most_frequent_text(r) >= SHARE_WANTED * (double)r->trials &&
	       (!job->sequential || extremes_of(r).threads <= 1);
}

/* Returns: does a signature of one come up with the other, though they were to be told apart? */
static bool are_mixed_up(const struct zoo_job *a, const struct zoo_job *b)
{
	const struct zoo_result *r = a->result;
	bool mixed = false;

	if (are_grouped(a->defect->name, b->defect->name))
		return false;
	for (uint64_t i = 0; i < r->trials; i++) {
		if (!is_first(r, i) || !times(b->result, r->small[i].signature))
			continue;
		fprintf(stderr, "%s and %s share %s\n", a->defect->name, b->defect->name,
			r->small[i].signature);
		mixed = true;
	}
	return mixed;
}

static bool names_a_defect(const struct zoo_result *r)
{
	const struct defect_row *row;

	for (unsigned d = 0; (row = defect_row_at(d)); d++)
		for (uint64_t i = 0; i < r->trials; i++)
			if (strstr(r->small[i].signature, row->name))
				return true;
	return false;
}

bool zoo_put_signatures(const struct zoo_job *jobs, unsigned nr, bool json)
{
	unsigned stable = 0, texts = 0, mixed = 0, named = 0;

	if (!json)
		printf("%-46s %9s %4s %5s %7s %8s %6s  %s\n", "defect", "same", "text", "lines",
		       "threads", "switches", "proved", "signature");
	for (unsigned i = 0; i < nr; i++) {
		json ? put_json(&jobs[i]) : put_row(&jobs[i]);
		stable += is_stable(jobs[i].result);
		texts += is_one_text(&jobs[i]);
		named += names_a_defect(jobs[i].result);
		for (unsigned j = i + 1; j < nr; j++)
			mixed += are_mixed_up(&jobs[i], &jobs[j]);
	}
	fprintf(stderr,
		"%u of %u defects have one signature in 95 %% of their findings, %u one text (and "
		"one thread where they are sequential); %u pairs of different groups share a "
		"signature; %u have a defect's name in one\n",
		stable, nr, texts, mixed, named);
	return stable == nr && texts == nr && !mixed && !named;
}
