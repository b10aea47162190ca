// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what lfs does without a file system: words of command lines, bytes of requests, and
 * the text of layouts, with the dumps of chapter 05 and the shapes of chapter 08.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/layout_request.h"
#include "lib/layout_show.h"
#include "lib/parse.h"

static int number, failures;

static void ok(bool good, const char *name)
{
	printf("%sok %d - lfs/%s\n", good ? "" : "not ", ++number, name);
	failures += !good;
}

/* Two characters per byte, blanks between them as you like. Return: bytes */
static size_t unhex(const char *hex, unsigned char *buf)
{
	size_t n = 0;
	int used;

	while (sscanf(hex, " %2hhx%n", &buf[n], &used) == 1) {
		hex += used;
		n++;
	}
	return n;
}

static void shows(const char *name, const char *hex, const struct layout_style *style, const char *want)
{
	unsigned char ea[1024];
	size_t size = unhex(hex, ea), len;
	char *text;
	FILE *f = open_memstream(&text, &len);
	int rc = layout_show(f, ea, size, style);
	bool good;

	fclose(f);
	good = !rc && !strcmp(text, want);
	ok(good, name);
	if (!good)
		printf("# %d, got:\n%s# not:\n%s", rc, text, want);
	free(text);
}

/* --- words --- */

static bool size_is(const char *s, uint64_t want)
{
	uint64_t v;

	return !parse_size(s, &v, NULL) && v == want;
}

static bool stripe_is(const char *s, uint64_t want)
{
	uint64_t v;

	return !parse_stripe_bytes(s, &v) && v == want;
}

static void test_words(void)
{
	struct lu_fid fid;
	uint32_t list[8];
	uint64_t v;

	ok(size_is("0", 0) && size_is("4096", 4096) && size_is("1k", 1024) && size_is("3M", 3 << 20) &&
	   size_is("0x10G", 16ULL << 30) && size_is("15E", 15ULL << 60), "sizes with units");
	ok(parse_size("", &v, NULL) && parse_size("-1", &v, NULL) && parse_size("1x", &v, NULL) &&
	   parse_size("1Mb", &v, NULL) && parse_size("16E", &v, NULL) == -ERANGE, "sizes that are none");
	ok(stripe_is("64", 65536) && stripe_is("1024", 1 << 20) && stripe_is("65536", 65536) && stripe_is("1M", 1 << 20) &&
	   stripe_is("0", 0), "stripe sizes below 4096 are KiB");
	ok(parse_stripe_bytes("100", &v) && parse_stripe_bytes("65537", &v) && parse_stripe_bytes("1k", &v),
	   "stripe sizes are multiples of 64 KiB");
	ok(parse_list("0,2-4,7", list, 8) == 5 && list[0] == 0 && list[1] == 2 && list[3] == 4 && list[4] == 7,
	   "lists of targets");
	ok(parse_list("", list, 8) < 0 && parse_list("1,", list, 8) < 0 && parse_list("4-2", list, 8) < 0 &&
	   parse_list("0-8", list, 8) < 0 && parse_list("65535", list, 8) < 0 && parse_list("0-4294967295", list, 8) < 0,
	   "lists that are none");
	ok(!parse_fid("[0x200000401:0x5:0x0]", &fid) && fid.f_seq == 0x200000401 && fid.f_oid == 5 && !fid.f_ver &&
	   !parse_fid("0x200000401:0x6:0x1", &fid) && fid.f_oid == 6 && fid.f_ver == 1, "FIDs with and without brackets");
	ok(parse_fid("[0x1:0x2:0x3", &fid) && parse_fid("0x1:0x2:0x3]", &fid) && parse_fid("0x1:0x2", &fid) &&
	   parse_fid("[0x1:0x2:0x3]x", &fid) && parse_fid("0x1:0x100000000:0", &fid), "FIDs that are none");
}

/* --- texts --- */

#define V1_TWO "d0 0b d1 0b 01 00 00 00 02 00 00 00 00 00 00 00 01 04 00 00 02 00 00 00 00 00 10 00 02 00 00 00" \
	"22 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00" \
	"01 04 00 80 02 00 00 00 05 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00"
#define V3_POOL "d0 0b d3 0b 01 00 00 00 02 00 00 00 00 00 00 00 01 04 00 00 02 00 00 00 00 00 40 00 01 00 00 00" \
	"66 6c 61 73 68 00 00 00 00 00 00 00 00 00 00 00" \
	"22 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
/* object 2 on OST 3 */
#define V1_ONE "d0 0b d1 0b 01 00 00 00 05 00 00 00 00 00 00 00 01 04 00 00 02 00 00 00 00 00 10 00 01 00 00 00" \
	"02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00"
