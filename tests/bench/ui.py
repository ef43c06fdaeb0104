# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The desktop under load: frame times and stalls of the main loop, under Xvfb.

Drawn by the CPU (GSK's cairo renderer) with no graphics card, so that a frame
takes longer here than on a desk. See ui-load.c for what happens.
"""

import json
import os
import subprocess

BUILD = os.environ.get('BESTELLBOT_DEVENV') or os.environ['BESTELLBOT_BUILDDIR']
FRAME = 1000 / 60  # ms


def measure(bench):
    program = os.path.join(BUILD, 'tests', 'bench', 'ui-load')
    env = {**os.environ, 'GSK_RENDERER': 'cairo', 'GDK_DEBUG': 'gl-disable', 'LC_ALL': 'C.UTF-8',
           'GTK_A11Y': 'none', 'GSETTINGS_BACKEND': 'memory'}
    done = subprocess.run(['xvfb-run', '-a', '-s', '-screen 0 1280x900x24', 'dbus-run-session', '--',
                           program], env=env, stdout=subprocess.PIPE, text=True, timeout=120,
                          check=True)
    result = json.loads(done.stdout[done.stdout.index('{'):])
    for name, what in (('calls', '100 calls, 20 changes a second each'),
                       ('scroll', 'transcript of 10,000 lines, scrolling')):
        figures = result[name]
        bench.row(what + ': frames', '', figures['frames'])
        bench.row(what + ': changes shown or kept', '', figures['changes'])
        bench.row(what + ': frame, median', 'ms', figures['frame_p50'])
        bench.limit(what + ': frame, p99', 'ms', figures['frame_p99'], FRAME)
        bench.row(what + ': frame, longest', 'ms', figures['frame_max'])
        bench.row(what + ': between frames, p99', 'ms', figures['interval_p99'])
    for stall in result['stalls']:
        print('stall of %.1f ms: %s' % (stall['ms'], stall['phase']))
    bench.limit('main loop absent for more than 50 ms', 'times', len(result['stalls']), 0)
