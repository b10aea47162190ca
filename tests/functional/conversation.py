# SPDX-License-Identifier: GPL-2.0
"""The same conversation as stock nodes: every scenario that was recorded there is repeated here,
on nodes with the same addresses and roles, and 'wiretap --compare' tells them apart.

Our client speaks 2.15, so the recordings of the stock 2.15 client (with servers of 2.17) are the
reference. What differs for a reason stands in tests/conversation.differences.

Who is faster, a callback or a cancel, is not the same in any two conversations, of stock nodes either:
where one recording differs, everything is recorded again on a new file system, and a difference counts
if it is there every time.
"""

import contextlib
import lzma
import os
import re
import shutil
import subprocess

from cluster import each
from cluster.cache import TOP
from cluster.lustre import FileSystem

NODES = ["mds", "c1", "oss", "c2"]      # the addresses of the recordings: .1, .2, .3, .4
DISKS = {"mds": ["2G"], "oss": ["2G", "2G"]}
KERNELS = ("6.12",)

STOCK = os.path.join(TOP, "tests/captures")
WIRETAP = os.path.join(TOP, "build/tools/wiretap")
TABLE = os.path.join(TOP, "tests/conversation.differences")
RECORDINGS = 4      # at most

# POSIX locks of three processes, and one of another node that waits for the last of them
HOLDER = """
import fcntl, os, time
f = open("/mnt/lustre/lk2", "w+")
fcntl.lockf(f, fcntl.LOCK_EX, 100, 0)
if os.fork() == 0:
    if os.fork() == 0:
        fcntl.lockf(f, fcntl.LOCK_EX, 50, 200)
        open("/tmp/held", "w")
        while not os.path.exists("/tmp/release"):
            time.sleep(0.05)
    os._exit(0)
while not os.path.exists("/tmp/held"):
    time.sleep(0.05)
"""
WAITER = """
import fcntl
f = open("/mnt/lustre/lk2", "w+")
try:
    fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 205)
    raise SystemExit("not refused")
except BlockingIOError:
    open("/tmp/refused", "w")
fcntl.lockf(f, fcntl.LOCK_EX, 10, 205)
fcntl.lockf(f, fcntl.LOCK_UN)
"""
PFL = "lfs setstripe -E 256K -c 1 -S 64K -E 1M -c 2 -S 64K -E -1 -c -1 -S 1M"
ASLEEP = "grep -q '^State:.S' /proc/$(cat /tmp/%s.pid)/status"


recorded = []


class Recorder:
    """Runs a scenario while the wire is recorded."""

    def __init__(self, c, turn):
        self.c = c
        self.dir = os.path.join(TOP, "build/conversation", turn)
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)

    def path(self, name):
        return os.path.join(self.dir, name + ".pcap")

    @contextlib.contextmanager
    def on(self, name):
        self.c.start_capture(self.path(name), what="port 988")
        try:
            yield
        finally:
            self.c.stop_capture(self.path(name))

    def run(self, name, *steps):
        """steps: (node, command line)"""
        with self.on(name):
            for node, cmd in steps:
                node.run(cmd, 300)


def cold(node):
    """No locks, no caches; what gives them up was answered"""
    node.run("lctl set_param -n ldlm.namespaces.*-mdc-*.lru_size=clear ldlm.namespaces.*-osc-*.lru_size=clear; sync; echo 3 > /proc/sys/vm/drop_caches", 120)
    node.wait_for("! lctl get_param -n mdc.*.import osc.*.import | grep -q 'inflight: [1-9]'", 60)


def record_all(c):
    prepare(c, str(len(recorded)))
    for name in SCENARIOS:
        record(c, name)
    c.fs.down()
    recorded.append(c.rec)


def setup(c):
    """Tests read what is recorded here. (After a failure there are new nodes.)"""
    if not recorded:
        record_all(c)


def prepare(c, turn):
    c.rec = Recorder(c, turn)
    each([c.c1, c.c2], lambda n: n.run("rm -f /tmp/locked /tmp/unlock /tmp/held /tmp/release /tmp/refused /tmp/*.pid /tmp/ou"))
    c.fs = FileSystem(c, "lustre")
    c.fs.format("--reformat")
    c.fs.start()
    mount(c, c.c2)
    # the MDT connects to new OSTs in its own time
    c.c2.wait_for("lfs setstripe -o 0,1 /mnt/lustre/ready", timeout=120)
    # a file on the OST that the next new one gets
    c.c2.run("cd /mnt/lustre && head -c 100000 /dev/urandom > hs && touch other && rm ready other && sync", 120)
    c.c2.run("umount /mnt/lustre", 120)


