/*
 * fuzz_take.c - a finding of the child: recorded, minimised, and kept as a folder with its letter.
 *
 * It is known by the signature of its minimal program. Which other signatures ended there is
 * remembered for this session, so that nobody makes the same bug small again and again.
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

static struct fuzz_finding *finding_of(struct fuzz_shared *s, const char *signature)
{
	for (unsigned i = 0; i < s->findings_nr; i++)
		if (strcmp(s->finding[i].f.signature, signature) == 0)
			return &s->finding[i];
	for (uint64_t i = 0; i < s->aliases_nr && i < FUZZ_ALIASES; i++)
		if (strcmp(s->alias[i].signature, signature) == 0)
			return &s->finding[s->alias[i].finding];
	return NULL;
}

bool fuzz_is_known(struct fuzz_shared *s, const struct verdict *v)
{
	struct fuzz_finding *f;
	char signature[160];

	verdict_signature(v, signature, sizeof(signature));
	f = finding_of(s, signature);
	if (f)
		f->times++;
	return f || s->findings_nr == FINDINGS_MAX;
}

static void remember(struct fuzz_shared *s, const struct verdict *v, const struct fuzz_finding *f)
{
	struct fuzz_alias *a = &s->alias[s->aliases_nr++ % FUZZ_ALIASES];

	verdict_signature(v, a->signature, sizeof(a->signature));
	a->finding = (unsigned)(f - s->finding);
}

static bool is_same(const struct verdict *a, const struct verdict *b)
{
	char text[2][160];

	verdict_symptom(a, text[0], sizeof(text[0]));
	verdict_symptom(b, text[1], sizeof(text[1]));
	return strcmp(text[0], text[1]) == 0;
}

/* ---- taking one ---- */

/* @how: the last run of @x, which the letter is about */
static bool keep(const struct fuzz_options *o, struct fuzz_finding *f, struct exec *x,
		 const struct program *found, const struct program *minimal,
		 struct explain_run *how)
{
	static char replay[32768], plain[LETTER_TEXT_MAX], marked[LETTER_TEXT_MAX];
	struct text line = text_init(replay, sizeof(replay));
	struct text text = text_init(plain, sizeof(plain));
	struct text markdown = text_init(marked, sizeof(marked));
	struct finding_files files = {found, minimal, plain, marked};
	struct letter letter;
	const char *why;

	finding_name(o->findings_fd, &f->f);
	snprintf(f->file, sizeof(f->file), "%s/" FINDING_FOLDER "/%s/minimal.bond", o->out,
		 f->f.slug);
	finding_replay(&f->f, program_invocation_name, f->file, &line);
	how->replay = replay;
	explain_letter(x, how, &letter);
	letter_print(&text, &letter);
	letter_markdown(&markdown, &letter);
	f->f.seen = 1; /* until the parent counts */
	why = finding_write(o->findings_fd, &f->f, &files);
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
	fuzz_options_text(o, f->f.options, sizeof(f->f.options));
	finding_now(f->f.first_seen);
	strcpy(f->f.last_seen, f->f.first_seen);
	f->f.runs = s->runs;
	f->f.seconds = clock_seconds() - s->start;
	f->times = 1;
	f->known = false;
}

/* Made small it may be one that is there: then it was seen once more, and found no other time. */
static bool is_first(struct fuzz_shared *s, const struct verdict *small,
		     const struct verdict *found)
{
	struct fuzz_finding *f;
	char signature[160];

	verdict_signature(small, signature, sizeof(signature));
	f = finding_of(s, signature);
	if (!f)
		return true;
	f->times++;
	remember(s, found, f);
	return false;
}

void fuzz_take(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
	       const struct exec_how *how, const struct program *p, const struct strategy *strategy,
	       uint64_t seed)
{
	static struct taken t;
	struct fuzz_finding *f = &s->finding[s->findings_nr];
	const struct verdict *v = &x->trace.verdict;
	struct explain_run letter;

	*f = (struct fuzz_finding){0};
	describe(o, s, f);
	take_record(x, how, p, strategy, seed, &t);
	program_file_describe(&t.found, o->subject, o->defect, &t.how, t.whole ? v : &t.first);
	take_minimize(x, &t);
	if (!is_same(v, &t.first))
		v = &t.first; /* it is told as it was seen, though its repetition was another */
	if (!is_first(s, v, &t.first))
		return;
	remember(s, &t.first, f);
	finding_describe(&f->f, x, v);
	program_file_describe(&t.minimal, o->subject, o->defect, &t.how, v);
	letter = (struct explain_run){.how = &t.how, .strategy = t.strategy, .seed = t.seed};
	if (!keep(o, f, x, &t.found, &t.minimal, &letter))
		f->file[0] = '\0';
	__atomic_store_n(&s->findings_nr, s->findings_nr + 1, __ATOMIC_RELEASE);
}
