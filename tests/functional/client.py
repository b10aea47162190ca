# SPDX-License-Identifier: GPL-2.0
# pylint: disable=undefined-variable,wildcard-import,unused-wildcard-import
"""What programs find on a mounted file system: one client, files on two OSTs.

Bodies of tests under @on_client run on the client, in a directory of their own.
"""

from cluster.lustre import FileSystem
from functional._posix import *
from functional._remote import Python, on_client

NODES = ["mds", "oss", "c1"]
DISKS = {"mds": ["1G"], "oss": ["1G", "1G"]}
KERNELS = ("6.1", "6.12")


def setup(c):
    c.fs = FileSystem(c)
    c.fs.format()
    c.fs.start()
    c.fs.mount(options="flock,user_xattr")
    c.c1.wait_for(f"lfs setstripe -o 0,1 {c.fs.mnt}/ready", timeout=120)
    c.c1.run(f"lfs setstripe -c 2 -S 64k {c.fs.mnt}")      # files cross OSTs often
    c.py = Python(c.c1, c.fs.mnt)


# --- data ---

@on_client
def test_big_file_reads_back_the_same_after_caches_are_dropped():
    block = noise(MiB)
    with open("big", "wb") as f:
        for i in range(24):
            f.write(block[i:] + block[:i])
        f.flush()
        os.fsync(f.fileno())
    assert os.stat("big").st_size == 24 * MiB
    for _ in range(2):
        with open("big", "rb") as f:
            for i in range(24):
                assert f.read(MiB) == block[i:] + block[:i], i
            assert f.read(1) == b""
        drop_caches()
    assert os.stat("big").st_blocks * 512 >= 24 * MiB
    os.unlink("big")


@on_client
def test_random_operations_agree_with_a_model():
    for seed in (1, 2, 3):
        m = Model(f"random{seed}", seed, 300000)
        m.do(250)
        m.whole()
        m.close()
        drop_caches()
        m.fd = os.open(m.path, os.O_RDONLY)
        m.whole()
        os.close(m.fd)


@on_client
def test_direct_io_needs_pages_and_agrees_with_the_cache():
    put("f", noise(3 * MiB))
    fd = os.open("f", os.O_RDWR | os.O_DIRECT)
    buf = aligned(4 * MiB)
    assert os.preadv(fd, [buf], 0) == 3 * MiB
    assert buf[:3 * MiB] == noise(3 * MiB)
    assert os.preadv(fd, [buf], 3 * MiB) == 0
    assert os.preadv(fd, [memoryview(buf)[:8192]], 3 * MiB - 4096) == 4096
    expect(errno.EINVAL, os.preadv, fd, [buf], 512)
    expect(errno.EINVAL, os.preadv, fd, [memoryview(buf)[512:4608]], 0)
    expect(errno.EINVAL, os.pwritev, fd, [memoryview(buf)[:4096]], 512)
    # what the cache holds, dirty or not, is seen and replaced
    other = open("f", "r+b", buffering=0)
    other.seek(4096)
    other.write(b"a" * 4096)
    assert os.preadv(fd, [memoryview(buf)[:8192]], 4096) == 8192
    assert buf[:4096] == b"a" * 4096 and buf[4096:8192] == noise(3 * MiB)[8192:12288]
    buf[:4096] = b"b" * 4096
    assert os.pwritev(fd, [memoryview(buf)[:4096]], 4096) == 4096
    other.seek(4096)
    assert other.read(4096) == b"b" * 4096
    # only the end of the last piece may be odd
    buf[:5000] = b"c" * 5000
    assert os.pwritev(fd, [memoryview(buf)[:5000]], 4 * MiB) == 5000
    assert os.stat("f").st_size == 4 * MiB + 5000
    assert os.preadv(fd, [memoryview(buf)[:5000]], 4 * MiB) == 5000
    assert get("f")[4 * MiB:] == b"c" * 5000
    assert get("f")[3 * MiB:4 * MiB] == bytes(MiB)
    os.close(fd)


@on_client
def test_appends_go_to_the_end():
    fd = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for i in range(50):
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, b"%09d\n" % i)
    os.ftruncate(fd, 15)
    os.write(fd, b"end")
    assert get("log") == b"000000000\n00000end"
    d = os.open("log", os.O_WRONLY | os.O_APPEND | os.O_DIRECT)
    buf = aligned(4096)
    buf[:] = b"d" * 4096
    os.write(d, buf)
    assert os.stat("log").st_size == 18 + 4096


@on_client
def test_truncate_cuts_and_extends_across_stripes():
    data = noise(400000)
    for size in (0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 131072, 200001, 399999):
        put("t", data)
        os.truncate("t", size)
        assert os.stat("t").st_size == size
        os.truncate("t", 300000)
        want = (data[:size] + bytes(300000))[:300000]
        assert get("t") == want, size
        drop_caches()
        assert os.stat("t").st_size == 300000 and get("t") == want, size
    os.truncate("t", 1 << 40)
    assert os.stat("t").st_size == 1 << 40
    expect(errno.EFBIG, os.truncate, "t", (1 << 63) - 1)
    os.close(os.open("t", os.O_WRONLY | os.O_TRUNC))
    assert os.stat("t").st_size == 0 and os.stat("t").st_blocks == 0
    expect(errno.EINVAL, os.truncate, "t", -1)
    os.mkdir("d")
    expect(errno.EISDIR, os.truncate, "d", 0)
    # files that nobody wrote to yet
    os.mknod("node")
    os.close(os.open("read", os.O_RDONLY | os.O_CREAT))
    for name in ("node", "read"):
        os.truncate(name, 1234567)
        drop_caches()
        assert os.stat(name).st_size == 1234567 and get(name) == bytes(1234567), name


