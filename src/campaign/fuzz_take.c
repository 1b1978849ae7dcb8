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

/* Does @known, an order, warn of the deadlock @v? */
static bool warns_of(enum rule known, enum rule v)
{
	return v == RULE_deadlock && (known == RULE_lock_order || known == RULE_reclaim_recursion);
}

/* Two calls that may reclaim under one lock are two bugs: only their deadlocks are like each other. */
static bool comparable(enum rule known, enum rule v)
{
	return known != RULE_reclaim_recursion && v != RULE_reclaim_recursion;
}

/*
 * A finding about locks that is the same bug, and at least as strong: an order only says that threads may
 * wait for each other.
 */
static struct fuzz_finding *same_locks(const struct fuzz_options *o, struct fuzz_shared *s,
				       const struct verdict *v, bool weaker)
{
	for (unsigned i = 0; i < s->findings_nr && v->orders.closing_nr && !o->until; i++) {
		struct fuzz_finding *f = &s->finding[i];
		enum rule known = rule_find(f->f.verdict);
		bool warns = warns_of(known, v->rule);

		if (!f->unstable && (weaker ? warns : !warns && comparable(known, v->rule)) &&
		    orders_explain(&f->f.orders, &v->orders))
			return f;
	}
	return NULL;
}

/* The one that replays, if there is one. */
static struct fuzz_finding *finding_of(const struct fuzz_options *o, struct fuzz_shared *s,
				       const struct verdict *v)
{
	struct fuzz_finding *unstable = NULL;
	const struct known_row *row;
	char signature[SIGNATURE_MAX];

	verdict_signature(v, signature, sizeof(signature));

	for (unsigned i = 0; i < s->findings_nr; i++) {
		struct fuzz_finding *f = &s->finding[i];

		if (strcmp(f->f.signature, signature) != 0)
			continue;
		if (!f->unstable)
			return f;
		unstable = f;
	}
	for (unsigned at = 0; (row = known_next(&s->known, signature, &at));) {
		struct fuzz_finding *f = &s->finding[row->finding];

		if (!f->unstable)
			return f;
		unstable = f;
	}
	return unstable ? unstable : same_locks(o, s, v, false);
}

/*
 * To be recorded once more: no program shows it yet, or it was seen behind another finding only, and
 * this run has none before it. What does not come of it is tried again after eight times as many.
 */
static bool is_due(const struct fuzz_counts *c, struct fuzz_finding *f)
{
	if (f->times < f->due || (!f->unstable && (!f->f.follows[0] || c->passed)))
		return false;
	f->due = 8 * f->times;
	return true;
}

bool fuzz_is_known(const struct fuzz_options *o, struct fuzz_shared *s, struct fuzz_counts *c,
		   const struct verdict *v)
{
	struct fuzz_finding *f = finding_of(o, s, v);

	if (!f)
		return s->findings_nr == FINDINGS_MAX;
	if (c->again == (unsigned)(f - s->finding) + 1)
		return false; /* it ended the run, and is asked about once more */
	__atomic_add_fetch(&f->times, 1, __ATOMIC_RELAXED);
	if (s->findings_nr < FINDINGS_MAX && is_due(c, f)) {
		c->again = (unsigned)(f - s->finding) + 1;
		return false;
	}
	if (!c->passed)
		c->passed = (unsigned)(f - s->finding) + 1;
	return true;
}

static void remember(struct fuzz_shared *s, const struct verdict *v, const struct fuzz_finding *f)
{
	char signature[SIGNATURE_MAX];

	verdict_signature(v, signature, sizeof(signature));
	known_add(&s->known, signature, (unsigned)(f - s->finding));
}

/* ---- taking one ---- */

static const char *folder_of(const struct fuzz_finding *f)
{
	return f->unstable ? UNSTABLE_FOLDER : FINDING_FOLDER;
}

/* The last run of @x is what the letter is about. @again: its folder is there already. */
static bool keep(const struct fuzz_options *o, struct fuzz_finding *f, struct exec *x,
		 const struct taken *t, bool again)
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

	if (!again)
		finding_name(at, &f->f);
	snprintf(f->file, sizeof(f->file), "%s/%s/%s/%s", o->out, folder_of(f), f->f.slug,
		 f->unstable ? "found.bond" : "minimal.bond");
	finding_replay(&f->f, program_invocation_name, f->file, &line);
	explain_letter(x, &how, &letter);
	letter_print(&text, &letter);
	letter_markdown(&markdown, &letter);
	if (again)
		return !finding_rewrite(at, &f->f, &files);
	f->f.seen = 1; /* until the parent counts */
	why = finding_write(at, &f->f, &files);
	f->f.seen = 0;
	if (why)
		notice("%s: %s", f->file, why);
	return !why;
}

