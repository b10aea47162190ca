/* SPDX-License-Identifier: GPL-2.0 */
/* A layout as text, in the shapes of 'lfs getstripe' (chapter 08, 5.2). */
#ifndef SHEEN_UTILS_LAYOUT_SHOW_H
#define SHEEN_UTILS_LAYOUT_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What of it; 0 is everything */
#define LAYOUT_COUNT		0x0001U
#define LAYOUT_SIZE		0x0002U
#define LAYOUT_PATTERN		0x0004U
#define LAYOUT_GEN		0x0008U
#define LAYOUT_INDEX		0x0010U
#define LAYOUT_POOL		0x0020U
#define LAYOUT_FID		0x0040U
#define LAYOUT_COMP_ID		0x0080U
#define LAYOUT_COMP_START	0x0100U
#define LAYOUT_COMP_END		0x0200U
#define LAYOUT_COMP_FLAGS	0x0400U
#define LAYOUT_COMP_COUNT	0x0800U
#define LAYOUT_MIRRORS		0x1000U
#define LAYOUT_OBJECTS		0x2000U

/**
 * struct layout_style - how to print
 * @what: LAYOUT_* or 0; one alone is printed as a bare value
 * @verbose: magics and FIDs too
 * @yaml: the text of -y
 * @is_dir: it is the default of a directory
 * @raw: zero in a default means zero, not @count and @size
 * @count, @size: of the file system, where a default leaves them open
 */
struct layout_style {
	unsigned int	what;
	bool		verbose, yaml, is_dir, raw;
	int		count;
	uint64_t	size;
};

/*
 * layout_show() - print @ea of @size bytes (more than it needs is fine)
 * Return: 0, -EINVAL if it is no layout
 */
int layout_show(FILE *out, const void *ea, size_t size, const struct layout_style *style);
/* layout_show_none() - of a directory without a default of its own */
void layout_show_none(FILE *out, const struct layout_style *style);

#endif