@on_client
def test_files_end_where_their_objects_must():
    limit = 2 * ((1 << 44) - 4096) - 61440       # two objects, the first one ends inside a stripe of 64k
    fd = os.open("huge", os.O_RDWR | os.O_CREAT)
    os.ftruncate(fd, limit)
    expect(errno.EFBIG, os.ftruncate, fd, limit + 1)
    expect(errno.EFBIG, os.pwrite, fd, b"x", limit)
    expect(errno.EFBIG, fallocate, fd, 0, limit, 4096)
    assert os.pwrite(fd, b"x" * 8192, limit - 10) == 10
    os.fsync(fd)
    drop_caches()
    assert os.fstat(fd).st_size == limit and os.pread(fd, 8192, limit - 12) == b"\0\0" + b"x" * 10
    os.close(fd)


@on_client
def test_holes_are_zeros_and_are_found():
    fd = os.open("sparse", os.O_RDWR | os.O_CREAT)
    os.pwrite(fd, b"x" * 4096, 200 * 4096)
    os.pwrite(fd, b"y" * 4096, MiB)
    os.ftruncate(fd, 2 * MiB)
    assert os.pread(fd, 4096, 0) == bytes(4096)
    assert os.lseek(fd, 0, os.SEEK_DATA) == 200 * 4096
    assert os.lseek(fd, 200 * 4096 + 5, os.SEEK_DATA) == 200 * 4096 + 5
    assert os.lseek(fd, 0, os.SEEK_HOLE) == 0
    assert os.lseek(fd, 200 * 4096, os.SEEK_HOLE) == 201 * 4096
    assert os.lseek(fd, 201 * 4096, os.SEEK_DATA) == MiB
    assert os.lseek(fd, MiB, os.SEEK_HOLE) == MiB + 4096
    expect(errno.ENXIO, os.lseek, fd, MiB + 4096, os.SEEK_DATA)
    expect(errno.ENXIO, os.lseek, fd, 2 * MiB, os.SEEK_HOLE)
    expect(errno.ENXIO, os.lseek, fd, -1, os.SEEK_DATA)
    assert os.lseek(fd, -10, os.SEEK_END) == 2 * MiB - 10
    os.fsync(fd)
    assert os.fstat(fd).st_blocks <= 64
    put("full", noise(200000))
    with open("full", "rb") as f:
        assert os.lseek(f.fileno(), 100, os.SEEK_HOLE) == 200000
        assert os.lseek(f.fileno(), 100, os.SEEK_DATA) == 100
    os.close(fd)


@on_client
def test_fallocate_reserves_and_punches():
    fd = os.open("f", os.O_RDWR | os.O_CREAT)
    fallocate(fd, 0, 0, MiB)
    st = os.fstat(fd)
    assert st.st_size == MiB and st.st_blocks * 512 >= MiB, st
    fallocate(fd, KEEP_SIZE, MiB, MiB)
    st = os.fstat(fd)
    assert st.st_size == MiB and st.st_blocks * 512 >= 2 * MiB, st
    os.pwrite(fd, b"z" * MiB, 0)
    fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 100, 300000)
    st = os.fstat(fd)
    assert st.st_size == MiB and st.st_blocks * 512 < 2 * MiB - 200000, st
    assert os.pread(fd, MiB, 0) == b"z" * 100 + bytes(300000) + b"z" * (MiB - 300100)
    drop_caches()
    assert os.pread(fd, MiB, 0) == b"z" * 100 + bytes(300000) + b"z" * (MiB - 300100)
    fallocate(fd, PUNCH_HOLE | KEEP_SIZE, MiB - 10, MiB)
    assert os.fstat(fd).st_size == MiB and os.pread(fd, 20, MiB - 20) == b"z" * 10 + bytes(10)
    for mode in (COLLAPSE_RANGE, ZERO_RANGE, ZERO_RANGE | KEEP_SIZE, PUNCH_HOLE):
        expect(errno.EOPNOTSUPP, fallocate, fd, mode, 0, 4096)
    expect(errno.EINVAL, fallocate, fd, 0, 0, 0)
    expect(errno.ENOSPC, fallocate, fd, KEEP_SIZE, 0, 1 << 33)
    assert os.fstat(fd).st_blocks * 512 < 3 * MiB
    os.posix_fallocate(fd, 0, 2 * MiB)
    assert os.fstat(fd).st_size == 2 * MiB
    os.close(fd)


@on_client
def test_full_osts_say_enospc_and_recover():
    free = os.statvfs(".")
    assert free.f_bavail * free.f_frsize > 500 * MiB
    fd, size = os.open("fill", os.O_WRONLY | os.O_CREAT), 0
    try:
        while True:
            fallocate(fd, 0, size, 16 * MiB)
            size += 16 * MiB
    except OSError as e:
        assert e.errno == errno.ENOSPC
    assert size * 2 > free.f_bavail * free.f_frsize
    block, error = bytes(4 * MiB), None
    os.pwrite(fd, block, 0)
    os.fsync(fd)                    # the file has that space
    more = os.open("more", os.O_WRONLY | os.O_CREAT)
    try:
        for _ in range(50):
            os.write(more, block)
        os.fsync(more)
    except OSError as e:
        error = e.errno
    assert error == errno.ENOSPC
    libc.syncfs(fd)         # hears of it as well, so that nobody later does
    os.close(fd)
    try:
        os.close(more)
    except OSError as e:
        assert e.errno == errno.ENOSPC
    # the MDT answers for the OSTs and asks them now and then
    wait_until(lambda: os.statvfs(".").f_bavail < free.f_bavail / 2, "space is taken")
    os.unlink("fill")
    os.unlink("more")
    wait_until(lambda: os.statvfs(".").f_bavail >= free.f_bavail * 0.97, "space comes back")
    put("again", block)
    with open("again", "rb") as f:
        os.fsync(f.fileno())


