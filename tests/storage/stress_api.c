// SPDX-License-Identifier: GPL-2.0
/*
 * One pass over the interface: data, sizes, attributes, ACLs, names and the errors
 * that callers rely on. And the two halves of the test of stale journal blocks.
 */
#include <linux/fs.h>
#include <linux/falloc.h>
#include <linux/mm.h>
#include <linux/posix_acl_xattr.h>
#include <linux/slab.h>
#include <linux/xattr.h>
#include "compat/vfs.h"
#include "stress.h"

#define expect(cond) do {							\
	if (!(cond)) {								\
		pr_err("stress: BAD: line %d: %s\n", __LINE__, #cond);		\
		faults++;							\
	}									\
} while (0)

#define SEQ	(FID_SEQ_NORMAL + 0x100)
#define PAGES	32

static unsigned int faults;
static u32 next_oid;
static struct ldiskfs_object *top;	/* directory of this run */

/* --- small transactions --- */

static struct ldiskfs_tx *new_tx(void)
{
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(stress_dev);

	if (!tx)
		panic("no memory for a transaction");
	return tx;
}

static struct ldiskfs_object *create_fid(struct ldiskfs_object *dir, const char *name,
					 const struct ldiskfs_attr *attr, const struct lu_fid *fid)
{
	struct qstr q = QSTR_INIT(name, strlen(name));
	struct ldiskfs_tx *tx = new_tx();
	struct ldiskfs_object *obj;
	int err = ldiskfs_declare_create(tx, dir, attr);

	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return ERR_PTR(err);
	}
	obj = ldiskfs_create(tx, dir, &q, fid, attr);
	expect(!ldiskfs_tx_stop(tx, false));
	return obj;
}

static struct ldiskfs_object *create(struct ldiskfs_object *dir, const char *name, umode_t mode)
{
	struct ldiskfs_attr attr = { .mode = mode, .symlink = "where/to" };
	struct lu_fid fid = { .f_seq = SEQ, .f_oid = ++next_oid };

	return create_fid(dir, name, &attr, &fid);
}

static int unlink_name(struct ldiskfs_object *dir, const char *name, struct ldiskfs_object *obj)
{
	struct qstr q = QSTR_INIT(name, strlen(name));
	struct ldiskfs_tx *tx = new_tx();
	int err = ldiskfs_declare_unlink(tx, dir, obj);

	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_unlink(tx, dir, &q, obj);
	expect(!ldiskfs_tx_stop(tx, false));
	return err;
}

static int rename_name(struct ldiskfs_object *sdir, const char *sname, struct ldiskfs_object *tdir,
		       const char *tname, struct ldiskfs_object *obj, struct ldiskfs_object *victim)
{
	struct qstr from = QSTR_INIT(sname, strlen(sname)), to = QSTR_INIT(tname, strlen(tname));
	struct ldiskfs_tx *tx = new_tx();
	int err = ldiskfs_declare_rename(tx, sdir, tdir, obj, victim);

	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_rename(tx, sdir, &from, tdir, &to, obj, victim);
	expect(!ldiskfs_tx_stop(tx, false));
	return err;
}

static int link_name(struct ldiskfs_object *dir, const char *name, struct ldiskfs_object *obj)
{
	struct qstr q = QSTR_INIT(name, strlen(name));
	struct ldiskfs_tx *tx = new_tx();
	int err = ldiskfs_declare_link(tx, dir, obj);

	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_link(tx, dir, &q, obj);
	expect(!ldiskfs_tx_stop(tx, false));
	return err;
}

static int set_xattr(struct ldiskfs_object *obj, const char *name, const void *buf, size_t size, int flags)
{
	struct ldiskfs_tx *tx = new_tx();
	int err = ldiskfs_declare_setxattr(tx, obj, name, size);

	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_setxattr(tx, obj, name, buf, size, flags);
	expect(!ldiskfs_tx_stop(tx, false));
	return err;
}

static int set_attr(struct ldiskfs_object *obj, const struct iattr *ia)
{
	struct ldiskfs_tx *tx = new_tx();
	int err = ldiskfs_declare_setattr(tx, obj, ia);

	if (!err)
		err = ldiskfs_tx_start(tx);
	if (err) {
		ldiskfs_tx_free(tx);
		return err;
	}
	err = ldiskfs_setattr(tx, obj, ia);
	expect(!ldiskfs_tx_stop(tx, true));
	return err;
}

