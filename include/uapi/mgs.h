/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/lustre-mgs: lctl on the node where the MGS runs. A write(2) is one command, a
 * text of words separated by blanks; its errno is the result:
 *	conf_param [-d] TARGET.KEY[=VALUE]
 *	set_param [-d] KEY[=VALUE]
 *	pool_new|pool_del FS.POOL
 *	pool_add|pool_rem FS.POOL OST_UUID
 * The ioctl reads logs.
 */
#ifndef SHEEN_UAPI_MGS_H
#define SHEEN_UAPI_MGS_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MGS_DEVICE		"lustre-mgs"
#define MGS_COMMAND_MAX		4096

/**
 * struct mgs_ioc_read - a piece of a log, or the names of all
 * @name: log; empty: names of all logs, each with a newline
 * @offset: where to begin
 * @buf: user address; @len: room there
 * The ioctl returns the number of bytes, 0 at the end.
 */
struct mgs_ioc_read {
	char		name[64];
	__u64		offset;
	__u64		buf;
	__u32		len;
	__u32		pad;
};

#define MGS_IOC_READ	_IOWR('G', 0x51, struct mgs_ioc_read)

#endif
