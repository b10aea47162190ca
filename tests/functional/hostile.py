# SPDX-License-Identifier: GPL-2.0
"""Malformed messages against a running MGS, MDT and OST: an error reply or no reply, never an
oops, a hang or damage. The peer (host 10.0.0.254, _rpc_peer.py) connects as a client does, sends
one good request of each kind, and then hundreds of bad ones made out of each."""

import random
import re
import struct

import _rpc_peer as rpc
from _rpc_peer import FORMATS, OPCODES, Peer, Target, fid, message, pack, string
from cluster import Failure
from cluster.lustre import FileSystem

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["1G"], "oss": ["1G"]}
KERNELS = ("debug", "6.12")

REPLAYS = "claims to replay"      # and is thrown out for it
UNKNOWN = 65535
FULL20, FID, BRW, LARGE_ACL, LVB, LAYOUT = 1 << 36, 1 << 30, 1 << 18, 1 << 9, 1 << 46, 1 << 37
IBITS, CKSUM, GRANT, SHORTIO, SRVLOCK, MDS, OPEN_BY_FID, VBR = 1 << 12, 1 << 29, 1 << 3, 1 << 49, 1 << 4, 1 << 2, 1 << 53, 1 << 31
MD_FLAGS = FULL20 | FID | BRW | LARGE_ACL | 1 << 7 | 1 << 8 | LVB | LAYOUT | IBITS | OPEN_BY_FID | VBR
DT_FLAGS = FULL20 | FID | BRW | CKSUM | GRANT | SHORTIO | SRVLOCK | LVB

GETATTR_VALID = 0x1 | 0x10 | 0x80 | 0x100 | 0x20000 | 1 << 39


def setup(c):
    c.fs = FileSystem(c)
    c.fs.format()
    c.fs.start()
    c.fs.mount(options="flock,user_xattr")
    c.c1.run(f"""cd {c.fs.mnt} && mkdir dir dir/sub && touch $(seq 9) && echo data > dir/file && ln -s dir/file dir/link
        setfattr -n user.a -v b dir/file && setfacl -m u:1:rwx dir/file && sync""")
    # the debug kernel is slow: every fourth
    c.step = 4 if c.kernel.name == "debug" else 1
    c.mds_peer, c.oss_peer = Peer(c, c.mds.ip), Peer(c, c.oss.ip)
    c.mgs = Target(c.mds_peer, "MGS", "MGS", FULL20)
    c.mdt = Target(c.mds_peer, "MDT", "sheen-MDT0000_UUID", MD_FLAGS)
    c.ost = Target(c.oss_peer, "OST", "sheen-OST0000_UUID", DT_FLAGS)
    c.ids = {n: path2fid(c, n) for n in ("dir", "dir/file", "dir/link", "dir/sub")}
    c.objid = int(re.search(r"^\s+0\s+(\d+)\s+0x", c.c1.out(f"lfs getstripe {c.fs.mnt}/dir/file"), re.M).group(1))
    seq = ask(c, "SEQ_QUERY", [struct.pack("<I", 1), bytes(24)], 30)
    c.seq = struct.unpack_from("<Q", seq.bufs[1])[0]
    c.oid = 0


def path2fid(c, name):
    seq, oid, ver = c.c1.out(f"lfs path2fid {c.fs.mnt}/{name}").strip("[]").split(":")
    return fid(int(seq, 16), int(oid, 16), int(ver, 16))


def new_fid(c):
    c.oid += 1
    return fid(c.seq, c.oid)


def ask(c, name, bufs, portal=None):
    """A request to the MDT that must succeed."""
    r = c.mdt.peer.call(c.mdt, FORMATS[name][0], bufs, portal)
    assert r.status == 0, (name, r.status)
    return r


# --- good requests ---

def mdt_body(fid1=b"", fid2=b"", valid=0, ea=0, size=0, nlink=0, mode=0):
    return pack(216, {0: ("16s", fid1), 16: ("16s", fid2), 40: ("QQ", valid, size), 116: ("I", mode),
                      136: ("I", nlink), 144: ("II", 0xFFFFFFFF, ea)})