static bool is_named(struct ldiskfs_object *dir, const char *name, struct ldiskfs_object *obj)
{
	struct qstr q = QSTR_INIT(name, strlen(name));
	struct ldiskfs_object *found = ldiskfs_lookup(dir, &q);
	bool same = found == obj;

	ldiskfs_object_put(found);
	return same;
}

static long find_error(const struct lu_fid *fid)
{
	struct ldiskfs_object *obj = ldiskfs_find(stress_dev, fid);

	if (IS_ERR(obj))
		return PTR_ERR(obj);
	ldiskfs_object_put(obj);
	return 0;
}

/* --- names --- */

static void test_create(void)
{
	struct ldiskfs_attr attr = {
		.mode = S_IFREG | 04731, .uid = KUIDT_INIT(501), .gid = KGIDT_INIT(502), .projid = 77,
		.atime = { 1, 2 }, .mtime = { 3, 4 }, .ctime = { 5, 6 },
	};
	struct lu_fid fid = { .f_seq = SEQ, .f_oid = 0x1ffff };
	struct ldiskfs_object *obj = create_fid(top, "file", &attr, &fid), *again;
	struct ldiskfs_object *sgid, *child;
	struct inode *inode;

	expect(!IS_ERR(obj));
	inode = ldiskfs_inode(obj);
	expect(inode->i_mode == (S_IFREG | 04731));
	expect(inode->i_uid.val == 501 && inode->i_gid.val == 502);
	expect(ldiskfs_projid(obj) == 77);
	expect(fid_eq(ldiskfs_fid(obj), &fid));
	again = ldiskfs_find(stress_dev, &fid);
	expect(again == obj);
	ldiskfs_object_put(again);
	again = create_fid(top, "file2", &attr, &fid);
	expect(again == ERR_PTR(-EEXIST));
	again = create(top, "file", S_IFREG | 0600);
	expect(again == ERR_PTR(-EEXIST));
	again = ldiskfs_parent(top);
	expect(!IS_ERR(again) && is_named(again, "api", top));
	ldiskfs_object_put(again);

	sgid = create(top, "sgid", S_IFDIR | 02777);
	expect(ldiskfs_inode(sgid)->i_mode == (S_IFDIR | 02777));
	child = create(sgid, "child", S_IFDIR | 0755);
	expect(ldiskfs_inode(child)->i_mode == (S_IFDIR | 0755));
	expect(unlink_name(top, "sgid", sgid) == -ENOTEMPTY);
	expect(!unlink_name(sgid, "child", child));
	ldiskfs_object_put(child);
	expect(!unlink_name(top, "sgid", sgid));
	ldiskfs_object_put(sgid);

	expect(!unlink_name(top, "file", obj));
	expect(ldiskfs_inode(obj)->i_nlink == 0);
	expect(find_error(&fid) == -ENOENT);
	ldiskfs_object_put(obj);
	expect(find_error(&fid) == -ENOENT);
}

static void test_undo(void)
{
	struct lu_fid fid = { .f_seq = SEQ, .f_oid = ++next_oid };
	struct ldiskfs_attr attr = { .mode = S_IFDIR | 0700 };
	struct qstr q = QSTR_INIT("undone", 6);
	struct ldiskfs_tx *tx = new_tx();
	struct ldiskfs_object *obj;

	expect(!ldiskfs_declare_create(tx, top, &attr) && !ldiskfs_tx_start(tx));
	obj = ldiskfs_create(tx, top, &q, &fid, &attr);
	expect(!IS_ERR(obj));
	ldiskfs_create_undo(tx, top, &q, obj);
	ldiskfs_object_put(obj);
	expect(!ldiskfs_tx_stop(tx, false));
	expect(find_error(&fid) == -ENOENT);
	obj = create_fid(top, "undone", &attr, &fid);
	expect(!IS_ERR(obj) && !unlink_name(top, "undone", obj));
	ldiskfs_object_put(obj);
}

