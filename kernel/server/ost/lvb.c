// SPDX-License-Identifier: GPL-2.0
/*
 * Objects as lock resources: names, value blocks, locks that the server takes for its clients.
 */
#include "ost.h"

void ost_fid_to_res(const struct lu_fid *fid, struct ldlm_res_id *res)
{
	if (fid_is_idif(fid))
		*res = (struct ldlm_res_id){ .name = { fid_idif_id(fid) } };
	else
		*res = ldlm_res_fid(fid);
}

static void res_to_fid(const struct ost *ost, const struct ldlm_res_id *res, struct lu_fid *fid)
{
	struct wire_ost_id oi = { .id = cpu_to_le64(res->name[0]), .seq = cpu_to_le64(res->name[1]) };

	ost_id_to_fid(&oi, ost->tgt->index, fid);
}

static u32 ost_lvb_size(struct ldlm_lock *lock)
{
	if (lock->exp && !(rpc_export_flags(lock->exp) & OBD_CONNECT_LVB_TYPE))
		return OST_LVB_V1_SIZE;
	return OST_LVB_SIZE;
}

/* The storage is the truth: sizes and times of the object as they are now. */
static int ost_lvb_fill(struct ldlm_lock *lock, void *buf, u32 size, bool refresh)
{
	struct ost *ost = ldlm_ns_private(lock->ns);
	struct ldiskfs_object *obj;
	struct ost_lvb lvb;
	struct lu_fid fid;

	res_to_fid(ost, ldlm_lock_res(lock), &fid);
	obj = ldiskfs_find(ost->tgt->dev, &fid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	data_fill_lvb(&lvb, ldiskfs_inode(obj));
	ldiskfs_object_put(obj);
	memcpy(buf, &lvb, min_t(u32, size, sizeof(lvb)));
	return 0;
}

const struct ldlm_ns_ops ost_ns_ops = {
	.lvb_size	= ost_lvb_size,
	.lvb_fill	= ost_lvb_fill,
	.glimpse_aware	= true,
};

/*
 * ost_lock() - lock a byte range for a client that asks the server to (SRVLOCK)
 * @start, @end: inclusive; rounded out to pages
 *
 * Context: sleeps until the holders of conflicting locks have flushed.
 */
int ost_lock(struct rpc_svcreq *req, const struct lu_fid *fid, u32 mode, u64 start, u64 end,
	     u64 flags, struct ldlm_lock **lock)
{
	struct ost *ost = ost_of(req);
	union ldlm_policy policy = {
		.extent = {
			.start = start & ~(u64)(PAGE_SIZE - 1),
			.end = end | (PAGE_SIZE - 1),
		},
	};
	struct ldlm_res_id res;

	ost_fid_to_res(fid, &res);
	return ldlm_srv_lock(ost->ns, &res, LDLM_EXTENT, mode, &policy, flags, lock);
}