@on_client
def test_mapped_files_are_read_written_and_end_at_their_last_page():
    put("m", noise(100000))
    fd = os.open("m", os.O_RDWR)
    m = mmap.mmap(fd, 100000)
    assert m[:] == noise(100000)
    m[50000:50005] = b"hello"
    assert os.pread(fd, 5, 50000) == b"hello"
    m.flush()
    drop_caches()
    assert os.pread(fd, 5, 50000) == b"hello"
    os.pwrite(fd, b"world", 50000)
    assert m[50000:50005] == b"world"
    m.close()
    # the rest of the last page reads as zeros and is not written
    os.ftruncate(fd, 10)
    m = mmap.mmap(fd, 0, access=mmap.ACCESS_WRITE)
    p = ctypes.c_char.from_buffer(m)
    at = ctypes.addressof(p)
    assert ctypes.string_at(at, 4096) == noise(100000)[:10] + bytes(4086)
    ctypes.memset(at + 20, 1, 10)
    os.fsync(fd)
    os.ftruncate(fd, 100)
    assert os.pread(fd, 100, 0) == noise(100000)[:10] + bytes(90)
    assert signal_of(ctypes.string_at, at, 10) == 0
    # mapped beyond the end
    long = libc.mmap
    long.restype, long.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
    at = long(None, 3 << 16, 3, mmap.MAP_SHARED, fd, 0)
    assert signal_of(ctypes.string_at, at + 4096, 1) == signal.SIGBUS
    assert signal_of(ctypes.memset, at + (2 << 16), 1, 1) == signal.SIGBUS
    os.ftruncate(fd, 3 << 16)
    assert signal_of(ctypes.string_at, at + (2 << 16), 1) == 0
    ctypes.memset(at + (2 << 16), 7, 1)
    os.ftruncate(fd, 1 << 16)
    assert signal_of(ctypes.string_at, at + (2 << 16), 1) == signal.SIGBUS
    os.ftruncate(fd, 3 << 16)
    assert ctypes.string_at(at + (2 << 16), 1) == b"\0"
    # private mappings keep their changes to themselves
    private = mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    private[:4] = b"mine"
    os.fsync(fd)
    assert os.pread(fd, 4, 0) != b"mine"
    os.close(fd)


@on_client
def test_programs_run_and_are_busy_while_they_do():
    import shutil
    import subprocess
    shutil.copy("/bin/sleep", "prog")
    p = subprocess.Popen(["./prog", "1000"])
    try:
        wait_until(lambda: os.readlink(f"/proc/{p.pid}/exe") == os.path.abspath("prog"), "it runs")
        expect(errno.ETXTBSY, os.open, "prog", os.O_WRONLY)
    finally:
        p.kill()
        p.wait()
    assert subprocess.call(["./prog", "0"]) == 0
    fd = os.open("prog", os.O_WRONLY)
    expect(errno.ETXTBSY, subprocess.call, ["./prog", "0"])
    os.close(fd)


@on_client
def test_data_moves_inside_the_kernel():
    data = noise(700000)
    put("a", data)
    a, b = os.open("a", os.O_RDONLY), os.open("b", os.O_RDWR | os.O_CREAT)
    n = 0
    while n < 700000:
        n += os.sendfile(b, a, n, 700000 - n)
    assert get("b") == data
    os.ftruncate(b, 0)
    n = 0
    while n < 500000:
        n += os.copy_file_range(a, b, 500000 - n, 100000 + n, n)
    assert get("b") == data[100000:600000]
    assert os.copy_file_range(a, b, 10, 700000, 0) == 0
    r, w = os.pipe()
    assert os.splice(a, w, 30000, offset_src=65536) == 30000
    assert os.splice(r, b, 30000, offset_dst=500000) == 30000
    assert get("b")[500000:] == data[65536:95536]
    import socket
    s, t = socket.socketpair()
    assert os.sendfile(s.fileno(), a, 65000, 4096) == 4096 and t.recv(4096, socket.MSG_WAITALL) == data[65000:69096]


@on_client
def test_sync_of_every_kind_succeeds():
    fd = os.open("f", os.O_RDWR | os.O_CREAT)
    os.write(fd, b"1" * 100000)
    os.fsync(fd)
    os.write(fd, b"2" * 100000)
    os.fdatasync(fd)
    os.write(fd, b"3" * 100000)
    check(libc.sync_file_range(fd, ctypes.c_long(0), ctypes.c_long(0), 7))
    check(libc.syncfs(fd))
    os.sync()
    d = os.open(".", os.O_RDONLY)
    os.fsync(d)
    for flag in (os.O_SYNC, os.O_DSYNC):
        s = os.open("f", os.O_WRONLY | flag)
        assert os.write(s, b"4" * 5000) == 5000
        os.close(s)
    assert get("f") == (b"4" * 5000 + b"1" * 95000 + b"2" * 100000 + b"3" * 100000)
    os.close(fd)


@on_client
def test_unlinked_files_live_until_closed():
    fd = os.open("gone", os.O_RDWR | os.O_CREAT)
    os.write(fd, noise(200000))
    os.unlink("gone")
    assert os.fstat(fd).st_nlink == 0 and os.fstat(fd).st_size == 200000
    drop_caches()
    assert os.pread(fd, 200000, 0) == noise(200000)
    os.pwrite(fd, b"more", 200000)
    os.ftruncate(fd, 200002)
    os.fchmod(fd, 0o600)
    os.fsync(fd)
    assert os.pread(fd, 10, 199998) == noise(200000)[-2:] + b"mo"
    expect(errno.ENOENT, os.stat, "gone")
    os.close(fd)
    # replaced while open
    put("new", b"new")
    put("old", b"old")
    with open("old", "rb") as f:
        os.rename("new", "old")
        assert f.read() == b"old" and get("old") == b"new"


# --- names ---

