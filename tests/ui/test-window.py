#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window as a person meets it: a real window under Xvfb, clicked through
the accessibility tree, with a microphone and a speaker made of PulseAudio null
devices (autoaudiosrc and autoaudiosink are the real ones) and the simulator in
the service's place.

Run by Meson inside `xvfb-run dbus-run-session`. With BESTELLBOT_SCREENSHOTS set
to a folder, the pictures of docs/screenshots are left there.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import wave

import numpy

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import speech  # noqa: E402
from peers.desktop import Desktop, spin, wait_for  # noqa: E402
from peers.process import free_port  # noqa: E402
from peers.pulse import PulseAudio  # noqa: E402
from peers.simulator import Simulator  # noqa: E402

BUILD = os.environ['BESTELLBOT_BUILDDIR']
SCREENSHOTS = os.environ.get('BESTELLBOT_SCREENSHOTS')
# As on a GNOME desktop, which no settings daemon is here to tell.
SETTINGS = '[Settings]\ngtk-font-name=Cantarell 11\ngtk-decoration-layout=:close\n'
CALLER_SAYS = 'input_audio_transcription.completed'
RESPONSE_DONE = 'response.done'
BOT_LISTENS = {'en': 'Bot listens', 'de': 'Bot hört zu'}


def samples_of(path):
    with wave.open(path) as sound:
        data = numpy.frombuffer(sound.readframes(sound.getnframes()), dtype='<i2')
        return data.astype(float) / 32768, sound.getframerate()


def pitch_of(samples, rate):
    """The median pitch (Hz) of the loud parts, and how long they are (s)."""
    size = rate // 25
    frames = [samples[i:i + size] for i in range(0, len(samples) - size, size)]
    loud = [f for f in frames if numpy.sqrt(numpy.mean(f * f)) > 0.02]
    pitches = []
    for frame in loud:
        frame = frame - frame.mean()
        echo = numpy.correlate(frame, frame, 'full')[size - 1:]
        low, high = rate // 400, rate // 50
        lag = low + int(numpy.argmax(echo[low:high]))
        if echo[lag] > 0.4 * echo[0]:
            pitches.append(rate / lag)
    return (float(numpy.median(pitches)) if pitches else 0.0), len(loud) * size / rate


class WindowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='bestellbot-ui-')
        cls.pulse = PulseAudio().start()

    @classmethod
    def tearDownClass(cls):
        cls.pulse.stop()
        cls.folder.cleanup()

    def start(self, url, **more):
        home = tempfile.mkdtemp(dir=self.folder.name)
        os.mkdir(os.path.join(home, 'gtk-4.0'))
        with open(os.path.join(home, 'gtk-4.0', 'settings.ini'), 'w') as settings:
            settings.write(SETTINGS)
        env = self.pulse.environ()
        env.update(XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, OPENAI_API_KEY='none',
                   LC_ALL='C.UTF-8', LANGUAGE='', GSK_RENDERER='cairo', GDK_DEBUG='gl-disable',
                   BESTELLBOT_LOCALEDIR=os.path.join(BUILD, 'po'))
        env.update(more)
        desktop = Desktop([os.path.join(BUILD, 'ui', 'bestellbot'), '--set', f'realtime.url={url}',
                           '--set', f'orders.database={home}/orders.db'], env)
        self.addCleanup(desktop.stop)
        return desktop

    def lines(self, desktop):
        """The transcript as a screen reader reads it."""
        return [node for node in desktop.nodes() if node.role == 'list item' and ': ' in node.name]

    def quit(self, desktop):
        desktop.press('<Control>q')
        self.assertEqual(desktop.process.wait(), 0, desktop.process.text())

    def error_of(self, desktop):
        return wait_for(lambda: next((n.name for n in desktop.nodes() if n.role == 'alert'), None),
                        'error in the window')

    def shoot(self, desktop, name):
        path = os.path.join(SCREENSHOTS or self.folder.name, name + '.png')
        desktop.photograph(path)
        self.assertGreater(os.path.getsize(path), 4000, 'the picture is empty')


