// SPDX-License-Identifier: GPL-2.0
/* linux/unaligned.h: since 6.12; asm/unaligned.h before. */
#include <linux/unaligned.h>
