/*
 * program_file.h - programs as files: reading, writing, and the name and comment of one that fails.
 */
#ifndef CAMPAIGN_PROGRAM_FILE_H
#define CAMPAIGN_PROGRAM_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/why.h"
#include "exec/exec.h"
#include "program/program.h"
#include "subject/subject.h"
#include "trace/trace.h"

/** program_file_load() - read and parse; false and @why, "file:line:column: ...", otherwise */
bool program_file_load(const char *path, struct program *ret, struct why *why);

/**
 * program_file_load_or_lack() - the same; a file that names what this program has not got is no
 * reason for a message
 * @ret_lack: what it names, of a static table; else NULL
 */
bool program_file_load_or_lack(const char *path, struct program *ret, const struct lack **ret_lack,
			       struct why *why);

/**
 * program_file_write() - a program file, whole or not at all: written beside it, then renamed
 * @replace: what is there already may go
 *
 * Returns: true, or false and @why, and what was there before still is.
 */
bool program_file_write(const char *path, const struct program *p, bool replace, struct why *why);

/** program_file_slug() - the name of a finding without an ending: rule, type, hash of the signature */
void program_file_slug(const struct verdict *v, char *ret, size_t cap);

/**
 * program_file_describe() - a comment that says what a failing program shows, and the expect lines of it
 * @how: the platform that it was found on
 */
void program_file_describe(struct program *p, const struct subject *subject, const char *defect,
			   const struct exec_how *how, const struct verdict *v);

/**
 * program_file_save() - write a failing program into a folder, under the name of its signature
 * @p: gets a comment and the expect lines that say what it shows
 * @defect: that was on, or NULL
 * @ret_path: where it lies now
 *
 * Returns: true, or false and @why when it cannot be written.
 */
bool program_file_save(const char *dir, struct program *p, const struct subject *subject,
		       const char *defect, const struct exec_how *how, const struct verdict *v,
		       char *ret_path, size_t cap, struct why *why);

#endif
