# SPDX-License-Identifier: GPL-2.0
"""A node without Sheen that speaks LNet and RPC from scratch: host 10.0.0.254 of a cluster.
It connects to targets as clients do, and then says what no client would say."""

import os
import re
import socket
import struct
import threading
import time

from cluster import TOP, Failure

ME = "10.0.0.254"
ACK, PUT, GET, REPLY = range(4)
NOOP, LNET = 0xC0, 0xC1
PING_BITS = 1 << 63
CB_REQUEST, CB_REPLY = 15, 16
REPLY_OFFSET = 224          # of replies where early ones may come first
BODY = 184
REQUEST, ERR, ANSWER = 4711, 4712, 4713


def nid(ip):
    return 2 << 48 | struct.unpack(">I", socket.inet_aton(ip))[0]


def pack(size, fields):
    """A buffer of zeros with values: {offset: (format, value...)}."""
    data = bytearray(size)
    for at, (fmt, *values) in fields.items():
        struct.pack_into("<" + fmt, data, at, *values)
    return bytes(data)


def string(text):
    return text.encode() + b"\0"


def fid(seq, oid, ver=0):
    return struct.pack("<QII", seq, oid, ver)


# --- the tables of the tree ---

def source(path):
    with open(os.path.join(TOP, path)) as f:
        return f.read()


def numbers(text):
    return {n: int(v, 0) for n, v in re.findall(r"^\s*(\w+)\s*= (\d+|0x\w+)[,;U]", text, re.M)}


OPCODES = numbers(source("include/wire/rpc.h"))


def load_formats():
    """name -> (opcode, mandatory buffers, [(field, size, kind)]) of every request in kernel/rpc/formats.c."""
    text = source("kernel/rpc/formats.c").replace("\\\n", " ")
    fields = {"BODY": (BODY, "FIXED")}
    for kind, name, size in re.findall(r"^\t(FIXED|VAR|ARRAY|STRING|UUID)\((\w+)(?:, (\w+))?\),", text, re.M):
        if name != "BODY":
            fields[name] = (int(size or (39 if kind == "UUID" else 0)), kind)
    macros = dict(re.findall(r"^#define (\w+)\s+(L\(.*\))$", text, re.M))
    formats = {}
    for name, opc, least, rest in re.findall(r"^FORMAT\((\w+), (\w+), (\d+),\s*(.*?)\);", text, re.M | re.S):
        for macro, value in macros.items():
            rest = re.sub(rf"\b{macro}\b", value, rest)
        req = re.match(r"L\(((?:[^()]|\([^()]*\))*)\)", rest).group(1)
        names = ["BODY"] + re.findall(r"RF_(\w+)", req)
        formats[name] = (OPCODES[opc], int(least), [(n, *fields[n]) for n in names])
    return formats


FORMATS = load_formats()


# --- LNet ---

