# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What encrypting speech costs: protecting and opening one packet of G.711
(20 ms), by libsrtp inside the media loop as calls do it, and by GStreamer's
srtpenc and srtpdec pushed on one thread. µs of CPU for both ways together, and
what that makes of a core for one call (50 packets a second each way)."""
import os
import subprocess

SUITES = ('AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM')
PACKETS = 100000
RUNS = 5
PROGRAM = os.path.join(os.environ['BESTELLBOT_DEVENV'], 'tests', 'bench', 'srtp-load')


def cost(kind, suite):
    """µs per packet of the run that was disturbed least."""
    return min(float(subprocess.run([PROGRAM, kind, suite, str(PACKETS)], check=True, text=True,
                                    capture_output=True, timeout=120).stdout)
               for _ in range(RUNS))


def measure(bench):
    for suite in SUITES:
        library, elements = cost('library', suite), cost('elements', suite)
        bench.row(f'{suite}, libsrtp in the loop', 'us', library)
        bench.row(f'{suite}, srtpenc and srtpdec', 'us', elements)
        bench.row(f'{suite}, elements to library', 'times', elements / library)
        bench.row(f'{suite}, a call', '% of a core', library * 50 / 1e6 * 100)
