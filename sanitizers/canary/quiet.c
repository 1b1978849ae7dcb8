/*
 * quiet.c - the alarm for TSan's options that keep it from speaking, or waiting, where it must not.
 *
 *	quiet handler  a signal handler calls malloc, as libFuzzer's does (report_signal_unsafe)
 *	quiet locks    two locks in both orders (detect_deadlocks)
 *	quiet exit     a thread still runs, exit() does not wait (atexit_sleep_ms)
 *
 * The first two must make no report; the last says "canary: ..." if it took long. The handler is
 * that of abort(), which is how crashes come to libFuzzer.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS_MAX 600

static void *volatile block;

static void on_abort(int number)
{
	block = malloc(16);
	_exit(0);
}

static int handler_may_allocate(void)
{
	signal(SIGABRT, on_abort);
	abort();
}

static int locks_are_not_watched(void)
{
	static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&a);
	pthread_mutex_lock(&b);
	pthread_mutex_unlock(&b);
	pthread_mutex_unlock(&a);
	pthread_mutex_lock(&b);
	pthread_mutex_lock(&a);
	pthread_mutex_unlock(&a);
	pthread_mutex_unlock(&b);
	return 0;
}

static void *wait_for_ever(void *arg)
{
	pause();
	return arg;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int exit_is_prompt(void)
{
	double begin = now_ms();
	pthread_t thread;
	pid_t child = fork();

	if (child == 0) {
		pthread_create(&thread, NULL, wait_for_ever, NULL);
		exit(0);
	}
	waitpid(child, NULL, 0);
	if (now_ms() - begin < MS_MAX)
		return 0;
	printf("canary: exit took %.0f ms\n", now_ms() - begin);
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "handler") == 0)
		return handler_may_allocate();
	if (strcmp(what, "locks") == 0)
		return locks_are_not_watched();
	if (strcmp(what, "exit") == 0)
		return exit_is_prompt();
	return 2;
}
