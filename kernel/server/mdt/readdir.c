// SPDX-License-Identifier: GPL-2.0
/*
 * MDS_READPAGE (chapter 04, 8): directory pages by bulk. Cost: one RPC per up to 1 MiB of
 * entries; the pages are allocated as they fill.
 */
#include <linux/bvec.h>
#include <linux/slab.h>
#include "dirpage.h"
#include "mdt.h"

#define READPAGE_MAX	(1U << 20)
#define PER_PAGE	(PAGE_SIZE / LU_PAGE_SIZE)

/*
 * struct readdir - pages of one request
 * @max: directory pages that the client has room for
 * @dead: the directory has been removed: it is empty
 */
struct readdir {
	struct dirpack		dp;
	struct mdt		*mdt;
	struct ldiskfs_object	*dir;
	unsigned int		max;
	bool			full;
	struct bio_vec		bvec[READPAGE_MAX / PAGE_SIZE];
};

static void *next_page(struct dirpack *dp, unsigned int idx)
{
	struct readdir *rd = container_of(dp, struct readdir, dp);
	unsigned int n = idx / PER_PAGE;

	if (idx >= rd->max)
		return NULL;
	if (!rd->bvec[n].bv_page) {
		rd->bvec[n].bv_page = alloc_page(GFP_NOFS | __GFP_ZERO);
		if (!rd->bvec[n].bv_page) {
			dp->error = -ENOMEM;
			return NULL;
		}
	}
	rd->bvec[n].bv_offset = 0;
	rd->bvec[n].bv_len = (idx % PER_PAGE + 1) * LU_PAGE_SIZE;
	return page_address(rd->bvec[n].bv_page) + idx % PER_PAGE * LU_PAGE_SIZE;
}

static u16 type_of(unsigned int d_type)
{
	return d_type << 12;	/* DT_* are the S_IFMT bits */
}

static bool fill(void *ctx, const char *name, int len, u64 hash, const struct lu_fid *fid, unsigned int d_type)
{
	struct readdir *rd = ctx;

	if (len <= 0 || len > MDS_NAME_MAX)
		return true;
	/* ".." of the root leads out of what clients see */
	if (len == 2 && name[0] == '.' && name[1] == '.' && rd->dir == rd->mdt->root)
		fid = &mdt_root_fid;
	if (dirpack_add(&rd->dp, name, len, hash, fid, type_of(d_type)))
		return true;
	rd->full = true;
	return false;
}

static int read_pages(struct readdir *rd, u64 hash, bool dead)
{
	int rc;

	rc = dirpack_start(&rd->dp, hash);
	if (rc)
		return rc;
	if (!dead)
		rc = ldiskfs_readdir(rd->dir, hash, fill, rd);
	if (rc)
		return rc;
	if (rd->dp.error)
		return rd->dp.error;
	dirpack_finish(&rd->dp, !rd->full);
	return 0;
}

static int send_pages(struct rpc_svcreq *req, struct readdir *rd)
{
	unsigned int nr = DIV_ROUND_UP(rd->dp.nr, PER_PAGE);
	int rc = rpc_reply_pack(req);

	if (rc)
		return rc;
	rc = rpc_bulk_store(req, MDS_BULK_PORTAL, rd->bvec, nr, rd->dp.nr * LU_PAGE_SIZE, 1);
	return rc ? -RPC_NO_REPLY : 0;
}

int mdt_readpage(struct rpc_svcreq *req)
{
	struct mdt *mdt = mdt_of(req);
	const struct mdt_body *body = rpc_field(&req->rq, RF_MDT_BODY);
	struct readdir *rd;
	struct lu_fid fid;
	unsigned int i;
	u32 bytes;
	int rc;

	if (!body)
		return -EPROTO;
	bytes = min_t(u32, le32_to_cpu(body->mbo_nlink), READPAGE_MAX);
	if (!bytes || bytes % LU_PAGE_SIZE)
		return -EINVAL;
	mdt_fid(&fid, &body->mbo_fid1);
	rd = kvzalloc(sizeof(*rd), GFP_NOFS);
	if (!rd)
		return -ENOMEM;
	rd->mdt = mdt;
	rd->max = bytes / LU_PAGE_SIZE;
	rd->dp.next_page = next_page;
	rd->dp.attrs = le32_to_cpu(body->mbo_mode) & (LUDA_FID | LUDA_TYPE);
	rd->dp.attrs |= LUDA_FID;
	if (rpc_export_flags(req->exp) & OBD_CONNECT_64BITHASH)
		rd->dp.attrs |= LUDA_64BITHASH;
	rd->dir = mdt_find(mdt, &fid);
	if (IS_ERR(rd->dir)) {
		rc = PTR_ERR(rd->dir);
		goto free;
	}
	if (!S_ISDIR(ldiskfs_inode(rd->dir)->i_mode))
		rc = -ENOTDIR;
	else
		rc = read_pages(rd, le64_to_cpu(body->mbo_size), mdt_is_dead(mdt, rd->dir));
	if (!rc)
		rc = send_pages(req, rd);
	ldiskfs_object_put(rd->dir);
	for (i = 0; i < ARRAY_SIZE(rd->bvec) && rd->bvec[i].bv_page; i++)
		__free_page(rd->bvec[i].bv_page);
free:
	kvfree(rd);
	return rc;
}
