/*
 * json.c - see json.h. Depth is bounded by jansson, size by who read the file.
 */
#include "format/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "format/visible.h"

#define TIME_FORMAT "%Y-%m-%dT%H:%M:%SZ"

void json_put_count(json_t *row, const char *key, uint64_t n)
{
	json_object_set_new(row, key, json_integer((json_int_t)n));
}

void json_put_text(json_t *row, const char *key, const char *text)
{
	json_object_set_new(row, key, text && text[0] ? json_text(text) : json_null());
}

json_t *json_parse(const char *data, size_t len, char *why, size_t cap)
{
	json_error_t error;
	json_t *root;

	if (!len) {
		snprintf(why, cap, "empty");
		return NULL;
	}
	root = json_loadb(data, len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(root))
		return root;
	if (root)
		snprintf(why, cap, "not an object");
	else
		snprintf(why, cap, "%d:%d: %s", error.line, error.column, visible(error.text));
	json_decref(root);
	return NULL;
}

void json_fault(struct json_reader *r, const char *format, ...)
{
	va_list ap;

	if (r->why[0])
		return;
	va_start(ap, format);
	vsnprintf(r->why, sizeof(r->why), format, ap);
	va_end(ap);
}

static const json_t *get(struct json_reader *r, const char *key, bool optional)
{
	const json_t *value = json_object_get(r->object, key);

	if (json_is_null(value))
		value = NULL;
	if (!value && !optional)
		json_fault(r, "'%s' is missing", key);
	return value;
}

void json_get_text(struct json_reader *r, const char *key, char *ret, size_t cap, bool optional)
{
	const json_t *value = get(r, key, optional);

	ret[0] = '\0';
	if (value && !json_is_string(value))
		json_fault(r, "'%s' is not a text", key);
	else if (value && json_string_length(value) >= cap)
		json_fault(r, "'%s' has more than %zu bytes", key, cap - 1);
	else if (value)
		strcpy(ret, json_string_value(value));
}

void json_get_time(struct json_reader *r, const char *key, char ret[24])
{
	struct tm tm = {0};
	char again[24] = "";
	time_t t;

	json_get_text(r, key, ret, 24, false);
	if (!strptime(ret, TIME_FORMAT, &tm))
		ret[0] = '\0';
	t = timegm(&tm);
	strftime(again, sizeof(again), TIME_FORMAT, gmtime_r(&t, &tm));
	if (strcmp(ret, again) != 0)
		json_fault(r, "'%s' is not a time as 2026-01-31T12:00:00Z", key);
}

uint64_t json_get_count(struct json_reader *r, const char *key, uint64_t max)
{
	const json_t *value = get(r, key, false);
	json_int_t n = json_integer_value(value);

	if (!value)
		return 0;
	if (json_is_integer(value) && n >= 0 && (uint64_t)n <= max)
		return (uint64_t)n;
	json_fault(r, "'%s' is not a whole number from 0 to %llu", key, (unsigned long long)max);
	return 0;
}

double json_get_seconds(struct json_reader *r, const char *key)
{
	const json_t *value = get(r, key, false);
	double n = json_number_value(value);

	if (!value)
		return 0;
	if (json_is_number(value) && isfinite(n) && n >= 0)
		return n;
	json_fault(r, "'%s' is not a number of seconds", key);
	return 0;
}

json_t *json_text(const char *text)
{
	json_t *json = json_string(text);
	char *copy = json ? NULL : strdup(text);

	for (char *c = copy; c && *c; c++)
		if (*c & 0x80)
			*c = '?';
	if (copy)
		json = json_string(copy);
	free(copy);
	return json;
}

void json_print(json_t *row)
{
	char *line = json_dumps(row, JSON_COMPACT | JSON_PRESERVE_ORDER);

	puts(line ? line : "{}");
	fflush(stdout);
	free(line);
	json_decref(row);
}
