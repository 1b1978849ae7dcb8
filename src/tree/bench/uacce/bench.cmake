# What uacce is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/misc/uacce/uacce.c)
set(bench_library lib/xarray.c lib/bitmap.c lib/find_bit.c lib/radix-tree.c lib/hweight.c)
set(bench_flags -DCONFIG_UACCE=1)
set(bench_since 6.12)
