#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/lessons.md names tests and files that there are, for every lesson."""
import os
import re
import unittest

TOP = os.environ['BESTELLBOT_SRCDIR']
# The lessons that have a number; 17 and 22 were none.
NUMBERS = {str(n) for n in range(1, 43)} - {'17', '22'} | {'19b', '20b'}
NAMES = {'Performance', 'Architecture', 'Recordings', 'Checklist'}
FOLDERS = ('app/api', 'app/call', 'app/catalogue', 'app/config', 'app/media', 'app/media/codec',
           'app/model', 'app/sip', 'app/tools', 'gst/realtime', 'gst/telephony')


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as file:
        return file.read()


def rows():
    lines = [line for line in read('docs/lessons.md').splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines[2:]]


def tests_of(cell):
    """(path, [test names]) of the last column."""
    return [(path, re.findall(r'`(test_\w+)`', names)) for path, names
            in re.findall(r'`(tests/[^`]+)` \(([^)]*)\)', cell)]


def has_test(path, name):
    text = read(path)
    if path.endswith('.py'):
        return re.search(rf'^    def {name}\(self', text, re.M) is not None
    # Defined, and handed to GLib.
    return (re.search(rf'^{name} \(', text, re.M) is not None
            and re.search(rf'[ ,(]{name}[,)]', text) is not None)


class Lessons(unittest.TestCase):
    def test_every_lesson_has_a_row(self):
        found = [n for row in rows() for n in re.split(r', | \(.*', row[0]) if n]
        self.assertEqual(set(found), NUMBERS | NAMES)

    def test_named_tests_exist(self):
        for lesson, *_, shown in rows():
            with self.subTest(lesson):
                named = tests_of(shown)
                self.assertEqual(len(named), shown.count('`tests/'), 'a file without a test')
                for path, names in named:
                    self.assertTrue(os.path.isfile(os.path.join(TOP, path)), path)
                    self.assertTrue(names, path)
                    for name in names:
                        self.assertTrue(has_test(path, name), f'{path} has no {name}')

    def test_rows_without_a_test_say_so(self):
        for lesson, _, where, shown in rows():
            if not tests_of(shown):
                self.assertIn('later', where, lesson)

    def test_named_files_exist(self):
        for lesson, _, where, _ in rows():
            for name in re.findall(r'`([\w/.-]+\.(?:c|h|conf|txt|json|md))`', where):
                self.assertTrue(any(os.path.exists(os.path.join(TOP, folder, name))
                                    for folder in ('', *FOLDERS)), f'{lesson}: {name}')


if __name__ == '__main__':
    unittest.main()
