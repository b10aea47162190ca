/* SPDX-License-Identifier: GPL-2.0 */
/* The description of a target on its own disk (chapter 06, 12): CONFIGS/mountdata and the label. */
#ifndef SHEEN_UTILS_LDD_H
#define SHEEN_UTILS_LDD_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include "wire/config.h"

/* ldd_read() - the stored data, with flags and name as the label says. Return: 0 or -errno, -ENODEV: no target */
int ldd_read(const char *device, struct lustre_disk_data *ldd);
/* ldd_write() - Return: 0 or -errno */
int ldd_write(const char *device, const struct lustre_disk_data *ldd);
/* ldd_set_label() - of the file system; also while it is mounted */
int ldd_set_label(const char *device, const char *label);

static inline uint32_t ldd_flags(const struct lustre_disk_data *ldd)
{
	return le32toh(ldd->ldd_flags);
}

/* ldd_make_svname() - name with the separator that the flags ask for */
void ldd_make_svname(struct lustre_disk_data *ldd);
/* ldd_plain_svname() - the same as others know it, with '-' */
void ldd_plain_svname(const struct lustre_disk_data *ldd, char name[64]);

#endif
