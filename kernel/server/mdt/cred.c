// SPDX-License-Identifier: GPL-2.0
/*
 * Whom a request acts for and what that user may do (chapter 04, 1.6 and 7.1). The storage
 * below checks nothing: this is the authority.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/posix_acl.h>
#include "compat/acl.h"
#include "mdt.h"

static void cred_caps(struct mdt_cred *c, u32 caps)
{
	/* capabilities of others than root do not count (enable_cap_mask is empty) */
	c->caps = c->fsuid ? 0 : caps;
}

void mdt_cred_body(struct rpc_svcreq *req, struct mdt_cred *c, const struct mdt_body *b)
{
	c->fsuid = le32_to_cpu(b->mbo_fsuid);
	c->fsgid = le32_to_cpu(b->mbo_fsgid);
	c->suppgid[0] = le32_to_cpu(b->mbo_suppgid);
	c->suppgid[1] = MDS_NO_GID;
	cred_caps(c, le32_to_cpu(b->mbo_capability));
	mdt_squash(req, c);
}

void mdt_cred_rec(struct rpc_svcreq *req, struct mdt_cred *c, const struct mdt_rec_head *h)
{
	c->fsuid = le32_to_cpu(h->fsuid);
	c->fsgid = le32_to_cpu(h->fsgid);
	c->suppgid[0] = le32_to_cpu(h->suppgid1);
	c->suppgid[1] = le32_to_cpu(h->suppgid2);
	/* a setattr record has padding where the second group is in others */
	if (le32_to_cpu(h->opcode) == REINT_SETATTR)
		c->suppgid[1] = MDS_NO_GID;
	cred_caps(c, le32_to_cpu(h->cap));
	mdt_squash(req, c);
}

bool mdt_cred_in_group(const struct mdt_cred *c, u32 gid)
{
	if (gid == c->fsgid)
		return true;
	return gid != MDS_NO_GID && (gid == c->suppgid[0] || gid == c->suppgid[1]);
}

bool mdt_cred_owner(const struct mdt_cred *c, struct inode *inode)
{
	return i_uid_read(inode) == c->fsuid || mdt_capable(c, CAP_FOWNER);
}

/* Does an ACL give all bits of @want? 0, -EACCES */
static int acl_allows(const struct mdt_cred *c, struct inode *inode, const struct posix_acl *acl, int want)
{
	const struct posix_acl_entry *pa, *end, *mask = NULL, *hit = NULL;
	bool group = false;

	FOREACH_ACL_ENTRY(pa, acl, end)
		if (pa->e_tag == ACL_MASK)
			mask = pa;
	FOREACH_ACL_ENTRY(pa, acl, end) {
		switch (pa->e_tag) {
		case ACL_USER_OBJ:
			if (i_uid_read(inode) == c->fsuid)
				return (pa->e_perm & want) == want ? 0 : -EACCES;
			break;
		case ACL_USER:
			if (from_kuid(&init_user_ns, pa->e_uid) == c->fsuid) {
				hit = pa;
				goto masked;
			}
			break;
		case ACL_GROUP_OBJ:
		case ACL_GROUP:
			if (!mdt_cred_in_group(c, pa->e_tag == ACL_GROUP_OBJ ? i_gid_read(inode) :
					       from_kgid(&init_user_ns, pa->e_gid)))
				break;
			group = true;
			if ((pa->e_perm & want) == want) {
				hit = pa;
				goto masked;
			}
			break;
		case ACL_OTHER:
			if (group)
				return -EACCES;
			return (pa->e_perm & want) == want ? 0 : -EACCES;
		}
	}
	return -EACCES;
masked:
	if ((hit->e_perm & want) != want)
		return -EACCES;
	return !mask || (mask->e_perm & want) == want ? 0 : -EACCES;
}

static int mode_allows(const struct mdt_cred *c, struct inode *inode, int want)
{
	umode_t mode = inode->i_mode;

	if (i_uid_read(inode) == c->fsuid) {
		mode >>= 6;
	} else {
		if (IS_POSIXACL(inode) && (mode & S_IRWXG)) {
			struct posix_acl *acl = get_inode_acl(inode, ACL_TYPE_ACCESS);
			int rc;

			if (IS_ERR(acl))
				return PTR_ERR(acl);
			if (acl) {
				rc = acl_allows(c, inode, acl, want);
				posix_acl_release(acl);
				return rc;
			}
		}
		if (mdt_cred_in_group(c, i_gid_read(inode)))
			mode >>= 3;
	}
	return (mode & want) == want ? 0 : -EACCES;
}

int mdt_permission(const struct mdt_cred *c, struct inode *inode, int mask)
{
	int want = mask & (MAY_READ | MAY_WRITE | MAY_EXEC);
	int rc;

	if ((mask & MAY_WRITE) && IS_IMMUTABLE(inode))
		return -EACCES;
	/* root passes the directories of every path: no need to look at modes */
	if (S_ISDIR(inode->i_mode) && mdt_capable(c, CAP_DAC_OVERRIDE))
		return 0;
	rc = mode_allows(c, inode, want);
	if (rc != -EACCES)
		return rc;
	if (S_ISDIR(inode->i_mode)) {
		if (!(want & MAY_WRITE) && mdt_capable(c, CAP_DAC_READ_SEARCH))
			return 0;
		return -EACCES;
	}
	if (want == MAY_READ && mdt_capable(c, CAP_DAC_READ_SEARCH))
		return 0;
	if ((!(want & MAY_EXEC) || (inode->i_mode & S_IXUGO)) && mdt_capable(c, CAP_DAC_OVERRIDE))
		return 0;
	return -EACCES;
}

int mdt_may_create(struct mdt *mdt, const struct mdt_cred *c, struct ldiskfs_object *dir)
{
	if (mdt_is_dead(mdt, dir))
		return -ENOENT;
	return mdt_permission(c, ldiskfs_inode(dir), MAY_WRITE | MAY_EXEC);
}

int mdt_may_delete(const struct mdt_cred *c, struct inode *dir, struct inode *victim)
{
	int rc = mdt_permission(c, dir, MAY_WRITE | MAY_EXEC);

	if (rc)
		return rc;
	if (IS_APPEND(dir) || IS_APPEND(victim) || IS_IMMUTABLE(victim))
		return -EPERM;
	if ((dir->i_mode & S_ISVTX) && i_uid_read(victim) != c->fsuid && i_uid_read(dir) != c->fsuid &&
	    !mdt_capable(c, CAP_FOWNER))
		return -EPERM;
	return 0;
}
