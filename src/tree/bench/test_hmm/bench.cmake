# What test_hmm is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules lib/test_hmm.c)
set(bench_files mm/hmm.c)
set(bench_library lib/xarray.c lib/radix-tree.c lib/idr.c)
set(bench_includes lib)
set(bench_since 6.12)
