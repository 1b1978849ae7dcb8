/*
 * sva_v4.c - libFuzzer target of the subject sva_v4: fuzz_sva_v4 [-runs=N] CORPUS
 */
#include "fuzz/target.h"

TARGET("sva_v4")
