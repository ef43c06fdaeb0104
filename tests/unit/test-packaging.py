#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is shipped for installing and operating: each file is read by the
program it is meant for, and the documents name settings that exist."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from xml.etree import ElementTree

TOP = os.environ['BESTELLBOT_SRCDIR']


def read(*path):
    with open(os.path.join(TOP, *path), encoding='utf-8') as text:
        return text.read()


def call(*arguments):
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def settings():
    """'group.key' of every setting in the commented defaults, to its default."""
    found, group = {}, None
    for line in read('data', 'bestellbot.conf').splitlines():
        header = re.fullmatch(r'\[(\w+)\]', line)
        setting = re.fullmatch(r'#([a-z][a-z-]*) =(.*)', line)
        if header:
            group = header.group(1)
        elif setting:
            found['%s.%s' % (group, setting.group(1))] = setting.group(2).strip()
    return found


class Service(unittest.TestCase):
    @unittest.skipUnless(shutil.which('systemd-analyze'), 'systemd is not installed')
    def test_systemd_understands_it(self):
        unit = read('data', 'bestellbotd.service.in').replace('@bindir@/bestellbotd', '/bin/true')
        unit = re.sub(r'(?m)^Documentation=.*\n', '', unit)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'bestellbotd.service')
            with open(path, 'w', encoding='utf-8') as text:
                text.write(unit)
            result = call('systemd-analyze', 'verify', '--man=no', path)
        self.assertNotIn('bestellbotd.service', result.stdout)

    def test_stops_later_than_the_calls(self):
        limit = int(re.search(r'(?m)^TimeoutStopSec=(\d+)', read('data', 'bestellbotd.service.in'))[1])
        self.assertGreater(limit, int(settings()['calls.shutdown-timeout']))


