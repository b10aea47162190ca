// SPDX-License-Identifier: GPL-2.0
/*
 * MGS_TARGET_REG: a target starts, and says where it is (chapter 06, section 3).
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "kernel/server/mgs/internal.h"

/* A registration, checked and in host order */
struct registration {
	struct mgs		*mgs;
	struct mgs_fs		*fs;
	u32			flags;
	u32			index;
	bool			mdt;
	unsigned int		nr_nodes;
	struct cfg_node		*nodes;		/* the first is where it is, then failover nodes */
	char			fsname[CFG_FSNAME_MAX + 1];
	char			svname[MTI_NAME_MAXLEN];
	char			*params;
};

/* --- reading the message --- */

static int take_fsname(struct registration *r, const struct mgs_target_info *mti)
{
	const char *c;

	if (strnlen(mti->mti_fsname, sizeof(mti->mti_fsname)) > CFG_FSNAME_MAX || !mti->mti_fsname[0])
		return -EINVAL;
	strscpy(r->fsname, mti->mti_fsname, sizeof(r->fsname));
	for (c = r->fsname; *c; c++)
		if (!isalnum(*c) && *c != '_' && *c != '-')
			return -EINVAL;
	return 0;
}

/* 2.16+ senders may give addresses as text */
static int take_nid_texts(struct cfg_node *node, const struct mgs_target_nidlist *list, u32 size)
{
	u32 nr = le32_to_cpu(list->mtn_nids), i;
	char text[MTN_NIDSTR_SIZE];
	lnet_nid_t nid;

	if (le32_to_cpu(list->mtn_flags) & MTN_FLAG_BULK || nr > CFG_MAX_NIDS ||
	    size < struct_size(list, mtn_inline_list, nr))
		return -EOPNOTSUPP;
	for (i = 0; i < nr; i++) {
		memcpy(text, list->mtn_inline_list[i], sizeof(text));
		if (strnlen(text, sizeof(text)) == sizeof(text) || lnet_nid_parse(text, &nid))
			return -EINVAL;
		cfg_node_add(node, nid);
	}
	return 0;
}

static int take_nids(struct cfg_node *node, struct rpc_svcreq *req, const struct mgs_target_info *mti)
{
	const struct mgs_target_nidlist *list = rpc_field(&req->rq, RF_NIDLIST);
	u32 size = rpc_field_size(&req->rq, RF_NIDLIST);
	u32 nr = le32_to_cpu(mti->mti_nid_count), i;

	node->nr = 0;
	if (list && size >= sizeof(*list) && list->mtn_nids)
		return take_nid_texts(node, list, size);
	if (!nr || nr > MTI_NIDS_MAX)
		return -EINVAL;
	for (i = 0; i < nr; i++)
		cfg_node_add(node, le64_to_cpu(mti->mti_nids[i]));
	return 0;
}

/* failover.node= of the parameters; several add up */
static int take_failover(struct registration *r)
{
	static const char key[] = "failover.node=";
	const char *p = r->params;
	char *value;
	size_t len;
	int nr;

	while ((p = strstr(p, key))) {
		p += sizeof(key) - 1;
		len = strcspn(p, " ");
		value = kmemdup_nul(p, len, GFP_KERNEL);
		if (!value)
			return -ENOMEM;
		nr = cfg_parse_nodes(value, r->nodes + r->nr_nodes, CFG_MAX_NODES - r->nr_nodes);
		kfree(value);
		if (nr < 0)
			return nr;
		r->nr_nodes += nr;
	}
	return 0;
}

static int take_request(struct registration *r, struct rpc_svcreq *req, const struct mgs_target_info *mti)
{
	u32 type;
	int rc;

	r->mgs = mgs_of(req);
	r->flags = le32_to_cpu(mti->mti_flags);
	type = r->flags & LDD_F_SV_TYPE_MASK & ~LDD_F_SV_TYPE_MGS;
	if (type != LDD_F_SV_TYPE_MDT && type != LDD_F_SV_TYPE_OST)
		return -EINVAL;
	r->mdt = type == LDD_F_SV_TYPE_MDT;
	r->index = le32_to_cpu(mti->mti_stripe_index);
	if (r->flags & LDD_F_NEED_INDEX)
		r->flags |= LDD_F_WRITECONF;
	else if (r->index > CFG_INDEX_MAX)
		return -ERANGE;
	if (strnlen(mti->mti_params, sizeof(mti->mti_params)) == sizeof(mti->mti_params))
		return -EINVAL;
	rc = take_fsname(r, mti);
	if (rc)
		return rc;
	r->params = kstrdup(mti->mti_params, GFP_KERNEL);
	r->nodes = kvcalloc(CFG_MAX_NODES, sizeof(*r->nodes), GFP_KERNEL);
	if (!r->params || !r->nodes)
		return -ENOMEM;
	rc = take_nids(&r->nodes[0], req, mti);
	if (rc)
		return rc;
	r->nr_nodes = 1;
	return take_failover(r);
}

