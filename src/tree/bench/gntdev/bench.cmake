# What gntdev is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/xen/gntdev.c)
set(bench_includes drivers/xen)
set(bench_since 6.12)
