#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shape of the tree: sizes, who may see whom, licence headers."""

import os
import re
import unittest

TOP = os.environ['BESTELLBOT_SRCDIR']
MAX_LINES = 800


def sources(*suffixes):
    """Paths of the C files, relative to the tree; builds and the like left out."""
    for folder in ('gst', 'app', 'ui', 'tests'):
        for root, folders, names in os.walk(os.path.join(TOP, folder)):
            folders[:] = sorted(f for f in folders if not f.startswith(('.', '_', 'build')))
            for name in sorted(names):
                if name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(root, name), TOP)


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as text:
        return text.read()


def build_order():
    """The folders in the order in which meson.build visits them."""
    return re.findall(r"^ *subdir\('((?:gst|app|ui)[^']*)'\)", read('meson.build'), re.M)


class Files(unittest.TestCase):
    def test_size(self):
        sizes = {path: read(path).count('\n') for path in sources('.c', '.h', '.py')}
        self.assertEqual({p: n for p, n in sizes.items() if n > MAX_LINES}, {})

    def test_licence(self):
        bare = [p for p in sources('.c', '.h', '.py')
                if 'SPDX-License-Identifier: LGPL-2.1-or-later' not in read(p)[:400]]
        self.assertEqual(bare, [])

    def test_header_names_are_unique(self):
        # "bb-call.h" must mean one file, whichever folders a target sees.
        seen = {}
        for path in sources('.h'):
            self.assertNotIn(os.path.basename(path), seen, path)
            seen[os.path.basename(path)] = path


class Headers(unittest.TestCase):
    DECLARATION = re.compile(r'^[A-Za-z_][\w *]*?[ *](\w+) \([^;{}]*?\)(?: G_GNUC_\w+(?: \([^)]*\))?)*;',
                             re.M)

    def test_what_is_declared_is_there(self):
        defined, made = set(), {}
        for path in sources('.c'):
            text, folder = read(path), os.path.dirname(path)
            defined.update(re.findall(r'^(\w+) \(', text, re.M))
            for name in re.findall(r'G_DEFINE_\w+ \(\s*[\w-]+,\s*(\w+)', text):
                defined.update((name + '_get_type', name + '_quark'))
            # A macro of the file makes functions: prefix##_nick (
            made.setdefault(folder, set()).update(re.findall(r'##(_\w+) \(', text))
        missing, seen = [], 0
        for path in sources('.h'):
            text = re.sub(r'/\*.*?\*/', '', read(path), flags=re.S)
            text = re.sub(r'^(#|typedef\b).*', '', text, flags=re.M)
            for name in self.DECLARATION.findall(text):
                if name in ('void', 'gboolean') or name.startswith('G_'):
                    continue  # a pointer to a function; a macro of GLib
                seen += 1
                if name not in defined and not name.endswith(
                        tuple(made.get(os.path.dirname(path), ())) or ('\0',)):
                    missing.append('%s: %s ()' % (path, name))
        self.assertGreater(seen, 100)
        self.assertEqual(missing, [])


class Tests(unittest.TestCase):
    def test_gstreamer_is_left_in_order(self):
        # Only gst_deinit() makes the leaks tracer say what is still there.
        tests = {p: read(p) for p in sources('.c', '.h') if p.startswith('tests/gst/')}
        # A function that several share may do it: run_tests ().
        ways = ['gst_deinit ('] + [name + ' (' for text in tests.values() for name in
                                   re.findall(r'^(\w+) \([^)]*\)\n\{[^}]*gst_deinit \(', text, re.M)
                                   if name != 'main']
        self.assertEqual([p for p, text in tests.items() if 'gst_init (' in text
                          and not any(way in text for way in ways)], [])


class Dependencies(unittest.TestCase):
    def setUp(self):
        self.folder_of = {os.path.basename(p): os.path.dirname(p) for p in sources('.h')}
        self.order = build_order()
        self.assertIn('gst/realtime', self.order)
        self.assertIn('app/call', self.order)

    def includes(self):
        """(file, its folder, folder of what it includes) for our own headers."""
        for path in sources('.c', '.h'):
            if path.startswith('tests/'):
                continue
            for name in re.findall(r'^#include "([^"]+)"', read(path), re.M):
                target = self.folder_of.get(os.path.basename(name))
                if target is not None:
                    yield path, os.path.dirname(path), target

    def test_includes_run_one_way(self):
        wrong = []
        for path, folder, target in self.includes():
            self.assertIn(folder, self.order, path)
            if self.order.index(target) > self.order.index(folder):
                wrong.append('%s includes a header of %s' % (path, target))
        self.assertEqual(wrong, [])

    def test_plugins_stand_alone(self):
        self.assertEqual([path for path, folder, target in self.includes()
                          if folder.startswith('gst/') and not target.startswith('gst/')], [])

    def test_simulator_shares_nothing_with_the_element(self):
        # A mistake made on both sides would not be seen.
        self.assertEqual([path for path, folder, target in self.includes()
                          if folder == 'app/simulator' and target.startswith('gst/')], [])

    def test_no_include_by_path(self):
        # A path would go round the folders that a target declares.
        self.assertEqual([path for path in sources('.c', '.h')
                          if re.search(r'^#include "\.\./', read(path), re.M)], [])


if __name__ == '__main__':
    unittest.main()
