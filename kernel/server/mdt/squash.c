// SPDX-License-Identifier: GPL-2.0
/*
 * Root squash (chapter 04, 1.6): root of a client acts as another user, unless its NID is exempt.
 * Parameters root_squash ("UID:GID", 0:0 is off) and nosquash_nids (a NID list of chapter 01, or NONE).
 */
#include <linux/ctype.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "mdt.h"

/* One octet at *@pat: a number, "*" or "[N,LO-HI,LO-HI/STRIDE,...]" */
static bool match_item(const char **pat, unsigned long v)
{
	unsigned long lo, hi, stride = 1;
	char *end;

	if (!isdigit(**pat))
		return false;
	lo = simple_strtoul(*pat, &end, 10);
	hi = lo;
	if (*end == '-' && isdigit(end[1]))
		hi = simple_strtoul(end + 1, &end, 10);
	if (*end == '/' && isdigit(end[1]))
		stride = simple_strtoul(end + 1, &end, 10);
	*pat = end;
	return v >= lo && v <= hi && stride && (v - lo) % stride == 0;
}

static bool match_octet(const char **pat, unsigned long v)
{
	bool hit = false;

	if (**pat == '*') {
		++*pat;
		return true;
	}
	if (**pat != '[')
		return match_item(pat, v);
	do {
		++*pat;
		hit |= match_item(pat, v);
	} while (**pat == ',');
	if (**pat != ']')
		return false;
	++*pat;
	return hit;
}

/* Does "1.2.*.[3-5]@tcp" or "*@tcp" cover @nid, a NID as text? */
static bool match_nid(const char *pat, size_t len, const char *nid)
{
	const char *at = strnchr(pat, len, '@'), *net = strchr(nid, '@');
	size_t n;

	if (!at || !net)
		return false;
	/* tcp0 is tcp */
	n = pat + len - at;
	if (n > 2 && at[n - 1] == '0' && !isdigit(at[n - 2]))
		n--;
	if (strlen(net) != n || memcmp(at, net, n))
		return false;
	if (*pat == '*' && pat + 1 == at)
		return true;
	while (pat < at && nid < net) {
		char *end;
		unsigned long v = simple_strtoul(nid, &end, 10);

		if (end == nid || !match_octet(&pat, v))
			return false;
		nid = end;
		if (*nid != *pat)
			return false;
		nid++;
		pat++;
	}
	return pat == at + 1 && nid == net + 1;
}

static bool nid_exempt(const char *list, const char *nid)
{
	while (*list) {
		size_t len = strcspn(list, " \t\n");

		if (match_nid(list, len, nid))
			return true;
		list += len;
		list += strspn(list, " \t\n");
	}
	return false;
}

void mdt_squash(struct rpc_svcreq *req, struct mdt_cred *c)
{
	struct mdt_squash *sq = &mdt_of(req)->squash;
	char nid[LNET_NIDSTR_SIZE];

	if (c->fsuid || !(READ_ONCE(sq->uid) || READ_ONCE(sq->gid)))
		return;
	lnet_nid_str(req->exp->peer, nid);
	spin_lock(&sq->lock);
	if (!sq->exempt || !nid_exempt(sq->exempt, nid)) {
		c->fsuid = sq->uid;
		c->fsgid = sq->gid;
		c->suppgid[0] = MDS_NO_GID;
		c->suppgid[1] = MDS_NO_GID;
		c->caps = 0;
	}
	spin_unlock(&sq->lock);
}

int mdt_squash_show(struct seq_file *m, void *data)
{
	struct mdt_squash *sq = &((struct mdt *)data)->squash;

	seq_printf(m, "%u:%u\n", sq->uid, sq->gid);
	return 0;
}

int mdt_squash_store(void *data, const char *val)
{
	struct mdt_squash *sq = &((struct mdt *)data)->squash;
	unsigned int uid, gid;
	char rest;

	if (sscanf(val, "%u:%u %c", &uid, &gid, &rest) != 2)
		return -EINVAL;
	spin_lock(&sq->lock);
	WRITE_ONCE(sq->uid, uid);
	WRITE_ONCE(sq->gid, gid);
	spin_unlock(&sq->lock);
	return 0;
}

int mdt_nosquash_show(struct seq_file *m, void *data)
{
	struct mdt_squash *sq = &((struct mdt *)data)->squash;

	spin_lock(&sq->lock);
	seq_printf(m, "%s\n", sq->exempt ?: "NONE");
	spin_unlock(&sq->lock);
	return 0;
}

int mdt_nosquash_store(void *data, const char *val)
{
	struct mdt_squash *sq = &((struct mdt *)data)->squash;
	char *list, *old;

	list = kstrdup(skip_spaces(val), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	strim(list);
	if (!*list || !strcmp(list, "NONE") || !strcmp(list, "clear")) {
		kfree(list);
		list = NULL;
	} else if (!strchr(list, '@')) {
		kfree(list);
		return -EINVAL;
	}
	spin_lock(&sq->lock);
	old = sq->exempt;
	sq->exempt = list;
	spin_unlock(&sq->lock);
	kfree(old);
	return 0;
}
