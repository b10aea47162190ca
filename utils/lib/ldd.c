// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing CONFIGS/mountdata and the label with libext2fs: the file
 * system need not be mounted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ext2fs/ext2fs.h>
#include "lib/ldd.h"

#define LABEL_MAX	16

static int to_errno(errcode_t err)
{
	if (!err)
		return 0;
	if (err == EXT2_ET_BAD_MAGIC || err == EXT2_ET_FILE_NOT_FOUND)
		return -ENODEV;
	return err > 0 && err < 256 ? -(int)err : -EIO;
}

/* --- names --- */

static char separator(uint32_t flags)
{
	if (flags & LDD_F_VIRGIN)
		return ':';
	if (flags & LDD_F_WRITECONF)
		return '=';
	return flags & LDD_F_NO_LOCAL_LOGS ? '+' : '-';
}

static void make_name(const struct lustre_disk_data *ldd, char sep, char name[64])
{
	uint32_t flags = ldd_flags(ldd), index = le32toh(ldd->ldd_svindex);

	if (flags & (LDD_F_SV_TYPE_MDT | LDD_F_SV_TYPE_OST))
		snprintf(name, 64, "%.8s%c%s%04x", ldd->ldd_fsname, sep,
			 flags & LDD_F_SV_TYPE_MDT ? "MDT" : "OST", index & 0xffff);
	else
		snprintf(name, 64, "MGS");
}

void ldd_make_svname(struct lustre_disk_data *ldd)
{
	make_name(ldd, separator(ldd_flags(ldd)), ldd->ldd_svname);
}

void ldd_plain_svname(const struct lustre_disk_data *ldd, char name[64])
{
	make_name(ldd, '-', name);
}

/* The label is what the running target changes: it wins over the stored flags. */
static void apply_label(struct lustre_disk_data *ldd, const char *label)
{
	uint32_t flags = ldd_flags(ldd) & ~(LDD_F_VIRGIN | LDD_F_WRITECONF | LDD_F_NO_LOCAL_LOGS);
	size_t len = strlen(label);

	if (len > 8) {
		switch (label[len - 8]) {
		case ':':
			flags |= LDD_F_VIRGIN;
			break;
		case '=':
			flags |= LDD_F_WRITECONF;
			break;
		case '+':
			flags |= LDD_F_NO_LOCAL_LOGS;
			break;
		}
	} else {
		flags |= ldd_flags(ldd) & LDD_F_VIRGIN;	/* MGS: its label says nothing */
	}
	ldd->ldd_flags = htole32(flags);
	if (*label)
		snprintf(ldd->ldd_svname, sizeof(ldd->ldd_svname), "%s", label);
}

/* --- reading --- */

static errcode_t read_file(ext2_filsys fs, void *buf, unsigned int size)
{
	unsigned int got = 0;
	ext2_file_t file;
	ext2_ino_t ino;
	errcode_t err;

	err = ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, MOUNT_DATA_FILE, &ino);
	if (err)
		return err;
	err = ext2fs_file_open(fs, ino, 0, &file);
	if (err)
		return err;
	err = ext2fs_file_read(file, buf, size, &got);
	ext2fs_file_close(file);
	if (!err && got != size)
		err = EXT2_ET_FILE_NOT_FOUND;
	return err;
}

int ldd_read(const char *device, struct lustre_disk_data *ldd)
{
	char label[LABEL_MAX + 1] = "";
	ext2_filsys fs;
	errcode_t err;

	err = ext2fs_open(device, EXT2_FLAG_64BITS | EXT2_FLAG_SOFTSUPP_FEATURES, 0, 0, unix_io_manager, &fs);
	if (err)
		return to_errno(err);
	memcpy(label, fs->super->s_volume_name, LABEL_MAX);
	err = read_file(fs, ldd, sizeof(*ldd));
	ext2fs_close_free(&fs);
	if (err)
		return to_errno(err);
	if (le32toh(ldd->ldd_magic) != LDD_MAGIC)
		return -ENODEV;
	ldd->ldd_fsname[sizeof(ldd->ldd_fsname) - 1] = '\0';
	ldd->ldd_svname[sizeof(ldd->ldd_svname) - 1] = '\0';
	ldd->ldd_uuid[sizeof(ldd->ldd_uuid) - 1] = '\0';
	ldd->ldd_userdata[sizeof(ldd->ldd_userdata) - 1] = '\0';
	ldd->ldd_mount_opts[sizeof(ldd->ldd_mount_opts) - 1] = '\0';
	ldd->ldd_params[sizeof(ldd->ldd_params) - 1] = '\0';
	apply_label(ldd, label);
	return 0;
}

