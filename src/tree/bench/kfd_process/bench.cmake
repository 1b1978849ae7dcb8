# What kfd_process is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/gpu/drm/amd/amdkfd/kfd_process.c)
set(bench_library lib/idr.c lib/xarray.c lib/radix-tree.c lib/bitmap.c lib/find_bit.c lib/hweight.c)
set(bench_includes include/asic_reg include amdgpu pm/inc acp/include display display/include display/modules/inc display/dc
  display/amdgpu_dm amdkfd)
list(TRANSFORM bench_includes PREPEND drivers/gpu/drm/amd/)
set(bench_since 6.12)
