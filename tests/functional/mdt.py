# SPDX-License-Identifier: GPL-2.0
"""The MDT: layouts, pools of OSTs, names, orphans; what is on the wire and on disk."""

import contextlib
import json
import os
import re
import struct
import subprocess

from cluster import TOP
from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1", "c2"]
DISKS = {"mds": ["1G"], "oss": ["1G", "1G"]}
KERNELS = ("6.12",)

PFL = "-E 256K -c 1 -S 64K -E 1M -c 2 -S 64K -E -1 -c -1 -S 1M"
MIB = 1 << 20
EOF = 0xffffffffffffffff


def setup(c):
    c.fs = FileSystem(c)
    c.fs.up()
    c.c1.wait_for(f"lfs setstripe -o 0,1 {c.fs.mnt}/ready", timeout=120)


def sh(c, cmd, node=None):
    return (node or c.c1).run(f"cd {c.fs.mnt} && {cmd}", 300).out


def status(c, cmd):
    return c.c1.run(f"cd {c.fs.mnt} && {cmd}", 300, check=False).status


def layout(c, path, node=None):
    """Generation, flags and stripe counts of components."""
    text = sh(c, f"lfs getstripe {path}", node)
    return (int(re.search(r"lcm_layout_gen: +(\d+)", text).group(1)), re.findall(r"lcme_flags: +(\S+)", text),
            [int(n) for n in re.findall(r"lmm_stripe_count: +(-?\d+)", text)])


def objects(c, path):
    """(OST, object id) of each stripe."""
    text = sh(c, f"lfs getstripe {path}")
    found = re.findall(r"l_ost_idx: (\d+), l_fid: +\[0x[0-9a-f]+:(0x[0-9a-f]+):", text) or \
        re.findall(r"^\t +(\d+)\t +\d+\t +(0x[0-9a-f]+)\t", text, re.M)
    assert found, text
    return [(int(ost), int(oid, 16)) for ost, oid in found]


def find_object(c, ost, oid):
    """A command for its OSS that tells whether an object is on the disk."""
    return f"sync; debugfs -R 'stat /O/{0x100000000 | ost << 16:x}/d{oid % 32}/{oid}' {c.fs.osts[ost][1]} 2>&1 | " \
        "grep -q 'Type: regular'"


def on_ost(c, ost, oid):
    return c.fs.osts[ost][0].run(find_object(c, ost, oid), check=False).status == 0


def wait_destroyed(c, objs):
    """Objects that an unlinked file had go when the MDT has committed."""
    for ost, oid in objs:
        c.fs.osts[ost][0].wait_for(f"! ({find_object(c, ost, oid)})", timeout=120)


@contextlib.contextmanager
def wire(c, name):
    """Messages between the nodes as wiretap explains them; it must not complain."""
    path = c.path(name + ".pcap")
    messages = []
    c.start_capture(path, what="port 988")
    try:
        yield messages
    finally:
        c.stop_capture(path)
    r = subprocess.run([os.path.join(TOP, "build/tools/wiretap"), "--json", path], capture_output=True, text=True,
                       check=False)
    assert r.returncode == 0, r.stderr[:2000]
    messages += [json.loads(line) for line in r.stdout.splitlines()]


def rpcs(messages, kind, fmt):
    return [m["PUT"][kind] for m in messages if m.get("PUT", {}).get(kind, {}).get("format") == fmt]


def write_both(c, path, offset, size):
    """Random bytes into a file of the file system and into its model on the node."""
    c.c1.run(f"head -c {size} /dev/urandom >/tmp/chunk && "
             f"for f in {c.fs.mnt}/{path} /tmp/{path}; do "
             f"dd if=/tmp/chunk of=$f bs={size} oflag=seek_bytes seek={offset} conv=notrunc,fsync status=none || exit 1; done", 300)


def same(c, path):
    c.c1.run(f"cmp {c.fs.mnt}/{path} /tmp/{path}", 300)
    assert sh(c, f"md5sum <{path}", c.c2) == c.c1.run(f"md5sum </tmp/{path}").out


# --- composite layouts ---

