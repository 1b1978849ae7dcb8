/*
 * expect.c - one expect line of a program, tried.
 *
 * A line holds in one run of the file's schedule; that a clean subject stands other schedules too is
 * asked by whoever has the time. Anchors that are not reached count against lines that want a
 * verdict: a schedule may have places that exist with the defect alone. Where no line wants one, they
 * count against the clean ones.
 */
#include "search/expect.h"

#include <stdio.h>
#include <string.h>

#include "search/hang.h"
#include "zoo/defect.h"

const char *expect_outcome_name(enum expect_outcome o)
{
	static const char *const names[EXPECT_OUTCOMES] = {"holds", "skipped", "repaired", "stale",
							   "lost",  "broken",  "untried"};

	return names[o];
}

static const struct defect_row *defect_find(const char *name)
{
	const struct defect_row *row;

	for (unsigned i = 0; (row = defect_row_at(i)); i++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

static bool is_clean(const struct program *p, const struct program_expect *e)
{
	return strcmp(program_name(p, e->verdict), "clean") == 0;
}

static bool all_clean(const struct program *p)
{
	for (unsigned i = 0; i < p->expects_nr; i++)
		if (!is_clean(p, &p->expects[i]))
			return false;
	return true;
}

void expect_wanted(const struct program *p, const struct program_expect *e, char *ret, size_t cap)
{
	const char *verdict = program_name(p, e->verdict);
	int rule = (int)strcspn(verdict, "@=");

	snprintf(ret, cap, "%.*s%s%s%s", rule, verdict, e->object ? ":" : "",
		 program_name(p, e->object), verdict + rule);
}

enum expect_outcome expect_read(const struct program *p, const struct program_expect *e,
				struct expectation *ret)
{
	const char *on = program_name(p, e->on);
	const char *name = on[0] ? on : p->descriptor->name;
	const struct subject *subject = subject_find(name);
	const struct defect_row *row = subject ? NULL : defect_find(name);

	*ret = (struct expectation){
		.subject = row ? subject_find(row->subject) : subject,
		.on = row	? row->name
		      : subject ? subject->descriptor->name
				: name,
		.defect = row ? row->name : NULL,
		.clean = is_clean(p, e),
		.alone = all_clean(p),
		.why = "",
	};
	expect_wanted(p, e, ret->wanted, sizeof(ret->wanted));
	if (!row && !subject && subject_lack(name)) {
		ret->why = subject_lack(name)->why;
		return EXPECT_SKIPPED;
	}
	if (!ret->subject)
		ret->why = "neither a subject nor a defect";
	else if (ret->subject->descriptor->ops != p->descriptor->ops)
		ret->why = "this subject has other ops";
	if (ret->why[0])
		return EXPECT_UNTRIED;
	if (row && !defect_build()) {
		ret->why = "this build has not got the defect";
		return EXPECT_SKIPPED;
	}
	return EXPECT_HOLDS;
}

void expect_begin(struct exec *x, const struct program *p, const struct expectation *e,
		  struct exec_how *how, bool profile)
{
	defect_enable(e->defect);
	if (!e->clean)
		*how = hang_expected(how, e->wanted);
	how->until = e->clean ? e->subject->about : e->wanted;
	exec_prepare(x, p, e->subject, profile ? how : NULL);
}

void expect_end(void)
{
	defect_enable(NULL);
}

/* Of a repair, clean is said of what it is about (subject->about); and the table must say the same. */
enum expect_outcome expect_judge(const struct exec *x, struct expectation *e)
{
	const struct verdict *v = &x->trace.verdict;

	if (e->subject->about && e->subject->right != e->clean) {
		e->why = "src/posted/fix.def predicts otherwise";
		return EXPECT_BROKEN;
	}
	if (e->clean &&
	    (e->subject->about ? verdict_matches(v, e->subject->about) : v->rule != RULE_NONE))
		return EXPECT_BROKEN;
	if ((!e->clean || e->alone) && exec_stale(x)) {
		e->why = "an anchor is stale";
		return EXPECT_STALE;
	}
	return e->clean || verdict_matches(v, e->wanted) ? EXPECT_HOLDS : EXPECT_LOST;
}

enum expect_outcome expect_try(struct exec *x, const struct program *p, struct expectation *e)
{
	struct exec_how how = exec_default;
	enum expect_outcome outcome;

	expect_begin(x, p, e, &how, p->strategy != 0);
	exec_run(x, &how, NULL, 0);
	outcome = expect_judge(x, e);
	expect_end();
	return outcome;
}
