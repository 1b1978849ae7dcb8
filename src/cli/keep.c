/*
 * keep.c - bondfuzz keep: a finding becomes a regression case.
 *
 * A case is worth something when it fails where the bug is and holds where it is not. So a file is
 * kept only when it does both here and now: the verdict, with a defect on or on a posted subject, and
 * clean on the clean subject, under the same schedule and under many others. What cannot be asked is
 * refused, with a word on what is missing. Nothing is ever overwritten.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "campaign/folder.h"
#include "cli/options.h"
#include "format/visible.h"
#include "search/search.h"
#include "format/json.h"
#include "search/minimize.h"
#include "zoo/defect.h"

#define FOLDER_DEFAULT "corpus/found"
#define RUNS_DEFAULT 2000
#define NAME_BYTES_MAX 100

struct keep_options {
	const char *name, *folder, *defect;
	const struct subject *subject;
	uint64_t runs;
	bool json;
};

/* One finding on its way into the corpus. */
struct kept {
	const char *file;
	struct program program;
	struct expectation shows; /* where it fails */
	struct program_expect line;
	const struct subject *fix; /* where it has to hold */
	struct verdict verdict;
	char signature[SIGNATURE_MAX];
	char path[4096]; /* where it lies now, if it was kept */
	int status;	 /* of what the system refused */
	char why[512];	 /* it was refused, or a word on what was kept */
};

/* A name is a file of the folder, and nothing else. */
static void take_name(const struct cli_option *option, void *options, const char *name)
{
	struct keep_options *o = options;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	if (!n || n > NAME_BYTES_MAX || name[n] || name[0] == '-')
		quit_usage("--name is up to %d letters, digits, '_' and '-', not '%.40s'",
			   NAME_BYTES_MAX, name);
	o->name = name;
}

static const struct cli_option options[] = {
	{"name", 0, "NAME", "name of the case, without .bond (default: from the verdict)",
	 CLI_OWN(take_name)},
	{"dir", 0, "DIR", "where cases lie (default " FOLDER_DEFAULT ")",
	 CLI_WORD(keep_options, folder)},
	{"subject", 's', "NAME",
	 "the subject on which it fails (default: the one that the file names)",
	 CLI_SUBJECT(keep_options, subject)},
	{"defect", 'd', "NAME", "the defect with which it fails (zoo builds)",
	 CLI_WORD(keep_options, defect)},
	{"runs", 0, "N", "portfolio runs that the clean subject must pass (default 2000)",
	 CLI_NUMBER(keep_options, runs, 1, UINT64_MAX)},
	{"json", 0, NULL, "print one object per file on standard output",
	 CLI_FLAG(keep_options, json)},
	{0}};

static const struct cli_syntax syntax = {
	.name = "bondfuzz keep",
	.options = options,
	.words = "FILE...",
	.help = "Turn a finding into a regression case: minimise it, name it, and write it into "
		"the corpus. It must fail with its defect or on its posted subject, and pass on "
		"the clean one."};

static bool refuse(struct kept *k, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool refuse(struct kept *k, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(k->why, sizeof(k->why), format, ap);
	va_end(ap);
	return false;
}

/* ---- where does it fail? ---- */

/* The line that the options ask for: the file's own about it, else any verdict there counts. */
static struct program_expect asked_line(const struct keep_options *o, struct program *p)
{
	const char *on = o->defect ? o->defect : o->subject->descriptor->name;
	int name = program_intern(p, on, strlen(on)), any = program_intern(p, "any", 3);

	for (unsigned i = 0; i < p->expects_nr; i++)
		if (strcmp(program_name(p, p->expects[i].on), on) == 0 &&
		    strcmp(program_name(p, p->expects[i].verdict), "clean") != 0)
			return p->expects[i];
	return (struct program_expect){.on = (uint16_t)(name < 0 ? 0 : name),
				       .verdict = (uint16_t)(any < 0 ? 0 : any)};
}

static bool fails_on(struct kept *k, struct program_expect line)
{
	struct exec *x = exec_process();
	enum expect_outcome o = expect_read(&k->program, &line, &k->shows);

	k->line = line;
	if (o == EXPECT_UNTRIED)
		return refuse(k, "%s: %s", k->shows.on, k->shows.why);
	if (o == EXPECT_SKIPPED)
		return refuse(
			k,
			"it fails with a defect, and this build has none: use build/zoo/bondfuzz");
	o = expect_try(x, &k->program, &k->shows);
	if (o == EXPECT_STALE)
		return refuse(k, "its schedule is stale: try bondfuzz repair first");
	if (o != EXPECT_HOLDS)
		return refuse(k, "%s does not come on %s: try bondfuzz repair first",
			      k->shows.wanted, k->shows.on);
	return true;
}

/* Where does it fail? As the options say, or the first of the file's own lines that does. */
static bool find_failure(const struct keep_options *o, struct kept *k)
{
	struct program_expect own = {0};
	const struct program *p = &k->program;
	int any;

	if (o->defect || o->subject)
		return fails_on(k, asked_line(o, &k->program));
	for (unsigned i = 0; i < p->expects_nr; i++)
		if (strcmp(program_name(p, p->expects[i].verdict), "clean") != 0 &&
		    fails_on(k, p->expects[i]))
			return true;
	if (k->why[0])
		return false;
	any = program_intern(&k->program, "any", 3);
	own.verdict = (uint16_t)(any < 0 ? 0 : any);
	if (fails_on(k, own))
		return true;
	if (exec_stale(exec_process()))
		return false;
	return refuse(k, "it does not fail here, and a case that cannot fail is worth nothing: "
			 "give --defect or --subject with a name on which it does");
}

/* ---- where does it hold? ---- */

static const struct subject *clean_subject(const struct kept *k)
{
	const struct subject *s = k->shows.subject;

	if (k->shows.defect)
		return s->posted ? NULL : s;
	if (!s->posted)
		return NULL;
	for (unsigned i = 0; (s = subject_at(i)); i++)
		if (!s->posted && s->descriptor->ops == k->shows.subject->descriptor->ops)
			return s;
	return NULL;
}

static bool find_fix(struct kept *k)
{
	k->fix = clean_subject(k);
	if (k->fix)
		return true;
	if (k->shows.defect)
		return refuse(k,
			      "%s is a defect of %s, which fails without it too: there is no clean "
			      "subject",
			      k->shows.defect, k->shows.subject->descriptor->name);
	return refuse(k,
		      "%s fails without any defect: there is no fix yet. Fix it, add a defect that "
		      "brings the bug back, and use --defect",
		      k->shows.subject->descriptor->name);
}

static bool holds_on_fix(const struct keep_options *o, struct kept *k)
{
	struct exec *x = exec_process();
	struct search s = {.strategy = strategy_find("portfolio"),
			   .seed = 1,
			   .runs_max = o->runs,
			   .stop = interrupt_seen};
	struct expectation e = {.subject = k->fix, .on = k->fix->descriptor->name, .clean = true};
	struct exec_how how = exec_default;

	expect_begin(x, &k->program, &e, &how, true);
	exec_run(x, &how, NULL, 0);
	if (!x->trace.verdict.rule)
		search_run(x, &how, &s);
	expect_end();
	if (interrupt_seen())
		return refuse(k, "interrupted");
	if (!x->trace.verdict.rule && !s.first)
		return true;
	return refuse(k, "%s, which is to be the fix, has %s%s: the case would not hold",
		      k->fix->descriptor->name, rule_name(x->trace.verdict.rule),
		      s.first ? " under the portfolio" : " under its schedule");
}

/* ---- the case ---- */

/* A seed becomes a schedule where that is possible; then everything goes that is not needed. */
static void make_small(struct kept *k)
{
	static struct program written;
	struct exec *x = exec_process();
	struct exec_how how = exec_default;

	expect_begin(x, &k->program, &k->shows, &how, k->program.strategy != 0);
	exec_run(x, &how, NULL, 0);
	if (!k->program.strategy || exec_record(x, &how, NULL, 0, &written)) {
		if (k->program.strategy)
			k->program = written;
		exec_minimize(x, &how, &k->program, MINIMIZE_REPLAYS);
	} else {
		exec_run(x, &how, NULL, 0);
	}
	k->verdict = x->trace.verdict;
	verdict_signature(&k->verdict, k->signature, sizeof(k->signature));
	expect_end();
}

/* Lines of the file's comment that say what the last one says stay out. */
static void put_comment(struct text *t, const struct kept *k)
{
	const char *line = program_name(&k->program, k->program.comment);

	while (*line) {
		int n = (int)strcspn(line, "\n") + 1;

		if (strncmp(line + 2, k->signature, strlen(k->signature)) != 0)
			text_putf(t, "%.*s", n, line);
		line += n;
	}
}

static void put_date(struct text *t)
{
	time_t now = time(NULL);
	struct tm day;
	char date[16] = "";

	if (gmtime_r(&now, &day))
		strftime(date, sizeof(date), "%Y-%m-%d", &day);
	text_puts(t, date);
}

static bool set_lines(struct kept *k)
{
	struct program *p = &k->program;
	const struct verdict *v = &k->verdict;
	char comment[POOL_MAX];
	struct text t = text_init(comment, sizeof(comment));
	int note, clean = program_intern(p, "clean", 5);
	int on = program_intern(p, k->shows.on, strlen(k->shows.on));
	int rule = program_intern(p, rule_name(v->rule), strlen(rule_name(v->rule)));
	int object =
		strcmp(v->object, "none") ? program_intern(p, v->object, strlen(v->object)) : 0;

	put_comment(&t, k);
	text_putf(&t, "# %s: %s, kept on ", k->signature, k->shows.on);
	put_date(&t);
	text_puts(&t, "\n");
	note = program_intern(p, t.data, t.len);
	if (t.full || note < 0 || clean < 0 || on < 0 || rule < 0 || object < 0)
		return refuse(k, "its comment is too long to add a line");
	p->comment = (uint16_t)note;
	p->descriptor = k->fix->descriptor;
	p->expects_nr = 2;
	p->expects[0] = (struct program_expect){.verdict = (uint16_t)clean};
	p->expects[1] = (struct program_expect){(uint16_t)on, (uint16_t)rule, (uint16_t)object};
	return true;
}

/* The case as it is to be written says the same again. */
static bool says_both(struct kept *k)
{
	struct program *p = &k->program;

	for (unsigned i = 0; i < p->expects_nr; i++) {
		struct expectation e;

		if (expect_read(p, &p->expects[i], &e) != EXPECT_HOLDS ||
		    expect_try(exec_process(), p, &e) != EXPECT_HOLDS)
			return refuse(k, "minimised it does not say %s on %s any more", e.wanted,
				      e.on);
	}
	return true;
}

/* ---- the folder ---- */

/* Returns: the line of @p that shows it, or NULL. */
static const char *shown_on(const struct program *p, const char *signature)
{
	struct exec *x = exec_process();

	for (unsigned i = 0; i < p->expects_nr; i++) {
		struct expectation e;
		char got[SIGNATURE_MAX];

		if (expect_read(p, &p->expects[i], &e) != EXPECT_HOLDS || e.clean)
			continue;
		expect_try(x, p, &e);
		verdict_signature(&x->trace.verdict, got, sizeof(got));
		if (strcmp(got, signature) == 0)
			return program_name(p, p->expects[i].on);
	}
	return NULL;
}

struct same_case {
	char path[4096]; /* "": there is none */
	bool whole;	 /* it shows it with the same defect, or on the same subject */
};

static void compare(const char *path, const struct kept *k, struct same_case *ret)
{
	static struct program other;
	const char *on = cli_load_program(path, &other) ? NULL : shown_on(&other, k->signature);
	bool whole = on && strcmp(on, k->shows.on) == 0;

	if (!on || (ret->path[0] && !whole))
		return;
	snprintf(ret->path, sizeof(ret->path), "%s", path);
	ret->whole = whole;
}

/* A signature is what a bug looks like; the same look on another place may be another bug. */
static void find_same(const char *folder, const struct kept *k, struct same_case *ret)
{
	struct dirent **entry;
	int n = scandir(folder, &entry, NULL, alphasort);
	char path[4096];

	*ret = (struct same_case){0};
	for (int i = 0; i < n; i++) {
		size_t len = strlen(entry[i]->d_name);

		snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
		if (!ret->whole && len > 5 && !strcmp(entry[i]->d_name + len - 5, ".bond"))
			compare(path, k, ret);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

/* "hmm-dead_use-device-hmm_mirror_destroy" */
static void name_after(const struct kept *k, char *ret, size_t cap)
{
	struct text t = text_init(ret, cap);
	const char *parts[] = {rule_name(k->verdict.rule), k->verdict.type, k->verdict.where[0]};

	text_puts(&t, k->fix->descriptor->name);
	for (unsigned i = 0; i < 3; i++)
		if (parts[i][0] && strcmp(parts[i], "none") != 0)
			text_putf(&t, "-%s", parts[i]);
	for (char *c = ret; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c))
			*c = '_';
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Given names are taken as they are; made ones get a number where they are taken. */
static bool find_place(const struct keep_options *o, struct kept *k)
{
	char name[128];

	name_after(k, name, sizeof(name));
	for (unsigned n = 1; n < 1000; n++) {
		char number[8] = "";

		if (n > 1)
			snprintf(number, sizeof(number), "-%u", n);
		if ((size_t)snprintf(k->path, sizeof(k->path), "%s/%s%s.bond", o->folder,
				     o->name ? o->name : name, number) >= sizeof(k->path))
			return refuse(k, "the folder's name is too long");
		if (!is_there(k->path))
			return true;
		if (o->name)
			break;
	}
	return refuse(k, "%.200s is there already: give another --name", k->path);
}

static bool write_case(const struct keep_options *o, struct kept *k)
{
	struct same_case same;

	find_same(o->folder, k, &same);
	if (same.whole && !o->name)
		return refuse(k, "%.200s shows the same, %s on %s; --name keeps it beside that",
			      same.path, k->signature, k->shows.on);
	if (!find_place(o, k))
		return false;
	if (!folder_make_path(o->folder))
		return refuse(k, "%.200s: %s", o->folder, strerror(errno));
	if ((k->status = cli_write_program(k->path, &k->program, false)))
		return refuse(k, "it could not be written");
	if (same.path[0])
		snprintf(k->why, sizeof(k->why), "%.200s has the same signature", same.path);
	return true;
}

static bool keep(const struct keep_options *o, struct kept *k)
{
	if (!find_failure(o, k) || !find_fix(k))
		return false;
	k->why[0] = '\0';
	make_small(k);
	return set_lines(k) && says_both(k) && holds_on_fix(o, k) && write_case(o, k);
}

static void tell(const struct keep_options *o, const struct kept *k, bool kept)
{
	json_t *row;

	if (!o->json) {
		if (kept)
			printf("%s: kept as %s: %s on %s, clean on %s\n", visible(k->file),
			       visible(k->path), k->signature, k->shows.on,
			       k->fix->descriptor->name);
		if (k->why[0])
			fprintf(stderr, "%s: %s%s\n", visible(k->file),
				kept ? "" : "not kept: ", k->why);
		return;
	}
	row = json_object();
	json_object_set_new(row, "file", json_text(k->file));
	json_object_set_new(row, "kept", json_boolean(kept));
	json_object_set_new(row, "path", kept ? json_text(k->path) : json_null());
	json_put_text(row, "signature", k->signature);
	json_object_set_new(row, "on", k->shows.on ? json_string(k->shows.on) : json_null());
	json_object_set_new(row, "why", json_text(k->why));
	json_print(row);
}

int command_keep(int argc, char **argv)
{
	static struct kept k; /* large */
	struct keep_options o = {.folder = FOLDER_DEFAULT, .runs = RUNS_DEFAULT};
	int worst = EXIT_CLEAN;
	struct file_list files;

	files = cli_files(cli_parse(&syntax, argc, argv, &o));
	if (o.name && files.nr > 1)
		quit_usage("--name names one case, but %zu files are given", files.nr);
	if (o.defect && o.subject)
		quit_usage("--defect and --subject exclude each other");
	cli_known_defect(o.defect);
	interrupt_catch();
	for (size_t i = 0; i < files.nr && !interrupt_seen(); i++) {
		bool kept;
		int status;

		k = (struct kept){.file = files.path[i]};
		if ((status = cli_load_program(files.path[i], &k.program))) {
			worst = worst == EXIT_REFUSED ? worst : status;
			continue;
		}
		kept = keep(&o, &k);
		tell(&o, &k, kept);
		if (k.status == EXIT_REFUSED || (!kept && worst == EXIT_CLEAN))
			worst = k.status ? k.status : EXIT_FINDING;
	}
	return interrupt_seen() ? EXIT_INTERRUPTED : worst;
}