def test_a_composite_file_has_objects_where_it_begins(c):
    sh(c, f"lfs setstripe {PFL} begun")
    assert layout(c, "begun") == (3, ["init", "0", "0"], [1, 2, -1])
    assert len(objects(c, "begun")) == 1


def test_components_get_their_objects_when_written(c):
    sh(c, f"lfs setstripe {PFL} pfl")
    write_both(c, "pfl", 0, 16384)
    same(c, "pfl")      # the other client holds the layout from now on
    write_both(c, "pfl", 0x50000, 0x4000)
    assert layout(c, "pfl") == (4, ["init", "init", "0"], [1, 2, -1])
    same(c, "pfl")
    write_both(c, "pfl", 0x140000, 0x10000)
    assert layout(c, "pfl") == (5, ["init", "init", "init"], [1, 2, 2])
    same(c, "pfl")
    objs = objects(c, "pfl")
    assert len(objs) == 5 and all(on_ost(c, *o) for o in objs)
    sh(c, "rm pfl")
    wait_destroyed(c, objs)


def test_both_clients_may_grow_a_file(c):
    sh(c, f"lfs setstripe {PFL} grown")
    p = c.c1.spawn(f"dd if=/dev/zero of={c.fs.mnt}/grown bs=64K count=4 seek=8 conv=notrunc,fsync")
    sh(c, "dd if=/dev/zero of=grown bs=64K count=4 seek=20 conv=notrunc,fsync", c.c2)
    p.wait(timeout=300)
    assert p.status == 0, p.err
    assert layout(c, "grown")[1:] == (["init", "init", "init"], [1, 2, 2])
    assert layout(c, "grown") == layout(c, "grown", c.c2)
    for node in (c.c1, c.c2):
        assert sh(c, "stat -c %s grown", node) == f"{24 * 65536}\n"


def test_append_and_truncate_make_what_they_need(c):
    sh(c, f"lfs setstripe {PFL} app trunc && echo hello >>app && truncate -s 600K trunc")
    assert layout(c, "app")[1] == ["init", "init", "init"]
    assert layout(c, "trunc")[1] == ["init", "init", "0"]
    assert sh(c, "cat app; stat -c %s trunc; cmp -n 614400 trunc /dev/zero", c.c2) == "hello\n614400\n"


def test_a_layout_that_ends_takes_nothing_behind_it(c):
    sh(c, "lfs setstripe -E 1M -c 1 ends && dd if=/dev/zero of=ends bs=1M count=1 status=none")
    assert status(c, "dd if=/dev/zero of=ends bs=4096 count=1 seek=256 conv=notrunc,fsync")
    assert sh(c, "stat -c %s ends") == f"{MIB}\n"


def test_composite_defaults_of_directories(c):
    sh(c, f"mkdir pd && lfs setstripe {PFL} pd && mkdir pd/sub && echo x >pd/f && echo x >pd/sub/f")
    assert layout(c, "pd/f") == (3, ["init", "0", "0"], [1, 2, -1])
    assert layout(c, "pd/sub/f")[1:] == (["init", "0", "0"], [1, 2, -1])
    assert re.findall(r"lcme_extent.e_end: +(\S+)", sh(c, "lfs getstripe -d pd/sub")) == ["262144", "1048576", "EOF"]
    sh(c, "lfs setstripe -c 2 pd/plain")
    assert sh(c, "lfs getstripe -c pd/plain") == "2\n\n"
    sh(c, "lfs setstripe -d pd && echo x >pd/g")
    assert sh(c, "lfs getstripe -c pd/g") == "1\n\n"
    # the root's default is for all directories without one, and none has a copy of it
    sh(c, "lfs setstripe -E 1M -c 1 -E -1 -c 2 . && mkdir below && echo x >below/f && lfs setstripe -d . && echo x >below/g")
    assert layout(c, "below/f")[1:] == (["init", "0"], [1, 2])
    assert sh(c, "lfs getstripe -c below/g") == "1\n\n"


