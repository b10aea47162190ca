// SPDX-License-Identifier: GPL-2.0
/*
 * ioctls of files and directories (chapter 08, 7): layouts, FIDs, paths, targets; and the flags of
 * chattr. Numbers and structures are in uapi/lustre.h. Group locks are the data side's.
 */
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"
#include "uapi/lustre.h"
#include "wire/ost.h"

/* --- layouts --- */

/* Bytes of a layout that a user hands in, from its own head; untrusted */
static ssize_t lum_size(const void __user *arg)
{
	struct lov_mds_md_v1 v1;
	struct lov_comp_md_v1 comp;
	size_t size;

	if (copy_from_user(&v1, arg, sizeof(v1)))
		return -EFAULT;
	switch (le32_to_cpu(v1.lmm_magic)) {
	case LOV_MAGIC_V1:
		return sizeof(v1);
	case LOV_MAGIC_V3:
		return sizeof(struct lov_mds_md_v3);
	case LOV_MAGIC_SPECIFIC:
		size = sizeof(struct lov_mds_md_v3) +
		       le16_to_cpu(v1.lmm_stripe_count) * sizeof(struct lov_ost_data_v1);
		return size > LOV_MAX_EASIZE ? -E2BIG : size;
	case LOV_MAGIC_COMP_V1:
		if (copy_from_user(&comp, arg, sizeof(comp)))
			return -EFAULT;
		size = le32_to_cpu(comp.lcm_size);
		return size < sizeof(comp) || size > LOV_MAX_EASIZE ? -EINVAL : size;
	default:
		return -EINVAL;
	}
}

/* 2 RPCs for a file (open with the layout, close), 1 for a directory */
static long set_stripe(struct file *file, void __user *arg)
{
	struct inode *inode = file_inode(file);
	ssize_t size = lum_size(arg);
	struct layout *lo;
	void *lum;
	long rc;

	if (size < 0)
		return size;
	lum = memdup_user(arg, size);
	if (IS_ERR(lum))
		return PTR_ERR(lum);
	if (S_ISDIR(inode->i_mode)) {
		rc = inode_owner_or_capable(&nop_mnt_idmap, inode) ? 0 : -EPERM;
		if (!rc)
			rc = cl_dir_set_default(inode, lum, size);
		kfree(lum);
		return rc;
	}
	rc = file->f_mode & FMODE_WRITE ? cl_open_ea(inode, lum, size) : -EBADF;
	kfree(lum);
	if (rc)
		return rc;
	lo = cl_layout_get(inode);
	if (IS_ERR_OR_NULL(lo))
		return lo ? PTR_ERR(lo) : -ENODATA;
	/* the head goes back; the caller's buffer is only as large as what it brought */
	if (copy_to_user(arg, lo->ea, min_t(size_t, size, lo->ea_size)))
		rc = -EFAULT;
	layout_put(lo);
	return rc;
}

/* Of a composite layout, what a caller that only knows plain ones is shown */
static const struct layout_comp *plain_comp(struct inode *inode, const struct layout *lo)
{
	const struct layout_comp *c = &lo->comp[lo->nr - 1];
	u32 i;

	if (!i_size_read(inode))
		return c;
	for (i = lo->nr; i > 0; i--)
		if (lo->comp[i - 1].init)
			return &lo->comp[i - 1];
	return c;
}

/* @head: what the caller's buffer held: it limits the answer if it is a plain layout */
static long copy_layout(struct inode *inode, const struct layout *lo,
			const struct lov_mds_md_v1 *head, void __user *arg)
{
	const struct lov_mds_md_v1 *ea = lo->ea;
	size_t size = lo->ea_size, room = size;
	u32 magic = le32_to_cpu(head->lmm_magic);

	if (magic == LOV_MAGIC_V1 || magic == LOV_MAGIC_V3) {
		if (lo->composite) {
			const struct layout_comp *c = plain_comp(inode, lo);

			ea = lo->ea + c->offset;
			/* the stripe of Data-on-MDT is not in the EA */
			size = lov_mds_md_size(c->init && !c->mdt ? c->stripe_count : 0,
					       le32_to_cpu(ea->lmm_magic));
		}
		room = lov_mds_md_size(le16_to_cpu(head->lmm_stripe_count), magic);
	}
	return copy_to_user(arg, ea, min(size, room)) ? -EFAULT : 0;
}

