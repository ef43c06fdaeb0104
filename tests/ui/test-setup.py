#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""First start, preferences and sound devices as a person meets them: a real
window under Xvfb, PulseAudio null devices, settings in a key file of its own.

Run by Meson inside `xvfb-run dbus-run-session`. With BESTELLBOT_SCREENSHOTS set
to a folder, the pictures of docs/screenshots are left there.
"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import speech  # noqa: E402
from peers.desktop import Desktop, spin, wait_for  # noqa: E402
from peers.pulse import PulseAudio  # noqa: E402

BUILD = os.environ['BESTELLBOT_BUILDDIR']
SCREENSHOTS = os.environ.get('BESTELLBOT_SCREENSHOTS')
SETTINGS = '[Settings]\ngtk-font-name=Cantarell 11\ngtk-decoration-layout=:close\n'
SECRET = 'sk-nobody-may-read-this'


class SetupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='bestellbot-setup-')
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        os.mkdir(os.path.join(self.home, 'gtk-4.0'))
        with open(os.path.join(self.home, 'gtk-4.0', 'settings.ini'), 'w') as settings:
            settings.write(SETTINGS)
        self.pulse = self.enterContext(PulseAudio())

    def keep(self, **values):
        """Settings as an earlier start has left them."""
        os.makedirs(os.path.dirname(self.keyfile), exist_ok=True)
        with open(self.keyfile, 'w', encoding='utf-8') as file:
            file.write('[de/bestellbot/Bestellbot]\n'
                       + ''.join(f'{k.replace("_", "-")}={v}\n' for k, v in values.items()))

    @property
    def keyfile(self):
        return os.path.join(self.home, 'glib-2.0', 'settings', 'keyfile')

    def kept(self):
        try:
            with open(self.keyfile, encoding='utf-8') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def start(self, *options, **more):
        env = self.pulse.environ()
        env.update(HOME=self.home, XDG_CONFIG_HOME=self.home, XDG_DATA_HOME=self.home,
                   GSETTINGS_BACKEND='keyfile', LC_ALL='C.UTF-8', LANGUAGE='', GSK_RENDERER='cairo',
                   GDK_DEBUG='gl-disable', BESTELLBOT_LOCALEDIR=os.path.join(BUILD, 'po'),
                   PATH=os.path.join(BUILD, 'app', 'simulator') + ':' + os.environ['PATH'])
        env.pop('OPENAI_API_KEY', None)
        env.update(more)
        desktop = Desktop([os.path.join(BUILD, 'ui', 'bestellbot'), *options], env)
        self.addCleanup(desktop.stop)
        return desktop

    def to_front(self, desktop):
        """From now on the window on top is the one that is typed at."""
        spin(0.5)
        desktop.window = desktop.display.windows()[-1][0]

    def choose(self, desktop, row, down):
        """The entry so many steps below the first one of a row's list."""
        desktop.tap(desktop.wait_for_text(row, 'combo box'))
        spin(0.3)
        desktop.press('Home')
        for _ in range(down):
            desktop.press('Down')
        desktop.press('Return')
        spin(0.3)

    def shoot(self, desktop, name):
        path = os.path.join(SCREENSHOTS or self.home, name + '.png')
        desktop.photograph(path)
        self.assertGreater(os.path.getsize(path), 4000, 'the picture is empty')

    def quit(self, desktop):
        desktop.press('<Control>q')
        self.assertEqual(desktop.process.wait(), 0, desktop.process.text())


class Assistant(SetupTest):
    def test_simulator_with_no_key(self):
        """Through the pages with nothing but the button; then one click to the first word."""
        desktop = self.start()
        desktop.wait_for_text('Welcome to Bestellbot', 'label')
        for label in ('Next', 'Next', 'Begin'):
            desktop.click(label)
            spin(0.6)
        desktop.button('Start a conversation')
        self.to_front(desktop)
        desktop.click('Start a conversation')
        desktop.wait_for_text('Bot: ', 'list item')
        children = subprocess.run(['pgrep', '-P', str(desktop.process.pid), 'bestellbot-simu'],
                                  capture_output=True, text=True).stdout.split()
        self.assertEqual(len(children), 1)
        self.quit(desktop)
        wait_for(lambda: not os.path.exists('/proc/' + children[0]), 'end of the simulator')
        self.assertIn('set-up=true', self.kept())

        desktop = self.start()
        desktop.button('Start a conversation')
        self.assertIsNone(desktop.find('Welcome to Bestellbot'))

    def test_key_and_microphone(self):
        """A key is taken and told where it is; the meter moves; the key is in no file."""
        desktop = self.start()
        desktop.click('Next')
        spin(0.6)
        self.choose(desktop, 'Who answers', 1)
        desktop.tap(desktop.wait_for_text('New key', 'text'))
        desktop.type(SECRET)
        desktop.press('Return')
        desktop.wait_for_text('There is no keyring here', 'label')
        spin(0.5)  # time to write it where it does not belong
        self.check_no_secret()
        desktop.click('Next')
        spin(0.6)
        desktop.wait_for_text('Say something', 'label')
        sound = speech.say('Guten Tag, hört man mich?', os.path.join(self.home, 'say.wav'), rate=48000)
        self.pulse.speak(sound)
        desktop.wait_for_text('The microphone hears you', 'label')
        desktop.click('Begin')
        desktop.button('Start a conversation')
        wait_for(lambda: "service='openai'" in self.kept(), 'what was chosen')
        self.check_no_secret()
        self.assertNotIn(SECRET, desktop.process.text())

    def check_no_secret(self):
        for root, _, names in os.walk(self.home):
            for name in names:
                with open(os.path.join(root, name), 'rb') as file:
                    self.assertNotIn(SECRET.encode(), file.read(), name)

    def test_started_by_the_bus(self):
        """As the menu entry starts it: a service that opens its window when the bus asks."""
        self.keep(set_up='true')
        asks = subprocess.Popen(['sh', '-c', 'until gapplication launch de.bestellbot.Bestellbot; '
                                             'do sleep 0.2; done'], stderr=subprocess.DEVNULL)
        self.addCleanup(asks.wait)
        self.addCleanup(asks.kill)
        desktop = self.start('--gapplication-service')
        desktop.button('Start a conversation')
        self.quit(desktop)