@on_client
def test_rename_in_all_its_cases():
    put("a", b"a")
    put("b", b"b")
    os.mkdir("empty")
    os.makedirs("full/sub/deep")
    os.rename("a", "b")
    assert get("b") == b"b"[:0] + b"a" and not os.path.exists("a")
    expect(errno.EISDIR, os.rename, "b", "empty")
    expect(errno.ENOTDIR, os.rename, "empty", "b")
    expect(errno.ENOTEMPTY, os.rename, "empty", "full")
    expect(errno.EINVAL, os.rename, "full", "full/sub/deep/x")
    expect(errno.EINVAL, os.rename, "full", "full/sub")
    expect(errno.ENOTEMPTY, os.rename, "full/sub/deep", "full")
    expect(errno.ENOENT, os.rename, "nothing", "x")
    expect(errno.ENOTDIR, os.rename, "b", "b/x")
    os.rename("full/sub", "empty")
    assert os.listdir("empty") == ["deep"] and os.listdir("full") == []
    assert os.stat("full").st_nlink == 2 and os.stat("empty").st_nlink == 3
    os.rename("empty/deep", "full/moved")
    assert os.stat("full").st_nlink == 3 and os.stat("empty").st_nlink == 2
    assert os.stat("full/moved/..").st_ino == os.stat("full").st_ino
    os.link("b", "b2")
    os.rename("b", "b2")            # the same file: nothing happens
    assert os.path.exists("b") and os.stat("b").st_nlink == 2
    os.rename("b", "b")
    os.symlink("b2", "link")
    os.rename("link", "b")
    assert os.readlink("b") == "b2" and os.stat("b2").st_nlink == 1
    os.mkfifo("fifo")
    os.rename("fifo", "full/fifo")
    assert stat.S_ISFIFO(os.stat("full/fifo").st_mode)
    # flags are not in the protocol
    expect(errno.EEXIST, rename2, "b", "b2", NOREPLACE)
    expect(errno.EINVAL, rename2, "b", "other", NOREPLACE)
    expect(errno.EINVAL, rename2, "b", "b2", EXCHANGE)
    assert get("b2") == b"a" and os.readlink("b") == "b2"
    t = os.stat("full").st_mtime
    os.rename("b2", "b3")
    assert os.stat("full").st_mtime == t and sorted(os.listdir(".")) == ["b", "b3", "empty", "full"]


@on_client
def test_hard_links_count():
    put("f", b"data")
    for i in range(50):
        os.link("f", f"l{i}")
    assert os.stat("f").st_nlink == 51 and os.stat("l7").st_ino == os.stat("f").st_ino
    for i in range(50):
        os.unlink(f"l{i}")
    assert os.stat("f").st_nlink == 1
    os.mkdir("d")
    expect(errno.EPERM, os.link, "d", "d2")
    expect(errno.EEXIST, os.link, "f", "d")
    os.symlink("f", "s")
    os.link("s", "s2", follow_symlinks=False)
    assert os.readlink("s2") == "f" and os.lstat("s").st_nlink == 2
    expect(errno.EXDEV, os.link, "/etc/passwd", "x")


@on_client
def test_names_and_symlinks_up_to_their_limits():
    name = "n" * 255
    put(name, b"x")
    assert os.listdir(".") == [name] and get(name) == b"x"
    os.rename(name, "m" * 255)
    os.unlink("m" * 255)
    for f in (os.mkdir, os.stat, os.unlink, os.rmdir, lambda n: put(n), lambda n: os.symlink("x", n), os.mkfifo):
        expect(errno.ENAMETOOLONG, f, "n" * 256)
    put("ok", b"")
    expect(errno.ENAMETOOLONG, os.rename, "ok", "n" * 256)
    expect(errno.ENAMETOOLONG, os.link, "ok", "n" * 256)
    for size in (1, 59, 60, 61, 255, 4094, 4095):
        target = ("t" * 50 + "/") * 100
        os.symlink(target[:size], f"s{size}")
        assert os.readlink(f"s{size}") == target[:size] and os.lstat(f"s{size}").st_size == size
    expect(errno.ENAMETOOLONG, os.symlink, "t" * 4096, "long")
    drop_caches()
    assert len(os.readlink("s4095")) == 4095 and len(os.readlink("s60")) == 60
    os.symlink("loop", "loop")
    expect(errno.ELOOP, os.stat, "loop")
    for odd in (b"a\nb", b"\xff\xfe", b" ", b"-", "\u00e4\u20ac".encode()):
        put(odd, odd)
        assert get(odd) == odd and odd in os.listdir(b".")


@on_client
def test_many_entries_are_listed_once_even_while_they_are_removed():
    names = {f"{i:05d}-{'x' * (i % 60)}" for i in range(500)}
    os.mkdir("d")
    for n in sorted(names):
        os.close(os.open("d/" + n, os.O_CREAT | os.O_WRONLY))
    assert sorted(os.listdir("d")) == sorted(names)
    assert all(e.inode() == e.stat().st_ino for e in os.scandir("d"))
    libc.opendir.restype, libc.readdir.restype, libc.telldir.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long)
    libc.telldir.argtypes = libc.readdir.argtypes = libc.rewinddir.argtypes = libc.closedir.argtypes = [ctypes.c_void_p]
    libc.seekdir.argtypes = [ctypes.c_void_p, ctypes.c_long]
    d = libc.opendir(b"d")

    def read():
        e = libc.readdir(d)
        return e and ctypes.string_at(e + 19).decode()
    seen = [(libc.telldir(d), read())]
    while seen[-1][1]:
        seen.append((libc.telldir(d), read()))
    assert {n for _, n in seen} == names | {".", "..", None} and len(seen) == len(names) + 3
    for at, n in seen[::47] + seen[-1:]:
        libc.seekdir(d, at)
        assert read() == n
    # remove while reading: whatever was there all the time comes once
    libc.rewinddir(d)
    got = []
    while n := read():
        got.append(n)
        if n in names and len(got) % 3:
            os.unlink("d/" + n)
    assert sorted(got) == sorted(names | {".", ".."})
    left = os.listdir("d")
    assert 120 < len(left) < 220
    libc.rewinddir(d)
    assert read() in (".", "..")
    libc.closedir(d)
    expect(errno.ENOTEMPTY, os.rmdir, "d")
    import shutil
    shutil.rmtree("d")
    expect(errno.ENOENT, os.stat, "d")


