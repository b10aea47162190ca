# SPDX-License-Identifier: GPL-2.0
"""A peer that speaks LNet over TCP from scratch, well or badly. Runs on a node that
has no LNet: python3 _lnet_peer.py VICTIM CASE. Says 'ok' or fails."""

import random
import select
import socket
import struct
import sys
import time

ACCEPTOR_MAGIC = 0xACCE7100
PROTO_MAGIC = 0x45726963
ACK, PUT, GET, REPLY, HELLO = range(5)
NONE = b"\xff" * 16
PING_BITS = 1 << 63
NOOP, LNET = 0xC0, 0xC1


def nid(ip, net=0):
    return 2 << 48 | net << 32 | struct.unpack(">I", socket.inet_aton(ip))[0]


VICTIM = sys.argv[1]
ME = "10.0.0.%d" % int(socket.gethostname()[1:])
INCARNATION = int(time.time() * 1e9)


def connect(privileged=True):
    for port in range(1023, 512, -1):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(15)
        try:
            if privileged:
                s.bind((ME, port))
            s.connect((VICTIM, 988))
            return s
        except OSError:
            s.close()
    raise SystemExit("no port is free")


def acceptor(to=None, magic=ACCEPTOR_MAGIC, version=1):
    return struct.pack("<IIQ", magic, version, nid(VICTIM) if to is None else to)


def hello(ctype=1, version=3, magic=PROTO_MAGIC, src=None, pid=12345, incarnation=None, nips=0, ips=b""):
    return struct.pack("<IIQQIIQQiI", magic, version, nid(ME) if src is None else src, nid(VICTIM), pid, 0,
                       incarnation or INCARNATION, 0, ctype, nips) + ips


