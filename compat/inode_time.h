/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Accessors of inode times, on kernels where the times are plain members.
 * Kernels got those of ctime first, long-term branches included.
 */
#ifndef SHEEN_COMPAT_INODE_TIME_H
#define SHEEN_COMPAT_INODE_TIME_H

#include <linux/fs.h>

#ifndef HAVE_INODE_GET_CTIME
static inline struct timespec64 inode_get_ctime(const struct inode *inode)
{
	return inode->i_ctime;
}

static inline struct timespec64 inode_set_ctime_to_ts(struct inode *inode, struct timespec64 ts)
{
	return inode->i_ctime = ts;
}

static inline struct timespec64 inode_set_ctime_current(struct inode *inode)
{
	return inode_set_ctime_to_ts(inode, current_time(inode));
}

static inline struct timespec64 inode_set_ctime(struct inode *inode, time64_t sec, long nsec)
{
	return inode_set_ctime_to_ts(inode, (struct timespec64){ .tv_sec = sec, .tv_nsec = nsec });
}
#endif

#ifndef HAVE_INODE_SET_MTIME_TO_TS
static inline struct timespec64 inode_get_atime(const struct inode *inode)
{
	return inode->i_atime;
}

static inline struct timespec64 inode_get_mtime(const struct inode *inode)
{
	return inode->i_mtime;
}

static inline struct timespec64 inode_set_atime_to_ts(struct inode *inode, struct timespec64 ts)
{
	return inode->i_atime = ts;
}

static inline struct timespec64 inode_set_mtime_to_ts(struct inode *inode, struct timespec64 ts)
{
	return inode->i_mtime = ts;
}

static inline time64_t inode_get_atime_sec(const struct inode *inode)
{
	return inode_get_atime(inode).tv_sec;
}

static inline time64_t inode_get_mtime_sec(const struct inode *inode)
{
	return inode_get_mtime(inode).tv_sec;
}

static inline time64_t inode_get_ctime_sec(const struct inode *inode)
{
	return inode_get_ctime(inode).tv_sec;
}

static inline struct timespec64 inode_set_atime(struct inode *inode, time64_t sec, long nsec)
{
	return inode_set_atime_to_ts(inode, (struct timespec64){ .tv_sec = sec, .tv_nsec = nsec });
}

static inline struct timespec64 inode_set_mtime(struct inode *inode, time64_t sec, long nsec)
{
	return inode_set_mtime_to_ts(inode, (struct timespec64){ .tv_sec = sec, .tv_nsec = nsec });
}

static inline struct timespec64 simple_inode_init_ts(struct inode *inode)
{
	struct timespec64 ts = inode_set_ctime_current(inode);

	inode_set_atime_to_ts(inode, ts);
	inode_set_mtime_to_ts(inode, ts);
	return ts;
}
#endif

#endif
