// SPDX-License-Identifier: GPL-2.0
/*
 * Mount options (chapters 06, 13 and 08, 3): mount.lustre hands them over as one string that ends
 * with device=; fsconfig(2) one by one.
 */
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "compat/client.h"
#include "kernel/client/mdc.h"

/* word: what it sets and what it clears; NULL value: takes none */
static const struct {
	const char	*word;
	u32		set;
	u32		clear;
} flag_options[] = {
	{ "flock",		CL_OPT_FLOCK,		CL_OPT_LOCALFLOCK },
	{ "localflock",		CL_OPT_LOCALFLOCK,	CL_OPT_FLOCK },
	{ "noflock",		0,			CL_OPT_FLOCK | CL_OPT_LOCALFLOCK },
	{ "user_xattr",		CL_OPT_USER_XATTR,	0 },
	{ "nouser_xattr",	0,			CL_OPT_USER_XATTR },
	{ "lruresize",		CL_OPT_LRURESIZE,	0 },
	{ "nolruresize",	0,			CL_OPT_LRURESIZE },
	{ "lazystatfs",		CL_OPT_LAZYSTATFS,	0 },
	{ "nolazystatfs",	0,			CL_OPT_LAZYSTATFS },
	{ "32bitapi",		CL_OPT_32BITAPI,	0 },
	{ "user_fid2path",	CL_OPT_USER_FID2PATH,	0 },
	{ "nouser_fid2path",	0,			CL_OPT_USER_FID2PATH },
	{ "verbose",		CL_OPT_VERBOSE,		0 },
	{ "noverbose",		0,			CL_OPT_VERBOSE },
	{ "always_ping",	CL_OPT_ALWAYS_PING,	0 },
	{ "checksum",		CL_OPT_CHECKSUM,	0 },
	{ "nochecksum",		0,			CL_OPT_CHECKSUM },
	{ "noencrypt",		0,			0 },
	{ "encrypt",		0,			0 },	/* where servers offer it, which ours do not */
	{ "acl",		0,			0 },
	{ "noacl",		0,			0 },
};

#define CL_OPT_DEFAULT	(CL_OPT_FLOCK | CL_OPT_LRURESIZE | CL_OPT_LAZYSTATFS | CL_OPT_VERBOSE | \
			 CL_OPT_CHECKSUM)

/* Taken by the mount helper, or without a meaning on a client */
static const char * const ignored_options[] = {
	"retry", "skpath", "context", "fscontext", "defcontext", "rootcontext", "nosvc", "noir",
	"abort_recov", "_netdev", "user_fid",
};

void cl_options_free(struct cl_options *o)
{
	kfree(o->device);
	kfree(o->exclude);
	kfree(o->nodes);
	kfree(o->subdir);
	memset(o, 0, sizeof(*o));
}

/* nids:/fsname[/sub/dir] */
static int parse_device(struct cl_options *o, const char *device)
{
	const char *path = strstr(device, ":/"), *name, *sub;
	char *nids;
	int nr;

	if (!path || o->device)
		return -EINVAL;
	name = path + 2;
	sub = strchrnul(name, '/');
	if (sub == name || sub - name > CL_FSNAME_MAX)
		return -EINVAL;
	o->device = kstrdup(device, GFP_KERNEL);
	o->nodes = kcalloc(CFG_MAX_NODES, sizeof(*o->nodes), GFP_KERNEL);
	nids = kstrndup(device, path - device, GFP_KERNEL);
	if (!o->device || !o->nodes || !nids) {
		kfree(nids);
		return -ENOMEM;
	}
	nr = cfg_parse_nodes(nids, o->nodes, CFG_MAX_NODES);
	kfree(nids);
	if (nr <= 0)
		return nr ?: -EINVAL;
	o->nr_nodes = nr;
	memcpy(o->fsname, name, sub - name);
	while (sub[0] == '/' && sub[1] == '/')
		sub++;
	if (sub[0] && sub[1]) {
		o->subdir = kstrdup(sub, GFP_KERNEL);
		if (!o->subdir)
			return -ENOMEM;
	}
	return 0;
}

static int parse_option(struct cl_options *o, const char *key, const char *value)
{
	unsigned int i;

	if (!strcmp(key, "device") || !strcmp(key, "source"))
		return value ? parse_device(o, value) : -EINVAL;
	if (!strcmp(key, "exclude")) {
		kfree(o->exclude);
		o->exclude = kstrdup(value ?: "", GFP_KERNEL);
		return o->exclude ? 0 : -ENOMEM;
	}
	if (!strcmp(key, "mgssec")) {
		if (value && !strcmp(value, "null"))
			return 0;
		pr_err("lustre: mgssec=%s: only 'null' is supported\n", value ?: "");
		return -EINVAL;
	}
	for (i = 0; i < ARRAY_SIZE(flag_options); i++) {
		if (strcmp(key, flag_options[i].word))
			continue;
		if (value && *value)
			return -EINVAL;
		o->flags = (o->flags & ~flag_options[i].clear) | flag_options[i].set;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(ignored_options); i++)
		if (!strcmp(key, ignored_options[i]))
			return 0;
	pr_err("lustre: unknown mount option '%s'\n", key);
	return -EINVAL;
}

