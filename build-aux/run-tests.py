#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs `meson test` in one or more builds and says how it went.

  run-tests.py KIND=BUILD ... -- [arguments of meson test]

KIND is plain, address, thread or leaks (the last: suite gst in a plain build
with GStreamer's leaks tracer). The last line is 'N passed, N failed, N
skipped'; the exit status is 0 only if something ran and nothing failed.
"""

import functools
import json
import os
import re
import signal
import subprocess
import sys

# So many failures may be the machine's; more are the code's.
FEW = 4
# A test's own time limit is meant for an idle machine; the sanitizers slow a
# program down by about this much more.
PATIENCE = {'plain': 3, 'leaks': 4, 'address': 6, 'thread': 12}

PASSED = ('OK', 'EXPECTEDFAIL')
SKIPPED = ('SKIP',)

PROGRESS = re.compile(r'\s*\d+/\d+ ')
TAP = re.compile(r'(not )?ok \d+')
UNITTEST = re.compile(r'Ran (\d+) tests? in ')
CORE = re.compile(r'(libgst\w+-1\.0|libgstcoretracers|libgobject-2\.0|libglib-2\.0)\.so')
ALIVE = re.compile(r':0:: object-alive, type-name=\(string\)(\S+?),.*?description=\(string\)(.*?), '
                   r'ref-count=\(uint\)\d+, trace=\(string\)(.*?);$', re.M | re.S)
# As run() asks for; a test that ran a program may say no more than this.
LEAK_STATUS = 66
MAY_BE_LEAK = re.compile(r'LeakSanitizer|\b%d\b' % LEAK_STATUS)
FOUND = re.compile(r'ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:')
LOG_LINES = 120
REPORT_LINES = 60


def first_library(trace):
    """The first library of a stack that is not of GStreamer's or GLib's core."""
    for line in trace.splitlines():
        name = os.path.basename(line.partition('(')[0])
        if name and not CORE.match(name):
            return name
    return None


@functools.lru_cache(maxsize=None)
def forgotten_by_others():
    """The pairs of build-aux/gst-leaks.supp."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gst-leaks.supp')
    with open(path, encoding='utf-8') as text:
        return {tuple(line.split()) for line in text if line.strip() and not line.startswith('#')}


class Test:
    """One test of one run, as meson's log tells it."""

    def __init__(self, kind, entry, suites):
        self.kind = kind
        # With several suites in the run, meson puts them before the name.
        self.name = entry['name'].rpartition(' / ')[2]
        self.suite = suites.get((self.name, *entry['command']), '-')
        self.result = entry['result']
        self.went_well = self.result in PASSED + SKIPPED  # as meson sees it
        self.seconds = entry['duration']
        self.output = '\n'.join(entry.get(key) or '' for key in ('stdout', 'stderr')).strip()
        self.note = ''
        # By a signal; some shells say 128 and its number.
        self.crashed = not 0 <= entry['returncode'] < 128
        if kind == 'leaks':
            self.look_for_leaks(entry['returncode'])

    def look_for_leaks(self, status):
        """What the leaks tracer lists that is ours is a failure; what is others' is none."""
        alive = ALIVE.findall(self.output)
        ours = ['%s (%s)' % (kind, description) for kind, description, trace in alive
                if (kind, first_library(trace)) not in forgotten_by_others()]
        if ours and self.result in PASSED + ('ERROR',):
            self.result = 'LEAK'
            self.note = ', '.join(ours[:8])
        # The tracer's last word is a warning, on which a test program stops.
        elif alive and self.result == 'ERROR' and status == -signal.SIGTRAP and \
                not re.search(r'^not ok|^Bail out!(?!.*Leaks detected and logged)', self.output, re.M):
            self.result = 'OK'

    @property
    def cases(self):
        """How many cases it says it has run; a program that counts none is one."""
        tap = len(TAP.findall(self.output))
        return tap or sum(int(n) for n in UNITTEST.findall(self.output)) or 1


def suites_of(build):
    """Maps name and command of each test to its suites, 'gst' or 'gst+slow'."""
    with open(os.path.join(build, 'meson-info', 'intro-tests.json'), encoding='utf-8') as text:
        return {(test['name'], *test['cmd']): '+'.join(s.split(':')[-1] for s in test['suite'])
                for test in json.load(text)}


def run(kind, build, arguments, whole_stacks=False):
    """Runs meson test in build, shows its progress, returns its tests."""
    log = os.path.join(build, 'meson-logs', 'testlog.json')
    if os.path.exists(log):
        os.unlink(log)
    environment = dict(os.environ)
    # No test may spend money; and meson writes the environment into its log.
    environment.pop('OPENAI_API_KEY', None)
    command = ['meson', 'test', '-C', build, '--no-rebuild',
               '--timeout-multiplier', str(PATIENCE[kind])]
    if kind == 'address':
        environment['ASAN_OPTIONS'] = ('exitcode=%d:detect_stack_use_after_return=1'
                                       ':strict_string_checks=1:intercept_tls_get_addr=0'
                                       ':fast_unwind_on_malloc=%d'
                                       % (LEAK_STATUS, not whole_stacks))
    if kind == 'leaks':
        environment.update(GST_TRACERS='leaks', GST_DEBUG='GST_TRACER:7', GST_DEBUG_NO_COLOR='1',
                           GST_LEAKS_TRACER_STACK_TRACE='1')
        command += ['--suite', 'gst']
    if kind == 'thread' and subprocess.call(['setarch', '-R', 'true']) == 0:
        # Newer kernels lay out memory in ways that the runtime does not know.
        command = ['setarch', '-R'] + command
    meson = subprocess.Popen(command + arguments, env=environment, text=True, errors='replace',
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    rest = []
    try:
        for line in meson.stdout:
            if PROGRESS.match(line):
                print(line, end='', flush=True)
            else:
                rest.append(line)
        meson.wait()
    except KeyboardInterrupt:
        meson.wait()
    try:
        suites = suites_of(build)
        with open(log, encoding='utf-8') as lines:
            tests = [Test(kind, json.loads(line), suites) for line in lines]
    except OSError:
        tests = []
    if not tests:
        sys.stdout.writelines(rest)
    return tests, meson.returncode


def again_with_whole_stacks(build, tests, arguments):
    """Runs those anew that leaked, so that build-aux/lsan.supp can tell whose leak it was.

    The distribution's libraries have no frame pointers; the way through them
    is slow to find, much too slow for every allocation of every test.
    """
    leaked = {(t.suite, t.name) for t in tests
              if t.result not in PASSED and MAY_BE_LEAK.search(t.output)}
    if not leaked:
        return tests
    print('Once more, to see whose leaks they are:')
    names = {name for _, name in leaked}
    options = [a for a in arguments if a not in {t.name for t in tests}]
    found, _ = run('address', build, options + sorted(names), whole_stacks=True)
    found = {(t.suite, t.name): t for t in found}
    return [found.get((t.suite, t.name), t) if (t.suite, t.name) in leaked else t for t in tests]


def again_alone(kind, build, tests, arguments):
    """Runs the few that failed once more, with the machine to themselves.

    Phones, registrars and windows are real here, and a phone that gets no
    processor for a while stumbles. What passes only then is not hidden: its
    first words are shown, and it is named as unsteady at the end.
    """
    bad = [t for t in tests if t.result not in PASSED + SKIPPED]
    # Our own code alone, a crash, or what a sanitizer found is never forgiven.
    failed = {(t.suite, t.name) for t in bad
              if not t.crashed and not FOUND.search(t.output) and t.suite.split('+')[0] in ('sip', 'ui')}
    if not failed or len(bad) > FEW:
        return tests, []
    print('Once more, alone:')
    options = [a for a in arguments if a not in {t.name for t in tests}]
    found, _ = run(kind, build, options + ['--num-processes', '1'] + sorted({n for _, n in failed}))
    found = {(t.suite, t.name): t for t in found}
    unsteady = [t for t in tests if (t.suite, t.name) in failed and (t.suite, t.name) in found
                and found[t.suite, t.name].result in PASSED]
    return [found.get((t.suite, t.name), t) if (t.suite, t.name) in failed else t
            for t in tests], unsteady


def show_failure(test):
    lines = test.output.splitlines()
    print('\n---- %s: %s (suite %s, %s)' % (test.result, test.name, test.suite, test.kind))
    if test.note:
        print('never released: ' + test.note)
    if len(lines) > LOG_LINES:
        # What a sanitizer found first is often the cause of all the rest.
        first = next((i for i, line in enumerate(lines[:-LOG_LINES]) if FOUND.search(line)), None)
        if first is not None:
            print('\n'.join(lines[first:first + REPORT_LINES]))
        print('[%d lines in all; the last of them:]' % len(lines))
    print('\n'.join(lines[-LOG_LINES:]))


def show_table(tests):
    rows = {}
    for test in tests:
        row = rows.setdefault((test.kind, test.suite), [0, 0, 0, 0, 0.0])
        column = 0 if test.result in PASSED else 2 if test.result in SKIPPED else 1
        row[column] += 1
        row[3] += test.cases
        row[4] += test.seconds
    print('\n%-9s %-12s %7s %7s %8s %7s %9s' %
          ('build', 'suite', 'passed', 'failed', 'skipped', 'cases', 'seconds'))
    for (kind, suite), row in rows.items():
        print('%-9s %-12s %7d %7d %8d %7d %9.1f' % (kind, suite, *row))


def main(arguments):
    split = arguments.index('--')
    tests, broken, unsteady = [], [], []
    for word in arguments[:split]:
        kind, build = word.split('=', 1)
        found, status = run(kind, build, arguments[split + 1:])
        if status < 0 or (status != 0 and all(t.went_well for t in found)):
            broken.append('%s: meson test ended with status %d' % (kind, status))
        if kind == 'address':
            found = again_with_whole_stacks(build, found, arguments[split + 1:])
        if kind != 'leaks':
            found, some = again_alone(kind, build, found, arguments[split + 1:])
            unsteady += some
        tests += found
    failed = [t for t in tests if t.result not in PASSED + SKIPPED]
    skipped = [t for t in tests if t.result in SKIPPED]
    for test in unsteady + failed:
        show_failure(test)
    show_table(tests)
    for test in unsteady:
        print('unsteady: %s failed beside others (its words are above) and passed alone' % test.name)
    for test in skipped:
        reason = re.search(r'(?:SKIP|[Ss]kipped)\b(?!=)\W+(.*)', test.output)
        print('skipped: %s%s' % (test.name, ': ' + reason.group(1) if reason else ''))
    for line in broken:
        print(line)
    print('\n%d passed, %d failed, %d skipped' %
          (len(tests) - len(failed) - len(skipped), len(failed), len(skipped)))
    return 0 if tests and not failed and not broken else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
