/*
 * file.c - the driver's open files (kapi/file.h): a mutex for each, so that what one thread hands
 * to another through a file is ordered, and nothing else is.
 */
#include "kapi/file.h"

#include <pthread.h>

#include "kapi/native/internal.h"

struct file {
	pthread_mutex_t mutex; /* protects the rest */
	void *object;
	unsigned openers;
	unsigned users; /* one more while it is open */
};

static struct file files[OBJECT_KINDS_MAX][OBJECTS_MAX];

void native_files_reset(void)
{
	for (unsigned k = 0; k < OBJECT_KINDS_MAX; k++)
		for (unsigned n = 0; n < OBJECTS_MAX; n++)
			files[k][n] = (struct file){.mutex = PTHREAD_MUTEX_INITIALIZER};
}

static struct file *file_lock(unsigned kind, unsigned nr)
{
	must(kind < OBJECT_KINDS_MAX && nr < OBJECTS_MAX);
	native_step();
	must(!pthread_mutex_lock(&files[kind][nr].mutex));
	return &files[kind][nr];
}

static void file_unlock(struct file *f)
{
	must(!pthread_mutex_unlock(&f->mutex));
}

void kapi_file_install(unsigned kind, unsigned nr, void *object)
{
	struct file *f = file_lock(kind, nr);

	must(!f->object && object);
	f->object = object;
	f->openers = 1;
	f->users = 1;
	file_unlock(f);
}

void *kapi_file_get(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);
	void *object = f->openers ? f->object : NULL;

	f->users += f->openers != 0;
	file_unlock(f);
	return object;
}

void kapi_file_hold(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);

	must(f->users);
	f->users++;
	file_unlock(f);
}

bool kapi_file_put(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);
	bool last;

	must(f->users);
	last = --f->users == 0;
	if (last) {
		f->object = NULL;
		f->openers = 0;
	}
	file_unlock(f);
	return last;
}

bool kapi_file_share(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);
	bool open = f->openers != 0;

	f->openers += open;
	file_unlock(f);
	return open;
}

void *kapi_file_close(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);
	bool last = f->openers && --f->openers == 0;
	void *object = last ? f->object : NULL;

	file_unlock(f);
	return object;
}

void kapi_file_reopen(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);

	must(!f->openers && f->users);
	f->openers = 1;
	file_unlock(f);
}

bool kapi_file_is_open(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);
	bool open = f->openers != 0;

	file_unlock(f);
	return open;
}

unsigned kapi_file_users(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);
	unsigned users = f->users;

	file_unlock(f);
	return users;
}

void *kapi_file_peek(unsigned kind, unsigned nr)
{
	struct file *f = file_lock(kind, nr);
	void *object = f->object;

	file_unlock(f);
	return object;
}
