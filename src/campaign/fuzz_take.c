/*
 * fuzz_take.c - a finding of the child: recorded, minimised, and kept as a folder with its letter.
 *
 * It is known by the signature of its minimal program. Which other signatures ended there is
 * remembered for this session, so that nobody makes the same bug small again and again.
 *
 * A finding is what a program shows when it is read back and run. A verdict that no program shows again
 * is kept in OUT/unstable, with its input and seed; it is tried again as it is seen more often.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "campaign/fuzz.h"
#include "pipeline/take.h"
#include "base/clock.h"
#include "campaign/program_file.h"
#include "explain/explain.h"

/* ---- what is known ---- */

/* The one that replays, if there is one. */
static struct fuzz_finding *finding_of(struct fuzz_shared *s, const char *signature)
{
	struct fuzz_finding *unstable = NULL;

	for (unsigned i = 0; i < s->findings_nr; i++) {
		struct fuzz_finding *f = &s->finding[i];

		if (strcmp(f->f.signature, signature) != 0)
			continue;
		if (!f->unstable)
			return f;
		unstable = f;
	}
	for (uint64_t i = 0; i < s->aliases_nr && i < FUZZ_ALIASES; i++) {
		struct fuzz_finding *f = &s->finding[s->alias[i].finding];

		if (strcmp(s->alias[i].signature, signature) != 0)
			continue;
		if (!f->unstable)
			return f;
		unstable = f;
	}
	return unstable;
}

/* One that did not replay gets another chance after 8, 64, 512, ... times. */
static bool is_due(const struct fuzz_finding *f)
{
	uint64_t at = 1;

	while (at < f->times)
		at *= 8;
	return f->unstable && f->times == at;
}

bool fuzz_is_known(struct fuzz_shared *s, const struct verdict *v)
{
	struct fuzz_finding *f;
	char signature[SIGNATURE_MAX];

	verdict_signature(v, signature, sizeof(signature));
	f = finding_of(s, signature);
	if (f)
		f->times++;
	return (f && !is_due(f)) || s->findings_nr == FINDINGS_MAX;
}

static void remember(struct fuzz_shared *s, const struct verdict *v, const struct fuzz_finding *f)
{
	struct fuzz_alias *a = &s->alias[s->aliases_nr++ % FUZZ_ALIASES];

	verdict_signature(v, a->signature, sizeof(a->signature));
	a->finding = (unsigned)(f - s->finding);
}

/* ---- taking one ---- */

static const char *folder_of(const struct fuzz_finding *f)
{
	return f->unstable ? UNSTABLE_FOLDER : FINDING_FOLDER;
}

/* The last run of @x is what the letter is about. */
static bool keep(const struct fuzz_options *o, struct fuzz_finding *f, struct exec *x,
		 const struct taken *t)
{
	static char replay[32768], plain[LETTER_TEXT_MAX], marked[LETTER_TEXT_MAX];
	struct text line = text_init(replay, sizeof(replay));
	struct text text = text_init(plain, sizeof(plain));
	struct text markdown = text_init(marked, sizeof(marked));
	struct finding_files files = {&t->found, f->unstable ? NULL : &t->minimal, plain, marked};
	struct explain_run how = {
		.how = &t->how, .strategy = t->strategy, .seed = t->seed, .replay = replay};
	int at = f->unstable ? o->unstable_fd : o->findings_fd;
	struct letter letter;
	const char *why;

	finding_name(at, &f->f);
	snprintf(f->file, sizeof(f->file), "%s/%s/%s/%s", o->out, folder_of(f), f->f.slug,
		 f->unstable ? "found.bond" : "minimal.bond");
	finding_replay(&f->f, program_invocation_name, f->file, &line);
	explain_letter(x, &how, &letter);
	letter_print(&text, &letter);
	letter_markdown(&markdown, &letter);
	f->f.seen = 1; /* until the parent counts */
	why = finding_write(at, &f->f, &files);
	f->f.seen = 0;
	if (why)
		fprintf(stderr, "%s: %s\n", f->file, why);
	return !why;
}

