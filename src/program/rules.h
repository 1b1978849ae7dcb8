/*
 * rules.h - the small rules that several verbs share: bytes, names, and what is bound so far.
 *
 * Private to src/program/. Each rule of the language that parser, validator and generator must
 * agree on has its one home here.
 */
#ifndef PROGRAM_RULES_H
#define PROGRAM_RULES_H

#include "program/program.h"

/* What a byte may be part of. */
enum byte_class {
	BYTE_TOKEN = 1,	   /* printable ASCII but the space */
	BYTE_BLANK = 2,	   /* space and tab */
	BYTE_LOWER = 4,	   /* a-z and '_' */
	BYTE_UPPER = 8,	   /* A-Z */
	BYTE_DIGIT = 16,   /* 0-9 */
	BYTE_COLON = 32,   /* ':' */
	BYTE_COMMENT = 64, /* all but control characters; the tab is welcome */
};

/** byte_classes() - the classes of one byte, a set of enum byte_class */
static inline unsigned byte_classes(char c)
{
	static const uint8_t classes[256] = {
		['\t'] = BYTE_BLANK | BYTE_COMMENT,
		[' '] = BYTE_BLANK | BYTE_COMMENT,
		['!' ... '/'] = BYTE_TOKEN | BYTE_COMMENT,
		['0' ... '9'] = BYTE_TOKEN | BYTE_COMMENT | BYTE_DIGIT,
		[':'] = BYTE_TOKEN | BYTE_COMMENT | BYTE_COLON,
		[';' ... '@'] = BYTE_TOKEN | BYTE_COMMENT,
		['A' ... 'Z'] = BYTE_TOKEN | BYTE_COMMENT | BYTE_UPPER,
		['[' ... '^'] = BYTE_TOKEN | BYTE_COMMENT,
		['_'] = BYTE_TOKEN | BYTE_COMMENT | BYTE_LOWER,
		['`'] = BYTE_TOKEN | BYTE_COMMENT,
		['a' ... 'z'] = BYTE_TOKEN | BYTE_COMMENT | BYTE_LOWER,
		['{' ... '~'] = BYTE_TOKEN | BYTE_COMMENT,
		[0x80 ... 0xff] = BYTE_COMMENT,
	};

	return classes[(uint8_t)c];
}

/* The two kinds of name: the classes that may stand first, and those that may follow. */
#define NAME_WORD_FIRST (BYTE_LOWER) /* clean, dead_use, device0 */
#define NAME_WORD_REST (BYTE_LOWER | BYTE_DIGIT)
#define NAME_OBJECT_FIRST (BYTE_LOWER | BYTE_UPPER) /* device0, LEN */
#define NAME_OBJECT_REST (BYTE_LOWER | BYTE_UPPER | BYTE_DIGIT)
#define NAME_SITE_FIRST (BYTE_LOWER | BYTE_UPPER) /* SetPageDirty, mutex_unlock:tail */
#define NAME_SITE_REST (BYTE_LOWER | BYTE_UPPER | BYTE_DIGIT | BYTE_COLON)

/** name_fits() - is it a name of those classes? Its length is not looked at. */
static inline bool name_fits(const char *s, size_t len, unsigned first, unsigned rest)
{
	if (!len || !(byte_classes(s[0]) & first))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!(byte_classes(s[i]) & rest))
			return false;
	return true;
}

/** verdict_fits() - a rule and where it was broken: RULE[@FUNCTION[+FUNCTION]][=WORD] */
bool verdict_fits(const char *s, size_t len);

/* The objects that are bound at some place of a program: a bit per number. */
struct scope {
	uint16_t bound[OBJECT_KINDS_MAX];
};

_Static_assert(OBJECTS_MAX <= 16, "struct scope keeps a bit per object");
_Static_assert(OPS_MAX < 0xff, "op indexes are bytes, and 0xff means none");
_Static_assert(DEVIATIONS_MAX <= UINT8_MAX, "struct program counts deviations in a byte");

/** scope_has() - is it bound? Any number may be asked for. */
static inline bool scope_has(const struct scope *s, unsigned kind, uint32_t number)
{
	return number < OBJECTS_MAX && s->bound[kind] >> number & 1;
}

/** scope_add() - the object that an op binds, if it binds one */
static inline void scope_add(struct scope *s, const struct op_type *type,
			     const struct program_op *op)
{
	if (type->gives >= 0)
		s->bound[type->gives] |= (uint16_t)(1u << op->result);
}

/** scope_free() - the lowest number of a kind that is not bound, or -1 */
static inline int scope_free(const struct scope *s, unsigned kind)
{
	for (int i = 0; i < OBJECTS_MAX; i++)
		if (!(s->bound[kind] >> i & 1))
			return i;
	return -1;
}

/** place_fits() - may the op stand in that lane? */
static inline bool place_fits(const struct op_type *type, unsigned lane)
{
	return type->place != (lane == LANE_MAIN ? PLACE_THREAD : PLACE_SETUP);
}

/** pool_append() - program_intern() of a name that is known not to be in the pool */
int pool_append(struct program *p, const char *name, size_t len);

/** program_too_long() - is the printed program longer than PROGRAM_TEXT_MAX? */
bool program_too_long(const struct program *p);

#endif
