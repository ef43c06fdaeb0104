# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls by sipp against our user agent: every way a call can go."""
import os
import sys
import unittest

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')]
from answerer import Answerer  # noqa: E402
from peers import sipp  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402


def hello(**options):
    """A call up to the ACK."""
    return (Scenario().invite(**options).receive(100, optional=True).receive(180)
            .receive(200, dialog=True).ack())


def refused(status, check=None, **options):
    return (Scenario().invite(**options).receive(100, optional=True)
            .receive(status, check=check).ack(failed=True))


def sdp(lines, address='[local_ip]', version=1, port='[auto_media_port]'):
    """An offer with `lines` from the m= line on."""
    return (f'v=0\no=phone 1 {version} IN IP4 [local_ip]\ns=-\nc=IN IP4 {address}\nt=0 0\n'
            + lines.replace('PORT', port))


class Calls(unittest.TestCase):
    def setUp(self):
        self.bot = Answerer()
        self.addCleanup(self.bot.stop)
        self.bot.start()

    def tearDown(self):
        """Whatever the test did: nothing is left, and nothing was complained about."""
        if self.bot.process.poll() is None:
            self.bot.wait_idle()
            status, legs = self.bot.finish()
            self.assertEqual((status, legs), (0, 0), self.bot.text())
        self.assertNotRegex(self.bot.text('err'), 'CRITICAL|WARNING|AddressSanitizer|runtime error')

    def run_call(self, scenario, **options):
        result = sipp.call(scenario, self.bot.port, **options)
        self.assertEqual((result.status, result.failed), (0, 0), result.explain())
        return result

    def test_basic_call(self):
        result = self.run_call(hello().pause(200).bye().receive(200))
        incoming = self.bot.event('incoming')
        self.assertEqual(incoming['number'], '+4930123456')
        self.assertEqual(incoming['name'], 'Erika Muster')
        self.assertEqual(incoming['called'], 'bestellbot')
        self.assertEqual(incoming['local'], '127.0.0.1')
        self.assertEqual(self.bot.event('media')['codec'], 'PCMA')
        self.bot.event('confirmed')
        self.assertEqual(self.bot.event('ended')['why'], 'caller')
        answer = result.received('SIP/2.0 200')[0]
        self.assertIn('Contact: <sip:bestellbot@127.0.0.1:', answer)
        self.assertIn('c=IN IP4 127.0.0.1\n', answer)
        self.assertRegex(answer, r'm=audio \d+ RTP/AVP 8 101\n')
        self.assertIn('a=sendrecv', answer)
        self.assertNotIn('0.0.0.0', result.messages)


if __name__ == '__main__':
    unittest.main(verbosity=2)
