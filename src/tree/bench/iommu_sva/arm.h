/*
 * arm.h - what arm-smmu-v3-sva.c asks of an Arm processor, for the headers of another one: included
 * before each file of this bench. iommu-sva.c refuses a bind where CONFIG_X86 is set, so that goes once
 * the headers that depend on it are there.
 */
#ifndef BENCH_IOMMU_SVA_ARM_H
#define BENCH_IOMMU_SVA_ARM_H

#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#undef CONFIG_X86

#define SYS_ID_AA64MMFR0_EL1 0
#define ID_AA64MMFR0_EL1_PARANGE_SHIFT 0
#define ID_AA64MMFR0_EL1_ASIDBITS_SHIFT 4
#define vabits_actual 48
#define read_sanitised_ftr_reg(id) 0ull
#define read_sysreg(reg) 0ull
#define cpuid_feature_extract_unsigned_field(value, shift) (((value) >> (shift)) & 15)
#define id_aa64mmfr0_parange_to_phys_shift(range) 48
#define arm64_kernel_unmapped_at_el0() false

#endif