static void test_special(void)
{
	struct ldiskfs_object *obj = create(top, "symlink", S_IFLNK | 0777);
	struct ldiskfs_attr attr = { .mode = S_IFCHR | 0600, .rdev = MKDEV(1, 3) };
	struct lu_fid fid = { .f_seq = SEQ, .f_oid = ++next_oid };
	char link[16];

	expect(!IS_ERR(obj));
	expect(ldiskfs_readlink(obj, link, sizeof(link)) == 8 && !memcmp(link, "where/to", 8));
	expect(ldiskfs_readlink(obj, link, 7) == -ERANGE);
	expect(ldiskfs_readlink(top, link, sizeof(link)) == -EINVAL);
	expect(!unlink_name(top, "symlink", obj));
	ldiskfs_object_put(obj);
	obj = create_fid(top, "null", &attr, &fid);
	expect(!IS_ERR(obj) && ldiskfs_inode(obj)->i_rdev == MKDEV(1, 3));
	expect(!unlink_name(top, "null", obj));
	ldiskfs_object_put(obj);
}

static void test_rename(void)
{
	struct ldiskfs_object *a = create(top, "a", S_IFREG | 0600), *b = create(top, "b", S_IFREG | 0600);
	struct ldiskfs_object *d = create(top, "d", S_IFDIR | 0700), *e = create(d, "e", S_IFDIR | 0700);
	struct ldiskfs_object *f = create(top, "f", S_IFDIR | 0700), *up;
	struct lu_fid bfid = *ldiskfs_fid(b);

	expect(!link_name(d, "a2", a));
	expect(link_name(d, "a2", a) == -EEXIST);
	expect(link_name(top, "d2", d) == -EPERM);
	expect(!rename_name(top, "a", d, "a2", a, a));		/* the same file: nothing */
	expect(is_named(top, "a", a) && is_named(d, "a2", a));
	expect(!rename_name(top, "a", top, "b", a, b));
	expect(is_named(top, "b", a) && !is_named(top, "a", a));
	expect(find_error(&bfid) == -ENOENT);
	expect(rename_name(top, "nothing", top, "c", a, NULL) == -ENOENT);
	expect(rename_name(top, "b", d, "e", a, e) == -EISDIR);
	expect(rename_name(top, "d", top, "b", d, a) == -ENOTDIR);
	expect(rename_name(top, "f", top, "d", f, d) == -ENOTEMPTY);
	expect(rename_name(top, "d", e, "x", d, NULL) == -EINVAL);
	expect(rename_name(top, "b", top, "f", a, NULL) == -EEXIST);
	expect(!rename_name(d, "e", f, "e", e, NULL));
	up = ldiskfs_parent(e);
	expect(up == f);
	ldiskfs_object_put(up);
	expect(!rename_name(f, "e", top, "e", e, NULL));
	expect(!rename_name(top, "e", top, "f", e, f));		/* over an empty directory */
	expect(is_named(top, "f", e));
	expect(!unlink_name(d, "a2", a) && ldiskfs_inode(a)->i_nlink == 1);
	expect(!find_error(ldiskfs_fid(a)));
	expect(!unlink_name(top, "b", a) && !unlink_name(top, "f", e) && !unlink_name(top, "d", d));
	ldiskfs_object_put(a);
	ldiskfs_object_put(b);
	ldiskfs_object_put(d);
	ldiskfs_object_put(e);
	ldiskfs_object_put(f);
}

struct listing {
	u64	last, stop_at;
	u32	seen, limit;
	bool	sorted, fids;
};

static bool list_one(void *arg, const char *name, int len, u64 hash, const struct lu_fid *fid,
		     unsigned int d_type)
{
	struct listing *list = arg;

	if (list->seen == list->limit) {
		list->stop_at = hash;
		return false;
	}
	list->sorted &= list->last <= hash;
	list->last = hash;
	if (name[0] != '.')
		list->fids &= fid->f_seq == SEQ && d_type == DT_REG;
	list->seen++;
	return true;
}

static void test_readdir(void)
{
	struct ldiskfs_object *dir = create(top, "many", S_IFDIR | 0700), *obj;
	struct listing list = { .sorted = true, .fids = true };
	u32 i, total = 300, calls = 0;
	char name[64];

	for (i = 0; i < total; i++) {
		snprintf(name, sizeof(name), "a name that is somewhat longer than most %u", i);
		obj = create(dir, name, S_IFREG | 0600);
		expect(!IS_ERR(obj));
		ldiskfs_object_put(obj);
	}
	do {
		u64 from = list.stop_at;

		list.stop_at = 0;
		list.limit = list.seen + 50;
		expect(!ldiskfs_readdir(dir, from, list_one, &list));
	} while (list.stop_at && calls++ < 100);
	expect(list.seen == total + 2);
	expect(list.sorted && list.fids);
	for (i = 0; i < total; i++) {
		struct qstr q = QSTR_INIT(name, 0);

		q.len = snprintf(name, sizeof(name), "a name that is somewhat longer than most %u", i);
		obj = ldiskfs_lookup(dir, &q);
		expect(!IS_ERR(obj) && !unlink_name(dir, name, obj));
		ldiskfs_object_put(obj);
	}
	expect(!unlink_name(top, "many", dir));
	ldiskfs_object_put(dir);
}

