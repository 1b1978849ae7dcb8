/*
 * hmm_v3.c - libFuzzer target of the subject hmm_v3: fuzz_hmm_v3 [-runs=N] CORPUS
 */
#include "fuzz/target.h"

TARGET("hmm_v3")
