#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""build-aux/run-tests.py: what it counts, and when it says that all is well."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

sys.dont_write_bytecode = True  # the tree stays as it is
TOP = os.environ['BESTELLBOT_SRCDIR']
RUN_TESTS = os.path.join(TOP, 'build-aux', 'run-tests.py')

RECORD = ('0:00:00.01 1 0x5 TRACE GST_TRACER :0:: object-alive, type-name=(string)%s, '
          'address=(gpointer)0x1, description=(string)<it>, ref-count=(uint)1, trace=(string)'
          '/lib/libgstreamer-1.0.so.0(+0x78af2) [0x7]\n'
          '/lib/gstreamer-1.0/libgstcoretracers.so(+0x7de3) [0x7]\n'
          '/lib/libgstreamer-1.0.so.0(gst_caps_new_empty+0x33) [0x7]\n'
          '/lib/gstreamer-1.0/%s(+0x5210) [0x7]\n'
          '/build/gst/telephony/libgstbestelltelephony.so(+0x1) [0x7]\n'
          ';')
FORMAT = ('new format string: object-alive, type-name=(string)%s, address=(gpointer)%p, '
          'description=(string)%s, ref-count=(uint)%u, trace=(string)%s;')


def module():
    spec = importlib.util.spec_from_file_location('run_tests', RUN_TESTS)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


class Project(unittest.TestCase):
    """A small project of its own, whose tests go as each case wants."""

    def run_project(self, definitions, *arguments):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        with open(os.path.join(folder.name, 'meson.build'), 'w', encoding='utf-8') as text:
            text.write("project('p')\nsh = find_program('sh')\n" + textwrap.dedent(definitions))
        build = os.path.join(folder.name, 'build')
        environment = {k: v for k, v in os.environ.items() if not k.startswith('MESON')}
        subprocess.run(['meson', 'setup', build, folder.name], check=True, env=environment,
                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        result = subprocess.run([shutil.which('python3'), RUN_TESTS, 'plain=' + build, '--', *arguments],
                                env=dict(environment, OPENAI_API_KEY='sk-not-for-tests'), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)
        return result.returncode, result.stdout, result.stdout.splitlines()[-1]

    def test_all_well(self):
        status, output, last = self.run_project('''
            test('one', sh, args: ['-c', 'exit 0'], suite: 'unit')
            test('two', sh, args: ['-c', 'exit 0'], suite: ['sip', 'slow'])
            test('three', sh, args: ['-c', 'echo "SKIP: no sipp here"; exit 77'], suite: 'sip')
            ''')
        self.assertEqual((status, last), (0, '2 passed, 0 failed, 1 skipped'))
        self.assertIn('skipped: three: no sipp here', output)
        self.assertRegex(output, r'(?m)^plain +unit +1 +0 +0 ')
        self.assertRegex(output, r'(?m)^plain +sip\+slow +1 +0 +0 ')

    def test_a_failure_shows_its_words(self):
        status, output, last = self.run_project('''
            test('one', sh, args: ['-c', 'exit 0'], suite: 'unit')
            test('bad', sh, args: ['-c', 'echo the wire is cut; exit 3'], suite: 'unit')
            ''')
        self.assertEqual((status, last), (1, '1 passed, 1 failed, 0 skipped'))
        self.assertIn('---- FAIL: bad (suite unit, plain)\nthe wire is cut', output)

    def test_what_passes_alone_is_named(self):
        marker = tempfile.TemporaryDirectory()
        self.addCleanup(marker.cleanup)
        status, output, last = self.run_project("""
            test('shy', sh, args: ['-c', 'test -e %s/x || { touch %s/x; echo too loud here; exit 1; }'], suite: 'sip')
            """ % (marker.name, marker.name))
        self.assertEqual((status, last), (0, '1 passed, 0 failed, 0 skipped'))
        self.assertIn('too loud here', output)
        self.assertIn('unsteady: shy', output)

    def test_our_own_code_gets_no_second_try(self):
        for suite, end in (('unit', 'exit 1'), ('gst', 'exit 1'), ('sip', 'kill -ABRT $$')):
            marker = tempfile.TemporaryDirectory()
            self.addCleanup(marker.cleanup)
            status, _, last = self.run_project("""
                test('shy', sh, args: ['-c', 'test -e %s/x || { touch %s/x; %s; }'], suite: '%s')
                """ % (marker.name, marker.name, end, suite))
            self.assertEqual((status, last), (1, '0 passed, 1 failed, 0 skipped'), suite)

    def test_a_subtest_that_fails_is_a_failure(self):
        status, _, last = self.run_project('''
            test('tap', sh, args: ['-c', 'echo 1..2; echo ok 1; echo not ok 2'], protocol: 'tap')
            ''')
        self.assertEqual((status, last), (1, '0 passed, 1 failed, 0 skipped'))

    def test_no_test_is_no_success(self):
        status, _, last = self.run_project('''
            test('one', sh, args: ['-c', 'exit 0'], suite: 'unit')
            ''', '--suite', 'sip')
        self.assertEqual((status, last), (1, '0 passed, 0 failed, 0 skipped'))

    def test_no_key_reaches_a_test(self):
        status, _, last = self.run_project('''
            test('one', sh, args: ['-c', 'test -z "$OPENAI_API_KEY"'], suite: 'unit')
            ''')
        self.assertEqual((status, last), (0, '1 passed, 0 failed, 0 skipped'))


class WholeStacks(unittest.TestCase):
    """Which tests of the address build are run anew."""

    def test_a_leak_of_a_program_that_a_test_ran(self):
        again = module().MAY_BE_LEAK.search
        self.assertTrue(again('ERROR: LeakSanitizer: detected memory leaks'))
        self.assertTrue(again('AssertionError: 66 != 0'))
        self.assertFalse(again('AssertionError: 1 != 0, port 6660'))


class Leaks(unittest.TestCase):
    def entry(self, output, result='ERROR', status=-5):
        return module().Test('leaks', {'name': 'it', 'command': ['it'], 'result': result, 'duration': 1,
                                       'stdout': output, 'returncode': status}, {})

    def test_the_format_is_no_leak(self):
        self.assertEqual(self.entry(FORMAT, 'OK', 0).result, 'OK')

    def test_ours(self):
        test = self.entry(FORMAT + '\n' + RECORD % ('GstBuffer', 'libgstopus.so'), 'OK', 0)
        self.assertEqual((test.result, test.note), ('LEAK', 'GstBuffer (<it>)'))
        self.assertEqual(self.entry(RECORD % ('GstCaps', 'libgstopenairealtime.so')).result, 'LEAK')

    def test_what_others_forget(self):
        record = RECORD % ('GstCaps', 'libgstopus.so')
        warning = '\nBail out! FATAL-WARNING: %s under GST_DEBUG=GST_TRACER:7'
        self.assertEqual(self.entry(record).result, 'OK')
        self.assertEqual(self.entry(record + warning % 'Leaks detected and logged').result, 'OK')
        self.assertEqual(self.entry(record + warning % 'The wire is cut').result, 'ERROR')
        self.assertEqual(self.entry('not ok 1\n' + record).result, 'ERROR')
        self.assertEqual(self.entry(record, 'ERROR', -11).result, 'ERROR')


if __name__ == '__main__':
    unittest.main()
