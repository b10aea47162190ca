// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of objects in mdt_body (chapter 04, 2.1 and the filling rules of 4), layouts
 * and ACLs beside them; finding, locking and naming objects.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/quota.h>
#include "compat/acl.h"
#include "inode_time.h"
#include "mdt.h"
#include "wire/ost.h"

#define MDT_VALID_BASE	(OBD_MD_FLID | OBD_MD_FLATIME | OBD_MD_FLMTIME | OBD_MD_FLCTIME | \
			 OBD_MD_FLMODE | OBD_MD_FLTYPE | OBD_MD_FLUID | OBD_MD_FLGID | \
			 OBD_MD_FLFLAGS | OBD_MD_FLNLINK | OBD_MD_FLPROJID)

/* --- objects --- */

bool mdt_may_change(const struct lu_fid *fid)
{
	return fid->f_seq >= FID_SEQ_NORMAL || fid_is_root(fid) || fid_is_igif(fid);
}

struct ldiskfs_object *mdt_find(struct mdt *mdt, const struct lu_fid *fid)
{
	if (!fid_is_sane(fid))
		return ERR_PTR(-EINVAL);
	if (fid_is_root(fid))
		return ldiskfs_object_get(mdt->root);
	if (!mdt_may_change(fid))
		return ERR_PTR(-ENOENT);
	return ldiskfs_find(mdt->dev, fid);
}

int mdt_lock(struct mdt *mdt, const struct lu_fid *fid, u32 mode, u64 bits, u64 try,
	     struct ldlm_lock **lock)
{
	struct ldlm_res_id res = ldlm_res_fid(fid);
	union ldlm_policy policy = { .ibits = { .bits = bits, .try_bits = try } };

	*lock = NULL;
	return ldlm_srv_lock(mdt->ns, &res, LDLM_IBITS, mode, &policy, 0, lock);
}

bool mdt_is_dead(struct mdt *mdt, struct ldiskfs_object *obj)
{
	bool dead = !ldiskfs_inode(obj)->i_nlink;
	struct mdt_inode *mi;

	if (dead || !atomic_read(&mdt->nr_orphans))
		return dead;
	rcu_read_lock();
	mi = mdt_inode_find(mdt, ldiskfs_fid(obj));
	dead = mi && READ_ONCE(mi->orphan);
	rcu_read_unlock();
	return dead;
}

int mdt_name(const struct rpc_msg *m, enum rpc_field f, struct qstr *q)
{
	u32 size = rpc_field_size(m, f);
	const char *s;

	q->name = NULL;
	q->len = 0;
	if (size <= 1) {
		/* a missing buffer, or a lone NUL: no name */
		if (size && !rpc_string(m, f))
			return -EPROTO;
		return -ENOENT;
	}
	s = rpc_string(m, f);
	if (!s)
		return -EPROTO;
	if (size - 1 > MDS_NAME_MAX)
		return -ENAMETOOLONG;
	if (size == 2 && s[0] == '/')
		return -ENOENT;
	if (strchr(s, '/'))
		return -EINVAL;
	q->name = (const unsigned char *)s;
	q->len = size - 1;
	return 0;
}

struct ldiskfs_object *mdt_lookup(struct ldiskfs_object *dir, const struct qstr *name)
{
	if (!S_ISDIR(ldiskfs_inode(dir)->i_mode))
		return ERR_PTR(-ENOTDIR);
	if (!mdt_name_is_dot(name))
		return ldiskfs_lookup(dir, name);
	if (name->len == 1 || fid_is_root(ldiskfs_fid(dir)))
		return ldiskfs_object_get(dir);
	return ldiskfs_parent(dir);
}

bool mdt_name_is_dot(const struct qstr *q)
{
	return q->name[0] == '.' && (q->len == 1 || (q->len == 2 && q->name[1] == '.'));
}

/* --- attributes --- */

u32 mdt_body_flags(struct inode *inode)
{
	u32 flags = 0;

	if (inode->i_flags & S_SYNC)
		flags |= LUSTRE_SYNC_FL;
	if (inode->i_flags & S_IMMUTABLE)
		flags |= LUSTRE_IMMUTABLE_FL;
	if (inode->i_flags & S_APPEND)
		flags |= LUSTRE_APPEND_FL;
	if (inode->i_flags & S_NOATIME)
		flags |= LUSTRE_NOATIME_FL;
	if (inode->i_flags & S_DIRSYNC)
		flags |= LUSTRE_DIRSYNC_FL;
	if (S_ISREG(inode->i_mode))
		flags |= LUSTRE_EXTENT_FL;
	if (S_ISDIR(inode->i_mode) && i_size_read(inode) > LU_PAGE_SIZE)
		flags |= LUSTRE_INDEX_FL;
	return flags;
}

