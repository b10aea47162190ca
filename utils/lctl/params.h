/* SPDX-License-Identifier: GPL-2.0 */
/* Finding and reading parameters, for the commands that do more than that. */
#ifndef SHEEN_UTILS_LCTL_PARAMS_H
#define SHEEN_UTILS_LCTL_PARAMS_H

#include <stddef.h>

/* param_for_each() - files and directories that match a pattern. Return: how many */
int param_for_each(const char *pattern, void (*fn)(const char *path, const char *name, void *arg), void *arg);
/* param_read() - allocated text of a file, NULL with errno */
char *param_read(const char *path, size_t *len);
/* param_write() - Return: 0 or -errno */
int param_write(const char *path, const char *value);

#endif
