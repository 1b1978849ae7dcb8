/*
 * parse.c - the frame of a program's text: the comment, the two header lines, and whose line is
 * whose.
 *
 * The input is untrusted. Every line is read once, from left to right; the first thing that is
 * wrong ends it, with the place of the token and what was expected there. A program that comes out
 * of here has passed program_validate(), which knows the same rules without places.
 *
 * The sections come in a fixed order (set-up, threads, schedule, expectations), and a line of an
 * earlier section after one of a later section is an error, so that printing never reorders
 * anything.
 */
#include "program/parser.h"

#include "base/panic.h"

static unsigned name_slot(struct token t)
{
	return (unsigned)(t.len + 3u * (uint8_t)t.s[t.len - 1] + 5u * (uint8_t)t.s[t.len / 2]) %
	       NAME_SLOTS;
}

bool parser_intern(struct parser *ps, struct token t, uint16_t *ret)
{
	struct name_index *names = &ps->name_index;
	uint16_t *first = &names->first[name_slot(t)];
	int at;

	for (unsigned i = *first; i; i = names->next[i - 1])
		if (names->len[i - 1] == t.len &&
		    !memcmp(ps->p->pool + names->at[i - 1], t.s, t.len)) {
			*ret = names->at[i - 1];
			return true;
		}
	at = pool_append(ps->p, t.s, t.len);
	if (at < 0)
		return scan_fail(&ps->scan, t.s, "names and comments are over POOL_MAX (%d bytes)",
				 POOL_MAX);
	*ret = names->at[names->nr] = (uint16_t)at;
	names->len[names->nr] = (uint16_t)t.len;
	names->next[names->nr] = *first;
	*first = (uint16_t)++names->nr;
	return true;
}

unsigned parser_lane(struct token t)
{
	if (t.len == 1 && t.s[0] >= 'A' && t.s[0] < 'A' + THREADS_MAX)
		return (unsigned)(t.s[0] - 'A') + LANE_A;
	for (unsigned lane = 0; lane < LANES; lane++)
		if (token_names(t, lane_name(lane)))
			return lane;
	return LANE_NONE;
}

/* Comment lines follow one another in the pool: they are read before any name is interned. */
static bool keep_comment(struct parser *ps, struct token t)
{
	struct program *p = ps->p;
	size_t at = p->comment ? p->pool_len - 1u : p->pool_len;

	if (t.len + 2 > POOL_MAX - at)
		return scan_fail(&ps->scan, t.s, "names and comments are over POOL_MAX (%d bytes)",
				 POOL_MAX);
	memcpy(p->pool + at, t.s, t.len);
	memcpy(p->pool + at + t.len, "\n", 2);
	if (!p->comment)
		p->comment = (uint16_t)at;
	p->pool_len = (uint16_t)(at + t.len + 2);
	return true;
}

/* The next header line; comments are kept before the first one and dropped after it. */
static bool header_line(struct parser *ps, const char *word, bool keep_comments)
{
	struct scan *s = &ps->scan;
	enum scan_line kind;
	struct token t;

	while ((kind = scan_line(s, &t)) == SCAN_COMMENT)
		if (keep_comments && !keep_comment(ps, t))
			return false;
	if (kind == SCAN_BAD)
		return false;
	if (kind == SCAN_END)
		return scan_fail(s, s->at, "expected '%s', got the end of the text", word);
	if (!scan_token(s, &t))
		return false;
	if (kind == SCAN_INDENTED)
		return scan_fail(s, t.s, "unexpected blanks before '%.*s'", TOKEN_ARGS(t));
	if (!token_is(t, word))
		return scan_fail(s, t.s, "expected '%s', got '%.*s'", word, TOKEN_ARGS(t));
	return true;
}

static bool parse_version(struct parser *ps)
{
	struct scan *s = &ps->scan;
	struct token t;

	if (!header_line(ps, "bondfuzz", true) || !scan_token(s, &t))
		return false;
	if (!token_is(t, "1"))
		return scan_fail(s, t.s, "expected version 1, got '%.*s'", TOKEN_ARGS(t));
	return scan_line_end(s, "the version");
}