static u32 inode_projid(struct inode *inode)
{
	const struct dquot_operations *ops = inode->i_sb->dq_op;
	kprojid_t id;

	if (!ops || !ops->get_projid || ops->get_projid(inode, &id))
		return 0;
	return from_kprojid(&init_user_ns, id);
}

void mdt_body_attr(struct mdt *mdt, struct mdt_body *body, struct ldiskfs_object *obj)
{
	struct inode *inode = ldiskfs_inode(obj);
	u32 flags = mdt_body_flags(inode);
	u32 nlink = inode->i_nlink;
	s64 btime;

	mdt_fid_pack(&body->mbo_fid1, ldiskfs_fid(obj));
	body->mbo_mode = cpu_to_le32(inode->i_mode);
	body->mbo_uid = cpu_to_le32(i_uid_read(inode));
	body->mbo_gid = cpu_to_le32(i_gid_read(inode));
	body->mbo_projid = cpu_to_le32(inode_projid(inode));
	body->mbo_mtime = cpu_to_le64(inode_get_mtime(inode).tv_sec);
	body->mbo_atime = cpu_to_le64(inode_get_atime(inode).tv_sec);
	body->mbo_ctime = cpu_to_le64(inode_get_ctime(inode).tv_sec);
	/* in PENDING an object has a name that nobody counts */
	if (mdt_is_dead(mdt, obj)) {
		nlink = 0;
		flags |= LUSTRE_ORPHAN_FL;
	}
	body->mbo_nlink = cpu_to_le32(nlink);
	body->mbo_flags = cpu_to_le32(flags);
	body->mbo_valid |= cpu_to_le64(MDT_VALID_BASE);
	if (ldiskfs_btime(obj, &btime)) {
		body->mbo_btime = cpu_to_le64(btime);
		body->mbo_valid |= cpu_to_le64(OBD_MD_FLBTIME);
	}
	if (!S_ISREG(inode->i_mode)) {
		body->mbo_size = cpu_to_le64(i_size_read(inode));
		body->mbo_blocks = cpu_to_le64(inode->i_blocks);
		if (S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode))
			body->mbo_rdev = cpu_to_le32(MAJOR(inode->i_rdev) << 8 | (MINOR(inode->i_rdev) & 0xff));
		body->mbo_valid |= cpu_to_le64(OBD_MD_FLSIZE | OBD_MD_FLBLOCKS | OBD_MD_FLRDEV);
	}
}

void mdt_body_size(struct mdt_body *body, struct ldiskfs_object *obj, bool has_lov)
{
	struct inode *inode = ldiskfs_inode(obj);
	struct lustre_som_attrs som;

	if (!S_ISREG(inode->i_mode))
		return;
	if (!has_lov) {
		body->mbo_size = cpu_to_le64(i_size_read(inode));
		body->mbo_valid |= cpu_to_le64(OBD_MD_FLSIZE | OBD_MD_FLBLOCKS);
		return;
	}
	if (ldiskfs_getxattr(obj, XATTR_NAME_SOM, &som, sizeof(som)) != sizeof(som) ||
	    !(le16_to_cpu(som.lsa_valid) & (SOM_FL_STRICT | SOM_FL_LAZY)))
		return;
	body->mbo_size = som.lsa_size;
	body->mbo_blocks = som.lsa_blocks;
	/* only hints: the data is on the OSTs */
	body->mbo_valid |= cpu_to_le64(OBD_MD_FLLAZYSIZE | OBD_MD_FLLAZYBLOCKS);
}

void mdt_reint_attr(struct mdt *mdt, struct mdt_body *body, struct ldiskfs_object *obj)
{
	mdt_body_attr(mdt, body, obj);
}

void mdt_note_mdsize(struct mdt *mdt, u32 size)
{
	int old = atomic_read(&mdt->max_mdsize);

	while (size > old && !atomic_try_cmpxchg(&mdt->max_mdsize, &old, size))
		;
}

/* --- ACLs --- */

static struct posix_acl *access_acl(struct inode *inode)
{
	if (!IS_POSIXACL(inode) || S_ISLNK(inode->i_mode))
		return NULL;
	return get_inode_acl(inode, ACL_TYPE_ACCESS);
}

int mdt_acl_size(struct inode *inode)
{
	struct posix_acl *acl = access_acl(inode);
	int size = 0;

	if (IS_ERR(acl))
		return PTR_ERR(acl);
	if (acl) {
		size = MDS_ACL_SIZE(acl->a_count);
		posix_acl_release(acl);
	}
	return size;
}

