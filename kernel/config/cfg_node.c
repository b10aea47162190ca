// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes as they appear in mount options and parameters: NIDs separated by commas
 * belong to one node, a colon begins the next one.
 */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/string.h>
#include "kernel/config/config.h"
#include "kernel/ldlm/ldlm.h"

/* Length of the text of a NID, longest first: "255.255.255.255@o2ib65535" and room */
#define NID_TEXT_MAX	64

int cfg_parse_nodes(const char *str, struct cfg_node *nodes, unsigned int max)
{
	unsigned int nr = 0;
	char text[NID_TEXT_MAX];
	size_t len;

	while (*str) {
		struct cfg_node *node;

		if (nr == max)
			return -EINVAL;
		node = &nodes[nr++];
		node->nr = 0;
		do {
			len = strcspn(str, ",:");
			if (!len || len >= sizeof(text) || node->nr == CFG_MAX_NIDS)
				return -EINVAL;
			memcpy(text, str, len);
			text[len] = '\0';
			if (lnet_nid_parse(text, &node->nid[node->nr++]))
				return -EINVAL;
			str += len;
		} while (*str && *str++ == ',');
	}
	return nr ? nr : -EINVAL;
}
EXPORT_SYMBOL_GPL(cfg_parse_nodes);

bool cfg_node_add(struct cfg_node *node, lnet_nid_t nid)
{
	unsigned int i;

	for (i = 0; i < node->nr; i++)
		if (node->nid[i] == nid)
			return true;
	if (node->nr == CFG_MAX_NIDS)
		return false;
	node->nid[node->nr++] = nid;
	return true;
}
EXPORT_SYMBOL_GPL(cfg_node_add);

size_t cfg_fsname_len(const char *name)
{
	size_t i, len = strlen(name), cut = len;

	for (i = 0; i < len && i <= CFG_FSNAME_MAX; i++)
		if (name[i] == '-' || name[i] == ':' || name[i] == '=' || name[i] == '+')
			cut = i;
	return cut;
}
EXPORT_SYMBOL_GPL(cfg_fsname_len);

/* Which lock guards a log: told by its ending */
static u64 lock_type(const char *log)
{
	static const struct { const char *ending; u64 type; } types[] = {
		{ "-cliir", MGS_CFG_T_RECOVER },
		{ "-mdtir", MGS_CFG_T_RECOVER },
		{ "-barrier", MGS_CFG_T_BARRIER },
	};
	size_t len = strlen(log), i, n;

	if (!strcmp(log, "params"))
		return MGS_CFG_T_PARAMS;
	if (!strcmp(log, "nodemap"))
		return MGS_CFG_T_NODEMAP;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		n = strlen(types[i].ending);
		if (len > n && !strcmp(log + len - n, types[i].ending))
			return types[i].type;
	}
	return 0;
}

int cfg_lock_res(const char *log, struct ldlm_res_id *res)
{
	const char *dash = strrchr(log, '-');
	size_t len = dash ? dash - log : strlen(log);
	size_t i;

	if (!len || len > sizeof(u64))
		return -EINVAL;
	memset(res, 0, sizeof(*res));
	for (i = 0; i < len; i++)
		res->name[0] |= (u64)(u8)log[i] << (8 * i);
	res->name[1] = lock_type(log);
	return 0;
}
EXPORT_SYMBOL_GPL(cfg_lock_res);
