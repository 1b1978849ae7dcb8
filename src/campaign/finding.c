/*
 * finding.c - findings as folders: written whole, counted, read without belief.
 *
 * A folder is filled under a name that nobody reads, brought to the disk, and renamed to a name that
 * is not taken: so what is there is complete, and nothing that is there is overwritten.
 */
#include "campaign/finding.h"
#include "exec/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/panic.h"
#include "format/json.h"
#include "campaign/program_file.h"

void finding_now(char ret[24])
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(ret, 24, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
}

/* ---- of a run ---- */

static unsigned switches_of(const struct trace *t)
{
	unsigned n = 0, last = LANE_MAIN;

	for (uint32_t i = 0; i < t->events_nr; i++) {
		const struct trace_event *e = &t->event[i];

		if (e->lane == LANE_MAIN || !event_is_visible(e->kind))
			continue;
		n += last != LANE_MAIN && last != e->lane;
		last = e->lane;
	}
	return n;
}

static void file_and_line(const struct trace *t, int event, char *ret, size_t cap)
{
	const struct site *s = event < 0 ? NULL : t->event[event].site;

	if (s && s->file)
		snprintf(ret, cap, "%s:%u", site_path(s), s->line);
}

void finding_describe(struct finding *f, const struct exec *x, const struct verdict *v)
{
	verdict_signature(v, f->signature, sizeof(f->signature));
	program_file_slug(v, f->slug, sizeof(f->slug));
	snprintf(f->verdict, sizeof(f->verdict), "%s", rule_name(v->rule));
	snprintf(f->type, sizeof(f->type), "%s", v->type);
	snprintf(f->object, sizeof(f->object), "%s", v->object);
	for (unsigned i = 0; i < 2; i++) {
		if (v == &x->trace.verdict)
			file_and_line(&x->trace, v->event[i], f->at[i], sizeof(f->at[i]));
		snprintf(f->where[i], sizeof(f->where[i]), "%s", v->where[i]);
	}
	f->orders = v->orders;
	f->ops = x->program->ops_nr;
	f->deviations = x->program->deviations_nr;
	f->switches = switches_of(&x->trace);
}

/* ---- as JSON ---- */

static json_t *ids_json(const uint64_t *id, unsigned nr)
{
	json_t *row = json_array();

	for (unsigned i = 0; i < nr; i++)
		json_array_append_new(row, json_integer((json_int_t)id[i]));
	return row;
}

static void get_ids(struct json_reader *r, const char *key, uint64_t *id, unsigned max, uint8_t *nr)
{
	const json_t *row = json_object_get(r->object, key);

	if (!row)
		return;
	if (!json_is_array(row) || json_array_size(row) > max) {
		json_fault(r, "'%s' is not a list of at most %u numbers", key, max);
		return;
	}
	for (; *nr < json_array_size(row); (*nr)++)
		id[*nr] = (uint64_t)json_integer_value(json_array_get(row, *nr));
}

void finding_put_relation(const struct finding *f, struct text *t)
{
	if (!f->follows[0] && !f->akin[0])
		return;
	text_puts(t, f->follows[0] ? "it may follow from " : "it may be the same bug as ");
	text_put_visible(t, f->follows[0] ? f->follows : f->akin);
	if (f->follows[0])
		text_puts(t, ", which comes first in each run known");
}

