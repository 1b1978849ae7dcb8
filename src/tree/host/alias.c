/*
 * alias.c - what the functions of our notifier core are called in a tree's, as far as anchors of the
 * corpus stand in them.
 */
#include "exec/place.h"

const struct place_alias place_aliases[] = {
	{"subscription_unlink", "spin_lock", "mmu_notifier_unregister", NULL},
	{"subscription_find_get", "spin_lock", "find_get_mmu_notifier", NULL},
	{"subscription_link", "spin_lock", "__mmu_notifier_register", NULL},
	{"unlink_all", "spin_lock", "mn_hlist_release", NULL},
	{"unlink_all", "spin_unlock", "mn_hlist_release", NULL},
	{"unlink_all", "hlist_del_init_rcu", "mn_hlist_release", NULL},
	{"mmu_notifier_release", "srcu_read_lock", "mn_hlist_release", NULL},
	{"mmu_notifier_release", "srcu_read_unlock", "mn_hlist_release", NULL},
	{"mmu_notifier_release", "synchronize_srcu", "mn_hlist_release", NULL},
	{"list_range_start", "srcu_read_lock", "mn_hlist_invalidate_range_start", NULL},
	{"list_range_start", "hlist_for_each_entry_srcu", "mn_hlist_invalidate_range_start",
	 "hlist_for_each_entry_rcu"},
	{"list_range_end", "srcu_read_lock", "mn_hlist_invalidate_end", NULL},
	{"range_tell_end", "hlist_for_each_entry_srcu", "mn_hlist_invalidate_end",
	 "hlist_for_each_entry_rcu"},
	{"mmu_notifier_arch_invalidate_secondary_tlbs", "srcu_read_lock",
	 "__mmu_notifier_arch_invalidate_secondary_tlbs", NULL},
	{"mmu_notifier_arch_invalidate_secondary_tlbs", "srcu_read_unlock",
	 "__mmu_notifier_arch_invalidate_secondary_tlbs", NULL},
	{"interval_start_range", "spin_lock", "mn_itree_inv_start_range", NULL},
	{"interval_invalidate_end", "spin_lock", "mn_itree_inv_end", NULL},
	{"interval_insert", "spin_lock", "__mmu_interval_notifier_insert", NULL},
	{"seq_changed", "spin_lock", "mmu_interval_seq_released", NULL},
	{"tell", "WRITE_ONCE", "mmu_interval_set_seq", NULL},
	{NULL, NULL, NULL, NULL},
};
