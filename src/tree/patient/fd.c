/*
 * fd.c - files that a file of the tree makes by itself: descriptors, anonymous files, and references on them.
 *
 * The last fput() releases a file later, from a work, as the kernel does on the way out of the system call: never
 * under the locks of its caller. A descriptor that a system call has installed becomes the object that its op gives;
 * a process that asked for none closes it at once. Functions are weak: a bench that has one of its own keeps it.
 *
 * Locks: fd_lock, under everything.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "base/lane.h"
#include "kapi/file.h"
#include "kapi/bench.h"
#include "subject/bench/vfs.h"
#include "tree/bond.h"
#include "tree/patient/device.h"

#define FD_FIRST 3
#define FDS 8

static DEFINE_SPINLOCK(fd_lock);
static struct fd_slot {
	bool taken, installed; /* installed: it is file @nr of @kind, while that is open */
	unsigned kind, nr;
} fds[FDS];

/* Of each lane: where a file goes that its system call installs. */
static struct {
	const struct file_operations *fops;
	unsigned kind, nr, mm_nr;
	bool given;
} gives[LANES];

static struct file *dropped; /* by f_llist */

/* ---- references ---- */

static struct file *take_dropped(void)
{
	struct file *file;

	spin_lock(&fd_lock);
	file = dropped;
	if (file)
		dropped = (struct file *)file->f_llist.next;
	spin_unlock(&fd_lock);
	return file;
}

static void release_dropped(struct work_struct *work)
{
	struct file *file;

	while ((file = take_dropped()))
		vfs_file_release(file);
}

static DECLARE_WORK(drop_work, release_dropped);
KAPI_STAYS(release_dropped);

void __weak fput(struct file *file)
{
	if (!atomic_long_dec_and_test(&file->f_count))
		return;
	spin_lock(&fd_lock);
	file->f_llist.next = (struct llist_node *)dropped;
	dropped = file;
	spin_unlock(&fd_lock);
	schedule_work(&drop_work);
}

/* ---- descriptors ---- */

static bool fd_is_free(const struct fd_slot *slot)
{
	return !slot->taken || (slot->installed && !kapi_file_is_open(slot->kind, slot->nr));
}

int __weak get_unused_fd_flags(unsigned flags)
{
	int fd = -EMFILE;

	spin_lock(&fd_lock);
	for (unsigned i = 0; fd < 0 && i < FDS; i++)
		if (fd_is_free(&fds[i])) {
			fds[i] = (struct fd_slot){.taken = true};
			fd = (int)(FD_FIRST + i);
		}
	spin_unlock(&fd_lock);
	return fd;
}

void __weak put_unused_fd(unsigned int fd)
{
	if (WARN_ON(fd - FD_FIRST >= FDS))
		return;
	spin_lock(&fd_lock);
	fds[fd - FD_FIRST].taken = false;
	spin_unlock(&fd_lock);
}

void __weak fd_install(unsigned int fd, struct file *file)
{
	unsigned lane = bond_lane();

	if (WARN_ON(fd - FD_FIRST >= FDS))
		return;
	if (gives[lane].given || gives[lane].fops != file->f_op) {
		put_unused_fd(fd);
		fput(file);
		return;
	}
	gives[lane].given = true;
	vfs_file_install(file, gives[lane].kind, gives[lane].nr, gives[lane].mm_nr);
	spin_lock(&fd_lock);
	fds[fd - FD_FIRST] = (struct fd_slot){true, true, gives[lane].kind, gives[lane].nr};
	spin_unlock(&fd_lock);
}

struct file *__weak fget(unsigned int fd)
{
	struct fd_slot slot = {0};
	struct file *file;

	spin_lock(&fd_lock);
	if (fd - FD_FIRST < FDS)
		slot = fds[fd - FD_FIRST];
	spin_unlock(&fd_lock);
	file = slot.installed ? vfs_file_get(slot.kind, slot.nr) : NULL;
	return file;
}

#if BOND_KERNEL >= 61200
struct fd __weak fdget(unsigned int fd)
{
	struct file *file = fget(fd);

	return file ? CLONED_FD(file) : EMPTY_FD;
}
#else
unsigned long __weak __fdget(unsigned int fd)
{
	struct file *file = fget(fd);

	return file ? (unsigned long)file | FDPUT_FPUT : 0;
}
#endif

/* ---- anonymous files ---- */

struct file *__weak anon_inode_getfile(const char *name, const struct file_operations *fops,
				       void *priv, int flags)
{
	struct file *file = vfs_file_new(fops);

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->private_data = priv;
	file->f_flags = (unsigned)flags;
	file->f_mode = FMODE_READ | FMODE_WRITE;
	return file;
}

int __weak anon_inode_getfd(const char *name, const struct file_operations *fops, void *priv,
			    int flags)
{
	int fd = get_unused_fd_flags((unsigned)flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, fops, priv, flags);
	if (IS_ERR(file)) {
		put_unused_fd((unsigned)fd);
		return (int)PTR_ERR(file);
	}
	fd_install((unsigned)fd, file);
	return fd;
}

int device_gives(const struct file_operations *fops, unsigned kind, unsigned nr, unsigned mm_nr,
		 int (*call)(const void *arg), const void *arg)
{
	unsigned lane = bond_lane();
	int error;

	gives[lane].fops = fops;
	gives[lane].kind = kind;
	gives[lane].nr = nr;
	gives[lane].mm_nr = mm_nr;
	gives[lane].given = false;
	error = call(arg);
	gives[lane].fops = NULL;
	if (!gives[lane].given)
		return error < 0 ? error : -EBADF;
	return 0;
}