class Lnet:
    """Our connections to one node, all three kinds. What comes in goes to on_put(); GETs of the
    peer are answered from self.memory, {(portal, match bits): bytes}."""

    def __init__(self, c, ip, on_put):
        self.c, self.ip, self.on_put = c, ip, on_put
        self.memory = {}
        self.lock = threading.Lock()
        self.lost = threading.Event()
        self.incarnation = time.time_ns()
        self.socks = [self.connect(t) for t in (1, 2, 3)]
        for s in self.socks:
            threading.Thread(target=self.pump, args=(s,), daemon=True).start()

    def connect(self, kind):
        for port in range(1023, 512, -1):
            s = self.c.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.settimeout(60)
            try:
                s.bind((ME, port))
                s.connect((self.ip, 988))
            except OSError:
                s.close()
                continue
            s.sendall(struct.pack("<IIQ", 0xACCE7100, 1, nid(self.ip)) +
                      struct.pack("<IIQQIIQQiI", 0x45726963, 3, nid(ME), nid(self.ip), 12345, 0,
                                  self.incarnation, 0, kind, 0))
            self.recv(s, 56)
            s.settimeout(None)
            return s
        raise Failure(f"cannot connect to {self.ip}")

    @staticmethod
    def recv(s, n):
        data = bytearray(n)
        view = memoryview(data)
        while view:
            got = s.recv_into(view)
            if not got:
                raise EOFError
            view = view[got:]
        return bytes(data)

    def send(self, kind, body, payload=b"", sock=0):
        hdr = struct.pack("<QQIIII", nid(self.ip), nid(ME), 12345, 12345, kind, len(payload))
        data = struct.pack("<IIQQ", LNET, 0, 0, 0) + hdr + body.ljust(40, b"\0") + payload
        with self.lock:
            self.socks[sock].sendall(data)

    def put(self, portal, bits, payload, offset=0):
        self.send(PUT, b"\xff" * 16 + struct.pack("<QQII", bits, 0, portal, offset), payload)

    def pump(self, s):
        try:
            while True:
                self.one(s)
        except (OSError, EOFError):
            self.lost.set()

    def one(self, s):
        kind, _, cookie, _ = struct.unpack("<IIQQ", self.recv(s, 24))
        if kind == NOOP:
            return
        hdr = self.recv(s, 72)
        kind, length = struct.unpack("<II", hdr[24:32])
        payload = self.recv(s, length)
        if cookie:
            with self.lock:
                s.sendall(struct.pack("<IIQQ", NOOP, 0, 0, cookie))
        if kind == PUT:
            ack = hdr[32:48]
            bits, _, portal, offset = struct.unpack("<QQII", hdr[48:72])
            if ack != b"\xff" * 16:
                self.send(ACK, ack + struct.pack("<QI", bits, length))
            self.on_put(portal, bits, offset, payload)
        elif kind == GET:
            handle = hdr[32:48]
            bits, portal, _, sink = struct.unpack("<QIII", hdr[48:68])
            if portal == 0 and bits == PING_BITS:
                data = struct.pack("<IIII", 0x70696E67, 0x1E, 12345, 2) + \
                    struct.pack("<QII", 9 << 48, 1, 0) + struct.pack("<QII", nid(ME), 0x15AAC0DE, 0)
            else:
                data = self.memory.get((portal, bits))
            if data is not None:
                self.send(REPLY, handle, data[:sink], 1)

    def close(self):
        for s in self.socks:
            s.close()


# --- RPC ---

def message(bufs, flags=0, repsize=8192, count=None, lens=None, magic=0x0BD00BD3, secflvr=0):
    lens = [len(b) for b in bufs] if lens is None else lens
    count = len(bufs) if count is None else count
    head = struct.pack("<8I", count, secflvr, magic, repsize, 0, flags, 0, 0) + struct.pack(f"<{len(lens)}I", *lens)
    data = head + b"\0" * (-len(head) % 8)
    for b in bufs:
        data += b + b"\0" * (-len(b) % 8)
    return data


def parse(data):
    """The buffers of a message, the first is the body."""
    count = struct.unpack_from("<I", data)[0]
    lens = struct.unpack_from(f"<{count}I", data, 32)
    at = (32 + 4 * count + 7) // 8 * 8
    bufs = []
    for n in lens:
        bufs.append(data[at:at + n])
        at += (n + 7) // 8 * 8
    return bufs


class Reply:
    def __init__(self, data):
        self.bufs = parse(data)
        self.handle, self.type, _, self.opc, self.status = struct.unpack_from("<QIIIi", self.bufs[0])


VERSIONS = ((OPCODES["OST_REPLY"], 23, 0x30000), (33, 64, 0x20000), (101, 107, 0x40000), (250, 256, 0x60000),
            (400, 403, 0x10000), (501, 509, 0x50000))


