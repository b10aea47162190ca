/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Splice: copy_splice_read(), since 6.5. Before, splicing through read_iter is called
 * generic_file_splice_read().
 */
#ifndef SHEEN_COMPAT_SPLICE_H
#define SHEEN_COMPAT_SPLICE_H

#include <linux/fs.h>
#include <linux/splice.h>

#ifndef HAVE_COPY_SPLICE_READ
#define copy_splice_read generic_file_splice_read
#endif

#endif
