// SPDX-License-Identifier: GPL-2.0
/*
 * Which Lustre file systems are mounted here, and which one a path is on.
 */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "lfs/lfs.h"

/* "10.0.0.1@tcp:/testfs/dir": a client's mount, of testfs */
static bool parse_mount(const struct mntent *e, struct mount *m)
{
	const char *fs = strstr(e->mnt_fsname, ":/");
	size_t len;

	if (strcmp(e->mnt_type, "lustre") || !fs)
		return false;
	fs += 2;
	len = strcspn(fs, "/");
	if (!len || len >= sizeof(m->fsname) || strlen(e->mnt_dir) >= sizeof(m->dir))
		return false;
	memcpy(m->fsname, fs, len);
	m->fsname[len] = '\0';
	strcpy(m->dir, e->mnt_dir);
	return true;
}

/* The first mount that @match likes; with @longest the one with the longest directory */
static int find_mount(bool (*match)(const struct mount *m, void *arg), void *arg, bool longest, struct mount *found)
{
	FILE *f = setmntent("/proc/self/mounts", "r");
	struct mount m;
	struct mntent *e;
	int rc = -ENODEV;

	if (!f)
		return -errno;
	while ((e = getmntent(f))) {
		if (!parse_mount(e, &m) || !match(&m, arg))
			continue;
		if (rc || strlen(m.dir) >= strlen(found->dir))
			*found = m;
		rc = 0;
		if (!longest)
			break;
	}
	endmntent(f);
	return rc;
}

static bool count_down(const struct mount *m, void *arg)
{
	unsigned int *left = arg;

	return !(*left)--;
}

int mount_next(unsigned int index, struct mount *m)
{
	return find_mount(count_down, &index, false, m);
}

static bool is_named(const struct mount *m, void *arg)
{
	return !strcmp(m->fsname, arg);
}

int mount_named(const char *fsname, struct mount *m)
{
	return find_mount(is_named, (void *)fsname, false, m);
}

static bool contains(const struct mount *m, void *arg)
{
	const char *path = arg;
	size_t len = strlen(m->dir);

	return !strcmp(m->dir, "/") || (!strncmp(path, m->dir, len) && (!path[len] || path[len] == '/'));
}

int mount_of(const char *path, struct mount *m)
{
	char *real = realpath(path, NULL);
	int rc;

	if (!real)
		return -errno;
	rc = find_mount(contains, real, true, m);
	free(real);
	return rc == -ENODEV ? -EOPNOTSUPP : rc;
}

int for_mounts(char **argv, const char *command, int (*fn)(const struct mount *m, void *arg), void *arg)
{
	struct mount m;
	unsigned int i;
	int rc = 0, err;

	if (!*argv) {
		for (i = 0; !mount_next(i, &m); i++)
			rc = first_error(rc, fn(&m, arg));
		return i ? rc : failed(command, "no Lustre file system is mounted", -ENODEV);
	}
	for (; *argv; argv++) {
		err = mount_of(*argv, &m);
		if (err == -EOPNOTSUPP)
			fprintf(stderr, "%s:%s Not a Lustre filesystem\n", command, *argv);
		else if (err)
			failed(command, *argv, err);
		rc = first_error(rc, err ? err : fn(&m, arg));
	}
	return rc;
}

int device_name(int fd, char name[128])
{
	char buf[128] = "";

	if (ioctl(fd, OBD_IOC_GETDTNAME, buf))
		return -errno;
	buf[sizeof(buf) - 1] = '\0';
	strcpy(name, buf);
	return 0;
}