/* --- attributes --- */

static void test_attr(void)
{
	struct ldiskfs_object *obj = create(top, "attr", S_IFREG | 0600);
	struct iattr ia = {
		.ia_valid = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME | ATTR_MTIME | ATTR_CTIME,
		.ia_mode = 06751, .ia_uid = KUIDT_INIT(7001), .ia_gid = KGIDT_INIT(7002),
		.ia_atime = { 11, 12 }, .ia_mtime = { 13, 14 }, .ia_ctime = { 15, 16 },
	};
	struct inode *inode = ldiskfs_inode(obj);

	expect(!set_attr(obj, &ia));
	expect(inode->i_mode == (S_IFREG | 06751) && inode->i_uid.val == 7001 && inode->i_gid.val == 7002);
	expect(inode_get_atime(inode).tv_sec == 11 && inode_get_atime(inode).tv_nsec == 12);
	expect(inode_get_mtime(inode).tv_sec == 13);
	expect(inode_get_ctime(inode).tv_sec == 15 && inode_get_ctime(inode).tv_nsec == 16);
	expect(!unlink_name(top, "attr", obj));
	ldiskfs_object_put(obj);
}

static void test_xattr(void)
{
	struct ldiskfs_object *obj = create(top, "xattr", S_IFREG | 0600);
	char *big = kvmalloc(XATTR_SIZE_MAX, GFP_KERNEL), *back = kvmalloc(XATTR_SIZE_MAX, GFP_KERNEL);
	char list[200];

	memset(big, 'x', XATTR_SIZE_MAX);
	expect(!set_xattr(obj, "trusted.lov", big, 100, XATTR_CREATE));
	expect(set_xattr(obj, "trusted.lov", big, 100, XATTR_CREATE) == -EEXIST);
	expect(set_xattr(obj, "trusted.none", big, 100, XATTR_REPLACE) == -ENODATA);
	expect(set_xattr(obj, "trusted.none", NULL, 0, 0) == -ENODATA);
	expect(!set_xattr(obj, "user.big", big, 65536, 0));
	big[65535] = 'y';
	expect(!set_xattr(obj, "user.big", big, 65536, 0));
	expect(ldiskfs_getxattr(obj, "user.big", back, XATTR_SIZE_MAX) == 65536 && !memcmp(big, back, 65536));
	expect(!set_xattr(obj, "security.some", big, 3000, 0));
	expect(ldiskfs_getxattr(obj, "security.some", NULL, 0) == 3000);
	expect(ldiskfs_getxattr(obj, "security.some", back, 100) == -ERANGE);
	expect(ldiskfs_listxattr(obj, list, sizeof(list)) ==
	       sizeof("trusted.lma") + sizeof("trusted.lov") + sizeof("user.big") + sizeof("security.some"));
	expect(!set_xattr(obj, "user.big", NULL, 0, 0));
	expect(ldiskfs_getxattr(obj, "user.big", back, XATTR_SIZE_MAX) == -ENODATA);
	expect(!unlink_name(top, "xattr", obj));
	ldiskfs_object_put(obj);
	kvfree(big);
	kvfree(back);
}

struct small_acl {
	struct posix_acl_xattr_header	head;
	struct posix_acl_xattr_entry	entry[5];
};

