/*
 * hmm.c - libFuzzer target of the subject hmm: fuzz_hmm [-runs=N] CORPUS
 */
#include "fuzz/target.h"

TARGET("hmm")
