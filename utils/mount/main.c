// SPDX-License-Identifier: GPL-2.0
/*
 * mount.lustre: the helper of mount(8) for clients and targets (chapter 08, 3.1).
 */
#include <errno.h>
#include <getopt.h>
#include <libmount/libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/frame.h"
#include "lib/nids.h"
#include "mount/mount.h"

#define RETRY_SHIFT_MIN	5	/* 32 s between attempts at first */

const char *progname;

static void usage(FILE *out)
{
	fprintf(out, "usage: %s [-fhnvV] [-o <options>] <source> <directory>\n"
		"\t<source>: <mgsnid>[,<nid>...][:<mgsnid>...]:/<fsname>[/<subdirectory>] or the device of a target\n"
		"\t-f, --fake: do everything but the mount\n"
		"\t-n, --nomtab: leave the mount table alone\n"
		"\t--force: mount although it is mounted\n"
		"\t-o: flock|localflock|noflock, user_xattr|nouser_xattr, lazystatfs|nolazystatfs,\n"
		"\t    checksum|nochecksum, verbose|noverbose, 32bitapi, always_ping, retry=<n>, exclude=<ost>[:<ost>...],\n"
		"\t    of targets: abort_recov, nosvc, nomgs, noscrub, writeconf\n", progname);
}

/* "host:/fs" -> "10.0.0.1@tcp:/fs" */
static int resolve_client(struct mount_request *m)
{
	char *path = strstr(m->source, ":/"), *nids, out[PATH_MAX];
	const char *bad;

	*path = '\0';
	nids = nids_normalise(m->source, &bad);
	*path = ':';
	if (!nids) {
		fprintf(stderr, "%s: Can't parse NID '%s'\n", progname, bad);
		usage(stderr);
		return EINVAL;
	}
	if (snprintf(out, sizeof(out), "%s%s", nids, path) >= (int)sizeof(out)) {
		free(nids);
		return ENAMETOOLONG;
	}
	free(nids);
	strcpy(m->source, out);
	return 0;
}

/* Symbolic links of device names are followed, but not to a nameless device mapper node */
static void resolve_device(struct mount_request *m)
{
	char *real = realpath(m->source, NULL);
	char path[128], name[64];
	FILE *f;

	if (!real)
		return;
	if (!strncmp(real, "/dev/dm-", 8)) {
		snprintf(path, sizeof(path), "/sys/block/%.32s/dm/name", real + 5);
		f = fopen(path, "r");
		if (f) {
			if (fscanf(f, "%63s", name) == 1)
				snprintf(m->source, sizeof(m->source), "/dev/mapper/%s", name);
			fclose(f);
			free(real);
			return;
		}
	}
	snprintf(m->source, sizeof(m->source), "%s", real);
	free(real);
}

static bool is_mounted(const struct mount_request *m)
{
	struct libmnt_table *tab = mnt_new_table();
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	bool found = false;

	if (tab && it && !mnt_table_parse_mtab(tab, NULL))
		while (!found && !mnt_table_next_fs(tab, it, &fs))
			found = mnt_fs_get_fstype(fs) && !strncmp(mnt_fs_get_fstype(fs), "lustre", 6) &&
				mnt_fs_get_source(fs) && !strcmp(mnt_fs_get_source(fs), m->source) &&
				mnt_fs_get_target(fs) && !strcmp(mnt_fs_get_target(fs), m->target);
	mnt_free_iter(it);
	mnt_unref_table(tab);
	return found;
}

/* What umount and systemd need to know of our options */
static void update_table(const struct mount_request *m)
{
	struct libmnt_context *cxt = mnt_new_context();

	if (!cxt)
		return;
	if (!mnt_context_init_helper(cxt, MNT_ACT_MOUNT, 0) &&
	    !mnt_context_disable_mtab(cxt, m->nomtab) &&
	    !mnt_context_set_fstype(cxt, m->type) &&
	    !mnt_context_set_options(cxt, m->options) &&
	    !mnt_context_set_source(cxt, m->source) &&
	    !mnt_context_set_target(cxt, m->target) &&
	    !mnt_context_prepare_mount(cxt)) {
		mnt_context_set_syscall_status(cxt, 0);
		mnt_context_finalize_mount(cxt);
	}
	mnt_free_context(cxt);
}

