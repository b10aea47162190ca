// SPDX-License-Identifier: GPL-2.0
/*
 * The frame that lfs and lctl share: finding commands, help, the prompt.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/frame.h"

#define MAX_WORDS 256

static const char *program;
static const struct command *const *tables;
static bool ignore_errors;

#define for_each_command(t, c) \
	for (t = tables; *t; t++) \
		for (c = *t; c->name; c++)

/* A command by its name, or by a unique beginning of it */
static const struct command *find(const char *word, bool abbreviated)
{
	const struct command *const *t, *c, *match = NULL;
	int matches = 0;

	for_each_command(t, c) {
		if (!strcmp(c->name, word))
			return c;
		if (abbreviated && !strncmp(c->name, word, strlen(word))) {
			match = c;
			matches++;
		}
	}
	return matches == 1 ? match : NULL;
}

static void list_commands(void)
{
	const struct command *const *t, *c;
	int n = 0;

	for_each_command(t, c)
		printf("%-20s%s", c->name, ++n % 4 ? "" : "\n");
	if (n % 4)
		printf("\n");
}

static void unknown(void)
{
	const struct command *const *t, *c;

	printf("Please run %s without arguments for its prompt, or use one of\n", program);
	for_each_command(t, c)
		printf("\"%s\"\n", c->name);
	printf("as argument.\n");
}

static int help(int argc, char **argv, bool abbreviated)
{
	const struct command *c;

	if (argc < 2) {
		printf("usage: %s COMMAND [ARGUMENT...]\n"
		       "       %s help COMMAND, %s --list-commands\n", program, program, program);
		return 0;
	}
	c = find(argv[1], abbreviated);
	if (!c) {
		fprintf(stderr, "%s: unknown command\n", argv[1]);
		return 1;
	}
	fprintf(stderr, "%s: %s\n", c->name, c->help);
	return 0;
}

/* Run one command line. Return: exit status. */
static int run(int argc, char **argv, bool abbreviated)
{
	const struct command *c;
	int rc;

	if (!strcmp(argv[0], "help"))
		return help(argc, argv, abbreviated);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "version")) {
		printf("%s %s\n", program, TOOL_VERSION);
		return 0;
	}
	if (!strcmp(argv[0], "--list-commands")) {
		list_commands();
		return 0;
	}
	c = find(argv[0], abbreviated);
	if (!c) {
		unknown();
		return 1;
	}
	optind = 0;
	rc = c->run(argc, argv);
	if (rc == CMD_HELP)
		fprintf(stderr, "%s: %s\n", c->name, c->help);
	return rc < 0 ? -rc : rc;
}

/* Split a line into words; "quoted words" stay together */
static int split(char *line, char **words, int max)
{
	int n = 0;

	while (*line && n < max - 1) {
		char *end;

		line += strspn(line, " \t\n");
		if (!*line || *line == '#')
			break;
		if (*line == '"') {
			words[n++] = ++line;
			end = strchr(line, '"');
		} else {
			words[n++] = line;
			end = strpbrk(line, " \t\n");
		}
		if (!end)
			break;
		*end = 0;
		line = end + 1;
	}
	words[n] = NULL;
	return n;
}

/* Commands from standard input; a script ends with the first line that fails */
static int prompt(void)
{
	bool terminal = isatty(0);
	char *line = NULL, *words[MAX_WORDS];
	size_t size = 0;
	int rc = 0, n;

	for (;;) {
		if (terminal)
			printf("%s > ", program);
		fflush(stdout);
		if (getline(&line, &size, stdin) < 0)
			break;
		n = split(line, words, MAX_WORDS);
		if (!n)
			continue;
		if (!strcmp(words[0], "quit") || !strcmp(words[0], "exit"))
			break;
		if (!strcmp(words[0], "ignore_errors")) {
			ignore_errors = true;
			continue;
		}
		rc = run(n, words, true);
		if (rc && !terminal && !ignore_errors)
			break;
	}
	free(line);
	return terminal || ignore_errors ? 0 : rc;
}

int frame_main(int argc, char **argv, const struct command *const *t)
{
	program = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	tables = t;
	setlinebuf(stdout);
	return argc < 2 ? prompt() : run(argc - 1, argv + 1, false);
}