def rec(op, fid1=b"", fid2=b"", **at):
    """A reint record: 40 bytes who, then two FIDs; at40 and so on are 32-bit words."""
    data = pack(136, {0: ("II", op, 0xFFFFFFFF), 24: ("IIII", 0xFFFFFFFF, 0, 0xFFFFFFFF, 0),
                      40: ("16s16s", fid1, fid2)})
    return pack(136, {0: ("136s", data)} | {int(k[2:]): (v if isinstance(v, tuple) else ("I", v))
                                                       for k, v in at.items()})


def dlm(kind, mode, name, policy=(0, 0, 0, 0), flags=0, cookie=0x77, count=0, second=0):
    return pack(104, {0: ("II", flags, count), 8: ("I", kind), 16: ("4Q", *(tuple(name) + (0,) * (4 - len(name)))),
                      48: ("I", mode), 56: ("4Q", *policy), 88: ("QQ", cookie, second)})


def name_of(f):
    seq, oid, ver = struct.unpack("<QII", f)
    return seq, oid | ver << 32


def intent(op):
    return struct.pack("<Q", op)


def acl():
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", t, p, i) for t, p, i in (
        (1, 6, 0xFFFFFFFF), (2, 7, 1), (4, 4, 0xFFFFFFFF), (16, 7, 0xFFFFFFFF), (32, 4, 0xFFFFFFFF)))


def lov():
    """lov_user_md_v3: one stripe of 1 MiB anywhere"""
    return struct.pack("<IIQQIHHq16s", 0x0BD30BD0, 1, 0, 0, 1 << 20, 1, 0xFFFF, 0, b"")[:48]


