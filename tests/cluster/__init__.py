# SPDX-License-Identifier: GPL-2.0
"""Virtual nodes for tests: see docs/developing.md."""

from .cluster import (Cluster, CommandFailed, Failure, Node, NodeDied, Result, Skip, TOP,  # noqa: F401
                      each, expect_failure)  # noqa: F401
