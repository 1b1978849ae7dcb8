/*
 * campaign.c - see campaign.h. One object, small enough to be written every few seconds.
 */
#include "campaign/campaign.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "campaign/folder.h"
#include "format/json.h"

static const char *const state_keys[OBJECT_STATES] = {"none", "absent", "open", "in_use",
						      "closing"};

const char *campaign_state_name(unsigned state)
{
	static const char *const names[OBJECT_STATES] = {"no object", "absent", "open", "in use",
							 "closing"};

	return names[state];
}

/* The interval doubles with each thinning: the curve is even, however long it is. */
void campaign_note(struct campaign *c)
{
	double last = c->points_nr ? c->point[c->points_nr - 1].seconds : -1;
	double first_step = c->points_nr > 1 ? c->point[1].seconds - c->point[0].seconds : 0;

	if (c->points_nr && c->seconds - last < first_step * 0.9)
		return;
	if (c->points_nr == POINTS_MAX) {
		for (unsigned i = 0; i < POINTS_MAX / 2; i++)
			c->point[i] = c->point[2 * i];
		c->points_nr = POINTS_MAX / 2;
	}
	c->point[c->points_nr++] = (struct campaign_point){c->seconds, c->runs, c->findings};
}

/* ---- written ---- */

static json_t *ops_json(const struct campaign *c)
{
	json_t *ops = json_array();

	for (unsigned i = 0; i < c->ops_nr; i++) {
		json_t *op = json_object();

		json_object_set_new(op, "op", json_text(c->op[i].name));
		for (unsigned s = 0; s < OBJECT_STATES; s++)
			json_put_count(op, state_keys[s], c->op[i].runs[s]);
		json_array_append_new(ops, op);
	}
	return ops;
}

static json_t *points_json(const struct campaign *c)
{
	json_t *points = json_array();

	for (unsigned i = 0; i < c->points_nr; i++) {
		json_t *p = json_object();

		json_object_set_new(p, "seconds", json_real(c->point[i].seconds));
		json_put_count(p, "runs", c->point[i].runs);
		json_put_count(p, "findings", c->point[i].findings);
		json_array_append_new(points, p);
	}
	return points;
}

static json_t *campaign_json(const struct campaign *c)
{
	json_t *row = json_object();

	json_put_count(row, "campaign", CAMPAIGN_FORMAT);
	json_put_text(row, "subject", c->subject);
	json_put_text(row, "defect", c->defect);
	json_put_text(row, "options", c->options);
	json_put_text(row, "build", c->build);
	json_put_text(row, "version", c->version);
	json_put_count(row, "seed", c->seed);
	json_put_text(row, "started", c->started);
	json_put_text(row, "updated", c->updated);
	json_put_count(row, "sessions", c->sessions);
	json_object_set_new(row, "seconds", json_real(c->seconds));
	json_put_count(row, "runs", c->runs);
	json_put_count(row, "steps", c->steps);
	json_put_count(row, "threads", c->threads);
	json_put_count(row, "inputs", c->inputs);
	json_put_count(row, "findings", c->findings);
	json_object_set_new(row, "ops", ops_json(c));
	json_object_set_new(row, "over_time", points_json(c));
	return row;
}

const char *campaign_write(int at, const struct campaign *c)
{
	json_t *row = campaign_json(c);
	char *text = json_dumps(row, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	const char *why;

	must(text);
	json_decref(row);
	why = folder_write(at, CAMPAIGN_JSON, text, strlen(text));
	free(text);
	return why;
}

/* ---- read ---- */

static const json_t *get_array(struct json_reader *r, const char *key, size_t max)
{
	const json_t *a = json_object_get(r->object, key);

	if (!json_is_array(a) || json_array_size(a) > max)
		json_fault(r, "'%s' is not a list of at most %zu", key, max);
	return r->why[0] ? NULL : a;
}

static void get_ops(struct json_reader *r, struct campaign *ret)
{
	const json_t *ops = get_array(r, "ops", OPS_OF_SUBJECT_MAX);

	for (size_t i = 0; !r->why[0] && i < json_array_size(ops); i++) {
		struct campaign_op *op = &ret->op[ret->ops_nr++];
		struct json_reader at = {.object = json_array_get(ops, i)};

		json_get_text(&at, "op", op->name, sizeof(op->name), false);
		for (unsigned s = 0; s < OBJECT_STATES; s++)
			op->runs[s] = json_get_count(&at, state_keys[s], FINDING_COUNT_MAX);
		if (at.why[0])
			json_fault(r, "ops, row %zu: %s", i + 1, at.why);
	}
}

static void get_points(struct json_reader *r, struct campaign *ret)
{
	const json_t *points = get_array(r, "over_time", POINTS_MAX);

	for (size_t i = 0; !r->why[0] && i < json_array_size(points); i++) {
		struct campaign_point *p = &ret->point[ret->points_nr++];
		struct json_reader at = {.object = json_array_get(points, i)};

		p->seconds = json_get_seconds(&at, "seconds");
		p->runs = json_get_count(&at, "runs", FINDING_COUNT_MAX);
		p->findings = json_get_count(&at, "findings", FINDING_COUNT_MAX);
		if (at.why[0])
			json_fault(r, "over_time, row %zu: %s", i + 1, at.why);
	}
}

#define GET_TEXT(key, optional) json_get_text(r, #key, ret->key, sizeof(ret->key), optional)
#define GET_COUNT(key) (ret->key = json_get_count(r, #key, FINDING_COUNT_MAX))

static void get_campaign(struct json_reader *r, struct campaign *ret)
{
	if (json_get_count(r, "campaign", 1000) != CAMPAIGN_FORMAT)
		json_fault(r, "'campaign' is not %d: written by another version", CAMPAIGN_FORMAT);
	GET_TEXT(subject, false);
	GET_TEXT(defect, true);
	GET_TEXT(options, true);
	GET_TEXT(build, false);
	GET_TEXT(version, false);
	json_get_time(r, "started", ret->started);
	json_get_time(r, "updated", ret->updated);
	GET_COUNT(seed);
	GET_COUNT(sessions);
	GET_COUNT(runs);
	GET_COUNT(steps);
	GET_COUNT(threads);
	GET_COUNT(inputs);
	GET_COUNT(findings);
	ret->seconds = json_get_seconds(r, "seconds");
	get_ops(r, ret);
	get_points(r, ret);
}

const char *campaign_read(int at, struct campaign *ret)
{
	static struct json_reader r;
	static struct campaign c;
	const char *why;
	json_t *root;
	char *data;
	size_t len;

	why = folder_read(at, CAMPAIGN_JSON, CAMPAIGN_JSON_MAX, &data, &len);
	if (why)
		return why;
	memset(&c, 0, sizeof(c));
	r.why[0] = '\0';
	r.object = root = json_parse(data, len, r.why, sizeof(r.why));
	free(data);
	if (root)
		get_campaign(&r, &c);
	json_decref(root);
	if (r.why[0])
		return r.why;
	*ret = c;
	return NULL;
}