/* What new files get: of the directory itself, else of the root of the file system. */
static long get_stripe_dir(struct inode *dir, void __user *arg)
{
	const struct lu_fid root = { .f_seq = FID_SEQ_ROOT, .f_oid = FID_OID_ROOT };
	struct cl_fs *fs = cl_fs(dir->i_sb);
	void *buf = kvmalloc(LOV_MAX_EASIZE, GFP_KERNEL);
	ssize_t rc;

	if (!buf)
		return -ENOMEM;
	rc = cl_dir_default_layout(fs, &CL_I(dir)->fid, buf, LOV_MAX_EASIZE);
	if (rc == -ENODATA && !fid_is_root(&CL_I(dir)->fid))
		rc = cl_dir_default_layout(fs, &root, buf, LOV_MAX_EASIZE);
	if (rc > 0)
		rc = copy_to_user(arg, buf, rc) ? -EFAULT : 0;
	kvfree(buf);
	return rc;
}

/* 0 RPCs under a LAYOUT lock, else 1 */
static long get_stripe(struct file *file, void __user *arg)
{
	struct inode *inode = file_inode(file);
	struct lov_mds_md_v1 head;
	struct layout *lo;
	long rc;

	if (S_ISDIR(inode->i_mode))
		return get_stripe_dir(inode, arg);
	if (!S_ISREG(inode->i_mode))
		return -ENODATA;
	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	lo = cl_layout_get(inode);
	if (IS_ERR_OR_NULL(lo))
		return lo ? PTR_ERR(lo) : -ENODATA;
	rc = copy_layout(inode, lo, &head, arg);
	layout_put(lo);
	return rc;
}

/* --- attributes and layout of an entry, by name, without opening it --- */

static void fill_statx(u8 *buf, const struct cl_reply *r, struct inode *inode)
{
	struct {
		__u32 mask, blksize;
		__u64 attributes;
		__u32 nlink, uid, gid;
		__u16 mode, spare;
		__u64 ino, size, blocks, attributes_mask;
		struct { __s64 sec; __u32 nsec; __s32 pad; } atime, btime, ctime, mtime;
		__u32 rdev_major, rdev_minor, dev_major, dev_minor;
	} *sx = (void *)buf;
	const struct mdt_body *b = r->body;

	static_assert(sizeof(*sx) == 144);
	sx->mask = STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_GID | STATX_ATIME |
		   STATX_MTIME | STATX_CTIME | STATX_INO | STATX_BTIME;
	if (r->valid & OBD_MD_FLSIZE)
		sx->mask |= STATX_SIZE;
	if (r->valid & OBD_MD_FLBLOCKS)
		sx->mask |= STATX_BLOCKS;
	sx->blksize = S_ISREG(le32_to_cpu(b->mbo_mode)) ? 1U << CL_BLKSIZE_BITS : PAGE_SIZE;
	sx->nlink = le32_to_cpu(b->mbo_nlink);
	sx->uid = le32_to_cpu(b->mbo_uid);
	sx->gid = le32_to_cpu(b->mbo_gid);
	sx->mode = le32_to_cpu(b->mbo_mode);
	sx->ino = fid_to_ino(&r->fid);
	sx->size = le64_to_cpu(b->mbo_size);
	sx->blocks = le64_to_cpu(b->mbo_blocks);
	sx->atime.sec = le64_to_cpu(b->mbo_atime);
	sx->btime.sec = le64_to_cpu(b->mbo_btime);
	sx->ctime.sec = le64_to_cpu(b->mbo_ctime);
	sx->mtime.sec = le64_to_cpu(b->mbo_mtime);
	sx->rdev_major = MAJOR(old_decode_dev(le32_to_cpu(b->mbo_rdev)));
	sx->rdev_minor = MINOR(old_decode_dev(le32_to_cpu(b->mbo_rdev)));
	sx->dev_major = MAJOR(inode->i_sb->s_dev);
	sx->dev_minor = MINOR(inode->i_sb->s_dev);
}