#define COMPOSITE "d0 0b d6 0b f0 00 00 00 02 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00" \
	"01 00 00 00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 80 00 00 00 38 00 00 00" \
	"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00" \
	"02 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 ff ff ff ff ff ff ff ff b8 00 00 00 38 00 00 00" \
	"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00" \
	"d0 0b d1 0b 01 00 00 00 03 00 00 00 00 00 00 00 01 04 00 00 02 00 00 00 00 00 10 00 01 00 00 00" \
	"23 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00" \
	"d0 0b d1 0b 01 00 00 00 03 00 00 00 00 00 00 00 01 04 00 00 02 00 00 00 00 00 10 00 04 00 ff ff" \
	"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ff ff ff ff"
#define DIR_DEFAULT "d0 0b d1 0b 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 04 00 ff ff"

static const struct layout_style all, verbose = { .verbose = true }, yaml = { .yaml = true };
static const struct layout_style dir = { .is_dir = true, .count = 1, .size = 1048576 };

static void test_plain_texts(void)
{
	const struct layout_style count = { .what = LAYOUT_COUNT }, fid = { .what = LAYOUT_FID },
		two = { .what = LAYOUT_COUNT | LAYOUT_SIZE }, objects = { .what = LAYOUT_OBJECTS };

	shows("a plain file", V1_ONE, &all,
	      "lmm_stripe_count:  1\nlmm_stripe_size:   1048576\nlmm_pattern:       raid0\n"
	      "lmm_layout_gen:    0\nlmm_stripe_offset: 3\n"
	      "\tobdidx\t\t objid\t\t objid\t\t group\n"
	      "\t     3\t             2\t          0x2\t             0\n\n");
	shows("objects of both forms", V1_TWO, &objects,
	      "\tobdidx\t\t objid\t\t objid\t\t group\n"
	      "\t     0\t            34\t         0x22\t             0\n"
	      "\t     1\t             5\t          0x5\t   0x280000401\n\n");
	shows("a file in a pool, verbose", V3_POOL, &verbose,
	      "lmm_magic:         0x0BD30BD0\nlmm_seq:           0x200000401\nlmm_object_id:     0x2\n"
	      "lmm_fid:           [0x200000401:0x2:0x0]\n"
	      "lmm_stripe_count:  1\nlmm_stripe_size:   4194304\nlmm_pattern:       raid0\n"
	      "lmm_layout_gen:    0\nlmm_stripe_offset: 0\nlmm_pool:          flash\n"
	      "\tobdidx\t\t objid\t\t objid\t\t group\n"
	      "\t     0\t            34\t         0x22\t             0\n\n");
	shows("a plain file in YAML", V1_ONE, &yaml,
	      "lmm_stripe_count:  1\nlmm_stripe_size:   1048576\nlmm_pattern:       raid0\n"
	      "lmm_layout_gen:    0\nlmm_stripe_offset: 3\nlmm_objects:\n"
	      "      - l_ost_idx: 3\n        l_fid:     0x100030000:0x2:0x0\n\n");
	shows("one value is bare, then an empty line", V1_TWO, &count, "2\n\n");
	shows("the FID alone", V1_ONE, &fid, "[0x200000401:0x5:0x0]\n\n");
	shows("two values have names", V1_TWO, &two, "lmm_stripe_count:  2\nlmm_stripe_size:   1048576\n\n");
}

static void test_dir_texts(void)
{
	const struct layout_style dir_verbose = { .is_dir = true, .verbose = true, .count = 1, .size = 1048576 },
		dir_count = { .is_dir = true, .what = LAYOUT_COUNT };
	char *text;
	size_t len;
	FILE *f;

	shows("default of a directory", DIR_DEFAULT, &dir,
	      "stripe_count:  4 stripe_size:   4194304 pattern:       raid0 stripe_offset: -1\n\n");
	shows("default of a directory, verbose", DIR_DEFAULT, &dir_verbose,
	      "(Default) stripe_count:  4 stripe_size:   4194304 pattern:       raid0 stripe_offset: -1\n\n");
	shows("one value of a directory", DIR_DEFAULT, &dir_count, "4\n\n");
	f = open_memstream(&text, &len);
	layout_show_none(f, &dir);
	fclose(f);
	ok(!strcmp(text, "stripe_count:  1 stripe_size:   1048576 pattern:       0 stripe_offset: -1\n\n"),
	   "a directory without a default");
	free(text);
}

