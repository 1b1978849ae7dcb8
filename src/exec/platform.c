/*
 * platform.c - one table for what reads, prints, checks and completes the options of the platform.
 *
 * Looking for races makes the accesses that race scheduling points, unless another granularity is asked
 * for behind it.
 */
#include "exec/platform.h"

#include <stdio.h>
#include <string.h>

#define PLATFORM(field, name, value, words, help)                                                  \
	static unsigned get_##field(const struct sim_strength *s)                                  \
	{                                                                                          \
		return (unsigned)s->field;                                                         \
	}                                                                                          \
	static void set_##field(struct sim_strength *s, unsigned word)                             \
	{                                                                                          \
		s->field = word;                                                                   \
	}
#include "exec/platform.def"
#undef PLATFORM

#define STUB_OPTION "--stub="

static const struct platform_option options[] = {
#define PLATFORM(field, name, value, words, help)                                                  \
	{#name, value, words, help, get_##field, set_##field},
#include "exec/platform.def"
#undef PLATFORM
};

const struct platform_option *platform_at(unsigned index)
{
	return index < sizeof(options) / sizeof(options[0]) ? &options[index] : NULL;
}

/* Returns: the length of word number @nr; 0: there are not so many. */
static int word_at(const struct platform_option *o, unsigned nr, const char **ret)
{
	const char *at = o->words;

	for (; nr && at; nr--)
		at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL;
	*ret = at;
	return at ? (int)strcspn(at, " ") : 0;
}

static bool set(struct sim_strength *s, const struct platform_option *o, const char *word, size_t n)
{
	const char *at;
	int len;

	for (unsigned i = 0; (len = word_at(o, i, &at)); i++) {
		if ((size_t)len != n || strncmp(at, word, n) != 0)
			continue;
		o->set(s, i);
		return true;
	}
	return false;
}

bool platform_set(struct sim_strength *s, const struct platform_option *o, const char *word)
{
	if (o->value[0])
		return set(s, o, word, strlen(word));
	o->set(s, 1);
	if (s->races && s->granularity == SIM_PRIMITIVES)
		s->granularity = SIM_RACY;
	return true;
}

void platform_word(const struct sim_strength *s, const struct platform_option *o, char ret[16])
{
	const char *at;
	int len = word_at(o, o->get(s), &at);

	snprintf(ret, 16, "%.*s", len, at);
}

static void put_stubs(struct text *t)
{
	const char *name;
	long value;

	for (unsigned i = 0; (name = sim_stub_answered(i, &value)); i++)
		text_putf(t, " " STUB_OPTION "%s=%ld", name, value);
}

void platform_put(struct text *t, const struct sim_strength *s)
{
	struct sim_strength without = {0}; /* with the options so far */
	const struct platform_option *o;
	char word[16];

	for (unsigned i = 0; (o = platform_at(i)); i++) {
		if (o->get(s) == o->get(&without))
			continue;
		platform_word(s, o, word);
		platform_set(&without, o, word);
		text_putf(t, " --%s", o->name);
		if (o->value[0])
			text_putf(t, " %s", word);
	}
	put_stubs(t);
}

static const struct platform_option *find(const char *name, size_t n)
{
	const struct platform_option *o;

	for (unsigned i = 0; (o = platform_at(i)); i++)
		if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

const struct platform_option *platform_find(const char *name)
{
	return find(name, strlen(name));
}

/* Returns: the length of " --stub=NAME=VALUE" at the start of the text; 0: it is something else. */
static size_t stub_length(const char *text)
{
	static const char name[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	size_t n = strlen(" " STUB_OPTION), part;

	if (strncmp(text, " " STUB_OPTION, n) != 0)
		return 0;
	part = strspn(text + n, name);
	n += part;
	if (!part || text[n] != '=')
		return 0;
	n += text[n + 1] == '-' ? 2 : 1;
	part = strspn(text + n, "0123456789");
	n += part;
	return part && (!text[n] || text[n] == ' ') ? n : 0;
}

bool platform_read(const char *text, struct sim_strength *ret)
{
	*ret = (struct sim_strength){0};
	while (*text) {
		size_t stub = stub_length(text);
		size_t n = strncmp(text, " --", 3) ? 0 : strcspn(text + 3, " ");
		const struct platform_option *o = n ? find(text + 3, n) : NULL;

		text += stub;
		if (stub)
			continue;
		if (!o)
			return false;
		text += 3 + n;
		if (!o->value[0]) {
			platform_set(ret, o, NULL);
			continue;
		}
		n = *text == ' ' ? strcspn(text + 1, " ") : 0;
		if (!set(ret, o, text + 1, n))
			return false;
		text += 1 + n;
	}
	return true;
}
