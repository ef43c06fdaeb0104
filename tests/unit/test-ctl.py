#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bestellbotctl as people and programs use it: output, errors, exit statuses."""

import json
import os
import pty
import re
import selectors
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = os.environ['BESTELLBOT_BUILDDIR']
DATA = os.environ['BESTELLBOT_DATADIR']
CTL = os.path.join(BUILD, 'app', 'bestellbotctl')
PEER = os.path.join(BUILD, 'tests', 'unit', 'ctl-peer')
DEADLINE = 20


def environment(locale='C.UTF-8', **more):
    env = {k: v for k, v in os.environ.items() if k not in ('LANGUAGE', 'NO_COLOR', 'TERM')}
    env.update(LC_ALL=locale, BESTELLBOT_LOCALEDIR=os.path.join(BUILD, 'po'), TERM='xterm', **more)
    return env


GERMAN = {'locale': 'de_DE.UTF-8', 'LANGUAGE': 'de'}


class Ctl(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.config = self.path('bestellbot.conf')
        with open(self.config, 'w', encoding='utf-8') as text:
            text.write('[catalogue]\nfile=%s\n[orders]\ndatabase=%s\n[api]\ntoken-file=%s\n' % (
                os.path.join(DATA, 'catalogue.csv'), self.path('orders.db'), self.path('token')))

    def path(self, name):
        return os.path.join(self.folder, name)

    def ctl(self, *args, status=0, locale='C.UTF-8', **env):
        done = subprocess.run([CTL, '--config', self.config, *args], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=DEADLINE, check=False,
                              env=environment(locale, **env))
        out, err = done.stdout.decode('utf-8'), done.stderr.decode('utf-8')
        self.assertEqual(done.returncode, status, out + err)
        self.assertNotIn('\033', out)
        self.assertNotRegex(err, r'CRITICAL|WARNING')
        return out if status == 0 else err


class Usage(Ctl):
    def test_help_and_version(self):
        text = self.ctl('--help')
        for option in ('--config', '--set', '--url', '--token-file', '--json', '--wait', '--state',
                       '--limit', '--format', '--output', '--group', '--version', '--ca-file', '--now'):
            self.assertIn(option, text)
        self.assertRegex(self.ctl('--version'), r'^bestellbotctl \d+\.\d+')
        self.assertIn('Befehle:', self.ctl('--help', **GERMAN))

    def test_man_page_is_complete(self):
        with open(os.path.join(os.environ['BESTELLBOT_SRCDIR'], 'docs', 'man', 'bestellbotctl.1'),
                  encoding='utf-8') as page:
            text = page.read().replace('\\-', '-')
        for short, option in re.findall(r'^  (?:(-\w), )?(--[a-z-]+)', self.ctl('--help'), re.M):
            self.assertIn((short + ' ", " ' if short else '.BR ') + option, text)

    def test_wrong_usage(self):
        for args in ([], ['nothing'], ['--nothing'], ['calls', 'show'], ['calls', 'ring'],
                     ['orders', 'show'], ['orders', 'burn'], ['search'], ['search', ' '],
                     ['watch', 'this'], ['orders', '--limit', '-1'], ['orders', '--limit', 'x'],
                     ['orders', 'export', '--format', 'xml'], ['orders', '--state', 'lost'],
                     [b'search', b'\xff']):
            err = self.ctl(*args, status=2)
            self.assertTrue(err.startswith('bestellbotctl: '), err)
            self.assertIn('--help', err)

    def test_bad_settings(self):
        self.assertIn('nokey', self.ctl('--set', 'api.nokey=1', 'search', 'Bogen', status=1))
        self.assertIn('/none.conf', self.ctl('--config', '/none.conf', 'orders', status=1))

    def test_full_disk(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            done = subprocess.run([CTL, '--config', self.config, 'search', 'Bogen'], stdout=full,
                                  stderr=subprocess.PIPE, env=environment(), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'No space left', done.stderr)


class Search(Ctl):
    def test_table(self):
        lines = self.ctl('search', 'T', 'Stueck', '15', '--limit', '4').splitlines()
        self.assertEqual(len(lines), 5)
        self.assertIn('T-Stück', lines[1])
        # Columns start at the same cell, umlauts or not.
        column = lines[0].index('Group')
        for line in lines[1:]:
            self.assertEqual(line[column - 2:column], '  ')
            self.assertNotEqual(line[column], ' ')

    def test_utf8_in_any_locale(self):
        plain = self.ctl('search', 'Bögen')
        self.assertRegex(plain, 'ö|ü')
        for locale in ('C', 'POSIX', 'xx_XX'):
            self.assertEqual(self.ctl('search', 'Bögen', locale=locale), plain)

    def test_german(self):
        text = self.ctl('search', 'Bogen', **GERMAN)
        self.assertIn('Artikel', text)
        self.assertRegex(text, r'\d,\d\d €')
        self.assertRegex(self.ctl('search', 'Bogen'), r'€\d+\.\d\d')

    def test_json(self):
        found = json.loads(self.ctl('search', 'Bogen', '--json', '--limit', '3'))['matches']
        self.assertEqual(len(found), 3)
        self.assertGreaterEqual(found[0]['score'], found[2]['score'])
        self.assertIsInstance(found[0]['product']['price_cents'], int)
        self.assertTrue(found[0]['reason'])
        self.assertEqual(json.loads(self.ctl('search', 'xyzzyx', '--json')), {'matches': []})

    def test_group(self):
        found = json.loads(self.ctl('search', '15', '--group', 't-stuecke', '--json'))['matches']
        self.assertEqual({m['product']['group'] for m in found}, {'T-Stücke'})
        self.assertIn('T-Stücke', self.ctl('search', 'x', '--group', 'Kekse', status=1))
        self.assertIn('xyzzyx', self.ctl('search', 'xyzzyx'))

    def test_no_catalogue(self):
        self.assertIn('/none.csv', self.ctl('--set', 'catalogue.file=/none.csv', 'search', 'x', status=1))


class Orders(Ctl):
    def setUp(self):
        super().setUp()
        self.draft, self.number, self.past = subprocess.run(
            [PEER, 'orders', self.path('orders.db')], capture_output=True, text=True, check=True,
            timeout=DEADLINE).stdout.split()

    def test_list(self):
        lines = self.ctl('orders').splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn('€24.50', self.ctl('orders', 'list', '--state', 'draft'))
        self.assertIn('56,01 €', self.ctl('orders', '--state', 'submitted', **GERMAN))
        self.assertEqual(len(self.ctl('orders', '-n', '1').splitlines()), 2)
        self.assertIn('No orders', self.ctl('orders', '--state', 'cancelled'))
        orders = json.loads(self.ctl('orders', '--json'))['orders']
        self.assertEqual([o['number'] for o in orders if o['number']], [self.number])

    def test_show(self):
        text = self.ctl('orders', 'show', self.number)
        self.assertIn('Übergangsbogen 90°', text)
        self.assertIn('Jörg Müller', text)
        self.assertIn('€56.01', text)
        # A wide character takes two cells.
        rows = [line for line in text.splitlines() if 'Stück' in line]
        wide = next(row for row in rows if '日本語' in row)
        other = next(row for row in rows if '日本語' not in row)
        self.assertEqual(wide.index('Stück') + 3, other.index('Stück'))
        self.assertIn('T-Stück', self.ctl('orders', 'show', self.draft[:8], locale='C'))
        order = json.loads(self.ctl('orders', 'show', self.draft, '--json'))
        self.assertEqual(order['lines'][0]['quantity'], 10)
        self.assertEqual(order['total_cents'], 2450)

    def test_unknown(self):
        self.assertIn('2001-000001', self.ctl('orders', 'show', '2001-000001', status=1))

    def test_export(self):
        self.assertIn('Übergangsbogen 90°', self.ctl('orders', 'export'))
        self.assertIn(self.number, self.ctl('orders', 'export', '--format', 'json'))
        target = self.path('out.json')
        self.assertIn('2 orders', self.ctl('orders', 'export', '-f', 'json', '-o', target))
        with open(target, encoding='utf-8') as text:
            json.load(text)
        self.assertEqual(stat.S_IMODE(os.stat(target).st_mode), 0o600)
        self.assertIn('/none/', self.ctl('orders', 'export', '-o', '/none/x.csv', status=1))

    def test_reading_changes_nothing(self):
        before = os.stat(self.path('orders.db')).st_mtime_ns
        self.ctl('orders')
        self.assertEqual(os.stat(self.path('orders.db')).st_mtime_ns, before)

    def test_no_database(self):
        err = self.ctl('--set', 'orders.database=' + self.path('none.db'), 'orders', status=1)
        self.assertIn('none.db', err)
        self.assertFalse(os.path.exists(self.path('none.db')))


class Reader:
    """Text of a file descriptor as it comes, waited for with a deadline."""

    def __init__(self, fd):
        self.fd, self.text = fd, ''
        self.data = b''
        self.selector = selectors.DefaultSelector()
        self.selector.register(fd, selectors.EVENT_READ)

    def wait_for(self, pattern):
        end = time.monotonic() + DEADLINE
        while not re.search(pattern, self.text, re.S):
            left = end - time.monotonic()
            if left <= 0 or not self.selector.select(left):
                raise AssertionError('“%s” did not come in: %s' % (pattern, self.text))
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b''
            if not data:
                raise AssertionError('end before “%s”: %s' % (pattern, self.text))
            self.data += data
            self.text = self.data.decode('utf-8', 'ignore')
        return self.text


class Gateway(Ctl):
    def setUp(self):
        super().setUp()
        self.start(0)

    def start(self, port):
        self.peer = subprocess.Popen(
            [PEER, 'gateway', self.config, 'api.port=%d' % port], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=environment())
        self.addCleanup(self.stop, self.peer)
        self.url = self.peer.stdout.readline().split()[-1]

    def stop(self, peer):
        if peer.poll() is None:
            peer.stdin.close()
            peer.wait(DEADLINE)
        peer.stdout.close()

    def say(self, *lines):
        for line in lines:
            self.peer.stdin.write(line + '\n')
        self.peer.stdin.flush()

    def new_call(self, number='+4930123456', name='Müller'):
        self.say('call %s %s' % (number, name))
        return self.peer.stdout.readline().strip()

    def watch(self, *args, **popen):
        process = subprocess.Popen([CTL, '--config', self.config, '--url', self.url, 'watch', *args],
                                   stdin=subprocess.DEVNULL, **popen)
        self.addCleanup(self.end, process)
        return process


    def end(self, process):
        if process.poll() is None:
            process.kill()
            process.wait(DEADLINE)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


class Calls(Gateway):
    def ask(self, *args, **more):
        return self.ctl('--url', self.url, *args, **more)

    def test_calls(self):
        self.assertIn('No calls', self.ask('calls'))
        first = self.new_call()
        self.say('fill')
        second = self.new_call('+4930999', 'Öz')
        lines = self.ask('calls').splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn('Müller', lines[1])
        self.assertIn('PCMA', lines[1])
        calls = json.loads(self.ask('calls', '--json'))['calls']
        self.assertEqual([c['id'] for c in calls], [first, second])

        text = self.ask('calls', 'show', first[:8])
        for part in ('Zehn T-Stücke, bitte', 'add_product', '(interrupted)', '192.0.2.17:30000',
                     'T-Stück Kupfer 15 mm', '€80.46', 'mean 500 ms'):
            self.assertIn(part, text)
        whole = json.loads(self.ask('calls', 'show', first, '--json'))
        self.assertEqual(whole['order']['total_cents'], 8046)

        self.assertIn(second[:8], self.ask('calls', 'hangup', second))
        self.assertEqual(json.loads(self.ask('calls', '--json'))['calls'][1]['end'], 'operator')
        self.assertIn('“zzz”', self.ask('calls', 'show', 'zzz', status=1))
        self.assertIn('“zzz”', self.ask('calls', 'hangup', 'zzz', status=1))
        self.assertIn('several', self.ask('calls', 'show', '', status=1).lower())

    def test_step_in(self):
        """Each verb reaches the call with its words, and is said to be done."""
        call = self.new_call()
        for args, done in ((('answer', call), 'answered'), (('answer', call, 'operator'), 'answered'),
                           (('transfer', call, 'sip:chef@192.0.2.1'), 'passed'), (('mode', call, 'listen'), 'set'),
                           (('whisper', call[:8], 'Bitte', 'leiser', '--now'), 'told'),
                           (('note', call, 'Rückruf um 5'), 'noted'), (('refuse', call), 'refused')):
            self.assertIn(done, self.ask('calls', *args))
        self.assertIn('Rückruf um 5', self.ask('calls', 'show', call))
        self.assertEqual(json.loads(self.ask('calls', 'show', call, '--json'))['operator_mode'], 'listen')
        self.assertIn('mode must be', self.ask('calls', 'mode', call, 'shout', status=1))
        self.assertIn('weitergegeben', self.ask('calls', 'transfer', call, **GERMAN))
        for args in (('whisper', call), ('mode', call), ('hangup', call, 'x'), ('dance', call)):
            self.assertIn('--help', self.ask('calls', *args, status=2))

    def test_settings(self):
        self.assertIn('max_calls', self.ask('settings'))
        changed = json.loads(self.ask('settings', 'max_calls=7', 'notice=Freitag zu', 'draining=true', '--json'))
        self.assertEqual((changed['max_calls'], changed['notice'], changed['draining']), (7, 'Freitag zu', True))
        self.assertIn('Freitag zu', self.ask('settings'))
        self.assertIn('max-calls', self.ask('settings', 'max_calls=0', status=1))
        self.ask('settings', 'max_calls', status=2)
        self.ask('settings', 'port=1', status=1)

    def test_tokens(self):
        """A named token reaches as far as its role, and until it is revoked."""
        token = self.ask('tokens', 'add', 'wand', 'watch').strip()
        self.assertRegex(token, r'^[0-9a-f]{64}$')
        self.assertRegex(self.ask('tokens'), r'wand +watch')
        self.assertNotIn(token, self.ask('tokens', '--json'))
        with open(self.path('own'), 'w', encoding='utf-8') as own:
            own.write(token + '\n')
        os.chmod(self.path('own'), 0o600)
        call = self.new_call()
        self.assertIn('Müller', self.ask('--token-file', self.path('own'), 'calls'))
        self.assertIn('operate', self.ask('--token-file', self.path('own'), 'calls', 'hangup', call, status=1))
        self.assertIn('admin', self.ask('--token-file', self.path('own'), 'tokens', status=1))
        self.ask('tokens', 'add', 'wand', 'watch', status=1)
        self.ask('tokens', 'add', 'x', status=2)
        self.assertIn('wand', self.ask('tokens', 'revoke', 'wand'))
        self.assertIn('token', self.ask('--token-file', self.path('own'), 'calls', status=1))

    def test_orders_and_history(self):
        self.stop(self.peer)
        draft, _, past = subprocess.run([PEER, 'orders', self.path('orders.db')], capture_output=True,
                                        text=True, check=True, timeout=DEADLINE).stdout.split()
        self.start(0)
        text = self.ask('orders', 'add', draft, '11113', '20')
        self.assertIn('Bogen', text)
        self.assertIn('20', text)
        self.assertEqual(json.loads(self.ask('orders', 'change', draft, '11113', '40', '--json'))['line_count'], 2)
        self.ask('orders', 'change', draft, '11113', '40000', status=1)
        self.assertNotIn('T-Stück', self.ask('orders', 'remove', draft, '10234'))
        self.assertIn('Tor 3', self.ask('orders', 'note', draft, 'Tor', '3'))
        number = json.loads(self.ask('orders', 'approve', draft, '--json'))['number']
        self.assertRegex(number, r'^\d{4}-\d{6}$')
        self.ask('orders', 'add', number, '11113', '20', status=1)
        self.assertIn('Storniert', self.ask('orders', 'cancel', number, **GERMAN))
        self.ask('orders', 'add', number, '11113', 'viele', status=2)

        self.assertIn('Müller', self.ask('history'))
        self.assertIn(past[:8], self.ask('history', 'list', 'zehn', 'stuecke'))
        self.assertIn('No calls', self.ask('history', 'list', 'xyzzy'))
        self.assertIn('Zehn T-Stücke, bitte', self.ask('history', 'show', past[:8]))
        self.ask('history', 'show', 'zzz', status=1)

    def test_control_characters(self):
        """What a caller's phone sends can't steer the terminal."""
        self.new_call('+49\x9b30', 'E\x1b[2Jvil')
        text = self.ask('calls')
        self.assertIn('E [2Jvil', text)
        self.assertIsNone(re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f]', text))
        shown = self.ask('calls', 'show', json.loads(self.ask('calls', '--json'))['calls'][0]['id'])
        self.assertIsNone(re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f]', shown))

    def test_no_gateway(self):
        self.stop(self.peer)
        for command in ('calls', 'watch'):
            err = self.ask(command, status=1)
            self.assertIn(self.url, err)
            self.assertIn('bestellbotd', err)
            self.assertEqual(len(err.splitlines()), 1)
        self.assertIn('bestellbotd', self.ask('calls', status=1, **GERMAN))
        self.assertIn('--url', self.ctl('--set', 'api.port=0', 'calls', status=1))

    def test_wrong_token(self):
        with open(self.path('other'), 'w', encoding='utf-8') as text:
            text.write('0' * 64)
        self.assertIn('chmod 600', self.ask('calls', '--token-file', self.path('other'), status=1))
        os.chmod(self.path('other'), 0o600)
        err = self.ask('calls', '--token-file', self.path('other'), status=1)
        self.assertIn(self.path('other'), err)
        self.assertNotIn('0000', err)
        self.assertIn('/none', self.ask('calls', '--token-file', '/none', status=1))


class Watch(Gateway):
    def test_pipe(self):
        process = self.watch(stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        out, err = Reader(process.stdout.fileno()), Reader(process.stderr.fileno())
        err.wait_for('Connected to the gateway')
        self.new_call()
        out.wait_for(r'Call from Müller \(\+4930123456\)\n')
        self.say('fill', 'part item_1 Guten')
        out.wait_for('Zehn T-Stücke, bitte\n')
        self.say('say item_1 Fertig', 'order 10234 7', 'order 20017 0', 'end')
        text = out.wait_for('Call ended.*\n')
        self.assertNotIn('\r', text)
        self.assertNotIn('\033', text)
        # What was spoken, in the order in which it began; each line once.
        lines = [line.split('] ', 1)[1] for line in text.splitlines()]
        spoken = [line for line in lines if re.match(r' +\d+:\d\d  ', line)]
        self.assertEqual(len(spoken), 4, spoken)
        self.assertIn('Fertig — (interrupted)', text)
        self.assertNotIn('Guten Tag, was', text)
        self.assertRegex(text, r'add_product \{"number":"10234"\} → \{"ok":true\}')
        self.assertRegex(text, 'Order: 7 Stück 10234')
        self.assertRegex(text, 'Order: – 20017')
        # A line doesn't wait for ever for one that began before it, but it waits.
        self.assertLess(text.index('Zehn T-Stücke'), text.index('Fertig'))
        self.new_call('+49301', 'Zweite')
        out.wait_for('Call from Zweite')
        self.say('fill', 'part item_1 Moment')
        out.wait_for('Zweite.*Order: 4 ')
        self.say('say item_1 Sofort', 'end')
        second = out.wait_for('Zweite.*Call ended.*\n').split('Zweite')[1]
        self.assertLess(second.index('Sofort'), second.index('Zehn T-Stücke'))
        self.assertRegex(lines[-1], r'Call ended: .*, 0:0\d, PCMA, mean latency 500 ms, packets lost: 2')
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_words_come_late(self):
        """The bot answers before the caller's words have been written down."""
        process = self.watch(stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        out, err = Reader(process.stdout.fileno()), Reader(process.stderr.fileno())
        err.wait_for('Connected to the gateway')
        self.new_call()
        out.wait_for('Call from')
        self.say('begin item_1', 'say item_2 Antwort', 'hear item_1 Frage')
        text = out.wait_for('Antwort.*\n')
        self.assertRegex(text, '(?s)Frage.*Antwort')
        # Noise has no words; nothing waits for ever, and no empty line is shown.
        self.say('begin item_3', 'say item_4 Weiter')
        out.wait_for('Weiter.*\n')
        self.say('say item_5 Sofort', 'hear item_3 ', 'end')
        text = out.wait_for('Call ended.*\n')
        self.assertEqual(text.count('Caller'), 1, text)
        process.terminate()
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_lost_gateway(self):
        process = self.watch(stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        out, err = Reader(process.stdout.fileno()), Reader(process.stderr.fileno())
        err.wait_for('Connected')
        self.stop(self.peer)
        err.wait_for('was lost')
        self.start(int(self.url.rsplit(':', 1)[1]))
        err.wait_for('Connected.*was lost.*Connected')
        self.new_call('+49301', 'Danach')
        out.wait_for('Call from Danach')
        process.terminate()
        self.assertEqual(process.wait(DEADLINE), 0)
        self.assertEqual(err.text.count('was lost'), 1)

    def test_wait(self):
        self.stop(self.peer)
        process = self.watch('--wait', stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             env=environment())
        err = Reader(process.stderr.fileno())
        err.wait_for('No gateway answers')
        self.start(int(self.url.rsplit(':', 1)[1]))
        err.wait_for('Connected')
        process.terminate()
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_json(self):
        process = self.watch('--json', stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             env=environment())
        out = Reader(process.stdout.fileno())
        out.wait_for('"snapshot".*\n')
        call = self.new_call()
        text = out.wait_for('"type":"call"[^\n]*\n')
        messages = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(messages[1]['call']['id'], call)
        self.assertEqual(messages[1]['seq'], messages[0]['seq'] + 1)
        process.terminate()
        self.assertEqual(process.wait(DEADLINE), 0)

    def terminal(self, **env):
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        process = self.watch(stdout=follower, stderr=subprocess.DEVNULL, env=environment(**env))
        os.close(follower)
        return process, Reader(leader)

    def test_terminal(self):
        """Partial words are shown and rewritten in place, cut to the width, then final."""
        process, out = self.terminal()
        self.new_call()
        self.say('fill', 'part item_1 Guten')
        out.wait_for('\r\\[....\\]   0:00  Bot +Guten[^\n]*\033\\[K')
        self.say('part item_1 ' + 'ä' * 200)
        text = out.wait_for('…ä+ [^\n]*\033\\[K|…ä+ — \\(interrupted\\)\033\\[K')
        shown = re.findall('\r([^\r\n]*…[^\r\n]*)\033\\[K', text)[-1]
        self.assertLessEqual(len(shown), 79)
        self.say('say item_1 Ende', 'end')
        text = out.wait_for('Call ended')
        self.assertRegex(text, '\033\\[32mBot +Ende — \\(interrupted\\)')
        process.terminate()
        self.assertEqual(process.wait(DEADLINE), 0)

    def test_no_color(self):
        process, out = self.terminal(NO_COLOR='1')
        self.new_call()
        out.wait_for('Call from')
        self.say('fill', 'say item_1 Ende', 'end')
        text = out.wait_for('Call ended[^\n]*\n')
        self.assertNotRegex(text, '\033\\[[0-9;]*m')
        process.terminate()
        self.assertEqual(process.wait(DEADLINE), 0)


@unittest.skipUnless(shutil.which('openssl'), 'openssl is not installed')
class Tls(Gateway):
    """Encrypted, and never anything else beyond this machine."""

    def setUp(self):
        super().setUp()
        self.stop(self.peer)
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '2', '-subj', '/CN=bestellbot', '-addext', 'subjectAltName=IP:127.0.0.1',
                        '-keyout', self.path('key.pem'), '-out', self.path('cert.pem')],
                       check=True, capture_output=True, timeout=DEADLINE)
        self.tls = ['api.tls-certificate=' + self.path('cert.pem'), 'api.tls-key=' + self.path('key.pem')]

    def ctl(self, *args, **more):
        # LeakSanitizer's own tracer crashes in a process that has loaded GnuTLS.
        options = ':'.join(filter(None, [os.environ.get('ASAN_OPTIONS'), 'detect_leaks=0']))
        return super().ctl(*args, ASAN_OPTIONS=options, **more)

    def start_with(self, *settings):
        self.peer = subprocess.Popen([PEER, 'gateway', self.config, 'api.port=0', *settings], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
        self.addCleanup(self.stop, self.peer)
        self.url = self.peer.stdout.readline().split()[-1]

    def test_encrypted(self):
        self.start_with(*self.tls)
        self.assertTrue(self.url.startswith('https://'), self.url)
        call = self.new_call()
        trusted = ('--url', self.url, '--ca-file', self.path('cert.pem'))
        self.assertIn('Müller', self.ctl(*trusted, 'calls'))
        self.assertIn('ended', self.ctl(*trusted, 'calls', 'hangup', call))
        events = subprocess.Popen([CTL, '--config', self.config, *trusted, '--json', 'watch'], text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.addCleanup(self.end, events)
        self.assertEqual(json.loads(events.stdout.readline())['type'], 'snapshot')
        # Not trusted, or not encrypted: nothing.
        self.ctl('--url', self.url, 'calls', status=1)
        self.ctl('--url', self.url.replace('https', 'http'), 'calls', status=1)

    def refused(self, *settings):
        done = subprocess.run([PEER, 'gateway', self.config, 'api.port=0', *settings], text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE, env=environment())
        self.assertNotEqual(done.returncode, 0)
        return done.stderr

    def test_plain_beyond_this_machine(self):
        self.assertIn('tls-certificate', self.refused('api.address=0.0.0.0'))
        self.start_with('api.address=0.0.0.0', 'api.allow-plain=true')
        self.assertTrue(self.url.startswith('http://0.0.0.0'), self.url)
        self.stop(self.peer)
        self.start_with('api.address=0.0.0.0', *self.tls)
        self.assertTrue(self.url.startswith('https://'), self.url)

    def test_bad_certificate(self):
        self.assertIn('tls-key', self.refused(self.tls[1]))
        self.assertIn('tls-certificate', self.refused('api.tls-certificate=' + self.path('key.pem')))
        self.assertIn('tls-certificate', self.refused('api.tls-certificate=/none.pem'))

if __name__ == '__main__':
    sys.stdout.reconfigure(encoding='utf-8')
    unittest.main()
