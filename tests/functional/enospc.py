# SPDX-License-Identifier: GPL-2.0
"""Full disks: an error says so at the right place, nothing that was accepted is lost, and room comes back."""

from cluster import each
from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1", "c2"]
DISKS = {"mds": ["96M"], "oss": ["192M"]}
KERNELS = ("6.12",)


def setup(c):
    c.fs = FileSystem(c)
    c.mds.run(f"mkfs.lustre --fsname={c.fs.name} --mgs --mdt --index=0 --mkfsoptions='-N 3000' {c.mds.disks[0]}",
              timeout=300)
    c.oss.run(f"mkfs.lustre --fsname={c.fs.name} --ost --index=0 --mgsnode={c.fs.mgs_nid} {c.oss.disks[0]}",
              timeout=300)
    each(c.nodes, lambda n: n.run("modprobe ptlrpc && lctl set_param timeout=40 at_history=20"))
    c.fs.start()
    c.fs.mount(options="user_xattr")


def teardown(c):
    c.fs.down()


def free_kb(c):
    """What the OST itself has: df shows what it had when the MDT asked it last."""
    return int(c.oss.out("lctl get_param -n obdfilter.*.kbytesavail"))


def fails_for_space(node, cmd):
    r = node.run(cmd, check=False, timeout=300)
    assert r.status and "No space left on device" in r.err, f"{cmd}: {r.status}\n{r.out}{r.err}"


def gets_back(c, kb):
    """Objects are destroyed by the MDT some time after the names are gone."""
    c.oss.wait_for(f"[ $(lctl get_param -n obdfilter.*.kbytesavail) -ge {kb * 9 // 10} ]", timeout=120)


def test_full_ost_fails_writers_and_recovers(c):
    c.c1.run(f"cd {c.fs.mnt} && echo keep > kept && sync kept")
    before = free_kb(c)
    fails_for_space(c.c1, f"dd if=/dev/zero of={c.fs.mnt}/direct bs=1M oflag=direct")
    # what is left was promised to clients; 8 MiB: what is never promised, the last write, what ext4 keeps
    left, granted = free_kb(c), int(c.oss.out("lctl get_param -n obdfilter.*.tot_granted")) // 1024
    assert left < granted + 8192, (left, granted)
    fails_for_space(c.c2, f"dd if=/dev/zero of={c.fs.mnt}/cached bs=1M count=64 conv=fsync")
    fails_for_space(c.c2, f"fallocate -l 64M {c.fs.mnt}/allocated")
    c.c2.run(f"grep -q keep {c.fs.mnt}/kept && rm {c.fs.mnt}/direct {c.fs.mnt}/cached {c.fs.mnt}/allocated")
    gets_back(c, before)
    c.c2.run(f"dd if=/dev/zero of={c.fs.mnt}/again bs=1M count=16 conv=fsync && rm {c.fs.mnt}/again")


def test_overwriting_needs_no_space(c):
    before = free_kb(c)
    c.c1.run(f"dd if=/dev/zero of={c.fs.mnt}/old bs=1M count=4 conv=fsync")
    fails_for_space(c.c1, f"dd if=/dev/zero of={c.fs.mnt}/fill bs=1M oflag=direct")
    c.c1.run(f"dd if=/dev/urandom of={c.fs.mnt}/old bs=1M count=4 conv=notrunc,fsync", timeout=120)
    c.c1.run(f"rm {c.fs.mnt}/fill {c.fs.mnt}/old")
    gets_back(c, before)


