# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real peers for tests and the demo: phones (sipp, baresip), a registrar
(Kamailio) and a voice (espeak-ng).

Each wrapper starts its program on free ports of 127.0.0.1 in a temporary
folder, waits for readiness by an event with a deadline, and ends it by its own
process id when its `with` block is left.
"""
