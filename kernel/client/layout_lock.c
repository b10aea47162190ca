// SPDX-License-Identifier: GPL-2.0
/*
 * The layout of an inode: kept while a LAYOUT lock is held, fetched by layout intents, grown before
 * writes (chapter 05, A7). Decoding and arithmetic are layout.c; objects are the data side's.
 *
 * layout_mutex is held over the intent. Whoever has an MDT lock of the inode in use must not wait
 * for it, for that lock may be just what the intent needs back: cl_layout_set() only tries.
 */
#include <linux/slab.h>
#include "kernel/client/mdc.h"

struct layout *cl_layout_current(struct inode *inode)
{
	struct cl_inode *ci = CL_I(inode);
	struct layout *lo;

	spin_lock(&ci->lock);
	lo = ci->layout;
	if (lo)
		layout_get(lo);
	spin_unlock(&ci->lock);
	return lo;
}

static bool same_ea(const struct layout *lo, const void *ea, u32 size)
{
	if (!lo)
		return !size;
	return lo->ea_size == size && !memcmp(lo->ea, ea, size);
}

/* Does every object of @old stay where it was? Then pages and locks stay good */
static bool keeps_objects(struct layout *old, struct layout *lo)
{
	const struct layout_comp *c, *n;
	u32 i;

	layout_for_each_stripe(old, c, i) {
		n = lo ? layout_comp_at(lo, c->start) : NULL;
		if (!n || !n->init || n->stripe_count != c->stripe_count ||
		    n->stripe_size != c->stripe_size || n->stripe[i].obj != c->stripe[i].obj)
			return false;
	}
	return true;
}

/* The EA becomes the layout, valid. A LAYOUT lock is in use or the server has none to give */
static int install(struct inode *inode, const void *ea, u32 size)
{
	struct cl_inode *ci = CL_I(inode);
	struct layout *old = ci->layout, *lo = NULL;
	int rc;

	lockdep_assert_held(&ci->layout_mutex);
	if (same_ea(old, ea, size)) {
		set_bit(CI_LAYOUT_VALID, &ci->flags);
		return 0;
	}
	if (size) {
		lo = layout_decode(ea, size);
		if (IS_ERR(lo))
			return PTR_ERR(lo);
		rc = cl_obj_bind(inode, lo);
		if (rc) {
			layout_put(lo);
			return rc;
		}
	}
	if (old && !keeps_objects(old, lo)) {
		cl_data_flush(inode);
		invalidate_inode_pages2(inode->i_mapping);
	}
	spin_lock(&ci->lock);
	ci->layout = lo;
	if (lo)
		clear_bit(CI_SIZE_MDT, &ci->flags);
	spin_unlock(&ci->lock);
	layout_put(old);
	set_bit(CI_LAYOUT_VALID, &ci->flags);
	return 0;
}

int cl_layout_set(struct inode *inode, const void *ea, u32 size)
{
	struct cl_inode *ci = CL_I(inode);
	int rc;

	if (!mutex_trylock(&ci->layout_mutex))
		return 0;	/* somebody fetches it; ours stays not valid */
	rc = install(inode, ea, size);
	mutex_unlock(&ci->layout_mutex);
	if (rc == -EOPNOTSUPP || rc == -EINVAL) {
		pr_warn_ratelimited("lustre: %s: layout of " DFID " cannot be used: %d\n",
				    cl_fs(inode->i_sb)->mdc->name, PFID(&ci->fid), rc);
		rc = 0;		/* the inode is good for everything but I/O, which will see the error */
	}
	return rc;
}

/* MDS_GETXATTR trusted.lov: for layouts whose lock came without them: 1 RPC */
static int fetch_xattr(struct inode *inode)
{
	void *buf = kvmalloc(LOV_MAX_EASIZE, GFP_NOFS);
	ssize_t rc;

	if (!buf)
		return -ENOMEM;
	rc = cl_mds_getxattr(inode, XATTR_NAME_LOV, buf, LOV_MAX_EASIZE);
	if (rc == -ENODATA)
		rc = 0;
	if (rc >= 0)
		rc = install(inode, buf, rc);
	kvfree(buf);
	return rc;
}

