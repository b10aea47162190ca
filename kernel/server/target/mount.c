// SPDX-License-Identifier: GPL-2.0
/*
 * File system type lustre_tgt: mounting a disk starts its targets, unmounting stops them. What is
 * mounted is an empty directory that answers statfs for the disk (chapter 08, 3.1 to 3.5;
 * options: chapter 06, 12 and 13).
 */
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include "inode_time.h"
#include "internal.h"

#define LUSTRE_TGT_MAGIC	0x0bd00bd1
#define TGT_MAX_TARGETS		2	/* MGS and MDT of one disk */

/*
 * struct tgt_mount - one mounted disk
 * @mgsnode: NIDs of the MGS: "nid,nid:nid" or empty
 * @params: key=value list; @fsopts: options for ext4
 */
struct tgt_mount {
	char			device[PATH_MAX];
	char			svname[64];
	char			*mgsnode;
	char			*params;
	char			*fsopts;
	char			**list;		/* which of them a NID without key goes on */
	u32			flags;		/* LDD_F_* */
	bool			mgs;
	bool			nosvc;
	bool			nomgs;
	bool			rdonly;
	struct ldiskfs_dev	*dev;
	struct mgc		*mgc;
	struct target_lwp	*lwp;
	struct cfg_copy		copy;
	struct target		target[TGT_MAX_TARGETS];
	unsigned int		started;
};

/* --- options --- */

static int append(char **list, const char *sep, const char *word)
{
	char *s = *list ? kasprintf(GFP_KERNEL, "%s%s%s", *list, sep, word) : kstrdup(word, GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	kfree(*list);
	*list = s;
	return 0;
}

static const struct {
	const char	*word;
	u32		flag;
} flag_words[] = {
	{ "virgin",		LDD_F_VIRGIN },
	{ "update",		LDD_F_UPDATE },
	{ "writeconf",		LDD_F_WRITECONF },
	{ "nolocallogs",	LDD_F_NO_LOCAL_LOGS },
	{ "noprimnode",		LDD_F_NO_PRIMNODE },
};

/* Accepted for what automation passes; recovery is not waited for, so they change nothing. */
static const char * const ignored_words[] = {
	"abort_recov", "abort_recov_mdt", "noir", "noscrub", "skip_lfsck", "no_precreate", "localrecov",
};

/* "tcp1" */
static int net_parse(const char *word, u32 *net)
{
	char text[LNET_NIDSTR_SIZE];
	lnet_nid_t nid;
	int rc;

	if (snprintf(text, sizeof(text), "0.0.0.1@%s", word) >= sizeof(text))
		return -EINVAL;
	rc = lnet_nid_parse(text, &nid);
	if (!rc)
		*net = LNET_NID_NET(nid);
	return rc;
}

static int parse_flag(struct tgt_mount *m, const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flag_words); i++) {
		if (!strcmp(word, flag_words[i].word)) {
			m->flags |= flag_words[i].flag;
			return 0;
		}
	}
	for (i = 0; i < ARRAY_SIZE(ignored_words); i++)
		if (!strcmp(word, ignored_words[i]))
			return 0;
	if (!strcmp(word, "mgs"))
		m->mgs = true;
	else if (!strcmp(word, "nosvc"))
		m->nosvc = true;
	else if (!strcmp(word, "nomgs"))
		m->nomgs = true;
	else if (!strcmp(word, "rdonly_dev"))
		m->rdonly = true;
	else if (!strcmp(word, "user_xattr") || !strcmp(word, "acl"))
		return 0;	/* ext4 has them always */
	else
		return -ENOPARAM;
	return 0;
}

