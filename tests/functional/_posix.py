# SPDX-License-Identifier: GPL-2.0
"""System calls and checks for Python that runs on a node (see _remote.py): what the standard
library lacks, and a file beside a model of it."""

import ctypes
import errno
import fcntl
import hashlib
import mmap
import os
import random
import select
import signal
import stat
import struct
import sys
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long)
AT_FDCWD = -100
KEEP_SIZE, PUNCH_HOLE, COLLAPSE_RANGE, ZERO_RANGE = 1, 2, 8, 16
NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4
NOBODY = 65534
MiB = 1 << 20


def check(rc, path=None):
    if rc < 0:
        e = ctypes.get_errno()
        raise OSError(e, os.strerror(e), path)
    return rc


def expect(error, function, *args, **kw):
    """The call must fail with this errno."""
    try:
        r = function(*args, **kw)
    except OSError as e:
        assert e.errno == error, f"{errno.errorcode[e.errno]} where {errno.errorcode[error]} was expected"
        return
    raise AssertionError(f"{r!r} where {errno.errorcode[error]} was expected")


def fallocate(fd, mode, offset, length):
    check(libc.fallocate(fd, mode, offset, length))


def rename2(old, new, flags):
    check(libc.renameat2(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), flags))


def handle_of(path):
    """name_to_handle_at: (type, bytes)."""
    buf, mount = ctypes.create_string_buffer(struct.pack("Ii", 128, 0), 136), ctypes.c_int()
    check(libc.name_to_handle_at(AT_FDCWD, os.fsencode(path), buf, ctypes.byref(mount), 0))
    size, kind = struct.unpack_from("Ii", buf)
    return kind, buf.raw[8:8 + size]


def open_handle(mount, handle, flags=os.O_RDONLY):
    kind, data = handle
    at = os.open(mount, os.O_RDONLY)
    try:
        return check(libc.open_by_handle_at(at, struct.pack("Ii", len(data), kind) + data, flags))
    finally:
        os.close(at)


def wait_until(done, what):
    """Wait at most a minute for done()."""
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, f"not within a minute: {what}"
        time.sleep(0.2)


def put(path, data=b"", mode="wb"):
    with open(path, mode) as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def get(path):
    with open(path, "rb") as f:
        return f.read()


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def drop_caches():
    os.sync()
    put("/proc/sys/vm/drop_caches", "3")


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def aligned(size):
    """Memory at a page's start, for O_DIRECT."""
    return mmap.mmap(-1, size)


def in_child(function, *args, uid=None, gid=None, groups=()):
    """Call it in a process of its own, as another user; its error is raised here."""
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            if uid is not None:
                os.setgroups(groups)
                os.setresgid(gid, gid, gid)
                os.setresuid(uid, uid, uid)
            os.write(w, repr((0, function(*args))).encode())
        except OSError as e:
            os.write(w, repr((e.errno, None)).encode())
        except BaseException as e:  # pylint: disable=broad-except
            os.write(w, repr((-1, repr(e))).encode())
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as f:
        text = f.read()
    status = os.waitpid(pid, 0)[1]
    assert text, f"child ended with status {status}"
    error, value = eval(text)
    if error > 0:
        raise OSError(error, os.strerror(error))
    assert not error, value
    return value


def signal_of(function, *args):
    """The signal that kills a process that calls it, 0 if none."""
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGBUS, signal.SIG_DFL)
        function(*args)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) * -1


def lockf(fd, kind, start=0, length=0, cmd=fcntl.F_SETLK):
    """fcntl lock; F_GETLK: (type, start, length, pid)."""
    out = fcntl.fcntl(fd, cmd, struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0))
    kind, _, start, length, pid = struct.unpack("hhqqi4x", out)
    return kind, start, length, pid


