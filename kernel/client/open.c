// SPDX-License-Identifier: GPL-2.0
/*
 * Open handles of regular files on the MDT: by FID here, by name in namei.c; close; file locks.
 * Directories have no handles: they are read by FID.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"
#include "wire/ldlm.h"

u64 cl_open_flags(unsigned int flags, fmode_t mode)
{
	u64 fl = 0;

	if (mode & FMODE_READ)
		fl |= MDS_FMODE_READ;
	if (mode & FMODE_WRITE)
		fl |= MDS_FMODE_WRITE;
	if (flags & __FMODE_EXEC)
		fl |= MDS_FMODE_EXEC;
	if (!fl)
		fl = MDS_FMODE_READ;	/* O_ACCMODE: for ioctls only */
	if (flags & O_CREAT)
		fl |= MDS_OPEN_CREAT;
	if (flags & O_EXCL)
		fl |= MDS_OPEN_EXCL;
	if (flags & O_TRUNC)
		fl |= MDS_OPEN_TRUNC;
	if (flags & O_APPEND)
		fl |= MDS_OPEN_APPEND;
	if (flags & O_DSYNC)
		fl |= MDS_OPEN_SYNC;
	if (flags & O_DIRECTORY)
		fl |= MDS_OPEN_DIRECTORY;
	if (flags & O_NONBLOCK)
		fl |= MDS_OPEN_NORESTORE;
	if ((flags & (O_NOCTTY | FASYNC)) == (O_NOCTTY | FASYNC))
		fl |= MDS_OPEN_DELAY_CREATE;
	return fl;
}

/*
 * An open that is kept for replay must, when it is sent again, open what it opened the first time:
 * by the real FID, with the objects that were given, telling the former handle, and without a lock
 * (chapter 04, 6.4). Called when a reply came; in a replay that is also where the new handle is.
 */
void cl_open_replay_fixup(struct rpc_request *req)
{
	const struct mdt_body *b = rpc_field(&req->rp, RF_MDT_BODY);
	struct mdt_rec_create *rec = rpc_field(&req->rq, RF_REC_REINT);
	struct ldlm_request *dlm = rpc_field(&req->rq, RF_DLM_REQ);
	struct lov_mds_md_v1 *ea = rpc_field(&req->rq, RF_EADATA);
	struct cl_open *open = req->data;
	u32 size;

	if (!b || !rec || !dlm || !b->mbo_handle)
		return;
	if (open)
		WRITE_ONCE(open->cookie, b->mbo_handle);
	rec->fid2 = b->mbo_fid1;
	rec->old_handle = b->mbo_handle;
	dlm->lock_flags |= cpu_to_le32(LDLM_FL_INTENT_ONLY);

	size = le32_to_cpu(b->mbo_eadatasize);
	if (!(le64_to_cpu(b->mbo_valid) & OBD_MD_FLEASIZE) || size < sizeof(*ea) ||
	    size > rpc_field_size(&req->rp, RF_MDT_MD) || size > rpc_field_size(&req->rq, RF_EADATA))
		return;
	memcpy(ea, rpc_field(&req->rp, RF_MDT_MD), size);
	if (ea->lmm_magic == cpu_to_le32(LOV_MAGIC_COMP_V1)) {
		struct lov_comp_md_v1 *md = (void *)ea;
		unsigned int i, off;

		for (i = 0; i < le16_to_cpu(md->lcm_entry_count) &&
		     struct_size(md, lcm_entries, i + 1) <= size; i++) {
			off = le32_to_cpu(md->lcm_entries[i].lcme_offset);
			if (off <= size - sizeof(*ea))
				((struct lov_mds_md_v1 *)((void *)ea + off))->lmm_layout_gen =
					cpu_to_le16(LOV_ANY_OST);
		}
	} else {
		ea->lmm_layout_gen = cpu_to_le16(LOV_ANY_OST);
	}
}

struct cl_open *cl_open_make(struct inode *inode, struct cl_intent *it, fmode_t mode)
{
	struct cl_open *open = kzalloc(sizeof(*open), GFP_NOFS);

	if (!open)
		return NULL;
	open->cookie = it->reply.body->mbo_handle;
	open->fs = cl_fs(inode->i_sb);
	open->fid = CL_I(inode)->fid;
	open->mode = mode;
	open->req = rpc_request_get(it->req);
	open->req->data = open;
	return open;
}

/* A process was killed inside an open: close what the MDT opened for it. */
void cl_open_orphan(struct rpc_request *req)
{
	const struct mdt_body *b = rpc_field(&req->rp, RF_MDT_BODY);
	const struct cl_mdc *mdc = req->imp->private;
	struct cl_open *open;

	if (req->status < 0)
		return;
	open = b && b->mbo_handle ? kzalloc(sizeof(*open), GFP_NOFS) : NULL;
	if (!open) {
		rpc_request_release_open(req, 0);
		return;
	}
	open->cookie = b->mbo_handle;
	open->fs = mdc->fs;
	fid_from_wire(&open->fid, &b->mbo_fid1);
	open->req = rpc_request_get(req);
	open->req->data = open;
	cl_mds_close(open, NULL);
}

