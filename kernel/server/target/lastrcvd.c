// SPDX-License-Identifier: GPL-2.0
/*
 * last_rcvd: the server's record (last transno, mount count) and one record per client
 * with its last change (chapter 02, 12.2). Replies per modify slot are in replydata.c.
 */
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "internal.h"
#include "lastrcvd.h"

#define LR_GROW_CLIENTS	1024	/* records the file grows by */

static u64 client_pos(int slot)
{
	return LR_CLIENT_START + (u64)slot * LR_CLIENT_SIZE;
}

static u64 clients_end(unsigned int nr)
{
	return client_pos(nr);
}

static int lastrcvd_write(struct target *tgt, u64 pos, const void *buf, size_t len, bool sync)
{
	struct target_store *st = tgt->store;
	struct ldiskfs_tx *tx = ldiskfs_tx_alloc(tgt->dev);
	int rc, rc2;

	if (!tx)
		return -ENOMEM;
	rc = ldiskfs_declare_rec_write(tx, st->last_rcvd, pos, len);
	if (!rc)
		rc = ldiskfs_tx_start(tx);
	if (rc) {
		ldiskfs_tx_free(tx);
		return rc;
	}
	rc = ldiskfs_rec_write(tx, st->last_rcvd, pos, buf, len);
	rc2 = ldiskfs_tx_stop(tx, sync);
	return rc ?: rc2;
}

/* Highest transno that any client record mentions. */
static int lastrcvd_scan(struct target *tgt, u64 *transno, unsigned int *clients)
{
	struct target_store *st = tgt->store;
	u64 end = ldiskfs_rec_size(st->last_rcvd);
	struct lsd_client_data *lcd;
	u64 pos;
	int rc = 0;

	lcd = kmalloc(sizeof(*lcd), GFP_KERNEL);
	if (!lcd)
		return -ENOMEM;
	for (pos = LR_CLIENT_START; pos + LR_CLIENT_SIZE <= end; pos += LR_CLIENT_SIZE) {
		rc = ldiskfs_rec_read(st->last_rcvd, pos, lcd, sizeof(*lcd));
		if (rc)
			break;
		*transno = max3(*transno, le64_to_cpu(lcd->lcd_last_transno),
				le64_to_cpu(lcd->lcd_last_close_transno));
		if (!lcd->lcd_uuid[0])
			continue;
		/*
		 * Clients of the last run are not waited for: they come back as new ones
		 * and find themselves evicted (chapter 02, section 12).
		 */
		memset(lcd->lcd_uuid, 0, sizeof(lcd->lcd_uuid));
		rc = lastrcvd_write(tgt, pos, lcd, sizeof(*lcd), false);
		if (rc)
			break;
		++*clients;
	}
	kfree(lcd);
	return rc;
}

/*
 * lastrcvd_open() - read the server's record, count this mount, begin a new epoch
 *
 * Return: 0; -EINVAL if the file belongs to another target.
 */
int lastrcvd_open(struct target *tgt)
{
	struct target_store *st = tgt->store;
	struct lr_server_data *lsd;
	unsigned int clients = 0;
	u64 transno;
	int rc;

	st->slots = vzalloc(BITS_TO_LONGS(TARGET_MAX_CLIENTS) * sizeof(long));
	lsd = kzalloc(sizeof(*lsd), GFP_KERNEL);
	rc = -ENOMEM;
	if (!st->slots || !lsd)
		goto out;
	st->last_rcvd = ldiskfs_rec_open(tgt->dev, "last_rcvd", clients_end(LR_GROW_CLIENTS));
	if (IS_ERR(st->last_rcvd)) {
		rc = PTR_ERR(st->last_rcvd);
		st->last_rcvd = NULL;
		goto out;
	}
	rc = ldiskfs_rec_read(st->last_rcvd, 0, lsd, sizeof(*lsd));
	if (rc)
		goto out;
	if (!lsd->lsd_uuid[0]) {
		memset(lsd, 0, sizeof(*lsd));
		strscpy(lsd->lsd_uuid, tgt->uuid, sizeof(lsd->lsd_uuid));
		lsd->lsd_server_size = cpu_to_le32(LR_SERVER_SIZE);
		lsd->lsd_client_start = cpu_to_le32(LR_CLIENT_START);
		lsd->lsd_client_size = cpu_to_le16(LR_CLIENT_SIZE);
		lsd->lsd_osd_index = cpu_to_le32(tgt->index);
	} else if (strncmp(lsd->lsd_uuid, tgt->uuid, sizeof(lsd->lsd_uuid))) {
		pr_err("%s: last_rcvd belongs to %.40s\n", tgt->svname, lsd->lsd_uuid);
		rc = -EINVAL;
		goto out;
	}
	lsd->lsd_feature_incompat = cpu_to_le32(OBD_INCOMPAT_COMMON_LR | OBD_INCOMPAT_FID |
		(tgt->rpc.connect_op == MDS_CONNECT ? OBD_INCOMPAT_MDT | OBD_INCOMPAT_MULTI_RPCS :
						     OBD_INCOMPAT_OST));
	transno = le64_to_cpu(lsd->lsd_last_transno);
	rc = lastrcvd_scan(tgt, &transno, &clients);
	if (rc)
		goto out;
	if (clients)
		pr_info("%s: %u clients of the last run will be evicted when they reconnect\n",
			tgt->svname, clients);
	/* A new epoch: numbers of different runs never meet (chapter 02, 12.1). */
	st->last_transno = ((transno >> 32) + 1) << 32;
	st->last_committed = st->last_transno;
	lsd->lsd_last_transno = cpu_to_le64(st->last_transno);
	lsd->lsd_start_epoch = cpu_to_le32(st->last_transno >> 32);
	le64_add_cpu(&lsd->lsd_mount_count, 1);
	tgt->instance = le64_to_cpu(lsd->lsd_mount_count);
	rc = lastrcvd_write(tgt, 0, lsd, sizeof(*lsd), true);
out:
	kfree(lsd);
	if (rc)
		lastrcvd_close(tgt);
	return rc;
}

