// SPDX-License-Identifier: GPL-2.0
/*
 * lctl: one table of commands for each file; the frame is in utils/lib/frame.c.
 */
#include <stddef.h>
#include "lctl/lctl.h"

static const struct command *const tables[] = {
	network_commands,
	NULL
};

int main(int argc, char **argv)
{
	return frame_main(argc, argv, tables);
}
