/*
 * triage_sarif.c - findings for tools that read static analysis: SARIF 2.1.0 (OASIS), one run.
 *
 * A rule of ours is a rule of theirs; a signature is a result, and its fingerprint, so that a
 * tracker knows it again. What could not be read is a notification, and the run was not successful.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "export/triage.h"
#include "format/json.h"
#include "trace/rule.h"

#define SCHEMA                                                                                     \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"                      \
	"sarif-schema-2.1.0.json"

static json_t *message(const char *text)
{
	json_t *m = json_object();

	json_object_set_new(m, "text", json_text(text));
	return m;
}

/* Of a path: what a URI may not have is written as %XX. */
static json_t *uri(const char *path)
{
	char data[8192];
	struct text t = text_init(data, sizeof(data));

	for (const unsigned char *c = (const unsigned char *)path; *c; c++)
		if (isalnum(*c) || strchr("/._-~", *c))
			text_putc(&t, (char)*c);
		else
			text_putf(&t, "%%%02X", *c);
	return json_string(data);
}

/* ---- rules ---- */

/* The number of a rule in the table of the run, where it is added if it is new. */
static size_t rule_index(json_t *rules, const char *name)
{
	const struct rule_row *rule = rule_row(rule_find(name));
	const char *sentence = rule ? rule->sentence : "the process that fuzzed died";
	json_t *row, *short_text;
	size_t i;

	json_array_foreach(rules, i, row) if (strcmp(json_string_value(json_object_get(row, "id")),
						     name) == 0) return i;
	row = json_object();
	short_text = message(sentence);
	json_object_set_new(row, "id", json_text(name));
	json_object_set_new(row, "shortDescription", short_text);
	json_array_append_new(rules, row);
	return i;
}

/* ---- results ---- */

static json_t *logical(const char *function)
{
	json_t *l = json_object(), *list = json_array();

	json_object_set_new(l, "name", json_text(function));
	json_object_set_new(l, "kind", json_string("function"));
	json_array_append_new(list, l);
	return list;
}

static json_t *physical(const char *file, size_t len, unsigned line)
{
	json_t *p = json_object(), *artifact = json_object(), *region;
	char name[128];

	snprintf(name, sizeof(name), "%.*s", (int)len, file);
	json_object_set_new(artifact, "uri", uri(name));
	json_object_set_new(artifact, "uriBaseId", json_string("SRCROOT"));
	json_object_set_new(p, "artifactLocation", artifact);
	if (line) {
		region = json_object();
		json_put_count(region, "startLine", line);
		json_object_set_new(p, "region", region);
	}
	return p;
}

/* @at is "src/core/hmm.c:214"; either of both may be empty. NULL: neither is known. */
static json_t *location(const char *at, const char *function)
{
	const char *colon = strrchr(at, ':');
	json_t *l = json_object();

	if (colon)
		json_object_set_new(
			l, "physicalLocation",
			physical(at, (size_t)(colon - at), (unsigned)strtoul(colon + 1, NULL, 10)));
	if (function[0])
		json_object_set_new(l, "logicalLocations", logical(function));
	if (json_object_size(l))
		return l;
	json_decref(l);
	return NULL;
}

static void add_locations(json_t *result, const struct finding *f)
{
	static const char *const keys[] = {"locations", "relatedLocations"};

	for (unsigned i = 0; i < 2; i++) {
		json_t *list = json_array(), *l = location(f->at[i], f->where[i]);

		if (l)
			json_array_append_new(list, l);
		json_object_set_new(result, keys[i], list);
	}
}

static json_t *properties(const struct group *group)
{
	const struct kept_finding *best = group->best;
	static char replay[32768];
	struct text t = text_init(replay, sizeof(replay));
	json_t *p = json_object();

	if (best->program)
		finding_replay(&best->f, "bondfuzz", best->program, &t);
	json_put_count(p, "seen", group->seen);
	json_put_count(p, "campaigns", group->campaigns);
	json_object_set_new(p, "firstSeen", json_text(group->first_seen));
	json_object_set_new(p, "lastSeen", json_text(group->last_seen));
	json_object_set_new(p, "subjects", json_text(group->subjects));
	json_object_set_new(p, "defects", json_text(group->defects));
	json_object_set_new(p, "replay", json_text(replay));
	json_object_set_new(p, "state", json_string(replay_state_name(best->state)));
	return p;
}

static json_t *result(const struct group *group, json_t *rules)
{
	const struct finding *f = &group->best->f;
	const struct rule_row *rule = rule_row(rule_find(f->verdict));
	json_t *r = json_object(), *prints = json_object();
	char text[512];

	snprintf(text, sizeof(text), "%s: %s: %s", f->subject,
		 f->object[0] ? f->object : f->verdict, rule ? rule->sentence : f->signature);
	json_object_set_new(r, "ruleIndex",
			    json_integer((json_int_t)rule_index(rules, f->verdict)));
	json_object_set_new(r, "ruleId", json_text(f->verdict));
	json_object_set_new(r, "level", json_string("error"));
	json_object_set_new(r, "message", message(text));
	add_locations(r, f);
	json_object_set_new(prints, "bondfuzzSignature/v1", json_text(f->signature));
	json_object_set_new(r, "partialFingerprints", prints);
	json_object_set_new(r, "occurrenceCount",
			    json_integer((json_int_t)(group->seen ? group->seen : 1)));
	json_object_set_new(r, "properties", properties(group));
	return r;
}

/* ---- the whole ---- */

static json_t *invocations(const struct gathering *g)
{
	json_t *list = json_array(), *one = json_object(), *notes = json_array();

	json_object_set_new(one, "executionSuccessful", json_boolean(!g->problems_nr));
	for (size_t i = 0; i < g->problems_nr; i++) {
		json_t *note = json_object();
		char text[4096];

		snprintf(text, sizeof(text), "%s: %s", visible(g->problem[i].path),
			 g->problem[i].why);
		json_object_set_new(note, "level", json_string("error"));
		json_object_set_new(note, "message", message(text));
		json_array_append_new(notes, note);
	}
	json_object_set_new(one, "toolExecutionNotifications", notes);
	json_array_append_new(list, one);
	return list;
}

json_t *sarif_json(struct gathering *g)
{
	json_t *log = json_object(), *runs = json_array(), *run = json_object();
	json_t *tool = json_object(), *driver = json_object(), *rules = json_array();
	json_t *results = json_array();
	struct group group = {0};

	while (gather_next_group(g, &group))
		json_array_append_new(results, result(&group, rules));
	json_object_set_new(driver, "name", json_string("bondfuzz"));
	json_object_set_new(driver, "version", json_string(BONDFUZZ_VERSION));
	json_object_set_new(driver, "rules", rules);
	json_object_set_new(tool, "driver", driver);
	json_object_set_new(run, "tool", tool);
	json_object_set_new(run, "invocations", invocations(g));
	json_object_set_new(run, "columnKind", json_string("utf16CodeUnits"));
	json_object_set_new(run, "results", results);
	json_array_append_new(runs, run);
	json_object_set_new(log, "$schema", json_string(SCHEMA));
	json_object_set_new(log, "version", json_string("2.1.0"));
	json_object_set_new(log, "runs", runs);
	return log;
}