def mdt_requests(c):
    """(format, buffers, portal) of good requests to the MDT"""
    d, f, link, sub = (c.ids[n] for n in ("dir", "dir/file", "dir/link", "dir/sub"))
    no = b""
    ibits = (2, 0, 0, 0)
    create = dict(at112=0o100644, at116=0, at128=0o22)
    return [
        ("OBD_PING", [], 12),
        ("MDS_GETATTR", [mdt_body(f, valid=GETATTR_VALID, ea=4096), no], 12),
        ("MDS_GETATTR", [mdt_body(link, valid=0x40000, ea=4096), no], 12),
        ("MDS_GETATTR", [mdt_body(d, valid=0x10000000, ea=4096), no], 12),
        ("MDS_GETATTR_NAME", [mdt_body(d, valid=GETATTR_VALID, ea=4096), no, string("file")], 12),
        ("MDS_GETXATTR", [mdt_body(f, valid=1 << 36, ea=4096), no, string("user.a"), no], 12),
        ("MDS_GETXATTR", [mdt_body(f, valid=1 << 37, ea=4096), no, no, no], 12),
        ("MDS_GETXATTR", [mdt_body(f, valid=1 << 36, ea=4096), no, string("trusted.lov"), no], 12),
        ("MDS_READPAGE", [mdt_body(d, nlink=4096, mode=3), no], 23),
        ("MDS_GET_ROOT", [mdt_body(), string("")], 12),
        ("MDS_GET_ROOT", [mdt_body(), string("dir/sub")], 12),
        ("MDS_STATFS", [], 12),
        ("MDS_SYNC", [mdt_body(), no], 12),
        ("MDS_SET_INFO", [string("read-only"), bytes(4)], 12),
        ("MDS_GET_INFO", [b"fid2path".ljust(16, b"\0") + f + struct.pack("<QII", 0, 0, 4096), struct.pack("<I", 4128)], 12),
        ("MDS_REINT_SETATTR", [rec(1, f, at56=1, at116=0o644), no, no, no, no, dlm(0, 0, ())], 12),
        ("MDS_REINT_SETATTR", [rec(1, f, at56=("Q", 0x4 | 0x8 | 0x20 | 0x100), at72=("Q", 100)), no, no, no, no, dlm(0, 0, ())], 12),
        ("MDS_REINT_SETATTR", [rec(1, d), no, no, lov(), no, dlm(0, 0, ())], 12),
        ("MDS_REINT_CREATE", [rec(2, d, new_fid(c), **(create | {"at112": 0o40755})), no, string("made"), no], 12),
        ("MDS_REINT_CREATE", [rec(2, d, new_fid(c), **(create | {"at112": 0o10644})), no, string("fifo"), no], 12),
        ("MDS_REINT_SYMLINK", [rec(2, d, new_fid(c), at112=0o120777), no, string("sym"), string("target")], 12),
        ("MDS_REINT_LINK", [rec(3, f, sub), no, no, string("hard"), dlm(0, 0, ())], 12),
        ("MDS_REINT_UNLINK", [rec(4, d), no, string("fifo"), dlm(0, 0, ())], 12),
        ("MDS_REINT_UNLINK", [rec(4, d, at116=0o40000), no, string("made"), dlm(0, 0, ())], 12),
        ("MDS_REINT_RENAME", [rec(5, d, sub), no, no, string("sym"), string("mys"), dlm(0, 0, ())], 12),
        ("MDS_REINT_RENAME", [rec(5, sub, d), no, no, string("mys"), string("sym"), dlm(0, 0, ())], 12),
        ("MDS_REINT_SETXATTR", [rec(7, f, at72=("Q", 1 << 36), at112=4), no, string("user.h"), b"1234"], 12),
        ("MDS_REINT_SETXATTR", [rec(7, f, at72=("Q", 1 << 36), at112=44), no, string("system.posix_acl_access"), acl()], 12),
        ("MDS_REINT_SETXATTR", [rec(7, d, at72=("Q", 1 << 36), at112=48), no, string("trusted.lov"), lov()], 12),
        ("LDLM_ENQUEUE", [dlm(13, 4, name_of(d), ibits)], 12),
        ("LDLM_ENQUEUE", [dlm(12, 4, name_of(f), (0, 99, 7, 1 << 32))], 12),
        ("LDLM_ENQUEUE", [dlm(12, 32, name_of(f), (0, 1 << 62, 7, 1 << 32))], 12),
        ("LDLM_CONVERT", [dlm(13, 4, (), (1, 0, 0, 0))], 12),
        ("LDLM_CANCEL", [dlm(0, 0, (), count=2, cookie=1, second=2)], 17),
        ("INTENT_GETATTR", [dlm(13, 4, name_of(d), ibits, 0x1000), intent(8), mdt_body(d, valid=GETATTR_VALID, ea=4096),
                            no, string("file")], 12),
        ("INTENT_GETATTR", [dlm(13, 4, name_of(d), (1, 0, 0, 0), 0x1000), intent(16), mdt_body(d, f, GETATTR_VALID, 4096),
                            no, no], 12),
        ("INTENT_OPEN", [dlm(13, 16, name_of(d), (4, 0, 0, 0), 0x1000), intent(1), rec(6, d, f, at120=1), no, no,
                         string("file")], 12),
        ("INTENT_OPEN", [dlm(13, 16, name_of(d), (4, 0, 0, 0), 0x1000), intent(3),
                         rec(6, d, new_fid(c), **(create | {"at120": 0x43})), no, no, string("opened"), no], 12),
        ("INTENT_OPEN", [dlm(13, 16, name_of(d), (4, 0, 0, 0), 0x1000), intent(3),
                         rec(6, d, new_fid(c), **(create | {"at120": 0x43 | 1 << 30})), no, no, string("striped"), lov()], 12),
        ("INTENT_GETXATTR", [dlm(13, 4, name_of(f), (0x20, 0, 0, 0), 0x1000), intent(0x80),
                             mdt_body(f, valid=1 << 37, ea=4096), no, no], 12),
        ("INTENT_LAYOUT", [dlm(13, 16, name_of(f), (8, 0, 0, 0), 0x1000), intent(0x400), bytes(24), no], 12),
        ("SEQ_QUERY", [struct.pack("<I", 1), bytes(24)], 30),
        ("FLD_QUERY", [struct.pack("<I", 2), pack(24, {0: ("Q", c.seq), 20: ("I", 3)})], 29),
        ("FLD_READ", [pack(24, {0: ("Q", c.seq)})], 29),
    ]


def obdo(c, valid=0, objid=None, flags=0, size=0, blocks=0, **at):
    return pack(208, {0: ("QQQ", valid | 1 | 1 << 24, c.objid if objid is None else objid, 0), 32: ("Q", size),
                      64: ("Q", blocks), 96: ("I", flags)} | {int(k[2:]): v for k, v in at.items()})