@on_client
def test_trees_are_made_and_removed():
    for i in range(120):
        os.mkdir(f"d{i}")
    assert os.stat(".").st_nlink == 122
    deep = "/".join(["d"] * 60)
    os.makedirs(deep)
    put(deep + "/f", b"deep")
    assert get(deep + "/f") == b"deep"
    import shutil
    shutil.rmtree("d")
    for i in range(120):
        os.rmdir(f"d{i}")
    assert os.stat(".").st_nlink == 2 and os.listdir(".") == []
    os.mkdir("e")
    expect(errno.EEXIST, os.mkdir, "e")
    expect(errno.EINVAL, os.rmdir, "e/.")
    expect(errno.ENOTEMPTY, os.rmdir, "e/..")
    fd = os.open("e", os.O_RDONLY)
    os.rmdir("e")
    assert os.listdir(fd) == []
    expect(errno.ENOENT, os.mkdir, "x", dir_fd=fd)
    os.close(fd)
    put("f", b"")
    expect(errno.ENOTDIR, os.rmdir, "f")
    expect(errno.EISDIR, os.unlink, os.path.abspath("."))
    expect(errno.ENOTDIR, os.open, "f", os.O_RDONLY | os.O_DIRECTORY)
    expect(errno.EEXIST, os.open, "f", os.O_CREAT | os.O_EXCL)
    expect(errno.EISDIR, os.open, ".", os.O_WRONLY)
    expect(errno.ELOOP, os.open, "/proc/self/cwd", os.O_RDONLY | os.O_NOFOLLOW)


