# SPDX-License-Identifier: GPL-2.0
"""Python on nodes: interpreters that stay (and keep files open), to which tests send code.

    py = Python(c.c1, c.fs.mnt)         # works in that directory, has all of _posix.py
    py("fd = os.open('x', os.O_RDONLY)")
    assert py("os.read(fd, 3)") == b"abc"
    w = py.start("fcntl.flock(fd, fcntl.LOCK_EX)"); assert w.waits(); ...; w.value()
"""

import inspect
import os
import random
import textwrap
import threading

from cluster import Failure

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_posix.py")
TARGET = "/root/posix.py"


class Answer:
    def __init__(self, python, code):
        self.python, self.code = python, code
        self.text, self.done = None, threading.Event()

    def waits(self, seconds=1):
        """Is there still no answer after that time? (For what must not happen; nothing to wait for.)"""
        return not self.done.wait(seconds)

    def value(self, timeout=120):
        if not self.done.wait(timeout):
            raise Failure(f"{self.python.node.name}: no answer after {timeout} s: {self.code}")
        if self.text is None:
            raise Failure(f"{self.python.node.name}: Python ended: {self.code}\n{self.python.errors()}")
        kind, value = eval(self.text)   # pylint: disable=eval-used
        if kind != "ok":
            raise Failure(f"{self.python.node.name}: {value}")
        return value


class Python:
    def __init__(self, node, directory):
        self.node, self.waiting, self.buffer, self.noise = node, [], b"", b""
        with open(SOURCE, "rb") as f:
            node.write(TARGET, f.read())
        self.job = node.agent.start(f"exec python3 -u {TARGET} {directory}", hold_stdin=True, on_output=self.output)
        self.pid = self("os.getpid()")

    def output(self, data):
        self.buffer += data
        while b"\n" in self.buffer and self.waiting:
            line, _, rest = self.buffer.partition(b"\n")
            self.buffer = rest
            if not line.startswith((b"('ok', ", b"('bad', ")):
                self.noise += line + b"\n"
                continue
            answer = self.waiting.pop(0)
            answer.text = line.decode()
            answer.done.set()

    def errors(self):
        return (self.noise + self.buffer).decode(errors="replace")

    def start(self, code, timeout=None):
        answer = Answer(self, code)
        self.waiting.append(answer)
        line = (repr(textwrap.dedent(code)) + "\n").encode()
        for i in range(0, len(line), 16384):
            self.node.agent.send("I", self.job.id, line[i:i + 16384])
        return answer

    def __call__(self, code, timeout=300):
        return self.start(code).value(timeout)

    def kill(self):
        """The interpreter dies without a chance to tidy up."""
        self.job.kill(9)
        self.job.done.wait(60)

    def end(self):
        self.node.agent.send("E", self.job.id)
        self.job.wait(120)


def on_client(function):
    """A test whose body runs on the first client, as Python that has all of _posix.py."""
    source = textwrap.dedent(inspect.getsource(function)).partition("\n")[2]

    def test(c):
        where = function.__name__
        c.py(f"os.mkdir({where!r}); os.chdir({where!r})\n{source}\n{where}()\nos.chdir('..')")
    test.__name__ = function.__name__
    test.__doc__ = function.__doc__
    return test


def both(c, code):
    """The same in c.a and c.b at the same time; their values."""
    answers = [p.start(code) for p in (c.a, c.b)]
    return [a.value(300) for a in answers]


def agree_with_one_model(c, seed, limit, turns):
    """c.a and c.b take turns with random operations on one file, each of them knows what it must be."""
    both(c, f"m = Model('random{seed}', {seed}, {limit})")
    choices = random.Random(seed)
    for _ in range(turns):
        n = choices.choice((1, 1, 2, 3))
        one, other = choices.choice(((c.a, c.b), (c.b, c.a)))
        answers = one.start(f"m.do({n})"), other.start(f"m.skip({n})")
        for a in answers:
            a.value()
    both(c, "m.whole()")
    both(c, "m.close()")