static int parse_value(struct tgt_mount *m, const char *key, const char *val)
{
	if (!strcmp(key, "device"))
		return strscpy(m->device, val, sizeof(m->device)) < 0 ? -ENAMETOOLONG : 0;
	if (!strcmp(key, "svname"))
		return strscpy(m->svname, val, sizeof(m->svname)) < 0 ? -ENAMETOOLONG : 0;
	m->list = NULL;
	if (!strcmp(key, "mgsnode")) {
		m->list = &m->mgsnode;
		return append(m->list, ":", val);
	}
	if (!strcmp(key, "param")) {
		m->list = &m->params;
		return append(m->list, " ", val);
	}
	if (!strcmp(key, "osd"))
		return strcmp(val, "osd-ldiskfs") ? -EINVAL : 0;
	if (!strcmp(key, "mgssec")) {
		if (!strcmp(val, "null"))
			return 0;
		pr_err("lustre: mgssec=%s: only 'null' is supported\n", val);
		return -EINVAL;
	}
	if (!strcmp(key, "recovery_time_soft") || !strcmp(key, "recovery_time_hard") ||
	    !strcmp(key, "exclude"))
		return 0;
	return -ENOPARAM;
}

static int parse_word(struct fs_context *fc, struct tgt_mount *m, char *word)
{
	char *eq = strchr(word, '=');
	u32 net;
	int rc;

	/* "mgsnode=a@tcp,b@tcp", "param=network=tcp0,tcp1": the comma is the value's */
	if (!eq && m->list && (strchr(word, '@') || !net_parse(word, &net)))
		return append(m->list, ",", word);
	if (eq) {
		*eq = 0;
		rc = parse_value(m, word, eq + 1);
		*eq = '=';
	} else {
		rc = parse_flag(m, word);
	}
	if (rc != -ENOPARAM)
		return rc;
	/* the rest is ext4's, which refuses what it does not know */
	return append(&m->fsopts, ",", word);
}

static int tgt_parse_monolithic(struct fs_context *fc, void *data)
{
	char *opts = data, *word;
	int rc;

	while ((word = strsep(&opts, ",")) != NULL) {
		if (!*word)
			continue;
		rc = parse_word(fc, fc->fs_private, word);
		if (rc)
			return invalf(fc, "lustre_tgt: bad option '%s'", word);
	}
	return 0;
}

static int tgt_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct tgt_mount *m = fc->fs_private;
	char *word;
	int rc;

	rc = vfs_parse_fs_param_source(fc, param);
	if (rc != -ENOPARAM)
		return rc;
	if (param->type == fs_value_is_string && param->size)
		word = kasprintf(GFP_KERNEL, "%s=%s", param->key, param->string);
	else
		word = kstrdup(param->key, GFP_KERNEL);
	if (!word)
		return -ENOMEM;
	rc = parse_word(fc, m, word);
	kfree(word);
	return rc;
}

/* --- starting --- */

static int parse_svname(struct target *tgt, const char *svname)
{
	const char *dash = strrchr(svname, '-');
	unsigned int index;
	size_t len;

	if (!dash || dash == svname || dash - svname > 8)
		return -EINVAL;
	if (strncmp(dash + 1, "MDT", 3) && strncmp(dash + 1, "OST", 3))
		return -EINVAL;
	if (strlen(dash + 4) != 4 || kstrtouint(dash + 4, 16, &index))
		return -EINVAL;
	len = dash - svname;
	memcpy(tgt->fsname, svname, len);
	tgt->fsname[len] = 0;
	strscpy(tgt->svname, svname, sizeof(tgt->svname));
	snprintf(tgt->uuid, sizeof(tgt->uuid), "%.32s_UUID", svname);
	tgt->index = index;
	return 0;
}

static void services_put(struct target *tgt)
{
	unsigned int i;

	for (i = 0; i < tgt->type->nr_services; i++)
		rpc_service_put(tgt->svc[i]);
}

static int services_get(struct target *tgt)
{
	unsigned int i;

	if (WARN_ON_ONCE(tgt->type->nr_services > ARRAY_SIZE(tgt->svc)))
		return -EINVAL;
	for (i = 0; i < tgt->type->nr_services; i++) {
		tgt->svc[i] = rpc_service_get(&tgt->type->services[i]);
		if (IS_ERR(tgt->svc[i]))
			return PTR_ERR(tgt->svc[i]);
	}
	return 0;
}

