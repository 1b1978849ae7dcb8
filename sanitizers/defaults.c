/*
 * defaults.c - the sanitizers' options, linked into every program.
 *
 * An option that has to be set in the environment is an option that somebody forgets, so the
 * runtimes ask these functions first; ASAN_OPTIONS, UBSAN_OPTIONS and TSAN_OPTIONS still win. Each
 * option stands below its reason, and sanitizers/canary has a test that fails when it is lost. What
 * is not named is as the runtime has it. There are no suppressions.
 *
 * Not instrumented: the runtimes call this before they are up.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__tsan_default_options(void);

static const char asan_options[] =
	/* An abandoned fiber leaves its frames for good. On its stack they are taken back with it;
	 * a fake stack in ASan's heap is mapped anew for each, and fuzzing is 20 times slower. */
	"detect_stack_use_after_return=0"
	/* Our registry knows freed blocks, so ASan need keep few; its own 256 MiB are slower. */
	":quarantine_size_mb=1"
	/* From kmalloc or kfree to the op that called. More costs time at each malloc and only
	 * shows how the harness came there. */
	":malloc_context_size=12"
	/* A fiber's stack ends at a guard page. The fault is to be reported, on another stack. */
	":handle_segv=1:use_sigaltstack=1"
	/* An allocation of absurd size fails, as it does in a kernel. */
	":allocator_may_return_null=1"
	/* A run's leaks are counted by us; this is for the harness's own malloc. */
	":detect_leaks=1";

static const char ubsan_options[] =
	/* A line of a core that several ops share says too little without its callers. */
	"print_stacktrace=1";

static const char tsan_options[] =
	/* Each replay of a race has its own witness, in one process as in many. */
	"suppress_equal_stacks=0"
	/* A race is the verdict of one run; the campaign goes on. */
	":halt_on_error=0"
	/* The earlier access may be tens of thousands of accesses old when its race comes; without
	 * its stack there is no report at all. */
	":history_size=4"
	/* libFuzzer's crash handler calls malloc: a report of that hangs, and the input is lost. */
	":report_signal_unsafe=0"
	/* What is to be joined is joined by us; the default is to wait a second at exit. */
	":atexit_sleep_ms=0"
	/* Lock order is a rule of ours, by lock class and lane. TSan's detector knows OS threads
	 * only, and aborts above 64 held locks. */
	":detect_deadlocks=0";

const char *__asan_default_options(void)
{
	return asan_options;
}

const char *__ubsan_default_options(void)
{
	return ubsan_options;
}

const char *__tsan_default_options(void)
{
	return tsan_options;
}
