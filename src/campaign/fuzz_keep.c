/*
 * fuzz_keep.c - the parent's half of OUT: whose it is, what is known in it, and what is counted.
 *
 * The folder is locked while a campaign runs; the child inherits the lock and holds it as long as it
 * lives. The child writes findings that are new, the parent counts those that are there: neither
 * writes what the other does.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "campaign/campaign.h"
#include "base/why.h"
#include "base/clock.h"
#include "exec/platform.h"

#define LOG_END (16 * 1024)
#define COUNTS_EVERY 20 /* seconds */

static struct campaign before, now;

void fuzz_options_text(const struct sim_strength *strength, char *ret, size_t cap)
{
	struct text t = text_init(ret, cap);

	platform_put(&t, strength);
}

static bool is_unstable(const struct fuzz_finding *f)
{
	return f->unstable;
}

static bool is_following(const struct fuzz_finding *f)
{
	return f->f.follows[0];
}

static bool is_akin(const struct fuzz_finding *f)
{
	return f->f.akin[0];
}

static bool stands_alone(const struct fuzz_finding *f)
{
	return !is_unstable(f) && !is_following(f) && !is_akin(f);
}

/* Of this session; the child may add one meanwhile. */
static unsigned count(const struct fuzz_shared *s, bool (*is)(const struct fuzz_finding *f))
{
	unsigned n = 0;

	for (unsigned i = 0; i < __atomic_load_n(&s->findings_nr, __ATOMIC_ACQUIRE); i++)
		n += s->finding[i].times > 0 && is(&s->finding[i]);
	return n;
}

unsigned fuzz_seen(const struct fuzz_shared *s)
{
	return count(s, stands_alone);
}

unsigned fuzz_following(const struct fuzz_shared *s)
{
	return count(s, is_following);
}

unsigned fuzz_akin(const struct fuzz_shared *s)
{
	return count(s, is_akin);
}

unsigned fuzz_unstable(const struct fuzz_shared *s)
{
	return count(s, is_unstable);
}

bool fuzz_is_wanted(const struct fuzz_options *o, const struct fuzz_finding *f)
{
	struct verdict v = {.rule = rule_find(f->f.verdict)};
	const char *word = strrchr(f->f.signature, '=');

	if (o->until && strcmp(o->until, "any") == 0)
		return true; /* of a process that died, too: that is no rule */
	snprintf(v.object, sizeof(v.object), "%s", f->f.object);
	snprintf(v.type, sizeof(v.type), "%s", f->f.type);
	for (unsigned i = 0; i < 2; i++)
		snprintf(v.where[i], sizeof(v.where[i]), "%s", f->f.where[i]);
	snprintf(v.word, sizeof(v.word), "%s", word ? word + 1 : "");
	return o->until && verdict_matches(&v, o->until);
}

/* ---- at the start ---- */

