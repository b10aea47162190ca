# SPDX-License-Identifier: GPL-2.0
"""The FID index of a target is mended from its files: after a restore of single files, a loss, an error."""

import _fidcheck
from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["256M"], "oss": ["256M"]}
KERNELS = ("6.12",)


def setup(c):
    c.fidcheck = _fidcheck.build()
    c.fs = FileSystem(c)
    c.fs.format()
    c.fs.start()
    c.fs.mount(options="user_xattr")
    c.c1.run(f"cd {c.fs.mnt} && mkdir -p d/e && cp -a /etc/. d/e && ln d/e/passwd hard && ln -s x sym && "
             f"head -c 3M /dev/urandom > big && setfattr -n user.a -v b big && sync", timeout=300)
    c.before = listing(c)


def teardown(c):
    c.fs.down()


def listing(c):
    """Names, inode numbers (they are FIDs), sizes and contents, as the client sees them."""
    return c.c1.out(f"cd {c.fs.mnt} && find . -printf '%p %i %m %n %l\\n' | sort; find . -type f | sort | xargs -d '\\n' md5sum; "
                    f"getfattr -n user.a big", timeout=300)


def with_disks(c, commands):
    """Run commands on the disks of both targets while they are mounted as ext4, not as targets."""
    c.fs.down()
    for node in (c.mds, c.oss):
        node.run(f"mkdir -p /mnt/raw && mount -t ext4 /dev/vda /mnt/raw && cd /mnt/raw && {{ {commands}; }} && "
                 "cd / && umount /mnt/raw", timeout=300)
        node.run("dmesg -C")


def comes_back(c, says, also=None):
    c.fs.start()
    c.fs.mount(options="user_xattr")
    assert listing(c) == c.before
    for node in (c.mds, c.oss):
        node.wait_for(f"dmesg | grep -q '{says}'")
    c.c1.run(f"cd {c.fs.mnt} && echo more > more && sync more && rm more", timeout=120)
    c.fs.down()
    for node in (c.mds, c.oss):
        assert node.fsck(0, also=also)
    c.fs.start()
    c.fs.mount(options="user_xattr")


def test_restored_files_get_a_new_index(c):
    with_disks(c, "tar --xattrs '--xattrs-include=*' -cf /tmp/backup.tar --exclude=./lost+found . && "
                  "find . -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -r {} + && "
                  "tar --xattrs '--xattrs-include=*' -xpf /tmp/backup.tar && rm /tmp/backup.tar")
    comes_back(c, "FID index was made from", also=c.fidcheck)


def test_index_that_is_gone_is_made_again(c):
    with_disks(c, "rm fidindex*")
    comes_back(c, "FID index was made from", also=c.fidcheck)


def test_lost_entries_are_mended_when_a_file_is_met(c):
    with_disks(c, "cp fidindex /tmp/i && for b in 1 2 3 4 5 6; do "
                  "dd if=/dev/zero of=fidindex bs=4096 seek=$b count=1 conv=notrunc status=none; done && "
                  "sync && ! cmp -s fidindex /tmp/i && rm /tmp/i")
    # objects that no file uses yet are met, and mended, when one does
    comes_back(c, "FID index had lost")