json_t *finding_json(const struct finding *f)
{
	char line[512];
	struct text t = text_init(line, sizeof(line));
	json_t *row = json_object();

	json_put_count(row, "finding", FINDING_FORMAT);
	json_put_text(row, "signature", f->signature);
	json_put_text(row, "verdict", f->verdict);
	json_put_text(row, "type", f->type);
	json_put_text(row, "object", f->object);
	json_put_text(row, "where", f->where[0]);
	json_put_text(row, "where_earlier", f->where[1]);
	json_put_text(row, "at", f->at[0]);
	json_put_text(row, "at_earlier", f->at[1]);
	json_put_text(row, "subject", f->subject);
	json_put_text(row, "defect", f->defect);
	json_put_text(row, "options", f->options);
	json_put_text(row, "first_seen", f->first_seen);
	json_put_text(row, "last_seen", f->last_seen);
	json_put_count(row, "seen", f->seen);
	json_put_count(row, "runs", f->runs);
	json_object_set_new(row, "seconds", json_real(f->seconds));
	json_put_count(row, "ops", f->ops);
	json_put_count(row, "deviations", f->deviations);
	json_put_count(row, "switches", f->switches);
	if (f->follows[0])
		json_put_text(row, "follows", f->follows);
	if (f->akin[0])
		json_put_text(row, "akin", f->akin);
	if (f->orders.closing_nr) {
		json_object_set_new(row, "lock_orders", ids_json(f->orders.order, f->orders.nr));
		json_object_set_new(row, "lock_cycles",
				    ids_json(f->orders.closing, f->orders.closing_nr));
	}
	json_object_set_new(row, "native", json_boolean(f->native));
	finding_replay(f, "bondfuzz", f->native ? "found.bond" : "minimal.bond", &t);
	json_put_text(row, "replay", line);
	return row;
}

/* "src/core/hmm.c:214", a place in this project: no other path gets into what others read. */
static bool is_place(const char *at)
{
	size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-");
	size_t digits = at[n] == ':' ? strspn(at + n + 1, "0123456789") : 0;

	return !at[0] || (n && at[0] != '/' && !strstr(at, "..") && digits && digits < 8 &&
			  !at[n + 1 + digits]);
}

#define GET_TEXT(key, field, optional)                                                             \
	json_get_text(r, key, ret->field, sizeof(ret->field), optional)

static void get_finding(struct json_reader *r, struct finding *ret)
{
	struct sim_strength strength;

	if (json_get_count(r, "finding", 1000) != FINDING_FORMAT)
		json_fault(r, "'finding' is not %d: written by another version", FINDING_FORMAT);
	GET_TEXT("signature", signature, false);
	GET_TEXT("verdict", verdict, false);
	GET_TEXT("type", type, true);
	GET_TEXT("object", object, true);
	GET_TEXT("where", where[0], true);
	GET_TEXT("where_earlier", where[1], true);
	GET_TEXT("at", at[0], true);
	GET_TEXT("at_earlier", at[1], true);
	GET_TEXT("subject", subject, false);
	GET_TEXT("defect", defect, true);
	GET_TEXT("options", options, true);
	if (!is_place(ret->at[0]) || !is_place(ret->at[1]))
		json_fault(r, "'at' or 'at_earlier' is not FILE:LINE of this project");
	/* They go into a line that people paste. */
	if (!platform_read(ret->options, &strength))
		json_fault(r, "'options' has words that no campaign writes");
	json_get_time(r, "first_seen", ret->first_seen);
	json_get_time(r, "last_seen", ret->last_seen);
	ret->seen = json_get_count(r, "seen", FINDING_COUNT_MAX);
	ret->runs = json_get_count(r, "runs", FINDING_COUNT_MAX);
	ret->seconds = json_get_seconds(r, "seconds");
	ret->ops = (unsigned)json_get_count(r, "ops", OPS_MAX);
	ret->deviations = (unsigned)json_get_count(r, "deviations", DEVIATIONS_MAX);
	ret->switches = (unsigned)json_get_count(r, "switches", EVENTS_MAX);
	GET_TEXT("follows", follows, true);
	GET_TEXT("akin", akin, true);
	get_ids(r, "lock_orders", ret->orders.order, ORDERS_MAX, &ret->orders.nr);
	get_ids(r, "lock_cycles", ret->orders.closing, CLOSING_MAX, &ret->orders.closing_nr);
	ret->native = json_is_true(json_object_get(r->object, "native"));
}

static const char *parse(const char *data, size_t len, struct finding *ret)
{
	static struct json_reader r;
	json_t *root;

	r.why[0] = '\0';
	r.object = root = json_parse(data, len, r.why, sizeof(r.why));
	if (root)
		get_finding(&r, ret);
	json_decref(root);
	return r.why[0] ? r.why : NULL;
}