/* @stripe_only: just the layout. 1 RPC */
static long copy_fileinfo(struct inode *dir, const struct cl_reply *r, void __user *arg,
			  bool stripe_only)
{
	struct ll_mds_data_v2 *lmd;
	const size_t room = 4096;	/* what the callers' buffers have at least: layouts up to that */
	long rc = 0;

	if (stripe_only) {
		if (!r->md_size)
			return -ENODATA;
		return copy_to_user(arg, r->md, r->md_size) ? -EFAULT : 0;
	}
	lmd = kzalloc(sizeof(*lmd), GFP_KERNEL);
	if (!lmd)
		return -ENOMEM;
	lmd->lmd_fid = r->fid;
	lmd->lmd_flags = r->valid;
	lmd->lmd_lmmsize = r->md_size;
	fill_statx(lmd->lmd_statx, r, dir);
	if (r->md_size > room)
		rc = -EOVERFLOW;
	if (copy_to_user(arg, lmd, sizeof(*lmd)) ||
	    (r->md_size && copy_to_user(arg + sizeof(*lmd), r->md,
					rc ? sizeof(struct lov_mds_md_v1) : r->md_size)))
		rc = -EFAULT;
	kfree(lmd);
	return rc;
}

static long get_fileinfo(struct file *file, void __user *arg, bool stripe_only)
{
	struct inode *dir = file_inode(file);
	struct cl_intent it = { .op = IT_GETATTR, .dir = dir };
	struct qstr name;
	char *str;
	long rc;

	str = strndup_user(arg, PATH_MAX);
	if (IS_ERR(str))
		return PTR_ERR(str);
	name = (struct qstr) QSTR_INIT(str, strlen(str));
	if (!name.len || name.len > MDS_NAME_MAX || strchr(str, '/')) {
		kfree(str);
		return -EINVAL;
	}
	it.name = &name;
	rc = cl_intent_run(cl_fs(dir->i_sb), &it);
	if (!rc && !it.reply.body)
		rc = -ENOENT;
	if (!rc)
		rc = copy_fileinfo(dir, &it.reply, arg, stripe_only);
	cl_intent_done(&it);
	kfree(str);
	return rc;
}

/* The same of the directory itself, with its default layout. 1 RPC */
static long get_dirinfo(struct file *file, void __user *arg)
{
	struct inode *dir = file_inode(file);
	struct rpc_request *req;
	struct cl_reply r;
	long rc;

	rc = cl_mds_getattr(cl_fs(dir->i_sb), &CL_I(dir)->fid,
			    OBD_MD_FLGETATTR | OBD_MD_FLBLOCKS | OBD_MD_FLEASIZE | OBD_MD_FLDIREA,
			    4096, &req, &r);
	if (rc)
		return rc;
	rc = copy_fileinfo(dir, &r, arg, false);
	rpc_request_put(req);
	return rc;
}

/* --- FIDs and paths --- */