/* Layout intent: 1 RPC. @li NULL: just fetch it */
static int fetch(struct inode *inode, const struct layout_intent *li)
{
	struct cl_fs *fs = cl_fs(inode->i_sb);
	struct cl_intent it = {
		.op = IT_LAYOUT,
		.fid = CL_I(inode)->fid,
		.inode = inode,
		.mode = li ? LDLM_EX : LDLM_CR,
	};
	u32 size;
	int rc;

	if ((rpc_import_flags(fs->mdc->imp) & (OBD_CONNECT_LAYOUTLOCK | OBD_CONNECT_LVB_TYPE)) !=
	    (OBD_CONNECT_LAYOUTLOCK | OBD_CONNECT_LVB_TYPE))
		return li ? -EOPNOTSUPP : fetch_xattr(inode);
	if (li)
		it.layout = *li;
	rc = cl_intent_run(fs, &it);
	if (!rc) {
		size = rpc_field_size(&it.req->rp, RF_LVB);
		if (!it.lock || !(it.lock_bits & MDS_INODELOCK_LAYOUT))
			rc = fetch_xattr(inode);
		else if (size)
			rc = install(inode, rpc_field(&it.req->rp, RF_LVB), size);
		else
			rc = fetch_xattr(inode);
	}
	cl_intent_done(&it);
	return rc == -ENOENT ? -ESTALE : rc;
}

/* The layout if it is valid: true, *@lo may be NULL for a file without */
static bool valid_layout(struct cl_inode *ci, struct layout **lo)
{
	bool valid;

	spin_lock(&ci->lock);
	valid = test_bit(CI_LAYOUT_VALID, &ci->flags);
	*lo = valid ? ci->layout : NULL;
	if (*lo)
		layout_get(*lo);
	spin_unlock(&ci->lock);
	return valid;
}

struct layout *cl_layout_get(struct inode *inode)
{
	struct cl_inode *ci = CL_I(inode);
	struct layout *lo;
	int rc = 0;

	if (valid_layout(ci, &lo))
		return lo;
	if (mutex_lock_killable(&ci->layout_mutex))
		return ERR_PTR(-EINTR);
	if (!valid_layout(ci, &lo)) {
		rc = fetch(inode, NULL);
		/* good for this caller even if the lock has gone again by now */
		if (!rc)
			lo = cl_layout_current(inode);
	}
	mutex_unlock(&ci->layout_mutex);
	return rc ? ERR_PTR(rc) : lo;
}

struct layout *cl_layout_write(struct inode *inode, u64 start, u64 end, bool trunc)
{
	struct layout_intent li = {
		.li_opc = cpu_to_le32(trunc ? LAYOUT_INTENT_TRUNC : LAYOUT_INTENT_WRITE),
		.li_start = cpu_to_le64(trunc ? 0 : start),
		.li_end = cpu_to_le64(end),
	};
	struct cl_inode *ci = CL_I(inode);
	struct layout *lo;
	int rc;

	lo = cl_layout_get(inode);
	if (IS_ERR(lo))
		return lo;
	if (!lo)
		return trunc ? NULL : ERR_PTR(-EBADF);
	if (!layout_needs_init(lo, start, end))
		return lo;
	layout_put(lo);

	if (mutex_lock_killable(&ci->layout_mutex))
		return ERR_PTR(-EINTR);
	lo = cl_layout_current(inode);
	rc = 0;
	if (!lo || layout_needs_init(lo, start, end)) {
		layout_put(lo);
		rc = fetch(inode, &li);
		lo = rc ? NULL : cl_layout_current(inode);
		if (!rc && (!lo || layout_needs_init(lo, start, end))) {
			layout_put(lo);
			lo = NULL;
			rc = -EIO;
		}
	}
	mutex_unlock(&ci->layout_mutex);
	return rc ? ERR_PTR(rc) : lo;
}
