# SPDX-License-Identifier: GPL-2.0
"""What one client does, the other sees: two clients, files on two OSTs.

c.a and c.b are Python on the clients (all of _posix.py), in the same directory; c.a2 is a second
process on the first one.
"""

import contextlib

from cluster.lustre import FileSystem
from functional._remote import Python, agree_with_one_model, both

NODES = ["mds", "oss", "c1", "c2"]
DISKS = {"mds": ["1G"], "oss": ["1G", "1G"]}
KERNELS = ("debug", "6.1", "6.12")


def setup(c):
    c.fs = FileSystem(c)
    c.fs.format()
    c.fs.start()
    c.fs.mount(options="flock,user_xattr")
    c.c1.wait_for(f"lfs setstripe -o 0,1 {c.fs.mnt}/ready", timeout=120)
    c.c1.run(f"lfs setstripe -c 2 -S 64k {c.fs.mnt}")
    c.pace = 4 if c.kernel.name == "debug" else 1      # that is slow: fewer rounds of what takes long
    c.a, c.a2, c.b = Python(c.c1, c.fs.mnt), Python(c.c1, c.fs.mnt), Python(c.c2, c.fs.mnt)


# --- data ---

def test_what_one_wrote_the_other_reads(c):
    c.a("put('d1', noise(300000))")
    assert c.b("get('d1') == noise(300000)")
    c.b("put('d1', b'B' * 1000, 'r+b')")
    assert c.a("get('d1') == b'B' * 1000 + noise(300000)[1000:]")
    # not closed, not synced: locks alone make it so
    c.a("f = os.open('d1', os.O_RDWR); os.pwrite(f, b'open', 100000)")
    c.b("f = os.open('d1', os.O_RDWR)")
    assert c.b("os.pread(f, 4, 100000)") == b"open"
    for i in range(20):
        c.a(f"os.pwrite(f, b'{i:05d}', {i * 30000})")
        assert c.b(f"os.pread(f, 5, {i * 30000})") == b"%05d" % i
        c.b(f"os.pwrite(f, b'{i:05d}', {i * 30000 + 5})")
        assert c.a(f"os.pread(f, 10, {i * 30000})") == b"%05d" % i * 2
    both(c, "os.close(f)")


def test_data_of_a_removed_file_is_there_for_who_has_it_open(c):
    c.a("put('gone', b'')")
    c.b("f = os.open('gone', os.O_RDONLY)")
    # the last use on the client that wrote: only its cache has the data
    c.a("put('gone', noise(200000), 'r+b'); os.unlink('gone')")
    assert c.b("os.pread(f, 200001, 0) == noise(200000)")
    c.b("os.close(f)")


