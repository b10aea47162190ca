// SPDX-License-Identifier: GPL-2.0
/*
 * mkfs.lustre and tunefs.lustre: options, checks, and what is printed
 * (chapter 08, 2.1 and 2.2).
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <ext2fs/ext2fs.h>
#include "lib/frame.h"
#include "lib/nids.h"
#include "mkfs/target.h"

#define NEEDED_MDT	"user_xattr"
#define DEFAULT_OPTS	",errors=remount-ro"
#define COMMENT_MAX	823

const char *progname;
static bool tune;	/* called as tunefs.lustre */

static struct options opt;
static struct lustre_disk_data ldd;
static bool hosts_failnode, hosts_servicenode, type_given, index_given, params_changed, renamed;

/* Everything about the type of target, for flags and messages */
#define TYPES	LDD_F_SV_TYPE_MASK

static void set_flags(uint32_t set, uint32_t clear)
{
	ldd.ldd_flags = htole32((ldd_flags(&ldd) | set) & ~clear);
}

void fatal(int code, const char *format, ...)
{
	va_list args;

	if (!(code & 0xff))
		code = 1;
	fflush(stdout);
	fprintf(stderr, "\n%s FATAL: ", progname);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n%s: exiting with %d (%s)\n", progname, code, strerror(code));
	exit(code);
}

static void usage(FILE *out)
{
	fprintf(out, "usage: %s %s[options] <device>\n", progname, tune ? "" : "<target type> ");
	if (!tune)
		fprintf(out, "\t<device>: block device, or file with --device-size\n"
			"\ttarget types:\n"
			"\t\t--mgs, --mdt (may be one with --mgs), --ost\n");
	fprintf(out, "\toptions:\n"
		"\t\t--fsname=<name>: 1 to 8 characters\n"
		"\t\t--index=<n>: number of the target\n"
		"\t\t--mgsnode=<nid>[,<nid>...]: where the MGS is; may be repeated\n"
		"\t\t--failnode=<nid>[,...], --servicenode=<nid>[,...]: where the target can run\n"
		"\t\t--param <key>=<value>: permanent parameter\n"
		"\t\t--network=<net>[,...]: networks to use\n"
		"\t\t--mountfsoptions=<opts>: permanent mount options\n"
		"\t\t--comment=<text>\n"
		"\t\t--dryrun, --verbose, --quiet, --help, --version\n");
	if (tune)
		fprintf(out, "\t\t--writeconf: write the configuration anew at the next mount\n"
			"\t\t--nolocallogs: copies of logs on this disk are invalid\n"
			"\t\t--erase-params, --erase-param=<key>\n"
			"\t\t--rename[=<old>], with --fsname\n"
			"\t\t--mgs, --nomgs\n");
	else
		fprintf(out, "\t\t--backfstype=ldiskfs\n"
			"\t\t--device-size=<KiB>\n"
			"\t\t--mkfsoptions=<opts>: for mke2fs\n"
			"\t\t--reformat, --replace, --stripe-count-hint=<n>\n");
}

/* --- printing --- */

static void print_flags(void)
{
	static const struct { uint32_t flag; const char *word; } words[] = {
		{ LDD_F_SV_TYPE_MDT, "MDT" }, { LDD_F_SV_TYPE_OST, "OST" }, { LDD_F_SV_TYPE_MGS, "MGS" },
		{ LDD_F_NEED_INDEX, "needs_index" }, { LDD_F_VIRGIN, "first_time" }, { LDD_F_UPDATE, "update" },
		{ LDD_F_WRITECONF, "writeconf" }, { LDD_F_NO_PRIMNODE, "no_primnode" },
		{ LDD_F_NO_LOCAL_LOGS, "nolocallogs" },
	};
	unsigned int i;

	printf("Flags:      %#x\n              (", ldd_flags(&ldd));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (ldd_flags(&ldd) & words[i].flag)
			printf("%s ", words[i].word);
	printf(")\n");
}

static void print_ldd(const char *title, const char *name)
{
	uint32_t index = le32toh(ldd.ldd_svindex);

	printf("\n   %s:\n", title);
	printf("Target:     %s\n", name);
	if (index == CFG_INDEX_NONE)
		printf("Index:      unassigned\n");
	else
		printf("Index:      %u\n", index);
	if (ldd.ldd_uuid[0])
		printf("UUID:       %s\n", ldd.ldd_uuid);
	printf("Lustre FS:  %s\n", ldd.ldd_fsname);
	printf("Mount type: ldiskfs\n");
	print_flags();
	printf("Persistent mount opts: %s\n", ldd.ldd_mount_opts);
	printf("Parameters:%s\n", ldd.ldd_params);
	if (ldd.ldd_userdata[0])
		printf("Comment: %s\n", ldd.ldd_userdata);
	printf("\n");
}

