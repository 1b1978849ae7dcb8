/*
 * iommu.c - what an mm keeps for IOMMUs: nothing, unless iommu-sva.c is under test, whose function then
 * is the one that is linked.
 */
#include "tree/kernel/process_tree.h"

#if BOND_KERNEL >= 60700 && defined(CONFIG_IOMMU_MM_DATA)
void __weak mm_pasid_drop(struct mm_struct *mm)
{
}
#endif