def composite(comps, size=None, mirrors=0, magic=0x0BD10BD0, pattern=1, index=0xffff, shift=0):
    """A request: comps are (start, end, stripe size)."""
    head = 32 + 48 * len(comps)
    entries = b"".join(struct.pack("<IIQQIIIQI", 0, 0, start, end, head + 32 * i + shift, 32, 0, 0, 0)
                       for i, (start, end, _) in enumerate(comps))
    blobs = b"".join(struct.pack("<IIQQIHH", magic, pattern, 0, 0, s, 1, index) for _, _, s in comps)
    size = head + len(blobs) if size is None else size
    return struct.pack("<IIIHHH6xQ", 0x0BD60BD0, size, 0, 0, len(comps), mirrors, 0) + entries + blobs


def test_impossible_layouts_are_refused(c):
    einval, notsup = 22, 95
    whole = [(0, MIB, 65536), (MIB, EOF, 0)]
    cases = [
        ("a gap", einval, composite([(0, MIB, 0), (2 * MIB, EOF, 0)])),
        ("no start", einval, composite([(MIB, EOF, 0)])),
        ("an overlap", einval, composite([(0, 2 * MIB, 0), (MIB, EOF, 0)])),
        ("an empty component", einval, composite([(0, 0, 0), (0, EOF, 0)])),
        ("an odd end", einval, composite([(0, 1000, 0), (1000, EOF, 0)])),
        ("a stripe size that does not divide", einval, composite([(0, MIB, 196608), (MIB, EOF, 0)])),
        ("an odd stripe size", einval, composite([(0, MIB, 1000), (MIB, EOF, 0)])),
        ("a component outside", einval, composite(whole, shift=4096)),
        ("an odd place", einval, composite(whole, shift=4)),
        ("a composite component", einval, composite(whole, magic=0x0BD60BD0)),
        ("an unknown OST", einval, composite(whole, index=9)),
        ("an unknown pattern", einval, composite(whole, pattern=2)),
        ("no component", einval, composite([], size=32) + bytes(64)),
        ("more than is there", einval, composite(whole, size=4096)),
        ("mirrors", notsup, composite(whole, mirrors=1)),
        ("data on the MDT behind the first component", einval, composite(whole, pattern=0x100)),
        ("a whole file on the MDT", einval, composite([(0, EOF, 0)], pattern=0x100)),
        ("too much on the MDT", einval, composite([(0, 2 << 30, 0)], pattern=0x100)),
    ]
    sh(c, "mkdir refuse")
    for what, want, blob in cases:
        got = c.c1.out(f"""python3 -c '
import os
try:
    os.setxattr("{c.fs.mnt}/refuse", "lustre.lov", bytes.fromhex("{blob.hex()}"))
    print(0)
except OSError as e:
    print(e.errno)'""").strip()
        assert got == str(want), f"{what}: {got}"
    assert "EOF" not in sh(c, "lfs getstripe -d refuse")
    assert c.c1.out(f"""python3 -c '
import os
os.setxattr("{c.fs.mnt}/refuse", "lustre.lov", bytes.fromhex("{composite(whole).hex()}"))'""") == ""
    assert "EOF" in sh(c, "lfs getstripe -d refuse")


# --- OSTs ---

def test_pools_of_osts(c):
    pool = f"{c.fs.name}.flash"
    c.mds.run(f"lctl pool_new {pool} && lctl pool_add {pool} {c.fs.name}-OST0001", 120)
    c.c1.wait_for(f"cd {c.fs.mnt} && rm -f pooled && lfs setstripe -p flash -c 2 pooled", timeout=120)
    assert [o for o, _ in objects(c, "pooled")] == [1]
    assert sh(c, "lfs getstripe -p pooled").strip() == "flash"
    sh(c, "mkdir pooldir && lfs setstripe -p flash pooldir && for i in 1 2 3 4; do echo x >pooldir/$i; done")
    assert [objects(c, f"pooldir/{i}")[0][0] for i in range(1, 5)] == [1] * 4
    sh(c, "lfs setstripe -E 1M -c 1 -p flash -E -1 -c 2 pooldir/comp && dd if=/dev/zero of=pooldir/comp bs=1M count=3 status=none")
    assert {o for o, _ in objects(c, "pooldir/comp")} == {1}
    assert status(c, "lfs setstripe -p nosuch bad") == 22
    assert status(c, "lfs setstripe -p flash -i 0 bad") == 22
    # a default that names a pool that is no more: any OST
    c.mds.run(f"lctl pool_remove {pool} {c.fs.name}-OST0001 && lctl pool_destroy {pool}", 120)
    c.c1.wait_for(f"cd {c.fs.mnt} && ! lfs setstripe -p flash -c 1 gone", timeout=120)
    sh(c, "lfs setstripe -c 2 pooldir/any")
    assert len(objects(c, "pooldir/any")) == 2


