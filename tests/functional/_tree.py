#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A load of names, attributes and data whose every state is known.

One seed gives one series of operations. In a node this file runs as a program and does them:
'_tree.py run DIR SEED' says 'N' when the first N operations are promised to be on disk, and
'_tree.py scan DIR' says as JSON what is there. On the host Tree.step() makes the same series without
a file system, and check() says whether what was found is a state that may be left behind.

One process does one thing after the other, so metadata of its directory must be as after some
operation that is not older than the promise; data must be there as far as it was synced.
"""

import ctypes
import hashlib
import json
import os
import random
import stat
import sys

LIMIT = 5000            # operations after the last promise that can have been under way
NODES = 70              # about so many names


class Node:
    def __init__(self, ident, kind, mode):
        self.ident, self.kind, self.mode = ident, kind, mode
        self.uid, self.xattr, self.target, self.nlink = 0, None, None, 1
        self.chunks, self.sure = [], 0          # data by seeds of chunks; how many are synced


def chunk(seed, size):
    """Data that says what it is: (seed, size), then bytes that follow from the seed."""
    head = seed.to_bytes(8, "little") + size.to_bytes(8, "little")
    return head + hashlib.shake_128(head).digest(size - 16)


class Tree:
    """names: path -> Node, paths of one or two parts; a do-er sees every operation."""

    def __init__(self, seed, do=None):
        self.random = random.Random(seed)
        self.names, self.count, self.do = {}, 0, do
        self.ident = 0

    def pick(self, n):
        return int(self.random.random() * n)

    def choose(self, kinds):
        paths = [p for p, node in self.names.items() if node.kind in kinds]
        return paths[self.pick(len(paths))] if paths else None

    def children(self, path):
        return [p for p in self.names if p.startswith(path + "/")]

    def new_path(self):
        self.ident += 1
        where = self.choose("d") if self.pick(2) else None
        return (where + "/" if where else "") + f"n{self.ident}"

    def act(self, name, *args):
        if self.do:
            getattr(self.do, name)(*args)

    def step(self):
        """The next operation; True if afterwards all before it is promised."""
        self.count += 1
        if len(self.names) > NODES:
            return self.remove()
        return CHOICES[self.pick(len(CHOICES))](self)

    # operations

    def add(self, kind, mode):
        path = self.new_path()
        self.names[path] = node = Node(self.ident, kind, mode)
        return path, node

    def create(self):
        mode = (0o600, 0o644, 0o755)[self.pick(3)]
        self.act("create", self.add("f", mode)[0], mode)

    def mkdir(self):
        self.ident += 1
        path = f"n{self.ident}"
        self.names[path] = Node(self.ident, "d", 0o755)
        self.act("mkdir", path, 0o755)

    def symlink(self):
        path, node = self.add("l", 0o777)
        node.target = "x" * (1 + self.pick(200))
        self.act("symlink", node.target, path)

    def append(self, sync=False):
        path = self.choose("f")
        if not path:
            return False
        node = self.names[path]
        self.ident += 1
        size = 16 + self.pick((200, 9000, 300000)[self.pick(3)])
        node.chunks.append((self.ident, size))
        if sync:
            node.sure = len(node.chunks)
        self.act("append", path, self.ident, size, sync)
        return sync

    def append_sync(self):
        return self.append(True)

    def shrink(self):
        path = self.choose("f")
        if not path:
            return
        node = self.names[path]
        del node.chunks[len(node.chunks) // 2:]
        node.sure = min(node.sure, len(node.chunks))
        self.act("truncate", path, sum(size for _, size in node.chunks))

    def chmod(self):
        path = self.choose("fd")
        if path:
            self.names[path].mode = mode = (0o700, 0o750, 0o640 | 0o111)[self.pick(3)]
            self.act("chmod", path, mode)

    def chown(self):
        path = self.choose("fdl")
        if path:
            self.names[path].uid = uid = 1000 + self.pick(20)
            self.act("chown", path, uid)

    def setxattr(self):
        path = self.choose("fd")
        if path:
            self.names[path].xattr = value = "v" * (1 + self.pick(2000))
            self.act("setxattr", path, value)

    def link(self):
        path = self.choose("f")
        if path:
            new = self.new_path()
            self.names[new] = self.names[path]
            self.names[path].nlink += 1
            self.act("link", path, new)

    def forget(self, path):
        node = self.names.pop(path)
        node.nlink -= 1

    def rename(self):
        path = self.choose("fl")
        if not path:
            return
        new = self.new_path() if self.pick(2) else self.choose("fl")
        if self.names.get(new) is self.names[path]:
            return      # names of one file: rename(2) does nothing
        node = self.names[path]
        if new in self.names:
            self.forget(new)
        del self.names[path]
        self.names[new] = node
        self.act("rename", path, new)

    def rename_dir(self):
        path = self.choose("d")
        if path:
            self.ident += 1
            new = f"n{self.ident}"
            for p in [path] + self.children(path):
                self.names[new + p[len(path):]] = self.names.pop(p)
            self.act("rename", path, new)

    def remove(self):
        path = self.choose("fdl")
        if not path:
            return
        if self.names[path].kind != "d":
            self.forget(path)
            self.act("unlink", path)
        elif not self.children(path):
            self.forget(path)
            self.act("rmdir", path)

    def remove_open(self):
        path = self.choose("f")
        if path:
            self.forget(path)
            self.act("unlink_open", path)

    def sync_names(self):
        self.act("sync_names")
        return True

    def sync_all(self):
        for node in self.names.values():
            node.sure = len(node.chunks)
        self.act("sync_all")
        return True

    # comparing

    def state(self):
        """What scan() says, without data."""
        first = {}
        for path in sorted(self.names):
            first.setdefault(self.names[path].ident, path)
        return {path: [n.kind, None if n.kind == "l" else n.mode, n.uid, n.target, n.xattr,
                       None if n.kind == "d" else n.nlink, first[n.ident]] for path, n in self.names.items()}


CHOICES = ([Tree.create] * 9 + [Tree.append_sync] * 4 + [Tree.append] * 5 + [Tree.mkdir] * 2 + [Tree.symlink] * 2 +
           [Tree.shrink] + [Tree.chmod] * 2 + [Tree.chown] * 2 + [Tree.setxattr] * 2 + [Tree.link] * 3 +
           [Tree.rename] * 5 + [Tree.rename_dir] + [Tree.remove] * 5 + [Tree.remove_open] * 2 +
           [Tree.sync_names] + [Tree.sync_all])


def check(found, seed, promised):
    """Raise AssertionError unless the scan is a state from 'promised' on. Returns the operation."""
    tree, names = Tree(seed), {path: entry[:7] for path, entry in found.items()}
    differences = None
    for _ in range(promised):
        tree.step()
    for _ in range(LIMIT):
        state = tree.state()
        if state == names:
            break
        if differences is None:
            differences = [f"{p}: {state.get(p)} / {names.get(p)}"[:200] for p in sorted(set(state) | set(names))
                           if state.get(p) != names.get(p)]
        tree.step()
    else:
        raise AssertionError(f"no state from operation {promised} on; compared with that one: {differences[:8]}")
    for path, node in tree.names.items():
        if node.kind == "f":
            assert not isinstance(found[path][7], str), f"{path} cannot be read: {found[path][7]}"
            want, have = [seed for seed, _ in node.chunks[:node.sure]], found[path][7]
            assert have[:len(want)] == want, f"{path}: synced were {want}, found {have}"
    return tree.count


class Doer:
    """The operations on a real file system; the current directory is the top."""

    def __init__(self):
        self.top = os.open(".", os.O_RDONLY)
        self.held = []

    def create(self, path, mode):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))

    def append(self, path, seed, size, sync):
        fd = os.open(path, os.O_WRONLY | os.O_APPEND)
        data = chunk(seed, size)
        while data:
            data = data[os.write(fd, data):]
        if sync:
            os.fsync(fd)
        os.close(fd)

    def setxattr(self, path, value):
        os.setxattr(path, "user.x", value.encode())

    def chown(self, path, uid):
        os.chown(path, uid, -1, follow_symlinks=False)

    def unlink_open(self, path):
        self.held.append(os.open(path, os.O_RDONLY))
        os.unlink(path)
        if len(self.held) > 5:
            os.close(self.held.pop(0))

    def sync_names(self):
        os.fsync(self.top)

    def sync_all(self):
        if ctypes.CDLL(None, use_errno=True).syncfs(self.top):
            raise OSError(ctypes.get_errno(), "syncfs")

    mkdir, symlink, truncate, chmod = os.mkdir, os.symlink, os.truncate, os.chmod
    link, rename, unlink, rmdir = os.link, os.rename, os.unlink, os.rmdir


def read_chunks(path):
    """Seeds of the good chunks from the start."""
    seeds = []
    try:
        with open(path, "rb") as f:
            data = f.read()
    except OSError as e:
        return str(e)
    pos = 0
    while len(data) - pos >= 16:
        seed, size = (int.from_bytes(data[pos + i:pos + i + 8], "little") for i in (0, 8))
        if size < 16 or size > len(data) - pos or data[pos:pos + size] != chunk(seed, size):
            break
        seeds.append(seed)
        pos += size
    return seeds


def scan():
    found, first = {}, {}
    for top, dirs, files in os.walk("."):
        for name in dirs + files:
            path = os.path.normpath(os.path.join(top, name))
            st = os.lstat(path)
            kind = {stat.S_IFDIR: "d", stat.S_IFLNK: "l"}.get(stat.S_IFMT(st.st_mode), "f")
            try:
                xattr = os.getxattr(path, "user.x", follow_symlinks=False).decode()
            except OSError:
                xattr = None
            found[path] = [kind, None if kind == "l" else stat.S_IMODE(st.st_mode), st.st_uid,
                           os.readlink(path) if kind == "l" else None, xattr,
                           None if kind == "d" else st.st_nlink, st.st_ino,
                           read_chunks(path) if kind == "f" else None]
    for path in sorted(found):
        found[path][6] = first.setdefault(found[path][6], path)
    json.dump(found, sys.stdout)


def main():
    os.umask(0)
    os.chdir(sys.argv[2])
    if sys.argv[1] == "scan":
        scan()
        return
    tree = Tree(int(sys.argv[3]), Doer())
    while True:
        if tree.step():
            os.write(1, b"%d\n" % tree.count)


if __name__ == "__main__":
    main()
