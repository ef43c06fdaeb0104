# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it costs to call ./run when everything is there already."""

import os
import subprocess

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'run')


def call(*arguments):
    environment = dict(os.environ)
    environment.pop('BESTELLBOT_DEVENV', None)
    subprocess.run([RUN, *arguments], env=environment, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(bench):
    call('build')
    bench.limit('./run build, nothing to do', 'ms', bench.best_of(5, lambda: call('build')) * 1000, 2000)
    bench.limit('./run exec true', 'ms', bench.best_of(5, lambda: call('exec', 'true')) * 1000, 2000)
