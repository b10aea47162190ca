# SPDX-License-Identifier: GPL-2.0
"""Data-on-MDT: the first 64 KiB of a file are in its inode on the MDT, the rest on an OST."""

import re

from cluster.lustre import FileSystem
from functional._remote import Python, agree_with_one_model, both

NODES = ["mds", "oss", "c1", "c2"]
DISKS = {"mds": ["1G"], "oss": ["1G"]}
KERNELS = ("6.1", "6.12")

DOM = "-E 64K -L mdt -E -1 -c 1 -S 64K"


def setup(c):
    c.fs = FileSystem(c)
    c.fs.up()
    c.c1.wait_for(f"lfs setstripe -c 1 {c.fs.mnt}/ready", timeout=120)
    sh(c, f"lfs setstripe {DOM} .")
    c.a, c.b = Python(c.c1, c.fs.mnt), Python(c.c2, c.fs.mnt)


def sh(c, cmd, node=None):
    return (node or c.c1).run(f"cd {c.fs.mnt} && {cmd}", 300).out


def counted(c, what, name):
    """Bytes that the MDT or the OST has counted under a name of its statistics."""
    node, param = (c.mds, "mdt.*.md_stats") if what == "mdt" else (c.oss, "obdfilter.*.stats")
    found = re.search(rf"^{name} +\d+ samples \[bytes\] \d+ \d+ (\d+)", node.out(f"lctl get_param -n {param}"), re.M)
    return int(found.group(1)) if found else 0


def restart_mdt(c):
    c.mds.kill()
    c.mds.boot()
    c.fs.start_mdt()


def test_a_small_file_is_on_the_mdt_alone(c):
    mdt, ost = counted(c, "mdt", "write_bytes"), counted(c, "ost", "write_bytes")
    sh(c, "echo hello >small && sync")
    assert counted(c, "mdt", "write_bytes") == mdt + 6
    assert counted(c, "ost", "write_bytes") == ost
    text = sh(c, "lfs getstripe small")
    assert re.findall(r"lcme_flags: +(\S+)", text) == ["init", "0"], text
    assert re.findall(r"lmm_pattern: +(\S+)", text) == ["mdt", "raid0"], text
    assert re.search(r"lcm_layout_gen: +2\n", text), text
    assert "l_fid" not in text, text
    assert sh(c, "echo 3 >/proc/sys/vm/drop_caches; cat small; stat -c %s small") == "hello\n6\n"
    assert sh(c, "stat -c %s small; cat small", c.c2) == "6\nhello\n"
    c.a.end()
    c.fs.umount([c.c1])
    c.fs.mount([c.c1])
    c.a = Python(c.c1, c.fs.mnt)
    assert sh(c, "cat small") == "hello\n"
    c.mds.run(f"sync; debugfs -R 'cat /ROOT/small' {c.mds.disks[0]} 2>/dev/null | grep -qx hello")


def test_a_file_grows_past_its_part_on_the_mdt(c):
    c.a("put('grow', noise(65536))")
    assert "l_fid" not in sh(c, "lfs getstripe grow")
    c.a("put('grow', noise(300000))")
    text = sh(c, "lfs getstripe grow")
    assert re.findall(r"lcme_flags: +(\S+)", text) == ["init", "init"], text
    assert c.b("get('grow') == noise(300000)")
    assert c.b("os.stat('grow').st_size") == 300000
    c.a("drop_caches()")
    assert c.a("get('grow') == noise(300000)")
    for size in (70000, 65536, 1000, 0):
        c.b(f"os.truncate('grow', {size})")
        assert c.a("os.stat('grow').st_size") == size
        assert c.a(f"get('grow') == noise(300000)[:{size}]")
    c.b("os.truncate('grow', 100000)")
    assert c.a("get('grow') == bytes(100000)")


def test_what_one_wrote_the_other_reads(c):
    c.a("f = os.open('shared', os.O_RDWR | os.O_CREAT); os.pwrite(f, b'not closed', 0)")
    assert c.b("os.stat('shared').st_size") == 10
    assert c.b("get('shared')") == b"not closed"
    c.b("f = os.open('shared', os.O_RDWR)")
    for i in range(20):
        c.a(f"os.pwrite(f, b'{i:05d}', {i * 3000})")
        assert c.b("os.fstat(f).st_size") == max(10, i * 3000 + 5)
        assert c.b(f"os.pread(f, 5, {i * 3000})") == b"%05d" % i
        c.b(f"os.pwrite(f, b'{i:05d}', {i * 3000 + 5})")
        assert c.a(f"os.pread(f, 10, {i * 3000})") == b"%05d" % i * 2
    both(c, "os.close(f)")


