/*
 * cpu.c - what inline code asks of the processor: the size of a cache line, and the bits of a page
 * table entry that it has.
 */
#include <asm/pgtable_types.h>
#include <asm/processor.h>

struct cpuinfo_x86 boot_cpu_data __section("bf_kept") = {
	.x86_cache_alignment = 64,
	.x86_clflush_size = 64,
};
pteval_t __supported_pte_mask __section("bf_kept") = ~0ul;
