#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The demo's order, with the codec given: a real phone, the real gateway, the
simulator, a real database, and a recording that can be listened to."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk, sound  # noqa: E402

CODEC = next((a for a in sys.argv[1:] if a in ('PCMA', 'PCMU', 'opus')), 'PCMA')


class OrderTest(desk.DeskCase):
    def test_order(self):
        done = subprocess.run(
            [sys.executable, os.path.join(desk.SOURCE, 'tests', 'peers', 'demo.py'), '--folder',
             self.folder, '--codec', CODEC], text=True, capture_output=True, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        out = done.stdout
        self.assertIn(CODEC.lower(), out.lower())
        self.assertIn('T-Stück Kupfer 15 mm', out)
        self.assertIn('0 lost', out)
        self.check_recording()

    def check_recording(self):
        """The caller is on the left, the bot on the right, neither on both."""
        [path] = [os.path.join(root, name) for root, _, names in os.walk(self.folder)
                  for name in names if name.startswith('call.')]
        left, right = sound.decode(path, self.folder, channels=2)
        self.assertGreater(len(left) / 8000, 40)
        heard = sound.Envelope(left), sound.Envelope(right)
        for utterance in desk.utterances():
            said = sound.Envelope(sound.decode(utterance['path'], self.folder)[0])
            at, likeness = heard[0].find(said)
            self.assertGreater(likeness, 0.7, f'{utterance["text"]} is not on the left')
            self.assertLess(heard[1].likeness(said, at), 0.5,
                            f'{utterance["text"]} is on the right too')
        # The bot speaks most of the time, and the caller does not say it.
        self.assertGreater(heard[1].loud_seconds(), 15)
        self.assertLess(heard[0].loud_seconds(),
                        sum(u['seconds'] for u in desk.utterances()) + 1)


if __name__ == '__main__':
    desk.main()
