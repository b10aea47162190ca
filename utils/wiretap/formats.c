// SPDX-License-Identifier: GPL-2.0
/* The message tables of the modules, compiled for this tool as they are. */
#include "../../kernel/rpc/formats.c"
