/* SPDX-License-Identifier: GPL-2.0 */
/* NIDs as people write them: host names, addresses without a net. */
#ifndef SHEEN_UTILS_NIDS_H
#define SHEEN_UTILS_NIDS_H

#include <stddef.h>

/*
 * "mgs1,10.1.0.1@o2ib:mgs2" -> "10.0.0.1@tcp,10.1.0.1@o2ib:10.0.0.2@tcp": names are
 * looked up, a missing net is tcp. @bad: the word that cannot be understood.
 * Return: allocated text, NULL on error
 */
char *nids_normalise(const char *text, const char **bad);

#endif