# --- names ---

def link_names(c, path):
    """Names in the link EA that the MDT keeps for fid2path, from its disk."""
    sh(c, "sync")
    c.mds.run("sync && rm -f /tmp/ea && debugfs -R 'ea_get -f /tmp/ea /ROOT/%s trusted.link' %s 2>/dev/null" %
              (path, c.mds.disks[0]))
    ea = c.mds.run("od -An -v -tx1 /tmp/ea").out
    ea = bytes.fromhex(ea.replace(" ", "").replace("\n", ""))
    magic, count, total = struct.unpack_from("<IIQ", ea)
    assert magic == 0x11EAF1DF and total == len(ea), ea
    at, names = 24, []
    while at < total:
        size = struct.unpack_from(">H", ea, at)[0]
        names.append(ea[at + 18:at + size].decode())
        at += size
    assert len(names) == count, ea
    return sorted(names)


def test_the_link_ea_follows_the_names(c):
    sh(c, "mkdir ln && echo x >ln/a && ln ln/a ln/b && mkdir ln/d && ln ln/a ln/d/c")
    assert link_names(c, "ln/a") == ["a", "b", "c"]
    sh(c, "mv ln/b ln/d/bb && rm ln/a")
    assert link_names(c, "ln/d/c") == ["bb", "c"]
    sh(c, "echo y >ln/e && mv ln/e ln/d/c && mv ln/d ln/dd")
    assert link_names(c, "ln/dd/bb") == ["bb"]
    assert link_names(c, "ln/dd/c") == ["c"]
    assert link_names(c, "ln/dd") == ["dd"]


def test_pages_of_a_directory_are_in_order_and_chained(c):
    c.c1.run(f"""python3 -c '
import os
os.mkdir("{c.fs.mnt}/many")
for i in range(700):
    os.mkfifo("{c.fs.mnt}/many/%s%d" % ("x" * (i % 37), i))'""", 300)
    with wire(c, "readdir") as messages:
        names = sh(c, "ls -f many", c.c2).split()
    assert len(names) == 702 == len(set(names))
    pages = [p for m in messages if m.get("PUT", {}).get("bulk", {}).get("of") == "MDS_READPAGE"
             for k, p in m["PUT"]["bulk"].items() if k.startswith("lu_dirpage")]
    assert len(pages) > 5, messages
    entries = []
    at = 0
    for page in pages:
        assert int(page["ldp_hash_start"], 16) == at, page["ldp_hash_start"]
        found = [e for k, e in page.items() if k.startswith("lu_dirent")]
        entries += found
        hashes = [int(e["lde_hash"], 16) for e in found]
        at = int(page["ldp_hash_end"], 16)
        assert hashes == sorted(hashes) and hashes[-1] <= at, hashes
    assert at == 0xfffffffffffffffe and max(int(e["lde_hash"], 16) for e in entries) >> 32
    assert sorted(e["lde_name"] for e in entries) == sorted(names)


def test_supplementary_groups_count(c):
    sh(c, "mkdir -m 2770 team && chgrp 2000 team && mkdir -m 770 other && chgrp 3000 other && chmod 755 .")
    c.c1.run(f"setpriv --reuid 1001 --regid 1001 --groups 2000,3000 sh -c "
             f"'cd {c.fs.mnt} && echo x >team/f && mv team/f other/f && ln other/f team/g && rm other/f && chgrp 3000 team/g'")
    assert sh(c, "stat -c %u:%g team/g") == "1001:3000\n"
    assert c.c1.run(f"setpriv --reuid 1001 --regid 1001 --clear-groups touch {c.fs.mnt}/team/h", check=False).status