static void test_acl(void)
{
	struct small_acl acl = {
		.head.a_version = cpu_to_le32(POSIX_ACL_XATTR_VERSION),
		.entry = {
			{ cpu_to_le16(ACL_USER_OBJ), cpu_to_le16(7), cpu_to_le32(ACL_UNDEFINED_ID) },
			{ cpu_to_le16(ACL_USER), cpu_to_le16(5), cpu_to_le32(4711) },
			{ cpu_to_le16(ACL_GROUP_OBJ), cpu_to_le16(4), cpu_to_le32(ACL_UNDEFINED_ID) },
			{ cpu_to_le16(ACL_MASK), cpu_to_le16(5), cpu_to_le32(ACL_UNDEFINED_ID) },
			{ cpu_to_le16(ACL_OTHER), cpu_to_le16(0), cpu_to_le32(ACL_UNDEFINED_ID) },
		},
	}, back;
	struct ldiskfs_object *dir = create(top, "acl", S_IFDIR | 0777), *child;
	struct iattr ia = { .ia_valid = ATTR_MODE, .ia_mode = 0710 };
	char list[200];

	expect(!set_xattr(dir, XATTR_NAME_POSIX_ACL_ACCESS, &acl, sizeof(acl), 0));
	expect((ldiskfs_inode(dir)->i_mode & 0777) == 0750);
	expect(!set_xattr(dir, XATTR_NAME_POSIX_ACL_DEFAULT, &acl, sizeof(acl), XATTR_CREATE));
	expect(ldiskfs_getxattr(dir, XATTR_NAME_POSIX_ACL_DEFAULT, &back, sizeof(back)) == sizeof(back));
	expect(!memcmp(&acl, &back, sizeof(acl)));
	expect(ldiskfs_listxattr(dir, list, sizeof(list)) ==
	       sizeof("trusted.lma") + sizeof(XATTR_NAME_POSIX_ACL_ACCESS) + sizeof(XATTR_NAME_POSIX_ACL_DEFAULT));
	expect(!set_attr(dir, &ia));
	expect(ldiskfs_getxattr(dir, XATTR_NAME_POSIX_ACL_ACCESS, &back, sizeof(back)) == sizeof(back));
	expect(back.entry[3].e_perm == cpu_to_le16(1));
	child = create(dir, "child", S_IFREG | 04666);
	expect(!IS_ERR(child) && ldiskfs_inode(child)->i_mode == (S_IFREG | 04640));
	expect(ldiskfs_getxattr(child, XATTR_NAME_POSIX_ACL_ACCESS, &back, sizeof(back)) == sizeof(back));
	expect(back.entry[3].e_perm == cpu_to_le16(4));
	expect(set_xattr(child, XATTR_NAME_POSIX_ACL_ACCESS, "junk", 4, 0) < 0);
	expect(!set_xattr(dir, XATTR_NAME_POSIX_ACL_DEFAULT, NULL, 0, 0));
	expect(set_xattr(dir, XATTR_NAME_POSIX_ACL_DEFAULT, NULL, 0, 0) == -ENODATA);
	expect(!unlink_name(dir, "child", child) && !unlink_name(top, "acl", dir));
	ldiskfs_object_put(child);
	ldiskfs_object_put(dir);
}

/* --- data --- */

static struct page *pages[PAGES];

static unsigned int fill_bvec(struct bio_vec *bv, u64 pos, size_t len)
{
	unsigned int n = 0;

	while (len) {
		unsigned int offset = offset_in_page(pos), part = min_t(size_t, len, PAGE_SIZE - offset);

		bvec_set_page(&bv[n], pages[n], part, offset);
		n++;
		pos += part;
		len -= part;
	}
	return n;
}

static void set_pages(u8 value)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		memset(page_address(pages[i]), value, PAGE_SIZE);
}

static ssize_t put_data(struct ldiskfs_object *obj, u64 pos, size_t len, u8 value)
{
	struct bio_vec bv[PAGES];

	set_pages(value);
	return ldiskfs_write(obj, pos, bv, fill_bvec(bv, pos, len), len);
}

/* Return: bytes read; all of them must be @value. */
static ssize_t get_data(struct ldiskfs_object *obj, u64 pos, size_t len, u8 value)
{
	struct bio_vec bv[PAGES];
	unsigned int nr = fill_bvec(bv, pos, len), i;
	ssize_t n, left;

	set_pages(0xee);
	n = ldiskfs_read(obj, pos, bv, nr, len);
	for (i = 0, left = n; left > 0; i++) {
		unsigned int part = min_t(size_t, left, bv[i].bv_len);

		if (memchr_inv(page_address(bv[i].bv_page) + bv[i].bv_offset, value, part))
			return -EBADMSG;
		left -= part;
	}
	return n;
}

