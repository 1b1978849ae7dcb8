/*
 * user.c - get_user() and put_user(): what their inline assembly calls.
 *
 * Registers: the address is in rax for get and in rcx for put; the value comes in rdx, or is in rax;
 * the error comes in eax, or in ecx. The addresses are the bench's memory, so none ever fails.
 */
#define GET(name, n, load)                                                                         \
	__asm__(".text\n.globl k___get_user_" name #n "\nk___get_user_" name #n ":\n\t" load       \
		"\n\txorl %eax, %eax\n\tret\n");
#define PUT(name, n, store)                                                                        \
	__asm__(".text\n.globl k___put_user_" name #n "\nk___put_user_" name #n ":\n\t" store      \
		"\n\txorl %ecx, %ecx\n\tret\n");
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
