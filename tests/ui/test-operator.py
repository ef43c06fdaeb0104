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
import threading
import unittest
import wave

import numpy

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers.baresip import Baresip  # noqa: E402
from peers.caller import Caller  # noqa: E402
from peers.desk import DeskCase, utterances  # noqa: E402
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


class Correct(OperatorTest):
    def test_correct_an_order(self):
        """The bot puts 20 on the order; the operator makes it 30, adds another, then removes the first."""
        simulator = self.simulator('order')
        gateway = self.gateway(simulator.url)
        desktop = self.open(gateway)
        phone = self.phone()
        call = self.dial(gateway, phone)
        self.order_first(gateway, call, phone)
        desktop.wait_for_text('20 Stück T-Stück Kupfer 15 mm', 'list item', timeout=60)

        quantity = desktop.find('Quantity', 'spin button')
        quantity.accessible.get_value_iface().set_current_value(30)
        desktop.wait_for_text('30 Stück T-Stück Kupfer 15 mm', 'list item')
        self.assertEqual(self.lines_of(gateway, call), {'10113': 30})

        desktop.tap(desktop.wait_for_text('Add an article', 'push button'))
        desktop.wait_for_text('Search as the bot does')
        desktop.type('bogen 22')
        desktop.wait_for_text('Bogen Kupfer 90° 22 mm', 'list item')
        desktop.press('Return')  # the best of what is found
        wait_for(lambda: self.lines_of(gateway, call) == {'10113': 30, '11115': 1}, 'article more')

        desktop.click('Remove from the order')
        wait_for(lambda: self.lines_of(gateway, call) == {'11115': 1}, 'line less')
        desktop.click('Remove from the order')
        desktop.wait_for_text('Nothing ordered yet')
        self.assertEqual(self.lines_of(gateway, call), {})
        phone.hang_up()
        self.wait_end(gateway, call)
        self.quit(desktop)

    def order_first(self, gateway, call, phone):
        customer = Caller(gateway.watch, call, lambda u: phone.speak(u['path']))
        for utterance in utterances()[:2]:
            customer.speak(utterance)

    def lines_of(self, gateway, call):
        order = gateway.get(f'/v1/calls/{call}')['order']
        return {line['product_number']: line['quantity'] for line in order['lines']}


class Ring(OperatorTest):
    def test_answer_a_ringing_call(self):
        """A call that rings for people stands first; one is taken, one refused."""
        simulator = self.simulator('smalltalk')
        gateway = self.gateway(simulator.url, 'calls.operator-first=60')
        desktop = self.open(gateway)
        phone = self.phone()
        phone.dial(gateway.uri, wait=False)
        desktop.wait_for_text('Rings', 'label')
        desktop.click('Answer')
        desktop.wait_for_text('The caller hears: you; the bot is silent')
        desktop.click('Hand back')
        desktop.wait_for_text('The caller hears: the bot')
        other = self.phone(user='other')
        other.dial(gateway.uri, wait=False)
        desktop.wait_for_text('other, Rings', 'list item')
        refuse = [n for n in desktop.nodes() if n.name == 'Refuse' and n.showing]
        refuse[0].click()
        desktop.wait_for_text('other, Refused', 'list item')
        self.quit(desktop)


class Lost(OperatorTest):
    def test_gateway_lost_and_back(self):
        """A lost gateway is said at once; the call and its lines stay in view."""
        simulator = self.simulator('smalltalk')
        gateway = self.gateway(simulator.url)
        desktop = self.open(gateway)
        phone = self.phone()
        self.dial(gateway, phone)
        desktop.wait_for_text('Bot: Guten Tag', 'list item')
        port = gateway.api.rsplit(':', 1)[1]
        gateway.watch.close()
        gateway.stop()
        desktop.wait_for_text('is lost; what you see is how it was last', 'alert')
        desktop.wait_for_text('Bot: Guten Tag', 'list item')
        again = self.gateway(simulator.url, f'api.port={port}')
        wait_for(lambda: desktop.find('is lost;') is None, 'end of the message', 40)
        call = self.dial(again, self.phone(user='second'))
        desktop.wait_for_text('second, ', 'list item')
        self.assertTrue(call)
        self.quit(desktop)


@unittest.skipUnless(SCREENSHOTS, 'pictures only for BESTELLBOT_SCREENSHOTS')
class Pictures(OperatorTest):
    """The pictures of docs/screenshots: calls, one call, stepping in, ringing, nothing yet."""

    LOOKS = (('en', 'prefer-light', ''), ('de', 'prefer-dark', '-de-dark'))

    def shoot(self, desktop, name):
        path = os.path.join(SCREENSHOTS, name + '.png')
        desktop.photograph(path)
        self.assertGreater(os.path.getsize(path), 4000, 'the picture is empty')

    def test_pictures(self):
        simulator = self.simulator('order')
        gateway = self.gateway(simulator.url)
        for language, scheme, suffix in self.LOOKS:
            look = {'LANGUAGE': language, 'ADW_DEBUG_COLOR_SCHEME': scheme}
            desktop = self.open(gateway, **look)
            desktop.wait_for_text({'en': 'No calls', 'de': 'Keine Anrufe'}[language])
            self.shoot(desktop, 'calls-none' + suffix)
            self.quit(desktop)
        # The first to call is the one that is shown.
        phone = self.phone(user='0301234567')
        call = self.dial(gateway, phone)
        customer = Caller(gateway.watch, call, lambda u: phone.speak(u['path']))
        for utterance in utterances()[:2]:
            customer.speak(utterance)
        customer.listen()
        self.dial(gateway, self.phone(user='040555123'))
        for language, scheme, suffix in self.LOOKS:
            look = {'LANGUAGE': language, 'ADW_DEBUG_COLOR_SCHEME': scheme}
            desktop = self.open(gateway, **look)
            desktop.wait_for_text('0301234567, ', 'list item')
            desktop.press('<Control>t')
            desktop.wait_for_text({'en': 'The caller hears: you', 'de': 'Der Anrufer hört: Sie'}[language])
            voice = threading.Thread(target=self.pulse.speak, args=(self.tone(2),))
            voice.start()
            spin(0.6)
            self.shoot(desktop, 'call-step-in' + suffix)
            voice.join()
            desktop.press('<Control>b')
            desktop.wait_for_text({'en': 'hears: the bot', 'de': 'hört: den Bot'}[language])
            desktop.resize(370, 700)
            spin(0.5)
            self.shoot(desktop, 'call-narrow' + suffix)
            desktop.click({'en': 'All calls', 'de': 'Alle Anrufe'}[language])
            spin(0.5)
            self.shoot(desktop, 'calls-narrow' + suffix)
            self.quit(desktop)


if __name__ == '__main__':
    unittest.main()
