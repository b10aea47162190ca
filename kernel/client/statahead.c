// SPDX-License-Identifier: GPL-2.0
/*
 * Statahead: a process that lists a directory and then looks its entries up in order (ls -l) finds
 * them asked for already, many getattrs in flight. Started by the lookup of the directory's first
 * entry while the process has it open, driven by the lookups that follow: there is no thread.
 *
 * Entries are under the directory's cl_inode.lock. One in flight belongs to its request; one that
 * is done holds the inode, not the lock: a lock in use would keep other clients waiting.
 */
#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include "kernel/client/mdc.h"

#define STATAHEAD_MAX_MISSES	8

struct sa_entry {
	struct list_head	link;
	struct inode		*dir;
	struct cl_intent	it;
	struct qstr		name;
	struct completion	done;
	struct inode		*inode;		/* the result; NULL: ask again */
	unsigned long		name_gen;	/* of it, with its lock in use */
	bool			finished;	/* the request is done with the entry */
	bool			abandoned;	/* nobody waits: the request frees it */
	char			buf[];
};

/**
 * struct cl_statahead - of one directory and process
 * @ref: the directory's, and one of everybody who works with it
 * @window: entries asked for, in directory order; @nr of them
 * @refill: whoever has it asks for more
 * @nr: see @window
 * @misses: lookups in a row of names that were not asked for
 * @hash: position of the next one to ask for
 * @eof: all were asked for
 * @hidden: names with a leading dot are looked up too
 * @stopped: detached from the directory; nothing is added any more
 */
struct cl_statahead {
	struct kref		ref;
	struct list_head	window;
	struct mutex		refill;
	unsigned int		nr;
	unsigned int		misses;
	u64			hash;
	bool			eof;
	bool			hidden;
	bool			stopped;
};

static void sa_release(struct kref *ref)
{
	kfree(container_of(ref, struct cl_statahead, ref));
}

static void sa_put(struct cl_statahead *sa)
{
	if (sa)
		kref_put(&sa->ref, sa_release);
}

static void entry_free(struct sa_entry *e)
{
	if (e->inode)
		iput(e->inode);
	kfree(e);
}

/* The reply of one getattr, in process context */
static void entry_done(void *arg, int rc)
{
	struct sa_entry *e = arg;
	struct inode *dir = e->dir;
	struct cl_inode *ci = CL_I(dir);
	struct cl_fs *fs = cl_fs(dir->i_sb);
	struct inode *inode = NULL;
	bool abandoned;

	if (!rc && e->it.reply.body && e->it.lock)
		inode = cl_iget(fs, &e->it.reply, e->it.lock_bits);
	if (IS_ERR(inode))
		inode = NULL;
	if (inode)
		e->name_gen = READ_ONCE(CL_I(inode)->name_gen);
	cl_intent_done(&e->it);
	cl_limit_put(&fs->mdc->rpcs);
	if (inode && S_ISREG(inode->i_mode))
		cl_glimpse_ahead(inode);

	spin_lock(&ci->lock);
	e->inode = inode;
	e->finished = true;
	abandoned = e->abandoned;
	if (!abandoned)
		complete(&e->done);
	spin_unlock(&ci->lock);
	if (abandoned)
		entry_free(e);
	iput(dir);
	if (atomic_dec_and_test(&fs->closes))
		wake_up_all(&fs->closes_waitq);
}

/* Do we have all of it under locks? Then nobody will ask by name */
static bool cached(struct inode *dir, const struct cl_dirent *de)
{
	struct inode *inode = cl_ilookup(dir->i_sb, &de->fid);
	bool has;

	if (!inode)
		return false;
	has = test_bit(CI_LOOKUP_VALID, &CL_I(inode)->flags) && !hlist_empty(&inode->i_dentry);
	iput(inode);
	return has;
}

