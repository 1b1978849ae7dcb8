/*
 * sva.c - libFuzzer target of the subject sva: fuzz_sva [-runs=N] CORPUS
 */
#include "fuzz/target.h"

TARGET("sva")
