# SPDX-License-Identifier: GPL-2.0
"""What the device-mapper target log-writes recorded, played back on the host.

An entry is a sector that describes it, then its data. The disk's state at a flush or a FUA write is
one that a power cut can leave behind.
"""

import struct

MAGIC = 0x6a736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


def entries(log):
    """(flags, byte position, data or length) of every entry."""
    with open(log, "rb") as f:
        magic, _version, count, unit = struct.unpack("<QQQI", f.read(28))
        assert magic == MAGIC, "no log of log-writes"
        pos = unit
        for _ in range(count):
            f.seek(pos)
            sector, sectors, flags, _ = struct.unpack("<QQQQ", f.read(32))
            pos += unit
            if flags & (DISCARD | MARK):
                yield flags, sector * unit, sectors * unit
                continue
            f.seek(pos)
            yield flags, sector * unit, f.read(sectors * unit)
            pos += sectors * unit


def count_flushes(log):
    return sum(bool(flags & (FLUSH | FUA)) for flags, _, _ in entries(log))


def states(log, image, wanted):
    """Play the log into an image; stop at the flushes whose numbers are wanted, yield each number."""
    number = 0
    with open(image, "r+b") as f:
        for flags, pos, what in entries(log):
            if flags & MARK:
                continue
            f.seek(pos)
            f.write(bytes(what) if flags & DISCARD else what)
            if not flags & (FLUSH | FUA):
                continue
            number += 1
            if number in wanted:
                f.flush()
                yield number