def mount(c, *nodes):
    c.fs.mount(nodes, "user_xattr,flock")


def record(c, name):
    """One scenario by its name; all commands run in the mounted root."""
    one, two = c.c1, c.c2
    at = "cd /mnt/lustre && "

    def run(*cmds, node=one):
        c.rec.run(name, *((node, at + cmd) for cmd in cmds))

    if name == "b1_mount":
        one.run("mkdir -p /mnt/lustre")
        c.rec.run(name, (one, f"mount -t lustre -o user_xattr,flock {c.fs.mgs_nid}:/lustre /mnt/lustre"),
                  (one, "for i in 0 1; do until grep -q FULL /proc/fs/lustre/osc/*OST000$i*/import "
                        "/sys/kernel/debug/lustre/osc/*OST000$i*/import 2>/dev/null; do sleep .1; done; done"))
    elif name == "b2_statfs_ls":
        c.rec.run(name, *((one, cmd) for cmd in (
            "df /mnt/lustre", "lfs df /mnt/lustre", "ls -la /mnt/lustre", "lfs getstripe -d /mnt/lustre",
            "lfs getname /mnt/lustre", "lfs path2fid /mnt/lustre")))
    elif name == "b3_umount":
        c.rec.run(name, (one, "umount /mnt/lustre"))
        mount(c, one)
    elif name == "c1_create":
        run("touch f1")
    elif name == "c2_write10k_fsync":
        one.run("head -c 10240 /dev/urandom > /tmp/10k")
        run("dd if=/tmp/10k of=f1 bs=10240 count=1 conv=notrunc,fsync")
    elif name == "c3_read10k":
        cold(one)
        run("md5sum f1", "stat f1")
    elif name == "c4_setattr":
        run("chmod 600 f1", "chown 500:501 f1", "touch -d 2020-01-02 f1", "truncate -s 5000 f1", "sync")
    elif name == "c5_stat_cold":
        cold(one)
        run("stat f1", "ls -l")
    elif name == "c6_unlink":
        run("rm f1; sync", "sleep 5")
    elif name == "c7_append_direct_io":
        one.run("head -c 8192 /dev/urandom > /tmp/8k")
        run("dd if=/tmp/8k of=f2 bs=4096 count=2 oflag=direct", "printf abc >> f2",
            "dd if=f2 of=/dev/null bs=4096 iflag=direct", "fallocate -p -o 0 -l 4096 f2", "fallocate -l 65536 f2", "rm f2")
    elif name == "d1_mkdir_300files":
        run("mkdir d1", "for i in $(seq 300); do mknod d1/file_with_a_name_$i p; done")
    elif name == "d2_readdir300":
        cold(one)
        run("ls -f d1")
    elif name == "d3_readdir_ls_l_statahead":
        cold(one)
        run("ls -l d1")
    elif name == "d4_rename":
        run("mkdir d2", "touch d2/a d2/b", "mv d2/a d2/c", "mv d2/c d1/c", "mv d2/b d2/bb", "touch d2/t1 d2/t2",
            "mv -f d2/t1 d2/t2", "mv d2 d1/dd", "mv d1/dd d2")
    elif name == "d5_links":
        run("ln -s /some/target d2/sl", "readlink d2/sl", "touch d2/h1", "ln d2/h1 d2/h2", "stat -c %h d2/h1", "ls -l d2",
            "mkfifo d2/p", "mknod d2/b b 7 99", "rm -f d2/h2 d2/sl d2/p d2/b")
    elif name == "d6_xattr_acl":
        run("touch d2/x1", "setfattr -n user.one -v first d2/x1",
            "setfattr -n user.big -v $(head -c 1500 /dev/zero | tr '\\0' B) d2/x1", "getfattr -d d2/x1",
            "setfattr -x user.one d2/x1", "setfacl -m u:500:rw d2/x1", "getfacl d2/x1",
            "setfattr -n trusted.t -v 1 d2/x1", "getfattr -d -m - d2/x1")
    elif name == "e1_stripe2_write4M":
        one.run("head -c 2M /dev/urandom > /tmp/2m")
        run("lfs setstripe -c 2 -S 1M s2", "dd if=/tmp/2m of=s2 bs=1M count=1 conv=notrunc,fsync",
            "dd if=/tmp/2m of=s2 bs=1M count=1 seek=1 skip=1 conv=notrunc,fsync", "lfs getstripe s2")
    elif name == "e2_stripe2_read":
        cold(one)
        run("md5sum s2")
    elif name == "e3_pfl":
        run(PFL + " pfl", *(f"dd if=/tmp/2m of=pfl bs={size} count=1 seek={at} conv=notrunc,fsync"
                            for size, at in (("16K", 0), ("16K", 20), ("64K", 20))), "lfs getstripe pfl")
    elif name == "f1_write_conflict":
        mount(c, two)
        two.run("ls -l /mnt/lustre")
        c.rec.run(name, (one, at + "lfs setstripe -c 1 cf"), (one, at + "dd if=/tmp/2m of=cf bs=4K count=5 conv=notrunc"),
                  (two, at + "md5sum cf"), (two, at + "printf abcde >> cf"), (one, at + "md5sum cf"))
    elif name == "f2_glimpse":
        c.rec.run(name, (one, at + "lfs setstripe -c 2 -S 64K gl"), (one, at + "dd if=/tmp/2m of=gl bs=64K count=3 conv=notrunc"),
                  (two, at + "stat gl"), (two, at + "stat gl"),
                  (one, at + "dd if=/tmp/2m of=gl bs=64K seek=5 count=1 conv=notrunc"), (two, at + "stat gl"))
    elif name == "f3_flock":
        one.write("/tmp/holder", HOLDER)
        two.write("/tmp/waiter", WAITER)
        with c.rec.on(name):
            p = one.spawn(at + "flock -x lk sh -c 'touch /tmp/locked; until [ -e /tmp/unlock ]; do sleep .1; done'")
            one.wait_for("[ -e /tmp/locked ]", 60)
            two.run(at + "! flock -xn lk true", 120)
            q = two.spawn(at + "echo $$ > /tmp/flock.pid; exec flock -x lk true")
            two.wait_for(ASLEEP % "flock", 60)
            one.run("touch /tmp/unlock")
            p.wait(60)
            q.wait(60)
            two.run(at + "flock -s lk true", 60)
            one.run("python3 /tmp/holder", 60)
            q = two.spawn("echo $$ > /tmp/waiter.pid; exec python3 /tmp/waiter")
            two.wait_for("[ -e /tmp/refused ] && " + ASLEEP % "waiter", 60)
            one.run("touch /tmp/release")
            q.wait(60)
    elif name == "f5_openunlinked_lease":
        c.rec.run(name, (one, at + "printf hello > ou; exec 9<ou; (sleep 3; stat -L /proc/self/fd/9; cat <&9) > /tmp/ou 2>&1 &"),
                  (two, at + "rm ou"), (one, "wait; until grep -q hello /tmp/ou; do sleep .1; done"))
    else:
        raise AssertionError(name)


# In the order of the recordings: each leaves what the next one begins with.
SCENARIOS = {
    "b1_mount": "mounting",
    "b2_statfs_ls": "looking_at_an_empty_root",
    "b3_umount": "unmounting",
    "c1_create": "touching_a_new_file",
    "c2_write10k_fsync": "writing_and_syncing",
    "c3_read10k": "reading_with_a_cold_cache",
    "c4_setattr": "changing_attributes",
    "c5_stat_cold": "stat_with_a_cold_cache",
    "c6_unlink": "removing_a_file",
    "c7_append_direct_io": "direct_io_appending_and_fallocate",
    "d1_mkdir_300files": "making_300_files",
    "d2_readdir300": "listing_300_names",
    "d3_readdir_ls_l_statahead": "listing_300_files_with_attributes",
    "d4_rename": "renaming",
    "d5_links": "links_and_special_files",
    "d6_xattr_acl": "xattrs_and_acls",
    "e1_stripe2_write4M": "writing_two_stripes",
    "e2_stripe2_read": "reading_two_stripes",
    "e3_pfl": "writing_into_three_components",
    "f1_write_conflict": "two_clients_writing_and_reading_one_file",
    "f2_glimpse": "stat_of_a_file_that_another_client_writes",
    "f3_flock": "file_locks_of_two_clients",
    "f5_openunlinked_lease": "removing_a_file_that_another_client_reads",
}

# Recorded, and not compared: what Sheen does not do
LEFT_OUT = {
    "e4_dom": "what only the part on the MDT brings is not gone through yet",
    "e5_flr_mirror": "mirrors",
    "e7_migrate_swap": "leases, and layouts that change places",
}


def stock(name):
    """The recording of a scenario, unpacked"""
    out = os.path.join(TOP, "build/conversation", f"b2_15_{name}.pcap")
    path = os.path.join(STOCK, f"b2_15_{name}.pcap")
    if os.path.exists(path):
        return path
    if not os.path.exists(out):
        with lzma.open(path + ".xz") as f, open(out, "wb") as to:
            shutil.copyfileobj(f, to)
    return out


def compare(rec, names, *options):
    pairs = [path for name in names for path in (stock(name), rec.path(name))]
    r = subprocess.run([WIRETAP, "--compare", *options, *pairs], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert r.returncode in (0, 1) and "exchanges compared" in r.stdout, r.stdout
    return r.stdout.splitlines()


def unlisted(c, names):
    """What the table does not allow, or does not need, in every recording"""
    found, n = None, 0
    while found is None or (found and n < RECORDINGS):
        if n == len(recorded):
            record_all(c)
        one = {re.sub(r" \(frame.*", "", line) for line in compare(recorded[n], names, "--table", TABLE)
               if "exchanges compared" not in line}
        found = one if found is None else found & one
        n += 1
    return found


def scenario_test(name):
    def test(c):
        differences = unlisted(c, [name])
        assert not differences, "\n".join(sorted(differences))
    return test


for _name, _what in SCENARIOS.items():
    globals()[f"test_{_what}_is_the_stock_conversation"] = scenario_test(_name)


def test_every_recording_is_compared_or_left_out_by_name(c):
    names = {f.split(".")[0][len("b2_15_"):] for f in os.listdir(STOCK) if f.startswith("b2_15_")}
    assert names == set(SCENARIOS) | set(LEFT_OUT), names ^ (set(SCENARIOS) | set(LEFT_OUT))


def test_every_row_of_the_table_is_needed(c):
    rows = [line for line in unlisted(c, SCENARIOS) if "matches nothing" in line]
    assert not rows, "\n".join(rows)


def tshark(path, *args):
    return subprocess.run(["tshark", "-r", path, *args], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout.splitlines()


def malformed(paths):
    """Kinds of messages that tshark's dissector stumbles over: portal, opcode, request or reply"""
    return {line for path in paths for line in tshark(path, "-Y", "tcp && _ws.malformed", "-T", "fields", "-e", "lnet.ptl_index",
                                                       "-e", "lustre.ptlrpc_body.pb_opc", "-e", "lustre.ptlrpc_body.pb_type")}


def test_tshark_finds_nothing_malformed_but_what_it_finds_in_stock_messages(c):
    ours = malformed(recorded[0].path(name) for name in SCENARIOS)
    assert ours <= malformed(stock(name) for name in SCENARIOS), ours


def talk(path, client):
    """What a client and the servers say to each other, as tshark words it"""
    lines = tshark(path, "-Y", "lustre && !(lustre.ptlrpc_body.pb_opc == 400)", "-T", "fields", "-E", "occurrence=f",
                   "-e", "ip.src", "-e", "ip.dst", "-e", "lustre.ptlrpc_body.pb_opc", "-e", "lustre.ptlrpc_body.pb_type")
    return [line for line in lines if client in line.split()[:2]]


def test_tshark_shows_the_messages_of_stock_nodes(c):
    """The table speaks of exchanges; where it allows none to be missing or added, tshark sees the same."""
    same = []
    for name in SCENARIOS:
        differs = [line for line in compare(recorded[0], [name]) if " exchange; " in line and "client" in line]
        if not differs:
            assert sorted(talk(stock(name), c.c1.ip)) == sorted(talk(recorded[0].path(name), c.c1.ip)), name
            same.append(name)
    assert "c3_read10k" in same, same
