/*
 * parse_schedule.c - what follows the ops: the schedule, its deviations, and the expectations.
 *
 * Functions, primitives, verdicts and defects are not looked up: which exist is known to other
 * folders (an anchor that a run never reaches is `stale`, not an error). Lanes and op numbers are,
 * since a deviation of an op that is not in the text can only be a slip.
 */
#include "program/parser.h"

static bool parse_seed(struct parser *ps)
{
	static const char key[] = "seed=";
	struct scan *s = &ps->scan;
	struct token t;

	if (!scan_token(s, &t))
		return false;
	if (t.len < strlen(key) || memcmp(t.s, key, strlen(key)))
		return scan_fail(s, t.s, "expected 'seed=' and a number, got '%.*s'",
				 TOKEN_ARGS(t));
	t.s += strlen(key);
	t.len -= strlen(key);
	return scan_number(s, t, "the seed", UINT64_MAX, &ps->p->seed);
}

static bool strategy_known(const struct parser *ps, struct token t)
{
	for (const char *const *name = ps->names->strategies; *name; name++)
		if (token_names(t, *name))
			return true;
	return false;
}

bool parse_schedule(struct parser *ps)
{
	struct scan *s = &ps->scan;
	struct token t;

	ps->p->scheduled = true;
	if (!scan_token(s, &t))
		return false;
	if (!t.len || token_is(t, "plain"))
		return scan_line_end(s, "the plain schedule");
	if (!strategy_known(ps, t))
		return scan_fail(s, t.s, "unknown strategy '%.*s'", TOKEN_ARGS(t));
	return parser_intern(ps, t, &ps->p->strategy) && parse_seed(ps) &&
	       scan_line_end(s, "the seed");
}

/* "A.2", "srcu0.1" */
static bool parse_anchor_op(struct parser *ps, struct token t, struct program_deviation *v)
{
	const struct scan *s = &ps->scan;
	const char *dot = memchr(t.s, '.', t.len);
	struct token name = {t.s, dot ? (size_t)(dot - t.s) : 0};
	struct token number = {t.s + name.len + 1, t.len - name.len - 1};
	unsigned lane = dot ? parser_lane(name) : LANE_NONE;
	uint64_t n;

	if (lane == LANE_NONE)
		return scan_fail(s, t.s,
				 "expected a lane and an op, as in A.2 or srcu0.1, got '%.*s'",
				 TOKEN_ARGS(t));
	if (lane == LANE_MAIN)
		return scan_fail(s, t.s, "lane main takes no deviation");
	if (!scan_number(&ps->scan, number, "the op number", UINT8_MAX, &n))
		return false;
	if (!n)
		return scan_fail(s, number.s, "op numbers count from 1");
	if (LANE_IS_THREAD(lane) && n > ps->ops_of[lane])
		return scan_fail(s, number.s, "thread %s has %u ops, no op %u", lane_name(lane),
				 ps->ops_of[lane], (unsigned)n);
	v->lane = (uint8_t)lane;
	v->op = (uint8_t)n;
	return true;
}

/* "mutex_unlock:tail#1" */
static bool parse_primitive(struct parser *ps, struct token t, struct program_deviation *v)
{
	const char *hash = memchr(t.s, '#', t.len);
	struct token name = {t.s, hash ? (size_t)(hash - t.s) : t.len};
	struct token number = {t.s + name.len + 1, t.len - name.len - 1};
	uint64_t n;

	if (!t.len || !hash)
		return scan_fail(&ps->scan, t.s,
				 "expected a primitive, as in mutex_lock#1, got '%.*s'",
				 TOKEN_ARGS(t));
	if (!scan_name(&ps->scan, name, "a primitive's name", NAME_SITE_FIRST, NAME_SITE_REST) ||
	    !parser_intern(ps, name, &v->primitive) ||
	    !scan_number(&ps->scan, number, "the occurrence", UINT16_MAX, &n))
		return false;
	if (!n)
		return scan_fail(&ps->scan, number.s, "occurrences count from 1");
	v->occurrence = (uint16_t)n;
	return true;
}

static bool parse_anchor_site(struct parser *ps, struct program_deviation *v)
{
	struct token t;

	if (!scan_token(&ps->scan, &t))
		return false;
	if (t.len && !memchr(t.s, '#', t.len)) {
		if (!scan_name(&ps->scan, t, "a function or a primitive", NAME_SITE_FIRST,
			       NAME_SITE_REST) ||
		    !parser_intern(ps, t, &v->function) || !scan_token(&ps->scan, &t))
			return false;
	}
	return parse_primitive(ps, t, v);
}