/* --- options --- */

static void set_fsname(const char *name)
{
	const char *c;

	if (tune && !(ldd_flags(&ldd) & (LDD_F_VIRGIN | LDD_F_WRITECONF)) && !renamed)
		fatal(1, "cannot change the name of a registered target: use --writeconf or --rename");
	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_')
			fatal(1, "char '%c' not allowed in filesystem name", *c);
	if (c == name || c - name > CFG_FSNAME_MAX)
		fatal(1, "filesystem name must be 1-%d chars", CFG_FSNAME_MAX);
	memset(ldd.ldd_fsname, 0, sizeof(ldd.ldd_fsname));
	snprintf(ldd.ldd_fsname, sizeof(ldd.ldd_fsname), "%s", name);
}

static void set_index(const char *text)
{
	char *end;
	unsigned long index = strtoul(text, &end, 0);

	if (tune && !(ldd_flags(&ldd) & LDD_F_VIRGIN))
		fatal(1, "cannot change the index of a registered target");
	if (!isdigit((unsigned char)*text) || *end || index > CFG_INDEX_MAX)
		fatal(34, "wrong index %s", text);
	ldd.ldd_svindex = htole32(index);
	index_given = true;
	set_flags(0, LDD_F_NEED_INDEX);
}

static void must(int rc)
{
	if (rc)
		fatal(-rc, "parameters too long");
	params_changed = true;
}

static void add_nodes(const char *key, const char *text)
{
	const char *bad;
	char *nids = nids_normalise(text, &bad);

	if (!nids)
		fatal(EINVAL, "Can't parse NID '%s' in '%s'", bad, text);
	must(param_join(ldd.ldd_params, key, nids));
	free(nids);
}

static void add_param(char *text)
{
	char *value = strchr(text, '=');

	if (!value || value == text)
		fatal(EINVAL, "'%s' is not a parameter of the form key=value", text);
	*value++ = '\0';
	if (!strcmp(text, "mgsnode") || !strcmp(text, "failover.node")) {
		add_nodes(text, value);
		return;
	}
	if (tune)
		param_remove(ldd.ldd_params, text);
	must(param_add(ldd.ldd_params, text, value));
}

/* The MGS knows nobody to give these to */
static void check_params(void)
{
	if (ldd_flags(&ldd) & LDD_F_SV_TYPE_OST && strstr(ldd.ldd_params, " lov."))
		fatal(EINVAL, "Parameters lov.* are for the MDT, not for an OST");
}

/* Is @word one of the comma-separated words? */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word), n;

	for (; *list; list += n + !!list[n]) {
		n = strcspn(list, ",");
		if (n == len && !strncmp(list, word, len))
			return true;
	}
	return false;
}

static void set_mount_opts(const char *opts)
{
	if (strlen(opts) >= sizeof(ldd.ldd_mount_opts))
		fatal(E2BIG, "mount options too long");
	memset(ldd.ldd_mount_opts, 0, sizeof(ldd.ldd_mount_opts));
	snprintf(ldd.ldd_mount_opts, sizeof(ldd.ldd_mount_opts), "%s", opts);
}

static void set_comment(const char *text)
{
	if (strlen(text) > COMMENT_MAX)
		fatal(75, "comment too long");
	memset(ldd.ldd_userdata, 0, sizeof(ldd.ldd_userdata));
	snprintf(ldd.ldd_userdata, sizeof(ldd.ldd_userdata), "%s", text);
}

static unsigned long long number(const char *text, const char *what)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 0);

	if (!isdigit((unsigned char)*text) || *end)
		fatal(EINVAL, "bad %s '%s'", what, text);
	return n;
}

