/* SPDX-License-Identifier: GPL-2.0 */
/* mkfs.lustre and tunefs.lustre: what their files share. */
#ifndef SHEEN_UTILS_MKFS_H
#define SHEEN_UTILS_MKFS_H

#include "lib/ldd.h"

/**
 * struct options - what the command line asks for beyond the disk data
 * @verbose: 0 normal, below quiet
 * @stripe_hint: OSTs a file is expected to have stripes on, for the size of inodes
 */
struct options {
	const char	*device;
	const char	*mkfs_opts;
	unsigned long long device_kb;
	int		verbose;
	unsigned int	stripe_hint;
	bool		dryrun;
	bool		reformat;
};

extern const char *progname;

/* fatal() - the last words: reason, exit code as stock prints them */
void fatal(int code, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* format.c: make the backing file system. Return: 0 or exit code */
int format_device(const struct options *o, const struct lustre_disk_data *ldd);
void enable_features(const struct options *o, const struct lustre_disk_data *ldd);
/* size of the device in KiB; 0: cannot be told */
unsigned long long device_kib(const char *device);
/* the options of mke2fs for this target, without device: for the command and the tests */
int mke2fs_options(const struct options *o, const struct lustre_disk_data *ldd, unsigned long long kib,
		   char *out, size_t size);

/* params.c: the key=value list of the disk data. Return: 0 or -E2BIG */
int param_add(char params[4096], const char *key, const char *value);
/* several values of one key are one, joined by ':' */
int param_join(char params[4096], const char *key, const char *value);
bool param_remove(char params[4096], const char *key);
bool param_has(const char params[4096], const char *key);

#endif