def test_the_group_of_a_directory_that_moves_counts(c):
    sh(c, "mkdir -m 777 from to && mkdir -m 770 from/sub from/not && chgrp 3000 from/sub && chgrp 4000 from/not")
    move = f"setpriv --reuid 1001 --regid 1001 --groups 2000,3000 mv -T {c.fs.mnt}/from"
    c.c1.run(f"{move}/sub {c.fs.mnt}/to/sub")
    assert c.c1.run(f"{move}/not {c.fs.mnt}/to/not", check=False).status
    assert sh(c, "ls from to") == "from:\nnot\n\nto:\nsub\n"


def test_flags_of_inodes_guard_them(c):
    sh(c, "echo x >flags && chattr +i flags")
    assert sh(c, "lsattr flags", c.c2).split()[0].count("i") == 1
    assert status(c, "rm flags") and status(c, "echo y >flags") and status(c, "chmod 600 flags") and status(c, "ln flags f2")
    sh(c, "chattr -i flags && chattr +a flags && echo y >>flags", c.c2)
    assert status(c, "echo z >flags") and status(c, "mv flags f2")
    assert sh(c, "cat flags") == "x\ny\n"
    assert c.c1.run(f"setpriv --reuid 1001 --clear-groups chattr -a {c.fs.mnt}/flags", check=False).status
    sh(c, "chattr -a flags && rm flags")


def test_root_of_clients_may_be_another_user(c):
    sh(c, "mkdir -m 777 squash && echo x >squash/rootfile && chmod 600 squash/rootfile")
    assert c.mds.out("lctl get_param -n mdt.*.root_squash mdt.*.nosquash_nids") == "0:0\nNONE"
    octets = c.c2.ip.split(".")
    c.mds.run("lctl set_param mdt.*.root_squash=1001:1002 "
              f"'mdt.*.nosquash_nids=*@tcp7 {octets[0]}.*.[0-1].[77,{octets[3]}-{octets[3]}/1]@tcp0'")
    try:
        sh(c, "touch squash/mine")
        assert status(c, "chown 0 squash/mine")
        assert status(c, "chmod 644 squash/rootfile")
        sh(c, "touch squash/other && chmod 644 squash/rootfile", c.c2)
        assert sh(c, "stat -c %u:%g squash/mine squash/other", c.c2) == "1001:1002\n0:0\n"
        assert c.mds.run("lctl set_param mdt.*.root_squash=x", check=False).status
    finally:
        c.mds.run("lctl set_param mdt.*.root_squash=0:0 mdt.*.nosquash_nids=NONE")
    sh(c, "touch squash/again && chown 0:0 squash/mine")
    assert sh(c, "stat -c %u squash/again squash/mine") == "0\n0\n"


def test_new_files_go_where_there_is_room(c):
    sh(c, "lfs setstripe -i 1 -c 1 full")
    sh(c, "at=0; for step in 64 8 1; do while fallocate -o ${at}M -l ${step}M full; do at=$((at + step)); done; done 2>/dev/null")
    avail = c.oss.out("lctl get_param -n obdfilter.*OST0001.kbytesavail")
    assert int(avail) < 200 << 10, avail   # what clients were promised
    c.c1.wait_for(f"cd {c.fs.mnt} && rm -rf room && mkdir room && for i in 1 2 3 4 5 6; do echo x >room/$i; done && "
                  "! lfs getstripe -i room/* | grep -q 1", timeout=120)
    objs = objects(c, "full")
    assert all(on_ost(c, *o) for o in objs)
    sh(c, "rm full")
    wait_destroyed(c, objs)
    c.c1.wait_for(f"cd {c.fs.mnt} && rm -rf room && mkdir room && for i in 1 2 3 4 5 6; do echo x >room/$i; done && "
                  "lfs getstripe -i room/* | grep -q 1", timeout=120)


