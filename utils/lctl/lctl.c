// SPDX-License-Identifier: GPL-2.0
/*
 * lctl: one table of commands for each file; the frame is in utils/lib/frame.c.
 */
#include <stddef.h>
#include <string.h>
#include "lctl/lctl.h"

static const struct command *const tables[] = {
	network_commands,
	param_commands,
	device_commands,
	mgs_commands,
	NULL
};

int main(int argc, char **argv)
{
	/* lctl --device NAME COMMAND ... */
	if (argc > 2 && !strcmp(argv[1], "--device")) {
		if (device_select(argv[2]))
			return 1;
		argv[2] = argv[0];
		argc -= 2;
		argv += 2;
	}
	return frame_main(argc, argv, tables);
}
