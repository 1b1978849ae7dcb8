/*
 * site.c - where a site stands, for people. A build folder's path is no one else's business: ours are
 * told from the root of the project, others by their name.
 */
#include "base/site.h"

#include <string.h>

const char *site_file_name(const struct site *s)
{
	const char *slash = s->file ? strrchr(s->file, '/') : NULL;

	return slash ? slash + 1 : s->file;
}

const char *site_path(const struct site *s)
{
	static const char *const folders[] = {"src/core/", "src/posted/", "src/subject/",
					      "src/kapi/"};

	for (unsigned i = 0; s->file && i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *at = strstr(s->file, folders[i]);

		if (at && (at == s->file || at[-1] == '/'))
			return at;
	}
	return site_file_name(s);
}
