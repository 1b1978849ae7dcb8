/*
 * main.c - bondfuzz COMMAND ...
 */
#include <argp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/cli.h"

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
	      "wrong,\n74 the system refused to read or write, 130 a search or replay was "
	      "interrupted\n",
	      f);
}

/* TSan would put its own status in place of ours at exit(): a race is a finding like any other. */
static _Noreturn void leave(int status)
{
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

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct command *command = name ? find(name) : NULL;

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
	if (name)
		fprintf(stderr, "bondfuzz: unknown command '%s'\n\n", name);
	help(stderr);
	return EXIT_USAGE;
}