/* --- checks --- */

static bool node_has(const struct cfg_node *node, lnet_nid_t nid)
{
	unsigned int i;

	for (i = 0; i < node->nr; i++)
		if (node->nid[i] == nid)
			return true;
	return false;
}

/*
 * A first registration comes from the primary node. When all nodes are service nodes, the one that
 * registers is among them: it is not listed twice.
 */
static int check_failover(struct registration *r)
{
	unsigned int i, n, kept = 1;

	for (n = 1; n < r->nr_nodes; n++) {
		bool here = false;

		for (i = 0; i < r->nodes[0].nr; i++)
			here |= node_has(&r->nodes[n], r->nodes[0].nid[i]);
		if (here && !(r->flags & LDD_F_NO_PRIMNODE))
			return -EADDRNOTAVAIL;
		if (here)
			continue;
		if (kept != n)
			r->nodes[kept] = r->nodes[n];
		kept++;
	}
	r->nr_nodes = kept;
	return 0;
}

static int choose_index(struct registration *r)
{
	if (!(r->flags & LDD_F_NEED_INDEX))
		return 0;
	for (r->index = 0; r->index <= CFG_INDEX_MAX; r->index++)
		if (!mgs_target_find(r->fs, r->mdt, r->index))
			return 0;
	return -ERANGE;
}

/* --- parameters that came along --- */

/* The target is in the logs already: one that fits nowhere is reported and left out, like those nobody has */
static int apply_params(struct registration *r)
{
	char *rest = r->params, *word, *value;
	int rc;

	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		value = strchr(word, '=');
		if (!value)
			return -EINVAL;
		*value++ = '\0';
		if (!strcmp(word, "mgsnode") || !strcmp(word, "failover.node") || !strcmp(word, "failover.mode") ||
		    !strcmp(word, "network"))
			continue;
		rc = mgs_target_param(r->fs, r->svname, word, value);
		if (rc == -EINVAL || rc == -EPERM || rc == -EOPNOTSUPP) {
			/* what a peer sent may hold anything */
			pr_err_ratelimited("MGS: %s: parameter %*pE=%*pE refused: %d\n", r->svname,
					   (int)strlen(word), word, (int)strlen(value), value, rc);
			continue;
		}
		if (rc)
			return rc;
	}
	return 0;
}

static bool wants_failout(const struct registration *r)
{
	const char *mode = strstr(r->params, "failover.mode=");

	return mode && str_has_prefix(mode + 14, "failout");
}

/* --- writing --- */

static int add_target(struct registration *r)
{
	struct mgs_gen *g = mgs_gen_start(r->fs);
	struct mgs_target *t;
	int rc;

	t = mgs_target_alloc(r->fsname, r->mdt, r->index, r->nodes, r->nr_nodes);
	if (!t)
		return -ENOMEM;
	t->failout = wants_failout(r);
	rc = mgs_log_exists(r->mgs, t->svname) ? -EALREADY : 0;
	if (!rc)
		rc = mgs_gen_own_log(g, t, &r->fs->targets);
	if (!rc)
		rc = mgs_gen_add_target(g, t, &r->fs->targets, r->fs->has_client);
	if (rc) {
		kvfree(t);
		return rc;
	}
	r->fs->has_client = true;
	list_add_tail(&t->link, &r->fs->targets);
	pr_info("MGS: %s registered\n", t->svname);
	return 0;
}

/*
 * A target that is in the logs of others already. They keep what they have: live clients must not see
 * the device set up again. Its own log can be written anew.
 */
static int update_target(struct registration *r)
{
	struct mgs_target *t = mgs_target_find(r->fs, r->mdt, r->index);

	if (r->flags & LDD_F_WRITECONF) {
		int rc;

		t->failout = wants_failout(r);
		rc = mgs_gen_own_log(mgs_gen_start(r->fs), t, &r->fs->targets);
		if (rc)
			return rc;
	}
	return mgs_target_failover(r->fs, t, r->nodes + 1, r->nr_nodes - 1);
}

