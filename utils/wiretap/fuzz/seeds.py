#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""seeds.py CAPTURES DIR: small inputs for the fuzzer, out of captures: each kind of exchange once (a
request, its bulk transfer and its reply, one behind the other), and one short capture file."""

import glob
import lzma
import os
import struct
import sys

HEAD, LIMIT = 96, 4096      # ksock and LNet headers of a message; the fuzzer's -max_len


def streams(data):
    """Both directions of every TCP connection: bytes in order."""
    at, flows = 24, {}
    while at + 16 <= len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        ip = frame[14:14 + struct.unpack_from(">H", frame, 16)[0]]
        tcp = ip[(ip[0] & 15) * 4:]
        body = tcp[(tcp[12] >> 4) * 4:]
        flow = flows.setdefault(ip[12:20] + tcp[:4], {})
        if body:
            flow.setdefault(struct.unpack_from(">I", tcp, 4)[0], body)
    for flow in flows.values():
        out, end = bytearray(), None
        for seq in sorted(flow):
            if end is not None and seq > end:
                break
            out += flow[seq][(end or seq) - seq:]
            end = max(end or seq, seq + len(flow[seq]))
        yield bytes(out)


def messages(stream):
    at = stream.find(b"\xc1\x00\x00\x00")
    while at >= 0 and len(stream) - at >= HEAD and stream[at:at + 4] == b"\xc1\x00\x00\x00":
        size = HEAD + struct.unpack_from("<I", stream, at + 52)[0]
        yield stream[at:at + size]
        at += size


def order(m):
    """0 request, 1 bulk, 2 reply: by the RPC message's type, if it is one"""
    kind = m.find(struct.pack("<I", 0x0bd00bd3), HEAD, HEAD + 12)
    if kind < 0:
        return 1
    nr = struct.unpack_from("<I", m, HEAD)[0]
    body = HEAD + ((32 + 4 * nr + 7) & ~7)
    return 0 if m[body + 8:body + 12] == struct.pack("<I", 4711) else 2


def main(captures, out):
    os.makedirs(out, exist_ok=True)
    seen, nr = set(), 0
    for path in sorted(glob.glob(captures + "/*.pcap*")):
        with (lzma.open if path.endswith(".xz") else open)(path, "rb") as f:
            data = f.read()
        exchanges = {}
        for stream in streams(data):
            for m in messages(stream):
                kind = struct.unpack_from("<I", m, 48)[0]
                if kind == 1:
                    bits, _, portal = struct.unpack_from("<QQI", m, 72)
                    exchanges.setdefault(bits, []).append((portal, m))
        for parts in exchanges.values():
            parts.sort(key=lambda p: order(p[1]))
            what = tuple((portal, len(m)) for portal, m in parts)
            joined = b"".join(m for _, m in parts)
            if what in seen or len(joined) >= LIMIT:
                continue
            seen.add(what)
            with open(f"{out}/{nr:04}", "wb") as f:
                f.write(joined)
            nr += 1
        if len(data) < 2 * LIMIT:
            with open(f"{out}/{nr:04}", "wb") as f:
                f.write(data[:LIMIT])
            nr += 1


main(*sys.argv[1:])