class Conversation(WindowTest):
    def test_speak_and_listen(self):
        """Start, hear the greeting, speak, read both sides, stop, start again, close."""
        spoken = speech.say('Guten Tag, haben Sie Kupferrohre?', self.folder.name + '/caller.wav',
                            rate=48000)
        heard = os.path.join(self.folder.name, 'heard.wav')
        with Simulator(scenario='smalltalk') as simulator:
            desktop = self.start(simulator.url)
            recording = self.pulse.record(heard)
            desktop.click('Start a conversation')
            greeting = simulator.wait_for_event('response.output_audio_transcript.done')['transcript']
            desktop.wait_for_text('Bot: ' + greeting, 'list item')
            desktop.wait_for_text('Bot speaks', 'label')
            desktop.wait_for_text('Bot listens', 'label')
            self.pulse.speak(spoken)
            asked = simulator.wait_for_event(
                'conversation.item.input_audio_transcription.completed')['transcript']
            desktop.wait_for_text('Caller: ' + asked, 'list item')
            answer = simulator.wait_for_event('response.output_audio_transcript.done', 2)['transcript']
            desktop.wait_for_text('Bot: ' + answer, 'list item')
            self.assertEqual([n.name for n in self.lines(desktop)],
                             ['Bot: ' + greeting, 'Caller: ' + asked, 'Bot: ' + answer])
            desktop.wait_for_text('Bot listens', 'label')
            desktop.click('Stop')
            desktop.button('Start')
            recording.stop()
            self.check_sound(heard, greeting + answer)

            desktop.click('Start')
            simulator.wait_for_event('session.updated', 2)
            wait_for(lambda: [n.name for n in self.lines(desktop)] == ['Bot: ' + greeting],
                     'a fresh transcript')
            desktop.click('Close')
            self.assertEqual(desktop.process.wait(), 0, desktop.process.text())

    def check_sound(self, path, text):
        """Level, pitch and length of a voice that says the text, at the right speed."""
        samples, rate = samples_of(path)
        pitch, seconds = pitch_of(samples, rate)
        self.assertGreater(numpy.abs(samples).max(), 0.1, 'the speaker stayed silent')
        self.assertTrue(70 < pitch < 180, f'a voice of {pitch:.0f} Hz')
        self.assertTrue(len(text) / 30 < seconds < len(text) / 8,
                        f'{seconds:.1f} s for {len(text)} letters')

    def test_keyboard(self):
        with Simulator(scenario='smalltalk') as simulator:
            desktop = self.start(simulator.url)
            wait_for(lambda: desktop.button('Start a conversation').has('FOCUSED'), 'focus')
            desktop.press('<Control>Return')
            simulator.wait_for_event(RESPONSE_DONE)
            wait_for(lambda: desktop.button('Stop').has('FOCUSED'), 'focus on the stop button')
            desktop.press('<Control>Return')
            desktop.button('Start')
            desktop.press('space')
            simulator.wait_for_event('session.updated', 2)
            desktop.button('Stop')
            self.quit(desktop)

    def test_signal(self):
        """SIGTERM ends the conversation first, then the program, with status 0."""
        with Simulator(scenario='smalltalk') as simulator:
            desktop = self.start(simulator.url)
            desktop.click('Start a conversation')
            simulator.wait_for_event(RESPONSE_DONE)
            desktop.process.process.send_signal(signal.SIGTERM)
            self.assertEqual(desktop.process.wait(), 0, desktop.process.text())


class Run(WindowTest):
    def test_run_opens_the_desktop(self):
        """./run with a display: the window, and one click away a conversation with no key."""
        home = tempfile.mkdtemp(dir=self.folder.name)
        env = self.pulse.environ()
        env.update(XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, XDG_STATE_HOME=home, OPENAI_API_KEY='',
                   BESTELLBOT_BUILD=BUILD, BESTELLBOT_DEVENV='', BESTELLBOT_NO_INSTALL='1',
                   BESTELLBOT_CONFIG='', LC_ALL='C.UTF-8', LANGUAGE='', GSK_RENDERER='cairo',
                   GDK_DEBUG='gl-disable')
        desktop = Desktop([os.path.join(os.environ['BESTELLBOT_SRCDIR'], 'run')], env, timeout=60)
        self.addCleanup(desktop.stop)
        desktop.click('Start a conversation')
        desktop.wait_for_text('Bot: Guten Tag', 'list item')
        self.quit(desktop)


