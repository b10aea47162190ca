# SPDX-License-Identifier: GPL-2.0
"""The cache directory outside the tree, and its locks.

Everything here is made once and can be deleted at any time; nothing in it is
ever edited by hand. SHEEN_CACHE moves it.
"""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def cache_dir(*parts):
    base = os.environ.get("SHEEN_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "sheen")
    path = os.path.join(base, *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


@contextlib.contextmanager
def locked(name):
    """Hold an exclusive lock on one thing in the cache; others wait for it."""
    path = cache_dir("lock", name)
    with open(path, "w") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that makes '{name}'")
            fcntl.flock(f, fcntl.LOCK_EX)
        yield


def digest(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p if isinstance(p, bytes) else str(p).encode())
        h.update(b"\0")
    return h.hexdigest()[:12]


def say(text):
    print(f"sheen: {text}", file=sys.stderr, flush=True)


class Failure(Exception):
    """An error with a sentence for the user; printed without a traceback."""


def sh(cmd, what=None, log=None, **kw):
    """Run cmd; on failure raise Failure with the end of its output."""
    if log:
        with open(log, "ab") as f:
            p = subprocess.run(cmd, stdout=f, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **kw)
        if p.returncode:
            with open(log, errors="replace") as f:
                tail = "".join(f.readlines()[-25:])
            raise Failure(f"{what or cmd} failed; log {log} ends with:\n{tail}")
        return ""
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       stdin=subprocess.DEVNULL, text=True, errors="replace", **kw)
    if p.returncode:
        tail = "\n".join(p.stdout.splitlines()[-25:])
        raise Failure(f"{what or cmd} failed:\n{tail}")
    return p.stdout