static void explain(const struct mount_request *m, int err)
{
	static const struct { int err; const char *client, *server; } hints[] = {
		{ ENODEV, "Are the lustre modules loaded? Check /etc/modprobe.conf and /proc/filesystems.",
		  "Are the lustre modules loaded? Check /etc/modprobe.conf and /proc/filesystems." },
		{ ENOENT, "Is the MGS specification correct? Is the filesystem name correct?",
		  "Is the MGS specification correct? If upgrading, is the target known to the MGS (--writeconf)?" },
		{ EIO, "Is the MGS running?", "Is the MGS running?" },
		{ EINVAL, "This may have multiple causes. Are the mount options correct? Check the syslog for more info.",
		  "This may have multiple causes. Are the mount options correct? Check the syslog for more info." },
		{ EADDRINUSE, "", "The target service's index is already in use." },
		{ EALREADY, "", "The target service is already running." },
		{ EBUSY, "", "The device is in use: is its target mounted already?" },
		{ ENXIO, "", "The target service failed to start (bad config log?). See /var/log/messages." },
		{ EROFS, "", "The device is read-only, or its journal has failed." },
	};
	size_t i;

	fprintf(stderr, "%s: mount %s at %s failed: %s\n", progname, m->source, m->target, strerror(err));
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].err == err)
			fprintf(stderr, "%s\n", m->client ? hints[i].client : hints[i].server);
}

static int mount_with_retry(const struct mount_request *m)
{
	unsigned int i, shift;

	for (i = 0;; i++) {
		if (!mount(m->source, m->target, m->type, m->flags, m->data))
			return 0;
		if (i == m->retry)
			return errno;
		shift = i / 2 > RETRY_SHIFT_MIN ? i / 2 : RETRY_SHIFT_MIN;
		fprintf(stderr, "%s: mount %s at %s failed: %s retries left: %u\n", progname, m->source, m->target,
			strerror(errno), m->retry - i);
		sleep(1U << (shift < 16 ? shift : 16));
	}
}

static int do_mount(struct mount_request *m)
{
	int rc;

	if (m->flags & MS_REMOUNT) {
		if (!is_mounted(m)) {
			fprintf(stderr, "%s: %s is not mounted on %s\n", progname, m->source, m->target);
			return ENOENT;
		}
	} else if (!m->force && is_mounted(m)) {
		fprintf(stderr, "%s: according to %s %s is already mounted on %s\n", progname, "/etc/mtab",
			m->source, m->target);
		return EEXIST;
	}
	rc = m->client ? 0 : server_prepare(m);
	if (rc)
		return rc;
	add_data(m, "device=%s", m->source);
	if (strlen(m->data) >= MOUNT_DATA_MAX) {
		fprintf(stderr, "%s: error: mount options too long, %zu over limit %d\n", progname, strlen(m->data),
			MOUNT_DATA_MAX);
		return E2BIG;
	}
	if (m->verbose)
		printf("mounting device %s at %s, flags=%#lx options=%s\n", m->source, m->target, m->flags, m->data);
	rc = m->fake ? 0 : mount_with_retry(m);
	if (rc) {
		explain(m, rc);
		if (!m->client)
			server_failed(m);
		return rc;
	}
	if (!m->client && !m->fake)
		server_mounted(m);
	if (!m->nomtab && !m->fake)
		update_table(m);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "fake", no_argument, NULL, 'f' },
		{ "force", no_argument, NULL, 1 },
		{ "help", no_argument, NULL, 'h' },
		{ "nomtab", no_argument, NULL, 'n' },
		{ "options", required_argument, NULL, 'o' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	static struct mount_request m;
	const char *slash = strrchr(argv[0], '/');
	char *real;
	int c, rc;

	progname = slash ? slash + 1 : argv[0];
	while ((c = getopt_long(argc, argv, "fhno:vVst:", options, NULL)) != -1) {
		switch (c) {
		case 1:
			m.force = true;
			break;
		case 'f':
			m.fake = true;
			break;
		case 'n':
			m.nomtab = true;
			break;
		case 'o':
			snprintf(m.options, sizeof(m.options), "%s", optarg);
			break;
		case 'v':
			m.verbose = true;
			break;
		case 'V':
			printf("%s %s (libmount)\n", progname, TOOL_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		case 's':
		case 't':
			break;
		default:
			usage(stderr);
			return EINVAL;
		}
	}
	if (optind + 2 != argc) {
		usage(stderr);
		return EINVAL;
	}
	snprintf(m.source, sizeof(m.source), "%s", argv[optind]);
	real = realpath(argv[optind + 1], NULL);
	if (!real) {
		rc = errno;
		fprintf(stderr, "warning: %s: cannot resolve: %s\n", argv[optind + 1], strerror(rc));
		return rc;
	}
	snprintf(m.target, sizeof(m.target), "%s", real);
	free(real);
	rc = parse_options(&m, m.options);
	if (rc)
		return rc;
	if (m.nomtab)
		printf("nomtab: 1\n");
	if (m.fake)
		printf("fake: 1\n");
	if (m.force)
		printf("force: 1\n");
	m.client = strstr(m.source, ":/");
	m.type = m.client ? "lustre" : "lustre_tgt";
	if (m.client)
		rc = resolve_client(&m);
	else
		resolve_device(&m);
	return rc ? rc : do_mount(&m);
}
