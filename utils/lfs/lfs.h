/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of lfs have in common (chapter 08, 5). */
#ifndef SHEEN_UTILS_LFS_H
#define SHEEN_UTILS_LFS_H

#include <limits.h>
#include <stdbool.h>
#include "lib/frame.h"
#include "uapi/lustre.h"

extern const struct command setstripe_commands[];
extern const struct command getstripe_commands[];
extern const struct command target_commands[];
extern const struct command check_commands[];
extern const struct command fid_commands[];
extern const struct command missing_commands[];

/* failed() - "lfs COMMAND error: WHAT: strerror (N)" on stderr. @rc: -errno. Return: rc */
int failed(const char *command, const char *what, int rc);
/* not_supported() - of a command or an option of stock lfs. Return: -EOPNOTSUPP */
int not_supported(const char *command, const char *option);
/* first_error() - keeps the first: use as rc = first_error(rc, f()) */
int first_error(int rc, int next);

/**
 * struct mount - a mounted file system
 * @fsname: its name
 * @dir: where
 */
struct mount {
	char fsname[16];
	char dir[PATH_MAX];
};

/* mount_next() - one after the other, @index from 0. Return: 0, -ENODEV after the last */
int mount_next(unsigned int index, struct mount *m);
/* mount_of() - that @path is in. Return: 0, -errno of the path, -EOPNOTSUPP if on none */
int mount_of(const char *path, struct mount *m);
/* mount_named() - by name of the file system. Return: 0, -ENODEV */
int mount_named(const char *fsname, struct mount *m);
/*
 * for_mounts() - @fn for that of each path of argv, or for every mount if argv is empty
 * Return: the first error
 */
int for_mounts(char **argv, const char *command, int (*fn)(const struct mount *m, void *arg), void *arg);

/* path_fid() - without opening it; symbolic links are not followed. Return: 0 or -errno */
int path_fid(const char *path, struct lu_fid *fid);
/* device_name() - "FS-clilov-INST" of the mount that @fd is on. Return: 0 or -errno */
int device_name(int fd, char name[128]);

#endif