@on_client
def test_special_files_keep_their_numbers():
    os.mknod("chr", 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    os.mknod("blk", 0o600 | stat.S_IFBLK, os.makedev(252, 77))
    os.mknod("file", 0o640 | stat.S_IFREG)
    os.mkfifo("fifo")
    import socket
    s = socket.socket(socket.AF_UNIX)
    s.bind("sock")
    drop_caches()
    assert os.stat("chr").st_rdev == os.makedev(1, 5) and os.stat("blk").st_rdev == os.makedev(252, 77)
    with open("chr", "rb", buffering=0) as f:
        assert f.read(4) == bytes(4)
    put("file", b"data")
    assert get("file") == b"data"
    pid = os.fork()
    if not pid:
        put("fifo", b"through")
        os._exit(0)
    assert get("fifo") == b"through"
    os.waitpid(pid, 0)
    s.listen()
    t = socket.socket(socket.AF_UNIX)
    t.connect("sock")


# --- attributes ---

@on_client
def test_identity_numbers_come_from_the_fid():
    import subprocess
    put("f", b"")
    fid = subprocess.check_output(["lfs", "path2fid", "f"], text=True).strip()[1:-1]
    seq, oid, _ = (int(x, 16) for x in fid.split(":"))
    ino = ((seq << 24) + ((seq >> 24) & 0xffffff0000) + oid) % (1 << 64)
    st = os.stat("f")
    assert st.st_ino == ino > 1 << 32 and st.st_blksize == 4 * MiB
    assert [e.inode() for e in os.scandir(".")] == [ino]
    assert os.stat(os.path.dirname(os.getcwd())).st_ino == 144115188193296385
    assert st.st_dev == os.stat(".").st_dev


@on_client
def test_times_are_set_kept_and_move():
    put("f", b"x")
    os.utime("f", (1000000000, 1100000000))
    st = os.stat("f")
    assert (st.st_atime, st.st_mtime) == (1000000000, 1100000000) and abs(st.st_ctime - time.time()) < 30
    drop_caches()
    st = os.stat("f")
    assert (st.st_atime, st.st_mtime) == (1000000000, 1100000000), st
    os.utime("f", (0, 0))
    drop_caches()
    assert os.stat("f").st_mtime == 0 and os.stat("f").st_atime == 0
    os.utime("f", (5000000000, 5000000000))
    assert os.stat("f").st_mtime == 5000000000
    before = time.time() - 2
    os.utime("f")
    assert abs(os.stat("f").st_mtime - time.time()) < 30
    # one of both, or none
    now, omit = (1 << 30) - 1, (1 << 30) - 2
    os.utime("f", (77, 88))

    def utimens(atime, mtime):
        check(libc.utimensat(AT_FDCWD, b"f", struct.pack("qqqq", *atime, *mtime), 0))
    utimens((0, omit), (99, 0))
    assert (os.stat("f").st_atime, os.stat("f").st_mtime) == (77, 99)
    utimens((55, 0), (0, omit))
    assert (os.stat("f").st_atime, os.stat("f").st_mtime) == (55, 99)
    utimens((0, omit), (0, now))
    assert os.stat("f").st_atime == 55 and os.stat("f").st_mtime >= before
    # a write moves mtime, a read atime, chmod only ctime
    os.utime("f", (77, 88))
    os.chmod("f", 0o600)
    assert os.stat("f").st_mtime == 88
    put("f", b"y", "r+b")
    st = os.stat("f")
    assert st.st_mtime >= before and st.st_atime == 77
    get("f")
    assert os.stat("f").st_atime >= before
    drop_caches()
    assert os.stat("f").st_atime >= before and os.stat("f").st_mtime >= before
    os.utime("f", (77, 88))
    m = mmap.mmap(os.open("f", os.O_RDWR), 1)
    m[0] = 65
    m.close()
    assert os.stat("f").st_mtime >= before
    os.truncate("f", 1)
    os.utime("f", (77, 88))
    os.truncate("f", 100)
    assert os.stat("f").st_mtime >= before
    # directories
    os.mkdir("d")
    os.utime("d", (1, 2))
    put("d/x", b"")
    assert os.stat("d").st_mtime >= before
    os.utime("d", (1, 2))
    os.unlink("d/x")
    assert os.stat("d").st_mtime >= before
    os.symlink("x", "s")
    os.utime("s", (3, 4), follow_symlinks=False)
    assert os.lstat("s").st_mtime == 4
    # who may
    os.chmod("f", 0o666)
    in_child(os.utime, "f", uid=NOBODY, gid=NOBODY)
    expect(errno.EPERM, in_child, os.utime, "f", (1, 2), uid=NOBODY, gid=NOBODY)
    os.chmod("f", 0o644)
    expect(errno.EACCES, in_child, os.utime, "f", uid=NOBODY, gid=NOBODY)


@on_client
def test_modes_owners_and_groups_decide_who_may():
    put("f", b"x")
    os.chown("f", 1001, 2001)
    os.chmod("f", 0o640)

    def opens(how):
        os.close(os.open("f", how))
    os.chmod(".", 0o755)
    in_child(opens, os.O_RDWR, uid=1001, gid=1)
    in_child(opens, os.O_RDONLY, uid=1002, gid=2001)
    in_child(opens, os.O_RDONLY, uid=1002, gid=1, groups=[5, 6, 2001])
    in_child(opens, os.O_RDONLY, uid=1002, gid=1, groups=list(range(3000, 3050)) + [2001])
    expect(errno.EACCES, in_child, opens, os.O_RDWR, uid=1002, gid=1, groups=[2001])
    expect(errno.EACCES, in_child, opens, os.O_RDONLY, uid=1002, gid=1, groups=[5, 6])
    os.chmod("f", 0o604)
    expect(errno.EACCES, in_child, opens, os.O_RDONLY, uid=1002, gid=1, groups=[2001])
    in_child(opens, os.O_RDONLY, uid=1002, gid=1)
    os.mkdir("d")
    os.chmod("d", 0o770)
    os.chown("d", 1001, 2001)
    in_child(put, "d/by-group", b"", uid=1002, gid=1, groups=[7, 2001])
    assert os.stat("d/by-group").st_uid == 1002 and os.stat("d/by-group").st_gid == 1
    expect(errno.EACCES, in_child, put, "d/other", b"", uid=1003, gid=1)
    expect(errno.EACCES, in_child, os.stat, "d/by-group", uid=1003, gid=1)
    os.chmod("d", 0o711)
    in_child(os.path.getsize, "d/by-group", uid=1003, gid=1)
    expect(errno.EACCES, in_child, os.listdir, "d", uid=1003, gid=1)
    # who may change what
    expect(errno.EPERM, in_child, os.chmod, "f", 0o777, uid=1002, gid=2001)
    in_child(os.chmod, "f", 0o600, uid=1001, gid=1)
    expect(errno.EPERM, in_child, os.chown, "f", 1002, -1, uid=1001, gid=1)
    expect(errno.EPERM, in_child, os.chown, "f", -1, 2002, uid=1001, gid=1)
    in_child(os.chown, "f", -1, 2002, uid=1001, gid=1, groups=[2002])
    assert os.stat("f").st_gid == 2002


@on_client
def test_sticky_setgid_and_setuid_bits_do_their_work():
    os.chmod(".", 0o755)
    os.mkdir("tmp")
    os.chmod("tmp", 0o1777)
    in_child(put, "tmp/a", b"", uid=1001, gid=1001)
    for f, args in ((os.unlink, ("tmp/a",)), (os.rename, ("tmp/a", "tmp/b"))):
        expect(errno.EPERM, in_child, f, *args, uid=1002, gid=1002)
    in_child(put, "tmp/c", b"", uid=1002, gid=1002)
    expect(errno.EPERM, in_child, os.rename, "tmp/c", "tmp/a", uid=1002, gid=1002)
    in_child(os.unlink, "tmp/a", uid=1001, gid=1001)
    os.mkdir("g")
    os.chown("g", 0, 2001)
    os.chmod("g", 0o2777)
    in_child(put, "g/f", b"", uid=1001, gid=1001)
    in_child(os.mkdir, "g/d", uid=1001, gid=1001)
    assert os.stat("g/f").st_gid == 2001 and os.stat("g/d").st_gid == 2001
    assert mode_of("g/d") & 0o2000 and not mode_of("g/f") & 0o2000

    def special(name="s", owner=1001):
        put(name, b"#!/bin/sh\n")
        os.chown(name, owner, 2001)
        os.chmod(name, 0o6777)
        assert mode_of(name) == 0o6777
    special()
    in_child(put, "s", b"x", "ab", uid=1002, gid=1002)
    assert mode_of("s") == 0o777
    special()
    in_child(os.truncate, "s", 1, uid=1002, gid=1002)
    assert mode_of("s") == 0o777
    special()
    os.chown("s", 1002, -1)
    assert mode_of("s") == 0o777
    special()
    put("s", b"root may", "ab")
    assert mode_of("s") == 0o6777
    in_child(os.chmod, "s", 0o2755, uid=1001, gid=1001)     # not a member of the file's group
    assert mode_of("s") == 0o755
    in_child(os.chmod, "s", 0o2755, uid=1001, gid=1, groups=[2001])
    assert mode_of("s") == 0o2755
    os.umask(0o077)
    put("u", b"")
    os.mkdir("v")
    os.umask(0o022)
    assert mode_of("u") == 0o600 and mode_of("v") == 0o700


@on_client
def test_extended_attributes_within_their_limits():
    put("f", b"x")
    os.mkdir("d")
    for path in ("f", "d"):
        os.setxattr(path, "user.one", b"1")
        os.setxattr(path, "user.empty", b"")
        os.setxattr(path, "trusted.two", bytes(range(256)))
        os.setxattr(path, "security.three", b"3" * 1000)
        for _ in range(2):
            assert os.getxattr(path, "user.one") == b"1" and os.getxattr(path, "user.empty") == b""
            assert os.getxattr(path, "trusted.two") == bytes(range(256))
            assert os.getxattr(path, "security.three") == b"3" * 1000
            names = set(os.listxattr(path))
            assert names - {"lustre.lov", "trusted.link", "trusted.lma", "trusted.som"} == {"user.one", "user.empty", "trusted.two", "security.three"}, names
            drop_caches()
        assert in_child(os.listxattr, path, uid=NOBODY, gid=NOBODY) == [n for n in os.listxattr(path) if not n.startswith("trusted.")]
        expect(errno.ENODATA, os.getxattr, path, "user.none")
        expect(errno.ENODATA, os.removexattr, path, "user.none")
        expect(errno.EEXIST, os.setxattr, path, "user.one", b"", os.XATTR_CREATE)
        expect(errno.ENODATA, os.setxattr, path, "user.none", b"", os.XATTR_REPLACE)
        os.setxattr(path, "user.one", b"longer than before", os.XATTR_REPLACE)
        assert os.getxattr(path, "user.one") == b"longer than before"
        buf = ctypes.create_string_buffer(100)
        assert libc.getxattr(path.encode(), b"user.one", buf, 5) == -1 and ctypes.get_errno() == errno.ERANGE
        assert libc.getxattr(path.encode(), b"user.one", None, 0) == 18
        assert libc.listxattr(path.encode(), buf, 5) == -1 and ctypes.get_errno() == errno.ERANGE
        os.removexattr(path, "user.one")
        expect(errno.ENODATA, os.getxattr, path, "user.one")
        for size in (3000, 20000, 65000):
            os.setxattr(path, "user.large", noise(size))
            assert os.getxattr(path, "user.large") == noise(size), size
        drop_caches()
        assert os.getxattr(path, "user.large") == noise(65000)
        assert "user.large" in os.listxattr(path)
        expect(errno.E2BIG, os.setxattr, path, "user.larger", bytes(65537))
        os.setxattr(path, "user." + "n" * 250, b"v")
        assert os.getxattr(path, "user." + "n" * 250) == b"v"
        expect(errno.ERANGE, os.setxattr, path, "user." + "n" * 251, b"v")
        expect(errno.EOPNOTSUPP, os.setxattr, path, "other.name", b"v")
        expect(errno.EOPNOTSUPP, os.getxattr, path, "nonsense")
        for i in range(60):
            os.setxattr(path, f"user.many{i}", b"%d" % i)
        assert sum(n.startswith("user.many") for n in os.listxattr(path)) == 60
        expect(errno.EPERM, in_child, os.setxattr, path, "trusted.x", b"", uid=NOBODY, gid=NOBODY)
        expect(errno.ENODATA, in_child, os.getxattr, path, "trusted.two", uid=NOBODY, gid=NOBODY)
        expect(errno.EACCES, in_child, os.setxattr, path, "user.x", b"", uid=NOBODY, gid=NOBODY)
    os.symlink("f", "s")
    expect(errno.EPERM, os.setxattr, "s", "user.x", b"", follow_symlinks=False)
    os.setxattr("s", "trusted.x", b"of the link", follow_symlinks=False)
    assert os.getxattr("s", "trusted.x", follow_symlinks=False) == b"of the link"
    os.chmod("f", 0o600)
    expect(errno.EACCES, in_child, os.getxattr, "f", "user.empty", uid=NOBODY, gid=NOBODY)
    # the layout is one too, and tools that copy it back do no harm
    lov = os.getxattr("f", "lustre.lov")
    assert lov == os.getxattr("f", "trusted.lov") and "lustre.lov" in os.listxattr("f")
    os.setxattr("f", "lustre.lov", lov)
    assert get("f") == b"x"


@on_client
def test_acls_are_enforced_and_inherited():
    import subprocess

    def setfacl(*args):
        subprocess.run(["setfacl", *args], check=True)

    def getfacl(path):
        return subprocess.check_output(["getfacl", "-cpn", path], text=True).split()

    def opens(how, path="f"):
        os.close(os.open(path, how))
    os.chmod(".", 0o755)
    put("f", b"")
    os.chmod("f", 0o600)
    expect(errno.EACCES, in_child, opens, os.O_RDONLY, uid=1001, gid=1001)
    setfacl("-m", "u:1001:r,g:2001:rw", "f")
    assert mode_of("f") == 0o660
    for _ in range(2):
        assert getfacl("f") == ["user::rw-", "user:1001:r--", "group::---", "group:2001:rw-", "mask::rw-", "other::---"]
        in_child(opens, os.O_RDONLY, uid=1001, gid=1001)
        expect(errno.EACCES, in_child, opens, os.O_RDWR, uid=1001, gid=1001)
        in_child(opens, os.O_RDWR, uid=1002, gid=1, groups=[2001])
        expect(errno.EACCES, in_child, opens, os.O_RDONLY, uid=1002, gid=1)
        drop_caches()
    os.chmod("f", 0o640)        # the mask
    expect(errno.EACCES, in_child, opens, os.O_RDWR, uid=1002, gid=1, groups=[2001])
    assert "mask::r--" in getfacl("f")
    assert "system.posix_acl_access" in os.listxattr("f")
    setfacl("-b", "f")
    assert getfacl("f") == ["user::rw-", "group::---", "other::---"] and mode_of("f") == 0o600
    expect(errno.EACCES, in_child, opens, os.O_RDONLY, uid=1001, gid=1001)
    # as chmod: who is not in the group leaves no setgid bit
    for group, mode in ((1, 0o2775), (2, 0o775)):
        put(f"g{group}", b"")
        os.chown(f"g{group}", 1001, 1)
        os.chmod(f"g{group}", 0o2775)
        in_child(setfacl, "-m", "u:1002:r", f"g{group}", uid=1001, gid=group)
        drop_caches()
        assert mode_of(f"g{group}") == mode, group
    # many entries
    setfacl(*sum((["-m", f"u:{3000 + i}:r"] for i in range(25)), []), "f")
    drop_caches()
    in_child(opens, os.O_RDONLY, uid=3024, gid=1)
    assert len(getfacl("f")) == 29
    # default ACLs win over the umask
    os.mkdir("d")
    setfacl("-d", "-m", "u:1001:rwx,g::rx,o::-", "d")
    os.umask(0o077)
    put("d/f", b"")
    os.mkdir("d/sub")
    os.mkfifo("d/fifo", 0o666)
    os.umask(0o022)
    assert mode_of("d/f") == 0o660 and mode_of("d/sub") == 0o770 and mode_of("d/fifo") == 0o660
    assert getfacl("d/f") == ["user::rw-", "user:1001:rwx", "#effective:rw-", "group::r-x", "#effective:r--", "mask::rw-", "other::---"]
    assert "default:user:1001:rwx" in getfacl("d/sub") and "user:1001:rwx" in getfacl("d/sub")
    in_child(put, "d/sub/x", b"", uid=1001, gid=1001)
    expect(errno.EACCES, in_child, os.listdir, "d/sub", uid=1002, gid=1002)
    drop_caches()
    assert "default:user:1001:rwx" in getfacl("d/sub") and mode_of("d/f") == 0o660
    setfacl("-k", "d")
    put("d/plain", b"")
    assert mode_of("d/plain") == 0o644
    expect(errno.EACCES, os.setxattr, "f", "system.posix_acl_default", os.getxattr("d/sub", "system.posix_acl_default"))
    expect(errno.EINVAL, os.setxattr, "f", "system.posix_acl_access", struct.pack("<I", 2) + b"odd")
    expect(errno.EPERM, in_child, os.setxattr, "f", "system.posix_acl_access",
           os.getxattr("d/sub", "system.posix_acl_access"), uid=1001, gid=1001)


@on_client
def test_capabilities_of_files_go_when_they_are_written():
    put("f", b"x")
    cap = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)
    os.setxattr("f", "security.capability", cap)
    assert os.getxattr("f", "security.capability") == cap
    put("f", b"y", "r+b")
    expect(errno.ENODATA, os.getxattr, "f", "security.capability")