class Errors(WindowTest):
    def test_unreachable_then_there(self):
        """The window says that the service can't be reached; later a second try works."""
        port = free_port(socket.SOCK_STREAM)
        desktop = self.start(f'ws://127.0.0.1:{port}/v1/realtime')
        desktop.click('Start a conversation')
        text = self.error_of(desktop)
        self.assertIn('The conversation could not begin', text)
        self.assertIn('check the network', text)
        desktop.button('Start a conversation')
        with Simulator(scenario='smalltalk', args=('--port', str(port))) as simulator:
            desktop.click('Start a conversation')
            simulator.wait_for_event(RESPONSE_DONE)
            desktop.button('Stop')
            self.assertIsNone(desktop.find('could not begin'), 'the old error is still shown')
        # The service is gone in the middle of it.
        self.assertIn('The conversation broke off', self.error_of(desktop))
        desktop.click('Close this message')
        wait_for(lambda: desktop.find('broke off') is None, 'end of the message')
        desktop.button('Start')
        self.quit(desktop)

    def test_stop_while_connecting(self):
        with socket.socket() as deaf:
            deaf.bind(('127.0.0.1', 0))
            deaf.listen()
            desktop = self.start('ws://127.0.0.1:%d/v1/realtime' % deaf.getsockname()[1])
            desktop.click('Start a conversation')
            desktop.wait_for_text('Connecting…')
            desktop.click('Stop')
            desktop.button('Start a conversation')
            desktop.click('Start a conversation')
            desktop.wait_for_text('Connecting…')
            desktop.click('Close')
            self.assertEqual(desktop.process.wait(), 0, desktop.process.text())

    def test_no_sound(self):
        """Without a sound server, and without the microphone that was asked for."""
        with Simulator(scenario='smalltalk') as simulator:
            for more in ({'PULSE_SERVER': 'unix:/nonexistent/native'}, {'PULSE_SOURCE': 'nonesuch'}):
                with self.subTest(**more):
                    desktop = self.start(simulator.url, **more)
                    desktop.click('Start a conversation')
                    text = self.error_of(desktop)
                    self.assertIn('No sound from the microphone', text)
                    self.assertIn('PipeWire or PulseAudio', text)
                    # Beside the bot's first words, if these were faster than the sound card.
                    wait_for(lambda: any(desktop.find(label, 'push button', exact=True)
                                         for label in ('Start a conversation', 'Start')), 'way to begin again')
                    self.quit(desktop)

    def test_german(self):
        desktop = self.start('ws://127.0.0.1:1/v1/realtime', LANGUAGE='de')
        desktop.click('Gespräch beginnen')
        self.assertIn('Das Gespräch konnte nicht beginnen', self.error_of(desktop))
        desktop.resize(370, 640)
        self.shoot(desktop, 'local-error-de')
        self.quit(desktop)


