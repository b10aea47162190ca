/* SPDX-License-Identifier: GPL-2.0 */
/* mount.lustre: what its files share. */
#ifndef SHEEN_UTILS_MOUNT_H
#define SHEEN_UTILS_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/param.h>
#include "lib/ldd.h"

#define MOUNT_DATA_MAX	4096	/* of mount(2) */

/**
 * struct mount_request - what is to be mounted
 * @source: as given, then resolved
 * @options: as given
 * @data: options for the kernel, device= last
 * @flags: MS_*
 * @nosvc: the target of the disk is not to be started
 */
struct mount_request {
	char		source[PATH_MAX];
	char		target[PATH_MAX];
	char		options[MOUNT_DATA_MAX];
	char		data[2 * MOUNT_DATA_MAX];
	const char	*type;
	unsigned long	flags;
	unsigned int	retry;
	bool		fake, nomtab, force, verbose;
	bool		client, nosvc;
	/* server */
	struct lustre_disk_data ldd;
};

extern const char *progname;

/* options.c: cut the options of the command line into flags, words for us, and words for the kernel */
int parse_options(struct mount_request *m, const char *text);
/* one more word for the kernel */
void add_data(struct mount_request *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* server.c */
int server_prepare(struct mount_request *m);	/* Return: 0 or exit code */
void server_mounted(struct mount_request *m);
void server_failed(struct mount_request *m);

#endif
