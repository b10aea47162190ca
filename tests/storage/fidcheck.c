// SPDX-License-Identifier: GPL-2.0
/*
 * fidcheck IMAGE: does the FID index of a target agree with its files, and its last_rcvd with its
 * changes? Reads an image that is not in use and has its journal replayed. It knows the formats of
 * ldiskfs/internal.h and kernel/server/target/lastrcvd.h by itself, to be judge of them.
 *
 * Exit status: 0 in agreement, 1 not, 2 cannot tell.
 */
#include <endian.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ext2fs/ext2fs.h>

#define BLOCK		4096
#define GROUP		256
#define FIDS		(BLOCK / sizeof(struct fidrec))
#define INODES		(BLOCK / sizeof(struct inorec))
#define SEQ_INODES	0xfffffffffffffffeULL

struct fid { uint64_t seq; uint32_t oid, ver; };
struct lma { uint32_t compat, incompat; struct fid fid; };
struct chunk { uint64_t seq; uint32_t nr, used; };
struct fidrec { uint32_t ino, gen; };
struct inorec { struct fid fid; uint64_t version; uint32_t gen, reserved; };

/* What the inode table says of an inode, and what was found in the index */
struct node {
	struct fid	fid;
	uint32_t	gen;
	bool		by_fid;
	bool		by_inode;
};

static ext2_filsys fs;
static struct node *nodes;
static uint32_t nr_nodes, with_fid;
static unsigned int bad;
static uint64_t newest;		/* version of any object */

static void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (bad++ < 20)
		vprintf(format, args);
	va_end(args);
}

static void die(const char *what, long err)
{
	fprintf(stderr, "fidcheck: %s: %s\n", what, err ? error_message(err) : "not there");
	exit(2);
}

static void *read_file(const char *name, size_t *size)
{
	struct ext2_inode inode;
	ext2_file_t file;
	unsigned int got;
	ext2_ino_t ino;
	char *data;
	errcode_t err;

	*size = 0;
	if (ext2fs_namei(fs, EXT2_ROOT_INO, EXT2_ROOT_INO, name, &ino) || ext2fs_read_inode(fs, ino, &inode))
		return NULL;
	*size = EXT2_I_SIZE(&inode);
	data = malloc(*size + 1);
	err = ext2fs_file_open(fs, ino, 0, &file);
	if (!err)
		err = ext2fs_file_read(file, data, *size, &got);
	if (err || got != *size)
		die(name, err);
	ext2fs_file_close(file);
	return data;
}

/* Fill nodes[] from the inode table. */
static void read_inodes(void)
{
	struct ext2_xattr_handle *xattrs;
	struct ext2_inode inode;
	ext2_inode_scan scan;
	ext2_ino_t ino;
	errcode_t err;

	nr_nodes = fs->super->s_inodes_count + 1;
	nodes = calloc(nr_nodes, sizeof(*nodes));
	err = ext2fs_open_inode_scan(fs, 0, &scan);
	if (err)
		die("inodes", err);
	while (!(err = ext2fs_get_next_inode(scan, &ino, &inode)) && ino) {
		struct lma *lma = NULL;
		size_t len;

		if (!inode.i_links_count || (ino < EXT2_FIRST_INODE(fs->super) && ino != EXT2_ROOT_INO))
			continue;
		nodes[ino].gen = inode.i_generation;
		if (ext2fs_xattrs_open(fs, ino, &xattrs))
			continue;
		if (!ext2fs_xattrs_read(xattrs) &&
		    !ext2fs_xattr_get(xattrs, "trusted.lma", (void **)&lma, &len) && len == sizeof(*lma)) {
			nodes[ino].fid = (struct fid){ le64toh(lma->fid.seq), le32toh(lma->fid.oid),
						       le32toh(lma->fid.ver) };
			with_fid++;
		}
		ext2fs_free_mem(&lma);
		ext2fs_xattrs_close(&xattrs);
	}
	ext2fs_close_inode_scan(scan);
}

static bool same(const struct fid *a, uint64_t seq, uint32_t oid)
{
	return a->seq == seq && a->oid == oid;
}