static void test_data(void)
{
	struct lu_fid fid = { .f_seq = FID_SEQ_IDIF_MIN + 0x50000, .f_oid = 0xfffffff0 };
	struct ldiskfs_attr attr = { .mode = S_IFREG | 0666 };
	struct ldiskfs_tx *tx = new_tx();
	struct ldiskfs_object *obj;
	struct inode *inode;

	expect(!ldiskfs_declare_create_data(tx, &fid) && !ldiskfs_tx_start(tx));
	obj = ldiskfs_create_data(tx, &fid, &attr);
	expect(!IS_ERR(obj) && !ldiskfs_tx_stop(tx, false));
	inode = ldiskfs_inode(obj);

	expect(put_data(obj, 0, 65536, 1) == 65536 && i_size_read(inode) == 65536);
	expect(get_data(obj, 0, 65536, 1) == 65536);			/* direct */
	expect(get_data(obj, 0, 4096, 1) == 4096);			/* cached */
	expect(put_data(obj, 65536, 777, 2) == 777 && i_size_read(inode) == 66313);
	expect(get_data(obj, 65536, 4096, 2) == 777);
	expect(put_data(obj, 100, 70000, 3) == 70000);			/* head, body, tail */
	expect(get_data(obj, 0, 100, 1) == 100 && get_data(obj, 100, 70000, 3) == 70000);
	expect(get_data(obj, 4096, 65536, 3) == 65536);
	expect(put_data(obj, 4096, 32768, 4) == 32768);			/* over what is cached */
	expect(get_data(obj, 4096, 4096, 4) == 4096 && get_data(obj, 4096, 32768, 4) == 32768);
	expect(get_data(obj, 36864, 1000, 3) == 1000);
	expect(get_data(obj, 1 << 20, 4096, 0) == 0);

	expect(!ldiskfs_truncate(obj, 5000) && i_size_read(inode) == 5000);
	expect(!ldiskfs_truncate(obj, 200000) && get_data(obj, 5000, 65536, 0) == 65536);
	expect(ldiskfs_seek(obj, 5000, SEEK_HOLE) == 8192);
	expect(ldiskfs_seek(obj, 9000, SEEK_DATA) == -ENXIO);
	expect(!ldiskfs_fallocate(obj, 0, 0, 1 << 20) && i_size_read(inode) == 1 << 20);
	expect(get_data(obj, 4096, 904, 4) == 904);
	expect(put_data(obj, 512 << 10, 65536, 5) == 65536);
	expect(!ldiskfs_fallocate(obj, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 520 << 10, 16384));
	expect(get_data(obj, 520 << 10, 16384, 0) == 16384 && get_data(obj, 512 << 10, 8192, 5) == 8192);
	expect(!ldiskfs_fsync(obj) && !ldiskfs_sync(stress_dev));

	tx = new_tx();
	expect(!ldiskfs_declare_destroy_data(tx, obj) && !ldiskfs_tx_start(tx));
	expect(!ldiskfs_destroy_data(tx, obj) && !ldiskfs_tx_stop(tx, false));
	expect(find_error(&fid) == -ENOENT);
	ldiskfs_object_put(obj);
}

static void test_path(void)
{
	struct ldiskfs_object *obj = ldiskfs_mkpath(stress_dev, "/CONFIGS/some/log", S_IFREG | 0644), *again;
	struct ldiskfs_tx *tx = new_tx();
	char text[300], back[300];

	expect(!IS_ERR(obj) && fid_is_zero(ldiskfs_fid(obj)));
	again = ldiskfs_mkpath(stress_dev, "/CONFIGS/some/log", S_IFREG | 0644);
	expect(again == obj);
	ldiskfs_object_put(again);
	expect(ldiskfs_mkpath(stress_dev, "/CONFIGS/some", S_IFREG | 0644) == ERR_PTR(-EISDIR));
	memset(text, 'l', sizeof(text));
	expect(!ldiskfs_declare_log_write(tx, obj, 8000, sizeof(text)) && !ldiskfs_tx_start(tx));
	expect(!ldiskfs_log_write(tx, obj, 8000, text, sizeof(text)) && !ldiskfs_tx_stop(tx, true));
	expect(ldiskfs_log_read(obj, 8000, back, sizeof(back)) == sizeof(back));
	expect(!memcmp(text, back, sizeof(text)));
	expect(ldiskfs_log_read(obj, 8200, back, sizeof(back)) == 100);
	ldiskfs_object_put(obj);
	expect(!ldiskfs_rmpath(stress_dev, "/CONFIGS/some/log"));
	expect(ldiskfs_rmpath(stress_dev, "/CONFIGS/some/log") == -ENOENT);
	expect(!ldiskfs_rmpath(stress_dev, "/CONFIGS/some"));
}

