/*
 * iommu_driver.h - what the SVA cores call to reach the hardware.
 */
#ifndef SUBJECT_BENCH_IOMMU_DRIVER_H
#define SUBJECT_BENCH_IOMMU_DRIVER_H

#include <linux/iommu.h>

/* Contracts: struct io_mm_ops. attach fails when the schedule says so. */
extern const struct io_mm_ops iommu_driver_ops;

/**
 * iommu_driver_check_pool() - all is closed: who had a PASID gave it back (INV-45)
 *
 * Context: no op runs, and no callback is pending. While a context is left, which is a leak, it
 * asks nothing.
 */
void iommu_driver_check_pool(void);

#endif