def test_files_are_made_without_an_ost_that_is_down(c):
    for node in (c.c1, c.c2):
        node.run("sync", 300)
    c.oss.run("umount /mnt/ost1", 300)
    # nobody asks for their size: that would wait for the OST
    c.c1.wait_for(f"""cd {c.fs.mnt} && d=$(mktemp -d down.XXXXXX) && lfs setstripe -c 2 $d/1 $d/2 $d/3 && python3 -c '
import os, sys
sys.exit(any(len(os.getxattr(f"{{sys.argv[1]}}/{{i}}", "lustre.lov")) != 56 for i in (1, 2, 3)))' $d""", timeout=120)
    c.fs.start_ost(1)
    c.c1.wait_for(f"cd {c.fs.mnt} && rm -f both && lfs setstripe -c 2 both && lfs getstripe -c both | grep -q 2", timeout=120)
    # the client's first request may be the one that finds the OST restarted, and fails
    c.c1.wait_for(f"cd {c.fs.mnt} && echo x >both && [ $(cat both) = x ]", timeout=120)


# --- what was lost on the way, and what was left behind ---

def hold(c, path):
    """A program that makes a file, keeps it open, and reads it when it may end."""
    c.c1.run("rm -f /tmp/go /tmp/held")
    return c.c1.spawn(f"""python3 -c '
import os, time
f = open("{c.fs.mnt}/{path}", "w+")
f.write("still here")
f.flush()
os.fsync(f.fileno())
open("/tmp/held", "w").close()
while not os.path.exists("/tmp/go"):
    time.sleep(0.1)
f.seek(0)
print(f.read(), os.fstat(f.fileno()).st_nlink)'""")


def pending(c):
    return c.mds.out(f"sync; debugfs -R 'ls -p /PENDING' {c.mds.disks[0]} 2>/dev/null | grep -c : || true").strip()


def test_removed_files_live_until_they_are_closed(c):
    p = hold(c, "held")
    c.c1.wait_for("test -e /tmp/held", timeout=60)
    objs = objects(c, "held")
    sh(c, "rm held", c.c2)
    assert pending(c) == "1"
    assert all(on_ost(c, *o) for o in objs)
    c.c1.run("touch /tmp/go")
    p.wait(timeout=120)
    assert p.out == "still here 0\n", p.out + p.err
    assert pending(c) == "0"
    wait_destroyed(c, objs)


def test_orphans_do_not_outlive_the_mdt(c):
    hold(c, "orphan")
    c.c1.wait_for("test -e /tmp/held", timeout=60)
    objs = objects(c, "orphan")
    sh(c, "rm orphan && sync", c.c2)
    c.mds.run("sync")
    assert pending(c) == "1"
    c.mds.kill()
    c.c1.kill()
    c.mds.boot()
    c.c1.boot()
    c.fs.start_mdt()
    c.fs.mount([c.c1])
    c.mds.wait_for(f"test $(debugfs -R 'ls -p /PENDING' {c.mds.disks[0]} 2>/dev/null | grep -c :) = 0", timeout=300)
    wait_destroyed(c, objs)
    assert all(on_ost(c, *o) for o in objects(c, "ready"))


def test_a_request_whose_reply_was_lost_is_not_done_twice(c):
    sh(c, "mkdir resent && stat resent")     # known, so that the next request is the open
    with wire(c, "resent") as messages:
        c.mds.run("tc qdisc add dev eth0 root netem loss 100%")
        # makes the file with its first request
        p = c.c1.spawn(f"python3 -c 'open(\"{c.fs.mnt}/resent/f\", \"x\").write(\"once\")'")
        c.mds.wait_for(f"debugfs -R 'stat /ROOT/resent/f' {c.mds.disks[0]} 2>&1 | grep -q 'Type: regular'", timeout=60)
        c.c1.run("ss -K dst 10.0.0.1")
        c.mds.run("tc qdisc del dev eth0 root")
        p.wait(timeout=300)
    assert p.status == 0, p.err
    sent = [m for m in rpcs(messages, "request", "INTENT_OPEN") if "RESENT" in m["BODY"]["pb_flags"]]
    assert sent, "nothing was sent twice"
    assert sh(c, "ls resent && cat resent/f", c.c2) == "f\nonce"


def teardown(c):
    c.fs.down()