def cold(node):
    node.run("lctl set_param -n ldlm.namespaces.*-mdc-*.lru_size=clear ldlm.namespaces.*-osc-*.lru_size=clear; echo 3 >/proc/sys/vm/drop_caches")


def test_an_open_brings_the_data_of_a_small_file(c):
    c.b("put('little', b'hello'); put('page', noise(8000)); put('more', noise(30000)); put('empty', b'')")
    for node in (c.c2, c.c1):
        sh(c, "sync", node)
        cold(node)
    read = counted(c, "mdt", "read_bytes")
    assert c.a("get('little')") == b"hello"
    assert c.a("get('page') == noise(8000)")
    assert c.a("get('empty')") == b""
    assert counted(c, "mdt", "read_bytes") == read
    # no room for it in the reply
    assert c.a("get('more') == noise(30000)")
    assert counted(c, "mdt", "read_bytes") >= read + 30000
    # what the open brought goes when another client writes
    c.b("put('little', b'J', 'r+b'); put('page', noise(8000, 2), 'r+b')")
    assert c.a("get('little')") == b"Jello"
    assert c.a("get('page') == noise(8000, 2)")
    c.b("os.truncate('page', 100)")
    assert c.a("get('page') == noise(8000, 2)[:100]")


def test_unwritten_data_stays_where_it_is_when_attributes_change(c):
    before = counted(c, "mdt", "write_bytes")
    c.a("put('kept', b'not yet written')")
    c.b("os.chmod('kept', 0o640)")
    assert c.b("os.stat('kept').st_size") == 15
    c.a("os.chmod('kept', 0o600)")
    assert c.b("os.stat('kept').st_mode & 0o777") == 0o600
    assert counted(c, "mdt", "write_bytes") == before
    assert c.b("get('kept')") == b"not yet written"
    assert counted(c, "mdt", "write_bytes") == before + 15
    c.b("os.truncate('kept', 3)")
    assert c.a("get('kept')") == b"not"


def test_random_operations_of_two_clients_agree_with_one_model(c):
    for seed, limit in ((21, 60000), (22, 150000)):
        agree_with_one_model(c, seed, limit, 60)


def test_times_that_are_set_stay(c):
    # what is written but in the cache when they are set does not come after them
    c.b("put('times', b'x' * 100); put('times', b'y' * 50, 'r+b'); os.utime('times', (1000, 2000))")
    assert c.b("os.stat('times').st_mtime") == 2000
    assert c.a("os.stat('times').st_mtime") == 2000
    c.a("put('times', b'z' * 10, 'r+b')")
    assert c.b("os.stat('times').st_mtime > 2000")


def test_a_removed_file_gives_its_blocks_back(c):
    free = f"lfs df {c.fs.mnt} | awk '/MDT0000/ {{ print $4 }}'"
    sh(c, "mkdir many && for i in $(seq 100); do head -c 65536 /dev/urandom >many/$i; done; sync")
    before = int(c.c1.out(free))
    c.b("held = os.open('many/1', os.O_RDONLY)")
    # what a cache still holds of them is not worth writing
    sh(c, "for i in $(seq 100); do echo more >>many/$i; done; rm -r many")
    assert c.b("len(os.pread(held, 65536, 0))") == 65536
    c.b("os.close(held)")
    c.c1.wait_for(f"[ $({free}) -gt {before + 6000} ]", timeout=120)


def test_synced_data_outlives_a_power_cut_of_the_mds(c):
    c.a("f = os.open('synced', os.O_RDWR | os.O_CREAT); os.pwrite(f, noise(150000, 1), 0); os.fsync(f); os.close(f)")
    restart_mdt(c)
    for node, py in ((c.c1, c.a), (c.c2, c.b)):
        node.wait_for(f"cat {c.fs.mnt}/synced >/dev/null", timeout=300)
        assert py("get('synced') == noise(150000, 1)")
    c.a("put('synced', b'after', 'r+b')")
    assert c.b("get('synced')[:5]") == b"after"


def teardown(c):
    c.a.end()
    c.b.end()
    c.fs.down()
