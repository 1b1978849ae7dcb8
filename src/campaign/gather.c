/*
 * gather.c - see gather.h. Folders are opened one inside the other, never by a path that could lead
 * elsewhere; depth and numbers are bounded.
 */
#include "campaign/gather.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/why.h"

#define CAMPAIGNS_MAX 1024
#define KEPT_MAX 16384	 /* findings of all campaigns */
#define ENTRIES_MAX 8192 /* of one folder */

/* Room for one more at the end. */
static void *grow(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	array = realloc(array, (nr ? 2 * nr : 1) * size);
	must(array);
	return array;
}

static char *path_of(const char *folder, const char *name)
{
	char *path;

	must(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

static void add_problem(struct gathering *g, size_t campaign, const char *path, const char *why)
{
	g->problem = grow(g->problem, g->problems_nr, sizeof(*g->problem));
	g->problem[g->problems_nr++] = (struct problem){strdup(path), strdup(why), campaign};
}

/* ---- one finding ---- */

static bool is_there(int at, const char *name)
{
	struct stat st;

	return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

/* A program of a subject that this build has not got may be fine. */
static const char *look_at_program(int at, const char *name, bool known)
{
	static char text[256];
	static struct program p;
	struct program_names names = {.subjects = exec_subjects(),
				      .strategies = strategy_names(),
				      .absent = subject_absent};
	struct program_error error;
	const char *why;
	char *data;
	size_t len;

	why = folder_read(at, name, PROGRAM_TEXT_MAX, &data, &len);
	if (why)
		return why;
	if (known && !program_parse(data, len, &names, &p, &error)) {
		snprintf(text, sizeof(text), "%u:%u: %s", error.line, error.column,
			 visible(error.message));
		why = text;
	}
	free(data);
	return why;
}

static const char *look_at_letter(int at, const char *name)
{
	char *data;
	size_t len;
	const char *why = folder_read(at, name, LETTER_TEXT_MAX, &data, &len);

	if (!why) {
		why = !len ? "empty" : memchr(data, '\0', len) ? "holds a NUL byte" : NULL;
		free(data);
	}
	return why;
}

static void complain_of(struct gathering *g, struct kept_finding *k, const char *file,
			const char *why)
{
	char *path;

	if (!why)
		return;
	path = path_of(k->folder, file);
	add_problem(g, k->campaign, path, why);
	free(path);
	k->damaged = true;
}

/* A process that died may have left no program. */
static void look_at_files(struct gathering *g, struct kept_finding *k, int at)
{
	bool known = subject_find(k->f.subject), died = !strcmp(k->f.verdict, "process_died");
	const char *file = is_there(at, "minimal.bond") ? "minimal.bond" : "found.bond";

	if (!died && !k->f.native)
		complain_of(g, k, "minimal.bond", look_at_program(at, "minimal.bond", known));
	if (!died)
		complain_of(g, k, "found.bond", look_at_program(at, "found.bond", known));
	complain_of(g, k, "letter.txt", look_at_letter(at, "letter.txt"));
	if (is_there(at, file))
		k->program = path_of(k->folder, file);
}

static void take_finding(struct gathering *g, size_t campaign, int at, const char *slug)
{
	struct kept_finding *k;
	const char *why;
	int fd;

	g->finding = grow(g->finding, g->findings_nr, sizeof(*g->finding));
	k = &g->finding[g->findings_nr];
	*k = (struct kept_finding){.campaign = campaign};
	k->folder = path_of(g->campaign[campaign].path, FINDING_FOLDER);
	char *folder = path_of(k->folder, slug);

	free(k->folder);
	k->folder = folder;
	why = finding_read(at, slug, &k->f);
	fd = why ? -1 : folder_open(at, slug);
	if (why) {
		add_problem(g, campaign, k->folder, why);
		free(k->folder);
		return;
	}
	g->findings_nr++;
	must(fd >= 0);
	look_at_files(g, k, fd);
	close(fd);
}

/* ---- one campaign ---- */

static void take_findings(struct gathering *g, size_t campaign, int at)
{
	char *path = path_of(g->campaign[campaign].path, FINDING_FOLDER);
	int fd = folder_open(at, FINDING_FOLDER);
	struct folder_names names = {0};
	const char *why = NULL;

	if (fd < 0)
		why = errno == ENOENT			   ? "missing"
		      : errno == ENOTDIR || errno == ELOOP ? "not a folder"
							   : strerrordesc_np(errno);
	else
		why = folder_names(fd, ENTRIES_MAX, &names);
	if (why)
		add_problem(g, campaign, path, why);
	for (size_t i = 0; i < names.nr && g->findings_nr < KEPT_MAX; i++)
		take_finding(g, campaign, fd, names.name[i]);
	if (names.more || g->findings_nr == KEPT_MAX)
		add_problem(g, campaign, path, "so many that some are not looked at");
	folder_names_free(&names);
	if (fd >= 0)
		close(fd);
	free(path);
}

static void take_campaign(struct gathering *g, int at, const char *path, const struct stat *st)
{
	size_t number = g->campaigns_nr;
	struct kept_campaign *c;
	const char *why;
	char *json;

	g->met++;
	for (size_t i = 0; i < number; i++)
		if (g->campaign[i].device == st->st_dev && g->campaign[i].inode == st->st_ino)
			return;
	if (number == CAMPAIGNS_MAX) {
		add_problem(g, SIZE_MAX, path, "so many campaigns that this one is not looked at");
		return;
	}
	g->campaign = grow(g->campaign, number, sizeof(*g->campaign));
	c = &g->campaign[g->campaigns_nr++];
	*c = (struct kept_campaign){
		.path = strdup(path), .device = st->st_dev, .inode = st->st_ino};
	why = campaign_read(at, &c->c);
	c->damaged = why != NULL;
	if (why) {
		json = path_of(path, CAMPAIGN_JSON);
		add_problem(g, number, json, why);
		free(json);
	}
	take_findings(g, number, at);
}

static bool is_campaign(int at)
{
	struct stat st;

	return fstatat(at, CAMPAIGN_JSON, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       fstatat(at, FINDING_FOLDER, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void walk(struct gathering *g, int at, const char *path, unsigned depth);

static void walk_into(struct gathering *g, int at, const char *path, const char *name,
		      unsigned depth)
{
	struct stat st;
	char *below;
	int fd;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		return;
	below = path_of(path, name);
	fd = folder_open(at, name);
	if (fd < 0) {
		add_problem(g, SIZE_MAX, below, strerrordesc_np(errno));
	} else {
		walk(g, fd, below, depth + 1);
		close(fd);
	}
	free(below);
}

static void walk(struct gathering *g, int at, const char *path, unsigned depth)
{
	struct folder_names names;
	const char *why = NULL;
	struct stat st;

	must(fstat(at, &st) == 0);
	if (is_campaign(at)) {
		take_campaign(g, at, path, &st);
		return;
	}
	if (depth > FOLDER_DEPTH_MAX)
		why = "folders nested too deep";
	if (!why)
		why = folder_names(at, ENTRIES_MAX, &names);
	if (why) {
		add_problem(g, SIZE_MAX, path, why);
		return;
	}
	for (size_t i = 0; i < names.nr; i++)
		walk_into(g, at, path, names.name[i], depth);
	folder_names_free(&names);
}

bool gather(struct gathering *g, const char *path, struct why *why)
{
	size_t before = g->met + g->problems_nr;
	size_t n = strlen(path);
	int fd = folder_open(AT_FDCWD, path);
	char *plain;

	if (fd < 0)
		return why_file(why, visible(path), "");
	plain = strndup(path, n > 1 && path[n - 1] == '/' ? n - 1 : n);
	walk(g, fd, plain, 0);
	close(fd);
	if (before == g->met + g->problems_nr)
		add_problem(g, SIZE_MAX, plain, "no campaign's folder is here");
	free(plain);
	return true;
}

void gather_complain(const struct gathering *g)
{
	for (size_t i = 0; i < g->problems_nr; i++)
		notice("%s: %s", visible(g->problem[i].path), g->problem[i].why);
}

char *gather_letter(struct gathering *g, const struct kept_finding *k)
{
	int out = folder_open(AT_FDCWD, g->campaign[k->campaign].path), findings = -1, fd = -1;
	char *data = NULL;
	size_t len;

	if (out >= 0)
		findings = folder_open(out, FINDING_FOLDER);
	if (findings >= 0)
		fd = folder_open(findings, k->f.slug);
	if (fd < 0 || folder_read(fd, "letter.txt", LETTER_TEXT_MAX, &data, &len))
		data = NULL;
	for (int *at = (int[]){out, findings, fd, -2}; *at != -2; at++)
		if (*at >= 0)
			close(*at);
	return data;
}

void gather_free(struct gathering *g)
{
	for (size_t i = 0; i < g->campaigns_nr; i++)
		free(g->campaign[i].path);
	for (size_t i = 0; i < g->findings_nr; i++) {
		free(g->finding[i].folder);
		free(g->finding[i].program);
	}
	for (size_t i = 0; i < g->problems_nr; i++) {
		free(g->problem[i].path);
		free(g->problem[i].why);
	}
	free(g->campaign);
	free(g->finding);
	free(g->problem);
	*g = (struct gathering){0};
}

/* ---- groups ---- */

static int by_signature(const void *a, const void *b)
{
	const struct kept_finding *x = a, *y = b;
	int order = strcmp(x->f.signature, y->f.signature);

	return order ? order : strcmp(x->folder, y->folder);
}

static bool is_smaller(const struct kept_finding *a, const struct kept_finding *b)
{
	if (!a->program != !b->program)
		return a->program;
	if (a->damaged != b->damaged)
		return b->damaged;
	if (a->f.ops != b->f.ops)
		return a->f.ops < b->f.ops;
	if (a->f.switches != b->f.switches)
		return a->f.switches < b->f.switches;
	return a->f.deviations < b->f.deviations;
}

/* A word of a list with a space between; what has no room is left out. */
static void add_word(char *list, size_t cap, const char *word)
{
	size_t n = strlen(word), len = strlen(list);

	for (const char *at = list; n && (at = strstr(at, word)); at += n)
		if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return;
	if (n && len + n + 2 < cap)
		sprintf(list + len, "%s%s", len ? " " : "", word);
}

static void add_to_group(struct group *group, struct kept_finding *k)
{
	struct kept_finding *last = group->of + group->nr - 1;

	group->campaigns += !group->nr || last->campaign != k->campaign;
	group->nr++;
	group->seen += k->f.seen;
	if (group->seen > FINDING_COUNT_MAX)
		group->seen = FINDING_COUNT_MAX;
	if (!group->first_seen || strcmp(k->f.first_seen, group->first_seen) < 0)
		group->first_seen = k->f.first_seen;
	if (!group->last_seen || strcmp(k->f.last_seen, group->last_seen) > 0)
		group->last_seen = k->f.last_seen;
	if (!group->best || is_smaller(k, group->best))
		group->best = k;
	add_word(group->subjects, sizeof(group->subjects), k->f.subject);
	add_word(group->defects, sizeof(group->defects), k->f.defect);
}

bool gather_next_group(struct gathering *g, struct group *group)
{
	struct kept_finding *k = group->of ? group->of + group->nr : g->finding, *end;

	if (!g->findings_nr) /* then there is no array */
		return false;
	if (!group->of)
		qsort(g->finding, g->findings_nr, sizeof(*g->finding), by_signature);
	end = g->finding + g->findings_nr;
	if (k == end)
		return false;
	*group = (struct group){.of = k};
	for (; k < end && !strcmp(k->f.signature, group->of->f.signature); k++)
		add_to_group(group, k);
	return true;
}

bool group_stands_alone(const struct group *group)
{
	for (size_t i = 0; i < group->nr; i++)
		if (!group->of[i].f.follows[0] && !group->of[i].f.akin[0])
			return true;
	return false;
}