static void describe(const struct fuzz_options *o, const struct fuzz_shared *s,
		     struct fuzz_finding *f)
{
	snprintf(f->f.subject, sizeof(f->f.subject), "%s", o->subject->descriptor->name);
	snprintf(f->f.defect, sizeof(f->f.defect), "%s", o->defect ? o->defect : "");
	finding_now(f->f.first_seen);
	strcpy(f->f.last_seen, f->f.first_seen);
	f->f.runs = s->runs;
	f->f.seconds = clock_seconds() - s->start;
	f->times = 1;
	f->known = false;
}

/* Made small it may be one that is there: then it was seen once more, and found no other time. */
static bool is_first(struct fuzz_shared *s, const struct verdict *small,
		     const struct verdict *found, bool unstable)
{
	struct fuzz_finding *f;
	char signature[SIGNATURE_MAX];

	verdict_signature(small, signature, sizeof(signature));
	f = finding_of(s, signature);
	if (f && unstable)
		return false; /* it was counted, and is kept already */
	if (!f || f->unstable)
		return true;
	f->times++;
	remember(s, found, f);
	return false;
}

static void name_file(const struct fuzz_options *o, struct program *p, const struct taken *t,
		      const struct verdict *v)
{
	program_file_describe(p, o->subject, o->defect, &t->how, v);
}

/* Records and minimises. Returns: does a program show it again? */
static bool make(const struct fuzz_options *o, struct exec *x, const struct exec_how *how,
		 const struct program *p, const struct strategy *strategy, uint64_t seed,
		 struct taken *t)
{
	bool found;

	take_record(x, how, p, strategy, seed, t);
	name_file(o, &t->found, t, t->whole ? &x->trace.verdict : &t->first);
	found = take_replays(x, t, &t->found);
	if (found && !t->whole)
		t->minimal = t->found;
	if (!found || !t->whole)
		return found;
	exec_prepare(x, &t->minimal, o->subject, NULL);
	take_minimize(x, t);
	name_file(o, &t->minimal, t, &x->trace.verdict);
	if (take_replays(x, t, &t->minimal))
		return true;
	t->minimal = t->found;
	return take_replays(x, t, &t->minimal);
}

/* As the run was made that showed it, once. */
static void see_again(struct exec *x, const struct program *p, const struct strategy *strategy,
		      uint64_t seed, struct taken *t)
{
	exec_prepare(x, p, x->subject, &t->how);
	t->strategy = strategy;
	t->seed = seed;
	exec_run(x, &t->how, strategy, seed);
}

static void add(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
		struct fuzz_finding *f, struct taken *t)
{
	const struct verdict *v = f->unstable ? &t->first : &x->trace.verdict;

	remember(s, &t->first, f);
	finding_describe(&f->f, x, v);
	fuzz_options_text(&t->how.strength, f->f.options, sizeof(f->f.options));
	if (!keep(o, f, x, t))
		f->file[0] = '\0';
	__atomic_store_n(&s->findings_nr, s->findings_nr + 1, __ATOMIC_RELEASE);
}

void fuzz_take(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
	       const struct exec_how *how, const struct program *p, const struct strategy *strategy,
	       uint64_t seed)
{
	static struct taken t;
	struct fuzz_finding *f = &s->finding[s->findings_nr];
	const struct verdict *v;

	*f = (struct fuzz_finding){0};
	describe(o, s, f);
	f->unstable = !make(o, x, how, p, strategy, seed, &t);
	v = f->unstable ? &t.first : &x->trace.verdict;
	if (!is_first(s, v, &t.first, f->unstable))
		return;
	if (f->unstable) {
		see_again(x, p, strategy, seed, &t);
	} else {
		t.strategy = NULL; /* the program's own schedule */
		t.seed = 0;
	}
	add(o, s, x, f, &t);
}
