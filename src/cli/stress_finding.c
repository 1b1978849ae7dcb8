/*
 * stress_finding.c - what real threads showed is kept, and handed to the simulator.
 *
 * On real threads nothing can be replayed: program and seed show it again with luck. The simulator
 * searches the same program for a schedule with the same verdict, writes that down and makes it
 * small, and from then on it is a finding like any other.
 */
#include "cli/stress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MINIMIZE_REPLAYS 4000

/* ---- files ---- */

static bool write_file(const char *dir, const char *name, const char *data, size_t len)
{
	char path[4400], temporary[4420];
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	f = fopen(temporary, "wb");
	ok = f && fwrite(data, 1, len, f) == len && !fflush(f) && !fsync(fileno(f));
	ok = f && !fclose(f) && ok && !rename(temporary, path);
	if (!ok)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return ok;
}

static bool write_program(const char *dir, const char *name, const struct program *p)
{
	static char data[PROGRAM_TEXT_MAX];
	struct text t = text_init(data, sizeof(data));

	program_print(p, &t);
	return !t.full && write_file(dir, name, t.data, t.len);
}

static bool write_row(const char *dir, const struct stress_options *o,
		      const struct subject *subject, const struct stress_finding *f,
		      const char *signature)
{
	json_t *row = json_object();
	char *text;
	bool ok;

	json_object_set_new(row, "signature", json_string(signature));
	json_object_set_new(row, "verdict", json_string(f->verdict.rule));
	json_object_set_new(row, "object", json_string(f->verdict.object));
	json_object_set_new(row, "subject", json_string(subject->descriptor->name));
	json_object_set_new(row, "defect", o->defect ? json_string(o->defect) : json_null());
	json_object_set_new(row, "platform", json_string("native"));
	json_object_set_new(row, "seed", json_integer((json_int_t)f->seed));
	json_object_set_new(row, "runs", json_integer((json_int_t)f->runs));
	json_object_set_new(row, "seconds", json_real(f->seconds));
	json_object_set_new(row, "confirmed", json_boolean(f->confirmed));
	json_object_set_new(row, "replay", cli_json_text(f->replay));
	text = json_dumps(row, JSON_INDENT(1));
	ok = text && write_file(dir, "finding.json", text, strlen(text));
	free(text);
	json_decref(row);
	return ok;
}

static void put_comment(struct program *p, const struct stress_finding *f, const char *signature)
{
	char comment[512];
	struct text t = text_init(comment, sizeof(comment));
	int at;

	text_putf(&t, "# %s\n", signature);
	text_putf(&t, "# on real threads, seed %llu\n", (unsigned long long)f->seed);
	at = program_intern(p, t.data, t.len);
	if (at >= 0)
		p->comment = (uint16_t)at;
	p->expects_nr = 0;
}

static void fill_replay(const struct stress_options *o, const struct subject *subject,
			struct stress_finding *f)
{
	struct text t = text_init(f->replay, sizeof(f->replay));

	text_putf(&t, "bondfuzz %s %s --subject %s", f->confirmed ? "run" : "stress", f->file,
		  subject->descriptor->name);
	if (o->defect)
		text_putf(&t, " --defect %s", o->defect);
	if (!f->confirmed)
		text_putf(&t, " --seed %llu", (unsigned long long)f->seed);
}

static bool folder_of(const struct stress_options *o, const struct verdict *v, char *ret,
		      size_t cap)
{
	char signature[160];

	verdict_signature(v, signature, sizeof(signature));
	snprintf(ret, cap, "%s/findings/%s-%s-%08x", o->out, v->rule, v->type[0] ? v->type : "any",
		 name_id(signature));
	if (cli_make_folder(ret))
		return true;
	fprintf(stderr, "%s: %s\n", ret, strerror(errno));
	return false;
}

bool stress_save(const struct stress_options *o, const struct program *p,
		 const struct subject *subject, struct stress_finding *f, const char *report)
{
	static struct program found;
	char signature[160], dir[4096];

	verdict_signature(&f->verdict, signature, sizeof(signature));
	if (!folder_of(o, &f->verdict, dir, sizeof(dir)))
		return false;
	found = *p;
	found.descriptor = subject->descriptor;
	found.scheduled = false;
	found.deviations_nr = 0;
	found.strategy = 0;
	put_comment(&found, f, signature);
	snprintf(f->file, sizeof(f->file), "%s/found.bond", dir);
	fill_replay(o, subject, f);
	return write_program(dir, "found.bond", &found) &&
	       write_file(dir, "letter.txt", report, strlen(report)) &&
	       write_row(dir, o, subject, f, signature);
}

/* ---- the simulator ---- */

/* The object where it is known; its number is chance. */
static void wanted(const struct verdict *v, char *ret, size_t cap)
{
	snprintf(ret, cap, "%s%s%s", v->rule, v->type[0] ? ":" : "", v->type);
}

static bool keep(const struct stress_options *o, struct exec *x, struct program *readable,
		 struct stress_finding *f)
{
	char signature[160], dir[4096], path[4200];

	verdict_signature(&f->verdict, signature, sizeof(signature));
	if (!folder_of(o, &f->verdict, dir, sizeof(dir)) ||
	    !cli_save_finding(dir, readable, x->subject, o->defect, &x->trace.verdict, path,
			      sizeof(path)))
		return false;
	snprintf(f->file, sizeof(f->file), "%s/minimal.bond", dir);
	fill_replay(o, x->subject, f);
	return !rename(path, f->file) && write_row(dir, o, x->subject, f, signature);
}

/* The run as a readable program; the last run of @x is the one that was found. */
static struct cli_letter make_readable(struct exec *x, const struct search *s,
				       struct program *readable)
{
	if (exec_record(x, s->strategy, s->found_seed, readable)) {
		exec_minimize(x, readable, MINIMIZE_REPLAYS);
		return (struct cli_letter){0};
	}
	exec_run(x, s->strategy, s->found_seed);
	return (struct cli_letter){.strategy = s->strategy, .seed = s->found_seed};
}

void stress_confirm(const struct stress_options *o, const struct program *p,
		    const struct subject *subject, struct stress_finding *f)
{
	static struct program program, readable;
	struct search s = {.strategy = cli_strategy("portfolio"),
			   .seed = f->seed,
			   .runs_max = o->confirm_runs,
			   .stop = cli_stop};
	struct exec *x = cli_exec();
	struct cli_letter how;
	char until[80];

	wanted(&f->verdict, until, sizeof(until));
	program = *p;
	sim_forget_lock_order();
	sim_forget_race_points();
	x->until = until;
	x->strength.races = strcmp(f->verdict.rule, "data_race") == 0;
	x->strength.granularity = x->strength.races ? SIM_RACY : SIM_PRIMITIVES;
	exec_prepare(x, &program, subject, true);
	exec_search(x, &s);
	f->confirm_runs = s.runs;
	f->confirmed = s.first != 0;
	if (f->confirmed) {
		how = make_readable(x, &s, &readable);
		keep(o, x, &readable, f);
	}
	if (f->confirmed && !o->json) {
		how.replay = f->replay;
		cli_tell(stdout, x, &how, FORMAT_TEXT, false);
	}
	x->until = NULL;
}
