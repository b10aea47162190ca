// SPDX-License-Identifier: GPL-2.0
/*
 * lfs: one table of commands for each file; the frame is in utils/lib/frame.c. Also the names of
 * stock's commands that are not here, so that they say so.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "lfs/lfs.h"

int failed(const char *command, const char *what, int rc)
{
	fprintf(stderr, "lfs %s error: %s: %s (%d)\n", command, what, strerror(-rc), -rc);
	return rc;
}

int not_supported(const char *command, const char *option)
{
	fprintf(stderr, "lfs %s%s%s: not supported\n", command, option ? ": " : "", option ?: "");
	return -EOPNOTSUPP;
}

int first_error(int rc, int next)
{
	return rc ? rc : next;
}

static int missing(int argc, char **argv)
{
	return not_supported(argv[0], NULL);
}

#define MISSING(word) { word, missing, "not supported" }

const struct command missing_commands[] = {
	MISSING("changelog"),
	MISSING("changelog_clear"),
	MISSING("data_version"),
	MISSING("find"),
	MISSING("flushctx"),
	MISSING("getdirstripe"),
	MISSING("getsom"),
	MISSING("heat_get"),
	MISSING("heat_set"),
	MISSING("hsm_action"),
	MISSING("hsm_archive"),
	MISSING("hsm_cancel"),
	MISSING("hsm_clear"),
	MISSING("hsm_release"),
	MISSING("hsm_remove"),
	MISSING("hsm_restore"),
	MISSING("hsm_set"),
	MISSING("hsm_state"),
	MISSING("ladvise"),
	MISSING("migrate"),
	MISSING("mirror"),
	MISSING("mkdir"),
	MISSING("mv"),
	MISSING("pcc"),
	MISSING("pool_list"),
	MISSING("project"),
	MISSING("quota"),
	MISSING("rm_entry"),
	MISSING("rmfid"),
	MISSING("setdirstripe"),
	MISSING("setquota"),
	MISSING("swap_layouts"),
	MISSING("unlink_foreign"),
	{ }
};

static const struct command *const tables[] = {
	setstripe_commands,
	getstripe_commands,
	target_commands,
	check_commands,
	fid_commands,
	missing_commands,
	NULL
};

int main(int argc, char **argv)
{
	return frame_main(argc, argv, tables);
}