class Preferences(SetupTest):
    def test_kept(self):
        """Chosen, in the file, and chosen again after the next start."""
        self.keep(set_up='true')
        desktop = self.start()
        desktop.button('Start a conversation')
        desktop.press('<Control>,')
        desktop.wait_for_text('Appearance')
        self.to_front(desktop)
        desktop.resize(560, 860)
        self.choose(desktop, 'Style', 2)
        wait_for(lambda: "color-scheme='dark'" in self.kept(), 'what was chosen')
        desktop.stop()

        desktop = self.start()
        desktop.button('Start a conversation')
        desktop.press('<Control>,')
        desktop.wait_for_text('Appearance')
        desktop.wait_for_text('Dark', 'label')

    def test_shortcuts(self):
        self.keep(set_up='true')
        desktop = self.start()
        desktop.button('Start a conversation')
        desktop.press('<Control><Shift>?')
        wait_for(lambda: any(n.name == 'Approve the order' for n in desktop.nodes()), 'shortcuts')


class Devices(SetupTest):
    def pactl(self, *arguments):
        return subprocess.run(['pactl', *arguments], env=self.pulse.environ(), check=True, text=True,
                              capture_output=True, timeout=30).stdout.strip()

    def plug(self):
        return self.pactl('load-module', 'module-remap-source', 'master=mouth.monitor',
                          'source_name=headset', 'source_properties=device.description=Headset')

    def recording_from(self):
        """Names of the sources that somebody records from."""
        sources = dict(line.split('\t')[:2] for line in self.pactl('list', 'short', 'sources').splitlines())
        names = [sources.get(line.split('\t')[1])
                 for line in self.pactl('list', 'short', 'source-outputs').splitlines()]
        # The microphones themselves record what is played into them.
        return [name for name in names if name != 'mouth.monitor']

    def test_hot_plug(self):
        """A headset that comes is offered, used, replaced when it goes, and the chosen one again
        when it comes back."""
        self.keep(set_up='true')
        desktop = self.start()
        desktop.button('Start a conversation')
        desktop.press('<Control>,')
        desktop.wait_for_text('Appearance')
        self.to_front(desktop)
        desktop.wait_for_text('System’s choice', 'label')
        module = self.plug()
        spin(1)
        self.choose(desktop, 'Microphone', 8)  # the last one, whatever there is before
        wait_for(lambda: "microphone='headset'" in self.kept(), 'headset in the settings')
        wait_for(lambda: self.recording_from() == ['headset'], 'meter on the headset')

        self.pactl('unload-module', module)
        wait_for(lambda: 'headset' not in self.recording_from(), 'end of the headset')
        spin(1)
        self.assertIn("microphone='headset'", self.kept())
        self.plug()
        wait_for(lambda: self.recording_from() == ['headset'], 'headset again')
        desktop.press('Escape')
        wait_for(lambda: self.recording_from() == [], 'closed microphone')

        self.to_front(desktop)
        desktop.click('Start a conversation')
        wait_for(lambda: 'headset' in self.recording_from(), 'conversation on the headset')


@unittest.skipUnless(SCREENSHOTS, 'pictures only for BESTELLBOT_SCREENSHOTS')
class Pictures(SetupTest):
    def test_pictures(self):
        for language, scheme, suffix, following in (('en', 'prefer-light', '', 'Next'),
                                                    ('de', 'prefer-dark', '-de-dark', 'Weiter')):
            more = {'LANGUAGE': language, 'ADW_DEBUG_COLOR_SCHEME': scheme}
            desktop = self.start(**more)
            for page in ('welcome', 'assistant', 'assistant-sound'):
                spin(0.8)
                self.shoot(desktop, page + suffix)
                if page != 'assistant-sound':
                    desktop.click(following)
            desktop.stop()
            self.keep(set_up='true')
            desktop = self.start(**more)
            desktop.press('<Control>,')
            spin(1)
            self.to_front(desktop)
            desktop.resize(580, 760)
            self.shoot(desktop, 'preferences' + suffix)
            desktop.stop()
            os.remove(self.keyfile)


if __name__ == '__main__':
    unittest.main()