def test_random_operations_of_two_clients_agree_with_one_model(c):
    for seed in (11, 12)[:1 if c.pace > 1 else 2]:
        agree_with_one_model(c, seed, 200000, 110 // c.pace)


def test_size_is_known_while_the_other_writes(c):
    c.a("f = os.open('grow', os.O_RDWR | os.O_CREAT)")
    for size in (1, 4096, 65536, 65537, 200000):
        c.a(f"os.ftruncate(f, 0); os.pwrite(f, b'x', {size - 1})")
        assert c.b("os.stat('grow').st_size") == size
        assert c.b("len(get('grow'))") == size
    writer = c.a.start("for i in range(60): os.pwrite(f, noise(10000, i), 200000 + i * 10000)")
    c.b("""
        sizes = []
        while not sizes or sizes[-1] < 800000:
            sizes.append(os.stat('grow').st_size)
            data = get('grow')
            assert len(data) >= sizes[-1], (len(data), sizes)
            assert all(data[200000 + i * 10000:210000 + i * 10000] == noise(10000, i) for i in range((len(data) - 200000) // 10000))
        assert sizes == sorted(sizes), sizes
    """)
    writer.value()
    c.a("os.close(f)")
    assert c.b("os.stat('grow').st_size") == 800000


def test_appends_of_two_clients_never_overlap(c):
    rounds = 150 // c.pace
    c.a("put('log', b'')")
    both(c, f"rounds = {rounds}")
    both(c, """
        me = os.uname().nodename[-1]
        f = os.open('log', os.O_WRONLY | os.O_APPEND)
        for i in range(rounds):
            line = f'{me} {i} {me * (i * 37 % 900)}\\n'.encode()
            assert os.write(f, line) == len(line)
        os.close(f)
    """)
    lines = c.b("get('log')").decode().splitlines()
    assert len(lines) == 2 * rounds, len(lines)
    for me in "12":
        mine = [l for l in lines if l.startswith(me)]
        assert mine == [f"{me} {i} {me * (i * 37 % 900)}" for i in range(rounds)]


def test_writers_of_different_parts_do_not_disturb_each_other(c):
    c.a("put('parts', bytes(2000000))")
    both(c, """
        me = int(os.uname().nodename[-1]) - 1
        f = os.open('parts', os.O_RDWR)
        for i in range(100):            # neighbours within pages and stripes
            os.pwrite(f, noise(9999, i * 2 + me), (i * 2 + me) * 9999)
        os.close(f)
    """)
    want = "b''.join(noise(9999, i) for i in range(200))"
    assert both(c, f"get('parts')[:200 * 9999] == {want}") == [True, True]


def test_truncate_and_write_are_one_after_the_other(c):
    c.a("f = os.open('cut', os.O_RDWR | os.O_CREAT); os.write(f, noise(200000))")
    c.b("os.truncate('cut', 70000)")
    assert c.a("os.fstat(f).st_size") == 70000
    assert c.a("os.pread(f, 200000, 0) == noise(200000)[:70000]")
    c.a("os.pwrite(f, b'end', 150000)")
    assert c.b("get('cut') == noise(200000)[:70000] + bytes(80000) + b'end'")
    c.b("os.truncate('cut', 0)")
    assert c.a("os.pread(f, 100, 0)") == b"" and c.a("os.fstat(f).st_size") == 0
    c.a("os.pwrite(f, b'new', 0)")
    assert c.b("get('cut')") == b"new"
    # dirty data that the other cuts off is gone for good
    c.a("os.pwrite(f, b'dirty' * 30000, 0)")
    c.b("os.truncate('cut', 10); os.truncate('cut', 100000)")
    assert c.a("os.pread(f, 200000, 0)") == b"dirtydirty" + bytes(99990)
    c.a("os.close(f)")
    # while both go on
    both(c, """
        f = os.open('race', os.O_RDWR | os.O_CREAT)
        for i in range(60):
            if int(os.uname().nodename[-1]) == 1:
                os.pwrite(f, b'x' * 5000, i * 5000)
            else:
                os.ftruncate(f, i * 4000)
        os.close(f)
    """)
    sizes = both(c, "(os.stat('race').st_size, len(get('race')), set(get('race')) <= {0, 120})")
    assert sizes[0] == sizes[1] and sizes[0][0] == sizes[0][1] and sizes[0][2], sizes


def test_mappings_of_two_clients_show_the_same(c):
    c.a("put('map', bytes(300000))")
    both(c, "f = os.open('map', os.O_RDWR); m = mmap.mmap(f, 300000)")
    for i, (one, other) in enumerate(((c.a, c.b), (c.b, c.a)) * 5):
        at = i * 29000
        one(f"m[{at}:{at + 3}] = b'{i:03d}'")
        assert other(f"m[{at}:{at + 3}]") == b"%03d" % i
        assert other(f"os.pread(f, 3, {at})") == b"%03d" % i
        other(f"os.pwrite(f, b'pwr', {at + 10})")
        assert one(f"m[{at + 10}:{at + 13}]") == b"pwr"
    # one page, two writers
    both(c, """
        me = int(os.uname().nodename[-1])
        for i in range(100):
            m[me * 100 + i] = me
    """)
    assert both(c, "m[100:300] == b'\\1' * 100 + b'\\2' * 100") == [True, True]
    c.a("os.ftruncate(f, 4096)")
    assert c.b("signal_of(lambda: m[8192])") == 7       # SIGBUS
    both(c, "m.close(); os.close(f)")


def test_direct_io_and_the_other_cache_agree(c):
    c.a("put('direct', noise(200000)); f = os.open('direct', os.O_RDWR); os.pwrite(f, b'cached', 4096)")
    c.b("d = os.open('direct', os.O_RDWR | os.O_DIRECT); buf = aligned(65536)")
    assert c.b("os.preadv(d, [buf], 0), buf[4096:4102]") == (65536, b"cached")
    c.b("buf[:6] = b'direct'; os.pwritev(d, [buf], 65536)")
    assert c.a("os.pread(f, 6, 65536)") == b"direct"
    c.a("os.pwrite(f, b'x' * 1000, 220000)")
    assert c.b("os.preadv(d, [buf], 196608)") == 221000 - 196608
    c.b("os.pwritev(d, [buf], 262144)")
    assert c.a("os.fstat(f).st_size") == 262144 + 65536
    assert c.a("os.pread(f, 100, 262144) == os.pread(f, 100, 196608)")
    c.a("os.close(f)")
    c.b("os.close(d)")


def test_holes_of_one_are_found_by_the_other(c):
    c.a("f = os.open('holes', os.O_RDWR | os.O_CREAT); os.ftruncate(f, 1 << 20); os.pwrite(f, b'x' * 4096, 500 << 10)")
    c.b("f = os.open('holes', os.O_RDWR)")
    assert c.b("os.lseek(f, 0, os.SEEK_DATA), os.lseek(f, 500 << 10, os.SEEK_HOLE)") == (500 << 10, 504 << 10)
    c.b("fallocate(f, PUNCH_HOLE | KEEP_SIZE, 500 << 10, 4096)")
    assert c.a("os.pread(f, 4096, 500 << 10) == bytes(4096)")
    assert c.a("[expect(errno.ENXIO, os.lseek, f, 0, os.SEEK_DATA)]") == [None]
    c.b("fallocate(f, 0, 1 << 20, 1 << 20)")
    assert c.a("os.fstat(f).st_size") == 2 << 20
    assert c.a("os.fstat(f).st_blocks") >= 2048
    both(c, "os.close(f)")


def test_synced_and_closed_data_has_its_blocks_and_times(c):
    c.a("put('times', noise(100000)); os.utime('times', (11, 22))")
    assert c.b("os.stat('times')[7:9]") == (11, 22)
    c.b("os.utime('times', (33, 44))")
    assert c.a("os.stat('times')[7:9]") == (33, 44)
    c.a("f = os.open('times', os.O_RDWR); before = time.time(); os.pwrite(f, b'x', 0)")
    assert c.b("os.stat('times').st_mtime") >= int(c.a("before"))
    assert c.b("os.stat('times').st_blocks") >= 196
    c.a("os.fsync(f); os.close(f)")
    st = [c.a("os.stat('times')[:]"), c.b("os.stat('times')[:]")]
    assert st[0][:7] + st[0][8:] == st[1][:7] + st[1][8:], st
    c.a("drop_caches()")
    assert c.a("os.stat('times')[:]") == c.b("os.stat('times')[:]")


@contextlib.contextmanager
def clock_behind(node):
    node.run("date -s '1 hour ago'")
    try:
        yield
    finally:
        node.run("date -s '1 hour'")


def test_a_writer_whose_clock_is_behind_turns_no_times_back(c):
    c.a("put('behind', b''); os.utime('behind', (111, 222))")
    c.a("f = os.open('behind', os.O_RDWR); before = int(time.time()); os.pwrite(f, b'first', 0); os.fsync(f)")
    with clock_behind(c.c2):
        for flags in ("os.O_RDWR", "os.O_RDWR | os.O_DIRECT"):
            c.b(f"f = os.open('behind', {flags}); os.pwrite(f, mmap.mmap(-1, 4096), 0); os.fsync(f)")
            for x in (c.a, c.b):
                assert x("os.stat('behind').st_mtime") >= c.a("before"), flags
            c.b("os.close(f)")
        c.a("os.close(f)")
        assert c.a("os.stat('behind')[8:]") == c.b("os.stat('behind')[8:]")


def test_a_client_whose_clock_is_behind_can_set_times(c):
    c.a("put('clock', b'x')")
    with clock_behind(c.c2):
        c.b("os.utime('clock', (111, 222))")
        assert c.a("os.stat('clock')[7:9]") == (111, 222)
        # both know the file, the second one not its latest ctime
        c.a("os.utime('clock', (333, 444))")
        c.b("os.utime('clock', (555, 666))")
        assert [x("os.stat('clock')[7:9]") for x in (c.a, c.b)] == [(555, 666)] * 2


def test_file_that_the_other_removed_keeps_its_data(c):
    c.a("put('kept', noise(100000)); f = os.open('kept', os.O_RDWR)")
    c.b("os.unlink('kept')")
    assert c.a("os.path.exists('kept')") is False
    assert c.a("os.fstat(f).st_nlink, os.fstat(f).st_size") == (0, 100000)
    c.a("drop_caches()")
    assert c.a("os.pread(f, 100000, 0) == noise(100000)")
    c.a("os.pwrite(f, b'more', 100000); os.fsync(f)")
    assert c.a("os.pread(f, 4, 100000)") == b"more"
    c.b("put('kept', b'another')")
    assert c.a("get('kept')") == b"another"
    assert c.a("os.pread(f, 3, 0) == noise(100000)[:3]")
    c.a("os.close(f)")
    c.a("f = open('kept', 'rb')")
    c.b("put('over', b'over'); os.rename('over', 'kept')")
    got = c.a("f.read(), get('kept')")
    assert got == (b"another", b"over"), got
    c.a("f.close()")


# --- names and attributes ---

def test_names_come_and_go_at_once(c):
    for i in range(5):
        one, other = ((c.a, c.b), (c.b, c.a))[i % 2]
        assert other(f"os.path.exists('name{i}')") is False     # a negative dentry
        one(f"put('name{i}', b'{i}')")
        assert other(f"get('name{i}')") == b"%d" % i
        assert f"name{i}" in other("os.listdir('.')")
        one(f"os.rename('name{i}', 'moved{i}')")
        assert other(f"os.path.exists('name{i}'), get('moved{i}')") == (False, b"%d" % i)
        other(f"os.unlink('moved{i}')")
        assert one(f"os.path.exists('moved{i}')") is False
        one(f"os.mkdir('moved{i}')")
        assert other(f"os.path.isdir('moved{i}')") is True
        other(f"put('moved{i}/in', b'')")
        assert one(f"os.listdir('moved{i}')") == ["in"]
        assert one(f"[expect(errno.ENOTEMPTY, os.rmdir, 'moved{i}')]") == [None]
        one(f"os.unlink('moved{i}/in'); os.rmdir('moved{i}'); os.symlink('t{i}', 'moved{i}')")
        assert other(f"os.readlink('moved{i}')") == f"t{i}"
    c.a("os.makedirs('tree/sub/deep'); put('tree/sub/deep/f', b'1')")
    assert c.b("get('tree/sub/deep/f')") == b"1"
    c.a("os.rename('tree/sub', 'tree/other')")
    assert c.b("os.path.exists('tree/sub/deep/f'), get('tree/other/deep/f')") == (False, b"1")


def test_listings_are_never_stale(c):
    names = 300 // c.pace
    c.a(f"os.mkdir('list')\nfor i in range({names}): put(f'list/{{i}}', b'')")
    assert c.b("len(os.listdir('list'))") == names
    for i in range(0, names, 50):
        c.a(f"os.unlink('list/{i}'); put('list/new{i}', b'')")
        assert c.b("sorted(os.listdir('list'))") == c.a("sorted(os.listdir('list'))")
        assert c.b(f"'new{i}' in os.listdir('list') and '{i}' not in os.listdir('list')") is True
    # everyone who creates exclusively wins once
    won = both(c, """
        won = []
        for i in range(60):
            try:
                os.close(os.open(f'list/excl{i}', os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                won.append(i)
            except FileExistsError:
                pass
    """) and both(c, "won")
    assert sorted(won[0] + won[1]) == list(range(60)), won
    # both remove all of it
    both(c, """
        for n in os.listdir('list'):
            try:
                os.unlink('list/' + n)
            except FileNotFoundError:
                pass
    """)
    c.b("os.rmdir('list')")
    assert c.a("os.path.exists('list')") is False


def test_attributes_change_at_once(c):
    c.a("put('attr', b'x'); os.chmod('attr', 0o600)")
    assert c.b("mode_of('attr')") == 0o600
    read = "in_child(get, 'attr', uid=1001, gid=1001)"
    c.b(f"expect(errno.EACCES, lambda: {read})")
    c.a("os.chmod('attr', 0o644)")
    assert c.b(read) == b"x"
    c.a("os.chmod('attr', 0o600); os.chown('attr', 1001, 1002)")
    assert c.b(f"{read}, os.stat('attr').st_uid, os.stat('attr').st_gid") == (b"x", 1001, 1002)
    c.a("os.chown('attr', 0, 0)")
    c.b(f"expect(errno.EACCES, lambda: {read})")
    c.a("import subprocess; subprocess.run(['setfacl', '-m', 'u:1001:r', 'attr'], check=True)")
    assert c.b(read) == b"x"
    c.a("subprocess.run(['setfacl', '-b', 'attr'], check=True)")
    c.a("os.mkdir('acls')")
    assert "system.posix_acl_default" not in c.b("os.listxattr('acls')")
    c.a("subprocess.run(['setfacl', '-d', '-m', 'u:1001:r', 'acls'], check=True)")
    assert "system.posix_acl_default" in c.b("os.listxattr('acls')")
    c.b(f"expect(errno.EACCES, lambda: {read})")
    # a directory on the way
    c.a("os.mkdir('way'); put('way/f', b'')")
    stat = "in_child(os.path.exists, 'way/f', uid=1001, gid=1001)"
    assert c.b(stat) is True
    c.a("os.chmod('way', 0o700)")
    assert c.b(stat) is False
    for v in (b"one", b"two"):
        c.a(f"os.setxattr('attr', 'user.x', {v!r})")
        assert c.b("os.getxattr('attr', 'user.x'), os.listxattr('attr').count('user.x')") == (v, 1)
    c.b("os.removexattr('attr', 'user.x')")
    c.a("expect(errno.ENODATA, os.getxattr, 'attr', 'user.x')")
    c.b("os.link('attr', 'attr2')")
    assert c.a("os.stat('attr').st_nlink") == 2
    c.a("os.unlink('attr2')")
    assert c.b("os.stat('attr').st_nlink") == 1


# --- locks ---

def opened(c, name):
    c.a(f"put({name!r}, b'')")
    for p in (c.a, c.a2, c.b):
        p(f"f = os.open({name!r}, os.O_RDWR)")


def close(c):
    for p in (c.a, c.a2, c.b):
        p("os.close(f)")


def test_flock_excludes_the_other_client(c):
    opened(c, "flock")
    lock, nb, un = "fcntl.flock(f, fcntl.LOCK_EX)", "fcntl.flock, f, fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.flock(f, fcntl.LOCK_UN)"
    c.a(lock)
    for p in (c.b, c.a2):
        p(f"expect(errno.EWOULDBLOCK, {nb})")
    waits = c.b.start(lock)
    assert waits.waits()
    c.a(un)
    waits.value(60)
    c.a("expect(errno.EWOULDBLOCK, fcntl.flock, f, fcntl.LOCK_SH | fcntl.LOCK_NB)")
    c.b("fcntl.flock(f, fcntl.LOCK_SH)")        # downgrade
    c.a("fcntl.flock(f, fcntl.LOCK_SH)")
    c.a(f"expect(errno.EWOULDBLOCK, {nb})")     # an upgrade loses the lock it had, when it is refused
    c.b(un)
    c.a(lock)
    # of an open file, not of a process
    c.a("g = os.open('flock', os.O_RDWR); expect(errno.EWOULDBLOCK, fcntl.flock, g, fcntl.LOCK_SH | fcntl.LOCK_NB); os.close(g)")
    c.b(f"expect(errno.EWOULDBLOCK, {nb})")
    c.a("os.close(f); f = os.open('flock', os.O_RDWR)")
    c.b(lock)
    c.b(un)
    close(c)


def test_byte_range_locks_exclude_the_other_client(c):
    opened(c, "range")
    r, w, u = "fcntl.F_RDLCK", "fcntl.F_WRLCK", "fcntl.F_UNLCK"
    c.a(f"lockf(f, {w}, 0, 100)")
    c.a2(f"lockf(f, {w}, 100, 100)")
    for start, length in ((0, 0), (50, 100), (99, 1), (100, 1)):
        c.b(f"expect(errno.EAGAIN, lockf, f, {w}, {start}, {length})")
        c.b(f"expect(errno.EAGAIN, lockf, f, {r}, {start}, {length})")
    c.b(f"lockf(f, {w}, 200, 50)")
    assert c.b(f"lockf(f, {w}, 0, 10, fcntl.F_GETLK)")[:3] == (1, 0, 100)
    assert c.a(f"lockf(f, {r}, 190, 100, fcntl.F_GETLK)")[:3] in ((1, 100, 100), (1, 200, 50))
    assert c.b(f"lockf(f, {w}, 1000, 10, fcntl.F_GETLK)")[0] == 2
    # a part given back, a part turned to shared
    c.a(f"lockf(f, {u}, 40, 20); lockf(f, {r}, 80, 20)")
    c.b(f"lockf(f, {w}, 40, 20); lockf(f, {r}, 90, 10); expect(errno.EAGAIN, lockf, f, {w}, 90, 10)")
    c.b(f"expect(errno.EAGAIN, lockf, f, {w}, 39, 1); expect(errno.EAGAIN, lockf, f, {w}, 60, 1)")
    waits = c.a.start(f"lockf(f, {w}, 200, 10, fcntl.F_SETLKW)")
    assert waits.waits()
    c.b(f"lockf(f, {u}, 200, 50)")
    waits.value(60)
    # any close of the file by the process ends them
    c.a("os.close(os.open('range', os.O_RDONLY))")
    c.b(f"lockf(f, {w}, 0, 100)")
    # locks of one process do not exclude itself; forks do not inherit them
    c.b(f"lockf(f, {w}, 50, 10); expect(errno.EAGAIN, in_child, lockf, f, {w}, 0, 10)")
    # big files
    c.b(f"lockf(f, {w}, 1 << 62, 10)")
    c.a(f"expect(errno.EAGAIN, lockf, f, {r}, (1 << 62) + 5, 1); lockf(f, {r}, (1 << 62) + 10, 1)")
    close(c)


def test_deadlock_of_two_clients_is_refused(c):
    opened(c, "dead")
    c.a("lockf(f, fcntl.F_WRLCK, 0, 10)")
    c.b("lockf(f, fcntl.F_WRLCK, 10, 10)")
    waits = c.a.start("lockf(f, fcntl.F_WRLCK, 10, 10, fcntl.F_SETLKW)")
    assert waits.waits()
    c.b("expect(errno.EDEADLK, lockf, f, fcntl.F_WRLCK, 0, 10, fcntl.F_SETLKW)")
    c.b("lockf(f, fcntl.F_UNLCK, 10, 10)")
    waits.value(60)
    close(c)


def test_locks_of_a_process_end_with_it(c):
    opened(c, "dies")
    p = Python(c.c1, c.fs.mnt)
    for q in (p, c.a2):     # fcntl and flock locks of one file exclude each other
        q("f = os.open('dies', os.O_RDWR); g = os.open('dies2', os.O_RDWR | os.O_CREAT)")
    p("lockf(f, fcntl.F_WRLCK, 0, 10); fcntl.flock(g, fcntl.LOCK_EX)")
    c.b("expect(errno.EAGAIN, lockf, f, fcntl.F_WRLCK, 0, 10)")
    waits = [c.b.start("lockf(f, fcntl.F_WRLCK, 0, 10, fcntl.F_SETLKW)"), c.a2.start("fcntl.flock(g, fcntl.LOCK_EX)")]
    assert all(w.waits(0.5) for w in waits)
    p.kill()
    for w in waits:
        w.value(60)
    # a waiter that dies leaves nothing behind
    p = Python(c.c1, c.fs.mnt)
    p("f = os.open('dies', os.O_RDWR)")
    w = p.start("lockf(f, fcntl.F_WRLCK, 0, 10, fcntl.F_SETLKW)")
    assert w.waits(0.5)
    p.kill()
    c.b("lockf(f, fcntl.F_UNLCK)")
    c.a("lockf(f, fcntl.F_WRLCK, 0, 10)")
    c.a("lockf(f, fcntl.F_UNLCK)")
    c.a2("os.close(g)")
    close(c)


def test_signals_interrupt_those_who_wait_for_locks(c):
    opened(c, "intr")
    for p in (c.a, c.b):
        p("g = os.open('intr2', os.O_RDWR | os.O_CREAT)")
    c.b("lockf(f, fcntl.F_WRLCK, 0, 10); fcntl.flock(g, fcntl.LOCK_EX)")
    c.a("""
        class Stop(Exception): pass
        def stop(*_): raise Stop
        signal.signal(signal.SIGUSR1, stop)
        def tried(function, *args):
            try:
                function(*args)
            except Stop:
                return 'stopped'
    """)
    for call in ("lockf, f, fcntl.F_WRLCK, 0, 10, fcntl.F_SETLKW", "fcntl.flock, g, fcntl.LOCK_EX"):
        w = c.a.start(f"tried({call})")
        assert w.waits()
        c.c1.run(f"kill -USR1 {c.a.pid}")
        assert w.value(60) == "stopped"
    c.b("lockf(f, fcntl.F_UNLCK, 0, 10); os.close(g)")
    c.a2("lockf(f, fcntl.F_WRLCK, 0, 10)")
    c.a("fcntl.flock(g, fcntl.LOCK_EX | fcntl.LOCK_NB); os.close(g)")
    close(c)


def test_open_file_locks_belong_to_the_file(c):
    opened(c, "ofd")
    ofd = "lockf(f, fcntl.F_WRLCK, 0, 10, fcntl.F_OFD_SETLK)"
    c.a(ofd)
    c.b(f"expect(errno.EAGAIN, lambda: {ofd})")
    c.a("g = os.open('ofd', os.O_RDWR); expect(errno.EAGAIN, lockf, g, fcntl.F_WRLCK, 0, 10, fcntl.F_OFD_SETLK)")
    c.a("os.close(g)")
    c.b(f"expect(errno.EAGAIN, lambda: {ofd})")
    c.a("os.close(f); f = os.open('ofd', os.O_RDWR)")
    c.b(ofd)
    close(c)


def teardown(c):
    for p in (c.a, c.a2, c.b):
        p.end()
    c.fs.down()
