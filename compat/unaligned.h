/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unaligned access: linux/unaligned.h, since 6.12; asm/unaligned.h before.
 */
#ifndef SHEEN_COMPAT_UNALIGNED_H
#define SHEEN_COMPAT_UNALIGNED_H

#ifdef HAVE_LINUX_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif
