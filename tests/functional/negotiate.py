# SPDX-License-Identifier: GPL-2.0
"""Peers that offer less and more: each connect flag that a mount uses is off in turn on the client and on
the servers (ptlrpc's connect_flags_off), and the file system works all the same; flags that nobody knows
are not granted. What is used is what docs/interoperability.md says."""

import os
import re
import struct

import yaml

from _rpc_peer import OPCODES, Peer, Target
from cluster import TOP
from cluster.cluster import each
from cluster.lustre import FileSystem
from hostile import DT_FLAGS, FULL20, MD_FLAGS, dlm, name_of, path2fid

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["1G"], "oss": ["1G"]}
KERNELS = ("6.12",)

# Without these no version of anything connects
REQUIRED = {"VERSION", "IBITS", "ATTRFID", "FID", "FULL20"}
# Asked by some mounts only
SOMETIMES = {"RDONLY", "XATTR"}


# Only servers ask these of each other, and what they ask must agree
BETWEEN_SERVERS = {"INDEX", "MDS", "MDS_MDS", "SKIP_ORPHAN", "LIGHTWEIGHT"}


def table():
    """(word, bit, name) -> kinds of target of which our client asks a flag, and which grant it."""
    flags = {}
    with open(os.path.join(TOP, "docs/interoperability.md")) as f:
        words = f.read().split("## Second word")
    for word, text in enumerate(words):
        for line in re.findall(r"^\| \d.*", text, re.M):
            bit, name, _, _, _, asks, grants, _ = (w.strip() for w in line.strip("|").split("|"))
            flags[(word, int(bit), name)] = set(asks) & set("DOG"), set(grants) & set("DOG")
    return flags


TABLE = table()
USED = {f: asks & grants for f, (asks, grants) in TABLE.items() if asks & grants}
OPTIONAL = {f: kinds for f, kinds in USED.items() if f[2] not in REQUIRED | {"RDONLY"} and kinds & set("DO")}

WORK = """set -e
cd %(mnt)s && mkdir w && cd w
head -c 3000000 /dev/urandom > big; echo small > small; ln small link; ln -s small sym; mkdir d; mv small d/moved
truncate -s 1000000 big; chmod 600 big; sync
md5sum big link d/moved > /tmp/sums
dd if=/dev/zero of=direct bs=64k count=4 oflag=direct 2>/dev/null
echo 3 > /proc/sys/vm/drop_caches; lctl set_param -n ldlm.namespaces.*.lru_size=clear
md5sum -c --quiet /tmp/sums
[ "$(stat -c '%%h %%s' link)" = "2 6" ] && [ "$(readlink sym)" = small ] && [ "$(stat -c %%a big)" = 600 ]
[ "$(echo $(ls))" = "big d direct link sym" ]
[ "$(lfs getstripe -c big)" = 1 ] && lfs df . > /dev/null
flock big true
cd .. && rm -r w
"""


def setup(c):
    c.fs = FileSystem(c)
    c.fs.format()
    c.fs.start()
    c.c1.run(f"mkdir -p {c.fs.mnt}")


def teardown(c):
    c.fs.stop()


def off(word=0, bit=None):
    """Command that turns one flag off, or none."""
    mask = 0 if bit is None else 1 << bit
    return (f"modprobe ptlrpc && cd /sys/module/ptlrpc/parameters && echo {0 if word else mask} > connect_flags_off && "
            f"echo {mask if word else 0} > connect_flags2_off && cd /\n")


def agreed(text):
    """Both words of what the client and a target agreed on."""
    data = yaml.safe_load(text)["import"]["connect_data"]
    return data["flags"], data.get("flags2", 0)


def test_mounts_use_what_the_table_says(c):
    c.fs.mount()
    c.c1.wait_for("lctl get_param -n osc.*.import | grep -q 'state: FULL'")
    for kind, pattern in (("D", "mdc.*.import"), ("O", "osc.*.import"), ("G", "mgc.*.import")):
        words = agreed(c.c1.out(f"lctl get_param -n {pattern}"))
        found = {f for f in USED if words[f[0]] >> f[1] & 1}
        wrong = found ^ {f for f in USED if kind in USED[f] and f[2] not in SOMETIMES}
        assert not wrong, (kind, wrong)
        known = [sum(1 << bit for w, bit, _ in USED if w == word) for word in (0, 1)]
        assert not words[0] & ~known[0] and not words[1] & ~known[1], (kind, words)
    c.fs.umount()


def test_client_that_asks_less_and_servers_that_grant_less_work(c):
    """At the same time, each without another flag, so that half the mounts do."""
    failed = {}
    flags = list(OPTIONAL)
    for mine, theirs in zip(flags, flags[len(flags) // 2:] + flags[:len(flags) // 2]):
        each((c.mds, c.oss), lambda n, flag=theirs: n.run(off(*flag[:2])))
        options = "flock,user_xattr" if "XATTR" in (mine[2], theirs[2]) else "flock"
        r = c.c1.run(f"""set -e
            {off(*mine[:2])}
            mount -t lustre -o {options} {c.fs.mgs_nid}:/{c.fs.name} {c.fs.mnt}
            trap 'cd /; umount {c.fs.mnt}' EXIT
            {WORK % {"mnt": c.fs.mnt}}
            lctl get_param -n mdc.*.import; echo; lctl get_param -n osc.*.import""", check=False, timeout=300)
        if r.status:
            failed[mine[2], theirs[2]] = r.out + r.err
            continue
        found = dict(zip("DO", map(agreed, r.out.split("\n\n"))))
        for word, bit, name in (mine, theirs):
            if any(found[kind][word] >> bit & 1 for kind in OPTIONAL[(word, bit, name)] & set("DO")):
                failed[name] = "agreed on"
    each(c.nodes, lambda n: n.run(off()))
    assert not failed, failed


def test_mount_without_a_required_flag_fails_at_once(c):
    """Each in turn off on the client and on the MDT. (A mount that is not refused tries for a minute.)"""
    required = [f for f in USED if f[2] in ("FID", "FULL20", "ATTRFID")]
    assert len(required) == 3
    for flag in required:
        for node in (c.c1, c.mds):
            node.run(off(*flag[:2]))
            seen = len(c.c1.console.text())
            r = c.c1.run(f"timeout 45 mount -t lustre {c.fs.mgs_nid}:/{c.fs.name} {c.fs.mnt}", check=False, timeout=120)
            node.run(off())
            said = c.c1.console.text()[seen:]
            assert r.status not in (0, 124), (flag, node, r.status)
            assert re.search(r"connect flag|refused the connection for good", said), (flag, node, said)


def test_both_sides_show_what_was_agreed(c):
    c.fs.mount()
    c.c1.wait_for("lctl get_param -n osc.*.import | grep -q 'state: FULL'")
    for node, pattern, target in ((c.mds, "mdt.*.exports.10.0.0.3@tcp.export", "mdc.*.import"),
                                  (c.oss, "obdfilter.*.exports.10.0.0.3@tcp.export", "osc.*.import")):
        export, = yaml.safe_load(node.out(f"lctl get_param -n {pattern}")).values()
        imp = yaml.safe_load(c.c1.out(f"lctl get_param -n {target}"))["import"]
        assert export["connect_flags"] == imp["connect_flags"] and "full20" in imp["connect_flags"]
        assert export["connect_data"]["flags"] == imp["connect_data"]["flags"]
    c.fs.umount()


def test_unknown_flags_are_not_granted(c):
    """A peer that asks everything of each target."""
    everything = (1 << 64) - 1 & ~sum(1 << bit for word, bit, name in TABLE if name in BETWEEN_SERVERS and not word)
    for node, kind, letter, uuid, flags in (
            (c.mds, "MGS", "G", "MGS", FULL20), (c.mds, "MDT", "D", "sheen-MDT0000_UUID", MD_FLAGS),
            (c.oss, "OST", "O", "sheen-OST0000_UUID", DT_FLAGS)):
        peer = Peer(c, node.ip)
        t = Target(peer, kind, uuid, flags, ours="greedy_UUID")
        bufs = t.connect_bufs()
        ocd = bytearray(bufs[3])
        struct.pack_into("<Q", ocd, 0, everything)
        struct.pack_into("<Q", ocd, 80, (1 << 64) - 1)
        t.conn_cnt += 1
        r = peer.call(t, t.connect_op, bufs[:3] + [bytes(ocd)])
        assert r.status == 0, (kind, r.status)
        for word, at in ((0, 0), (1, 80)):
            granted = struct.unpack_from("<Q", r.bufs[1], at)[0]
            assert granted and not granted & ~sum(1 << bit for (w, bit, _), (_, grants) in TABLE.items()
                                                  if w == word and letter in grants), (kind, word, hex(granted))
        peer.net.close()


def test_unknown_lock_flags_are_ignored(c):
    c.fs.mount()
    root = path2fid(c, "")
    peer = Peer(c, c.mds.ip)
    mdt = Target(peer, "MDT", "sheen-MDT0000_UUID", MD_FLAGS, ours="flags_UUID")
    unknown = 0x01402400
    r = peer.call(mdt, OPCODES["LDLM_ENQUEUE"], [dlm(13, 16, name_of(root), (2, 0, 0, 0), flags=unknown)])
    assert r.status == 0 and not struct.unpack_from("<I", r.bufs[1])[0] & unknown
    peer.net.close()
    c.c1.run(f"touch {c.fs.mnt}/afterwards && ls -l {c.fs.mnt}", 120)
    c.fs.umount()