/* Ask for one entry; Return: false if there is no room for a request now */
static bool ask(struct inode *dir, struct cl_statahead *sa, const struct cl_dirent *de)
{
	struct cl_fs *fs = cl_fs(dir->i_sb);
	struct cl_inode *ci = CL_I(dir);
	struct sa_entry *e;

	if (cl_limit_get(&fs->mdc->rpcs, true))
		return false;
	e = kzalloc(struct_size(e, buf, de->namelen + 1), GFP_NOFS);
	if (!e)
		goto no_entry;
	memcpy(e->buf, de->name, de->namelen);
	e->name = (struct qstr) QSTR_INIT(e->buf, de->namelen);
	init_completion(&e->done);
	e->it = (struct cl_intent) {
		.op = IT_GETATTR, .dir = dir, .name = &e->name, .fid = de->fid,
		.bits = MDS_INODELOCK_LOOKUP | MDS_INODELOCK_UPDATE,
	};
	e->dir = dir;
	spin_lock(&ci->lock);
	if (sa->stopped) {
		spin_unlock(&ci->lock);
		kfree(e);
		goto no_entry;
	}
	list_add_tail(&e->link, &sa->window);
	sa->nr++;
	spin_unlock(&ci->lock);
	ihold(dir);
	atomic_inc(&fs->closes);
	if (!cl_intent_start(fs, &e->it, entry_done, e))
		return true;

	/* not sent: as if it had failed; the entry is found in the window, without a result */
	entry_done(e, -ENOMEM);
	return false;
no_entry:
	cl_limit_put(&fs->mdc->rpcs);
	return false;
}

static bool wanted(const struct cl_statahead *sa, const struct cl_dirent *de)
{
	if (!de->namelen || (!sa->hidden && de->name[0] == '.'))
		return false;
	return !(de->name[0] == '.' && (de->namelen == 1 || (de->namelen == 2 && de->name[1] == '.')));
}

/* Ask for entries of one page from sa->hash on; Return: false when there was no room */
static bool refill_page(struct inode *dir, struct cl_statahead *sa, const struct lu_dirpage *dp,
			unsigned int max)
{
	const struct lu_dirent *pos;
	struct cl_dirent de;
	bool more;

	for (more = cl_dirpage_first(dp, &pos, &de); more; more = cl_dirpage_next(&pos, &de)) {
		if (de.hash < sa->hash)
			continue;
		if (wanted(sa, &de) && !cached(dir, &de) &&
		    (READ_ONCE(sa->nr) >= max || !ask(dir, sa, &de)))
			return false;
		sa->hash = de.hash + 1;
	}
	if (le64_to_cpu(dp->ldp_hash_end) == MDS_DIR_END_OFF)
		sa->eof = true;
	else
		sa->hash = le64_to_cpu(dp->ldp_hash_end);
	return true;
}

static void refill(struct inode *dir, struct cl_statahead *sa)
{
	unsigned int max = READ_ONCE(cl_fs(dir->i_sb)->statahead_max);
	bool room = true;

	if (!mutex_trylock(&sa->refill))
		return;
	/* in batches: half a window at a time */
	if (READ_ONCE(sa->nr) > max / 2)
		room = false;
	while (room && !sa->eof) {
		struct folio *folio = cl_dir_page(dir, sa->hash);

		if (IS_ERR(folio)) {
			sa->eof = true;
			break;
		}
		room = refill_page(dir, sa, folio_address(folio), max);
		folio_put(folio);
	}
	mutex_unlock(&sa->refill);
}

static bool same_name(const struct qstr *name, const char *other, unsigned int len)
{
	return name->len == len && !memcmp(name->name, other, len);
}

/* Is @name the first entry of the directory, or the first not hidden? Sets where to go on */
static bool begins_listing(struct inode *dir, const struct qstr *name, struct cl_statahead *sa)
{
	struct folio *folio = cl_dir_page(dir, 0);
	const struct lu_dirent *pos;
	struct cl_dirent de;
	bool more, first = true, found = false;

	if (IS_ERR(folio))
		return false;
	for (more = cl_dirpage_first(folio_address(folio), &pos, &de); more;
	     more = cl_dirpage_next(&pos, &de)) {
		sa->hidden = true;
		if (!wanted(sa, &de))
			continue;
		if (first || de.name[0] != '.') {
			found = same_name(name, de.name, de.namelen);
			sa->hidden = de.name[0] == '.';
			sa->hash = de.hash + 1;
		}
		first = false;
		if (found || de.name[0] != '.')
			break;
	}
	folio_put(folio);
	return found;
}