static const struct option both_options[] = {
	{ "mgs", no_argument, NULL, 'G' },
	{ "nomgs", no_argument, NULL, 'N' },
	{ "fsname", required_argument, NULL, 'L' },
	{ "index", required_argument, NULL, 'i' },
	{ "mgsnode", required_argument, NULL, 'm' },
	{ "mgsnid", required_argument, NULL, 'm' },
	{ "failnode", required_argument, NULL, 'f' },
	{ "failover", required_argument, NULL, 'f' },
	{ "servicenode", required_argument, NULL, 's' },
	{ "param", required_argument, NULL, 'p' },
	{ "network", required_argument, NULL, 't' },
	{ "mountfsoptions", required_argument, NULL, 'o' },
	{ "backfs-mount-opts", required_argument, NULL, 'B' },
	{ "comment", required_argument, NULL, 'u' },
	{ "dryrun", no_argument, NULL, 'n' },
	{ "print", no_argument, NULL, 'n' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "force-nohostid", no_argument, NULL, 'U' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};

static const struct option mkfs_options[] = {
	{ "mdt", no_argument, NULL, 'M' },
	{ "ost", no_argument, NULL, 'O' },
	{ "backfstype", required_argument, NULL, 'b' },
	{ "device-size", required_argument, NULL, 'd' },
	{ "mkfsoptions", required_argument, NULL, 'k' },
	{ "reformat", no_argument, NULL, 'r' },
	{ "replace", no_argument, NULL, 'R' },
	{ "stripe-count-hint", required_argument, NULL, 'c' },
};

static const struct option tune_options[] = {
	{ "erase-param", required_argument, NULL, 'E' },
	{ "erase-params", no_argument, NULL, 'e' },
	{ "writeconf", no_argument, NULL, 'w' },
	{ "nolocallogs", no_argument, NULL, 'l' },
	{ "quota", no_argument, NULL, 'Q' },
	{ "rename", optional_argument, NULL, 'R' },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void mkfs_option(int c)
{
	switch (c) {
	case 'M':
		set_flags(LDD_F_SV_TYPE_MDT, 0);
		type_given = true;
		break;
	case 'O':
		set_flags(LDD_F_SV_TYPE_OST, 0);
		type_given = true;
		break;
	case 'b':
		if (strcmp(optarg, "ldiskfs"))
			fatal(EINVAL, "unknown backend fstype '%s'", optarg);
		break;
	case 'd':
		opt.device_kb = number(optarg, "device size");
		break;
	case 'k':
		if (strlen(optarg) > 511)
			fatal(E2BIG, "mkfsoptions too long");
		opt.mkfs_opts = optarg;
		break;
	case 'r':
		opt.reformat = true;
		break;
	case 'R':
		set_flags(0, LDD_F_VIRGIN);
		break;
	case 'c':
		if (!(ldd_flags(&ldd) & LDD_F_SV_TYPE_MDT))
			fatal(EINVAL, "--stripe-count-hint is for an MDT, after --mdt");
		opt.stripe_hint = number(optarg, "stripe count hint");
		break;
	}
}

static void tune_option(int c)
{
	switch (c) {
	case 'e':
		break;		/* done before all others */
	case 'E':
		if (!param_remove(ldd.ldd_params, optarg))
			fatal(EINVAL, "parameter '%s' is not there", optarg);
		params_changed = true;
		break;
	case 'w':
		set_flags(LDD_F_WRITECONF | LDD_F_UPDATE, 0);
		break;
	case 'l':
		set_flags(LDD_F_NO_LOCAL_LOGS, 0);
		break;
	case 'R':
		renamed = true;
		set_flags(LDD_F_WRITECONF | LDD_F_UPDATE, 0);
		break;
	case 'Q':
		printf("the backing file system has quota since it was made\n");
		break;
	}
}

static void common_option(int c)
{
	switch (c) {
	case 'G':
		set_flags(LDD_F_SV_TYPE_MGS, 0);
		type_given = true;
		break;
	case 'N':
		set_flags(0, LDD_F_SV_TYPE_MGS);
		break;
	case 'L':
		set_fsname(optarg);
		break;
	case 'i':
		set_index(optarg);
		break;
	case 'm':
		add_nodes("mgsnode", optarg);
		break;
	case 'f':
		add_nodes("failover.node", optarg);
		hosts_failnode = true;
		break;
	case 's':
		add_nodes("failover.node", optarg);
		set_flags(LDD_F_NO_PRIMNODE, 0);
		hosts_servicenode = true;
		break;
	case 'p':
		add_param(optarg);
		break;
	case 't':
		must(param_join(ldd.ldd_params, "network", optarg));
		break;
	case 'o':
		set_mount_opts(optarg);
		break;
	case 'u':
		set_comment(optarg);
		break;
	case 'n':
		opt.dryrun = true;
		break;
	case 'v':
		opt.verbose++;
		break;
	case 'q':
		opt.verbose--;
		break;
	case 'h':
		usage(stdout);
		exit(1);
	case 'V':
		printf("%s %s\n", progname, TOOL_VERSION);
		exit(0);
	}
}

static void parse_options(int argc, char **argv)
{
	const struct option *own = tune ? tune_options : mkfs_options;
	size_t nr_own = tune ? COUNT(tune_options) : COUNT(mkfs_options);
	const char *letters = tune ? "GNL:i:m:f:s:p:t:o:B:u:nvqUhVE:ewlQR::" : "GNL:i:m:f:s:p:t:o:B:u:nvqUhVMOb:d:k:rRc:";
	struct option all[COUNT(both_options) + COUNT(mkfs_options) + COUNT(tune_options) + 1] = {};
	int c;

	memcpy(all, both_options, sizeof(both_options));
	memcpy(all + COUNT(both_options), own, nr_own * sizeof(*own));
	while ((c = getopt_long(argc, argv, letters, all, NULL)) != -1) {
		if (c == '?')
			exit(EINVAL);
		common_option(c);
		if (tune)
			tune_option(c);
		else
			mkfs_option(c);
	}
	if (hosts_failnode && hosts_servicenode)
		fatal(1, "--failnode and --servicenode exclude each other");
	if (optind != argc - 1)
		fatal(EINVAL, "Bad argument: %s", optind < argc ? argv[optind] : "no device");
}

/* --e acts before all others, wherever it stands */
static bool erase_all_params(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc - 1; i++)
		if (!strcmp(argv[i], "-e") || !strcmp(argv[i], "--erase-params"))
			return true;
	return false;
}

/* --- checks that both need --- */

static void check_device(void)
{
	int flags = 0;

	if (!ext2fs_check_if_mounted(opt.device, &flags) && (flags & (EXT2_MF_MOUNTED | EXT2_MF_SWAP | EXT2_MF_BUSY))) {
		fprintf(stderr, "%s: %s is mounted or in use: unmount it first\n", progname, opt.device);
		exit(EEXIST);
	}
}

static void check_mount_opts(void)
{
	if (ldd_flags(&ldd) & (LDD_F_SV_TYPE_MDT | LDD_F_SV_TYPE_MGS) && !has_word(ldd.ldd_mount_opts, NEEDED_MDT))
		fatal(EINVAL, "mandatory mount option '%s' is missing", NEEDED_MDT);
}

static void write_data(const char *label)
{
	int rc;

	if (opt.verbose >= 0)
		printf("Writing %s\n", MOUNT_DATA_FILE);
	rc = ldd_write(opt.device, &ldd);
	if (!rc)
		rc = ldd_set_label(opt.device, label);
	if (rc == -EUCLEAN)
		fatal(EUCLEAN, "the journal of %s was not replayed: mount the target once, or run e2fsck", opt.device);
	if (rc)
		fatal(-rc, "failed to write local files");
}

/* --- mkfs.lustre --- */

static void check_mkfs(void)
{
	uint32_t flags = ldd_flags(&ldd);
	bool pure_mgs = (flags & TYPES) == LDD_F_SV_TYPE_MGS;

	if (!(flags & TYPES))
		fatal(EINVAL, "Must set target type: --mgs, --mdt or --ost");
	if ((flags & LDD_F_SV_TYPE_OST) && (flags & (LDD_F_SV_TYPE_MDT | LDD_F_SV_TYPE_MGS)))
		fatal(EINVAL, "OST type is exclusive with MDT,MGS");
	if (pure_mgs && index_given) {
		fatal(EINVAL, "An MGS has no index");
	}
	if (!pure_mgs && !ldd.ldd_fsname[0])
		fatal(EINVAL, "Must specify --fsname for MDT/OST device");
	check_params();
	if (!(flags & LDD_F_SV_TYPE_MGS) && !param_has(ldd.ldd_params, "mgsnode"))
		fatal(EINVAL, "Must specify --mgsnode");
	if (!pure_mgs && !index_given) {
		fprintf(stderr, "warning: %s: for Lustre 2.4 and later, the target index must be specified with --index\n",
			opt.device);
		if (flags & LDD_F_SV_TYPE_MDT)
			set_index("0");
	}
	if (pure_mgs)
		set_flags(0, LDD_F_NEED_INDEX);
	if (!ldd.ldd_mount_opts[0])
		set_mount_opts(flags & LDD_F_SV_TYPE_OST ? DEFAULT_OPTS : NEEDED_MDT DEFAULT_OPTS);
	check_mount_opts();
}

static void init_ldd(void)
{
	ldd.ldd_magic = htole32(LDD_MAGIC);
	ldd.ldd_config_ver = htole32(LDD_CONFIG_VER);
	ldd.ldd_flags = htole32(LDD_F_NEED_INDEX | LDD_F_UPDATE | LDD_F_VIRGIN);
	ldd.ldd_svindex = htole32(CFG_INDEX_NONE);
	ldd.ldd_mount_type = htole32(LDD_MT_LDISKFS);
}

static int do_mkfs(int argc, char **argv)
{
	struct lustre_disk_data old;
	struct stat st;
	bool found;

	init_ldd();
	parse_options(argc, argv);
	check_mkfs();
	ldd_make_svname(&ldd);
	if (opt.verbose >= 0)
		print_ldd("Permanent disk data", ldd.ldd_svname);
	if (opt.dryrun) {
		printf("exiting before disk write.\n");
		return 0;
	}
	if (stat(opt.device, &st) ? !opt.device_kb : S_ISREG(st.st_mode) && !st.st_size && !opt.device_kb)
		fatal(EINVAL, "%s: a file needs --device-size=KiB", opt.device);
	check_device();
	found = !ldd_read(opt.device, &old);
	if (opt.verbose >= 0)
		printf("checking for existing Lustre data: %s\n", found ? "found" : "not found");
	if (found && !opt.reformat)
		fatal(1, "Device %s was previously formatted for lustre. Use --reformat to reformat it, or tunefs.lustre to modify.",
		      opt.device);
	format_device(&opt, &ldd);
	write_data(ldd.ldd_svname);
	enable_features(&opt, &ldd);
	return 0;
}

/* --- tunefs.lustre --- */

static int do_tunefs(int argc, char **argv)
{
	char name[64];
	int rc = ldd_read(opt.device, &ldd);

	printf("checking for existing Lustre data: %s\n", rc ? "not found" : "found");
	if (rc)
		fatal(-rc, "Device %s has not been formatted with mkfs.lustre or the backend filesystem type is not supported by this tool",
		      opt.device);
	ldd_plain_svname(&ldd, name);
	print_ldd("Read previous values", name);

	if (erase_all_params(argc, argv) && ldd.ldd_params[0]) {
		memset(ldd.ldd_params, 0, sizeof(ldd.ldd_params));
		params_changed = true;
	}
	parse_options(argc, argv);
	if (params_changed)
		set_flags(LDD_F_UPDATE, 0);
	if ((ldd_flags(&ldd) & LDD_F_NO_LOCAL_LOGS) && (ldd_flags(&ldd) & (LDD_F_VIRGIN | LDD_F_WRITECONF)))
		fatal(EINVAL, "--nolocallogs makes no sense before the first start or with --writeconf");
	check_params();
	if (!(ldd_flags(&ldd) & LDD_F_SV_TYPE_MGS) && !param_has(ldd.ldd_params, "mgsnode"))
		fatal(EINVAL, "Must specify --mgsnode");
	check_mount_opts();
	ldd_make_svname(&ldd);
	if (opt.verbose >= 0)
		print_ldd("Permanent disk data", ldd.ldd_svname);
	if (opt.dryrun) {
		printf("exiting before disk write.\n");
		return 0;
	}
	check_device();
	write_data(ldd.ldd_svname);
	return 0;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	progname = slash ? slash + 1 : argv[0];
	tune = strstr(progname, "tunefs");
	initialize_ext2_error_table();
	if (argc < 2 || (argv[argc - 1][0] == '-' && strcmp(argv[argc - 1], "--help") && strcmp(argv[argc - 1], "-h"))) {
		usage(stderr);
		return EINVAL;
	}
	opt.device = argv[argc - 1];
	if (!strcmp(opt.device, "--help") || !strcmp(opt.device, "-h")) {
		usage(stdout);
		return 1;
	}
	if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
		printf("%s %s\n", progname, TOOL_VERSION);
		return 0;
	}
	return tune ? do_tunefs(argc, argv) : do_mkfs(argc, argv);
}
