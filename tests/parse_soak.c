/*
 * parse_soak.c - `parse_soak COUNT SEED`: texts that are almost programs, into the parser.
 *
 * Every text is a printed program with one to four wounds. Each must parse, and then print and
 * parse keep the law and the data is valid; or be refused, with a place inside the text and a
 * reason. Meant to run under ASan and UBSan; the text is parsed where the allocation ends, so that
 * one byte read too many is seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "program_descriptor.h"

#define BASE_RUNS 64 /* texts that are made from one program */
#define TEXT_MAX (PROGRAM_TEXT_MAX + 4096)

struct soak {
	struct rng rng;
	char base[PROGRAM_TEXT_MAX + 1];
	size_t base_len;
	char text[TEXT_MAX];
	size_t len;
	uint64_t parsed, refused;
};

static void splice(struct soak *s, size_t at, const char *bytes, size_t n)
{
	if (n > TEXT_MAX - s->len)
		return;
	memmove(s->text + at + n, s->text + at, s->len - at);
	memcpy(s->text + at, bytes, n);
	s->len += n;
}

static size_t pick_at(struct soak *s)
{
	return rng_below(&s->rng, (uint32_t)s->len + 1);
}

static void flip_byte(struct soak *s)
{
	if (s->len)
		s->text[rng_below(&s->rng, (uint32_t)s->len)] ^=
			(char)(1u << rng_below(&s->rng, 8));
}

static void put_byte(struct soak *s)
{
	char byte = (char)rng_next(&s->rng);

	if (rng_chance(&s->rng, 4))
		byte = '\0';
	splice(s, pick_at(s), &byte, 1);
}

static void delete_chunk(struct soak *s)
{
	size_t at = pick_at(s), n = rng_below(&s->rng, 20);

	if (n > s->len - at)
		n = s->len - at;
	memmove(s->text + at, s->text + at + n, s->len - at - n);
	s->len -= n;
}

static void duplicate_chunk(struct soak *s)
{
	char chunk[32];
	size_t at = pick_at(s), n = rng_below(&s->rng, sizeof(chunk));

	if (n > s->len - at)
		n = s->len - at;
	memcpy(chunk, s->text + at, n);
	splice(s, pick_at(s), chunk, n);
}

