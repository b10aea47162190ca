// SPDX-License-Identifier: GPL-2.0
/*
 * Making the backing file system with the distribution's mke2fs (chapter 08, 2.3). Sizes
 * of journal and inodes are stock's; features are those of a plain ext4, because stock's
 * dirdata and uninit_bg belong to a patched ext4.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/fs.h>
#include "mkfs/target.h"

#define MIN_KIB		32384
#define GIB		(1ULL << 20)		/* in KiB */
#define TIB		(1ULL << 30)
#define OPTIONS_MAX	2048
#define COMMAND_WORDS	128

struct line {
	char	*text;
	size_t	used, size;
};

static void add(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *l, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(l->text + l->used, l->size - l->used, format, args);
	va_end(args);
	l->used = n < 0 || l->used + n >= l->size ? l->size - 1 : l->used + n;
}

unsigned long long device_kib(const char *device)
{
	unsigned long long bytes = 0;
	struct stat st;
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (!fstat(fd, &st)) {
		if (S_ISREG(st.st_mode))
			bytes = st.st_size;
		else if (ioctl(fd, BLKGETSIZE64, &bytes))
			bytes = 0;
	}
	close(fd);
	return bytes >> 10;
}

/* Is "-x" among the words of @opts? */
static bool has_switch(const char *opts, char letter)
{
	const char *p = opts;

	while ((p = strchr(p, '-'))) {
		if ((p == opts || p[-1] == ' ') && p[1] == letter)
			return true;
		p++;
	}
	return false;
}

/* The argument of "-x" in @opts goes to @value and out of @opts. Return: false if it is there twice */
static bool take_list(char *opts, char letter, char *value, size_t size)
{
	char sw[3] = { '-', letter, 0 }, *at, *arg, *end;

	*value = '\0';
	while ((at = strstr(opts, sw))) {
		if (*value)
			return false;
		arg = at + 2 + strspn(at + 2, " ");
		end = arg + strcspn(arg, " ");
		snprintf(value, size, "%.*s", (int)(end - arg), arg);
		memmove(at, end, strlen(end) + 1);
	}
	return true;
}

static unsigned long long journal_mb(bool mdt, unsigned long long kib)
{
	unsigned long long mb = kib / 1024 * 4 / 100, most = mdt ? 4096 : 1024;

	return kib <= GIB ? 0 : mb < most ? mb : most;
}

static unsigned int mdt_inode_size(unsigned int hint)
{
	return hint > 59 ? 512 : hint > 16 ? 2048 : 1024;
}

static unsigned int mdt_inode_ratio(unsigned int hint)
{
	unsigned int ratio = mdt_inode_size(hint) + 1536;

	if (hint > 59)
		ratio = (ratio + hint * 24 + 4095) / 4096 * 4096;
	return ratio;
}

static unsigned int ost_inode_ratio(unsigned long long kib)
{
	if (kib > 16 * TIB)
		return 1048576;
	if (kib > 4 * TIB)
		return 524288;
	if (kib > TIB)
		return 262144;
	return kib > 10 * GIB ? 69905 : 0;
}

int mke2fs_options(const struct options *o, const struct lustre_disk_data *ldd, unsigned long long kib,
		   char *out, size_t size)
{
	bool mdt = ldd_flags(ldd) & LDD_F_SV_TYPE_MDT, ost = ldd_flags(ldd) & LDD_F_SV_TYPE_OST;
	char user[OPTIONS_MAX], features[OPTIONS_MAX], extended[OPTIONS_MAX];
	struct line l = { .text = out, .size = size };
	unsigned int ratio = 0;

	snprintf(user, sizeof(user), "%s", o->mkfs_opts ? o->mkfs_opts : "");
	if (!take_list(user, 'O', features, sizeof(features)) || !take_list(user, 'E', extended, sizeof(extended)))
		return -EINVAL;
	*out = '\0';
	if (*user)
		add(&l, "%s", user + strspn(user, " "));
	if ((mdt || ost) && journal_mb(mdt, kib) && !has_switch(user, 'J'))
		add(&l, " -J size=%llu", journal_mb(mdt, kib));
	if ((mdt || ost) && !has_switch(user, 'I'))
		add(&l, " -I %u", mdt ? mdt_inode_size(o->stripe_hint) : 512);
	if (mdt)
		ratio = mdt_inode_ratio(o->stripe_hint);
	else if (ost)
		ratio = ost_inode_ratio(kib);
	if (ratio && !has_switch(user, 'i') && !has_switch(user, 'N'))
		add(&l, " -i %u", ratio);
	if (o->verbose < 2)
		add(&l, " -q");
	add(&l, " -O extents,dir_nlink,project,huge_file,%s^fast_commit,flex_bg%s%s", mdt ? "ea_inode,large_dir," : "",
	    *features ? "," : "", features);
	if (ost && !has_switch(user, 'G'))
		add(&l, " -G 256");
	add(&l, " -E lazy_journal_init=0,lazy_itable_init=0%s%s -F", *extended ? "," : "", extended);
	if (l.used + 1 >= size)
		return -E2BIG;
	memmove(out, out + strspn(out, " "), strlen(out + strspn(out, " ")) + 1);
	return 0;
}