int stress_api(void)
{
	unsigned int i;

	faults = 0;
	next_oid = 0;
	top = ldiskfs_mkpath(stress_dev, "/api", S_IFDIR | 0755);
	if (IS_ERR(top))
		return PTR_ERR(top);
	for (i = 0; i < PAGES; i++)
		pages[i] = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	test_create();
	test_undo();
	test_special();
	test_rename();
	test_readdir();
	test_attr();
	test_xattr();
	test_acl();
	test_data();
	test_path();
	for (i = 0; i < PAGES; i++)
		__free_page(pages[i]);
	ldiskfs_object_put(top);
	top = NULL;
	pr_notice("stress: interface: %u faults\n", faults);
	return faults ? -EUCLEAN : 0;
}

/* --- stale blocks of the journal --- */

/*
 * Blocks go through the journal, are freed, and hold data of another file: a replay
 * must not bring the old contents back. Fills the disk so that they are reused.
 */
int stress_stale_before(void)
{
	struct lu_fid fid = { .f_seq = FID_SEQ_IDIF_MIN + 0x60000, .f_oid = 1 };
	struct ldiskfs_attr attr = { .mode = S_IFREG | 0666 };
	struct ldiskfs_object *obj;
	struct ldiskfs_tx *tx;
	char *block = kvmalloc(PAGE_SIZE, GFP_KERNEL);
	unsigned int i;
	u64 pos = 0;

	faults = 0;
	memset(block, 0xaa, PAGE_SIZE);
	obj = ldiskfs_mkpath(stress_dev, "/stale", S_IFREG | 0644);
	expect(!IS_ERR(obj));
	for (i = 0; i < 100; i++) {
		tx = new_tx();
		expect(!ldiskfs_declare_log_write(tx, obj, i * PAGE_SIZE, PAGE_SIZE) && !ldiskfs_tx_start(tx));
		expect(!ldiskfs_log_write(tx, obj, i * PAGE_SIZE, block, PAGE_SIZE));
		expect(!ldiskfs_tx_stop(tx, false));
	}
	kvfree(block);
	expect(!ldiskfs_sync(stress_dev));
	ldiskfs_object_put(obj);
	expect(!ldiskfs_rmpath(stress_dev, "/stale"));

	for (i = 0; i < PAGES; i++)
		pages[i] = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	tx = new_tx();
	expect(!ldiskfs_declare_create_data(tx, &fid) && !ldiskfs_tx_start(tx));
	obj = ldiskfs_create_data(tx, &fid, &attr);
	expect(!IS_ERR(obj) && !ldiskfs_tx_stop(tx, true));
	while (put_data(obj, pos, PAGES * PAGE_SIZE, 0x55) > 0)
		pos += PAGES * PAGE_SIZE;
	while (put_data(obj, pos, PAGE_SIZE, 0x55) > 0)
		pos += PAGE_SIZE;
	expect(!ldiskfs_sync(stress_dev));
	pr_notice("stress: filled with %llu bytes\n", pos);
	ldiskfs_object_put(obj);
	for (i = 0; i < PAGES; i++)
		__free_page(pages[i]);
	return faults ? -EUCLEAN : 0;
}

int stress_stale_after(void)
{
	struct lu_fid fid = { .f_seq = FID_SEQ_IDIF_MIN + 0x60000, .f_oid = 1 };
	struct ldiskfs_object *obj = ldiskfs_find(stress_dev, &fid);
	unsigned int i;
	u64 pos, size;

	if (IS_ERR(obj))
		return PTR_ERR(obj);
	faults = 0;
	for (i = 0; i < PAGES; i++)
		pages[i] = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	size = i_size_read(ldiskfs_inode(obj));
	for (pos = 0; pos < size; pos += PAGES * PAGE_SIZE)
		expect(get_data(obj, pos, PAGES * PAGE_SIZE, 0x55) > 0);
	for (i = 0; i < PAGES; i++)
		__free_page(pages[i]);
	ldiskfs_object_put(obj);
	pr_notice("stress: %llu bytes compared: %u faults\n", size, faults);
	return faults || !size ? -EUCLEAN : 0;
}