/* Line starts are where the grammar decides most. */
static size_t pick_line(struct soak *s)
{
	size_t at = pick_at(s);

	while (at && s->text[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_len(const struct soak *s, size_t at)
{
	const char *newline = memchr(s->text + at, '\n', s->len - at);

	return newline ? (size_t)(newline - s->text) + 1 - at : s->len - at;
}

static void duplicate_line(struct soak *s)
{
	char line[256];
	size_t from = pick_line(s), n = line_len(s, from);

	if (n > sizeof(line))
		return;
	memcpy(line, s->text + from, n);
	splice(s, pick_line(s), line, n);
}

static void delete_line(struct soak *s)
{
	size_t at = pick_line(s), n = line_len(s, at);

	memmove(s->text + at, s->text + at + n, s->len - at - n);
	s->len -= n;
}

static void splice_keyword(struct soak *s)
{
	static const char *const words[] = {
		"bondfuzz 1\n",
		"subject toy\n",
		"schedule:\n",
		"schedule: urw seed=7\n",
		"expect: clean\n",
		"expect toy_v1: dead_use mm0\n",
		"A: ",
		"F: ",
		"  A.1 f#1 -> B\n",
		"  srcu0.3 g f:tail#2 fails\n",
		" = ",
		"mm0",
		"mm1 = mm_create\n",
		"bond0 ",
		"# comment\n",
		"\n",
		"\r\n",
		"\t",
		"sva_bind ",
		"dma ",
		"->",
		"seed=",
		"main",
		"#",
	};
	const char *word = words[rng_below(&s->rng, sizeof(words) / sizeof(words[0]))];

	splice(s, rng_chance(&s->rng, 2) ? pick_line(s) : pick_at(s), word, strlen(word));
}

static void splice_long_token(struct soak *s)
{
	char token[4096];
	size_t n = 1 + rng_below(&s->rng, rng_chance(&s->rng, 50) ? sizeof(token) : 64);

	memset(token, "a9_:A#"[rng_below(&s->rng, 6)], n);
	splice(s, pick_at(s), token, n);
}

static void splice_number(struct soak *s)
{
	static const char *const numbers[] = {
		"0",
		"1",
		"7",
		"8",
		"33",
		"00",
		"255",
		"256",
		"65535",
		"65536",
		"4294967295",
		"4294967296",
		"18446744073709551615",
		"18446744073709551616",
		"99999999999999999999999999",
		"-1",
	};
	const char *number = numbers[rng_below(&s->rng, sizeof(numbers) / sizeof(numbers[0]))];

	splice(s, pick_at(s), number, strlen(number));
}

static void (*const wounds[])(struct soak *s) = {
	flip_byte,   put_byte,	     delete_chunk,	duplicate_chunk, duplicate_line,
	delete_line, splice_keyword, splice_long_token, splice_number,
};

/* Deviations and expectations are never generated; the parser has to see them all the same. */
static void new_base(struct soak *s)
{
	static const char *const ends[] = {
		"",
		"  A.1 do_exit down_write#1 -> A\n  rcu.1 kfree#2 fails\n",
		"expect: clean\n",
		"  srcu0.2 f:tail#3 -> srcu1\nexpect: clean\nexpect toy_v1: leak mm0\n",
	};
	static struct program p;
	struct text t = text_init(s->base, sizeof(s->base));

	program_generate(&p, &toy, &toy_shape, &s->rng);
	program_print(&p, &t);
	text_puts(&t, ends[rng_below(&s->rng, 4)]);
	must(!t.full);
	s->base_len = t.len;
}

static void make_text(struct soak *s)
{
	unsigned nr = 1 + rng_below(&s->rng, 1 + rng_below(&s->rng, 4));

	memcpy(s->text, s->base, s->base_len);
	s->len = s->base_len;
	while (nr--)
		wounds[rng_below(&s->rng, sizeof(wounds) / sizeof(wounds[0]))](s);
}

static void check_parsed(const struct program *p)
{
	static char buffers[2][PROGRAM_TEXT_MAX + 1];
	static struct program again;
	struct text first = text_init(buffers[0], sizeof(buffers[0]));
	struct text second = text_init(buffers[1], sizeof(buffers[1]));
	struct program_error error;

	must(!program_validate(p));
	program_print(p, &first);
	must(!first.full);
	must(program_parse(first.data, first.len, &toy_names, &again, &error));
	program_print(&again, &second);
	must(first.len == second.len && !memcmp(first.data, second.data, first.len));
}

static void check_text(struct soak *s)
{
	static char exact[TEXT_MAX];
	static struct program p;
	struct program_error error = {0};
	char *data = exact + TEXT_MAX - s->len;

	memcpy(data, s->text, s->len);
	if (program_parse(data, s->len, &toy_names, &p, &error)) {
		check_parsed(&p);
		s->parsed++;
		return;
	}
	must(error.line >= 1 && error.column >= 1 && error.column <= s->len + 1);
	must(error.message[0] && memchr(error.message, 0, sizeof(error.message)));
	s->refused++;
}

int main(int argc, char **argv)
{
	static struct soak s;
	uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

	s.rng = rng_init(seed);
	for (uint64_t i = 0; i < count; i++) {
		if (i % BASE_RUNS == 0)
			new_base(&s);
		make_text(&s);
		check_text(&s);
	}
	printf("parsed %" PRIu64 ", refused %" PRIu64 ", seed %" PRIu64 "\n", s.parsed, s.refused,
	       seed);
	return 0;
}
