/*
 * file.h - a driver's open files: how the ops of a program hold the objects that they name.
 *
 * Object number @nr of kind @kind is one file. An op that uses an object holds the file meanwhile, so
 * that nobody closes it under the op, as fget() and fput() do for an ioctl; the last one out of a
 * closed file does the closing work, as the last fput() does. fork() adds an opener. None of this is
 * a visible operation: an op's begin is, and these happen with it. They order what they hand over,
 * as the file table's lock does.
 */
#ifndef KAPI_FILE_H
#define KAPI_FILE_H

#include <stdbool.h>

/** kapi_file_install() - open the file: one opener, no user. The slot must be free. */
void kapi_file_install(unsigned kind, unsigned nr, void *object);

/** kapi_file_get() - use an open file. Returns: the object, or NULL when it is not open. */
void *kapi_file_get(unsigned kind, unsigned nr);

/**
 * kapi_file_put() - stop using a file
 *
 * Returns: true when the file is closed and this was the last use: the caller does the closing work
 * on the object now. The slot is free then.
 */
bool kapi_file_put(unsigned kind, unsigned nr);

/** kapi_file_share() - one more opener (fork), if it is open. Returns: was it open? */
bool kapi_file_share(unsigned kind, unsigned nr);

/**
 * kapi_file_close() - an opener lets go
 *
 * Returns: the object when this was the last opener: kapi_file_get() fails from here on, and the
 * caller holds a use that it puts with kapi_file_put(); NULL when it is not open, or still open
 * elsewhere.
 */
void *kapi_file_close(unsigned kind, unsigned nr);

/** kapi_file_reopen() - take a close back; the caller's use becomes the opener again */
void kapi_file_reopen(unsigned kind, unsigned nr);

/** kapi_file_is_open() - would kapi_file_get() succeed? */
bool kapi_file_is_open(unsigned kind, unsigned nr);

/** kapi_file_users() - uses right now, the caller's own included */
unsigned kapi_file_users(unsigned kind, unsigned nr);

/** kapi_file_peek() - the object without using it, open or not; NULL when the slot is free */
void *kapi_file_peek(unsigned kind, unsigned nr);

#endif
