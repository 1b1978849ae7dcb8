# What mmu_rb is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/infiniband/hw/hfi1/mmu_rb.c)
set(bench_includes drivers/infiniband/hw/hfi1)