static bool parse_target(struct parser *ps, struct program_deviation *v)
{
	struct token t;
	unsigned lane;

	if (!scan_token(&ps->scan, &t))
		return false;
	lane = parser_lane(t);
	if (lane == LANE_NONE)
		return scan_fail(&ps->scan, t.s, "expected a lane after '->', got '%.*s'",
				 TOKEN_ARGS(t));
	if (lane == LANE_MAIN)
		return scan_fail(&ps->scan, t.s, "no deviation goes to lane main");
	if (LANE_IS_THREAD(lane) && !ps->ops_of[lane])
		return scan_fail(&ps->scan, t.s, "thread %s has no ops", lane_name(lane));
	v->action = DEVIATION_GOTO;
	v->target = (uint8_t)lane;
	return true;
}

static bool parse_action(struct parser *ps, struct program_deviation *v)
{
	struct token t;

	if (!scan_token(&ps->scan, &t))
		return false;
	if (token_is(t, "->"))
		return parse_target(ps, v);
	if (!token_is(t, "fails"))
		return scan_fail(&ps->scan, t.s, "expected '->' or 'fails', got '%.*s'",
				 TOKEN_ARGS(t));
	v->action = DEVIATION_FAILS;
	return true;
}

bool parse_deviation(struct parser *ps)
{
	struct program_deviation *v = &ps->p->deviations[ps->p->deviations_nr];
	struct token t;

	if (!scan_token(&ps->scan, &t))
		return false;
	if (ps->p->deviations_nr == DEVIATIONS_MAX)
		return scan_fail(&ps->scan, t.s, "more than DEVIATIONS_MAX (%d) deviations",
				 DEVIATIONS_MAX);
	*v = (struct program_deviation){0};
	if (!parse_anchor_op(ps, t, v) || !parse_anchor_site(ps, v) || !parse_action(ps, v))
		return false;
	ps->p->deviations_nr++;
	return scan_line_end(&ps->scan, "the deviation");
}

/* "hmm_v3:" */
static bool parse_expect_on(struct parser *ps, struct program_expect *e)
{
	struct token t;

	if (!scan_token(&ps->scan, &t))
		return false;
	if (!t.len || t.s[t.len - 1] != ':')
		return scan_fail(&ps->scan, t.s,
				 "expected a subject or a defect and ':', got '%.*s'",
				 TOKEN_ARGS(t));
	t.len--;
	return scan_name(&ps->scan, t, "a subject or a defect", NAME_WORD_FIRST, NAME_WORD_REST) &&
	       parser_intern(ps, t, &e->on);
}

static bool check_verdict(struct scan *s, struct token t)
{
	if (!memchr(t.s, '@', t.len) && !memchr(t.s, '=', t.len))
		return scan_name(s, t, "a verdict", NAME_WORD_FIRST, NAME_WORD_REST);
	return verdict_fits(t.s, t.len) ||
	       scan_fail(s, t.s, "expected RULE[@FUNCTION[+FUNCTION]][=WORD], got '%.*s'",
			 TOKEN_ARGS(t));
}

bool parse_expect(struct parser *ps, bool named)
{
	struct scan *s = &ps->scan;
	struct program_expect *e = &ps->p->expects[ps->p->expects_nr];
	struct token verdict, object;

	if (ps->p->expects_nr == EXPECTS_MAX)
		return scan_fail(s, s->line_start, "more than EXPECTS_MAX (%d) expect lines",
				 EXPECTS_MAX);
	*e = (struct program_expect){0};
	if (named && !parse_expect_on(ps, e))
		return false;
	if (!scan_token(s, &verdict) || !check_verdict(s, verdict) ||
	    !parser_intern(ps, verdict, &e->verdict) || !scan_token(s, &object))
		return false;
	if (object.len && token_is(verdict, "clean"))
		return scan_fail(s, object.s, "the verdict clean has no object, got '%.*s'",
				 TOKEN_ARGS(object));
	if (object.len &&
	    (!scan_name(s, object, "an object", NAME_OBJECT_FIRST, NAME_OBJECT_REST) ||
	     !parser_intern(ps, object, &e->object)))
		return false;
	ps->p->expects_nr++;
	return scan_line_end(s, "the expectation");
}
