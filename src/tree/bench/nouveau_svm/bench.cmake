# What nouveau_svm is built of, beside the core: files of the tree, and where their headers are.
set(bench_modules drivers/gpu/drm/nouveau/nouveau_svm.c)
set(bench_files mm/hmm.c)
set(bench_library lib/sort.c)
set(bench_includes drivers/gpu/drm/nouveau drivers/gpu/drm/nouveau/include drivers/gpu/drm/nouveau/include/nvkm)
set(bench_flags -DCONFIG_DRM_NOUVEAU_SVM=1)
set(bench_since 6.12) # the client library of older kernels has other types
