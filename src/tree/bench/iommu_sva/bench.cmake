# What iommu_sva is built of, beside the core: files of the tree, and where their headers are.
set(bench_files drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c drivers/iommu/io-pgfault.c drivers/iommu/iommu-sva.c)
set(bench_library lib/xarray.c lib/radix-tree.c lib/bitmap.c lib/find_bit.c lib/hweight.c)
set(bench_includes drivers/iommu drivers/iommu/arm/arm-smmu-v3)
set(bench_flags -DCONFIG_ARM_SMMU_V3_SVA=1 -include ${dir}/arm.h) # that are Arm's own words, and bind() says no on x86
set(bench_since 6.12)