static int start_one(struct tgt_mount *m, struct target *tgt, const char *type)
{
	int rc;

	tgt->type = target_type_get(type);
	if (!tgt->type) {
		pr_err("%s: module %s is not to be had\n", tgt->svname, type);
		return -ENODEV;
	}
	tgt->dev = m->dev;
	tgt->mgc = m->mgc;
	tgt->params = m->params;
	rc = services_get(tgt);
	if (!rc)
		rc = tgt->type->start(tgt);
	if (rc) {
		pr_err("%s: cannot start: %d\n", tgt->svname, rc);
		services_put(tgt);
		target_type_put(tgt->type);
		return rc;
	}
	m->started++;
	return 0;
}

static int start_mgs(struct tgt_mount *m)
{
	struct target *tgt = &m->target[m->started];

	strscpy(tgt->svname, "MGS", sizeof(tgt->svname));
	strscpy(tgt->uuid, "MGS", sizeof(tgt->uuid));
	return start_one(m, tgt, "mgs");
}

static int connect_mgs(struct tgt_mount *m)
{
	struct cfg_node *nodes;
	int nr, rc = 0;

	nodes = kcalloc(CFG_MAX_NODES, sizeof(*nodes), GFP_KERNEL);
	if (!nodes)
		return -ENOMEM;
	if (m->mgs && !m->nomgs) {
		nr = 1;
		nodes[0].nr = lnet_local_nids(nodes[0].nid, CFG_MAX_NIDS);
		if (!nodes[0].nr)
			nr = -ENETDOWN;
	} else {
		nr = m->mgsnode ? cfg_parse_nodes(m->mgsnode, nodes, CFG_MAX_NODES) : -EINVAL;
	}
	if (nr <= 0) {
		pr_err("%s: no MGS to talk to (mgsnode=%s): %d\n", m->svname, m->mgsnode ?: "", nr);
		rc = nr ?: -EINVAL;
	} else {
		m->mgc = mgc_get(nodes, nr);
		if (IS_ERR(m->mgc)) {
			rc = PTR_ERR(m->mgc);
			m->mgc = NULL;
		}
	}
	kfree(nodes);
	return rc;
}

/* Does the parameter "network=tcp,tcp1:tcp2" name @net, or is there none? Return: 1, 0, or -EINVAL */
static int uses_network(const struct tgt_mount *m, u32 net)
{
	const char *p = m->params;
	char word[LNET_NIDSTR_SIZE];
	size_t len;
	u32 named;

	while (p && strncmp(p, "network=", 8))
		p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL;
	if (!p)
		return 1;
	for (p += 8; *p && *p != ' '; p += len + (p[len] == ',' || p[len] == ':')) {
		len = strcspn(p, ",: ");
		if (len >= sizeof(word))
			return -EINVAL;
		memcpy(word, p, len);
		word[len] = 0;
		if (net_parse(word, &named))
			return -EINVAL;
		if (named == net)
			return 1;
	}
	return 0;
}

/* The NIDs of this node where the target can be reached */
static int fill_nids(struct tgt_mount *m, struct target *tgt, struct mgs_target_info *mti)
{
	lnet_nid_t nids[MTI_NIDS_MAX];
	int i, nr = lnet_local_nids(nids, MTI_NIDS_MAX), kept = 0, rc;

	for (i = 0; i < nr; i++) {
		rc = uses_network(m, LNET_NID_NET(nids[i]));
		if (rc < 0) {
			pr_err("%s: bad name of a network in '%s'\n", tgt->svname, m->params);
			return rc;
		}
		if (rc)
			mti->mti_nids[kept++] = cpu_to_le64(nids[i]);
	}
	if (!kept) {
		pr_err("%s: this node has no address on the networks of the target\n", tgt->svname);
		return -ENETUNREACH;
	}
	mti->mti_nid_count = cpu_to_le32(kept);
	return 0;
}

