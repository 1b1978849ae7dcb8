/*
 * interrupt.c - see interrupt.h.
 */
#include "base/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t seen;

static void on_signal(int signal_nr)
{
	seen = signal_nr;
	signal(signal_nr, SIG_DFL);
}

void interrupt_catch_key(void)
{
	signal(SIGINT, on_signal);
}

void interrupt_catch(void)
{
	interrupt_catch_key();
	signal(SIGTERM, on_signal);
}

int interrupt_status(void)
{
	return 128 + (seen ? seen : SIGINT);
}

bool interrupt_seen(void)
{
	return seen;
}
