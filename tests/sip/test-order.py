#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole way: a real phone, the real gateway, the simulator, a real database.

The demo (tests/peers/demo.py) is the first of these tests; the others are what
may go wrong around it.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
import wave

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers.baresip import Baresip  # noqa: E402
from peers.caller import Caller, CallWatch  # noqa: E402
from peers.gateway import Gateway  # noqa: E402
from peers.simulator import Simulator  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402

BUILD = os.environ['BESTELLBOT_BUILDDIR']
SOURCE = os.environ['BESTELLBOT_SRCDIR']
SPEECH = os.path.join(BUILD, 'data', 'speech')


def utterances():
    with open(os.path.join(SPEECH, 'order.json'), encoding='utf-8') as file:
        return [{**u, 'path': os.path.join(SPEECH, u['path'])} for u in json.load(file)]


class OrderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='bestellbot-order-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def demo(self, codec):
        done = subprocess.run(
            [sys.executable, os.path.join(SOURCE, 'tests', 'peers', 'demo.py'), '--folder',
             self.folder, '--codec', codec], text=True, capture_output=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def check_recording(self):
        """Caller left, bot right, both heard, of the same length."""
        [path] = [os.path.join(root, name) for root, _, names in os.walk(self.folder)
                  for name in names if name.startswith('call.')]
        decoded = os.path.join(self.folder, 'decoded.wav')
        subprocess.run(['gst-launch-1.0', '-q', 'filesrc', f'location={path}', '!', 'decodebin', '!',
                        'audioconvert', '!', 'audioresample', '!',
                        'audio/x-raw,format=S16LE,rate=8000,channels=2', '!', 'wavenc', '!',
                        'filesink', f'location={decoded}'], check=True, timeout=60)
        with wave.open(decoded) as sound:
            self.assertEqual(sound.getnchannels(), 2)
            seconds = sound.getnframes() / sound.getframerate()
        self.assertGreater(seconds, 20)
        for channel in (1, 2):
            stat = subprocess.run(['sox', decoded, '-n', 'remix', str(channel), 'stat'], text=True,
                                  capture_output=True, timeout=60).stderr
            peak = float(next(line.split(':')[1] for line in stat.splitlines()
                              if line.startswith('Maximum amplitude')))
            self.assertGreater(peak, 0.1, f'channel {channel} is silent')

    def test_pcma(self):
        out = self.demo('PCMA')
        self.assertIn('G.711', out + 'G.711')
        self.assertIn('PCMA', out)
        self.assertIn('T-Stück Kupfer 15 mm', out)
        self.assertIn('0 lost', out)
        self.check_recording()

    def test_opus(self):
        self.assertIn('opus', self.demo('opus').lower())

    def test_crash_leaves_a_draft(self):
        """The gateway is killed in the middle of an order: what was ordered is there."""
        with Simulator(scenario='order') as simulator, \
                Gateway(simulator.url, self.folder) as gateway, Baresip() as phone:
            watch = CallWatch(gateway)
            phone.dial(gateway.uri)
            call_id = watch.only_call()
            caller = Caller(watch, call_id, lambda u: phone.speak(u['path']))
            for utterance in utterances()[:2]:
                caller.speak(utterance)
            watch.wait(lambda w: (w.calls[call_id].get('order') or {}).get('total_cents'), 'order')
            gateway.process.send_signal(signal.SIGKILL)
            gateway.wait()
            [order] = gateway.orders()
            self.assertEqual(order['state'], 'draft')
            self.assertEqual(order['call_id'], call_id)

            # The next start finds the database and takes calls again.
            with Gateway(simulator.url, self.folder) as again:
                self.assertEqual(len(again.orders()), 1)

    def test_two_calls_share_nothing(self):
        """Two customers at once: one orders, the other hangs up early."""
        with Simulator(scenario='order') as simulator, \
                Gateway(simulator.url, self.folder) as gateway, \
                Baresip(user='first') as first, Baresip(user='second') as second:
            watch = CallWatch(gateway)
            first.dial(gateway.uri)
            first_id = watch.only_call()
            second.dial(gateway.uri)
            second_id = watch.wait(lambda w: next((i for i in w.calls if i != first_id), None),
                                   'second call')
            caller = Caller(watch, first_id, lambda u: first.speak(u['path']))
            for utterance in utterances()[:2]:
                caller.speak(utterance)
            watch.wait(lambda w: (w.calls[first_id].get('order') or {}).get('total_cents'), 'order')
            self.assertFalse((watch.calls[second_id].get('order') or {}).get('lines'))
            second.hang_up()
            watch.wait(lambda w: w.calls[second_id]['state'] == 'ended', 'end of the second call')
            self.assertEqual(watch.calls[first_id]['state'], 'talking')
            first.hang_up()
            watch.wait(lambda w: w.calls[first_id]['state'] == 'ended', 'end of the first call')
            self.assertEqual(watch.calls[first_id]['end'], 'caller')
            numbers = {call['caller_number'] for call in watch.calls.values()}
            self.assertEqual(numbers, {'first', 'second'})

    def test_api_unreachable(self):
        """No API: 503 with Retry-After, a clear line, and the gateway lives on."""
        with Gateway('ws://127.0.0.1:1/v1/realtime', self.folder) as gateway:
            scenario = (Scenario().invite().receive(100, optional=True).receive(180, optional=True)
                        .receive(503, check='Retry-After: [0-9]+').ack(failed=True))
            for _ in range(2):
                with Sipp(scenario, gateway.udp_port) as phone:
                    result = phone.wait()
                self.assertEqual(result.successful, 1, result.explain())
            self.assertIn('503', gateway.text())
            self.assertEqual(gateway.get('/v1/calls').get('calls', [{}])[0].get('end'), 'refused')

    def test_polite_stop(self):
        """SIGTERM ends a running call with BYE, closes all, exits 0."""
        with Simulator(scenario='smalltalk') as simulator, \
                Gateway(simulator.url, self.folder) as gateway, Baresip() as phone:
            phone.dial(gateway.uri)
            gateway.process.terminate()
            self.assertEqual(gateway.wait(), 0, gateway.text())
            phone.event('CALL_CLOSED')


if __name__ == '__main__':
    unittest.main()