static int fill_mti(struct tgt_mount *m, struct target *tgt, struct mgs_target_info *mti, u32 op)
{
	u32 flags = (m->flags & LDD_F_ONDISK_MASK) | op |
		    (str_has_prefix(strrchr(tgt->svname, '-'), "-MDT") ? LDD_F_SV_TYPE_MDT : LDD_F_SV_TYPE_OST);

	if (flags & (LDD_F_VIRGIN | LDD_F_WRITECONF))
		flags |= LDD_F_UPDATE;
	memset(mti, 0, sizeof(*mti));
	mti->mti_lustre_ver = cpu_to_le32(LUSTRE_VERSION_CODE);
	mti->mti_stripe_index = cpu_to_le32(tgt->index);
	mti->mti_flags = cpu_to_le32(flags);
	mti->mti_instance = cpu_to_le32(op == LDD_F_OPC_READY ? tgt->instance : 0);
	strscpy(mti->mti_fsname, tgt->fsname, sizeof(mti->mti_fsname));
	strscpy(mti->mti_svname, tgt->svname, sizeof(mti->mti_svname));
	if (m->params)
		strscpy(mti->mti_params, m->params, sizeof(mti->mti_params));
	return fill_nids(m, tgt, mti);
}

#define REG_TRIES	5
#define MUST_REGISTER	(LDD_F_NEED_INDEX | LDD_F_UPDATE | LDD_F_WRITECONF | LDD_F_VIRGIN)

/* Tell the MGS who we are; only a target that is new to it cannot start without (chapter 06, 3). */
static int register_target(struct tgt_mount *m, struct target *tgt)
{
	struct mgs_target_info *mti = kvmalloc(sizeof(*mti), GFP_KERNEL);
	int rc, tries;

	if (!mti)
		return -ENOMEM;
	for (tries = 0; tries < REG_TRIES; tries++) {
		rc = fill_mti(m, tgt, mti, LDD_F_OPC_REG);
		if (rc) {
			kvfree(mti);
			return rc;
		}
		rc = mgc_target_register(m->mgc, mti);
		if ((rc != -ESHUTDOWN && rc != -EIO) || !(m->flags & MUST_REGISTER))
			break;
		if (msleep_interruptible(2000))
			break;
	}
	if (rc && !(m->flags & MUST_REGISTER)) {
		pr_warn("%s: the MGS does not confirm this target: %d\n", tgt->svname, rc);
		rc = 0;
	} else if (rc) {
		pr_err("%s: cannot register with the MGS: %d\n", tgt->svname, rc);
	}
	kvfree(mti);
	return rc;
}

static void stop_targets(struct tgt_mount *m, bool force)
{
	target_lwp_stop(m->lwp);
	m->lwp = NULL;
	/* the MDT before the MGS that it talks to */
	while (m->started) {
		struct target *tgt = &m->target[--m->started];
		bool mgs = !strcmp(tgt->svname, "MGS");

		if (mgs && m->mgc) {
			mgc_put(m->mgc);
			m->mgc = NULL;
		}
		tgt->drop_clients = force;
		if (tgt->cfg)
			cfg_follow_stop(tgt->cfg);
		tgt->type->stop(tgt);
		services_put(tgt);
		target_type_put(tgt->type);
	}
	if (m->mgc)
		mgc_put(m->mgc);
	m->mgc = NULL;
}

/* The configuration of the target itself, from the MGS or from the copy of its log */
static int follow_log(struct target *tgt)
{
	struct cfg_follow *cfg = cfg_follow_start(tgt->mgc, tgt->svname, NULL, tgt->copy, tgt->type->cfg_ops,
						  tgt->private);

	if (IS_ERR(cfg)) {
		pr_err("%s: cannot follow its configuration: %ld\n", tgt->svname, PTR_ERR(cfg));
		return PTR_ERR(cfg);
	}
	tgt->cfg = cfg;
	return 0;
}

