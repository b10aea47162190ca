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
"       wiretap --compare [--table TABLE] STOCK OURS [STOCK OURS]...\n"
"Prints the Lustre conversations in capture files (tcpdump -w FILE port 988).\n"
"\n"
"  -c, --check        print nothing but errors; exit with 0 only if every byte of every\n"
"                     message is explained and encodes to itself again\n"
"  -C, --compare      align two captures of the same commands, print what differs; exit\n"
"                     with 0 only if nothing does that TABLE does not allow\n"
"  -t, --table TABLE  differences that are allowed\n"
"  -j, --json         one JSON object per message and line\n"
"  -h, --help         this text\n"
"A FILE of - is the standard input.\n";

/* All of a file that cannot be mapped, such as a pipe from xzcat */
static uint8_t *read_all(int fd, size_t *len)
{
	uint8_t *data = NULL, *more;
	size_t room = 0;
	ssize_t n = -1;

	*len = 0;
	do {
		if (*len == room) {
			room = room ? 2 * room : 1 << 20;
			more = realloc(data, room);
			if (!more)
				break;
			data = more;
		}
		n = read(fd, data + *len, room - *len);
		if (n > 0)
			*len += n;
	} while (n > 0);
	if (!n)
		return data;
	free(data);
	return NULL;
}

static int run_file(struct wt *w, const char *name)
{
	struct lnet_state *s = lnet_new();
	int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	void *map = MAP_FAILED;
	uint8_t *data = NULL;
	size_t len = 0;
	struct stat st;
	int rc = -1;

	w->file = name;
	w->rpc = rpc_new();
	if (fd < 0 || fstat(fd, &st)) {
		fprintf(stderr, "wiretap: %s: %s\n", name, strerror(errno));
		goto out;
	}
	if (S_ISREG(st.st_mode) && st.st_size) {
		map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		len = st.st_size;
	}
	if (map == MAP_FAILED)
		data = read_all(fd, &len);
	if ((map == MAP_FAILED && !data) || !w->rpc || !s ||
	    pcap_run(w, s, data ? data : map, len)) {
		fprintf(stderr, "wiretap: %s: not a pcap file of Ethernet frames\n", name);
		goto out;
	}
	rc = 0;
out:
	if (map != MAP_FAILED)
		munmap(map, st.st_size);
	free(data);
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

/* What was recorded of a file; NULL if it was not understood */
static struct cmp_side *record(const char *name)
{
	struct wt w = { .out = stdout, .quiet = true, .side = cmp_side_new() };

	w.enc = malloc(WT_MAX_MESSAGE);
	w.cov = malloc(WT_MAX_MESSAGE);
	if (!w.enc || !w.cov || run_file(&w, name)) {
		cmp_side_free(w.side);
		w.side = NULL;
	}
	free(w.enc);
	free(w.cov);
	return w.side;
}

/* A scenario is called as the first file of the pair, without directory and suffix */
static bool compare(const char *table, char **names, int nr)
{
	struct cmp *c = cmp_new(table);
	bool good = c;
	char scenario[64];
	int i;

	for (i = 0; c && i + 1 < nr; i += 2) {
		const char *base = strrchr(names[i], '/');
		struct cmp_side *a = record(names[i]), *b = record(names[i + 1]);

		base = base ? base + 1 : names[i];
		snprintf(scenario, sizeof(scenario), "%.*s", (int)strcspn(base, "."), base);
		good &= a && b && cmp_run(c, scenario, a, b);
		cmp_side_free(a);
		cmp_side_free(b);
	}
	if (c && cmp_unused(c))
		good = false;
	cmp_free(c);
	return good;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "compare", no_argument, NULL, 'C' },
		{ "table", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	bool json = false, check = false, two = false, good = true;
	const char *table = NULL;
	int o;

	while ((o = getopt_long(argc, argv, "cCt:jh", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			check = true;
			break;
		case 'C':
			two = true;
			break;
		case 't':
			table = optarg;
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
	if (optind == argc || (two && (argc - optind) % 2) || (table && !two)) {
		fputs(usage, stderr);
		return 2;
	}
	if (two) {
		good = compare(table, argv + optind, argc - optind);
		optind = argc;
	}
	for (; optind < argc; optind++)
		good &= one_file(argv[optind], json, check);
	if (fflush(stdout) || ferror(stdout))
		good = false;
	return good ? 0 : 1;
}
