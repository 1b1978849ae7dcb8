/*
 * defaults.c - the sanitizers' options, linked into every program, so that no environment has to be
 * set.
 *
 * The reason for each stands beside it; sanitizers/canary/ has a program that fails when one is
 * lost. An option given in the environment still wins.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=0:" /* fibers are abandoned: 0.8 MB of fake stacks a
						     run */
	       "quarantine_size_mb=1:"		  /* kmalloc is ours; a large one costs a quarter */
	       "malloc_context_size=12:"	  /* a witness replay is read by people */
	       "allocator_may_return_null=1:"
	       "detect_leaks=1:"
	       "print_legend=0";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1"; /* a line number without the caller says little
						      */
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "halt_on_error=0:"	 /* a race is a verdict, and the campaign goes on */
	       "report_signal_unsafe=0:" /* else an abort inside libFuzzer hangs for ever */
	       "atexit_sleep_ms=0:"
	       "suppress_equal_stacks=0:" /* a replay must report again: 1 of 100 without it */
	       "suppress_equal_addresses=0:"
	       "detect_deadlocks=0:" /* ours is exact */
	       "report_thread_leaks=0:"
	       "history_size=4"; /* the earlier of the two stacks is often a hundred steps old */
}