static long fid2path(struct inode *inode, void __user *arg)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	struct getinfo_fid2path *gf;
	struct ll_fid2path head;
	long rc;

	if (!(fs->opt.flags & CL_OPT_USER_FID2PATH) && !capable(CAP_DAC_READ_SEARCH))
		return -EPERM;
	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	if (head.gf_pathlen > PATH_MAX)
		return -E2BIG;
	if (head.gf_pathlen < 2)
		return -EOVERFLOW;
	gf = kvzalloc(sizeof(*gf) + head.gf_pathlen, GFP_KERNEL);
	if (!gf)
		return -ENOMEM;
	fid_to_wire(&gf->gf_fid, &head.gf_fid);
	gf->gf_recno = cpu_to_le64(head.gf_recno);
	gf->gf_linkno = cpu_to_le32(head.gf_linkno);
	gf->gf_pathlen = cpu_to_le32(head.gf_pathlen);
	rc = cl_mds_fid2path(fs, gf, head.gf_pathlen);
	if (!rc) {
		gf->gf_path[head.gf_pathlen - 1] = 0;
		fid_from_wire(&head.gf_fid, &gf->gf_fid);
		head.gf_recno = le64_to_cpu(gf->gf_recno);
		head.gf_linkno = le32_to_cpu(gf->gf_linkno);
		if (copy_to_user(arg, &head, sizeof(head)) ||
		    copy_to_user(arg + sizeof(head), gf->gf_path, strlen(gf->gf_path) + 1))
			rc = -EFAULT;
	}
	kvfree(gf);
	return rc;
}

/* --- targets --- */

static int one_statfs(struct cl_fs *fs, u32 type, u32 index, struct obd_statfs *st, char *uuid)
{
	struct cl_osc *osc;

	if (type & LL_STATFS_LMV) {
		if (index != fs->mdc->index)
			return -ENODEV;
		strscpy(uuid, fs->mdc->imp->target_uuid, OBD_UUID_SIZE);
		return cl_mds_statfs(fs, st, false);
	}
	if (!(type & LL_STATFS_LOV))
		return -EINVAL;
	if (index >= fs->nr_osts)
		return -ENODEV;
	osc = cl_osc_get_index(fs, index);
	if (!osc)
		return -EAGAIN;
	strscpy(uuid, osc->uuid, OBD_UUID_SIZE);
	if (osc->inactive)
		return -ENODATA;
	return cl_osc_statfs(osc, st, type & LL_STATFS_NODELAY);
}

/* 1 RPC */
static long target_statfs(struct cl_fs *fs, void __user *arg)
{
	struct obd_ioctl_data *data;
	char uuid[OBD_UUID_SIZE] = "";
	u32 type, index, len;
	struct obd_statfs st;
	long rc = -EFAULT;
	int err;

	if (get_user(len, (u32 __user *)arg))
		return -EFAULT;
	if (len < sizeof(*data) || len > 8192)
		return -EINVAL;
	data = memdup_user(arg, len);
	if (IS_ERR(data))
		return PTR_ERR(data);
	if (data->ioc_inllen1 < sizeof(type) || data->ioc_inllen2 < sizeof(index) ||
	    data->ioc_plen1 < sizeof(st) || data->ioc_plen2 < sizeof(uuid)) {
		kfree(data);
		return -EINVAL;
	}
	if (get_user(type, (u32 __user *)u64_to_user_ptr(data->ioc_inlbuf1)) ||
	    get_user(index, (u32 __user *)u64_to_user_ptr(data->ioc_inlbuf2)))
		goto out;
	memset(&st, 0, sizeof(st));
	err = one_statfs(fs, type, index, &st, uuid);
	if (copy_to_user(u64_to_user_ptr(data->ioc_pbuf2), uuid, sizeof(uuid)) ||
	    (!err && copy_to_user(u64_to_user_ptr(data->ioc_pbuf1), &st, sizeof(st))))
		goto out;
	rc = err;
out:
	kfree(data);
	return rc;
}

static long target_count(struct cl_fs *fs, int __user *arg)
{
	int which;

	if (get_user(which, arg))
		return -EFAULT;
	return put_user(which ? 1 : (int)fs->nr_osts, arg);
}

/* Names of the parts of a mount that stock calls devices */
static long device_name(struct cl_fs *fs, const char *kind, void __user *arg, size_t room)
{
	char name[128] = "";

	snprintf(name, sizeof(name), "%s-%s-%s", fs->opt.fsname, kind, fs->instance);
	return copy_to_user(arg, name, min(room, sizeof(name))) ? -EFAULT : 0;
}