static int erase_logs(struct registration *r)
{
	int rc;

	if (!(r->flags & LDD_F_WRITECONF))
		return 0;
	if (r->mdt && r->index == 0) {
		pr_info("MGS: %s: all logs are written anew\n", r->fsname);
		rc = mgs_fs_erase(r->fs);
		mgs_fs_reset(r->fs);
		return rc;
	}
	return llog_store_erase(r->mgs->tgt, r->svname, false);
}

/* Steps 5 and 6 of the chapter */
static int write_target(struct registration *r)
{
	bool known;
	int rc;

	rc = choose_index(r);
	if (rc)
		return rc;
	snprintf(r->svname, sizeof(r->svname), "%s-%s%04x", r->fsname, r->mdt ? "MDT" : "OST", r->index);
	known = mgs_target_find(r->fs, r->mdt, r->index);
	if (known && (r->flags & LDD_F_VIRGIN) && !(r->flags & LDD_F_WRITECONF))
		return -EADDRINUSE;
	rc = erase_logs(r);
	if (rc)
		return rc;
	known = mgs_target_find(r->fs, r->mdt, r->index);
	rc = known ? update_target(r) : add_target(r);
	return rc ? rc : apply_params(r);
}

static int do_register(struct registration *r)
{
	int rc;

	r->fs = mgs_fs_get(r->mgs, r->fsname, r->flags & (LDD_F_WRITECONF | LDD_F_UPDATE));
	if (IS_ERR(r->fs))
		return PTR_ERR(r->fs);
	if (!(r->flags & (LDD_F_WRITECONF | LDD_F_UPDATE))) {
		if (!mgs_target_find(r->fs, r->mdt, r->index))
			return -ENOENT;
		if (r->fs->has_client)
			return 0;
		r->flags |= LDD_F_WRITECONF;
	}
	rc = check_failover(r);
	if (rc)
		return rc;
	rc = write_target(r);
	/* what was written before a failure is to be seen too */
	mgs_revoke(r->fs);
	if (!rc)
		rc = mgs_sync(r->mgs);
	r->flags &= ~(LDD_F_VIRGIN | LDD_F_UPDATE | LDD_F_NEED_INDEX | LDD_F_WRITECONF);
	r->flags |= LDD_F_REWRITE_LDD;
	return rc;
}

static void fill_reply(const struct registration *r, struct mgs_target_info *mti)
{
	if (!(r->flags & LDD_F_REWRITE_LDD))
		return;
	mti->mti_flags = cpu_to_le32(r->flags);
	mti->mti_stripe_index = cpu_to_le32(r->index);
	memset(mti->mti_svname, 0, sizeof(mti->mti_svname));
	strscpy(mti->mti_svname, r->svname, sizeof(mti->mti_svname));
	if (!mti->mti_uuid[0])
		snprintf(mti->mti_uuid, sizeof(mti->mti_uuid), "%.30s_UUID", r->svname);
}

int mgs_target_reg(struct rpc_svcreq *req)
{
	const struct mgs_target_info *mti = rpc_field(&req->rq, RF_MTI);
	struct registration r = {};
	struct mgs_target_info *reply;
	u32 op = le32_to_cpu(mti->mti_flags) & LDD_F_OPC_MASK;
	int rc;

	rc = rpc_reply_pack(req);
	if (rc)
		return rc;
	reply = rpc_field(&req->rp, RF_MTI);
	*reply = *mti;
	switch (op) {
	case LDD_F_OPC_READY:	/* without imperative recovery there is nobody to tell */
		rc = mti->mti_instance ? 0 : -EINVAL;
		break;
	case LDD_F_OPC_REG:
		rc = take_request(&r, req, mti);
		if (rc)
			break;
		mutex_lock(&r.mgs->mutex);
		rc = do_register(&r);
		mutex_unlock(&r.mgs->mutex);
		if (!rc)
			fill_reply(&r, reply);
		break;
	default:
		rc = -EINVAL;
	}
	if (rc) {
		reply->mti_flags |= cpu_to_le32(LDD_F_ERROR);
		pr_err_ratelimited("MGS: registration of %*pE failed: %d\n",
				   (int)strnlen(mti->mti_svname, sizeof(mti->mti_svname)), mti->mti_svname, rc);
	}
	kfree(r.params);
	kvfree(r.nodes);
	return rc;
}
