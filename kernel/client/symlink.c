// SPDX-License-Identifier: GPL-2.0
/*
 * Symbolic links: targets never change, so one that was read is kept with the inode.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

/* MDS_GETATTR with LINKNAME: 1 RPC, then none while the inode is cached */
static char *read_target(struct inode *inode)
{
	u32 room = min_t(loff_t, i_size_read(inode), PATH_MAX - 1) + 1;
	struct rpc_request *req;
	struct cl_reply r;
	char *target;
	int rc;

	if (room == 1)
		room = PATH_MAX;
	rc = cl_mds_getattr(cl_fs(inode->i_sb), &CL_I(inode)->fid, OBD_MD_FLID | OBD_MD_LINKNAME,
			    room, &req, &r);
	if (rc)
		return ERR_PTR(rc);
	if (!(r.valid & OBD_MD_LINKNAME) || r.md_size < 2 || r.md_size > PATH_MAX ||
	    strnlen(r.md, r.md_size) != r.md_size - 1)
		target = ERR_PTR(-EPROTO);
	else
		target = kmemdup(r.md, r.md_size, GFP_KERNEL);
	rpc_request_put(req);
	return target ?: ERR_PTR(-ENOMEM);
}

static const char *cl_get_link(struct dentry *dentry, struct inode *inode,
			       struct delayed_call *done)
{
	char *target = READ_ONCE(inode->i_link);

	if (target)
		return target;
	if (!dentry)
		return ERR_PTR(-ECHILD);
	target = read_target(inode);
	if (IS_ERR(target))
		return target;
	if (cmpxchg(&inode->i_link, NULL, target) != NULL) {
		kfree(target);
		target = inode->i_link;
	}
	return target;
}

const struct inode_operations cl_symlink_iops = {
	.get_link	= cl_get_link,
	.permission	= cl_permission,
	.getattr	= cl_getattr,
	.setattr	= cl_setattr,
	.listxattr	= cl_listxattr,
};
