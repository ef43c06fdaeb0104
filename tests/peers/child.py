# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that a test starts end with it.

A test that is killed tears nothing down; what it has started would hold its
output open, and meson would wait for that.
"""
import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl


def ends_with_parent():
    """For preexec_fn: runs between fork and exec."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
