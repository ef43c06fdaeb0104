#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SRTP by SDES in calls: what is offered, answered, refused, changed; and that
no key shows up anywhere (issue 4, point 6)."""
import base64
import os
import re
import sys
import unittest

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')]
from answerer import Answerer  # noqa: E402
from peers import baresip, desk, sipp  # noqa: E402
from peers.baresip import Baresip  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402

KEY = base64.b64encode(bytes(range(30))).decode()
OTHER = base64.b64encode(bytes(range(40, 70))).decode()
SHORT = base64.b64encode(bytes(range(28))).decode()
SUITE = 'AES_CM_128_HMAC_SHA1_80'
# As loud as sofia-sip, GLib and GStreamer can be.
LOUD = {'SOFIA_DEBUG': '9', 'TPORT_LOG': '1', 'TPORT_DEBUG': '9', 'NUA_DEBUG': '9', 'NTA_DEBUG': '9',
        'SOA_DEBUG': '9', 'SU_DEBUG': '9', 'MSG_STREAM_LOG': '1', 'G_MESSAGES_DEBUG': 'all'}


def sdp(lines, protocol='RTP/SAVP', version=1):
    return (f'v=0\no=phone 1 {version} IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n'
            f'm=audio [auto_media_port] {protocol} 8\n' + lines)


def crypto(key=KEY, suite=SUITE, tag=1, more=''):
    return f'a=crypto:{tag} {suite} inline:{key}{more}\n'


def hello(body):
    return (Scenario().invite(sdp=body).receive(100, optional=True).receive(180)
            .receive(200, dialog=True).ack())


def refused(body):
    return (Scenario().invite(sdp=body).receive(100, optional=True).receive(180, optional=True)
            .receive(488).ack(failed=True))


def keys_in(text):
    """Every key of the a=crypto lines of a trace, in each way it may be written."""
    keys = set(re.findall(r'inline:([A-Za-z0-9+/=]{38,40})', text))
    written = set()
    for key in keys:
        octets = base64.b64decode(key + '=' * (-len(key) % 4))
        written |= {key, key.rstrip('='), octets.hex(), octets.hex().upper(), octets.hex(' '),
                    octets[:16].hex()}
    return written


class Case(unittest.TestCase):
    def bot(self, policy='preferred', **options):
        bot = Answerer(settings=[f'media.srtp={policy}', 'media.codecs=PCMA'], **options)
        self.addCleanup(bot.stop)
        return bot.start()

    def run_call(self, bot, scenario):
        result = sipp.call(scenario, bot.port)
        self.assertEqual((result.status, result.failed), (0, 0), result.explain())
        return result

    def finish(self, bot):
        bot.wait_idle()
        self.assertEqual(bot.finish(), (0, 0))
        self.assertNotRegex(bot.text('err'), 'CRITICAL|WARNING|AddressSanitizer|runtime error')


class Signalling(Case):
    def test_offered_and_answered(self):
        bot = self.bot('required')
        for protocol, lines, answered in (
                ('RTP/SAVP', crypto(), SUITE),
                ('RTP/SAVPF', crypto(), SUITE),
                ('RTP/AVP', crypto(), SUITE),
                ('RTP/SAVP', crypto(suite='AES_CM_256_HMAC_SHA1_80')
                 + crypto(SHORT, 'AEAD_AES_128_GCM', 2, '|2^31'), 'AEAD_AES_128_GCM'),
                ('RTP/SAVP', crypto(suite='AES_CM_128_HMAC_SHA1_32', tag=7)
                 + crypto(tag=8), 'AES_CM_128_HMAC_SHA1_32')):
            result = self.run_call(bot, hello(sdp(lines, protocol)).bye().receive(200))
            answer = result.received('SIP/2.0 200')[0]
            self.assertRegex(answer, rf'm=audio \d+ {protocol} 8\n')
            [(tag, suite, key)] = re.findall(r'a=crypto:(\d+) (\S+) inline:(\S+)\n', answer)
            self.assertEqual(suite, answered)
            self.assertIn(f'a=crypto:{tag} {suite} ', lines)
            self.assertNotIn(key, lines)
            self.assertEqual(bot.event('media')['srtp'], answered)
        self.finish(bot)

    def test_required_and_not_offered(self):
        bot = self.bot('required')
        for protocol, lines in (('RTP/AVP', ''), ('RTP/SAVP', ''),
                                ('RTP/SAVP', crypto(more='|2^20|1:4')),
                                ('RTP/SAVP', crypto(more='|100')),
                                ('RTP/SAVP', crypto(more=' UNAUTHENTICATED_SRTP')),
                                ('RTP/SAVP', crypto(key='c2VjcmV0'))):
            result = self.run_call(bot, refused(sdp(lines, protocol)))
            self.assertIn('offers no SRTP that we can do', result.received('SIP/2.0 488')[0])
        self.assertEqual(bot.events('incoming'), [])
        self.finish(bot)
        self.assertIn('a master key identifier (MKI)', bot.text('err'))
        self.assertNotIn('c2VjcmV0', bot.text())

    def test_off(self):
        bot = self.bot('off')
        self.run_call(bot, refused(sdp(crypto())))
        result = self.run_call(bot, hello(sdp(crypto(), 'RTP/AVP')).bye().receive(200))
        self.assertNotIn('a=crypto', result.received('SIP/2.0 200')[0])
        self.finish(bot)

    def test_late_offer(self):
        answer = sdp(crypto(tag=2)).replace('[auto_media_port]', '40000')
        bot = self.bot('required')
        result = self.run_call(
            bot, Scenario().invite(sdp=None).receive(100, optional=True).receive(180)
            .receive(200, dialog=True).ack(sdp=answer).pause(100).bye().receive(200))
        offer = result.received('SIP/2.0 200')[0]
        self.assertRegex(offer, r'm=audio \d+ RTP/SAVP 8 101\n')
        self.assertEqual(len(set(re.findall(r'inline:(\S+)', offer))), 3)
        self.assertEqual(bot.event('media-changed')['srtp'], SUITE)
        # an answer without is no agreement
        self.run_call(
            bot, Scenario().invite(sdp=None).receive(100, optional=True).receive(180)
            .receive(200, dialog=True)
            .ack(sdp=sdp('').replace('[auto_media_port]', '40000'))
            .expect('BYE', check='cause=488').reply(200, 'OK'))
        self.finish(bot)

    def test_rekey_hold_and_refresh(self):
        """The same key: nothing changes; another one: both do. A bad one: refused."""
        bot = self.bot()

        def again(scenario, body):
            return (scenario.invite(sdp=body).receive(100, optional=True).receive(200).ack())

        scenario = hello(sdp(crypto())).pause(50)
        again(scenario, sdp(crypto()))
        again(scenario, sdp(crypto() + 'a=sendonly\n', version=2))
        again(scenario, sdp(crypto(), version=3))
        again(scenario, sdp(crypto(OTHER), version=4))
        scenario.invite(sdp=sdp(crypto(OTHER, more=' KDR=5'), version=5)).receive(
            100, optional=True).receive(488).ack(failed=True)
        result = self.run_call(bot, scenario.bye().receive(200))
        keys = [re.search(r'inline:(\S+)', text).group(1)
                for text in result.received('SIP/2.0 200') if 'a=crypto' in text]
        self.assertEqual(len(keys), 5)
        self.assertEqual(len(set(keys[:4])), 1)
        self.assertNotEqual(keys[4], keys[0])
        self.assertEqual([c['direction'] for c in bot.events('media-changed')],
                         ['recvonly', 'sendrecv', 'sendrecv'])
        self.finish(bot)

    def test_rtcp_mux(self):
        bot = self.bot()
        result = self.run_call(
            bot, hello(sdp('a=rtcp-mux\n', 'RTP/AVP')).invite(sdp=sdp('', 'RTP/AVP', 2))
            .receive(100, optional=True).receive(200).ack().bye().receive(200))
        answers = [text for text in result.received('SIP/2.0 200') if 'm=audio' in text]
        self.assertEqual(['a=rtcp-mux\n' in text for text in answers], [True, False])
        before, after = bot.event('media')['remote'], bot.event('media-changed')['remote']
        self.assertRegex(before, r':(\d+)/\1$')
        self.assertNotRegex(after, r':(\d+)/\1$')
        self.finish(bot)

    def test_no_key_in_any_log(self):
        bot = self.bot(env=LOUD)
        scenario = hello(sdp(crypto())).pause(50).invite(
            sdp=sdp(crypto(OTHER), version=2)).receive(100, optional=True).receive(200).ack()
        result = self.run_call(bot, scenario.bye().receive(200))
        self.run_call(bot, refused(sdp(crypto(more=' KDR=1'))))
        keys = keys_in(result.messages)
        self.assertGreater(len(keys), 16)
        log = bot.text()
        # the log is as loud as it should be
        self.assertIn('m=audio', log)
        self.assertGreater(len(log), 10000)
        for key in keys:
            self.assertNotIn(key, log)
        self.finish(bot)


@unittest.skipUnless(baresip.available(), 'needs baresip')
class Phone(Case):
    """A phone that shares no code with us offers it in its own ways."""

    def call(self, mediaenc, policy='preferred', suite=SUITE, answered=True):
        bot = self.bot(policy)
        phone = Baresip(codecs=('pcma',), mediaenc=mediaenc)
        self.addCleanup(phone.stop)
        phone.dial(bot.uri, wait=answered)
        if not answered:
            self.assertIn('488', phone.event('CALL_CLOSED')['param'])
            return bot
        self.assertEqual(bot.event('media')['srtp'], suite)
        phone.hold()
        self.assertEqual(bot.event('media-changed')['direction'], 'recvonly')
        phone.resume()
        self.assertEqual(bot.event('media-changed')['direction'], 'sendrecv')
        phone.hang_up()
        self.finish(bot)
        return bot

    def test_optional(self):
        self.call('srtp')

    def test_mandatory(self):
        self.call('srtp-mand', 'required')

    def test_mandatory_with_feedback(self):
        self.call('srtp-mandf', 'required')

    def test_required_by_us(self):
        self.call(None, 'required', answered=False)

    def test_refused_by_us(self):
        self.call('srtp-mand', 'off', answered=False)


class Gateway(desk.DeskCase):
    """The whole gateway, as talkative as it gets."""

    def test_no_key_in_any_log(self):
        simulator = self.simulator('echo')
        gateway = self.enterContext(desk.Gateway(
            simulator.url, self.folder, ('realtime.greeting=Hallo',),
            {**LOUD, 'GST_DEBUG': '5,GST_REGISTRY:0,GST_PLUGIN_LOADING:0,GST_ELEMENT_FACTORY:0',
             'GST_DEBUG_NO_COLOR': '1', 'GST_DEBUG_DUMP_DOT_DIR': self.folder}))
        gateway.watch = desk.CallWatch(gateway)
        self.addCleanup(gateway.watch.close)
        scenario = hello(sdp(crypto())).pause(300).invite(
            sdp=sdp(crypto(OTHER), version=2)).receive(100, optional=True).receive(200).ack()
        with Sipp(scenario.pause(300).bye().receive(200), gateway.udp_port) as phone:
            call_id = gateway.watch.only_call()
            result = phone.wait()
        self.assertEqual(result.successful, 1, result.explain())
        call = self.wait_end(gateway, call_id)
        self.assertEqual(call['media']['srtp'], SUITE)
        keys = keys_in(result.messages)
        log = gateway.text() + repr(call)
        self.assertIn('callrtpsrc', log)
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if os.path.isfile(path) and 'token' not in name:
                with open(path, 'rb') as file:
                    log += file.read().decode('latin-1')
        for key in keys:
            self.assertNotIn(key, log)


if __name__ == '__main__':
    unittest.main(verbosity=2)
