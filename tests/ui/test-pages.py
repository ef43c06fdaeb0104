#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pages of orders and catalogue as a person meets them: a real window under
Xvfb, clicked and typed at, on a real gateway process with the shipped catalogue.

Run by Meson inside `xvfb-run dbus-run-session`. With BESTELLBOT_SCREENSHOTS set
to a folder, the pictures of docs/screenshots are left there.
"""
import csv
import datetime
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import uuid

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers.desktop import Atspi, Desktop, wait_for  # noqa: E402
from peers.gateway import Gateway  # noqa: E402

BUILD = os.environ['BESTELLBOT_BUILDDIR']
SOURCE = os.environ['BESTELLBOT_SRCDIR']
SCREENSHOTS = os.environ.get('BESTELLBOT_SCREENSHOTS')
SETTINGS = '[Settings]\ngtk-font-name=Cantarell 11\ngtk-decoration-layout=:close\n'
NOWHERE = 'ws://127.0.0.1:9/v1/realtime'
TEE, PIPE, ELBOW = '10113', '20110', '11113'


def catalogue():
    with open(os.path.join(SOURCE, 'data', 'catalogue.csv'), encoding='utf-8') as file:
        return {row['number']: row for row in csv.DictReader(file, delimiter=';')}


class PageTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='bestellbot-pages-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.articles = catalogue()
        self.gateway = self.enterContext(Gateway(NOWHERE, self.folder))

    def store(self, caller, lines, state='draft', number=None, note='', hours_ago=0.0):
        """An order as a call has left it."""
        when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours_ago)
        stamp = int(when.timestamp() * 1000000)
        order = str(uuid.uuid4())
        with sqlite3.connect(self.gateway.database, timeout=10) as database:
            database.execute('INSERT INTO orders VALUES (?,?,?,?,?,?,?,?)',
                             (order, number, str(uuid.uuid4()), caller, state, note, stamp, stamp))
            for position, (article, quantity) in enumerate(lines):
                row = self.articles[article]
                cents = int(row['price'].replace('.', '').replace(',', ''))
                database.execute('INSERT INTO lines VALUES (?,?,?,?,?,?,?)',
                                 (order, position, article, row['name'], row['unit'], quantity, cents))
        database.close()
        return order

    def open(self, page, **more):
        home = tempfile.mkdtemp(dir=self.folder)
        os.mkdir(os.path.join(home, 'gtk-4.0'))
        with open(os.path.join(home, 'gtk-4.0', 'settings.ini'), 'w') as settings:
            settings.write(SETTINGS)
        env = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home,
                   LC_ALL='C.UTF-8', LANGUAGE='', GSK_RENDERER='cairo', GDK_DEBUG='gl-disable',
                   BESTELLBOT_LOCALEDIR=os.path.join(BUILD, 'po'))
        env.update(more)
        self.home = home
        desktop = Desktop([os.path.join(BUILD, 'ui', 'bestellbot'), '--gateway', self.gateway.api,
                           '--token-file', self.gateway.token_file], env)
        self.addCleanup(desktop.stop)
        desktop.press('<Alt>' + {'orders': '2', 'catalogue': '3'}[page])
        return desktop

    def items(self, desktop):
        return [n.name for n in desktop.nodes() if n.role == 'list item' and n.name and n.showing]

    def shoot(self, desktop, name):
        path = os.path.join(SCREENSHOTS or self.folder, name + '.png')
        desktop.photograph(path)
        self.assertGreater(os.path.getsize(path), 4000, 'the picture is empty')

    def check_names(self, desktop):
        """All that can be operated or read has a name of its own."""
        roles = ('push button', 'toggle button', 'list', 'list item', 'spin button', 'combo box')
        nodes = [n for n in desktop.nodes() if n.role in roles and n.showing]
        self.assertGreater(len(nodes), 5)
        bad = [n for n in nodes if not n.name or n.name.startswith(('Gtk', 'Adw', 'Bb'))]
        self.assertEqual(bad, [])


class Orders(PageTest):
    def seed(self):
        with sqlite3.connect(self.gateway.database, timeout=10) as database:
            database.execute('INSERT INTO sequence VALUES (?, 2)', (datetime.date.today().year,))
        database.close()
        self.store('Klempnerei Anders', [(TEE, 20), (PIPE, 25)], 'submitted', '2026-000001',
                   hours_ago=24 * 12)
        self.store('+49 30 901820', [(ELBOW, 10)], 'cancelled', hours_ago=0.02)
        self.store('+49 40 42828', [(TEE, 5)], 'submitted', '2026-000002', hours_ago=0.01)
        return self.store('Sanitär Weber', [(TEE, 20), (PIPE, 25), (ELBOW, 10)], 'draft',
                          note='Lieferung an die Baustelle')

    def order(self, order):
        return self.gateway.get('/v1/orders/' + order)

    def quantities(self, order):
        return {line['product_number']: line['quantity'] for line in self.order(order)['lines']}

    def set_quantity(self, desktop, name, quantity):
        spin_button = desktop.wait_for_text('Quantity of ' + name, 'spin button')
        Atspi.Value.set_current_value(spin_button.accessible, quantity)
        return spin_button

    def save_button(self, desktop):
        return next((n for n in desktop.nodes() if n.role == 'push button' and n.showing
                     and n.name in ('Save', '_Save', '_Save Save')), None)

    def save(self, desktop, name):
        """Takes the file dialog's proposal."""
        wait_for(lambda: self.save_button(desktop), 'file dialog').click()
        path = os.path.join(self.home, name)
        wait_for(lambda: os.path.exists(path) and os.path.getsize(path) > 0, path)
        return path

    def test_correct_and_export(self):
        """A quantity, an article more, a line less, a note; approved; in the exported files."""
        order = self.seed()
        desktop = self.open('orders')
        desktop.tap(desktop.wait_for_text('Sanitär Weber', 'list item'))

        self.set_quantity(desktop, 'T-Stück Kupfer 15 mm', 24)
        wait_for(lambda: self.quantities(order)[TEE] == 24, 'new quantity')
        desktop.wait_for_text('24 Stück T-Stück Kupfer 15 mm, €36.48', 'list item')
        self.check_refusal(desktop, order)

        desktop.tap(desktop.wait_for_text('Add an article', 'push button'))
        desktop.wait_for_text('Search as the bot does')
        desktop.type('bogen 22')
        desktop.tap(desktop.wait_for_text('Bogen Kupfer 90° 22 mm', 'list item'))
        desktop.press('Return')
        wait_for(lambda: self.quantities(order).get('11115') == 1, 'article more')
        desktop.click('Remove Bogen Kupfer 90° 15 mm')
        wait_for(lambda: ELBOW not in self.quantities(order), 'line less')
        wait_for(lambda: desktop.find('Bogen Kupfer 90° 15 mm', 'list item') is None, 'row less')
        self.check_names(desktop)

        desktop.click('Approve')
        desktop.wait_for_text('Sanitär Weber, Today', 'list item')
        wait_for(lambda: self.order(order)['state'] == 'submitted', 'submission')
        number = self.order(order)['number']
        desktop.wait_for_text(f'Order {number}, Sanitär Weber', 'list item')
        wait_for(lambda: desktop.find('Approve', 'push button') is None, 'end of what can be changed')
        self.assertIsNone(desktop.find('Quantity of', 'spin button'))
        self.check_files(desktop, number)

    def check_refusal(self, desktop, order):
        """What the rules forbid is said, and the old number is back."""
        pipe = self.set_quantity(desktop, 'Kupferrohr Stange 12 x 1 mm', 26)
        alert = wait_for(lambda: next((n for n in desktop.nodes() if n.role == 'alert' and n.showing),
                                      None), 'message')
        self.assertIn('5', alert.name)
        self.assertEqual(self.quantities(order)[PIPE], 25)
        wait_for(lambda: Atspi.Value.get_current_value(pipe.accessible) == 25, 'old number')
        desktop.click('Close this message')

    def check_files(self, desktop, number):
        day = datetime.date.today().isoformat()
        expected = [[TEE, '24'], [PIPE, '25'], ['11115', '1']]
        desktop.press('<Control>e')
        with open(self.save(desktop, f'Orders {day}.csv'), encoding='utf-8-sig', newline='') as file:
            rows = [row for row in csv.DictReader(file, delimiter=';') if row['order'] == number]
        self.assertEqual([[row['article'], row['quantity']] for row in rows], expected)
        wait_for(lambda: self.save_button(desktop) is None, 'end of the dialog')
        desktop.click('Save as PDF')
        pdf = self.save(desktop, f'Order {number}.pdf')
        with open(pdf, 'rb') as file:
            self.assertEqual(file.read(5), b'%PDF-')
        if shutil.which('pdftotext'):
            text = subprocess.run(['pdftotext', '-layout', pdf, '-'], capture_output=True, text=True,
                                  check=True).stdout
            for words in (f'Order {number}', 'Sanitär Weber', 'T-Stück Kupfer 15 mm', '€36.48',
                          'Page 1 of 1'):
                self.assertIn(words, text)

    def test_cancel(self):
        order = self.seed()
        desktop = self.open('orders')
        desktop.tap(desktop.wait_for_text('Sanitär Weber', 'list item'))
        desktop.click('Cancel the order…')
        desktop.wait_for_text('_Keep it', 'push button').click()
        wait_for(lambda: desktop.find('Keep it', 'push button') is None, 'end of the question')
        self.assertEqual(self.order(order)['state'], 'draft')
        desktop.click('Cancel the order…')
        desktop.wait_for_text('_Cancel the order', 'push button').click()
        wait_for(lambda: self.order(order)['state'] == 'cancelled', 'cancelled order')
        desktop.wait_for_text('Order without number, Sanitär Weber', 'list item')

    def test_filter(self):
        """Today's orders first; by state, by words, by days; new ones by themselves."""
        self.seed()
        desktop = self.open('orders')
        wait_for(lambda: len(self.items(desktop)) == 3, 'orders of today')
        desktop.type('weber')
        wait_for(lambda: len(self.items(desktop)) == 1, 'one order')
        desktop.type('xyz')
        desktop.wait_for_text('No orders here')
        desktop.press('<Control>a')
        desktop.press('BackSpace')
        wait_for(lambda: len(self.items(desktop)) == 3, 'all orders')
        self.choose(desktop, 'Days', 'All days')
        wait_for(lambda: len(self.items(desktop)) == 4, 'orders of all days')
        self.choose(desktop, 'State', 'Submitted')
        wait_for(lambda: [name.split(',')[0] for name in self.items(desktop)]
                 == ['Order 2026-000002', 'Order 2026-000001'], 'submitted orders, newest first')

    def choose(self, desktop, name, choice):
        box = desktop.wait_for_text(name, 'combo box')
        desktop.tap(box)
        for _ in range(8):
            desktop.press('Down')
        if choice != 'All days':
            desktop.press('Home')
            desktop.press('Down')
        desktop.press('Return')

    def test_gateway_comes_back(self):
        """A gateway that is away is said; the list comes by itself when it is back."""
        self.seed()
        port = self.gateway.api.rsplit(':', 1)[1]
        self.gateway.stop()
        desktop = self.open('orders')
        desktop.wait_for_text('No answer from the gateway')
        with Gateway(NOWHERE, self.folder, (f'api.port={port}',)):
            desktop.wait_for_text('Sanitär Weber', 'list item')


