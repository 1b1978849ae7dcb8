/*
 * statics.h - included before everything in code under test: its writable statics go to sections
 * that the platform restores between runs. Constant data stays where it is.
 */
#pragma clang section data = "bf_data" bss = "bf_bss"
