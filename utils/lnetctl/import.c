// SPDX-License-Identifier: GPL-2.0
/*
 * lnetctl import: what export wrote, or an administrator in the same shape, turned
 * into the commands that say the same (chapter 01, 11.3).
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>
#include "lnetctl/lnetctl.h"

#define MAX_WORDS 32

enum mode { ADD, DEL, SHOW, EXEC };

/* A command line that is being put together */
struct line {
	int	argc;
	char	*argv[MAX_WORDS + 1];
};

static yaml_document_t doc;

static void word(struct line *l, const char *text)
{
	if (text && l->argc < MAX_WORDS)
		l->argv[l->argc++] = strdup(text);
}

static void option(struct line *l, const char *name, const char *value)
{
	if (value) {
		word(l, name);
		word(l, value);
	}
}

static int run(const char *object, struct line *l)
{
	int rc = run_verb(object, l->argc, l->argv);

	while (l->argc)
		free(l->argv[--l->argc]);
	return rc;
}

/* --- the document --- */

static const char *text(const yaml_node_t *n)
{
	return n && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

static yaml_node_t *node(int index)
{
	return yaml_document_get_node(&doc, index);
}

#define for_each_pair(p, map) \
	for (p = (map)->data.mapping.pairs.start; p < (map)->data.mapping.pairs.top; p++)
#define for_each_item(i, list) \
	for (i = (list)->data.sequence.items.start; i < (list)->data.sequence.items.top; i++)

/* What a key stands for, anywhere in @n, depth first */
static yaml_node_t *find(yaml_node_t *n, const char *key)
{
	yaml_node_item_t *i;
	yaml_node_pair_t *p;
	yaml_node_t *found;

	if (n && n->type == YAML_MAPPING_NODE) {
		for_each_pair(p, n) {
			const char *name = text(node(p->key));

			if (name && !strcmp(name, key))
				return node(p->value);
			found = find(node(p->value), key);
			if (found)
				return found;
		}
	} else if (n && n->type == YAML_SEQUENCE_NODE) {
		for_each_item(i, n) {
			found = find(node(*i), key);
			if (found)
				return found;
		}
	}
	return NULL;
}

/* Values of a map, or of "nid" in a list, with commas between them; free() it. NULL: none */
static char *join(yaml_node_t *n)
{
	yaml_node_item_t *i;
	yaml_node_pair_t *p;
	char *all = NULL;
	size_t size;
	FILE *f = open_memstream(&all, &size);

	if (n && n->type == YAML_MAPPING_NODE)
		for_each_pair(p, n)
			fprintf(f, "%s%s", ftell(f) ? "," : "", text(node(p->value)) ?: "");
	if (n && n->type == YAML_SEQUENCE_NODE)
		for_each_item(i, n)
			fprintf(f, "%s%s", ftell(f) ? "," : "", text(find(node(*i), "nid")) ?: "");
	fclose(f);
	if (size)
		return all;
	free(all);
	return NULL;
}

/* --- sections --- */

static int import_ni(yaml_node_t *net, yaml_node_t *ni, enum mode mode)
{
	static const char *const tunables[][2] = {
		{ "peer_timeout", "--peer-timeout" }, { "peer_credits", "--peer-credits" },
		{ "peer_buffer_credits", "--peer-buffer-credits" }, { "credits", "--credits" },
		{ "conns_per_peer", "--conns-per-peer" },
	};
	const char *type = text(find(net, "net type"));
	char *ifs = join(find(ni, "interfaces"));
	struct line l = {};
	unsigned int i;
	int rc = 0;

	if (type && !strcmp(type, "lo"))
		goto out;
	word(&l, mode == ADD ? "add" : mode == DEL ? "del" : "show");
	option(&l, "--net", type);
	if (mode != SHOW)
		option(&l, "--if", ifs);
	for (i = 0; mode == ADD && i < sizeof(tunables) / sizeof(tunables[0]); i++)
		option(&l, tunables[i][1], text(find(ni, tunables[i][0]) ?: find(net, tunables[i][0])));
	rc = run("net", &l);
out:
	free(ifs);
	return rc;
}

static int import_net(yaml_node_t *net, enum mode mode)
{
	yaml_node_t *nis = find(net, "local NI(s)");
	yaml_node_item_t *i;
	int rc = 0, rc2;

	if (!nis || nis->type != YAML_SEQUENCE_NODE || mode == SHOW)
		return import_ni(net, net, mode);
	for_each_item(i, nis) {
		rc2 = import_ni(net, node(*i), mode);
		rc = rc ?: rc2;
	}
	return rc;
}

static int import_peer(yaml_node_t *peer, enum mode mode)
{
	const char *primary = text(find(peer, "primary nid"));
	char *nids = join(find(peer, "peer ni"));
	struct line l = {};
	int rc;

	word(&l, mode == ADD ? "add" : mode == DEL ? "del" : "show");
	if (mode == SHOW) {
		option(&l, "--nid", primary);
	} else {
		option(&l, "--prim_nid", primary);
		if (mode == ADD)
			option(&l, "--nid", nids);
	}
	rc = run("peer", &l);
	free(nids);
	return rc;
}

static int import_global(yaml_node_t *global, enum mode mode)
{
	yaml_node_pair_t *p;
	int rc = 0, rc2;

	if (mode != ADD || global->type != YAML_MAPPING_NODE)
		return 0;
	for_each_pair(p, global) {
		const char *key = text(node(p->key)), *value = text(node(p->value));
		struct line l = {};

		/* follows from the others */
		if (!key || !value || !strcmp(key, "lnd_timeout"))
			continue;
		word(&l, "set");
		word(&l, strcmp(key, "range") ? key : "numa_range");
		word(&l, value);
		rc2 = run(NULL, &l);
		rc = rc ?: rc2;
	}
	return rc;
}

static int import_routing(yaml_node_t *routing, enum mode mode)
{
	const char *enable = text(find(routing, "enable"));

	if (mode != ADD || !enable || !strcmp(enable, "0"))
		return 0;
	return fail("add", "routing", -EOPNOTSUPP, "\"cannot enable routing: %s\"", strerror(EOPNOTSUPP));
}

static int ask(yaml_node_t *item, enum mode mode, const char *how)
{
	struct line l = {};

	if (mode != EXEC)
		return 0;
	word(&l, how);
	word(&l, text(find(item, "primary nid")));
	return run(NULL, &l);
}

static int import_ping(yaml_node_t *item, enum mode mode)
{
	return ask(item, mode, "ping");
}

static int import_discover(yaml_node_t *item, enum mode mode)
{
	return ask(item, mode, "discover");
}

static int ignore(yaml_node_t *item, enum mode mode)
{
	return 0;
}

/* @whole: is told the whole, not each item of the list */
static const struct section {
	const char	*name;
	int		(*item)(yaml_node_t *item, enum mode mode);
	bool		whole;
} sections[] = {
	{ "net", import_net },
	{ "peer", import_peer },
	{ "global", import_global, true },
	{ "numa", import_global, true },
	{ "routing", import_routing, true },
	{ "ping", import_ping },
	{ "discover", import_discover },
	{ "buffers", ignore, true },
	{ "statistics", ignore, true },
};

static int import_section(const char *name, yaml_node_t *n, enum mode mode)
{
	const struct section *s = sections, *end = s + sizeof(sections) / sizeof(sections[0]);
	yaml_node_item_t *i;
	int rc = 0, rc2;

	while (s < end && strncmp(name, s->name, strlen(s->name)))
		s++;
	if (s == end)
		return fail("import", name, -EOPNOTSUPP, "\"cannot import %s: %s\"", name, strerror(EOPNOTSUPP));
	if (s->whole || n->type != YAML_SEQUENCE_NODE)
		return n->type == YAML_SCALAR_NODE ? 0 : s->item(n, mode);
	for_each_item(i, n) {
		rc2 = s->item(node(*i), mode);
		rc = rc ?: rc2;
	}
	return rc;
}

static int import_all(enum mode mode)
{
	yaml_node_t *root = yaml_document_get_root_node(&doc);
	yaml_node_pair_t *p;
	int rc = 0, rc2;

	if (!root || (root->type == YAML_SCALAR_NODE && !*text(root)))
		return 0;	/* nothing but comments */
	if (root->type != YAML_MAPPING_NODE)
		return fail("import", "file", RC_BAD_PARAM, "\"not a map of sections\"");
	for_each_pair(p, root) {
		const char *name = text(node(p->key));

		rc2 = name ? import_section(name, node(p->value), mode) : 0;
		rc = rc ?: rc2;
	}
	return rc;
}

static int import(int argc, char **argv)
{
	static const struct option options[] = {
		{ "add", no_argument, NULL, 'a' },
		{ "del", no_argument, NULL, 'd' },
		{ "show", no_argument, NULL, 's' },
		{ "exec", no_argument, NULL, 'e' },
		{ NULL }
	};
	enum mode mode = ADD;
	yaml_parser_t parser;
	const char *name;
	FILE *f = stdin;
	int c, rc;

	while ((c = getopt_long(argc, argv, "adse", options, NULL)) >= 0) {
		switch (c) {
		case 'a': mode = ADD; break;
		case 'd': mode = DEL; break;
		case 's': mode = SHOW; break;
		case 'e': mode = EXEC; break;
		default: return RC_BAD_PARAM;
		}
	}
	name = optind < argc ? argv[optind] : "stdin";
	if (optind < argc) {
		f = fopen(name, "r");
		if (!f)
			return fail("import", "file", -errno, "\"%s: %s\"", name, strerror(errno));
	}
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_file(&parser, f);
	if (yaml_parser_load(&parser, &doc)) {
		rc = import_all(mode);
		yaml_document_delete(&doc);
	} else {
		rc = fail("import", "file", RC_BAD_PARAM, "\"%s: line %zu: %s\"", name,
			  parser.problem_mark.line + 1, parser.problem);
	}
	yaml_parser_delete(&parser);
	if (f != stdin)
		fclose(f);
	return rc;
}

const struct verb import_verbs[] = {
	{ NULL, "import", import, "import [--add|--del|--show|--exec] [FILE]" },
	{ NULL }
};