static void check_fids(const struct fidrec *rec, uint64_t seq, uint32_t oid)
{
	uint32_t ino = le32toh(rec->ino);

	if (!ino)
		return;
	if (ino >= nr_nodes || !same(&nodes[ino].fid, seq, oid) || nodes[ino].gen != le32toh(rec->gen))
		complain("[0x%llx:0x%x]: the index leads to inode %u, which is another\n",
			 (unsigned long long)seq, oid, ino);
	else
		nodes[ino].by_fid = true;
}

static void check_inode(const struct inorec *rec, uint32_t ino)
{
	if (!rec->fid.seq || ino >= nr_nodes)
		return;
	if (!same(&nodes[ino].fid, le64toh(rec->fid.seq), le32toh(rec->fid.oid)) ||
	    nodes[ino].gen != le32toh(rec->gen)) {
		complain("inode %u: the index has [0x%llx:0x%x] for it\n", ino,
			 (unsigned long long)le64toh(rec->fid.seq), le32toh(rec->fid.oid));
		return;
	}
	nodes[ino].by_inode = true;
	if (le64toh(rec->version) > newest)
		newest = le64toh(rec->version);
}

static void check_index(const char *pool, size_t size)
{
	size_t blocks = size / BLOCK, b;
	unsigned int i;

	for (b = 0; b < blocks; b++) {
		const struct chunk *c = (struct chunk *)(pool + b / GROUP * GROUP * BLOCK) + b % GROUP;
		const char *records = pool + b * BLOCK;
		uint64_t seq = le64toh(c->seq);

		if (b % GROUP == 0 || !c->used)
			continue;
		if (seq == SEQ_INODES)
			for (i = 0; i < INODES; i++)
				check_inode((struct inorec *)records + i, le32toh(c->nr) * INODES + i);
		else
			for (i = 0; i < FIDS; i++)
				check_fids((struct fidrec *)records + i, seq, le32toh(c->nr) * FIDS + i);
	}
	for (i = 0; i < nr_nodes; i++)
		if (nodes[i].fid.seq && !(nodes[i].by_fid && nodes[i].by_inode))
			complain("inode %u is [0x%llx:0x%x], but the index %s\n", i,
				 (unsigned long long)nodes[i].fid.seq, nodes[i].fid.oid,
				 nodes[i].by_fid ? "does not know the inode" : "does not lead to it");
}

static uint64_t le64_at(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* A change is on disk only with the number of its transaction. */
static void check_transnos(void)
{
	size_t size, pos;
	uint64_t last = 0;
	char *data = read_file("last_rcvd", &size);

	if (!data)
		return;		/* storage without a target */
	if (size >= 512)
		last = le64_at(data + 40);
	for (pos = 8192; pos + 128 <= size; pos += 128) {
		if (le64_at(data + pos + 40) > last)
			last = le64_at(data + pos + 40);
		if (le64_at(data + pos + 64) > last)
			last = le64_at(data + pos + 64);
	}
	free(data);
	data = read_file("reply_data", &size);
	for (pos = 32; data && pos + 32 <= size; pos += 32)
		if (le64_at(data + pos) > last)
			last = le64_at(data + pos);
	free(data);
	if (newest > last)
		complain("an object has version %llu, but the last transaction known is %llu\n",
			 (unsigned long long)newest, (unsigned long long)last);
}

int main(int argc, char **argv)
{
	size_t size;
	char *pool;
	errcode_t err;

	if (argc != 2) {
		fprintf(stderr, "usage: fidcheck IMAGE\n");
		return 2;
	}
	add_error_table(&et_ext2_error_table);
	err = ext2fs_open(argv[1], EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &fs);
	if (err)
		die(argv[1], err);
	pool = read_file("fidindex", &size);
	if (!pool)
		die("fidindex", 0);
	read_inodes();
	check_index(pool, size);
	check_transnos();
	printf("%u inodes with a FID, %u complaints\n", with_fid, bad);
	ext2fs_close(fs);
	return bad ? 1 : 0;
}