void lastrcvd_close(struct target *tgt)
{
	struct target_store *st = tgt->store;

	if (st->last_rcvd)
		ldiskfs_rec_close(st->last_rcvd);
	st->last_rcvd = NULL;
	vfree(st->slots);
	st->slots = NULL;
}

static int slot_get(struct target *tgt)
{
	struct target_store *st = tgt->store;
	int slot, rc = 0;

	spin_lock(&st->lock);
	slot = find_first_zero_bit(st->slots, TARGET_MAX_CLIENTS);
	if (slot < TARGET_MAX_CLIENTS)
		__set_bit(slot, st->slots);
	spin_unlock(&st->lock);
	if (slot >= TARGET_MAX_CLIENTS)
		return -EUSERS;
	mutex_lock(&st->grow);
	if (client_pos(slot) + LR_CLIENT_SIZE > ldiskfs_rec_size(st->last_rcvd))
		rc = ldiskfs_rec_grow(st->last_rcvd, clients_end(slot + LR_GROW_CLIENTS));
	mutex_unlock(&st->grow);
	if (!rc)
		return slot;
	spin_lock(&st->lock);
	__clear_bit(slot, st->slots);
	spin_unlock(&st->lock);
	return rc;
}

static void slot_put(struct target *tgt, int slot)
{
	struct target_store *st = tgt->store;

	spin_lock(&st->lock);
	__clear_bit(slot, st->slots);
	spin_unlock(&st->lock);
}

/*
 * lastrcvd_add_client() - give a new client its record
 *
 * The record need not be on disk yet: until it is, the client's changes are synchronous
 * (target_tx_stop()).
 */
int lastrcvd_add_client(struct target *tgt, struct target_export *te)
{
	struct lsd_client_data lcd = {};
	int slot = slot_get(tgt);
	int rc;

	if (slot < 0)
		return slot;
	strscpy(lcd.lcd_uuid, te->exp->uuid, sizeof(lcd.lcd_uuid));
	rc = lastrcvd_write(tgt, client_pos(slot), &lcd, sizeof(lcd), false);
	if (rc) {
		slot_put(tgt, slot);
		return rc;
	}
	te->slot = slot;
	return 0;
}

/* lastrcvd_del_client() - forget a client that left or was evicted */
void lastrcvd_del_client(struct target *tgt, struct target_export *te)
{
	struct lsd_client_data lcd = {};
	int rc;

	if (te->slot < 0)
		return;
	/* its last transno must not be lost: the next run numbers on from it */
	lcd.lcd_last_transno = cpu_to_le64(tgt->store->last_transno);
	rc = lastrcvd_write(tgt, client_pos(te->slot), &lcd, sizeof(lcd), false);
	if (rc)
		pr_warn("%s: cannot remove the record of %s: %d\n", tgt->svname, te->exp->uuid, rc);
	slot_put(tgt, te->slot);
	te->slot = -1;
}

int lastrcvd_declare(struct target *tgt, struct target_export *te, struct ldiskfs_tx *tx)
{
	struct target_store *st = tgt->store;

	if (!te || te->slot < 0)
		return ldiskfs_declare_rec_write(tx, st->last_rcvd,
						 offsetof(struct lr_server_data, lsd_last_transno), 8);
	return ldiskfs_declare_rec_write(tx, st->last_rcvd, client_pos(te->slot), LR_CLIENT_SIZE);
}

/*
 * lastrcvd_update() - put a transno into the client's record, or the server's without one
 *
 * Context: inside the transaction that lastrcvd_declare() saw.
 */
int lastrcvd_update(struct target *tgt, struct target_export *te, struct ldiskfs_tx *tx,
		    u64 transno, u64 xid, int result, u64 data)
{
	struct target_store *st = tgt->store;
	struct lsd_client_data lcd = {};
	__le64 last = cpu_to_le64(transno);

	if (!te || te->slot < 0)
		return ldiskfs_rec_write(tx, st->last_rcvd,
					 offsetof(struct lr_server_data, lsd_last_transno),
					 &last, sizeof(last));
	strscpy(lcd.lcd_uuid, te->exp->uuid, sizeof(lcd.lcd_uuid));
	lcd.lcd_last_transno = last;
	lcd.lcd_last_xid = cpu_to_le64(xid);
	lcd.lcd_last_result = cpu_to_le32(result);
	lcd.lcd_last_data = cpu_to_le32(data);
	lcd.lcd_last_epoch = cpu_to_le32(transno >> 32);
	return ldiskfs_rec_write(tx, st->last_rcvd, client_pos(te->slot), &lcd, sizeof(lcd));
}
