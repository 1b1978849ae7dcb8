/*
 * user.c - memory of the process, as its driver copies it: the bench's own memory.
 *
 * A copy may sleep, and fails when a strategy says so; then nothing of it was copied, and the kernel's
 * side is zeroed. get_user() and put_user() call assembly with a calling convention of its own:
 * host/user.c.
 */
#include <linux/uaccess.h>

#include "tree/kernel/glue.h"

static void copy(char *to, const char *from, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++)
		to[i] = from[i];
}

static unsigned long copy_in(void *to, const void *from, unsigned long n, const void *pc)
{
	struct site *site = bond_site(pc);
	bool fails;

	bond_sleepable(site);
	fails = !bond_user((unsigned long)from, n) || kapi_should_fail(to, site);
	bond_write(to, fails ? NULL : from, n, pc);
	return fails ? n : 0;
}

static unsigned long copy_out(void *to, const void *from, unsigned long n, const void *pc)
{
	struct site *site = bond_site(pc);

	bond_range(from, n, 0, pc);
	bond_sleepable(site);
	if (!bond_user((unsigned long)to, n) || kapi_should_fail(from, site))
		return n;
	copy(to, from, n);
	return 0;
}

unsigned long _copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return copy_in(to, (const void __force *)from, n, __builtin_return_address(0));
}

unsigned long _copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return copy_out((void __force *)to, from, n, __builtin_return_address(0));
}

void *memdup_user(const void __user *from, size_t size)
{
	struct site *site = BOND_SITE;
	void *to = kapi_alloc(size, 0, bond_type(site), site);

	if (!to)
		return ERR_PTR(-ENOMEM);
	if (!copy_in(to, (const void __force *)from, size, __builtin_return_address(0)))
		return to;
	kapi_free(to, site);
	return ERR_PTR(-EFAULT);
}

void __might_fault(const char *file, int line)
{
	bond_sleepable(BOND_SITE);
}