def ost_requests(c):
    no = b""
    ioo = struct.pack("<QQII", c.objid, 0, 0, 1)
    eof = (1 << 64) - 1
    short = 0x400000
    return [
        ("OBD_PING", [], 28),
        ("OST_GETATTR", [obdo(c), no], 28),
        ("OST_SETATTR", [obdo(c, 0x4, at40=("Q", 1)), no], 28),
        ("OST_PUNCH", [obdo(c, 0x30, size=1 << 20, blocks=eof), no], 6),
        ("OST_FALLOCATE", [obdo(c, 0x30, size=0, blocks=65536), no], 6),
        ("OST_SEEK", [obdo(c, 0x10, size=0, at84=("I", 4))], 6),
        ("OST_SYNC", [obdo(c, 0x30, size=0, blocks=eof), no], 28),
        ("OST_DESTROY", [obdo(c, objid=1 << 30), dlm(0, 0, ()), no], 28),
        ("OST_WRITE", [obdo(c, 0x800, flags=short | 0x200), ioo, struct.pack("<QII", 4096, 100, 0x420), no, b"x" * 100], 6),
        ("OST_READ", [obdo(c, 0x800, flags=short), ioo, struct.pack("<QII", 4096, 100, 1), no, no], 6),
        ("OST_READ", [obdo(c, 0x100800, flags=0x4000), ioo, struct.pack("<QII", 0, 8192, 1), no, no], 6),
        ("OST_STATFS", [], 28),
        ("OST_GET_INFO_LAST_FID", [string("last_fid"), fid(0x100000000, 1)], 28),
        ("OST_SET_INFO", [string("evict_by_nid"), string("10.0.0.99@tcp")], 28),
        ("OST_CREATE", [obdo(c)], 7),
        ("OST_QUOTACTL", [bytes(112)], 28),
        ("SEQ_QUERY", [struct.pack("<I", 1), bytes(24)], 31),
        ("LDLM_ENQUEUE", [dlm(11, 4, (c.objid, 0), (0, eof, 0, 0))], 28),
        ("INTENT_BASIC", [dlm(11, 4, (c.objid, 0), (0, eof, 0, 0), 0x1000 | 1 << 30), intent(0x4000)], 28),
        ("LDLM_CANCEL", [dlm(0, 0, (), count=1, cookie=1)], 17),
    ]


def mgs_requests(c):
    nid = 2 << 48 | 0x0A0000FE
    mti = pack(4544, {0: ("IIIIII", 0x020F0800, 0, 1, 0x10000062, 1, 0), 24: ("64s", b"other"),
                      88: ("64s", b"other-OST0000"), 152: ("40s", b"other-OST0000_UUID"), 192: ("Q", nid),
                      448: ("20s", b"sys.timeout=50")})
    log = ask_mgs(c, "LLOG_CREATE", [pack(48, {}), string("sheen-client")]).bufs[1]
    at = pack(48, {0: ("20s", log[:20]), 24: ("IIII", 4, 1, 0, 8192)})
    return [
        ("OBD_PING", [], 26),
        ("MGS_TARGET_REG", [mti], 26),
        ("MGS_SET_INFO", [string("sheen.lov.stripesize=1048576").ljust(1024, b"\0")], 26),
        ("MGS_CONFIG_READ", [pack(80, {0: ("64s", b"sheen"), 72: ("H", 0), 76: ("I", 1)})], 26),
        ("LDLM_ENQUEUE", [dlm(10, 16, (int.from_bytes(b"sheen", "little"),))], 26),
        ("LLOG_CREATE", [pack(48, {}), string("sheen-client")], 26),
        ("LLOG_READ_HEADER", [at], 26),
        ("LLOG_NEXT_BLOCK", [at], 26),
    ]


def ask_mgs(c, name, bufs):
    r = c.mds_peer.call(c.mgs, FORMATS[name][0], bufs)
    assert r.status == 0, (name, r.status)
    return r


REFUSED = {"MGS_CONFIG_READ": -95, "OST_CREATE": -1, "OST_DESTROY": -2, "OST_QUOTACTL": -95, "OST_SET_INFO": -95,
           "LDLM_CONVERT": 303, "LDLM_CANCEL": 116, "INTENT_BASIC": 301, "MDS_REINT_UNLINK": None, "INTENT_GETXATTR": None}


