/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of commands, one for each file of lctl. */
#ifndef SHEEN_UTILS_LCTL_H
#define SHEEN_UTILS_LCTL_H

#include "lib/frame.h"

extern const struct command network_commands[];	/* network.c */
extern const struct command param_commands[];	/* params.c */
extern const struct command device_commands[];	/* device.c */
extern const struct command mgs_commands[];	/* mgs.c */

/* device.c: what --device chooses. Return: 0 or -errno, with a message */
int device_select(const char *name);

/* mgs.c: a command for the MGS on this node. Return: 0 or -errno, with a message */
int mgs_command(const char *text);

#endif