def test_cached_writes_that_were_accepted_reach_the_disk(c):
    """c2 takes all space while c1 holds dirty data under grants, which a lost connection must not shrink."""
    before = free_kb(c)
    c.c1.run("sysctl vm.dirty_writeback_centisecs=0")
    # larger than the grant of a new connection
    c.c1.run(f"dd if=/dev/zero of={c.fs.mnt}/grow bs=1M count=32 conv=fsync && rm {c.fs.mnt}/grow")
    gets_back(c, before)
    c.c1.write("/root/writer.py", f"""
import os
accepted = []
for i in range(160):
    fd = os.open(f"{c.fs.mnt}/grant{{i}}", os.O_RDWR | os.O_CREAT)
    try:
        assert os.write(fd, bytes([i]) * 65536) == 65536
    except OSError:
        continue
    accepted.append(fd)
print(len(accepted), flush=True)
input()
for fd in accepted:
    os.fsync(fd)
for i, fd in enumerate(accepted):
    assert len(set(os.pread(fd, 65536, 0))) == 1
print("all there")
""")
    c.c1.run("mkfifo /root/go")
    writer = c.c1.spawn("python3 /root/writer.py < /root/go > /root/said 2>&1")
    hold = c.c1.spawn("exec 3> /root/go; while [ ! -e /root/full ]; do sleep 0.1; done; echo >&3")
    c.c1.wait_for("[ -s /root/said ]", timeout=120)
    c.c1.cut()
    c.c1.wait_for("! lctl get_param -n osc.*.import | grep -q 'state: *FULL'", timeout=120)
    c.c1.heal()
    c.c1.wait_for("lctl get_param -n osc.*.import | grep -q 'state: *FULL'", timeout=120)
    fails_for_space(c.c2, f"dd if=/dev/zero of={c.fs.mnt}/fill bs=256k oflag=direct")
    c.c1.run("touch /root/full")
    hold.wait(timeout=60)
    writer.wait(timeout=120, check=False)
    said = c.c1.read("/root/said").split("\n")
    assert int(said[0]) > 0 and said[1] == "all there", said
    c.c1.run(f"rm {c.fs.mnt}/grant* {c.fs.mnt}/fill")
    gets_back(c, before)


def test_full_mdt_fails_new_names_and_recovers(c):
    """Large attributes take its blocks."""
    c.c1.run(f"mkdir {c.fs.mnt}/m && echo text > {c.fs.mnt}/m/text")
    c.c1.write("/root/fill.py", f"""
import errno, os
os.chdir("{c.fs.mnt}/m")
n = 0
try:
    while True:
        os.mknod(f"p{{n}}", 0o100644)
        os.setxattr(f"p{{n}}", "user.large", b"x" * 30000)
        n += 1
except OSError as e:
    print(n, errno.errorcode[e.errno])
""")
    count, error = c.c1.out("python3 /root/fill.py", timeout=400).split()
    assert error == "ENOSPC" and int(count) > 100, (count, error)
    assert c.c2.out(f"cat {c.fs.mnt}/m/text; ls {c.fs.mnt}/m", timeout=120) == \
        c.c1.out(f"echo text; ls {c.fs.mnt}/m", timeout=120)
    fails_for_space(c.c2, f"for i in $(seq 500); do mkdir {c.fs.mnt}/m/d$i || exit 1; done")
    c.c2.run(f"rm -r {c.fs.mnt}/m", timeout=300)
    c.c2.wait_for(f"mkdir -p {c.fs.mnt}/m && touch {c.fs.mnt}/m/new && rm -r {c.fs.mnt}/m", timeout=60)


def test_no_inodes_fail_new_names_and_recover(c):
    c.c1.run(f"mkdir {c.fs.mnt}/i")
    c.c1.write("/root/names.py", f"import os\nfor i in range(3100): os.mkfifo(f'{c.fs.mnt}/i/p{{i}}')\n")
    fails_for_space(c.c1, "python3 /root/names.py")
    fails_for_space(c.c1, f"touch {c.fs.mnt}/i/file")
    c.c1.run(f"rm -r {c.fs.mnt}/i", timeout=300)
    c.c1.wait_for(f"touch {c.fs.mnt}/i2 && rm {c.fs.mnt}/i2", timeout=60)
