# What umem_odp is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/infiniband/core/umem_odp.c)
set(bench_files mm/hmm.c)
set(bench_includes drivers/infiniband/core)
set(bench_since 6.12)