class Order(WindowTest):
    """The order dialogue with its recorded customer."""

    def play(self, desktop, simulator, language, utterances):
        desktop.press('<Control>Return')
        simulator.wait_for_event(RESPONSE_DONE)
        for number, utterance in enumerate(utterances, 1):
            if number == 2:
                # Cuts the bot short, while it reads the long list.
                desktop.wait_for_text('Bot: Da habe ich mehrere Artikel')
                spin(2)
            else:
                desktop.wait_for_text(BOT_LISTENS[language], 'label')
            self.pulse.speak(os.path.join(BUILD, 'data', 'speech', utterance['path']))
            simulator.wait_for_event('conversation.item.' + CALLER_SAYS, number)
            # Before the answer it listens too.
            wait_for(lambda: self.answers(desktop) == number + 1, 'answer')

    def answers(self, desktop):
        """Answers so far, the greeting among them, if the last line is one."""
        names = [row.name for row in self.lines(desktop)]
        return sum(n.startswith('Bot: ') for n in names) if names[-1].startswith('Bot: ') else 0

    def utterances(self):
        with open(os.path.join(BUILD, 'data', 'speech', 'order.json'), encoding='utf-8') as manifest:
            return [u for u in json.load(manifest) if not u['optional']]

    def test_order_grows(self):
        with Simulator(scenario='order') as simulator:
            desktop = self.start(simulator.url, LANGUAGE='de', ADW_DEBUG_COLOR_SCHEME='prefer-dark')
            utterances = self.utterances()
            self.play(desktop, simulator, 'de', utterances[:2])
            desktop.wait_for_text('Auf die Bestellung gesetzt · 20 × 10113', 'list item')
            desktop.wait_for_text('20 Stück T-Stück Kupfer 15 mm, 30,40', 'list item')
            desktop.wait_for_text('unterbrochen', 'label')
            desktop.wait_for_text('Bot hört zu', 'label')
            self.check_names(desktop)
            self.check_tool_unfolds(desktop)
            self.check_scrolling(desktop, simulator, utterances)
            self.quit(desktop)

    def check_names(self, desktop):
        """All that can be operated or read has a name of its own."""
        roles = ('push button', 'toggle button', 'list', 'list item', 'alert', 'frame')
        nodes = [n for n in desktop.nodes() if n.role in roles]
        self.assertGreater(len(nodes), 8)
        bad = [n for n in nodes if not n.name or n.name.startswith(('Gtk', 'Adw', 'Bb'))]
        self.assertEqual(bad, [])

    def check_tool_unfolds(self, desktop):
        self.assertIsNone(desktop.find('"quantity" : 20'))
        fold = next(n for n in desktop.nodes() if n.name.startswith('Auf die Bestellung gesetzt')
                    and n.has('EXPANDABLE'))
        fold.click()
        desktop.wait_for_text('"quantity" : 20')
        fold.click()
        wait_for(lambda: desktop.find('"quantity" : 20') is None, 'folded details')

    def is_newest_shown(self, desktop):
        """A row out of view keeps the place that it had, or has none if it never was in view."""
        nodes = desktop.nodes()
        view = next((n for n in nodes if n.name == 'Gesprächsverlauf'), None)
        rows = self.lines(desktop)
        return (view is not None and rows and rows[-1].showing
                and view.top < rows[-1].bottom <= view.bottom + 12)

    def check_scrolling(self, desktop, simulator, utterances):
        """The newest line is in view, unless the reader has scrolled back."""
        desktop.resize(370, 420)
        wait_for(lambda: self.is_newest_shown(desktop)
                 and any(row.top < 0 for row in self.lines(desktop)), 'newest line in view')
        self.assertIsNone(desktop.find('Zur neuesten Zeile'))

        for _ in range(6):
            desktop.display.roll(150, 150, 4)
        desktop.wait_for_text('Zur neuesten Zeile', 'push button')
        self.pulse.speak(os.path.join(BUILD, 'data', 'speech', utterances[2]['path']))
        simulator.wait_for_event('conversation.item.' + CALLER_SAYS, 3)
        desktop.wait_for_text('10 Stück Bogen Kupfer', 'list item')
        wait_for(lambda: 'Bot: Zehn mal Bogen Kupfer' in self.lines(desktop)[-1].name, 'answer')
        spin(0.5)  # time to do it wrong
        self.assertFalse(self.is_newest_shown(desktop), 'the reader was pulled to the end')

        desktop.click('Zur neuesten Zeile')
        wait_for(lambda: desktop.find('Zur neuesten Zeile') is None, 'end of the button')
        wait_for(lambda: self.is_newest_shown(desktop), 'newest line in view again')

    @unittest.skipUnless(SCREENSHOTS, 'pictures only for BESTELLBOT_SCREENSHOTS')
    def test_pictures(self):
        """The pictures of docs/screenshots: English and light, German and dark."""
        for language, scheme, name in (('en', 'prefer-light', 'local-order'),
                                       ('de', 'prefer-dark', 'local-order-de-dark')):
            with Simulator(scenario='order') as simulator:
                desktop = self.start(simulator.url, LANGUAGE=language, ADW_DEBUG_COLOR_SCHEME=scheme)
                self.play(desktop, simulator, language, self.utterances()[:3])
                desktop.wait_for_text('Bot: Zehn mal Bogen Kupfer', 'list item')
                spin(0.3)
                self.shoot(desktop, name)
                self.quit(desktop)


if __name__ == '__main__':
    unittest.main()
