#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""./run itself: its shell, its words, its list of packages."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = os.environ['BESTELLBOT_SRCDIR']
RUN = os.path.join(TOP, 'run')
PACKAGES = os.path.join(TOP, 'build-aux', 'packages.debian')


def call(*arguments, **environment):
    """Runs a program of the tree with a minimal environment."""
    env = {'PATH': os.environ['PATH'], 'HOME': os.environ.get('HOME', '/'), 'LC_ALL': 'C.UTF-8'}
    env.update(environment)
    return subprocess.run(arguments, env=env, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def package_rows():
    with open(PACKAGES, encoding='utf-8') as lines:
        return [line.split(None, 3) for line in lines
                if line.strip() and not line.startswith('#')]


class Shell(unittest.TestCase):
    def scripts(self):
        yield RUN
        yield os.path.join(TOP, '.ci', 'run')
        folder = os.path.join(TOP, 'build-aux')
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            with open(path, encoding='utf-8') as text:
                if text.readline().rstrip() == '#!/bin/sh':
                    yield path

    def test_posix_syntax(self):
        shell = shutil.which('dash') or '/bin/sh'
        for script in self.scripts():
            with self.subTest(script=os.path.relpath(script, TOP)):
                result = call(shell, '-n', script)
                self.assertEqual((result.returncode, result.stderr), (0, ''))

    @unittest.skipUnless(shutil.which('shellcheck'), 'shellcheck is not installed')
    def test_shellcheck(self):
        for script in self.scripts():
            with self.subTest(script=os.path.relpath(script, TOP)):
                result = call('shellcheck', '-s', 'sh', script)
                self.assertEqual((result.returncode, result.stdout), (0, ''))


class Commands(unittest.TestCase):
    def test_help_names_every_command(self):
        result = call(RUN, 'help')
        self.assertEqual(result.returncode, 0)
        with open(RUN, encoding='utf-8') as text:
            table = text.read().rpartition('case $command in')[2]
        commands = re.findall(r'^  ([a-z]+)(?:\||\))', table, re.M)
        self.assertIn('demo', commands)
        for command in commands:
            self.assertRegex(result.stdout, r'(?m)^  %s\b' % command)

    def test_unknown_command(self):
        result = call(RUN, 'tset')
        self.assertEqual(result.returncode, 2)
        self.assertIn("no command 'tset'", result.stderr)
        self.assertEqual(result.stdout, '')

    def test_unknown_sanitizer(self):
        result = call(RUN, 'test', '--sanitize=memroy', BESTELLBOT_NO_INSTALL='1',
                      BESTELLBOT_BUILD=os.environ['BESTELLBOT_BUILDDIR'])
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn('memroy', result.stderr)

    def test_exec_passes_words_status_and_output(self):
        result = call(RUN, 'exec', 'sh', '-c', 'printf "%s|" "$@"; exit 7', 'sh', 'a b', "c'd",
                      BESTELLBOT_DEVENV=os.environ['BESTELLBOT_BUILDDIR'],
                      BESTELLBOT_BUILD=os.environ['BESTELLBOT_BUILDDIR'])
        self.assertEqual((result.returncode, result.stdout, result.stderr), (7, "a b|c'd|", ''))

    def test_exec_without_program(self):
        result = call(RUN, 'exec')
        self.assertEqual(result.returncode, 1)
        self.assertIn('say which program', result.stderr)


class Packages(unittest.TestCase):
    def test_rows(self):
        names = []
        for row in package_rows():
            self.assertEqual(len(row), 4, row)
            when, name, check, why = row
            self.assertIn(when, ('build', 'run', 'demo', 'test'))
            self.assertRegex(name, r'^[a-z0-9][a-z0-9.+-]+$')
            self.assertRegex(check, r'^(-|(pc|cmd|gst|py):\S+)$')
            self.assertTrue(why.strip())
            names.append(name)
        self.assertEqual(len(names), len(set(names)), 'a package is named twice')

    def test_every_library_of_the_build_is_listed(self):
        with open(os.path.join(TOP, 'meson.build'), encoding='utf-8') as text:
            wanted = set(re.findall(r"dependency\('([^']+)'", text.read()))
        # These come with a package that is listed for another module.
        siblings = {'gobject-2.0': 'glib-2.0', 'gio-2.0': 'glib-2.0', 'gio-unix-2.0': 'glib-2.0',
                    'gstreamer-1.0': 'gstreamer-check-1.0',
                    'gstreamer-base-1.0': 'gstreamer-check-1.0',
                    'gstreamer-audio-1.0': 'gstreamer-rtp-1.0',
                    'gstreamer-app-1.0': 'gstreamer-rtp-1.0'}
        listed = {row[2][3:] for row in package_rows() if row[2].startswith('pc:')}
        self.assertEqual({siblings.get(name, name) for name in wanted} - listed, set())

    @unittest.skipUnless(shutil.which('apt-cache'), 'not a Debian')
    def test_debian_has_them(self):
        # A name that apt does not know makes the one install call fail whole.
        names = [row[1] for row in package_rows()]
        result = call('apt-cache', 'policy', *names)
        if 'packages.debian' in result.stderr or not re.search(r'Candidate: \d', result.stdout):
            self.skipTest('apt has no package lists')
        candidates = dict(re.findall(r'^(\S+):\n  Installed: .*\n  Candidate: (.*)$',
                                     result.stdout, re.M))
        self.assertEqual([n for n in names if candidates.get(n, '(none)') == '(none)'], [])

    def elsewhere(self, folder, tools):
        """Runs ./run build where neither apt nor dpkg is, but TOOLS are."""
        for tool in tools:
            path = shutil.which(tool)
            if path:
                os.symlink(path, os.path.join(folder, tool))
        return call('/bin/sh', RUN, 'build', PATH=folder,
                    BESTELLBOT_BUILD=os.path.join(folder, 'build'))

    def test_elsewhere_names_what_lacks(self):
        basics = ('sh', 'awk', 'sed', 'grep', 'sort', 'cat', 'dirname', 'id', 'rm')
        with tempfile.TemporaryDirectory() as folder:
            result = self.elsewhere(folder, basics)
        self.assertEqual(result.returncode, 1)
        self.assertIn('not found:', result.stderr)
        self.assertIn('pc:glib-2.0', result.stderr)
        self.assertIn('cmd:meson', result.stderr)
        self.assertIn('libglib2.0-dev', result.stderr)
        self.assertNotIn('Configuring', result.stderr)

    def test_without_root_nothing_is_installed(self):
        with tempfile.TemporaryDirectory() as folder:
            query = os.path.join(folder, 'dpkg-query')
            with open(query, 'w', encoding='utf-8') as text:
                text.write('#!/bin/sh\necho "ii meson"\n')
            os.chmod(query, 0o755)
            apt = os.path.join(folder, 'apt-get')
            with open(apt, 'w', encoding='utf-8') as text:
                text.write('#!/bin/sh\ntouch "%s/called"\n' % folder)
            os.chmod(apt, 0o755)
            result = call('/bin/sh', RUN, 'build', PATH=folder + ':' + os.environ['PATH'],
                          BESTELLBOT_NO_INSTALL='1')
            self.assertFalse(os.path.exists(os.path.join(folder, 'called')))
        self.assertEqual(result.returncode, 1)
        self.assertIn('apt-get install --no-install-recommends build-essential', result.stderr)
        self.assertNotRegex(result.stderr, r'\bmeson\b')


if __name__ == '__main__':
    unittest.main()
