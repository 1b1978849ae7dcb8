/*
 * site.c - where a site stands, for people. A build folder's path is no one else's business: ours are
 * told from the root of the project, those of a kernel tree from its root, others by their name.
 *
 * The words of a tree's sites were read when the program was built. The file is read again when they
 * are shown, to say so where it has changed: a checksum of each is kept, and asked for again when the
 * file's time or size is another.
 */
#include "base/site.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"

#define SOURCE_MAX (64 << 20) /* bytes of a file that are read */

/* What is known of a file of the tree; beside the table that was given. */
struct seen {
	bool asked, changed;
	struct timespec time;
	off_t size;
	ino_t inode;
};

static const struct site_source *tree;
static unsigned tree_nr;
static struct seen *seen;
static bool hides_source;

void site_set_tree(const struct site_source *sources, unsigned nr)
{
	free(seen);
	seen = calloc(nr + 1, sizeof(*seen));
	must(seen);
	tree = sources;
	tree_nr = nr;
}

bool site_has_tree(void)
{
	return tree_nr;
}

void site_hide_source(void)
{
	hides_source = true;
}

static const struct site_source *source_of(const struct site *s)
{
	for (unsigned i = 0; s->file && i < tree_nr; i++)
		if (s->file == tree[i].file || !strcmp(s->file, tree[i].file))
			return &tree[i];
	return NULL;
}

uint32_t site_sum(uint32_t sum, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	sum = ~sum;
	while (n--) {
		sum ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}

/* Of at most SOURCE_MAX bytes; a longer file is another one. Returns: could it be read? */
static bool sum_of(int fd, uint32_t *ret_sum)
{
	char bytes[16384];
	size_t all = 0;
	ssize_t n;

	*ret_sum = 0;
	while ((n = read(fd, bytes, sizeof(bytes))) > 0 && (all += (size_t)n) <= SOURCE_MAX)
		*ret_sum = site_sum(*ret_sum, bytes, (size_t)n);
	return n == 0;
}

static bool is_new(const struct seen *before, const struct stat *now)
{
	return !before->asked || before->time.tv_sec != now->st_mtim.tv_sec ||
	       before->time.tv_nsec != now->st_mtim.tv_nsec || before->size != now->st_size ||
	       before->inode != now->st_ino;
}

bool site_is_changed(const struct site *s)
{
	const struct site_source *source = source_of(s);
	struct seen *before;
	struct stat now;
	uint32_t sum;
	int fd;

	if (!source)
		return false;
	fd = open(source->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return true;
	before = &seen[source - tree];
	if (fstat(fd, &now) < 0 || !S_ISREG(now.st_mode))
		before->changed = true;
	else if (is_new(before, &now))
		*before = (struct seen){.asked = true,
					.changed = !sum_of(fd, &sum) || sum != source->sum,
					.time = now.st_mtim,
					.size = now.st_size,
					.inode = now.st_ino};
	close(fd);
	return before->changed;
}

const char *site_words(const struct site *s)
{
	return hides_source && source_of(s) ? s->prim : s->text;
}

const char *site_file_name(const struct site *s)
{
	const char *slash = s->file ? strrchr(s->file, '/') : NULL;

	return slash ? slash + 1 : s->file;
}

const char *site_path(const struct site *s)
{
	static const char *const folders[] = {"src/core/", "src/posted/", "src/subject/",
					      "src/kapi/"};

	if (source_of(s))
		return source_of(s)->path;
	for (unsigned i = 0; s->file && i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *at = strstr(s->file, folders[i]);

		if (at && (at == s->file || at[-1] == '/'))
			return at;
	}
	return site_file_name(s);
}
