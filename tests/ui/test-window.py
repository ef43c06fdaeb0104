#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window as a person meets it: a real window under Xvfb, clicked through
the accessibility tree, with a microphone and a speaker made of PulseAudio null
devices (autoaudiosrc and autoaudiosink are the real ones) and the simulator in
the service's place.

Run by Meson inside `xvfb-run dbus-run-session`. With BESTELLBOT_SCREENSHOTS set
to a folder, pictures of each state are left there.
"""
import os
import subprocess
import sys
import tempfile
import time
import unittest

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi  # noqa: E402

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import speech  # noqa: E402
from peers.process import DEADLINE, Process, Timeout  # noqa: E402
from peers.pulse import PulseAudio  # noqa: E402
from peers.simulator import Simulator  # noqa: E402

BUILD = os.environ['BESTELLBOT_BUILDDIR']
SOURCE = os.environ['BESTELLBOT_SRCDIR']


def wait_for(function, what, timeout=DEADLINE):
    end = time.monotonic() + timeout
    while True:
        value = function()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f'no {what} within {timeout} s')
        time.sleep(0.05)


def walk(node):
    """All accessible objects below a node; what vanishes meanwhile is left out."""
    try:
        children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
    except Exception:  # the tree changes under us
        return
    for child in children:
        if child is not None:
            yield child
            yield from walk(child)


def name_of(node):
    try:
        return node.get_name() or ''
    except Exception:
        return ''


def showing(node):
    try:
        states = node.get_state_set()
        return states.contains(Atspi.StateType.SHOWING)
    except Exception:
        return False


class WindowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='bestellbot-ui-')
        cls.pulse = PulseAudio().start()

    @classmethod
    def tearDownClass(cls):
        cls.pulse.stop()
        cls.folder.cleanup()

    def start(self, url, language=''):
        home = tempfile.mkdtemp(dir=self.folder.name)
        env = self.pulse.environ()
        env.update(XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, OPENAI_API_KEY='none', LC_ALL='C.UTF-8',
                   LANGUAGE=language, GSK_RENDERER='cairo',
                   GTK_A11Y='atspi', NO_AT_BRIDGE='0')
        window = Process([os.path.join(BUILD, 'ui', 'bestellbot'), '--set', f'realtime.url={url}',
                          '--set', f'orders.database={home}/orders.db'], env=env)
        self.addCleanup(window.stop)
        self.application = wait_for(lambda: self.find_application(window.pid), 'window')
        return window

    def find_application(self, pid):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            try:
                if child is not None and child.get_process_id() == pid and child.get_child_count() > 0:
                    return child
            except Exception:
                continue
        return None

    def find(self, text, role=None):
        for node in walk(self.application):
            if text in name_of(node) and showing(node) and (
                    role is None or node.get_role_name() == role):
                return node
        return None

    def click(self, label):
        button = wait_for(lambda: self.find(label, 'push button') or self.find(label, 'button'),
                          f'button {label!r}')
        self.assertTrue(button.get_action_iface().do_action(0))

    def shoot(self, name):
        folder = os.environ.get('BESTELLBOT_SCREENSHOTS')
        path = os.path.join(folder or self.folder.name, name + '.png')
        subprocess.run(['import', '-window', 'root', path], check=True, timeout=60)
        self.assertGreater(os.path.getsize(path), 2000, 'the screenshot is empty')

    def test_conversation(self):
        """Start, hear the greeting, speak, read both sides, stop."""
        spoken = speech.say('Guten Tag, haben Sie Kupferrohre?', self.folder.name + '/caller.wav',
                            rate=48000)
        heard = os.path.join(self.folder.name, 'heard.wav')
        with Simulator(scenario='smalltalk') as simulator:
            window = self.start(simulator.url)
            self.shoot('local-idle')
            recording = self.pulse.record(heard)
            self.click('Start a conversation')
            greeting = simulator.wait_for_event('response.output_audio_transcript.done')['transcript']
            wait_for(lambda: self.find(greeting[:20]), 'greeting in the transcript')
            self.pulse.speak(spoken)
            asked = simulator.wait_for_event(
                'conversation.item.input_audio_transcription.completed')['transcript']
            wait_for(lambda: self.find(asked[:15]), "caller's words in the transcript")
            answer = simulator.wait_for_event('response.output_audio_transcript.done', 2)['transcript']
            wait_for(lambda: self.find(answer[:20]), 'answer in the transcript')
            self.shoot('local-call')
            self.click('Stop')
            wait_for(lambda: self.find('Start', 'push button') or self.find('Start', 'button'),
                     'button to start again')
            recording.stop()
            loud = subprocess.run(['sox', heard, '-n', 'stat'], text=True, capture_output=True)
            peak = [line for line in loud.stderr.splitlines() if 'Maximum amplitude' in line]
            self.assertGreater(float(peak[0].split(':')[1]), 0.1, 'the speaker stayed silent')
            window.stop()
            self.assertEqual(window.process.returncode, -15)

    def test_unreachable(self):
        """The service can't be reached: the window says so and what to do."""
        self.start('ws://127.0.0.1:1/v1/realtime')
        self.click('Start a conversation')
        wait_for(lambda: self.find('127.0.0.1') or self.find('reach') or self.find('refused'),
                 'error in the window', 30)
        self.shoot('local-error')
        wait_for(lambda: self.find('Start', 'push button') or self.find('Start', 'button'),
                 'button to try again')

    def test_german(self):
        with Simulator(scenario='smalltalk') as simulator:
            self.start(simulator.url, 'de')
            wait_for(lambda: self.find('Gespräch beginnen'), 'German button')
            self.shoot('local-idle-de')


if __name__ == '__main__':
    unittest.main()