static int start_targets(struct tgt_mount *m)
{
	struct target *tgt;
	int rc;

	if (m->mgs && !m->nomgs) {
		rc = start_mgs(m);
		if (rc)
			return rc;
	}
	if (!strcmp(m->svname, "MGS") || m->nosvc)
		return 0;
	tgt = &m->target[m->started];
	rc = parse_svname(tgt, m->svname);
	if (rc) {
		pr_err("lustre_tgt: '%s' is no name of a target\n", m->svname);
		return rc;
	}
	if (rpc_target_exists(tgt->uuid)) {
		pr_err("%s: another target of this name runs here\n", tgt->svname);
		return -EADDRINUSE;
	}
	tgt->flags = m->flags;
	if (!m->mgs && !(m->flags & LDD_F_NO_LOCAL_LOGS)) {	/* where the MGS is, the logs themselves are */
		m->copy = (struct cfg_copy){ .ops = &llog_copy_ops, .data = tgt };
		tgt->copy = &m->copy;
	}
	/* before others hear of it: they connect at once, and must find somebody who listens */
	rc = connect_mgs(m);
	if (!rc)
		rc = start_one(m, tgt, strstr(tgt->svname, "-MDT") ? "mdt" : "ost");
	if (!rc)
		rc = register_target(m, tgt);
	if (!rc)
		rc = follow_log(tgt);
	if (rc)
		return rc;
	m->lwp = target_lwp_start(tgt);
	if (IS_ERR(m->lwp)) {
		rc = PTR_ERR(m->lwp);
		m->lwp = NULL;
		pr_err("%s: cannot follow the client log: %d\n", tgt->svname, rc);
		return rc;
	}
	target_ready(tgt);
	return 0;
}

/* --- super block --- */

static int tgt_statfs(struct dentry *dentry, struct kstatfs *st)
{
	struct tgt_mount *m = dentry->d_sb->s_fs_info;
	int rc = ldiskfs_statfs(m->dev, st);

	st->f_type = LUSTRE_TGT_MAGIC;
	return rc;
}

static int tgt_show_options(struct seq_file *s, struct dentry *root)
{
	struct tgt_mount *m = root->d_sb->s_fs_info;

	seq_show_option(s, "svname", m->svname);
	if (m->nosvc)
		seq_puts(s, ",nosvc");
	if (m->nomgs)
		seq_puts(s, ",nomgs");
	if (m->rdonly)
		seq_puts(s, ",rdonly_dev");
	if (m->mgs)
		seq_puts(s, ",mgs");
	if (m->mgsnode)
		seq_printf(s, ",mgsnode=%s", m->mgsnode);
	seq_puts(s, ",osd=osd-ldiskfs");
	if (m->fsopts)
		seq_printf(s, ",%s", m->fsopts);
	return 0;
}

static int tgt_show_devname(struct seq_file *s, struct dentry *root)
{
	struct tgt_mount *m = root->d_sb->s_fs_info;

	seq_escape(s, m->device, " \t\n\\#");
	return 0;
}

/* umount -f: the clients need not wait for this target to come back */
static void tgt_umount_begin(struct super_block *sb)
{
	struct tgt_mount *m = sb->s_fs_info;
	unsigned int i;

	for (i = 0; i < m->started; i++)
		m->target[i].drop_clients = true;
}

/*
 * The label says whether the target is registered: it must change in the journal's order. mount(8)
 * reads it again before the journal is replayed, so that it must also be in its place on disk before
 * it reports success: a target that forgot it would be refused as an impostor.
 */
static int tgt_write_label(struct ldiskfs_dev *dev)
{
	struct block_device *bdev = ldiskfs_sb(dev)->s_bdev;

	return ldiskfs_sync(dev) ?: sync_blockdev(bdev) ?: blkdev_issue_flush(bdev);
}

