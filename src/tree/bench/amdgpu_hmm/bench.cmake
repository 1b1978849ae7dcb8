# What amdgpu_hmm is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/gpu/drm/amd/amdgpu/amdgpu_hmm.c)
set(bench_files mm/hmm.c)
set(bench_includes amdgpu include include/asic_reg pm/inc pm/swsmu/inc pm/powerplay/inc acp/include amdkfd display
  display/include display/modules/inc display/dc display/dmub/inc display/amdgpu_dm amdxcp)
list(TRANSFORM bench_includes PREPEND drivers/gpu/drm/amd/)
set(bench_since 6.12) # the file has another name and other functions before
