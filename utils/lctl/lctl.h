/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of commands, one for each file of lctl. */
#ifndef SHEEN_UTILS_LCTL_H
#define SHEEN_UTILS_LCTL_H

#include "lib/frame.h"

extern const struct command network_commands[];

#endif