void cl_open_free(struct cl_open *open, u64 transno)
{
	open->req->data = NULL;
	rpc_request_release_open(open->req, transno);
	rpc_request_put(open->req);
	kfree(open);
}

int cl_file_setup(struct inode *inode, struct file *file, struct cl_open *open)
{
	struct cl_file *cf = kzalloc(sizeof(*cf), GFP_KERNEL);

	if (!cf)
		return -ENOMEM;
	cf->open = open;
	file->private_data = cf;
	file->f_mode |= FMODE_CAN_ODIRECT;
	if (file->f_mode & FMODE_WRITE)
		atomic_inc(&CL_I(inode)->write_opens);
	return 0;
}

int cl_open_finish(struct inode *inode, struct file *file)
{
	return 0;
}

/* Open intent by FID; the caller closes *@open: 1 RPC */
static int open_by_fid(struct inode *inode, u64 flags, fmode_t mode, const void *ea, u32 ea_size,
		       struct cl_open **open)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	struct cl_intent it = {
		.op = flags & MDS_OPEN_CREAT ? IT_OPEN | IT_CREAT : IT_OPEN,
		.fid = CL_I(inode)->fid,
		.inode = inode,
		.open_flags = (flags & ~MDS_OPEN_EXCL) | MDS_OPEN_BY_FID |
			      (ea ? 0 : MDS_OPEN_OWNEROVERRIDE),
		.create_mode = S_IFREG,
		.ea = ea,
		.ea_size = ea_size,
	};
	int rc;

	rc = cl_intent_run(fs, &it);
	if (!rc && (!it.reply.body || !(it.disp & DISP_OPEN_OPEN) || !it.reply.body->mbo_handle))
		rc = it.disp & DISP_LOOKUP_NEG ? -ESTALE : -EPROTO;
	if (!rc && !fid_eq(&it.reply.fid, &CL_I(inode)->fid))
		rc = -EPROTO;
	if (!rc)
		rc = cl_inode_update(inode, &it.reply, it.lock_bits);
	if (!rc) {
		*open = cl_open_make(inode, &it, mode);
		if (!*open)
			rc = -ENOMEM;
	}
	cl_intent_done(&it);
	return rc == -ENOENT ? -ESTALE : rc;
}

/* Open of an inode that the cache has: 1 RPC */
int cl_file_open(struct inode *inode, struct file *file)
{
	struct cl_open *open;
	int rc;

	stats_inc(cl_fs(inode->i_sb)->stats, CL_ST_OPEN);
	rc = open_by_fid(inode, cl_open_flags(file->f_flags, file->f_mode), file->f_mode, NULL, 0,
			 &open);
	if (rc)
		return rc;
	rc = cl_file_setup(inode, file, open);
	if (rc)
		cl_mds_close(open, inode);
	return rc;
}

int cl_file_release(struct inode *inode, struct file *file)
{
	struct cl_file *cf = file->private_data;

	stats_inc(cl_fs(inode->i_sb)->stats, CL_ST_CLOSE);
	if (file->f_mode & FMODE_WRITE)
		atomic_dec(&CL_I(inode)->write_opens);
	cl_mds_close(cf->open, inode);
	kfree(cf);
	return 0;
}

static int open_and_close(struct inode *inode, u64 flags, const void *ea, u32 size)
{
	struct cl_open *open;
	int rc;

	rc = open_by_fid(inode, MDS_FMODE_WRITE | flags, FMODE_WRITE, ea, size, &open);
	if (!rc)
		cl_mds_close(open, inode);
	return rc;
}

int cl_open_layout(struct inode *inode)
{
	return open_and_close(inode, 0, NULL, 0);
}

int cl_open_ea(struct inode *inode, const void *ea, u32 size)
{
	return open_and_close(inode, MDS_OPEN_HAS_EA, ea, size);
}

/* --- fcntl and flock locks --- */

static int file_lock(struct file *file, int cmd, struct file_lock *fl)
{
	struct inode *inode = file_inode(file);
	struct cl_fs *fs = cl_fs(inode->i_sb);

	stats_inc(fs->stats, CL_ST_FLOCK);
	if (fs->opt.flags & CL_OPT_LOCALFLOCK) {
		if (IS_GETLK(cmd)) {
			posix_test_lock(file, fl);
			return 0;
		}
		return locks_lock_file_wait(file, fl);
	}
	if (!(fs->opt.flags & CL_OPT_FLOCK))
		return -ENOSYS;
	return ldlm_cli_flock(fs->mdc->imp, &CL_I(inode)->fid, file, cmd, fl);
}

/* POSIX locks: 1 RPC, and the wait */
int cl_file_lock(struct file *file, int cmd, struct file_lock *fl)
{
	return file_lock(file, cmd, fl);
}

/* BSD locks: the same */
int cl_file_flock(struct file *file, int cmd, struct file_lock *fl)
{
	return file_lock(file, cmd, fl);
}
