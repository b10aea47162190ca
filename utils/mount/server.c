// SPDX-License-Identifier: GPL-2.0
/*
 * Mounting a target: what its disk says becomes options (chapter 06, 12), and what the
 * MGS answered becomes its label.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/fs.h>
#include "mount/mount.h"

#define MAX_SECTORS_KB	16384

static const struct {
	uint32_t	flag;
	const char	*word;
} flag_words[] = {
	{ LDD_F_VIRGIN, "virgin" },
	{ LDD_F_UPDATE, "update" },
	{ LDD_F_WRITECONF, "writeconf" },
	{ LDD_F_NO_LOCAL_LOGS, "nolocallogs" },
	{ LDD_F_NO_PRIMNODE, "noprimnode" },
};

static void add_params(struct mount_request *m, bool mgs)
{
	char *copy = strdup(m->ldd.ldd_params), *rest = copy, *word;
	size_t i;

	while (!mgs && (word = strsep(&rest, " ")))
		if (!strncmp(word, "mgsnode=", 8))
			add_data(m, "%s", word);
	for (i = 0; i < sizeof(flag_words) / sizeof(flag_words[0]); i++)
		if (ldd_flags(&m->ldd) & flag_words[i].flag)
			add_data(m, "%s", flag_words[i].word);
	free(copy);
	copy = rest = strdup(m->ldd.ldd_params);
	while ((word = strsep(&rest, " ")))
		if (*word && strncmp(word, "mgsnode=", 8))
			add_data(m, "param=%s", word);
	free(copy);
}

/*
 * The flag "update" is for one start of the target. It comes back if that fails, and stays if only the
 * MGS of the disk is started.
 */
static int set_update(struct mount_request *m, bool on)
{
	struct lustre_disk_data ldd = m->ldd;
	uint32_t flags = ldd_flags(&ldd);

	if (!(flags & LDD_F_UPDATE) || m->fake || m->nosvc)
		return 0;
	ldd.ldd_flags = htole32(on ? flags : flags & ~LDD_F_UPDATE);
	return ldd_write(m->source, &ldd);
}

int server_prepare(struct mount_request *m)
{
	char user[sizeof(m->data)], svname[64];
	struct stat st;
	bool mgs;
	int rc;

	if (stat(m->source, &st)) {
		rc = errno;
		fprintf(stderr, "%s: %s: %s\n", progname, m->source, strerror(rc));
		return rc;
	}
	if (S_ISREG(st.st_mode)) {
		fprintf(stderr, "%s: %s is a file: give it a loop device (losetup --find --show)\n", progname, m->source);
		return ENOTBLK;
	}
	rc = ldd_read(m->source, &m->ldd);
	if (rc) {
		fprintf(stderr, "%s: %s has not been formatted with mkfs.lustre or the backend filesystem type is not supported by this tool\n",
			progname, m->source);
		return -rc;
	}
	if (ldd_flags(&m->ldd) & LDD_F_NEED_INDEX) {
		fprintf(stderr, "%s: %s must have an index assigned\n", progname, m->source);
		return EINVAL;
	}
	mgs = ldd_flags(&m->ldd) & LDD_F_SV_TYPE_MGS;
	snprintf(user, sizeof(user), "%s", m->data);
	m->data[0] = '\0';
	add_data(m, "%s", m->ldd.ldd_mount_opts);
	if (*user)
		add_data(m, "%s", user);
	add_data(m, "osd=osd-ldiskfs");
	if (mgs)
		add_data(m, "mgs");
	add_params(m, mgs);
	ldd_plain_svname(&m->ldd, svname);
	add_data(m, "svname=%s", svname);

	rc = set_update(m, false);
	if (rc == -EUCLEAN) {
		/* after a crash: it stays for the next time too, which does no harm */
		rc = 0;
	}
	if (rc)
		fprintf(stderr, "%s: cannot write to %s: %s\n", progname, m->source, strerror(-rc));
	return -rc;
}

void server_failed(struct mount_request *m)
{
	set_update(m, true);
}

/* Large requests for OSTs */
static void tune_queue(const char *device)
{
	char path[128];
	unsigned int hw = 0;
	struct stat st;
	FILE *f;

	if (stat(device, &st) || !S_ISBLK(st.st_mode))
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/max_hw_sectors_kb", major(st.st_rdev), minor(st.st_rdev));
	f = fopen(path, "r");
	if (!f)
		return;
	if (fscanf(f, "%u", &hw) != 1)
		hw = 0;
	fclose(f);
	if (!hw)
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/max_sectors_kb", major(st.st_rdev), minor(st.st_rdev));
	f = fopen(path, "w");
	if (f) {
		fprintf(f, "%u", hw < MAX_SECTORS_KB ? hw : MAX_SECTORS_KB);
		fclose(f);
	}
}

/*
 * The label of a mounted target is changed through its kernel, inside a transaction: a super
 * block written from here could be undone by the journal after a crash.
 */
static int relabel(struct mount_request *m, const char *name)
{
	char label[FSLABEL_MAX] = "";
	int fd, rc;

	snprintf(label, sizeof(label), "%s", name);
	fd = open(m->target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = ioctl(fd, FS_IOC_SETFSLABEL, label) ? -errno : 0;
	close(fd);
	return rc;
}

void server_mounted(struct mount_request *m)
{
	char name[64];
	int rc;

	if (m->nosvc)
		return;
	ldd_plain_svname(&m->ldd, name);
	if (strcmp(m->ldd.ldd_svname, name)) {
		rc = relabel(m, name);
		if (rc)
			fprintf(stderr, "%s: cannot change the label of %s to %s: %s\n", progname, m->source, name,
				strerror(-rc));
	}
	if (ldd_flags(&m->ldd) & LDD_F_SV_TYPE_OST)
		tune_queue(m->source);
}