/* The string of mount(2): device= is the last and may hold commas */
static int cl_parse_monolithic(struct fs_context *fc, void *data)
{
	struct cl_options *o = fc->fs_private;
	char *opts = data, *dev, *word;
	int rc;

	if (!opts)
		return 0;
	dev = strstr(opts, "device=");
	while (dev && dev != opts && dev[-1] != ',')
		dev = strstr(dev + 1, "device=");
	if (dev) {
		rc = parse_device(o, dev + strlen("device="));
		if (rc) {
			pr_err("lustre: bad device '%s': %d\n", dev + strlen("device="), rc);
			return rc;
		}
		*dev = 0;
	}
	while ((word = strsep(&opts, ",")) != NULL) {
		char *value;

		if (!*word)
			continue;
		value = strchr(word, '=');
		if (value)
			*value++ = 0;
		rc = parse_option(o, word, value);
		if (rc)
			return rc;
	}
	return 0;
}

static int cl_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	const char *value = param->type == fs_value_is_string ? param->string : NULL;
	struct cl_options *o = fc->fs_private;
	int rc;

	if (!strcmp(param->key, "source")) {
		/* mount(2) names it before the options; device= says the same in a form without doubt */
		rc = vfs_parse_fs_param_source(fc, param);
		return rc == -ENOPARAM ? -EINVAL : rc;
	}
	return parse_option(o, param->key, value);
}

static int cl_get_tree(struct fs_context *fc)
{
	struct cl_options *o = fc->fs_private;
	int rc;

	if (!o->device) {
		rc = fc->source ? parse_device(o, fc->source) : -EINVAL;
		if (rc) {
			pr_err("lustre: mount without device=: is /sbin/mount.lustre there?\n");
			return rc;
		}
	}
	return get_tree_nodev(fc, cl_fill_super);
}

/* remount: the flags that are only ours to look at */
static int cl_reconfigure(struct fs_context *fc)
{
	const u32 may = CL_OPT_FLOCK | CL_OPT_LOCALFLOCK | CL_OPT_LAZYSTATFS | CL_OPT_VERBOSE |
			CL_OPT_USER_FID2PATH | CL_OPT_CHECKSUM;
	struct cl_fs *fs = cl_fs(fc->root->d_sb);
	struct cl_options *o = fc->fs_private;
	unsigned long changed = (fc->sb_flags ^ fc->root->d_sb->s_flags) & fc->sb_flags_mask;
	int rc;

	sync_filesystem(fc->root->d_sb);
	if (changed & SB_RDONLY) {
		rc = cl_mds_set_rdonly(fs, fc->sb_flags & SB_RDONLY);
		if (rc)
			return rc;
	}
	fs->opt.flags = (fs->opt.flags & ~may) | (o->flags & may);
	return 0;
}

static void cl_context_free(struct fs_context *fc)
{
	struct cl_options *o = fc->fs_private;

	if (o)
		cl_options_free(o);
	kfree(o);
}

static const struct fs_context_operations cl_context_ops = {
	.free			= cl_context_free,
	.parse_param		= cl_parse_param,
	.parse_monolithic	= cl_parse_monolithic,
	.get_tree		= cl_get_tree,
	.reconfigure		= cl_reconfigure,
};

int cl_init_fs_context(struct fs_context *fc)
{
	struct cl_options *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return -ENOMEM;
	o->flags = fc->purpose == FS_CONTEXT_FOR_RECONFIGURE ? cl_fs(fc->root->d_sb)->opt.flags :
							      CL_OPT_DEFAULT;
	fc->fs_private = o;
	fc->ops = &cl_context_ops;
	return 0;
}

/* The words of stock clients, in their order: parsers depend on it (chapter 08, 3.4) */
int cl_show_options(struct seq_file *m, struct dentry *root)
{
	u32 fl = cl_fs(root->d_sb)->opt.flags;

	seq_puts(m, fl & CL_OPT_CHECKSUM ? ",checksum" : ",nochecksum");
	if (fl & CL_OPT_LOCALFLOCK)
		seq_puts(m, ",localflock");
	else
		seq_puts(m, fl & CL_OPT_FLOCK ? ",flock" : ",noflock");
	seq_puts(m, fl & CL_OPT_USER_XATTR ? ",user_xattr" : ",nouser_xattr");
	seq_puts(m, fl & CL_OPT_LRURESIZE ? ",lruresize" : ",nolruresize");
	seq_puts(m, fl & CL_OPT_LAZYSTATFS ? ",lazystatfs" : ",nolazystatfs");
	if (fl & CL_OPT_32BITAPI)
		seq_puts(m, ",32bitapi");
	seq_puts(m, fl & CL_OPT_USER_FID2PATH ? ",user_fid2path" : ",nouser_fid2path");
	seq_puts(m, fl & CL_OPT_VERBOSE ? ",verbose" : ",noverbose");
	if (fl & CL_OPT_ALWAYS_PING)
		seq_puts(m, ",always_ping");
	seq_puts(m, ",noencrypt");
	return 0;
}