def wrong_sizes(name, bufs, body):
    """(what, message) that cannot be: none of them may succeed."""
    _, least, fields = FORMATS[name]
    good = [body] + bufs
    lens = [len(b) for b in good]
    whole = message(good)
    # without an intent it is a plain enqueue
    first = 3 if name.startswith("INTENT_") else 1
    for n in range(first, min(least, len(good))):
        yield f"of {n} buffers", message(good[:n])
    for i in range(1, min(least, len(good))):
        _, size, kind = fields[i]
        if kind in ("FIXED", "UUID") and size:
            for n in {1 if fields[i][0] == "INTENT" else 0, 1, size // 2, size - 1}:
                yield f"with {n} bytes of {fields[i][0]}", message(good[:i] + [good[i][:n]] + good[i + 1:])
        elif kind == "ARRAY":
            yield f"with odd {fields[i][0]}", message(good[:i] + [good[i] + b"x"] + good[i + 1:])
    for i in range(len(good)):
        for n in (0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF9, len(whole), lens[i] + 4096):
            yield f"with length {n:#x} of buffer {i}", message(good, lens=lens[:i] + [n] + lens[i + 1:])
    for n in (0, 33, 0x7FFFFFFF, 0xFFFFFFFF, 0x40000000):
        yield f"with {n} buffers said", message(good, count=n)
    for n in (0, 4, 31, 32, 36, 40, 100, len(whole) - 8):
        yield f"cut at {n}", whole[:min(n, len(whole) - 8)]
    for magic in (0, 0xD30BD00B, 0x0BD00BD0, 0xFFFFFFFF):
        yield f"with magic {magic:#x}", message(good, magic=magic)
    yield "with a security flavour", message(good, secflvr=1)
    yield "with a short body", message([body[:151]] + bufs)
    for at, value in ((8, 0), (8, 4712), (8, 4713), (8, 0x67120000), (12, 0), (12, 0x10004), (12, 0xFFFFFFFF)):
        yield f"with word {at} {value:#x}", message([body[:at] + struct.pack("<I", value) + body[at + 4:]] + bufs)


def swap(data):
    return b"".join(data[i:i + 4][::-1] for i in range(0, len(data), 4))


WORDS = [struct.pack("<I", w) for w in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)]