class Catalogue(PageTest):
    def test_same_as_the_command(self):
        """What bestellbotctl finds, in its order, with its reasons."""
        desktop = self.open('catalogue')
        desktop.wait_for_text('Search as the bot does')
        for phrase in ('15er bogen', 'halb zoll kugelhahn', '10 113'):
            desktop.press('<Control>a')
            desktop.type(phrase)
            found = self.gateway.ctl('search', phrase)['matches']
            self.assertGreater(len(found), 0)
            expected = [f"{m['product']['name']}, {m['product']['number']}" for m in found[:5]]
            try:
                wait_for(lambda: [', '.join(name.split(', ')[:2]) for name in self.items(desktop)
                                  if ' / ' in name][:5] == expected, phrase)
            except Exception as error:
                raise AssertionError(f'{expected} is not {self.items(desktop)}') from error
            self.assertTrue(next(name for name in self.items(desktop) if ' / ' in name)
                            .endswith(found[0]['reason']))
        desktop.wait_for_text('T-Stück Kupfer 15 mm', 'label')
        desktop.wait_for_text('20 Stück, also singly', 'label')
        self.check_names(desktop)
        desktop.press('<Control>a')
        desktop.type('flugzeug')
        desktop.wait_for_text('Nothing found', 'label')


@unittest.skipUnless(SCREENSHOTS, 'pictures only for BESTELLBOT_SCREENSHOTS')
class Pictures(Orders):
    test_correct_and_export = test_cancel = test_filter = test_gateway_comes_back = None

    def test_pictures(self):
        self.seed()
        for language, scheme, size, suffix in (
                ('en', 'prefer-light', None, ''), ('de', 'prefer-dark', None, '-de-dark'),
                ('en', 'prefer-dark', (390, 700), '-narrow-dark'),
                ('de', 'prefer-light', (390, 700), '-de-narrow')):
            more = {'LANGUAGE': language, 'ADW_DEBUG_COLOR_SCHEME': scheme}
            desktop = self.open('orders', **more)
            if size:
                desktop.resize(*size)
            desktop.tap(desktop.wait_for_text('Sanitär Weber', 'list item'))
            desktop.wait_for_text('Kupferrohr Stange', 'list item')
            self.shoot(desktop, 'orders' + suffix)
            desktop.stop()
            desktop = self.open('catalogue', **more)
            desktop.type('15er bogen')
            desktop.wait_for_text('Bogen Kupfer 45', 'list item')
            if size:
                desktop.resize(*size)
            self.shoot(desktop, 'catalogue' + suffix)
            desktop.stop()


if __name__ == '__main__':
    unittest.main()
