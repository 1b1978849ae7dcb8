/*
 * race.c - the device race of 2015 on POSIX threads: a program for tools that need one of their own.
 *
 * The steps of corpus/scenario/2015-device-race.bond on hmm_v3. main unregisters a mirror, then its
 * device, and frees the device if no mirror was left; the other thread is the exit of the address
 * space. With -DREPAIRED each mirror counts as a user of its device (hmm_v3_counts_device).
 *
 * The kernel's mutex_unlock() looks at the mutex once more after the next owner may have it.
 * glibc's does not, so struct kmutex does. Plain locks everywhere else: helgrind and drd do not
 * understand atomics.
 *
 * usage: race SECONDS FILE      FILE: the number of runs, kept up to date
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifdef REPAIRED
enum { repaired = 1 };
#else
enum { repaired = 0 };
#endif

struct kmutex {
	pthread_mutex_t word;
	int waiters;
};

struct device {
	struct kmutex mutex;
	int mirrors;
	int refs;
	sem_t idle;
};

struct mirror {
	struct device *device;
	bool listed;
	int refs;
};

static pthread_mutex_t rwsem = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t counts = PTHREAD_MUTEX_INITIALIZER;

static void kmutex_lock(struct kmutex *m)
{
	pthread_mutex_lock(&m->word);
}

static void kmutex_unlock(struct kmutex *m)
{
	pthread_mutex_unlock(&m->word);
	if (m->waiters)
		abort();
}

static bool dec_and_test(int *refs)
{
	bool last;

	pthread_mutex_lock(&counts);
	last = !--*refs;
	pthread_mutex_unlock(&counts);
	return last;
}

static void device_put(struct device *device)
{
	if (dec_and_test(&device->refs))
		sem_post(&device->idle);
}

static void mirror_put(struct mirror *mirror)
{
	struct device *device = mirror->device;

	if (!dec_and_test(&mirror->refs))
		return;
	kmutex_lock(&device->mutex);
	device->mirrors--;
	kmutex_unlock(&device->mutex);
	if (repaired)
		device_put(device);
}

/* Takes the list's reference away, for whoever comes first: hmm_mirror_kill() and release. */
static void mirror_unlist(struct mirror *mirror)
{
	bool listed;

	pthread_mutex_lock(&rwsem);
	listed = mirror->listed;
	mirror->listed = false;
	pthread_mutex_unlock(&rwsem);
	if (listed)
		mirror_put(mirror);
}

static void *mm_exit(void *mirror)
{
	mirror_unlist(mirror);
	return NULL;
}

static bool device_unregister(struct device *device)
{
	bool busy;

	kmutex_lock(&device->mutex);
	busy = device->mirrors;
	kmutex_unlock(&device->mutex);
	if (busy)
		return false;
	if (repaired) {
		device_put(device);
		sem_wait(&device->idle);
	}
	return true;
}

static void run(void)
{
	struct device *device = calloc(1, sizeof(*device));
	struct mirror mirror = {device, true, 2};
	pthread_t other;
	bool gone;

	if (!device)
		abort();
	pthread_mutex_init(&device->mutex.word, NULL);
	sem_init(&device->idle, 0, 0);
	device->mirrors = 1;
	device->refs = 2;
	if (pthread_create(&other, NULL, mm_exit, &mirror))
		abort();
	mirror_unlist(&mirror);
	mirror_put(&mirror);
	gone = device_unregister(device);
	if (gone)
		free(device);
	pthread_join(other, NULL);
	if (!gone)
		free(device);
}

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0644) : -1;
	time_t end;
	long *runs;

	if (fd < 0 || ftruncate(fd, sizeof(*runs))) {
		fprintf(stderr, "usage: race SECONDS FILE\n");
		return 2;
	}
	runs = mmap(NULL, sizeof(*runs), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (runs == MAP_FAILED)
		return 2;
	for (end = time(NULL) + atol(argv[1]); time(NULL) < end; ++*runs)
		run();
	return 0;
}
