# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls by a real soft phone, with Opus and with G.711."""
import os
import sys
import unittest

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')]
from answerer import Answerer  # noqa: E402
from peers import baresip, speech  # noqa: E402
from peers.baresip import Baresip  # noqa: E402


@unittest.skipUnless(baresip.available() and speech.available(), 'needs baresip, sox, espeak-ng')
class Phone(unittest.TestCase):
    def bot(self, **options):
        bot = Answerer(**options)
        self.addCleanup(bot.stop)
        return bot.start()

    def phone(self, **options):
        phone = Baresip(**options)
        self.addCleanup(phone.stop)
        return phone

    def finish(self, bot):
        bot.wait_idle()
        self.assertEqual(bot.finish(), (0, 0))
        self.assertNotRegex(bot.text('err'), 'CRITICAL|WARNING|AddressSanitizer|runtime error')

    def call(self, codecs, expected, **options):
        bot = self.bot(**options)
        phone = self.phone(codecs=codecs)
        phone.dial(bot.uri)
        bot.event('confirmed')
        media = bot.event('media')
        self.assertEqual((media['codec'], media['direction']), (expected, 'sendrecv'))
        self.assertTrue(media['remote'].startswith('127.0.0.1:'), media)
        self.assertEqual(bot.event('incoming')['number'], 'phone')
        phone.hold()
        self.assertEqual(bot.event('media-changed')['direction'], 'recvonly')
        phone.resume()
        self.assertEqual(bot.event('media-changed')['direction'], 'sendrecv')
        self.assertEqual(phone.hang_up()['param'], 'Connection reset by user')
        self.assertEqual(bot.event('ended')['why'], 'caller')
        self.finish(bot)
        return media

    def test_opus(self):
        media = self.call(('opus/48000/2', 'pcma'), 'opus')
        # the number is the phone's, both ways
        self.assertEqual(len(set(media['payload-types'].split('/'))), 1)

    def test_pcma(self):
        self.assertEqual(self.call(('pcma',), 'PCMA')['payload-types'], '8/8')

    def test_g722(self):
        self.assertEqual(self.call(('g722/16000/1', 'pcma'), 'G722')['payload-types'], '9/9')

    def test_l16(self):
        media = self.call(('L16/16000/1', 'pcma'), 'L16', settings=['media.codecs=L16/16000'])
        self.assertEqual(len(set(media['payload-types'].split('/'))), 1)

    def test_our_order_counts(self):
        self.call(('opus/48000/2', 'pcmu', 'pcma'), 'PCMA', settings=['media.codecs=PCMA;opus'])

    def test_we_hang_up(self):
        bot = self.bot()
        phone = self.phone(transport='tcp')
        phone.dial(bot.uri + ';transport=tcp')
        bot.event('confirmed')
        bot.command('hang-up')
        phone.event('CALL_CLOSED')
        self.assertEqual(bot.event('ended')['why'], 'bot')
        self.finish(bot)

    def test_busy(self):
        bot = self.bot(mode='reject 486')
        phone = self.phone()
        phone.dial(bot.uri, wait=False)
        self.assertIn('486', phone.event('CALL_CLOSED')['param'])
        self.finish(bot)

    def test_speaks_and_records(self):
        """The phone itself: what it says is what the file holds."""
        bot = self.bot()
        phone = self.phone()
        folder = phone.folder
        words = speech.say('Guten Tag.', os.path.join(folder, 'words.wav'))
        phone.dial(bot.uri)
        phone.speak(words)
        phone.wait_spoken()
        phone.hang_up()
        self.assertEqual(len(phone.recordings('enc')), 1)
        self.assertGreater(speech.peak(phone.recordings('enc')[0]), 0.2)
        self.finish(bot)


if __name__ == '__main__':
    unittest.main(verbosity=2)
