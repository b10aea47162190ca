/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before everything else in every object. Brings in what the probes
 * found out about the kernel; wrappers that hide a difference live in
 * compat/<topic>.h and are included where they are used.
 */
#ifndef SHEEN_COMPAT_H
#define SHEEN_COMPAT_H

#include "compat_config.h"

#endif