/* Only a regular file is accepted: a FIFO would stop the child, a link lead elsewhere. */
int fuzz_open_log(const struct fuzz_options *o)
{
	int fd = openat(o->out_fd, "fuzz.log",
			O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

/* A campaign that was killed a moment ago may still be ending. */
static bool lock(int fd)
{
	for (unsigned tries = 0; tries < 30; tries++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return true;
		usleep(100000);
	}
	return false;
}

static bool open_out(struct fuzz_options *o, struct why *why)
{
	if (!folder_make_path(o->out) || (o->out_fd = folder_open(AT_FDCWD, o->out)) < 0)
		return why_file(why, o->out, ": this folder cannot be made");
	if (!lock(o->out_fd))
		return why_usage(why, "%s: another campaign is running in this folder", o->out);
	if (o->corpus && !folder_make_path(o->corpus))
		return why_file(why, o->corpus, ": this folder cannot be made");
	return true;
}

/* A folder of OUT that is a link may lead anywhere: it is refused. */
static bool make_inside(const struct fuzz_options *o, const char *name, int *ret_fd,
			struct why *why)
{
	*ret_fd = folder_make(o->out_fd, name);
	if (*ret_fd >= 0)
		return true;
	return why_usage(why, "%s/%s: cannot create this folder: %s", o->out, name,
			 strerror(errno));
}

static bool make_all_inside(struct fuzz_options *o, struct why *why)
{
	if (!make_inside(o, FINDING_FOLDER, &o->findings_fd, why) ||
	    !make_inside(o, UNSTABLE_FOLDER, &o->unstable_fd, why))
		return false;
	folder_sweep(o->out_fd);
	folder_sweep(o->findings_fd);
	folder_sweep(o->unstable_fd);
	return true;
}

static bool make_corpus(const struct fuzz_options *o, struct why *why)
{
	int fd;

	if (!make_inside(o, "corpus", &fd, why))
		return false;
	close(fd);
	return true;
}

static bool open_inside(struct fuzz_options *o, struct why *why)
{
	static char corpus[8192];
	int fd = fuzz_open_log(o);

	if (fd < 0)
		return why_file(why, o->out, ": nothing can be written here: fuzz.log");
	close(fd);
	if (!make_all_inside(o, why) || (!o->corpus && !make_corpus(o, why)))
		return false;
	/* libFuzzer would take a name that begins with '-' for an option. */
	snprintf(corpus, sizeof(corpus), "%s%s%s",
		 (o->corpus ? o->corpus : o->out)[0] == '-' ? "./" : "",
		 o->corpus ? o->corpus : o->out, o->corpus ? "" : "/corpus");
	o->corpus = corpus;
	return true;
}

/* What cannot be read has none; the children say why. */
static bool has_inputs(const struct fuzz_options *o)
{
	int at = open(o->corpus, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct folder_names names;
	bool any;

	if (at < 0)
		return false;
	any = !folder_names(at, 1, &names) && names.nr;
	folder_names_free(&names);
	close(at);
	return any;
}

static const char *or_none(const char *s)
{
	return s && s[0] ? s : "no defect";
}

/* What is known of one subject says nothing about another. */
static bool take_campaign(const struct fuzz_options *o, struct why *ret_why)
{
	const char *why = campaign_read(o->out_fd, &before), *name = o->subject->descriptor->name;

	if (why && strcmp(why, "missing") != 0)
		return why_usage(ret_why,
				 "%s/" CAMPAIGN_JSON ": %s; move it away, or give another --out",
				 o->out, why);
	if (!why && !strncmp(before.build, REAL_THREADS, strlen(REAL_THREADS)))
		return why_usage(ret_why,
				 "%s: this folder has a campaign of bondfuzz stress; use another "
				 "--out",
				 o->out);
	if (!why && (strcmp(before.subject, name) != 0 ||
		     strcmp(before.defect, o->defect ? o->defect : "") != 0))
		return why_usage(
			ret_why,
			"%s: this folder has a campaign of %s with %s, not of %s with %s; use "
			"another --out",
			o->out, visible(before.subject), visible(or_none(before.defect)), name,
			or_none(o->defect));
	if (why)
		finding_now(before.started);
	snprintf(before.subject, sizeof(before.subject), "%s", name);
	snprintf(before.defect, sizeof(before.defect), "%s", o->defect ? o->defect : "");
	snprintf(before.build, sizeof(before.build), "%s",
		 sim_sanitizer() ? sim_sanitizer() : "no sanitizer");
	snprintf(before.version, sizeof(before.version), "%s", BONDFUZZ_VERSION);
	fuzz_options_text(&o->strength, before.options, sizeof(before.options));
	before.seed = o->seed;
	before.sessions++;
	now = before;
	return true;
}

static void take_known(const struct fuzz_options *o, struct fuzz_shared *s, const char *slug)
{
	struct fuzz_finding *f = &s->finding[s->findings_nr];
	const char *why = finding_read(o->findings_fd, slug, &f->f);

	if (why) {
		notice("%s/" FINDING_FOLDER "/%s: %s; it counts as not known", visible(o->out),
		       visible(slug), why);
		return;
	}
	snprintf(f->file, sizeof(f->file), "%s/" FINDING_FOLDER "/%s/minimal.bond", o->out, slug);
	f->known = true;
	s->findings_nr++;
}

static bool take_all_known(const struct fuzz_options *o, struct fuzz_shared *s, struct why *ret_why)
{
	struct folder_names names;
	const char *why = folder_names(o->findings_fd, FINDINGS_MAX / 2, &names);

	if (why)
		return why_usage(ret_why, "%s/" FINDING_FOLDER ": %s", o->out, why);
	for (size_t i = 0; i < names.nr; i++)
		take_known(o, s, names.name[i]);
	if (names.more)
		notice("%s/" FINDING_FOLDER ": %zu more are not looked at", visible(o->out),
		       names.more);
	folder_names_free(&names);
	return true;
}

static bool is_in_table(const struct fuzz_shared *s, const char *slug)
{
	for (unsigned i = 0; i < s->findings_nr; i++)
		if (!s->finding[i].unstable && strcmp(s->finding[i].f.slug, slug) == 0)
			return true;
	return false;
}

void fuzz_adopt(const struct fuzz_options *o, struct fuzz_shared *s)
{
	struct folder_names names;

	if (folder_names(o->findings_fd, FINDINGS_MAX, &names))
		return;
	fuzz_lock(s);
	for (size_t i = 0; i < names.nr; i++) {
		struct fuzz_finding *f = &s->finding[s->findings_nr];
		unsigned nr = s->findings_nr;

		if (nr == FINDINGS_MAX || is_in_table(s, names.name[i]))
			continue;
		memset(f, 0, sizeof(*f));
		take_known(o, s, names.name[i]);
		if (s->findings_nr == nr)
			continue;
		f->known = false;
		f->f.seen = 0;
		f->times = 1;
	}
	fuzz_unlock(s);
	folder_names_free(&names);
}

bool fuzz_open(struct fuzz_options *o, struct fuzz_shared *s, struct why *why)
{
	static char out[256];

	if (!o->out) {
		snprintf(out, sizeof(out), "out/%s", o->subject->descriptor->name);
		o->out = out;
	}
	if (!open_out(o, why) || !take_campaign(o, why) || !open_inside(o, why))
		return false;
	s->has_inputs = has_inputs(o);
	return take_all_known(o, s, why);
}

/* ---- while it runs ---- */

static void add_session(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	const struct descriptor *d = o->subject->descriptor;

	now.runs = before.runs + s->all.runs;
	now.steps = before.steps + s->all.steps;
	now.threads = before.threads + s->all.threads;
	now.inputs = before.inputs + s->all.inputs;
	now.seconds = before.seconds + clock_seconds() - s->start;
	now.findings = s->findings_nr - fuzz_unstable(s);
	finding_now(now.updated);
	now.ops_nr = d->ops_nr < OPS_OF_SUBJECT_MAX ? d->ops_nr : OPS_OF_SUBJECT_MAX;
	for (unsigned i = 0; i < now.ops_nr; i++) {
		bool same = i < before.ops_nr && !strcmp(before.op[i].name, d->ops[i].name);

		snprintf(now.op[i].name, sizeof(now.op[i].name), "%s", d->ops[i].name);
		for (unsigned j = 0; j < OBJECT_STATES; j++)
			now.op[i].runs[j] = s->all.ops[i][j] + (same ? before.op[i].runs[j] : 0);
	}
	campaign_note(&now);
}

static void keep_campaign(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	static bool complained;
	const char *why;

	add_session(o, s);
	why = campaign_write(o->out_fd, &now);
	if (why && !complained)
		notice("%s/" CAMPAIGN_JSON ": %s", visible(o->out), why);
	complained |= why != NULL;
}

static void keep_counts(const struct fuzz_options *o, const struct fuzz_shared *s)
{
	for (unsigned i = 0; i < s->findings_nr; i++) {
		bool unstable = s->finding[i].unstable;
		struct finding f = s->finding[i].f;
		const char *why;

		if (!s->finding[i].times || !s->finding[i].file[0])
			continue;
		f.seen += s->finding[i].times;
		finding_now(f.last_seen);
		why = finding_update(unstable ? o->unstable_fd : o->findings_fd, &f);
		if (why)
			notice("%s/%s/%s: %s", visible(o->out),
			       unstable ? UNSTABLE_FOLDER : FINDING_FOLDER, visible(f.slug), why);
	}
}

void fuzz_keep(const struct fuzz_options *o, const struct fuzz_shared *s, bool at_once)
{
	static double campaign_at, counts_at;
	double t = clock_seconds();

	if (at_once || t - campaign_at >= 1) {
		campaign_at = t;
		keep_campaign(o, s);
	}
	if (at_once || (counts_at && t - counts_at >= COUNTS_EVERY))
		keep_counts(o, s);
	if (!counts_at || t - counts_at >= COUNTS_EVERY)
		counts_at = t;
}

/* ---- a death ---- */

static char *end_of_log(const struct fuzz_options *o)
{
	int fd = openat(o->out_fd, "fuzz.log", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text = calloc(1, LOG_END + 1);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);

	must(text);
	if (fd >= 0 && pread(fd, text, LOG_END, size > LOG_END ? size - LOG_END : 0) < 0)
		text[0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

/* libFuzzer left it in OUT under the prefix that it was given. */
static bool move_input(const struct fuzz_options *o, const char *slug, pid_t child)
{
	char prefix[40];
	struct folder_names names;
	int to = folder_open(o->findings_fd, slug);
	bool moved = false;

	snprintf(prefix, sizeof(prefix), "died-%d-", (int)child);
	if (to < 0 || folder_names(o->out_fd, 4096, &names))
		return false;
	for (size_t i = 0; i < names.nr && !moved; i++)
		if (strncmp(names.name[i], prefix, strlen(prefix)) == 0)
			moved = renameat(o->out_fd, names.name[i], to, "found.bond") == 0;
	folder_names_free(&names);
	close(to);
	return moved;
}

void fuzz_keep_death(const struct fuzz_options *o, struct fuzz_finding *f, pid_t child)
{
	char *log = end_of_log(o);
	struct finding_files files = {.letter = log};
	const char *why;

	finding_name(o->findings_fd, &f->f);
	f->f.seen = 1;
	why = finding_write(o->findings_fd, &f->f, &files);
	f->f.seen = 0;
	free(log);
	if (why) {
		notice("%s/" FINDING_FOLDER "/%s: %s", visible(o->out), f->f.slug, why);
		return;
	}
	snprintf(f->file, sizeof(f->file), "%s/" FINDING_FOLDER "/%s/%s", o->out, f->f.slug,
		 move_input(o, f->f.slug, child) ? "found.bond" : "letter.txt");
}