const char *finding_read(int at, const char *slug, struct finding *ret)
{
	struct finding f = {0};
	const char *why;
	char *data;
	size_t len;
	int fd;

	if (strlen(slug) >= sizeof(f.slug))
		return "the name is too long";
	fd = folder_open(at, slug);
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? "not a folder" : strerrordesc_np(errno);
	why = folder_read(fd, "finding.json", FINDING_JSON_MAX, &data, &len);
	close(fd);
	if (why)
		return why;
	why = parse(data, len, &f);
	free(data);
	if (why)
		return why;
	strcpy(f.slug, slug);
	*ret = f;
	return NULL;
}

/* ---- written ---- */

static char *json_of(const struct finding *f)
{
	json_t *row = finding_json(f);
	char *text = json_dumps(row, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(row);
	must(text);
	return text;
}

typedef const char *put_file(int fd, const char *name, const void *data, size_t len);

static const char *put_program(int fd, const char *name, const struct program *p, put_file *put)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	if (!p)
		return NULL;
	program_print(p, &t);
	must(!t.full);
	return put(fd, name, t.data, t.len);
}

static const char *put_string(int fd, const char *name, const char *text, put_file *put)
{
	return text ? put(fd, name, text, strlen(text)) : NULL;
}

static const char *fill(int fd, const struct finding *f, const struct finding_files *files,
			put_file *put)
{
	const char *why = put_program(fd, "found.bond", files->found, put);
	char *json = json_of(f);

	if (!why)
		why = put_program(fd, "minimal.bond", files->minimal, put);
	if (!why)
		why = put_string(fd, "letter.txt", files->letter, put);
	if (!why)
		why = put_string(fd, "letter.md", files->markdown, put);
	if (!why)
		why = put_string(fd, "finding.json", json, put);
	free(json);
	fsync(fd);
	return why;
}

void finding_name(int at, struct finding *f)
{
	char first[sizeof(f->slug)];

	snprintf(first, sizeof(first), "%.100s", f->slug);
	for (unsigned i = 2; faccessat(at, f->slug, F_OK, AT_SYMLINK_NOFOLLOW) == 0; i++)
		snprintf(f->slug, sizeof(f->slug), "%s-%u", first, i);
}

const char *finding_write(int at, const struct finding *f, const struct finding_files *files)
{
	char fresh[32];
	const char *why;
	int fd;

	snprintf(fresh, sizeof(fresh), FOLDER_NEW "%d", (int)getpid());
	folder_sweep(at);
	if (mkdirat(at, fresh, 0777))
		return strerrordesc_np(errno);
	fd = folder_open(at, fresh);
	if (fd < 0)
		return strerrordesc_np(errno);
	why = fill(fd, f, files, folder_put);
	close(fd);
	/* A folder takes the place of nothing but an empty folder. */
	if (!why && renameat(at, fresh, at, f->slug))
		why = strerrordesc_np(errno);
	if (why)
		folder_sweep(at);
	fsync(at);
	return why;
}

const char *finding_rewrite(int at, const struct finding *f, const struct finding_files *files)
{
	int fd = folder_open(at, f->slug);
	const char *why;

	if (fd < 0)
		return strerrordesc_np(errno);
	why = fill(fd, f, files, folder_write);
	close(fd);
	return why;
}

const char *finding_update(int at, const struct finding *f)
{
	int fd = folder_open(at, f->slug);
	const char *why;
	char *json;

	if (fd < 0)
		return strerrordesc_np(errno);
	json = json_of(f);
	why = folder_write(fd, "finding.json", json, strlen(json));
	free(json);
	close(fd);
	return why;
}

/* ---- told ---- */

void finding_replay(const struct finding *f, const char *program, const char *file, struct text *t)
{
	text_put_shell(t, program);
	text_puts(t, f->native ? " stress " : " run ");
	text_puts(t, file[0] == '-' ? "./" : "");
	text_put_shell(t, file);
	if (f->defect[0]) {
		text_puts(t, " --defect ");
		text_put_shell(t, f->defect);
	}
	text_puts(t, f->options);
}
