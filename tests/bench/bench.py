#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the benchmarks of this folder: bench.py [NAME] [--json FILE]."""

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))


class Bench:
    """What one benchmark reports."""

    def __init__(self, name):
        self.name = name
        self.rows = []
        self.missed = []

    def row(self, what, unit, value):
        """One figure, such as ('append event', 'us', 12.5)."""
        self.rows.append({'what': what, 'unit': unit, 'value': value})

    def limit(self, what, unit, value, at_most):
        """A figure that we promise; more is a failure of the run."""
        self.rows.append({'what': what, 'unit': unit, 'value': value, 'limit': at_most})
        if value > at_most:
            self.missed.append('%s: %s is %g %s, at most %g is promised' %
                               (self.name, what, value, unit, at_most))

    @staticmethod
    def best_of(times, function):
        """Seconds of the fastest of several runs: the least disturbed one."""
        best = None
        for _ in range(times):
            began = time.perf_counter()
            function()
            took = time.perf_counter() - began
            best = took if best is None else min(best, took)
        return best

    def print_table(self):
        print('\n' + self.name)
        width = max([len(row['what']) for row in self.rows] + [4])
        for row in self.rows:
            limit = '  (at most %g)' % row['limit'] if 'limit' in row else ''
            print('  %-*s %12.3f %s%s' % (width, row['what'], row['value'], row['unit'], limit))


def version_of(*command):
    try:
        output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                stdin=subprocess.DEVNULL, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    return output.strip().splitlines()[0] if output.strip() else None


def machine():
    """What the figures depend on."""
    cpu = platform.processor() or platform.machine()
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as text:
            names = [line.split(':', 1)[1].strip() for line in text if line.startswith('model name')]
        cpu = names[0] if names else cpu
    except OSError:
        pass
    return {
        'cpu': cpu,
        'cores': len(os.sched_getaffinity(0)),
        'kernel': platform.release(),
        'load': os.getloadavg()[0],
        'glib': version_of('pkg-config', '--modversion', 'glib-2.0'),
        'gstreamer': version_of('pkg-config', '--modversion', 'gstreamer-1.0'),
        'compiler': version_of('cc', '--version'),
        'revision': version_of('git', '-C', FOLDER, 'describe', '--always', '--dirty'),
    }


def benchmarks():
    return sorted(name[:-3] for name in os.listdir(FOLDER)
                  if name.endswith('.py') and name != os.path.basename(__file__))


def load(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(FOLDER, name + '.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    parser = argparse.ArgumentParser(prog='./run bench', description='Runs the benchmarks.')
    parser.add_argument('name', nargs='?', help='one of: ' + ', '.join(benchmarks()))
    parser.add_argument('--json', metavar='FILE', help='write the figures there too')
    arguments = parser.parse_args()
    if arguments.name is not None and arguments.name not in benchmarks():
        parser.error("there is no benchmark '%s'; there are: %s" %
                     (arguments.name, ', '.join(benchmarks())))

    here = machine()
    print(', '.join('%s %s' % (key, value) for key, value in here.items() if value is not None))
    result = {'machine': here, 'benchmarks': {}}
    missed = []
    for name in [arguments.name] if arguments.name else benchmarks():
        bench = Bench(name)
        load(name).measure(bench)
        bench.print_table()
        result['benchmarks'][name] = bench.rows
        missed += bench.missed
    if arguments.json:
        with open(arguments.json, 'w', encoding='utf-8') as text:
            json.dump(result, text, indent=2, ensure_ascii=False)
            text.write('\n')
    for line in missed:
        print('missed: ' + line)
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
