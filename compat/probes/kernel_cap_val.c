// SPDX-License-Identifier: GPL-2.0
/* kernel_cap_t is one u64: since 6.3; an array of u32 before. */
#include <linux/capability.h>

static_assert(sizeof(((kernel_cap_t *)0)->val) == 8);
