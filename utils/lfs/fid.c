// SPDX-License-Identifier: GPL-2.0
/*
 * lfs path2fid, fid2path, getname (chapter 08, 5.4 and 5.5).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "lfs/lfs.h"
#include "lib/parse.h"

#define HANDLE_TYPE	0x97	/* FID of the object, FID of its parent */

int path_fid(const char *path, struct lu_fid *fid)
{
	struct {
		struct file_handle	h;
		struct lu_fid		fid[2];
	} fh = { .h.handle_bytes = sizeof(fh.fid) };
	int mount_id;

	if (name_to_handle_at(AT_FDCWD, path, &fh.h, &mount_id, 0))
		return errno == EOVERFLOW ? -EOPNOTSUPP : -errno;
	if (fh.h.handle_type != HANDLE_TYPE || fh.h.handle_bytes < sizeof(*fid))
		return -EOPNOTSUPP;
	memcpy(fid, fh.h.f_handle, sizeof(*fid));
	return 0;
}

static int path2fid(int argc, char **argv)
{
	static const struct option options[] = {
		{ "parents", no_argument, NULL, 'p' },
		{ }
	};
	struct lu_fid fid;
	int c, i, rc = 0, err;

	while ((c = getopt_long(argc, argv, "p", options, NULL)) != -1) {
		if (c != 'p')
			return CMD_HELP;
		return not_supported(argv[0], "--parents");
	}
	if (optind >= argc)
		return CMD_HELP;
	for (i = optind; i < argc; i++) {
		err = path_fid(argv[i], &fid);
		if (err)
			failed(argv[0], argv[i], err);
		else if (argc - optind > 1)
			printf("%s: " DFID "\n", argv[i], PFID(&fid));
		else
			printf(DFID "\n", PFID(&fid));
		rc = first_error(rc, err);
	}
	return rc;
}

/* --- fid2path --- */

struct show_path {
	bool		print_fid, print_link;
	long long	link;		/* only this one; -1: all */
	char		prefix[PATH_MAX];	/* where it is mounted, or "" */
};

/* All names of a file, or one */
static int show_paths(int fd, const struct lu_fid *fid, const struct show_path *sp)
{
	struct {
		struct ll_fid2path	head;
		char			path[PATH_MAX];
	} gf;
	__u32 link = sp->link < 0 ? 0 : sp->link, asked;

	do {
		memset(&gf, 0, sizeof(gf));
		gf.head.gf_fid = *fid;
		gf.head.gf_recno = -1ULL;
		gf.head.gf_linkno = asked = link;
		gf.head.gf_pathlen = sizeof(gf.path);
		if (ioctl(fd, OBD_IOC_FID2PATH, &gf))
			return -errno;
		gf.path[sizeof(gf.path) - 1] = '\0';
		link = gf.head.gf_linkno;
		if (sp->print_fid)
			printf(DFID " ", PFID(fid));
		if (sp->print_link)
			printf("%u ", asked);
		printf("%s%s%s\n", sp->prefix, *sp->prefix ? "/" : "", gf.path[0] ? gf.path : "/");
	} while (sp->link < 0 && link != asked);
	return 0;
}

/* The directory to ask, from a path or from the name of a file system */
static int open_fs(const char *fs, struct show_path *sp)
{
	struct mount m;
	int fd, rc;

	bool named = !strchr(fs, '/') && access(fs, F_OK);

	rc = named ? mount_named(fs, &m) : mount_of(fs, &m);
	if (rc)
		return rc;
	/* paths of the answer begin at the root of the file system */
	snprintf(sp->prefix, sizeof(sp->prefix), "%s", named ? "" : m.dir);
	fd = open(m.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int fid2path(int argc, char **argv)
{
	static const struct option options[] = {
		{ "print-fid", no_argument, NULL, 'f' },
		{ "print-link", no_argument, NULL, 'c' },
		{ "cur", no_argument, NULL, 'c' },
		{ "link", required_argument, NULL, 'l' },
		{ }
	};
	struct show_path sp = { .link = -1 };
	int c, i, fd, rc = 0, err;
	struct lu_fid fid;
	const char *fs;

	while ((c = getopt_long(argc, argv, "fcl:", options, NULL)) != -1) {
		if (c == 'f')
			sp.print_fid = true;
		else if (c == 'c')
			sp.print_link = true;
		else if (c != 'l' || parse_number(optarg, 0, INT_MAX, &sp.link))
			return CMD_HELP;
	}
	if (argc - optind < 2)
		return CMD_HELP;
	fs = argv[optind];
	fd = open_fs(fs, &sp);
	for (i = optind + 1; i < argc; i++) {
		err = fd < 0 ? fd : parse_fid(argv[i], &fid);
		if (!err)
			err = show_paths(fd, &fid, &sp);
		if (err)
			fprintf(stderr, "lfs fid2path: cannot find %s %s: %s\n", fs, argv[i], strerror(-err));
		rc = first_error(rc, err);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

/* --- getname --- */

struct show_name {
	bool instance, fsname;
};

static int show_name(const struct mount *m, void *arg)
{
	const struct show_name *sn = arg;
	char name[128];
	const char *inst;
	int fd, rc;

	fd = open(m->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed("getname", m->dir, -errno);
	rc = device_name(fd, name);
	close(fd);
	if (rc)
		return failed("getname", m->dir, rc);
	inst = strrchr(name, '-') ? strrchr(name, '-') + 1 : name;
	if (sn->instance)
		printf("%s %s\n", inst, m->dir);
	else if (sn->fsname)
		printf("%s %s\n", m->fsname, m->dir);
	else
		printf("%s-%s %s\n", m->fsname, inst, m->dir);
	return 0;
}

static int getname(int argc, char **argv)
{
	static const struct option options[] = {
		{ "instance", no_argument, NULL, 'i' },
		{ "fsname", no_argument, NULL, 'n' },
		{ }
	};
	struct show_name sn = {};
	int c;

	while ((c = getopt_long(argc, argv, "in", options, NULL)) != -1) {
		if (c == 'i')
			sn.instance = true;
		else if (c == 'n')
			sn.fsname = true;
		else
			return CMD_HELP;
	}
	if (sn.instance && sn.fsname)
		return CMD_HELP;
	return for_mounts(argv + optind, argv[0], show_name, &sn);
}

const struct command fid_commands[] = {
	{ "path2fid", path2fid, "show the FIDs of files\n"
	  "usage: path2fid PATH..." },
	{ "fid2path", fid2path, "show the paths of FIDs\n"
	  "usage: fid2path [--print-fid|-f] [--print-link|-c] [--link|-l N] FSNAME|DIRECTORY FID..." },
	{ "getname", getname, "show the name of the instance of a mount\n"
	  "usage: getname [--instance|-i | --fsname|-n] [PATH...]" },
	{ }
};
