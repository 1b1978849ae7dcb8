/*
 * file.c - the driver's open files (kapi/file.h). Harness memory; what one lane hands to another
 * through a file is ordered for TSan, as the file table's lock would.
 */
#include "kapi/file.h"

#include <string.h>

#include "kapi/sim/internal.h"

struct file {
	void *object;
	uint8_t openers;
	uint8_t users; /* one more while it is open */
};

static struct file files[OBJECT_KINDS_MAX][OBJECTS_MAX];

void sim_files_reset(void)
{
	for (unsigned k = 0; k < OBJECT_KINDS_MAX; k++)
		for (unsigned n = 0; n < OBJECTS_MAX; n++)
			files[k][n] = (struct file){0};
}

static struct file *file_at(unsigned kind, unsigned nr, bool write)
{
	must(kind < OBJECT_KINDS_MAX && nr < OBJECTS_MAX);
	sim_tell(TOUCH_FILE, kind << 8 | nr, write);
	san_acquire(&files[kind][nr]);
	return &files[kind][nr];
}

void kapi_file_install(unsigned kind, unsigned nr, void *object)
{
	struct file *f = file_at(kind, nr, true);

	must(!f->object && object);
	*f = (struct file){.object = object, .openers = 1, .users = 1};
	san_release(f);
}

/* Uses of an open file commute: it is the end of the last one after the close that matters. */
void *kapi_file_get(unsigned kind, unsigned nr)
{
	struct file *f = file_at(kind, nr, false);

	if (!f->openers)
		return NULL;
	f->users++;
	return f->object;
}

void kapi_file_hold(unsigned kind, unsigned nr)
{
	struct file *f = file_at(kind, nr, false);

	must(f->users);
	f->users++;
}

bool kapi_file_put(unsigned kind, unsigned nr)
{
	struct file *f = file_at(kind, nr, !kapi_file_is_open(kind, nr));

	must(f->users);
	san_release(f);
	if (--f->users)
		return false;
	*f = (struct file){0};
	return true;
}

bool kapi_file_share(unsigned kind, unsigned nr)
{
	struct file *f = file_at(kind, nr, true);

	f->openers += f->openers != 0;
	return f->openers != 0;
}

void *kapi_file_close(unsigned kind, unsigned nr)
{
	struct file *f = file_at(kind, nr, true);

	if (!f->openers || --f->openers)
		return NULL;
	return f->object;
}

void kapi_file_reopen(unsigned kind, unsigned nr)
{
	struct file *f = file_at(kind, nr, true);

	must(!f->openers && f->users);
	f->openers = 1;
	san_release(f);
}

bool kapi_file_is_open(unsigned kind, unsigned nr)
{
	return file_at(kind, nr, false)->openers != 0;
}

unsigned kapi_file_users(unsigned kind, unsigned nr)
{
	return file_at(kind, nr, true)->users;
}

void *kapi_file_peek(unsigned kind, unsigned nr)
{
	return file_at(kind, nr, false)->object;
}