def wrong_values(name, bufs, body):
    """(what, message) of the right shape, with odd words, sizes, flags, handles."""
    rnd = random.Random(name)
    good = [body] + bufs
    yield "swapped inside", message([swap(b) for b in good])
    yield "swapped", swap(message(good))
    yield "of 32 buffers", message(good + [b"more"] * (31 - len(good)))
    yield "with one more", message(good + [b"m" * 4096])
    for handle in (0, 1, (1 << 64) - 1):
        yield "handle", message([struct.pack("<Q", handle) + body[8:]] + bufs)
    for at in range(24, 80, 4):         # flags, connection count, timeouts, transaction
        for w in WORDS:
            yield REPLAYS if 48 <= at < 60 else "body", message([body[:at] + w + body[at + 4:]] + bufs)
    for i, b in enumerate(bufs, 1):
        for n in {0, 1, 7, len(b) + 1, len(b) + 8, len(b) * 2, 300, 4097}:
            yield "size", message(good[:i] + [(b * (n // max(len(b), 1) + 1) if b else b"A" * n)[:n]] + good[i + 1:])
        for at in range(0, len(b) - 3, 4):
            if at > 512 and at % 256:
                continue
            for w in WORDS:
                if b[at:at + 4] != w:
                    yield "word", message(good[:i] + [b[:at] + w + b[at + 4:]] + good[i + 1:])
    for _ in range(40):
        data = bytearray(message(good))
        for _ in range(rnd.randrange(1, 8)):
            data[rnd.randrange(40, len(data))] = rnd.choice((0, 1, 0x7F, 0x80, 0xFF, rnd.randrange(256)))
        yield "random", bytes(data)


def settle(target, portal):
    """All that was sent is dealt with. If that cost us the connection, come back."""
    peer = target.peer
    while peer.call(target, UNKNOWN, [], portal).status == -107:
        target.reconnect()


def bombard(c, target, requests):
    peer, wrong = target.peer, []
    settle(target, target.portal)       # we may have been silent for long
    for name, bufs, portal in requests:
        r = peer.call(target, FORMATS[name][0], bufs, portal)
        if r.status not in (REFUSED.get(name, 0), len(bufs[-1]) if bufs and name == "OST_WRITE" else 0, 100, 8192):
            wrong.append(f"{name} (buffers of {[len(b) for b in bufs]}): {r.status}")
    if wrong:
        raise Failure("\n".join(wrong))
    for name, bufs, portal in requests:
        for make in (wrong_sizes, wrong_values):
            sent = {}
            body = peer.body(FORMATS[name][0], target.handle, target.conn_cnt)
            for i, (what, data) in enumerate(make(name, bufs, body)):
                if i % c.step == 0:
                    # we may have been thrown out since it was made
                    sent[peer.send(portal, data.replace(body[:8], struct.pack("<Q", target.handle), 1))] = what
                if what != REPLAYS and len(sent) < 48:
                    continue
                settle(target, portal)
                wrong += succeeded(peer, name, make, sent)
                sent = {}
            settle(target, portal)
            wrong += succeeded(peer, name, make, sent)
    if wrong:
        raise Failure("\n".join(wrong))


def succeeded(peer, name, make, sent):
    with peer.arrived:
        replies = {what: rpc.Reply(peer.replies.pop(x)) for x, what in sent.items() if x in peer.replies}
    return [f"{name} {what}: {r.status}" for what, r in replies.items() if make is wrong_sizes and r.status >= 0]


def serves(c):
    """A client that does no harm goes on."""
    d = f"{c.fs.mnt}/serves"
    c.c1.run(f"""mkdir {d} /tmp/serves && for i in $(seq 20); do head -c ${{i}}k /dev/urandom > /tmp/serves/$i; done
        cp -a /tmp/serves/. {d} && sync && echo 3 > /proc/sys/vm/drop_caches && diff -r /tmp/serves {d} && rm -r {d} /tmp/serves""", 300)


def test_names_of_strangers_cannot_control_a_terminal(c):
    mti = pack(4544, {0: ("IIIIII", 0x020F0800, 0, 1, 0x10000062, 1, 0), 24: ("64s", b"bad/name"),
                      88: ("64s", b"\x1b[31mstranger"), 192: ("Q", rpc.nid(rpc.ME))})
    assert c.mds_peer.call(c.mgs, OPCODES["MGS_TARGET_REG"], [mti]).status < 0
    c.mds.wait_for("dmesg | grep -q 'MGS: registration of .*31mstranger failed'")
    assert "\x1b[31m" not in c.mds.console.text() and "\\e[31mstranger" in c.mds.console.text()


def test_parameter_that_fits_nowhere_keeps_no_target_out(c):
    mti = pack(4544, {0: ("IIIIII", 0x020F0800, 0, 1, 0x10000062, 1, 0), 24: ("64s", b"strange"),
                      88: ("64s", b"strange-OST0000"), 192: ("Q", rpc.nid(rpc.ME)), 448: ("64s", b"lov.stripecount=2 osc.max_dirty_mb=7")})
    assert c.mds_peer.call(c.mgs, OPCODES["MGS_TARGET_REG"], [mti]).status == 0
    log = c.mds.out("lctl llog_print strange-client")
    assert "strange-OST0000_UUID, index: 0" in log and "osc.max_dirty_mb, value: 7" in log and "stripecount" not in log, log


def test_what_only_targets_ask_each_other_is_refused_and_not_ignored(c):
    for target in (c.mdt, c.ost):
        assert target.peer.call(target, OPCODES["OUT_UPDATE"], [bytes(48), bytes(16)], 24).status < 0


def test_ranges_of_sequences_are_for_servers_and_not_without_limit(c):
    def alloc(target, index, kind):
        return c.mds_peer.call(target, OPCODES["SEQ_QUERY"], [bytes(4), pack(24, {16: ("II", index, kind)})], 32).status

    assert alloc(c.mdt, 1, 1) == -1
    lwp = Target(c.mds_peer, "MDT", c.mdt.uuid, FULL20 | FID | LVB | 1 << 48, "hostile-lwp_UUID")
    assert alloc(lwp, 0x10000, 1) == -22 and alloc(lwp, 1, 3) == -22
    given = [alloc(lwp, 7, 1) for _ in range(65)]
    assert given == [0] * 64 + [-28] and alloc(lwp, 8, 1) == 0


def test_mgs_refuses_malformed_requests(c):
    bombard(c, c.mgs, mgs_requests(c))
    serves(c)


def test_mdt_refuses_malformed_requests(c):
    bombard(c, c.mdt, mdt_requests(c))
    serves(c)


def test_ost_refuses_malformed_requests(c):
    bombard(c, c.ost, ost_requests(c))
    # whoever may write may fill the disk: give it back
    for objid in (c.objid, 1):
        c.oss_peer.call(c.ost, OPCODES["OST_PUNCH"], [obdo(c, 0x30, objid, blocks=(1 << 64) - 1), b""], 6)
    c.c1.wait_for(f"[ $(df --output=avail {c.fs.mnt} | tail -n 1) -gt 300000 ]", timeout=60)
    serves(c)


def test_unknown_opcodes_are_refused(c):
    for target in (c.mgs, c.mdt, c.ost):
        served = {FORMATS[n][0] for n in FORMATS}
        for opc in (*range(0, 128), *range(245, 262), *range(398, 406), *range(500, 512), 601, 602, *range(699, 703),
                    801, 802, 803, 899, 900, 901, 902, 1000, 1101, 1102, 1103, 65535, 0x7FFFFFFF, 0xFFFFFFFF):
            if opc in served:
                continue
            assert target.peer.call(target, opc, [bytes(216)] * 4).status < 0, opc


def test_requests_of_every_format_to_every_target(c):
    """Also those that a target does not serve, with buffers of the right sizes and nothing in them."""
    for target in (c.mgs, c.mdt, c.ost):
        for name, (opc, _, fields) in FORMATS.items():
            if "CONNECT" in name:
                continue
            for fill in (0, 0xFF):
                bufs = [bytes([fill]) * (size or 8) for _, size, _ in fields[1:]]
                target.peer.send(target.portal, message([target.peer.body(opc, target.handle, target.conn_cnt)] + bufs))
            settle(target, target.portal)
    serves(c)


def test_connects_are_checked(c):
    for target in (c.mgs, c.mdt, c.ost):
        peer, good = target.peer, target.connect_bufs()
        name = {"MGS": "MGS_CONNECT", "MDT": "MDS_CONNECT", "OST": "OST_CONNECT"}[target.kind]
        good[1] = string("stranger_UUID").ljust(39, b"\0")
        body = peer.body(target.connect_op, 0, op_flags=0x20)
        for make in (wrong_sizes, wrong_values):
            for i, (_, data) in enumerate(make(name, good, body)):
                peer.send(target.portal, data)
                if i % 48 == 0:
                    settle(target, target.portal)
        settle(target, target.portal)
    serves(c)


def test_bulk_that_does_not_fit_is_refused(c):
    """Fewer, more, smaller and no descriptors for what a write announces."""
    peer = c.oss_peer
    for n, niobufs, bufcnt, brw in ((4096, 1, 1, 0), (4096, 1, 1, 3 << 16), (1 << 20, 1, 1, 0), (1 << 20, 4, 4, 3 << 16),
                                    (4096, 1, 2, 0), (4096, 0, 0, 0), (4096, 1, 1, 0xFFFFFFFF), (0, 1, 1, 0),
                                    (0xFFFFFFFF, 1, 1, 0), (4096, 1000, 1000, 0)):
        xid = peer.next_xid()
        nb = b"".join(struct.pack("<QII", i * n, n, 0x402) for i in range(niobufs))
        bufs = [obdo(c), struct.pack("<QQII", c.objid, 0, brw, bufcnt), nb, b""]
        for memory in (None, b"", b"y" * min(n, 100), b"y" * min(n, 1 << 20)):
            if memory is not None:
                peer.net.memory[8, xid] = memory
            # without memory the server gives up when the client would
            body = peer.body(OPCODES["OST_WRITE"], c.ost.handle, c.ost.conn_cnt, timeout=2)
            peer.send(6, message([body] + bufs), xid)
            xid = peer.next_xid()
    settle(c.ost, 6)
    serves(c)


def teardown(c):
    c.mds_peer.net.close()
    c.oss_peer.net.close()
    c.fs.down()