class Desktop(unittest.TestCase):
    """What a desktop shows of the program before it is started."""

    def built(self, name):
        path = os.path.join(os.environ['BESTELLBOT_BUILDDIR'], 'data', name)
        if not os.path.exists(path):
            self.skipTest('built without the desktop')
        return path

    @unittest.skipUnless(shutil.which('desktop-file-validate'), 'desktop-file-utils are not installed')
    def test_menu_entry(self):
        path = self.built('de.bestellbot.Bestellbot.desktop')
        result = call('desktop-file-validate', path)
        self.assertEqual((result.returncode, result.stdout), (0, ''))
        with open(path, encoding='utf-8') as text:
            self.assertIn('GenericName[de]=Telefonische Bestellannahme', text.read())

    @unittest.skipUnless(shutil.which('appstreamcli'), 'appstream is not installed')
    def test_description(self):
        path = self.built('de.bestellbot.Bestellbot.metainfo.xml')
        result = call('appstreamcli', 'validate', '--no-net', '--no-color', path)
        self.assertEqual(result.returncode, 0, result.stdout)
        with open(path, encoding='utf-8') as text:
            self.assertIn('xml:lang="de"', text.read())

    def test_icons(self):
        for name in ('', '-symbolic'):
            icon = read('data', 'icons', 'de.bestellbot.Bestellbot%s.svg' % name)
            self.assertEqual(ElementTree.fromstring(icon).tag, '{http://www.w3.org/2000/svg}svg')
        self.assertIn('Icon=de.bestellbot.Bestellbot\n',
                      read('data', 'de.bestellbot.Bestellbot.desktop.in'))


    def test_started_by_the_bus(self):
        """The menu entry says so, and the service file has its name and the program's option."""
        with open(self.built('de.bestellbot.Bestellbot.desktop'), encoding='utf-8') as text:
            self.assertIn('DBusActivatable=true\n', text.read())
        with open(self.built('de.bestellbot.Bestellbot.service'), encoding='utf-8') as text:
            service = text.read()
        self.assertIn('Name=de.bestellbot.Bestellbot\n', service)
        self.assertRegex(service, r'(?m)^Exec=/\S+/bestellbot --gapplication-service$')

    @unittest.skipUnless(shutil.which('glib-compile-schemas'), 'GLib is not installed')
    def test_settings(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(os.path.join(TOP, 'data', 'de.bestellbot.Bestellbot.gschema.xml'), folder)
            result = call('glib-compile-schemas', '--strict', folder)
        self.assertEqual((result.returncode, result.stdout), (0, ''))

    def test_no_secret_among_the_settings(self):
        schema = ElementTree.fromstring(read('data', 'de.bestellbot.Bestellbot.gschema.xml'))
        names = [key.get('name') for key in schema.iter('key')]
        self.assertGreater(len(names), 5)
        self.assertEqual([n for n in names if re.search('token|password|secret|api-key', n)], [])

    def test_flatpak(self):
        """The manifest builds this tree with options that exist, and asks for what is used."""
        manifest = json.loads(read('data', 'de.bestellbot.Bestellbot.flatpak.json'))
        self.assertEqual(manifest['id'], 'de.bestellbot.Bestellbot')
        options = re.findall(r"option\('([^']+)'", read('meson_options.txt'))
        for module in manifest['modules']:
            for option in module.get('config-opts', ()) if module['name'] == 'bestellbot' else ():
                self.assertIn(re.match('-D([^=]+)=', option)[1], options)
        for wanted in ('--share=network', '--socket=pulseaudio', '--talk-name=org.freedesktop.secrets'):
            self.assertIn(wanted, manifest['finish-args'])
        bundled = {name for module in manifest['modules'] for name in module.get('x-provides', ())}
        used = set(re.findall(r"(?:dependency|find_library)\('([^']+)'", read('meson.build')))
        self.assertGreater(len(bundled), 2)
        self.assertEqual(bundled - used, set(), 'bundled, but not used')
        for source in (s for module in manifest['modules'] for s in module['sources']):
            if source['type'] == 'archive':
                self.assertRegex(source['sha256'], '^[0-9a-f]{64}$')


class LoadBalancer(unittest.TestCase):
    @unittest.skipUnless(shutil.which('kamailio') or os.path.exists('/usr/sbin/kamailio'),
                         'kamailio is not installed')
    def test_kamailio_understands_it(self):
        program = shutil.which('kamailio') or '/usr/sbin/kamailio'
        with tempfile.NamedTemporaryFile('w', suffix='.list') as gateways:
            gateways.write('1 sip:127.0.0.1:5061\n')
            gateways.flush()
            result = call(program, '-c', '-f', os.path.join(TOP, 'data', 'kamailio-dispatcher.cfg'),
                          '-A', 'GATEWAYS="%s"' % gateways.name)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn('config file ok', result.stdout)


class Container(unittest.TestCase):
    def test_ports_are_the_defaults(self):
        ports = set(re.search(r'(?m)^EXPOSE (.*)$', read('data', 'Containerfile'))[1].split())
        defaults = settings()
        sip = defaults['sip.port']
        self.assertEqual(ports, {sip + '/udp', sip + '/tcp', defaults['api.port'] + '/tcp',
                                 defaults['media.rtp-ports'] + '/udp'})

    @unittest.skipUnless(shutil.which('apt-cache'), 'not a Debian')
    def test_debian_has_its_packages(self):
        block = re.findall(r'install -y --no-install-recommends \\\n(.*?)\n &&',
                           read('data', 'Containerfile'), re.S)[-1]
        names = block.replace('\\', ' ').split()
        self.assertGreater(len(names), 5)
        result = call('apt-cache', 'policy', *names)
        if not re.search(r'Candidate: \d', result.stdout):
            self.skipTest('apt has no package lists')
        for name in names:
            self.assertRegex(result.stdout, r'(?m)^%s:\n.*\n  Candidate: \d' % re.escape(name))


class Documents(unittest.TestCase):
    def test_settings_named_exist(self):
        known = settings()
        groups = {name.split('.')[0] for name in known}
        for document in ('docs/operations.md', 'README.md', 'CONTRIBUTING.md'):
            if not os.path.exists(os.path.join(TOP, document)):
                continue
            for name in re.findall(r'`([a-z]+\.[a-z][a-z-]*)`', read(document)):
                if name.split('.')[0] in groups:
                    self.assertIn(name, known, document)

    def test_links_lead_somewhere(self):
        for folder, names in (('', os.listdir(TOP)), ('docs', os.listdir(os.path.join(TOP, 'docs')))):
            for name in (n for n in names if n.endswith('.md')):
                for target in re.findall(r'\]\(([^)#:\s]+)(?:#[^)]*)?\)', read(folder, name)):
                    path = os.path.normpath(os.path.join(TOP, folder, target))
                    self.assertTrue(os.path.exists(path), '%s: %s' % (name, target))

    def test_every_library_is_explained(self):
        wanted = set(re.findall(r"dependency\('([^']+)'", read('meson.build')))
        explained = read('docs', 'dependencies.md')
        self.assertEqual({name for name in wanted if '`%s`' % name not in explained}, set())


if __name__ == '__main__':
    unittest.main()
