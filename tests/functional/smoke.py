# SPDX-License-Identifier: GPL-2.0
"""The whole in small, on every kernel: format, mount, store, restart, compare."""

from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1", "c2"]
DISKS = {"mds": ["1G"], "oss": ["1G", "1G"]}
KERNELS = ("6.1", "6.12", "7.2")


def setup(c):
    c.fs = FileSystem(c)
    c.fs.up()


def sums(node, where):
    return node.out(f"cd {where} && find . -type f | sort | xargs -d '\\n' md5sum", 600)


def test_one_client_reads_what_the_other_wrote(c):
    c.c1.run(f"cd {c.fs.mnt} && mkdir d && cp -a /etc/. d && head -c 20M /dev/urandom > big", 600)
    assert sums(c.c2, c.fs.mnt) == sums(c.c1, c.fs.mnt)


def test_files_survive_a_restart_of_everything(c):
    c.c1.run(f"cd {c.fs.mnt} && cp -a /etc/. e", 600)
    before = sums(c.c1, c.fs.mnt)
    c.fs.down()
    c.shutdown()
    assert c.fsck() == 3
    c.boot()
    c.fs.start()
    c.fs.mount()
    assert sums(c.c2, c.fs.mnt) == before


def test_synced_files_survive_a_power_cut_of_everything(c):
    c.c1.run(f"cd {c.fs.mnt} && head -c 10M /dev/urandom | tee one > two && sync", 600)
    c.kill()
    assert c.fsck() == 3
    c.boot()
    c.fs.start()
    c.fs.mount()
    c.c2.run(f"cmp {c.fs.mnt}/one {c.fs.mnt}/two", 600)


def teardown(c):
    c.fs.down()
