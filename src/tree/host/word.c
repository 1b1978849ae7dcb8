/*
 * word.c - words and ranges of the tree's memory, as the platform sees them.
 *
 * A read-modify-write is the caller's own instruction, right after its announcement. What a site says
 * tells whether it gives a reference back ("refcount_dec_and_test"), and whether it acquires.
 */
#include <string.h>
#include <sys/mman.h>

#include "kapi/sim/internal.h"
#include "tree/host/host.h"
#include "tree/host/site.h"

/* ---- names ---- */

const char *bond_name(const struct site *site)
{
	const char *text = bond_site_text(site), *open = strchr(text, '(');

	return open ? open + 1 : text;
}

struct kapi_class *bond_type(const struct site *site)
{
	const char *text = bond_site_text(site), *size = strstr(text, "sizeof(");

	return kapi_class_of(NULL, size ? size : site->func);
}

/* ---- one word ---- */

/* What a read-modify-write does to a count, by its name; 0: that is not known. */
static int change_of(const struct site *site)
{
	static const struct {
		const char *word;
		int change;
	} known[] = {{"_inc", 1},  {"_get", 1},	 {"mmget", 1},	 {"mmgrab", 1},
		     {"_dec", -1}, {"_put", -1}, {"mmdrop", -1}, {"mmput", -1}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strstr(site->prim, known[i].word))
			return known[i].change;
	return 0;
}

/*
 * An update that returns nothing orders nothing, and others may see it late. Returns: is @site one?
 * @ret_how: what it does to the word. atomic_set() is none: its store is an access that has a hook.
 */
static bool is_void(const struct site *site, enum kapi_update *ret_how)
{
	static const struct {
		const char *word;
		enum kapi_update how;
	} known[] = {{"set_bit", KAPI_UPDATE_OR},     {"clear_bit", KAPI_UPDATE_AND},
		     {"change_bit", KAPI_UPDATE_XOR}, {"_and", KAPI_UPDATE_AND},
		     {"_xor", KAPI_UPDATE_XOR},	      {"_or", KAPI_UPDATE_OR}};
	const char *update = bond_site_update(site);

	*ret_how = KAPI_UPDATE_ADD;
	for (size_t i = 0; update && i < sizeof(known) / sizeof(known[0]); i++)
		if (strstr(update, known[i].word)) {
			*ret_how = known[i].how;
			return true;
		}
	return update && !strstr(update, "_set");
}

void host_rmw(const volatile void *at, size_t size, enum kapi_order order, const void *pc)
{
	struct site *site = bond_site(pc);
	enum kapi_update how;

	if (size > sizeof(uint64_t)) {
		kapi_store(at, site);
		host_access_marked(at, size, true, pc);
		return;
	}
	if (is_void(site, &how) && order == KAPI_RELAXED)
		order = KAPI_VOID;
	else if (order == KAPI_RELAXED && !strstr(site->prim, "_relaxed"))
		order = KAPI_ACQUIRE; /* nothing in the code says which: no race is made up */
	sim_self()->made_at = sim_races ? pc : NULL;
	kapi_atomic_made((volatile void *)(uintptr_t)at, (unsigned)size, how, change_of(site),
			 order, site);
	host_ask(at, size, true);
}

/* An acquire is a barrier() to the compiler: the call's name says it. */
static bool acquires(const struct site *site)
{
	return strstr(site->prim, "acquire") || strstr(site->prim, "wait_on_bit");
}

void host_marked_read(const volatile void *at, size_t size, const void *pc)
{
	host_access_marked(at, size, false, pc);
	if (sim_watches_accesses && acquires(bond_site(pc)))
		kapi_acquire(at);
}

void bond_load(const volatile void *at, unsigned long size, struct site *site, const void *pc)
{
	kapi_load(at, site);
	host_access_marked(at, size, false, pc);
	kapi_acquire(at);
}

void bond_touch(const volatile void *at, struct site *site)
{
	kapi_rcu_check(true, at, site);
}

unsigned int bond_lane(void)
{
	return kapi_thread();
}

/* ---- ranges ---- */

bool host_range(const volatile void *at, size_t size, bool write, const void *pc)
{
	if (!size)
		return false;
	if (!sim_is_fine(at, size))
		sim_touch_range(at, size);
	host_ask(at, size, write);
	return sim_watches_accesses;
}

void bond_range(const volatile void *at, unsigned long size, int write, const void *pc)
{
	if (!host_range(at, size, write, pc))
		return;
	for (size_t i = 0; i < size; i += 8)
		sim_plain_access((const volatile char *)at + i, size - i < 8 ? size - i : 8, write,
				 pc);
}

unsigned long bond_arena(unsigned long entry, unsigned long each, unsigned long *ret_contents)
{
	static char *contents;

	if (!contents)
		contents = mmap(NULL, ARENA / entry * each, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (contents == MAP_FAILED)
		panic(__FILE__, __LINE__, "no addresses for the contents of pages");
	sim_contents(contents, ARENA / entry * each, each, entry);
	*ret_contents = (unsigned long)contents;
	return (unsigned long)sim_arena;
}

unsigned long bond_block(const void *at, void **ret_start)
{
	struct sim_block *b = sim_block_of(at);

	if (!b || !sim_lives(b))
		return 0;
	*ret_start = b->at;
	return b->size;
}

void *host_set(void *to, int value, size_t n)
{
	unsigned char *at = to;

	for (size_t i = 0; i < n; i++)
		at[i] = (unsigned char)value;
	return to;
}

void *host_move(void *to, const void *from, size_t n)
{
	const unsigned char *source = from;
	unsigned char *at = to;

	if (at <= source)
		for (size_t i = 0; i < n; i++)
			at[i] = source[i];
	else
		for (size_t i = n; i; i--)
			at[i - 1] = source[i - 1];
	return to;
}
