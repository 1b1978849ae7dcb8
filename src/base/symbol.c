/*
 * symbol.c - the program's file stays mapped, and names point into it. A program that is not
 * position-independent has absolute addresses in its table.
 */
#include "base/symbol.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *strings;
static const Elf64_Sym *symbols;
static size_t symbols_nr;
static uintptr_t base; /* of the addresses in the table */

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

static void take_symbols(const char *file)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Shdr *section = (const void *)(file + header->e_shoff);

	base = header->e_type == ET_DYN ? (uintptr_t)__ehdr_start : 0;
	for (unsigned i = 0; i < header->e_shnum; i++) {
		if (section[i].sh_type != SHT_SYMTAB)
			continue;
		symbols = (const void *)(file + section[i].sh_offset);
		symbols_nr = section[i].sh_size / sizeof(*symbols);
		strings = file + section[section[i].sh_link].sh_offset;
	}
}

static void load_symbols(void)
{
	static bool done;
	struct stat st;
	const char *file;
	int fd;

	if (done)
		return;
	done = true;
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0) {
		file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (file != MAP_FAILED)
			take_symbols(file);
	}
	close(fd);
}

/* In a program over a kernel tree, whose symbols have a prefix there. */
extern const char bond_tree_text[] __attribute__((weak));

static const char *bare(const char *name)
{
	return bond_tree_text && strncmp(name, "k_", 2) == 0 ? name + 2 : name;
}

static const char *name_of(const volatile void *at, unsigned type)
{
	load_symbols();
	for (size_t i = 0; i < symbols_nr; i++)
		if (ELF64_ST_TYPE(symbols[i].st_info) == type &&
		    (uintptr_t)at - base - symbols[i].st_value < symbols[i].st_size)
			return bare(strings + symbols[i].st_name);
	return "?";
}

const char *symbol_function(const void *at)
{
	return name_of(at, STT_FUNC);
}

const char *symbol_variable(const volatile void *at)
{
	return name_of(at, STT_OBJECT);
}
