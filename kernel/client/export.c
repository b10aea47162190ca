// SPDX-License-Identifier: GPL-2.0
/*
 * File handles for NFS and name_to_handle_at(): type 0x97, the FIDs of an object and of its parent
 * (chapter 08, 7.5).
 */
#include <linux/exportfs.h>
#include <linux/fs.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

#define CL_FILEID_TYPE	0x97

struct cl_fh {
	struct lu_fid	child;
	struct lu_fid	parent;
};

static int cl_encode_fh(struct inode *inode, u32 *fh, int *len, struct inode *parent)
{
	struct cl_fh *h = (void *)fh;
	int room = *len;

	*len = sizeof(*h) / sizeof(u32);
	if (room < *len)
		return FILEID_INVALID;
	h->child = CL_I(inode)->fid;
	if (parent)
		h->parent = CL_I(parent)->fid;
	else
		memset(&h->parent, 0, sizeof(h->parent));
	return CL_FILEID_TYPE;
}

/* From the cache, or 1 RPC */
static struct dentry *by_fid(struct super_block *sb, const struct lu_fid *fid)
{
	struct cl_intent it = { .op = IT_GETATTR, .fid = *fid };
	struct inode *inode;
	int rc;

	if (!fid_is_sane(fid))
		return ERR_PTR(-ESTALE);
	inode = cl_ilookup(sb, fid);
	if (!inode) {
		rc = cl_intent_run(cl_fs(sb), &it);
		if (rc || !it.reply.body)
			inode = ERR_PTR(rc == -ENOENT || !rc ? -ESTALE : rc);
		else
			inode = cl_iget(cl_fs(sb), &it.reply, it.lock_bits);
		cl_intent_done(&it);
	}
	return d_obtain_alias(inode);
}

static struct dentry *cl_fh_to_dentry(struct super_block *sb, struct fid *fid, int len, int type)
{
	const struct cl_fh *h = (const void *)fid;

	if (type != CL_FILEID_TYPE || len < sizeof(h->child) / sizeof(u32))
		return ERR_PTR(-ESTALE);
	return by_fid(sb, &h->child);
}

static struct dentry *cl_fh_to_parent(struct super_block *sb, struct fid *fid, int len, int type)
{
	const struct cl_fh *h = (const void *)fid;

	if (type != CL_FILEID_TYPE || len < sizeof(*h) / sizeof(u32))
		return ERR_PTR(-ESTALE);
	return by_fid(sb, &h->parent);
}

/* The directory that ".." names: 1 RPC */
static struct dentry *cl_get_parent(struct dentry *child)
{
	struct inode *dir = d_inode(child);
	const struct qstr dotdot = QSTR_INIT("..", 2);
	struct cl_intent it = { .op = IT_GETATTR, .dir = dir, .name = &dotdot };
	struct inode *inode;
	int rc;

	rc = cl_intent_run(cl_fs(dir->i_sb), &it);
	if (rc || !it.reply.body)
		inode = ERR_PTR(rc ?: -ENOENT);
	else
		inode = cl_iget(cl_fs(dir->i_sb), &it.reply, it.lock_bits);
	cl_intent_done(&it);
	return d_obtain_alias(inode);
}

const struct export_operations cl_export_ops = {
	.encode_fh	= cl_encode_fh,
	.fh_to_dentry	= cl_fh_to_dentry,
	.fh_to_parent	= cl_fh_to_parent,
	.get_parent	= cl_get_parent,
};
