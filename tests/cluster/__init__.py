# SPDX-License-Identifier: GPL-2.0
"""Virtual nodes for tests: see docs/developing.md."""

from .cluster import Cluster, CommandFailed, Failure, Node, NodeDied, Result, TOP, each  # noqa: F401