int mdt_acl_pack(struct inode *inode, void *buf, u32 size)
{
	struct posix_acl *acl = access_acl(inode);
	struct posix_acl_xattr_header *h = buf;
	struct posix_acl_xattr_entry *e = (void *)(h + 1);
	const struct posix_acl_entry *pa, *end;

	if (IS_ERR_OR_NULL(acl))
		return acl ? PTR_ERR(acl) : 0;
	if (MDS_ACL_SIZE(acl->a_count) > size) {
		posix_acl_release(acl);
		return -ERANGE;
	}
	h->a_version = cpu_to_le32(POSIX_ACL_XATTR_VERSION);
	FOREACH_ACL_ENTRY(pa, acl, end) {
		u32 id = ACL_UNDEFINED_ID;

		if (pa->e_tag == ACL_USER)
			id = from_kuid(&init_user_ns, pa->e_uid);
		else if (pa->e_tag == ACL_GROUP)
			id = from_kgid(&init_user_ns, pa->e_gid);
		e->e_tag = cpu_to_le16(pa->e_tag);
		e->e_perm = cpu_to_le16(pa->e_perm);
		e->e_id = cpu_to_le32(id);
		e++;
	}
	size = MDS_ACL_SIZE(acl->a_count);
	posix_acl_release(acl);
	return size;
}

/* --- replies with attributes, layout and ACL --- */

void mdt_reply_init(struct mdt_reply *r)
{
	memset(r, 0, sizeof(*r));
	mdt_ea_init(&r->lov);
}

int mdt_reply_prepare(struct rpc_svcreq *req, struct mdt_reply *r, struct ldiskfs_object *obj,
		      u64 valid, bool send_lov)
{
	struct inode *inode = ldiskfs_inode(obj);
	u64 flags = rpc_export_flags(req->exp);
	int rc;

	if (S_ISREG(inode->i_mode) && !r->lov_known) {
		rc = mdt_ea_read(obj, XATTR_NAME_LOV, &r->lov);
		if (rc)
			return rc;
		r->has_lov = r->lov.size;
		mdt_note_mdsize(mdt_of(req), r->lov.size);
		if (!send_lov)
			r->lov.size = 0;
	}
	if ((valid & OBD_MD_FLACL) && (flags & OBD_CONNECT_ACL)) {
		rc = mdt_acl_size(inode);
		if (rc < 0)
			return rc;
		if (rc > MDS_ACL_SIZE(MDS_ACL_SMALL_ENTRIES) && !(flags & OBD_CONNECT_LARGE_ACL))
			return -E2BIG;
		r->acl_size = rc;
	}
	rpc_set_size(&req->rp, RF_MDT_MD, r->lov.size);
	rpc_set_size(&req->rp, RF_ACL, r->acl_size);
	/* of an open: no data comes along, but what would tell its length is there */
	if (rpc_has_field(&req->rp, RF_NIOBUF_INLINE))
		rpc_set_size(&req->rp, RF_NIOBUF_INLINE, sizeof(struct niobuf_remote));
	return 0;
}

void mdt_reply_fill(struct rpc_svcreq *req, struct mdt_reply *r, struct ldiskfs_object *obj, u64 valid)
{
	struct mdt_body *body = rpc_field(&req->rp, RF_MDT_BODY);
	struct inode *inode = ldiskfs_inode(obj);
	struct mdt *mdt = mdt_of(req);
	int n;

	mdt_body_attr(mdt, body, obj);
	if (!r->fresh || !r->has_lov)
		mdt_body_size(body, obj, r->has_lov);
	if (r->has_lov) {
		body->mbo_valid |= cpu_to_le64(OBD_MD_FLEASIZE);
		body->mbo_eadatasize = cpu_to_le32(r->lov.size);
	}
	if (r->lov.size)
		memcpy(rpc_field(&req->rp, RF_MDT_MD), r->lov.buf, r->lov.size);
	if ((valid & OBD_MD_FLACL) && (rpc_export_flags(req->exp) & OBD_CONNECT_ACL)) {
		body->mbo_valid |= cpu_to_le64(OBD_MD_FLACL);
		if (r->acl_size) {
			n = mdt_acl_pack(inode, rpc_field(&req->rp, RF_ACL), r->acl_size);
			/* changed meanwhile: the lock that protects it is being recalled anyway */
			if (n < 0)
				n = 0;
			if (n < r->acl_size)
				rpc_shrink(&req->rp, RF_ACL, n);
			body = rpc_field(&req->rp, RF_MDT_BODY);
			body->mbo_aclsize = cpu_to_le32(n);
		}
	}
	if (valid & OBD_MD_FLMODEASIZE) {
		body->mbo_valid |= cpu_to_le64(OBD_MD_FLMODEASIZE);
		body->mbo_max_mdsize = cpu_to_le32(atomic_read(&mdt->max_mdsize));
	}
}