bool parser_fail_lack(const struct parser *ps, struct token t, const struct lack *lacks)
{
	while (lacks && lacks->name && !token_names(t, lacks->name))
		lacks++;
	if (!lacks || !lacks->name)
		return false;
	scan_fail(&ps->scan, t.s, "'%s' is not in this program: %s", lacks->name, lacks->why);
	ps->scan.error->lack = lacks;
	return true;
}

static bool fail_subject(const struct parser *ps, struct token t)
{
	char known[96];
	struct text list = text_init(known, sizeof(known));

	if (parser_fail_lack(ps, t, ps->names->absent))
		return false;
	for (const struct descriptor *const *d = ps->names->subjects; *d; d++) {
		text_puts(&list, d == ps->names->subjects ? "" : ", ");
		text_puts(&list, (*d)->name);
	}
	if (!t.len)
		return scan_fail(&ps->scan, t.s, "expected a subject: %s", known);
	return scan_fail(&ps->scan, t.s, "unknown subject '%.*s'; known: %s", TOKEN_ARGS(t), known);
}

static bool parse_subject(struct parser *ps)
{
	struct scan *s = &ps->scan;
	struct token t;

	if (!header_line(ps, "subject", false) || !scan_token(s, &t))
		return false;
	for (const struct descriptor *const *d = ps->names->subjects; *d; d++)
		if (token_names(t, (*d)->name)) {
			ps->p->descriptor = *d;
			return scan_line_end(s, "the subject");
		}
	return fail_subject(ps, t);
}

static bool parse_flush_line(struct parser *ps)
{
	struct scan *s = &ps->scan;
	struct token t;

	if (!scan_token(s, &t))
		return false;
	if (token_is(t, "expect:") || token_is(t, "expect"))
		return parse_expect(ps, t.len == strlen("expect"));
	if (ps->p->expects_nr)
		return scan_fail(s, t.s, "expected 'expect' or the end of the text, got '%.*s'",
				 TOKEN_ARGS(t));
	if (ps->p->scheduled)
		return scan_fail(s, t.s, "expected an indented deviation or 'expect', got '%.*s'",
				 TOKEN_ARGS(t));
	return token_is(t, "schedule:") ? parse_schedule(ps) : parse_op_line(ps, t);
}

static bool parse_indented_line(struct parser *ps)
{
	if (ps->p->scheduled && !ps->p->expects_nr)
		return parse_deviation(ps);
	return scan_fail(&ps->scan, ps->scan.at, "unexpected blanks: only deviations are indented");
}

static bool parse_body(struct parser *ps)
{
	struct token comment;

	for (;;) {
		switch (scan_line(&ps->scan, &comment)) {
		case SCAN_BAD:
			return false;
		case SCAN_END:
			return true;
		case SCAN_COMMENT:
			break;
		case SCAN_FLUSH:
			if (!parse_flush_line(ps))
				return false;
			break;
		case SCAN_INDENTED:
			if (!parse_indented_line(ps))
				return false;
			break;
		}
	}
}

static bool fail_length(const struct parser *ps, const char *data)
{
	struct scan at_start = scan_init(data, 0, ps->scan.error);

	return scan_fail(&at_start, data, "the text is longer than PROGRAM_TEXT_MAX (%d bytes)",
			 PROGRAM_TEXT_MAX);
}

bool program_parse(const char *data, size_t len, const struct program_names *names,
		   struct program *ret, struct program_error *error)
{
	struct parser ps;

	ps.scan = scan_init(data, len, error);
	ps.names = names;
	ps.p = ret;
	ps.scope = (struct scope){{0}};
	memset(ps.ops_of, 0, sizeof(ps.ops_of));
	memset(ps.name_index.first, 0, sizeof(ps.name_index.first));
	ps.name_index.nr = 0;
	ps.op_index_built = false;
	if (len > PROGRAM_TEXT_MAX)
		return fail_length(&ps, data);
	program_init(ret, NULL);
	if (!parse_version(&ps) || !parse_subject(&ps) || !parse_body(&ps))
		return false;
	/* The canonical text may be longer: it indents by two, and ends its last line. */
	if (program_too_long(ret))
		return fail_length(&ps, data);
	must(!program_validate(ret));
	return true;
}
