# SPDX-License-Identifier: GPL-2.0
"""A person's terminal on a node."""

import os
import shutil
import signal
import struct
import sys
import termios
import threading
import tty


def interactive(agent, cmd="exec bash -il"):
    """Connect this terminal to cmd on the node; returns its status."""
    fd = sys.stdin.fileno()
    saved = termios.tcgetattr(fd)
    job = agent.start(f"TERM={os.environ.get('TERM', 'xterm')} {cmd}" if cmd.startswith("exec") else cmd, tty=True,
                      on_output=lambda data: os.write(1, data), hold_stdin=True)

    def resize(*_):
        size = shutil.get_terminal_size()
        agent.send("W", job.id, struct.pack("<HH", size.lines, size.columns))

    def keys():
        import select
        while not job.done.is_set():
            if select.select([fd], [], [], 0.1)[0]:
                data = os.read(fd, 4096)
                if not data:
                    break
                agent.send("I", job.id, data)

    old = signal.signal(signal.SIGWINCH, resize)
    try:
        tty.setraw(fd)
        resize()
        reader = threading.Thread(target=keys, daemon=True)
        reader.start()
        while not job.done.wait(0.5):
            pass
        reader.join()
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, saved)
        signal.signal(signal.SIGWINCH, old)
    return job.status
