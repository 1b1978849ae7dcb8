/*
 * main.c - bondfuzz COMMAND ...
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/near.h"
#include "cli/cli.h"
#include "format/visible.h"

#define COMMAND(name, help) int command_##name(int argc, char **argv);
#include "cli/command.def"
#undef COMMAND

static const struct command commands[] = {
#define COMMAND(name, help) {#name, help, command_##name},
#include "cli/command.def"
#undef COMMAND
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *f)
{
	fputs("bondfuzz finds lifetime bugs around MMU notifiers: bonds, mirrors, their "
	      "release.\n\n"
	      "usage: bondfuzz COMMAND [ARGUMENT...]\n\n",
	      f);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(f, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n'bondfuzz COMMAND --help' has the options of a command, 'bondfuzz --version' what "
	      "was built.\n"
	      "exit status: 0 clean, 1 a rule was broken, 2 bad usage or bad text, 3 bondfuzz is "
	      "wrong,\n74 the system refused to read or write, 130 or 143 it was interrupted by "
	      "SIGINT or SIGTERM\n",
	      f);
}

/* TSan would put its own status in place of ours at exit(): a race is a finding like any other. */
static _Noreturn void leave(int status)
{
	if (status == EXIT_INTERRUPTED)
		status = interrupt_status();
	status = quit_closing_output(status);
	fflush(NULL);
	syscall(SYS_exit_group, status);
	__builtin_unreachable();
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

/* "help CMD" and "CMD -h" are "CMD --help". */
static void ask_for_help(int argc, char **argv)
{
	static char option[] = "--help";

	if (argc == 3 && strcmp(argv[1], "help") == 0) {
		argv[1] = argv[2];
		argv[2] = option;
	}
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "-h") == 0)
			argv[i] = option;
}

static const char *nearest(const char *name)
{
	const char *best = NULL;
	unsigned least = NEAR_MAX;

	for (size_t i = 0; i < COMMANDS; i++) {
		unsigned d = near_distance(name, strlen(name), commands[i].name,
					   strlen(commands[i].name));

		if (d < least && d < strlen(name)) {
			least = d;
			best = commands[i].name;
		}
	}
	return best;
}

static int fail_command(const char *name)
{
	if (name)
		fprintf(stderr, "bondfuzz: unknown command '%.60s'\n", visible(name));
	if (name && nearest(name))
		fprintf(stderr, "did you mean '%s'?\n", nearest(name));
	if (name)
		fputc('\n', stderr);
	help(stderr);
	return EXIT_USAGE;
}

/*
 * A standard stream that is closed stays useless, but its number is taken: else a folder of the campaign
 * would get it, and lose it to the log of a child.
 */
static void take_closed_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(EXIT_USAGE);
}

int main(int argc, char **argv)
{
	const struct command *command;
	const char *name;

	take_closed_streams();
	/* A limit of the size of files is an error of write(), as a full disk is. */
	signal(SIGXFSZ, SIG_IGN);
	quit_write_with(put_visible);
	ask_for_help(argc, argv);
	name = argc > 1 ? argv[1] : NULL;
	command = name ? find(name) : NULL;
	argp_err_exit_status = EXIT_USAGE;
	quit_at_full_output();
	if (name &&
	    (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0 || strcmp(name, "-h") == 0)) {
		help(stdout);
		return EXIT_CLEAN;
	}
	if (name && (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0))
		return cli_version(argc - 1, argv + 1, find("stress") != NULL);
	if (command)
		leave(command->run(argc - 1, argv + 1));
	return fail_command(name);
}
