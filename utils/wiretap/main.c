// SPDX-License-Identifier: GPL-2.0
/* wiretap: options, files, and what the run found. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wiretap.h"

static const char usage[] =
"Usage: wiretap [--json] FILE...\n"
"       wiretap --check FILE...\n"
"Prints the Lustre conversations in capture files (tcpdump -w FILE port 988).\n"
"\n"
"  -c, --check   print nothing but errors; exit with 0 only if every byte of every\n"
"                message is explained and encodes to itself again\n"
"  -j, --json    one JSON object per message and line\n"
"  -h, --help    this text\n";

static int run_file(struct wt *w, const char *name)
{
	struct lnet_state *s = NULL;
	void *map = MAP_FAILED;
	struct stat st;
	int fd, rc = -1;

	w->file = name;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "wiretap: %s: %s\n", name, strerror(errno));
		goto out;
	}
	if (st.st_size)
		map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	w->rpc = rpc_new();
	s = lnet_new();
	if (map == MAP_FAILED || !w->rpc || !s || pcap_run(w, s, map, st.st_size)) {
		fprintf(stderr, "wiretap: %s: not a pcap file of Ethernet frames\n", name);
		goto out;
	}
	rc = 0;
out:
	if (map != MAP_FAILED)
		munmap(map, st.st_size);
	if (fd >= 0)
		close(fd);
	lnet_free(s);
	rpc_free(w->rpc);
	w->rpc = NULL;
	return rc;
}

static bool one_file(const char *name, bool json, bool check)
{
	struct wt w = { .out = stdout, .json = json, .quiet = check };
	bool good;

	w.enc = malloc(WT_MAX_MESSAGE);
	w.cov = malloc(WT_MAX_MESSAGE);
	good = w.enc && w.cov && !run_file(&w, name) && !w.errors;
	if (check)
		printf("%s: %s, %lu messages, %lu RPC messages, %lu errors\n", name,
		       good ? "ok" : "not ok", w.messages, w.rpcs, w.errors);
	free(w.enc);
	free(w.cov);
	return good;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	bool json = false, check = false, good = true;
	int o;

	while ((o = getopt_long(argc, argv, "cjh", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			check = true;
			break;
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return 2;
	}
	for (; optind < argc; optind++)
		good &= one_file(argv[optind], json, check);
	if (fflush(stdout) || ferror(stdout))
		good = false;
	return good ? 0 : 1;
}
