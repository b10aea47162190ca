// SPDX-License-Identifier: GPL-2.0
/* lookup_noperm(), lookup_noperm_unlocked(): since 6.16; lookup_one_len() before. */
#include <linux/namei.h>

static_assert(__same_type(&lookup_noperm, &lookup_noperm_unlocked));