static long dir_ioctl(struct file *file, unsigned int cmd, void __user *arg)
{
	struct cl_fs *fs = cl_fs(file_inode(file)->i_sb);

	switch (cmd) {
	case IOC_MDC_GETFILEINFO_V2:
		return get_fileinfo(file, arg, false);
	case IOC_MDC_GETFILESTRIPE:
		return get_fileinfo(file, arg, true);
	case LL_IOC_MDC_GETINFO_V2:
		return get_dirinfo(file, arg);
	case LL_IOC_FID2MDTIDX:
		return fs->mdc->index;
	case LL_IOC_GETOBDCOUNT:
		return target_count(fs, arg);
	case LL_IOC_GET_CONNECT_FLAGS:
		return put_user(rpc_import_flags(fs->mdc->imp), (u64 __user *)arg);
	default:
		return -ENOTTY;
	}
}

long cl_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file_inode(file);
	struct cl_fs *fs = cl_fs(inode->i_sb);
	void __user *p = (void __user *)arg;

	stats_inc(fs->stats, CL_ST_IOCTL);
	switch (cmd) {
	case LL_IOC_LOV_SETSTRIPE:
	case LL_IOC_LOV_SETSTRIPE_NEW:
		return set_stripe(file, p);
	case LL_IOC_LOV_GETSTRIPE:
	case LL_IOC_LOV_GETSTRIPE_NEW:
		return get_stripe(file, p);
	case IOC_OBD_STATFS:
		return target_statfs(fs, p);
	case LL_IOC_PATH2FID:
		return copy_to_user(p, &CL_I(inode)->fid, sizeof(struct lu_fid)) ? -EFAULT : 0;
	case LL_IOC_GET_MDTIDX:
		return put_user((int)fs->mdc->index, (int __user *)p);
	case OBD_IOC_GETDTNAME:
	case OBD_IOC_GETNAME_OLD:
		return device_name(fs, "clilov", p, 128);
	case OBD_IOC_GETMDNAME:
		return device_name(fs, "clilmv", p, 128);
	case OBD_IOC_FID2PATH:
		return fid2path(inode, p);
	default:
		return S_ISDIR(inode->i_mode) ? dir_ioctl(file, cmd, p) : -ENOTTY;
	}
}

/* --- chattr, lsattr --- */

#define CL_SETTABLE_FLAGS (FS_SYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NOATIME_FL | \
			   FS_NODUMP_FL | FS_DIRSYNC_FL)

int cl_fileattr_get(struct dentry *dentry, struct file_kattr *fa)
{
	struct inode *inode = d_inode(dentry);
	int rc = cl_attr_revalidate(inode);

	if (rc)
		return rc;
	fileattr_fill_flags(fa, CL_I(inode)->attr_flags &
			    (CL_SETTABLE_FLAGS | FS_EXTENT_FL | FS_PROJINHERIT_FL));
	fa->fsx_projid = CL_I(inode)->projid;
	return 0;
}

/* 1 RPC */
int cl_fileattr_set(struct mnt_idmap *idmap, struct dentry *dentry, struct file_kattr *fa)
{
	struct inode *inode = d_inode(dentry);
	struct cl_inode *ci = CL_I(inode);
	struct iattr attr = { .ia_ctime = current_time(inode) };
	u32 keep = ci->attr_flags & ~CL_SETTABLE_FLAGS;

	if (fa->fsx_projid != ci->projid && !fa->flags_valid)
		return -EOPNOTSUPP;	/* projects need quota */
	if (fa->flags & ~(CL_SETTABLE_FLAGS | FS_EXTENT_FL | FS_PROJINHERIT_FL))
		return -EOPNOTSUPP;
	return cl_reint_setattr(inode, MDS_ATTR_ATTR_FLAG | MDS_ATTR_CTIME | MDS_ATTR_CTIME_SET,
				&attr, 0, keep | (fa->flags & CL_SETTABLE_FLAGS), NULL, 0);
}
