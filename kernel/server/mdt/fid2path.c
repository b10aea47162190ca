// SPDX-License-Identifier: GPL-2.0
/*
 * MDS_GET_INFO: fid2path (chapter 04, 11): from an object up to the mount's root by its link EAs.
 * MDS_SET_INFO: what keys of clients ask for.
 */
#include <linux/slab.h>
#include "mdt.h"

#define FID2PATH_KEY	"fid2path"
#define FID2PATH_KEYLEN	16
#define FID2PATH_DEPTH	512

/* The name and parent of one step; @linkno chooses among hard links of the first object. */
static int path_step(struct mdt *mdt, struct lu_fid *fid, struct mdt_ea *ea, unsigned int linkno,
		     const char **name, u32 *len)
{
	struct ldiskfs_object *obj = mdt_find(mdt, fid);
	int rc;

	if (IS_ERR(obj))
		return PTR_ERR(obj);
	rc = mdt_ea_read(obj, XATTR_NAME_LINK, ea);
	ldiskfs_object_put(obj);
	if (rc)
		return rc;
	rc = linkea_check(ea->buf, ea->size);
	if (rc <= 0)
		return rc ?: -EINVAL;
	if (!linkea_get(ea->buf, rc, linkno, fid, name, len))
		return -ENOENT;
	return 0;
}

/* Write the path to the end of @buf (@room bytes). Return: its first byte or error */
static int path_build(struct mdt *mdt, struct lu_fid fid, const struct lu_fid *root, u32 linkno,
		      char *buf, u32 room, bool *more)
{
	u32 at = room - 1, len, depth = 0;
	const char *name;
	struct mdt_ea ea;
	int rc = 0;

	mdt_ea_init(&ea);
	buf[at] = 0;
	while (!fid_eq(&fid, root)) {
		struct lu_fid parent;

		if (fid_is_root(&fid) || ++depth > FID2PATH_DEPTH) {
			rc = -EINVAL;	/* outside of what the client mounts */
			break;
		}
		rc = path_step(mdt, &fid, &ea, depth == 1 ? linkno : 0, &name, &len);
		if (rc)
			break;
		if (depth == 1) {
			const char *other;
			u32 olen;

			*more = linkea_get(ea.buf, linkea_check(ea.buf, ea.size), linkno + 1, &parent,
					   &other, &olen);
		}
		if (at < len + (depth > 1)) {
			rc = -EOVERFLOW;
			break;
		}
		if (depth > 1)
			buf[--at] = '/';
		at -= len;
		memcpy(buf + at, name, len);
	}
	mdt_ea_free(&ea);
	return rc ?: at;
}

static int fid2path(struct rpc_svcreq *req, const void *key, u32 keylen)
{
	const struct getinfo_fid2path *in = key + FID2PATH_KEYLEN;
	const __le32 *vallen = rpc_field(&req->rq, RF_VALLEN);
	struct lu_fid fid, root = mdt_root_fid;
	struct mdt *mdt = mdt_of(req);
	struct getinfo_fid2path *out;
	u32 pathlen, linkno;
	bool more = false;
	char *buf;
	int rc, at;

	if (keylen < FID2PATH_KEYLEN + sizeof(*in) || !vallen)
		return -EPROTO;
	pathlen = le32_to_cpu(in->gf_pathlen);
	linkno = le32_to_cpu(in->gf_linkno);
	mdt_fid(&fid, &in->gf_fid);
	if (keylen >= FID2PATH_KEYLEN + sizeof(*in) + sizeof(struct wire_fid))
		mdt_fid(&root, key + FID2PATH_KEYLEN + sizeof(*in));
	if (pathlen > PATH_MAX || le32_to_cpu(*vallen) != sizeof(*in) + pathlen)
		return -EINVAL;
	if (pathlen < 3)
		return -EOVERFLOW;
	if (!fid_is_sane(&fid) || !fid_is_sane(&root))
		return -EINVAL;
	buf = kzalloc(pathlen, GFP_NOFS);
	if (!buf)
		return -ENOMEM;
	at = path_build(mdt, fid, &root, linkno, buf, pathlen, &more);
	if (at < 0) {
		rc = at;
		goto out;
	}
	rpc_set_size(&req->rp, RF_VAL, sizeof(*out) + pathlen);
	rc = rpc_reply_pack(req);
	if (rc)
		goto out;
	out = rpc_field(&req->rp, RF_VAL);
	memcpy(out, in, sizeof(*out));
	memcpy(out->gf_path, buf + at, pathlen - at);
	if (more)
		out->gf_linkno = cpu_to_le32(linkno + 1);
out:
	kfree(buf);
	return rc;
}

int mdt_get_info(struct rpc_svcreq *req)
{
	const void *key = rpc_field(&req->rq, RF_KEY);
	u32 len = rpc_field_size(&req->rq, RF_KEY);

	if (!key || len < sizeof(FID2PATH_KEY))
		return -EPROTO;
	if (!memcmp(key, FID2PATH_KEY, sizeof(FID2PATH_KEY)))
		return fid2path(req, key, len);
	return -EOPNOTSUPP;
}

int mdt_set_info(struct rpc_svcreq *req)
{
	const void *key = rpc_field(&req->rq, RF_KEY);
	const __le32 *val = rpc_field(&req->rq, RF_VAL);
	const __le64 bit = cpu_to_le64(OBD_CONNECT_RDONLY);
	u32 len = rpc_field_size(&req->rq, RF_KEY);
	struct rpc_export *exp = req->exp;

	/* remount read-only or read-write */
	if (!key || len < strlen("read-only") || memcmp(key, "read-only", strlen("read-only")))
		return data_set_info(req);
	if (!val || rpc_field_size(&req->rq, RF_VAL) < sizeof(*val))
		return -EPROTO;
	spin_lock(&exp->lock);
	exp->ocd.ocd_connect_flags = (exp->ocd.ocd_connect_flags & ~bit) | (*val ? bit : 0);
	spin_unlock(&exp->lock);
	return rpc_reply_pack(req);
}