static struct cl_statahead *start(struct inode *dir, const struct qstr *name)
{
	struct cl_inode *ci = CL_I(dir);
	struct cl_statahead *sa;

	sa = kzalloc(sizeof(*sa), GFP_KERNEL);
	if (!sa)
		return NULL;
	kref_init(&sa->ref);
	INIT_LIST_HEAD(&sa->window);
	mutex_init(&sa->refill);
	if (!begins_listing(dir, name, sa)) {
		kfree(sa);
		return NULL;
	}
	spin_lock(&ci->lock);
	if (ci->statahead) {
		kfree(sa);
		sa = NULL;
	} else {
		kref_get(&sa->ref);	/* the caller's */
		ci->statahead = sa;
	}
	spin_unlock(&ci->lock);
	return sa;
}

/* Take @name out of the window, and what lies before it: those were passed over */
static struct sa_entry *take(struct cl_statahead *sa, const struct qstr *name, struct list_head *old)
{
	struct sa_entry *e, *tmp, *found = NULL;

	list_for_each_entry(e, &sa->window, link)
		if (same_name(name, e->buf, e->name.len)) {
			found = e;
			break;
		}
	if (!found)
		return NULL;
	list_for_each_entry_safe(e, tmp, &sa->window, link) {
		sa->nr--;
		if (e == found) {
			list_del_init(&e->link);
			break;
		}
		if (e->finished) {
			list_move(&e->link, old);
		} else {
			list_del(&e->link);
			e->abandoned = true;
		}
	}
	return found;
}

static void free_list(struct list_head *list)
{
	struct sa_entry *e, *tmp;

	list_for_each_entry_safe(e, tmp, list, link)
		entry_free(e);
}

void cl_statahead_stop(struct inode *dir)
{
	struct cl_inode *ci = CL_I(dir);
	struct sa_entry *e, *tmp;
	struct cl_statahead *sa;
	LIST_HEAD(old);

	spin_lock(&ci->lock);
	sa = ci->statahead;
	ci->statahead = NULL;
	if (sa) {
		sa->stopped = true;
		list_for_each_entry_safe(e, tmp, &sa->window, link) {
			if (e->finished) {
				list_move(&e->link, &old);
			} else {
				list_del(&e->link);
				e->abandoned = true;
			}
		}
		sa->nr = 0;
	}
	spin_unlock(&ci->lock);
	free_list(&old);
	sa_put(sa);
}

/* 0 RPCs that the caller waits for beyond its own entry's, which may have come already */
struct inode *cl_statahead_lookup(struct inode *dir, const struct qstr *name, unsigned long *gen)
{
	struct cl_inode *ci = CL_I(dir);
	struct cl_statahead *sa;
	struct sa_entry *e = NULL;
	struct inode *inode;
	LIST_HEAD(old);

	if (READ_ONCE(ci->reader) != current->tgid || !cl_fs(dir->i_sb)->statahead_max)
		return NULL;
	spin_lock(&ci->lock);
	sa = ci->statahead;
	if (sa) {
		kref_get(&sa->ref);
		e = take(sa, name, &old);
		sa->misses = e ? 0 : sa->misses + 1;
	}
	spin_unlock(&ci->lock);
	free_list(&old);
	if (!sa)
		sa = start(dir, name);
	else if (!e && sa->misses > STATAHEAD_MAX_MISSES)
		cl_statahead_stop(dir);
	if (sa)
		refill(dir, sa);
	sa_put(sa);
	if (!e)
		return NULL;
	if (wait_for_completion_killable(&e->done)) {
		spin_lock(&ci->lock);
		e->abandoned = !e->finished;
		spin_unlock(&ci->lock);
		if (!e->abandoned)
			entry_free(e);
		return NULL;
	}
	inode = e->inode;
	*gen = e->name_gen;
	e->inode = NULL;
	entry_free(e);
	if (inode && (!cl_lock_held(inode, MDS_INODELOCK_LOOKUP) || *gen != READ_ONCE(CL_I(inode)->name_gen))) {
		iput(inode);
		inode = NULL;
	}
	return inode;
}