def recv(s, n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def closed(s):
    """The victim closes within 15 seconds, whatever it says before."""
    try:
        while s.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


class Conn:
    """A connection after a good handshake."""

    def __init__(self, ctype=1, incarnation=None):
        self.s = connect()
        self.s.sendall(acceptor() + hello(ctype, incarnation=incarnation))
        answer = struct.unpack("<IIQQIIQQiI", recv(self.s, 56))
        assert answer[0] == PROTO_MAGIC and answer[1] == 3 and answer[2] == nid(VICTIM), answer
        assert answer[4:6] == (12345, 0) and answer[9] == 0, answer
        self.ctype = answer[8]
        self.victim_incarnation = answer[6]

    def send(self, type, body=b"", payload=b"", length=None, dest=None, src=None, cookie=0, ack=0, csum=0,
             kind=LNET):
        hdr = struct.pack("<QQIIII", nid(VICTIM) if dest is None else dest, nid(ME) if src is None else src,
                          12345, 12345, type, len(payload) if length is None else length)
        self.s.sendall(struct.pack("<IIQQ", kind, csum, cookie, ack) + hdr + body.ljust(40, b"\0") + payload)

    def noop(self, first, second):
        self.s.sendall(struct.pack("<IIQQ", NOOP, 0, first, second))

    def message(self):
        """(kind, cookies, type, body, payload) of the next message"""
        kind, csum, first, second = struct.unpack("<IIQQ", recv(self.s, 24))
        assert csum == 0
        if kind == NOOP:
            return kind, (first, second), None, None, None
        assert kind == LNET
        hdr = recv(self.s, 72)
        dest, src, dpid, spid, type, length = struct.unpack("<QQIIII", hdr[:32])
        assert (dest, src, dpid, spid) == (nid(ME), nid(VICTIM), 12345, 12345)
        return kind, (first, second), type, hdr[32:], recv(self.s, length)

    def ping(self, sink=272, handle=b"H" * 16):
        self.send(GET, handle + struct.pack("<QIII", PING_BITS, 0, 0, sink))
        kind, _, type, body, payload = self.message()
        assert (kind, type, body[:16]) == (LNET, REPLY, handle)
        return payload

    def alive(self):
        assert struct.unpack("<I", self.ping()[:4])[0] == 0x70696E67
        return True


def put(portal, bits=0, ack=NONE, offset=0):
    return ack + struct.pack("<QQII", bits, 0, portal, offset)


def get(portal, bits=0, sink=100):
    return b"G" * 16 + struct.pack("<QIII", bits, portal, 0, sink)


def ping_info(nnis=2, features=0x1E, magic=0x70696E67, first=9 << 48, extra=()):
    nis = [(first, 1), (nid(ME), 0x15AAC0DE)] + [(n, 0x15AAC0DE) for n in extra]
    data = struct.pack("<IIII", magic, features, 12345, nnis)
    return data + b"".join(struct.pack("<QII", n, s, 0) for n, s in nis)


# --- the acceptor ---

def case_unprivileged_port():
    s = connect(privileged=False)
    try:
        s.sendall(acceptor() + hello())
    except OSError:
        return True
    return closed(s)


def case_wrong_acceptor_magic():
    s = connect()
    s.sendall(acceptor(magic=0x12345678))
    return closed(s)


def case_wrong_acceptor_version():
    s = connect()
    s.sendall(acceptor(version=9))
    assert recv(s, 16) == struct.pack("<IIQ", ACCEPTOR_MAGIC, 1, 0)
    return closed(s)


def case_nid_of_somebody_else():
    for to in (nid("10.0.0.77"), nid(VICTIM, 1), 0, 2**64 - 1, 9 << 48):
        s = connect()
        s.sendall(acceptor(to=to) + hello())
        assert closed(s)
    return True


def case_silence():
    socks = [connect() for _ in range(3)]
    socks[1].sendall(acceptor()[:5])
    socks[2].sendall(acceptor() + hello()[:30])
    begin = time.time()
    assert Conn().alive()       # others are not kept waiting
    assert time.time() - begin < 4
    return all(closed(s) for s in socks)


# --- HELLO ---

def case_hello_magic():
    for magic in (0, struct.unpack("<I", struct.pack(">I", PROTO_MAGIC))[0]):
        s = connect()
        s.sendall(acceptor() + hello(magic=magic))
        assert closed(s)
    return True


def case_hello_version():
    for version in (4, 9):
        s = connect()
        s.sendall(acceptor() + hello(version=version))
        answer = struct.unpack("<IIQQIIQQiI", recv(s, 56))
        assert answer[:2] == (PROTO_MAGIC, 3) and answer[8] == -1
        assert closed(s)
    return True


def case_hello_addresses():
    s = connect()
    s.sendall(acceptor() + hello(nips=2, ips=b"\1\2\3\4\5\6\7\x08"))
    recv(s, 56)
    s.close()
    for nips, ips in ((17, b"\1" * 68), (2, b"\0" * 8), (0xFFFFFFFF, b"")):
        s = connect()
        s.sendall(acceptor() + hello(nips=nips, ips=ips))
        assert closed(s)
    return True


def case_hello_nonsense():
    for args in (dict(ctype=4), dict(ctype=-1), dict(ctype=2**31 - 1), dict(pid=1), dict(src=2**64 - 1),
                 dict(src=9 << 48), dict(src=nid(VICTIM)), dict(src=nid(ME, 1))):
        s = connect()
        s.sendall(acceptor() + hello(**args))
        assert closed(s), args
    return True


def case_types_are_inverted():
    conns = [Conn(t) for t in (1, 2, 3)]
    return [c.ctype for c in conns] == [1, 3, 2] and len({c.victim_incarnation for c in conns}) == 1


def case_many_connections():
    conns = [Conn(1) for _ in range(60)]
    # each is read; the answer comes on any
    for c in conns:
        c.send(GET, b"M" * 16 + struct.pack("<QIII", PING_BITS, 0, 0, 16))
    answers = 0
    while answers < len(conns):
        ready = select.select([c.s for c in conns], [], [], 15)[0]
        assert ready
        for c in conns:
            if c.s in ready:
                assert c.message()[2] == REPLY
                answers += 1
    return True


def case_new_incarnation():
    old = [Conn(t) for t in (1, 2, 3)]
    assert old[0].alive()
    new = Conn(1, incarnation=INCARNATION + 1)
    assert all(closed(c.s) for c in old)
    return new.alive()


# --- messages ---

def closes(*args, **kw):
    sibling = Conn(2)
    c = Conn()
    assert c.alive()
    c.send(*args, **kw)
    return closed(c.s) and closed(sibling.s)


def case_fatal_messages():
    assert closes(GET, get(1), payload=b"1234")
    assert closes(ACK, b"A" * 28, payload=b"1")
    assert closes(PUT, put(1), length=1048577)
    assert closes(REPLY, b"R" * 16, length=0xFFFFFFFF)
    assert closes(HELLO)
    assert closes(9)
    assert closes(PUT, put(1), dest=nid("10.0.0.77"))
    assert closes(GET, get(1), kind=0xC2)
    assert closes(GET, get(1), csum=1)
    assert closes(GET, get(1), ack=7)   # a cookie that nobody gave
    return True


def case_fatal_noops():
    for first, second in ((3, 1), (0, 77), (5, 9), (9, 5), (2, 2**64 - 1), (2**64 - 1, 2)):
        c = Conn()
        c.noop(first, second)
        assert closed(c.s), (first, second)
    return True


def case_keepalives():
    c = Conn()
    c.noop(0, 1)
    c.noop(1, 1)
    c.noop(0, 0)
    c.noop(0, 1)
    return c.alive()


def case_dropped_messages():
    c = Conn()
    big = bytes(1048576)
    for portal in (0, 5, 63, 64, 0xFFFFFFFF):
        c.send(PUT, put(portal), payload=b"x" * 1000)
        c.send(PUT, put(portal, ack=b"A" * 16), payload=big)
        c.send(GET, get(portal))
        c.send(GET, get(portal, sink=0xFFFFFFFF))
    c.send(REPLY, b"R" * 16, payload=b"x" * 100)
    c.send(REPLY, NONE, payload=b"x" * 100)
    c.send(ACK, b"A" * 28)
    c.send(PUT, put(1), dest=nid("10.0.0.1", 5), payload=b"routed")
    c.send(PUT, put(1), src=nid(VICTIM), payload=b"from yourself")
    c.send(PUT, put(1), src=2**64 - 1, payload=b"from nobody")
    return c.alive()


def case_cookies_come_back_once():
    c = Conn()
    for cookie in (7, 8, 2**64 - 2):
        c.send(PUT, put(5), payload=b"y" * 70000, cookie=cookie)
        assert c.message()[:2] == (NOOP, (0, cookie))
    return c.alive()


def case_ping():
    c = Conn()
    magic, features, pid, nnis = struct.unpack("<IIII", c.ping()[:16])
    assert (magic, features, pid) == (0x70696E67, 0x1E, 12345) and nnis >= 2
    nis = [struct.unpack("<QII", c.ping()[16 + i * 16:32 + i * 16]) for i in range(nnis)]
    assert nis[0][0] == 9 << 48 and nis[0][2] == 0
    assert (nid(VICTIM), 0x15AAC0DE, 0) in nis
    assert len(c.ping(sink=32)) == 32 and len(c.ping(sink=0)) == 0
    assert len(c.ping(sink=3216)) == 16 + 16 * nnis
    return True


def case_push():
    c = Conn()
    bits = PING_BITS
    good = ping_info(extra=[nid(ME, 1)], nnis=3)
    for data in (good, ping_info(), ping_info(magic=1), ping_info(nnis=0), ping_info(nnis=0xFFFFFFFF),
                 ping_info(features=0), ping_info(first=nid(ME)), b"", b"x" * 15, b"x" * 31,
                 ping_info(nnis=200), bytes(1048576),
                 ping_info(nnis=202, extra=[nid("10.1.%d.1" % i) for i in range(200)])):
        c.send(PUT, put(0, bits, ack=b"P" * 16), payload=data)
        while True:
            kind, _, type, body, _ = c.message()
            if type == ACK:
                break
            assert kind == NOOP or type in (GET, PUT), type     # it may discover us meanwhile
        assert body[:16] == b"P" * 16 and struct.unpack("<Q", body[16:24])[0] == bits
        assert struct.unpack("<I", body[24:28])[0] == min(len(data), 3216)
    return c.alive()


def case_slow_bytes():
    c = Conn()
    data = struct.pack("<IIQQ", LNET, 0, 0, 0) + struct.pack("<QQIIII", nid(VICTIM), nid(ME), 12345, 12345, GET, 0)
    data += (b"S" * 16 + struct.pack("<QIII", PING_BITS, 0, 0, 272)).ljust(40, b"\0")
    c.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for b in data:
        c.s.sendall(bytes([b]))
    assert c.message()[2] == REPLY
    c.s.sendall(struct.pack("<IIQQ", NOOP, 0, 0, 1) * 3 + data * 2)     # several at once
    return c.message()[2] == REPLY and c.message()[2] == REPLY and c.alive()


def case_end_inside_a_message():
    c = Conn()
    c.send(PUT, put(5), length=1000, payload=b"z" * 10)
    c.s.close()
    c = Conn(3)
    c.s.sendall(b"\xc1")
    c.s.close()
    return Conn().alive()


def case_peer_that_never_reads():
    """Asks without end and reads nothing: the victim ends it, and its memory does not grow."""
    c = Conn()
    c.s.settimeout(None)
    c.s.setblocking(False)
    ask = struct.pack("<IIQQ", LNET, 0, 0, 0) + struct.pack("<QQIIII", nid(VICTIM), nid(ME), 12345, 12345, GET, 0)
    ask += (b"F" * 16 + struct.pack("<QIII", PING_BITS, 0, 0, 3216)).ljust(40, b"\0")
    end = time.time() + 60
    rest = ask * 100
    while time.time() < end:
        select.select([], [c.s], [], 1)
        try:
            n = c.s.send(rest)
            rest = rest[n:] or ask * 100
        except BlockingIOError:
            pass
        except OSError:
            return Conn().alive()
    return False


def case_garbage():
    rnd = random.Random(1)
    for i in range(200):
        good = acceptor() + hello(ctype=rnd.choice((1, 2, 3)))
        s = connect()
        if i % 2:       # after a good handshake
            s.sendall(good)
            try:
                recv(s, 56)
            except EOFError:
                pass
            data = bytearray(struct.pack("<IIQQ", rnd.choice((NOOP, LNET)), 0, 0, 0) +
                             struct.pack("<QQIIII", nid(VICTIM), nid(ME), 12345, 12345, rnd.randrange(5),
                                         rnd.choice((0, 1, 100, 1 << 20))) + rnd.randbytes(40 + rnd.randrange(300)))
        else:
            data = bytearray(good)
        for _ in range(rnd.randrange(6)):
            data[rnd.randrange(len(data))] = rnd.randrange(256)
        try:
            s.sendall(data)
        except OSError:
            pass
        s.close()
    return Conn().alive()


if __name__ == "__main__":
    assert globals()["case_" + sys.argv[2]]()
    print("ok")
