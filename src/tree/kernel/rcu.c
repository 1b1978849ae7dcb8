/*
 * rcu.c - RCU and each srcu_struct: domains of the platform's, found by address.
 *
 * An srcu_struct of the tree is a handle, whatever it has inside: nothing in it is read or written.
 * RCU's other flavours (bh, sched) are inline in most trees and forbid sleeping only; a grace period
 * of RCU waits for readers that are seen here.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/srcu.h>

#include "kapi/bench.h"
#include "tree/kernel/glue.h"

#define HOW KAPI_INLINE_INIT

/* ---- RCU ---- */

void __rcu_read_lock(void)
{
	kapi_rcu_read_lock(BOND_SITE);
}

void __rcu_read_unlock(void)
{
	kapi_rcu_read_unlock(BOND_SITE);
}

static void synchronize(void *srcu, struct site *site)
{
	bond_sleepable(site);
	kapi_rcu_synchronize(srcu, bond_name(site), site);
}

static void call(void *srcu, struct rcu_head *head, rcu_callback_t func, struct site *site)
{
	kapi_rcu_call(srcu, head, func, bond_name(site), site);
}

static void barrier_of(void *srcu, struct site *site)
{
	bond_sleepable(site);
	kapi_rcu_barrier(srcu, bond_name(site), site);
}

void synchronize_rcu(void)
{
	synchronize(NULL, BOND_SITE);
}

void synchronize_rcu_expedited(void)
{
	synchronize(NULL, BOND_SITE);
}

void call_rcu(struct rcu_head *head, rcu_callback_t func)
{
	call(NULL, head, func, BOND_SITE);
}

void call_rcu_hurry(struct rcu_head *head, rcu_callback_t func)
{
	call(NULL, head, func, BOND_SITE);
}

#undef rcu_barrier
void rcu_barrier(void)
{
	barrier_of(NULL, BOND_SITE);
}

/* The head lies in the block, wherever. */
static void free_block_of(struct rcu_head *head)
{
	static const char here;
	void *start = head;

	bond_block(head, &start);
	kapi_free(start, bond_site(&here));
}
KAPI_STAYS(free_block_of);

#if BOND_KERNEL >= 60400
#define BLOCK_PTR void *
#else
#define BLOCK_PTR rcu_callback_t /* with a head: its offset; without: the block */
#endif

/* kfree_rcu(): without a head the caller may sleep. */
void kvfree_call_rcu(struct rcu_head *head, BLOCK_PTR block)
{
	struct site *site = BOND_SITE;

	if (head) {
		call(NULL, head, free_block_of, site);
		return;
	}
	synchronize(NULL, site);
	kapi_free((void *)block, site);
}

/* ---- SRCU ---- */

int init_srcu_struct(struct srcu_struct *srcu)
{
	kapi_srcu_init(srcu, kapi_class_of(NULL, bond_name(BOND_SITE)));
	return 0;
}

void cleanup_srcu_struct(struct srcu_struct *srcu)
{
	struct site *site = BOND_SITE;

	kapi_srcu_cleanup(srcu, bond_name(site), site);
}

/*
 * Inline code warns of an index that is not 0 or 1, and the platform gives each open section one of
 * its own: this is which is which. A section is ended by the last one that has its bit.
 */
struct section {
	struct srcu_struct *srcu; /* NULL: free */
	int index;
	unsigned int lane;
	bool moves; /* srcu_down_read(): another lane may end it */
};

static struct section sections[64];
static unsigned int sections_nr;

static bool moves(const struct site *site)
{
	return strncmp(bond_site_text(site), "srcu_down_read", 14) == 0 ||
	       strncmp(bond_site_text(site), "srcu_up_read", 12) == 0;
}

static struct section *section_of(struct srcu_struct *srcu, int bit, bool moving)
{
	for (unsigned int i = sections_nr; i; i--) {
		struct section *s = &sections[i - 1];

		if (s->srcu == srcu && (s->index & 1) == bit && s->moves == moving &&
		    (moving || s->lane == bond_lane()))
			return s;
	}
	return NULL;
}

int __srcu_read_lock(struct srcu_struct *srcu)
{
	struct site *site = BOND_SITE;
	bool moving = moves(site);
	int index = kapi_srcu_read_lock(srcu, HOW | (moving ? KAPI_READER_MOVES : 0),
					bond_name(site), site);

	if (sections_nr == ARRAY_SIZE(sections))
		bond_verdict("memory_limit", srcu, "more SRCU sections than may be open", site);
	else
		sections[sections_nr++] = (struct section){srcu, index, bond_lane(), moving};
	return index & 1;
}

void __srcu_read_unlock(struct srcu_struct *srcu, int bit)
{
	struct site *site = BOND_SITE;
	bool moving = moves(site);
	struct section *s = section_of(srcu, bit, moving);
	int index = s ? s->index : -1;

	if (s) {
		sections_nr--;
		for (; s < &sections[sections_nr]; s++)
			s[0] = s[1];
	}
	kapi_srcu_read_unlock(srcu, index, HOW | (moving ? KAPI_READER_MOVES : 0), bond_name(site),
			      site);
}

void synchronize_srcu(struct srcu_struct *srcu)
{
	synchronize(srcu, BOND_SITE);
}

void synchronize_srcu_expedited(struct srcu_struct *srcu)
{
	synchronize(srcu, BOND_SITE);
}

void call_srcu(struct srcu_struct *srcu, struct rcu_head *head, rcu_callback_t func)
{
	call(srcu, head, func, BOND_SITE);
}

void srcu_barrier(struct srcu_struct *srcu)
{
	barrier_of(srcu, BOND_SITE);
}