static void describe(const struct fuzz_options *o, const struct fuzz_shared *s,
		     struct fuzz_finding *f)
{
	snprintf(f->f.subject, sizeof(f->f.subject), "%s", o->subject->descriptor->name);
	snprintf(f->f.defect, sizeof(f->f.defect), "%s", o->defect ? o->defect : "");
	finding_now(f->f.first_seen);
	strcpy(f->f.last_seen, f->f.first_seen);
	f->f.runs = fuzz_runs(s);
	f->f.seconds = clock_seconds() - s->start;
	f->times = 1;
	f->known = false;
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
	if (!take_comes_first(x, t, &t->found) && take_record_first(x, t, p))
		name_file(o, &t->found, t, &x->trace.verdict);
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
	take_found(t);
	return take_replays(x, t, &t->minimal);
}

/* The signature of what comes before it in the run of its minimal program; "": nothing does. */
static void find_first(struct exec *x, const struct taken *t, char *ret, size_t cap)
{
	ret[0] = '\0';
	if (!take_comes_first(x, t, &t->minimal))
		verdict_signature(&x->trace.verdict, ret, (unsigned)cap);
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

/* The finding that it may be another face of: where that is listed below a third one, the third. */
static void find_akin(const struct fuzz_shared *s, struct fuzz_finding *f)
{
	for (unsigned i = 0; i < s->findings_nr && !f->unstable && !f->f.follows[0]; i++) {
		const struct finding *other = &s->finding[i].f;
		const char *above = other->follows[0] ? other->follows : other->akin;

		if (other == &f->f || s->finding[i].unstable || !finding_is_akin(other, &f->f))
			continue;
		strcpy(f->f.akin, above[0] ? above : other->signature);
		return;
	}
}

static void reach(const struct fuzz_options *o, struct fuzz_shared *s, const struct fuzz_finding *f)
{
	if (!f->unstable && fuzz_is_wanted(o, f))
		__atomic_store_n(&s->reached, true, __ATOMIC_RELAXED);
}

/* Under the lock: into the table, and as a folder. */
static void add(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
		const struct fuzz_finding *made, struct taken *t)
{
	struct fuzz_finding *f = &s->finding[s->findings_nr];

	if (s->findings_nr == FINDINGS_MAX)
		return;
	*f = *made;
	remember(s, &t->first, f);
	finding_describe(&f->f, x, f->unstable ? &t->first : &x->trace.verdict);
	fuzz_options_text(&t->how.strength, f->f.options, sizeof(f->f.options));
	find_akin(s, f);
	if (!keep(o, f, x, t, false))
		f->file[0] = '\0';
	__atomic_store_n(&s->findings_nr, s->findings_nr + 1, __ATOMIC_RELEASE);
	reach(o, s, f);
}

/* A program of its own for a finding that was seen behind another one only. */
static void make_first(const struct fuzz_options *o, const struct fuzz_shared *s, struct exec *x,
		       struct fuzz_finding *f, const struct taken *t)
{
	char slug[sizeof(f->f.slug)];

	strcpy(slug, f->f.slug);
	finding_describe(&f->f, x, &x->trace.verdict);
	strcpy(f->f.slug, slug);
	f->f.follows[0] = '\0';
	find_akin(s, f);
	keep(o, f, x, t, true);
}

/* Under the lock: another child may have come first. */
static void file_it(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
		    struct fuzz_finding *f, struct taken *t)
{
	const struct verdict *v = f->unstable ? &t->first : &x->trace.verdict;
	struct fuzz_finding *known = finding_of(o, s, v);
	const struct fuzz_finding *order = same_locks(o, s, v, true);

	if (order && !f->f.follows[0]) /* it is what that one warned of */
		strcpy(f->f.follows, order->f.signature);
	if (!known || (known->unstable && !f->unstable)) {
		add(o, s, x, f, t);
	} else if (f->unstable) {
		return; /* it was counted, and is kept already */
	} else if (known->f.follows[0] && !f->f.follows[0]) {
		make_first(o, s, x, known, t);
	} else { /* made small it is one that is there */
		__atomic_add_fetch(&known->times, 1, __ATOMIC_RELAXED);
		remember(s, &t->first, known);
	}
}

void fuzz_take(const struct fuzz_options *o, struct fuzz_shared *s, struct exec *x,
	       const struct exec_how *how, const struct program *p, const struct strategy *strategy,
	       uint64_t seed)
{
	static struct taken t;
	static struct fuzz_finding made;

	made = (struct fuzz_finding){.due = 8};
	describe(o, s, &made);
	made.unstable = !make(o, x, how, p, strategy, seed, &t);
	if (!made.unstable) {
		find_first(x, &t, made.f.follows, sizeof(made.f.follows));
		made.unstable = !take_replays(x, &t, &t.minimal); /* of TSan, as take_minimize() */
	}
	if (made.unstable) {
		made.f.follows[0] = '\0';
		see_again(x, p, strategy, seed, &t);
	} else {
		t.strategy = NULL; /* the program's own schedule */
		t.seed = 0;
	}
	fuzz_lock(s);
	file_it(o, s, x, &made, &t);
	fuzz_unlock(s);
}