/* --- writing --- */

static errcode_t make_dir(ext2_filsys fs, ext2_ino_t *dir)
{
	errcode_t err = ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, MOUNT_CONFIGS_DIR, dir);

	if (err != EXT2_ET_FILE_NOT_FOUND)
		return err;
	err = ext2fs_mkdir(fs, EXT2_ROOT_INO, 0, MOUNT_CONFIGS_DIR);
	if (!err)
		err = ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, MOUNT_CONFIGS_DIR, dir);
	return err;
}

static errcode_t make_file(ext2_filsys fs, ext2_ino_t dir, ext2_ino_t *ino)
{
	struct ext2_inode inode = {
		.i_mode = LINUX_S_IFREG | 0644,
		.i_links_count = 1,
		.i_atime = time(NULL), .i_mtime = time(NULL), .i_ctime = time(NULL),
	};
	ext2_extent_handle_t handle;
	errcode_t err;

	err = ext2fs_new_inode(fs, dir, inode.i_mode, 0, ino);
	if (err)
		return err;
	err = ext2fs_link(fs, dir, "mountdata", *ino, EXT2_FT_REG_FILE);
	if (err)
		return err;
	ext2fs_inode_alloc_stats2(fs, *ino, 1, 0);
	err = ext2fs_write_new_inode(fs, *ino, &inode);
	if (err || !ext2fs_has_feature_extents(fs->super))
		return err;
	/* an empty extent tree */
	err = ext2fs_extent_open2(fs, *ino, &inode, &handle);
	if (err)
		return err;
	ext2fs_extent_free(handle);
	return ext2fs_write_inode(fs, *ino, &inode);
}

static errcode_t write_file(ext2_filsys fs, const void *buf, unsigned int size)
{
	unsigned int written = 0;
	ext2_ino_t dir, ino;
	ext2_file_t file;
	errcode_t err, err2;

	err = make_dir(fs, &dir);
	if (err)
		return err;
	err = ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, MOUNT_DATA_FILE, &ino);
	if (err == EXT2_ET_FILE_NOT_FOUND)
		err = make_file(fs, dir, &ino);
	if (err)
		return err;
	err = ext2fs_file_open(fs, ino, EXT2_FILE_WRITE, &file);
	if (err)
		return err;
	err = ext2fs_file_write(file, buf, size, &written);
	err2 = ext2fs_file_close(file);
	if (!err && written != size)
		err = EIO;
	return err ? err : err2;
}

int ldd_write(const char *device, const struct lustre_disk_data *ldd)
{
	ext2_filsys fs;
	errcode_t err, err2;

	err = ext2fs_open(device, EXT2_FLAG_RW | EXT2_FLAG_EXCLUSIVE | EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &fs);
	if (err)
		return to_errno(err);
	if (ext2fs_has_feature_journal_needs_recovery(fs->super)) {
		/* what the journal holds would overwrite what is written now */
		ext2fs_close_free(&fs);
		return -EUCLEAN;
	}
	err = ext2fs_read_bitmaps(fs);
	if (!err)
		err = write_file(fs, ldd, sizeof(*ldd));
	err2 = ext2fs_close_free(&fs);
	return to_errno(err ? err : err2);
}

int ldd_set_label(const char *device, const char *label)
{
	ext2_filsys fs;
	errcode_t err, err2 = 0;

	if (strlen(label) > LABEL_MAX)
		return -EINVAL;
	err = ext2fs_open(device, EXT2_FLAG_RW | EXT2_FLAG_EXCLUSIVE | EXT2_FLAG_64BITS | EXT2_FLAG_SUPER_ONLY, 0, 0,
			  unix_io_manager, &fs);
	if (err)
		return to_errno(err);
	memset(fs->super->s_volume_name, 0, LABEL_MAX);
	memcpy(fs->super->s_volume_name, label, strlen(label));
	/* the first super block alone: the others are e2fsck's, and the kernel may be using the rest */
	fs->flags |= EXT2_FLAG_SUPER_ONLY | EXT2_FLAG_DIRTY | EXT2_FLAG_CHANGED;
	err = ext2fs_flush(fs);
	err2 = ext2fs_close_free(&fs);
	return to_errno(err ? err : err2);
}
