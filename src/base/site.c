/*
 * site.c - where a site stands, for people. A build folder's path is no one else's business: ours are
 * told from the root of the project, others by their name.
 */
#include "base/site.h"

#include <stdbool.h>
#include <string.h>

static const char *tree; /* NULL: there is none */
static bool hides_source;

void site_set_tree(const char *root)
{
	tree = root;
}

void site_hide_source(void)
{
	hides_source = true;
}

/* The path below the tree, or NULL. */
static const char *path_in_tree(const struct site *s)
{
	size_t n = tree ? strlen(tree) : 0;

	if (!n || !s->file || strncmp(s->file, tree, n) != 0 || s->file[n] != '/')
		return NULL;
	return s->file + n + 1;
}

const char *site_words(const struct site *s)
{
	return hides_source && path_in_tree(s) ? s->prim : s->text;
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

	if (path_in_tree(s))
		return path_in_tree(s);
	for (unsigned i = 0; s->file && i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *at = strstr(s->file, folders[i]);

		if (at && (at == s->file || at[-1] == '/'))
			return at;
	}
	return site_file_name(s);
}
