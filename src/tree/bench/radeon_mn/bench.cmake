# What radeon_mn is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/gpu/drm/radeon/radeon_mn.c)
set(bench_includes drivers/gpu/drm/radeon)
