#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every text a person may see can be translated, and is, into German."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

TOP = os.environ['BESTELLBOT_SRCDIR']
# As the glib preset of meson's i18n module has them.
KEYWORDS = ['_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'g_dcgettext:2', 'g_dngettext:2,3',
            'g_dpgettext2:2c,3', 'ngettext:1,2']
CALL = re.compile(r'\b(?:_|N_|C_|NC_|g_dngettext|ngettext) ?\(\s*[A-Z"]')


def read(*parts):
    with open(os.path.join(TOP, *parts), encoding='utf-8') as text:
        return text.read()


def listed():
    lines = (line.split('#')[0].strip() for line in read('po', 'POTFILES.in').splitlines())
    return [line for line in lines if line]


def run(*command):
    return subprocess.run(command, cwd=TOP, env={**os.environ, 'LC_ALL': 'C.UTF-8', 'LANGUAGE': ''},
                          capture_output=True, text=True, check=False)


def translated_sources():
    """Files that mark texts: C by the macros, builder and desktop files by their attributes."""
    for folder in ('gst', 'app', 'ui', 'data'):
        for root, folders, names in os.walk(os.path.join(TOP, folder)):
            folders[:] = [f for f in folders if not f.startswith(('.', '_', 'build'))]
            for name in names:
                path = os.path.relpath(os.path.join(root, name), TOP)
                if name.endswith(('.c', '.h')):
                    if CALL.search(re.sub(r'/\*.*?\*/', '', read(path), flags=re.S)):
                        yield path
                elif name.endswith('.ui'):
                    if re.search(r'translatable="(yes|true|1)"', read(path)):
                        yield path
                elif name.endswith(('.desktop.in', '.metainfo.xml.in', '.gschema.xml')):
                    yield path


@unittest.skipUnless(shutil.which('xgettext') and shutil.which('msgfmt'), 'gettext is not installed')
class Translations(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.pot = os.path.join(folder.name, 'bestellbot.pot')
        done = run('xgettext', '--from-code=UTF-8', '--add-comments', '--directory=' + TOP,
                   '--files-from=' + os.path.join(TOP, 'po', 'POTFILES.in'), '--output=' + self.pot,
                   *['--keyword=' + keyword for keyword in KEYWORDS])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_file_is_listed(self):
        sources = set(translated_sources())
        self.assertGreater(len(sources), 3)
        self.assertEqual(sources - set(listed()), set(), 'add these to po/POTFILES.in')

    def test_list_is_clean(self):
        self.assertEqual([f for f in listed() if not os.path.isfile(os.path.join(TOP, f))], [])
        self.assertEqual(len(set(listed())), len(listed()))

    def test_no_macro_inside_a_text(self):
        # xgettext ends a text at G_GINT64_FORMAT: it would never be found.
        broken = [path for path in listed() if path.endswith(('.c', '.h'))
                  and re.search(r'\b(?:_|N_) ?\(\s*"[^;]*?" *G_G\w+_FORMAT', read(path))]
        self.assertEqual(broken, [])

    def test_german_is_complete(self):
        """Each text of the sources has a German one: none missing, none uncertain."""
        merged = os.path.join(self.folder, 'de.po')
        done = run('msgmerge', '--quiet', '--no-fuzzy-matching', '--output-file=' + merged,
                   os.path.join('po', 'de.po'), self.pot)
        self.assertEqual(done.returncode, 0, done.stderr)
        missing = run('msgattrib', '--untranslated', '--no-obsolete', '--no-location', merged).stdout
        self.assertEqual(missing, '', 'texts without a German translation in po/de.po')
        fuzzy = run('msgattrib', '--only-fuzzy', '--no-obsolete', '--no-location', merged).stdout
        self.assertEqual(fuzzy, '', 'uncertain translations in po/de.po')
        unused = run('msgattrib', '--only-obsolete', '--no-location', merged).stdout
        self.assertEqual(unused, '', 'translations in po/de.po of texts that are gone')

    def test_german_is_sound(self):
        """Formats agree with the English text's, the header is whole."""
        done = run('msgfmt', '--check', '--statistics', '--output-file=/dev/null',
                   os.path.join('po', 'de.po'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn('fuzzy', done.stderr)
        self.assertNotIn('untranslated', done.stderr)

    def test_every_language_is_listed(self):
        languages = read('po', 'LINGUAS').split()
        self.assertIn('de', languages)
        self.assertEqual(sorted(languages),
                         sorted(f[:-3] for f in os.listdir(os.path.join(TOP, 'po'))
                                if f.endswith('.po')))


if __name__ == '__main__':
    unittest.main()