static void test_composite_texts(void)
{
	const struct layout_style count = { .what = LAYOUT_COUNT }, end = { .what = LAYOUT_COMP_END };

	shows("a composite file", COMPOSITE, &all,
	      "  lcm_layout_gen:    2\n  lcm_mirror_count:  1\n  lcm_entry_count:   2\n"
	      "    lcme_id:             1\n    lcme_mirror_id:      0\n    lcme_flags:          init\n"
	      "    lcme_extent.e_start: 0\n    lcme_extent.e_end:   4194304\n"
	      "      lmm_stripe_count:  1\n      lmm_stripe_size:   1048576\n      lmm_pattern:       raid0\n"
	      "      lmm_layout_gen:    0\n      lmm_stripe_offset: 0\n      lmm_objects:\n"
	      "      - 0: { l_ost_idx: 0, l_fid: [0x100000000:0x23:0x0] }\n\n"
	      "    lcme_id:             2\n    lcme_mirror_id:      0\n    lcme_flags:          0\n"
	      "    lcme_extent.e_start: 4194304\n    lcme_extent.e_end:   EOF\n"
	      "      lmm_stripe_count:  4\n      lmm_stripe_size:   1048576\n      lmm_pattern:       raid0\n"
	      "      lmm_layout_gen:    0\n      lmm_stripe_offset: -1\n\n");
	shows("a composite file in YAML", COMPOSITE, &yaml,
	      "  lcm_layout_gen:    2\n  lcm_mirror_count:  1\n  lcm_entry_count:   2\n  component0:\n"
	      "    lcme_id:             1\n    lcme_mirror_id:      0\n    lcme_flags:          init\n"
	      "    lcme_extent.e_start: 0\n    lcme_extent.e_end:   4194304\n    sub_layout:\n"
	      "      lmm_stripe_count:  1\n      lmm_stripe_size:   1048576\n      lmm_pattern:       raid0\n"
	      "      lmm_layout_gen:    0\n      lmm_stripe_offset: 0\n      lmm_objects:\n"
	      "      - l_ost_idx: 0\n        l_fid:     0x100000000:0x23:0x0\n\n  component1:\n"
	      "    lcme_id:             2\n    lcme_mirror_id:      0\n    lcme_flags:          0\n"
	      "    lcme_extent.e_start: 4194304\n    lcme_extent.e_end:   EOF\n    sub_layout:\n"
	      "      lmm_stripe_count:  4\n      lmm_stripe_size:   1048576\n      lmm_pattern:       raid0\n"
	      "      lmm_layout_gen:    0\n      lmm_stripe_offset: -1\n\n");
	shows("a value is that of the last component with objects", COMPOSITE, &count, "1\n\n");
	shows("the end of a component", COMPOSITE, &end, "4194304\n\n");
}

/* Every shorter buffer is refused, and no byte changed makes it crash (run it with ASan) */
static void test_hostile(void)
{
	static const char *const samples[] = { V1_TWO, V3_POOL, COMPOSITE };
	unsigned char ea[1024], *copy;
	FILE *null = fopen("/dev/null", "w");
	bool refused = true;
	size_t size, i, k;

	for (k = 0; k < 3; k++) {
		size = unhex(samples[k], ea);
		for (i = 0; i < size; i++) {
			copy = malloc(i ?: 1);
			memcpy(copy, ea, i);
			refused &= layout_show(null, copy, i, &all) == -EINVAL;
			free(copy);
			copy = malloc(size);
			memcpy(copy, ea, size);
			copy[i] ^= 0xff;
			layout_show(null, copy, size, &verbose);
			free(copy);
		}
	}
	fclose(null);
	ok(refused, "layouts cut short are refused");
}

/* --- requests --- */

static bool same(const void *blob, size_t size, const char *hex)
{
	unsigned char want[1024];

	return blob && size == unhex(hex, want) && !memcmp(blob, want, size);
}

static void test_requests(void)
{
	struct layout_want *w = calloc(2, sizeof(*w));
	void *blob;
	size_t size;

	w->stripe_count = 2;
	w->index = -1;
	blob = layout_request_plain(w, &size);
	ok(same(blob, size, "d0 0b d1 0b 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 00 ff ff"),
	   "request for two stripes");
	free(blob);
	w->stripe_count = -1;
	w->stripe_size = 4 << 20;
	strcpy(w->pool, "flash");
	blob = layout_request_plain(w, &size);
	ok(same(blob, size, "d0 0b d3 0b 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 ff ff ff ff"
		"66 6c 61 73 68 00 00 00 00 00 00 00 00 00 00 00"), "request for all of a pool");
	free(blob);
	memset(w->pool, 0, sizeof(w->pool));
	w->nr_osts = 2;
	w->index = w->osts[0] = 3;
	w->osts[1] = 1;
	blob = layout_request_plain(w, &size);
	ok(same(blob, size, "d0 0b d5 0b 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 02 00 03 00"
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00"
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00"), "request for these OSTs");
	free(blob);
	memset(w, 0, 2 * sizeof(*w));
	w[0].stripe_count = 1;
	w[0].index = w[1].index = -1;
	w[0].end = 4 << 20;
	w[1].stripe_count = 4;
	w[1].end = LCME_EOF;
	blob = layout_request_composite(w, 2, &size);
	ok(same(blob, size, "d0 0b d6 0b c0 00 00 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 80 00 00 00 20 00 00 00"
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
		"00 00 00 00 00 00 00 00 00 00 40 00 00 00 00 00 ff ff ff ff ff ff ff ff a0 00 00 00 20 00 00 00"
		"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
		"d0 0b d1 0b 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 ff ff"
		"d0 0b d1 0b 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 00 ff ff"),
	   "request for two components");
	free(blob);
	free(w);
}

int main(void)
{
	test_words();
	test_plain_texts();
	test_dir_texts();
	test_composite_texts();
	test_hostile();
	test_requests();
	printf("1..%d\n", number);
	return failures != 0;
}
