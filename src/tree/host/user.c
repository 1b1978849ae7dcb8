/*
 * user.c - memory of a process: is there some, what a system call finds in it, and get_user() and put_user().
 *
 * Memory of a process is any memory of the program that a page is mapped for: a bench passes what it has. A
 * number that is none fails, as in the kernel. What derived op files pass is here, and not instrumented: what
 * a process does to its own memory is nobody's race.
 *
 * The inline assembly of get_user() and put_user() calls with registers of its own: the address is in rax for
 * get and in rcx for put; the value comes in rdx, or is in rax; the error comes in eax, or in ecx.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/limits.h"
#include "tree/host/host.h"

#define PAGE 4096ul
#define USER_SIZE 1024
#define SIZE_OF(command) ((command) >> 16 & 0x3fff) /* _IOC_SIZE() */
#define USER_LEFT 6				    /* what the last call left */

#include "kapi/include/kapi/statics.h"
static uint32_t user_memory[OBJECTS_MAX][USER_SIZE / sizeof(uint32_t)];

bool bond_user(unsigned long at, unsigned long size)
{
	unsigned char resident;
	uintptr_t first = at & -PAGE, last = (at + size - !!size) & -PAGE;

	if (at < PAGE * 16 || at + size < at || last - first > USER_SIZE * PAGE)
		return false;
	for (uintptr_t page = first; page <= last; page += PAGE)
		if (mincore((void *)page, 1, &resident)) /* NOLINT: an address, not an object */
			return false;
	return true;
}

/*
 * Words of a system call: patterns that counts, numbers of objects and sizes can be. The first is for the smallest
 * programs, which have no other: a flag, a handle or a number that is 0, then a count or a size that is 1.
 */
static uint32_t user_word(unsigned how, unsigned nr)
{
	static const unsigned char small[] = {1, 0, 2, 0, 0, 1, 3, 1, 4, 0, 0, 2, 1, 1, 8, 0};

	switch (how) {
	case 0:
		return nr == 1 || (nr && !(nr & 1));
	case 1:
		return 0;
	case 2:
		return 1;
	case 3:
		return !(nr & 1);
	default:
		return small[(nr + how * 5) % sizeof(small)];
	}
}

unsigned long bond_user_fill(unsigned nr, unsigned how, unsigned command)
{
	uint32_t *words = user_memory[nr % OBJECTS_MAX];

	if (!SIZE_OF(command) && command != 1 && how & 1)
		return how / 2;
	for (unsigned i = 0; how != USER_LEFT && i < USER_SIZE / sizeof(*words); i++)
		words[i] = user_word(how, i);
	return (unsigned long)words;
}

/* @at is the register of the address; nothing else is changed until the access itself. */
#define IS_THERE(at, size, fails)                                                                  \
	"pushq %rax\n\tpushq %rcx\n\tpushq %rdx\n\tpushq %rsi\n\tpushq %rdi\n\tpushq %r8\n\t"      \
	"pushq %r9\n\tpushq %r10\n\tpushq %r11\n\tpushq %rbp\n\tmovq %rsp, %rbp\n\t"               \
	"andq $-16, %rsp\n\tmovq %" at ", %rdi\n\tmovl $" #size ", %esi\n\tcall bond_user\n\t"     \
	"testb %al, %al\n\tmovq %rbp, %rsp\n\tpopq %rbp\n\tpopq %r11\n\tpopq %r10\n\t"             \
	"popq %r9\n\tpopq %r8\n\tpopq %rdi\n\tpopq %rsi\n\tpopq %rdx\n\tpopq %rcx\n\tpopq "        \
	"%rax\n\t"                                                                                 \
	"jz " fails "\n\t"
#define GET(name, n, load)                                                                         \
	__asm__(".text\n.globl k___get_user_" name #n "\nk___get_user_" name #n                    \
		":\n\t" IS_THERE("rax", n, "1f") load                                              \
		"\n\txorl %eax, %eax\n\tret\n"                                                     \
		"1:\txorl %edx, %edx\n\tmovq $-14, %rax\n\tret\n");
#define PUT(name, n, store)                                                                        \
	__asm__(".text\n.globl k___put_user_" name #n "\nk___put_user_" name #n                    \
		":\n\t" IS_THERE("rcx", n, "1f") store "\n\txorl %ecx, %ecx\n\tret\n"              \
						       "1:\tmovq $-14, %rcx\n\tret\n");
#define BOTH(name)                                                                                 \
	GET(name, 1, "movzbl (%rax), %edx")                                                        \
	GET(name, 2, "movzwl (%rax), %edx")                                                        \
	GET(name, 4, "movl (%rax), %edx")                                                          \
	GET(name, 8, "movq (%rax), %rdx")                                                          \
	PUT(name, 1, "movb %al, (%rcx)")                                                           \
	PUT(name, 2, "movw %ax, (%rcx)")                                                           \
	PUT(name, 4, "movl %eax, (%rcx)")                                                          \
	PUT(name, 8, "movq %rax, (%rcx)")

BOTH("")
BOTH("nocheck_")
