/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame that lfs and lctl share (chapter 08, section 1): a table of commands,
 * run from the command line or from a prompt.
 */
#ifndef SHEEN_UTILS_FRAME_H
#define SHEEN_UTILS_FRAME_H

#define CMD_HELP 4	/* result of a command: print its help, exit with this */
#define TOOL_VERSION "2.15.8"

/**
 * struct command - one word that the program understands
 * @name: the word; NULL ends a table
 * @run: argv[0] is the word. Return: 0, CMD_HELP, -errno, or an exit status > 0.
 * @help: what "help NAME" prints
 */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

/*
 * Run a program made of tables; the list of them ends with NULL. Return: exit status.
 */
int frame_main(int argc, char **argv, const struct command *const *tables);

#endif