/* Run a command line that is words and blanks. Return: its exit code, or -errno */
static int run_words(char *command, bool quiet)
{
	char *argv[COMMAND_WORDS + 1], *word;
	posix_spawn_file_actions_t actions;
	int argc = 0, status, rc;
	pid_t pid;

	while (argc < COMMAND_WORDS && (word = strsep(&command, " ")))
		if (*word)
			argv[argc++] = word;
	argv[argc] = NULL;
	fflush(stdout);
	posix_spawn_file_actions_init(&actions);
	if (quiet)	/* the banner; errors are shown */
		posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc)
		return -rc;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

/* A file is made as large as asked for */
static int prepare_file(const struct options *o)
{
	struct stat st;
	int fd, rc = 0;

	if (!stat(o->device, &st) && !S_ISREG(st.st_mode))
		return 0;
	fd = open(o->device, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || (o->device_kb && (unsigned long long)st.st_size < o->device_kb << 10 &&
			       ftruncate(fd, o->device_kb << 10)))
		rc = -errno;
	close(fd);
	return rc;
}

int format_device(const struct options *o, const struct lustre_disk_data *ldd)
{
	char opts[OPTIONS_MAX], command[OPTIONS_MAX + 4096 + 128], size[32] = "";
	unsigned long long kib;
	int rc = prepare_file(o);

	if (rc)
		fatal(-rc, "Unable to prepare %s", o->device);
	kib = device_kib(o->device);
	if (!kib)
		fatal(EINVAL, "Unable to get the size of %s", o->device);
	if (o->device_kb && o->device_kb < kib)
		kib = o->device_kb;
	if (kib < MIN_KIB)
		fatal(EINVAL, "size of filesystem must be larger than 32MB, but is set to %lluKB", kib);
	rc = mke2fs_options(o, ldd, kib, opts, sizeof(opts));
	if (rc)
		fatal(-rc, "mkfsoptions: -O and -E may be given once");
	if (o->device_kb)
		snprintf(size, sizeof(size), " %lluk", o->device_kb);
	snprintf(command, sizeof(command), "mke2fs -t ext4 -b 4096 -L %s %s %s%s", ldd->ldd_svname, opts, o->device, size);
	if (o->verbose >= 0) {
		printf("device size = %lluMB\n", kib / 1024);
		printf("formatting backing filesystem ldiskfs on %s\n", o->device);
		printf("\ttarget name   %s\n", ldd->ldd_svname);
		printf("\tkilobytes     %llu\n", kib);
		printf("\toptions       %s\n", opts);
		printf("mkfs_cmd = %s\n", command);
	}
	rc = run_words(command, false);
	if (rc < 0)
		fatal(-rc, "Unable to run mke2fs");
	if (rc)
		fatal(EIO, "Unable to build fs %s (%d)", o->device, rc);
	return 0;
}

/*
 * What comes after our own files: quota counts what is there when it is turned on; and whoever opens
 * a device with multiple mount protection waits for 11 s.
 */
void enable_features(const struct options *o, const struct lustre_disk_data *ldd)
{
	char command[4096 + 128];
	int rc;

	snprintf(command, sizeof(command), "tune2fs -O quota%s -Q usrquota,grpquota,prjquota %s",
		 param_has(ldd->ldd_params, "failover.node") ? ",mmp" : "", o->device);
	if (o->verbose > 0)
		printf("%s\n", command);
	rc = run_words(command, o->verbose < 2);
	if (rc)
		fatal(rc < 0 ? -rc : EIO, "Unable to turn on features of %s", o->device);
}