class Model:
    """Random operations on a file, each compared with what memory says (in the manner of fsx).

    The same seed gives the same operations everywhere: several nodes that hold the same model may
    take turns on one file, do() here and skip() there.
    """

    def __init__(self, path, seed, limit):
        self.path, self.limit = path, limit
        self.random = random.Random(seed)
        self.data = bytearray()
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        self.direct = os.open(path, os.O_RDWR | os.O_DIRECT)
        self.step, self.log = 0, []

    def close(self):
        os.close(self.fd)
        os.close(self.direct)

    def pick(self):
        r = self.random
        op = r.choice(("write", "write", "write", "append", "direct_write", "map_write", "truncate", "truncate", "allocate",
                       "punch", "read", "read", "read", "map_read", "direct_read", "size", "seek", "sync", "reopen"))
        offset, length = r.randrange(self.limit), r.choice((r.randrange(1, 200), r.randrange(1, 100000), r.randrange(1, 20000)))
        if r.random() < 0.3:
            offset &= ~4095
        length = min(length, self.limit - offset)
        self.step += 1
        self.log = self.log[-30:] + [(self.step, op, offset, length)]
        return op, offset, length, r.randrange(1 << 30)

    def grow(self, end):
        if len(self.data) < end:
            self.data += bytes(end - len(self.data))

    def change(self, op, offset, length, seed):
        """What an operation does to the model. Returns the bytes that are written, or None: nothing."""
        if op == "append":
            offset = len(self.data)
        if op in ("direct_write", "direct_read"):
            offset, length = offset & ~4095, (length + 4095) & ~4095
        if op == "map_write":
            length = max(0, min(length, len(self.data) - offset))
        if offset + length > self.limit + 4096 or not length:
            return offset, 0, b""
        new = b""
        if op in ("write", "append", "direct_write", "map_write"):
            new = noise(length, seed)
            self.grow(offset + length)
            self.data[offset:offset + length] = new
        elif op == "truncate":
            del self.data[offset:]
            self.grow(offset)
        elif op == "allocate":
            self.grow(offset + length)
        elif op == "punch":
            end = min(offset + length, len(self.data))
            if offset < end:
                self.data[offset:end] = bytes(end - offset)
        return offset, length, new

    def skip(self, n=1):
        for _ in range(n):
            self.change(*self.pick())

    def do(self, n=1):
        for _ in range(n):
            op, offset, length, seed = self.pick()
            offset, length, new = self.change(op, offset, length, seed)
            try:
                if length:
                    getattr(self, op)(offset, length, new)
            except (OSError, AssertionError) as e:
                raise AssertionError(f"step {self.step} {op} {offset}+{length}: {e!r}; file has {len(self.data)} bytes; "
                                     f"before: {self.log}") from None

    def same(self, got, offset):
        want = bytes(self.data[offset:offset + len(got)])
        if got != want:
            at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
            n = sum(a != b for a, b in zip(got, want))
            raise AssertionError(f"{n} bytes differ from {offset + at} on: {got[at:at + 8].hex()} is not {want[at:at + 8].hex()}")

    def write(self, offset, length, new):
        assert os.pwrite(self.fd, new, offset) == length

    def append(self, offset, length, new):
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        assert os.write(fd, new) == length
        assert os.lseek(fd, 0, os.SEEK_CUR) == offset + length
        os.close(fd)

    def direct_write(self, offset, length, new):
        with aligned(length) as m:
            m[:] = new
            assert os.pwritev(self.direct, [m], offset) == length

    def mapped(self, offset, length, access):
        base = offset & ~4095
        return mmap.mmap(self.fd, offset + length - base, access=access, offset=base), offset - base

    def map_write(self, offset, length, new):
        m, at = self.mapped(offset, length, mmap.ACCESS_WRITE)
        m[at:at + length] = new
        m.close()

    def map_read(self, offset, length, _):
        length = min(length, len(self.data) - offset)
        if length > 0:
            m, at = self.mapped(offset, length, mmap.ACCESS_READ)
            self.same(m[at:at + length], offset)
            m.close()

    def read(self, offset, length, _):
        got = os.pread(self.fd, length, offset)
        assert len(got) == max(0, min(length, len(self.data) - offset)), f"read {len(got)} bytes"
        self.same(got, offset)

    def direct_read(self, offset, length, _):
        with aligned(length) as m:
            n = os.preadv(self.direct, [m], offset)
            assert n == max(0, min(length, len(self.data) - offset)), f"read {n} bytes"
            self.same(m[:n], offset)

    def truncate(self, offset, _, __):
        os.ftruncate(self.fd, offset)

    def allocate(self, offset, length, _):
        fallocate(self.fd, 0, offset, length)

    def punch(self, offset, length, _):
        fallocate(self.fd, PUNCH_HOLE | KEEP_SIZE, offset, length)

    def size(self, *_):
        size = os.stat(self.path).st_size
        assert size == len(self.data), f"size is {size}"

    def seek(self, offset, *_):
        """Between offset and the next data there may be nothing but zeros."""
        if offset >= len(self.data):
            expect(errno.ENXIO, os.lseek, self.fd, offset, os.SEEK_DATA)
            return
        try:
            at = os.lseek(self.fd, offset, os.SEEK_DATA)
        except OSError as e:
            assert e.errno == errno.ENXIO
            at = len(self.data)
        assert offset <= at <= len(self.data) and not any(self.data[offset:at]), f"data from {at} on"

    def sync(self, *_):
        os.fsync(self.fd)

    def reopen(self, *_):
        os.close(self.fd)
        self.fd = os.open(self.path, os.O_RDWR)

    def whole(self):
        """All of the file, by the page cache and by its size."""
        self.size()
        self.same(os.pread(self.fd, self.limit * 2, 0), 0)
        return self.step


def serve():
    """Take Python from standard input, a repr() of a string a line; answer with a line for each."""
    import traceback
    for line in sys.stdin:
        try:
            code = eval(line)
            try:
                run = compile(code, "<test>", "eval")
            except SyntaxError:
                run = compile(code, "<test>", "exec")
            value = eval(run, globals())
            answer = ("ok", value if isinstance(value, (bool, int, float, str, bytes, tuple, list)) else None)
        except BaseException:   # pylint: disable=broad-except
            lines = code.splitlines()
            at = traceback.extract_tb(sys.exc_info()[2])
            answer = ("bad", "\n".join(f"{f.filename}:{f.lineno} {(lines + [''])[f.lineno - 1].strip() if f.filename == '<test>' else ''}"
                                       for f in at[1:]) + "\n" + traceback.format_exc(0))
        print(repr(answer), flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.chdir(sys.argv[1])
    serve()