def version(opc):
    if opc in (8, 9, 38, 39, 250, 251, 801, 802, 803, 1101, 1102):
        return 0x10003
    for first, last, v in VERSIONS:
        if first <= opc <= last:
            return v | 3
    return 0x20003


class Peer:
    """All our talk with one node."""

    def __init__(self, c, ip):
        self.replies, self.bulk = {}, {}
        self.arrived = threading.Condition()
        self.xid = (int(time.time()) << 20) & ~63
        self.net = Lnet(c, ip, self.on_put)

    def next_xid(self):
        self.xid += 64
        return self.xid

    def on_put(self, portal, bits, offset, payload):
        if portal == CB_REQUEST:
            return self.callback(bits, payload)
        with self.arrived:
            if portal in (8, 14, 33):
                self.bulk[bits] = payload
            else:
                self.replies[bits] = payload
            self.arrived.notify_all()
        return None

    def callback(self, xid, payload):
        """Asked for a lock: we have none, never had."""
        body = bytearray(parse(payload)[0])
        struct.pack_into("<II", body, 8, ERR, 3)
        struct.pack_into("<i", body, 20, -22)
        at = struct.unpack_from("<I", payload, 20)[0] & 1
        self.net.put(CB_REPLY, xid, message([bytes(body)]), REPLY_OFFSET if at else 0)

    def body(self, opc, handle, conn_cnt=1, mbits=0, **over):
        f = {"type": REQUEST, "version": version(opc), "last_xid": 0, "flags": 0, "op_flags": 0, "transno": 0,
             "timeout": 30} | over
        return pack(BODY, {0: ("Q", handle), 8: ("IIII", f["type"], f["version"], opc, 0), 24: ("Q", f["last_xid"]),
                           48: ("Q", f["transno"]), 56: ("IIII", f["flags"], f["op_flags"], conn_cnt, f["timeout"]),
                           120: ("Q", mbits)})

    def send(self, portal, data, xid=None):
        xid = xid or self.next_xid()
        self.net.put(portal, xid, data)
        return xid

    def wait(self, xid, timeout=60):
        with self.arrived:
            if not self.arrived.wait_for(lambda: xid in self.replies or self.net.lost.is_set(), timeout):
                raise Failure("no reply")
            if xid not in self.replies:
                raise Failure("the connection was closed")
            return Reply(self.replies.pop(xid))

    def call(self, target, opc, bufs, portal=None, **over):
        """One well-formed request."""
        body = self.body(opc, target.handle, target.conn_cnt, **over)
        return self.wait(self.send(portal or target.portal, message([body] + bufs)))


class Target:
    """A target of a node that we are a client of."""

    KINDS = {"MGS": ("MGS_CONNECT", 26), "MDT": ("MDS_CONNECT", 12), "OST": ("OST_CONNECT", 28)}

    def __init__(self, peer, kind, uuid, flags, ours="hostile_UUID"):
        self.peer, self.kind, self.uuid = peer, kind, uuid
        opc, self.portal = self.KINDS[kind]
        self.connect_op = OPCODES[opc]
        self.flags, self.ours = flags, ours
        self.handle = self.conn_cnt = 0
        self.connect()

    def connect_bufs(self):
        ocd = pack(192, {0: ("QII", self.flags, 0x020F0800, 0), 20: ("IQ", 1 << 20, 0x7F),
                         52: ("I", 7), 72: ("H", 8)})
        return [string(self.uuid).ljust(39, b"\0"), string(self.ours).ljust(39, b"\0"), struct.pack("<Q", 0x4242), ocd]

    def connect(self):
        self.conn_cnt += 1
        r = self.peer.call(self, self.connect_op, self.connect_bufs(), op_flags=0x20 if not self.handle else 0)
        if r.status:
            raise Failure(f"connect to {self.uuid}: {r.status}")
        self.handle = r.handle

    def reconnect(self):
        """It threw us out: come back as a new client."""
        self.handle = self.conn_cnt = 0
        self.connect()