static long tgt_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tgt_mount *m = file_inode(file)->i_sb->s_fs_info;
	long rc;

	if (cmd != FS_IOC_SETFSLABEL && cmd != FS_IOC_GETFSLABEL)
		return -ENOTTY;
	rc = ldiskfs_ioctl(m->dev, cmd, arg);
	return !rc && cmd == FS_IOC_SETFSLABEL ? tgt_write_label(m->dev) : rc;
}

static const struct file_operations tgt_dir_fops = {
	.open		= dcache_dir_open,
	.release	= dcache_dir_close,
	.llseek		= dcache_dir_lseek,
	.read		= generic_read_dir,
	.iterate_shared	= dcache_readdir,
	.fsync		= noop_fsync,
	.unlocked_ioctl	= tgt_ioctl,
};

static const struct super_operations tgt_super_ops = {
	.statfs		= tgt_statfs,
	.show_options	= tgt_show_options,
	.show_devname	= tgt_show_devname,
	.umount_begin	= tgt_umount_begin,
};

static void tgt_mount_free(struct tgt_mount *m)
{
	bool force = m->started && m->target[m->started - 1].drop_clients;

	stop_targets(m, force);
	if (m->dev)
		ldiskfs_umount(m->dev);
	kfree(m->mgsnode);
	kfree(m->params);
	kfree(m->fsopts);
	kvfree(m);
	lnet_put();
}

static int tgt_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct tgt_mount *m = fc->fs_private;
	struct inode *root;

	sb->s_magic = LUSTRE_TGT_MAGIC;
	sb->s_op = &tgt_super_ops;
	sb->s_flags |= SB_RDONLY | SB_NOATIME;
	sb->s_fs_info = m;
	fc->fs_private = NULL;	/* the super block's now */
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->i_ino = 1;
	root->i_mode = S_IFDIR | 0555;
	root->i_op = &simple_dir_inode_operations;
	root->i_fop = &tgt_dir_fops;
	simple_inode_init_ts(root);
	set_nlink(root, 2);
	sb->s_root = d_make_root(root);
	if (!sb->s_root)
		return -ENOMEM;

	m->dev = ldiskfs_mount(m->device, m->fsopts, m->rdonly);
	if (IS_ERR(m->dev)) {
		int rc = PTR_ERR(m->dev);

		m->dev = NULL;
		return rc;
	}
	return start_targets(m);
}

static int tgt_get_tree(struct fs_context *fc)
{
	struct tgt_mount *m = fc->fs_private;

	if (!m->device[0] && fc->source)
		strscpy(m->device, fc->source, sizeof(m->device));
	if (!m->device[0] || !m->svname[0])
		return invalf(fc, "lustre_tgt: device= and svname= are needed (mount.lustre gives them)");
	return get_tree_nodev(fc, tgt_fill_super);
}

static void tgt_free_fc(struct fs_context *fc)
{
	if (fc->fs_private)
		tgt_mount_free(fc->fs_private);
}

static const struct fs_context_operations tgt_context_ops = {
	.free			= tgt_free_fc,
	.parse_param		= tgt_parse_param,
	.parse_monolithic	= tgt_parse_monolithic,
	.get_tree		= tgt_get_tree,
};

static int tgt_init_fs_context(struct fs_context *fc)
{
	struct tgt_mount *m;
	int rc;

	m = kvzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	/* NIDs are needed before the first target starts; the type's own users hold the network later */
	rc = lnet_get();
	if (rc) {
		kvfree(m);
		return rc;
	}
	fc->fs_private = m;
	fc->ops = &tgt_context_ops;
	return 0;
}

static void tgt_kill_sb(struct super_block *sb)
{
	struct tgt_mount *m = sb->s_fs_info;

	kill_anon_super(sb);
	if (m)
		tgt_mount_free(m);
}

struct file_system_type lustre_tgt_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "lustre_tgt",
	.init_fs_context	= tgt_init_fs_context,
	.kill_sb		= tgt_kill_sb,
	.fs_flags		= 0,
};
