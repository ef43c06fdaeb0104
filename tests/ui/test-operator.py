#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The desktop beside a gateway, as an operator meets it: a real gateway process,
the simulator in the service's place, a real phone (baresip) that calls, and the
operator's microphone and speaker made of PulseAudio null devices.

Run by Meson inside `xvfb-run dbus-run-session`. With BESTELLBOT_SCREENSHOTS set
to a folder, the pictures of docs/screenshots are left there.
"""
import os
import subprocess
import sys
import tempfile
import unittest
import wave

import numpy

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers.baresip import Baresip  # noqa: E402
from peers.desk import DeskCase  # noqa: E402
from peers.desktop import Desktop, spin, wait_for  # noqa: E402
from peers.pulse import PulseAudio  # noqa: E402

BUILD = os.environ['BESTELLBOT_BUILDDIR']
SCREENSHOTS = os.environ.get('BESTELLBOT_SCREENSHOTS')
SETTINGS = '[Settings]\ngtk-font-name=Cantarell 11\ngtk-decoration-layout=:close\n'
TONE = 1000  # Hz, what the operator's microphone hears


def loudness_at(samples, rate, frequency):
    """The strongest 200 ms at one frequency, as amplitude of a sine (full scale 1)."""
    size = rate // 5
    times = numpy.arange(size) / rate
    wave_ = numpy.exp(-2j * numpy.pi * frequency * times)
    chunks = [samples[i:i + size] for i in range(0, len(samples) - size, size)]
    return max([2 * abs(numpy.mean(chunk * wave_)) for chunk in chunks] or [0])


def samples_of(path):
    with wave.open(path) as sound:
        data = numpy.frombuffer(sound.readframes(sound.getnframes()), dtype='<i2')
        return data.astype(float) / 32768, sound.getframerate()


class OperatorTest(DeskCase):
    @classmethod
    def setUpClass(cls):
        cls.pulse = PulseAudio().start()
        cls.addClassCleanup(cls.pulse.stop)

    def open(self, gateway, **more):
        home = tempfile.mkdtemp(dir=self.folder)
        os.mkdir(os.path.join(home, 'gtk-4.0'))
        with open(os.path.join(home, 'gtk-4.0', 'settings.ini'), 'w') as settings:
            settings.write(SETTINGS)
        env = self.pulse.environ()
        env.update(XDG_CONFIG_HOME=home, XDG_DATA_HOME=home, LC_ALL='C.UTF-8', LANGUAGE='',
                   GSK_RENDERER='cairo', GDK_DEBUG='gl-disable',
                   BESTELLBOT_LOCALEDIR=os.path.join(BUILD, 'po'))
        env.update(more)
        desktop = Desktop([os.path.join(BUILD, 'ui', 'bestellbot'), '--gateway', gateway.api,
                           '--token-file', gateway.token_file], env)
        self.addCleanup(desktop.stop)
        return desktop

    def quit(self, desktop):
        desktop.press('<Control>q')
        self.assertEqual(desktop.process.wait(), 0, desktop.process.text())

    def tone(self, seconds=3):
        path = os.path.join(self.folder, 'tone.wav')
        subprocess.run(['sox', '-n', '-r', '48000', '-c', '1', '-b', '16', path, 'synth',
                        str(seconds), 'sine', str(TONE), 'gain', '-6'], check=True)
        return path


class StepIn(OperatorTest):
    def test_take_over_and_hand_back(self):
        """Read along, listen, speak in the bot's place (the phone hears it), hand back, hang up."""
        simulator = self.simulator('smalltalk')
        gateway = self.gateway(simulator.url)
        desktop = self.open(gateway)
        desktop.wait_for_text('No calls', 'label')
        phone = self.phone()
        call = self.dial(gateway, phone)
        desktop.wait_for_text('Bot: Guten Tag', 'list item')
        desktop.wait_for_text('The caller hears: the bot')
        self.assertFalse(desktop.button('Hand back').has('SENSITIVE'))

        desktop.press('<Control>l')
        wait_for(lambda: gateway.get(f'/v1/calls/{call}')['operator_mode'] == 'listen', 'listening')
        desktop.press('<Control>t')
        desktop.wait_for_text('The caller hears: you; the bot is silent')
        wait_for(lambda: gateway.get(f'/v1/calls/{call}')['operator_mode'] == 'take-over', 'taking over')
        self.pulse.speak(self.tone())
        desktop.click('Hand back')
        desktop.wait_for_text('The caller hears: the bot')
        wait_for(lambda: gateway.get(f'/v1/calls/{call}')['operator_mode'] == 'listen', 'handing back')

        desktop.press('<Control>i')
        for key in 'ok':
            desktop.press(key)
        desktop.press('Return')
        desktop.press('<Control><Shift>h')
        self.assertEqual(self.wait_end(gateway, call)['end'], 'operator')
        desktop.wait_for_text('An operator hung up')
        heard = [samples_of(path) for path in phone.recordings('dec')]
        self.assertGreater(max(loudness_at(*sound, TONE) for sound in heard), 0.1,
                           'the phone did not hear the operator')
        self.quit(desktop)


if __name__ == '__main__':
    unittest.main()
