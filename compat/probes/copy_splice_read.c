// SPDX-License-Identifier: GPL-2.0
/* copy_splice_read(): since 6.5; generic_file_splice_read() before. */
#include <linux/fs.h>

ssize_t probe(struct file *in, loff_t *ppos, struct pipe_inode_info *pipe, size_t len);
ssize_t probe(struct file *in, loff_t *ppos, struct pipe_inode_info *pipe, size_t len)
{
	return copy_splice_read(in, ppos, pipe, len, 0);
}
