/*
 * folder.h - files of a folder that nobody vouches for: read within bounds, written all or nothing.
 *
 * A name never leaves its folder: no link is followed, nothing but plain files is read, and what is
 * written appears under its name complete or not at all.
 */
#ifndef CAMPAIGN_FOLDER_H
#define CAMPAIGN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "format/visible.h"

#define FOLDER_NEW ".new-" /* what is being written begins so; left behind, it is of no use */

/**
 * folder_open() - a folder inside another
 * @at: that other, or AT_FDCWD, where @name is a path and may be a link: it is the user's own
 *
 * Returns: a descriptor, or -1 with errno set; ENOTDIR or ELOOP for a link.
 */
int folder_open(int at, const char *name);

/** folder_make() - the same, made where it is missing */
int folder_make(int at, const char *name);

/**
 * folder_read() - the whole of a plain file
 * @max: bytes; a larger file is refused before anything is read
 * @ret: NUL-terminated, for free()
 *
 * Returns: NULL, or a constant sentence that says what is wrong.
 */
const char *folder_read(int at, const char *name, size_t max, char **ret, size_t *ret_len);

/**
 * folder_put() - make a file, which is on the disk on return
 *
 * It must not be there yet. Context: a folder that is not in its place yet; see folder_write().
 * Returns: NULL or the reason.
 */
const char *folder_put(int at, const char *name, const void *data, size_t len);

/** folder_write() - the same under another name first, then in place of what was there */
const char *folder_write(int at, const char *name, const void *data, size_t len);

struct folder_names {
	char **name; /* sorted by bytes */
	size_t nr;
	size_t more; /* that there were beyond the most */
};

/** folder_names() - its entries but hidden ones, at most @max; gives back with folder_names_free() */
const char *folder_names(int at, size_t max, struct folder_names *ret);
void folder_names_free(struct folder_names *n);

/**
 * folder_write_file() - a file that the user named; what is no plain file, as /dev/stdout, is written to
 *
 * Returns: NULL, or the reason, and errno says it, too.
 */
const char *folder_write_file(const char *path, const void *data, size_t len);

/** folder_sweep() - take away what a killed process left half written: FOLDER_NEW names, one level */
void folder_sweep(int at);

/** folder_make_path() - a folder and its parents; true when it is there */
bool folder_make_path(const char *path);

#endif
