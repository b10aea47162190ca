# SPDX-License-Identifier: GPL-2.0
"""Virtual nodes for tests: see docs/developing.md."""