# --- mount points, handles ---

@on_client
def test_handles_open_files_after_the_caches_are_gone():
    put("f", b"by handle")
    os.mkdir("d")
    put("d/g", b"below")
    handles = [handle_of(p) for p in ("f", "d", "d/g", ".")]
    assert all(kind == 0x97 and len(data) == 32 for kind, data in handles)
    for _ in range(2):
        fd = open_handle(".", handles[0])
        got = os.read(fd, 20)
        assert got == b"by handle", got
        os.close(fd)
        fd = open_handle(".", handles[1])
        assert os.listdir(fd) == ["g"]
        os.close(fd)
        drop_caches()
    os.rename("d/g", "h")
    fd = open_handle(".", handles[2], os.O_RDWR)
    os.write(fd, b"BELOW")
    os.close(fd)
    assert get("h") == b"BELOW"
    os.unlink("h")
    drop_caches()
    expect(errno.ESTALE, open_handle, ".", handles[2])
    expect(errno.ESTALE, open_handle, ".", (0x97, bytes(32)))
    expect(errno.ESTALE, open_handle, ".", (1, bytes(8)))


def test_nfs_server_exports_it(c):
    """The kernel's NFS server on the client, mounted by the client itself."""
    d = c.fs.mnt + "/exported"
    root = "127.0.0.1:/"
    c.c1.run(f"mkdir -p {d}/dir /mnt/nfs && echo text > {d}/dir/file && chmod 777 {d}")
    c.c1.run(f"mount -t nfsd nfsd /proc/fs/nfsd; mkdir -p /run/rpc_pipefs /var/lib/nfs/v4recovery; rpcbind -w; "
             f"exportfs -o rw,no_root_squash,insecure,fsid=0 127.0.0.1:{d} && rpc.nfsd --no-nfs-version 3 2 && (rpc.mountd -N 3 || true)", 120)
    c.c1.run(f"mount -t nfs4 -o soft,timeo=300 {root} /mnt/nfs", 120)
    c.c1.run("cd /mnt/nfs && cat dir/file && echo more >> dir/file && mkdir new && head -c 3000000 /dev/urandom > new/data && "
             f"ln dir/file link && mv link dir/moved && sync && cmp new/data {d}/new/data", 300)
    assert c.c1.out(f"cat {d}/dir/moved") == "text\nmore"
    c.c1.run("echo 3 > /proc/sys/vm/drop_caches; cd /mnt/nfs && ls -lR . && cat dir/moved && rm -r new && test ! -e new", 120)
    assert c.c1.out("ls /mnt/nfs/dir") == "file\nmoved"
    c.c1.run("umount /mnt/nfs && rpc.nfsd 0 && exportfs -au && pkill rpc.mountd; pkill rpcbind; umount /proc/fs/nfsd", 120)


def test_df_counts_the_osts(c):
    st = c.py("os.statvfs('.')[:]")
    frsize, blocks, bfree = st[1], st[2], st[3]
    osts = [c.oss.out(f"stat -f -c '%S %b %f' /mnt/ost{i}").split() for i in range(2)]
    assert frsize * blocks == sum(int(o[0]) * int(o[1]) for o in osts), (st, osts)
    assert st[9] == 255 and 0 < bfree <= blocks
    assert c.c1.out(f"stat -f -c %t {c.fs.mnt}") == "bd00bd0"
    assert c.c1.out(f"df --output=source,fstype {c.fs.mnt} | tail -1").split() == [f"{c.fs.mgs_nid}:/{c.fs.name}", "lustre"]


def teardown(c):
    c.py.end()
    c.fs.down()
