/*
 * json.h - JSON as it is written here, and reading JSON of unknown origin into structs: bounded,
 * typed, with the key in the complaint.
 *
 * Objects are filled one key at a time, not by json_pack(): its types are in a string that no compiler
 * compares with the arguments, and one text that is no UTF-8 would lose the whole object.
 */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** json_put_count() - a whole number */
void json_put_count(json_t *row, const char *key, uint64_t n);

/** json_put_text() - a text, of unknown origin if need be; null for NULL and "" */
void json_put_text(json_t *row, const char *key, const char *text);

/* The first thing that was wrong stays in @why; whatever follows a fault changes nothing. */
struct json_reader {
	const json_t *object;
	char why[256]; /* empty: all was well so far */
};

/** json_parse() - an object; NULL and a reason with line and column in @why otherwise */
json_t *json_parse(const char *data, size_t len, char *why, size_t cap);

/** json_get_text() - a string of less than @cap bytes; "" where @optional and missing or null */
void json_get_text(struct json_reader *r, const char *key, char *ret, size_t cap, bool optional);

/** json_get_count() - a whole number from 0 to @max */
uint64_t json_get_count(struct json_reader *r, const char *key, uint64_t max);

/** json_get_seconds() - a number that is not negative */
double json_get_seconds(struct json_reader *r, const char *key);

/** json_get_time() - a moment as finding_now() writes it; one that is none is a fault */
void json_get_time(struct json_reader *r, const char *key, char ret[24]);

/** json_fault() - remember a complaint, if it is the first */
void json_fault(struct json_reader *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** json_text() - a string from outside; bytes that are no UTF-8 become "?" */
json_t *json_text(const char *text);

/** json_print() - one object, one line; takes the reference */
void json_print(json_t *row);

#endif
