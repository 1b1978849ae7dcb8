/*
 * hang.c - a loop that meets no hook: neither a primitive nor an access of memory.
 *
 * Nothing of the platform is called there, so a timer of the process looks: it counts CPU time, which
 * stands still while other processes have the cores. HANG_TICKS ticks without a hook are a hang. The
 * last SAMPLES ticks each take the functions on the stack, by its frame pointers; the place of the
 * hang is the innermost function that all samples have at the same depth. Then the signal returns not
 * to the loop but to a function that gives the verdict, on the stack of the fiber.
 *
 * The handler is set by the system call itself, and runs on an alternate stack: ThreadSanitizer holds
 * handlers set by sigaction() back until the code calls something that it intercepts, and this code
 * calls nothing. Elsewhere than on x86-64 nobody looks.
 */
#include "kapi/sim/internal.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/symbol.h"

static struct site hang_site = {"?",  "hang", "loops without a primitive or an access", 0, 0,
				NULL, 0};

#define HANG_TICKS 8
#define SAMPLES 3
#define DEPTH 32
#define ALTERNATE (64 * 1024)

struct sample {
	const void *pc[DEPTH]; /* innermost first */
	unsigned nr;
};

static struct {
	struct sample sample[SAMPLES];
	uint64_t runs;	   /* so far */
	uint64_t hooks[3]; /* at the last tick: runs, steps and events, accesses */
	unsigned still;	   /* ticks since a hook */
	unsigned armed;	   /* milliseconds to a hang; 0: the timer is off */
} hang;

/* ---- where it is ---- */

/* At @depth from the outermost frame. */
static const char *function_at(const struct sample *s, unsigned depth)
{
	return symbol_function((const char *)s->pc[s->nr - 1 - depth] - (depth + 1 < s->nr));
}

static const char *common_function(void)
{
	const char *common = "?";

	for (unsigned depth = 0;; depth++) {
		const char *name = NULL;

		for (unsigned i = 0; i < SAMPLES; i++) {
			const struct sample *s = &hang.sample[i];

			if (depth >= s->nr || (name && name != function_at(s, depth)))
				return common;
			name = function_at(s, depth);
		}
		common = name;
	}
}

static __attribute__((used)) void hang_verdict(void)
{
	hang_site.func = common_function();
	hang_site.func_id = 0;
	site_ids(&hang_site);
	sim_self()->site = &hang_site;
	sim_fail(RULE_hang, NULL, -1, "it goes on without a primitive and without an access");
}

#if defined(__x86_64__)

static bool on_stack(uintptr_t at)
{
	const struct fiber *f = &sim_self()->fiber;

	return at - (uintptr_t)f->stack < f->size - 2 * sizeof(void *);
}

static void take_sample(struct sample *s, const greg_t *reg)
{
	uintptr_t frame = (uintptr_t)reg[REG_RBP];

	s->pc[0] = (const void *)reg[REG_RIP];
	s->nr = 1;
	while (s->nr < DEPTH && on_stack(frame) && frame % sizeof(void *) == 0) {
		const uintptr_t *word = (const uintptr_t *)frame;

		s->pc[s->nr++] = (const void *)word[1];
		if (word[0] <= frame)
			break;
		frame = word[0];
	}
}

/* ---- the timer ---- */

static bool met_a_hook(void)
{
	uint64_t now[3] = {hang.runs, (uint64_t)sim.trace->steps << 32 | sim.trace->events_nr,
			   sim.accesses};
	bool same = now[0] == hang.hooks[0] && now[1] == hang.hooks[1] && now[2] == hang.hooks[2];

	for (unsigned i = 0; i < 3; i++)
		hang.hooks[i] = now[i];
	return !same;
}

static void on_tick(int nr, siginfo_t *info, void *context)
{
	greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)nr, (void)info;
	if (!sim.job || !on_stack((uintptr_t)reg[REG_RSP]) || met_a_hook()) {
		hang.still = 0;
		return;
	}
	hang.still++;
	if (hang.still > HANG_TICKS - SAMPLES)
		take_sample(&hang.sample[HANG_TICKS - hang.still], reg);
	if (hang.still < HANG_TICKS)
		return;
	hang.still = 0;
	/* As if it had called it: below the red zone, the stack aligned as behind a call. */
	reg[REG_RSP] = ((reg[REG_RSP] - 256) & ~15ll) - 8;
	reg[REG_RIP] = (greg_t)(uintptr_t)hang_verdict;
}

void sim_hang_return(void) __attribute__((visibility("hidden")));
__asm__(".text\n.globl sim_hang_return\n.hidden sim_hang_return\n.type sim_hang_return, @function\n"
	"sim_hang_return: movq $15, %rax\n syscall\n"); /* rt_sigreturn */

static void set_handler(void)
{
	/* As the kernel has it. */
	const struct {
		void (*handler)(int nr, siginfo_t *info, void *context);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = {on_tick, SA_SIGINFO | SA_ONSTACK | SA_RESTART | 0x04000000, sim_hang_return, 0};

	must(syscall(SYS_rt_sigaction, SIGPROF, &action, NULL, sizeof(action.mask)) == 0);
}

/* A sanitizer may have one for itself. */
static void set_stack(void)
{
	stack_t stack = {.ss_size = ALTERNATE}, now;

	if (sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_DISABLE))
		return;
	stack.ss_sp =
		mmap(NULL, ALTERNATE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(stack.ss_sp != MAP_FAILED && sigaltstack(&stack, NULL) == 0);
}

static timer_t timer;

/* A forked process has no timer. */
static void disarmed(void)
{
	hang.armed = 0;
}

/* Its signals go to this thread. */
static void make_timer(void)
{
	struct sigevent to_me = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};

	to_me._sigev_un._tid = gettid(); /* sigev_notify_thread_id, which glibc names nowhere */
	must(timer_create(CLOCK_PROCESS_CPUTIME_ID, &to_me, &timer) == 0);
}

static void arm(unsigned milliseconds)
{
	long tick = (long)milliseconds * 1000000 / HANG_TICKS;
	struct itimerspec every = {.it_interval = {tick / 1000000000, tick % 1000000000},
				   .it_value = {tick / 1000000000, tick % 1000000000}};
	static bool ready;

	if (!ready) {
		ready = true;
		set_stack();
		set_handler();
		pthread_atfork(NULL, NULL, disarmed);
	}
	if (!hang.armed)
		make_timer();
	hang.still = 0;
	hang.armed = milliseconds;
	must(timer_settime(timer, 0, &every, NULL) == 0);
}

#else

static void arm(unsigned milliseconds)
{
	hang.armed = milliseconds;
}

#endif

void sim_hang_begin(void)
{
	unsigned milliseconds = sim.strength.hang_ms ? sim.strength.hang_ms : SIM_HANG_MS;

	hang.runs++;
	if (__builtin_expect(hang.armed != milliseconds, 0))
		arm(milliseconds);
}
