# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of the whole way have in common.

`DeskCase` makes a folder, scenarios, gateways and phones that end with the test.
"""
import json
import os
import sys
import tempfile
import unittest

from .baresip import Baresip
from .caller import Caller, CallWatch
from .gateway import Gateway
from .simulator import Simulator

BUILD = os.environ.get('BESTELLBOT_BUILDDIR', 'build')
SOURCE = os.environ.get('BESTELLBOT_SRCDIR', '.')
SPEECH = os.path.join(BUILD, 'data', 'speech')


def utterances():
    """The customer's sentences of data/scenarios/order.json, as sound files."""
    with open(os.path.join(SPEECH, 'order.json'), encoding='utf-8') as file:
        return [{**u, 'path': os.path.join(SPEECH, u['path'])} for u in json.load(file)]


class DeskCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='bestellbot-desk-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def scenario(self, **content):
        """A scenario file: name, language and turns have defaults."""
        path = os.path.join(self.folder, f'scenario-{len(os.listdir(self.folder))}.json')
        content = {'name': 'test', 'language': 'de', 'transcripts': 'before',
                   'turns': [{'hear': 'Ja.', 'say': 'Ich habe Sie gehört.'}],
                   'otherwise': {'say': 'Wie bitte?'}, **content}
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(content, file)
        return path

    def simulator(self, scenario='smalltalk', **options):
        return self.enterContext(Simulator(scenario=scenario, **options))

    def gateway(self, url, *settings, greeting=None):
        """`greeting`: what the bot is to say first; '' leaves the first word to the caller."""
        if greeting is not None:
            settings = (f'realtime.greeting={greeting}', *settings)
        gateway = self.enterContext(Gateway(url, self.folder, settings))
        gateway.watch = CallWatch(gateway)
        self.addCleanup(gateway.watch.close)
        return gateway

    def phone(self, **options):
        return self.enterContext(Baresip(**options))

    def dial(self, gateway, phone):
        """A call that talks; its id."""
        known = set(gateway.watch.calls)
        phone.dial(gateway.uri)
        return gateway.watch.wait(
            lambda w: next((i for i, call in w.calls.items()
                            if i not in known and call['state'] == 'talking'), None), 'call')

    def speak(self, gateway, call_id, phone, number=1):
        """One of the customer's sentences, when it is their turn."""
        Caller(gateway.watch, call_id, lambda u: phone.speak(u['path'])).speak(
            utterances()[number])

    def wait_end(self, gateway, call_id, timeout=30):
        """The call when it is over, as the operator API tells it."""
        gateway.watch.wait(lambda w: w.calls[call_id]['state'] == 'ended', 'end of the call', timeout)
        return gateway.get(f'/v1/calls/{call_id}')

    def wait_line(self, gateway, call_id, kind, text, timeout=30):
        """A line of the transcript that has `text` in it."""
        return gateway.watch.wait(
            lambda w: next((line for line in w.lines.get(call_id, [])
                            if line and line['kind'] == kind and text in (line['text'] or '')),
                           None), f'line with {text!r}', timeout)

    def assert_alive(self, gateway, phone=None):
        """The gateway still takes calls and ends them."""
        phone = phone or self.phone()
        call_id = self.dial(gateway, phone)
        phone.hang_up()
        self.assertEqual(self.wait_end(gateway, call_id)['end'], 'caller')


def main():
    """Runs the tests; a word with a dot names one of them, other words are ignored."""
    unittest.main(argv=[sys.argv[0], *[a for a in sys.argv[1:] if '.' in a or a.startswith('-')]])
