# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The account: digest registration at a real Kamailio, and calls through it."""
import os
import sys
import unittest

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')]
from answerer import Answerer  # noqa: E402
from peers import kamailio, sipp  # noqa: E402
from peers.kamailio import Kamailio  # noqa: E402
from peers.process import free_port  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402

@unittest.skipUnless(kamailio.available(), 'needs kamailio')
class Registration(unittest.TestCase):
    def server(self, **options):
        options.setdefault('password', 'secret')
        server = Kamailio(**options)
        self.addCleanup(server.stop)
        return server

    def bot(self, port, password='secret', settings=(), **options):
        bot = Answerer(settings=[f'account.server=127.0.0.1:{port}', 'account.user=desk',
                                 *settings], env={'BESTELLBOT_SIP_PASSWORD': password}, **options)
        self.addCleanup(bot.stop)
        bot.password = password or 'secret'
        self.bots.append(bot)
        bot.start()
        self.assertEqual(bot.event('registration')['state'], 'registering')
        return bot

    def setUp(self):
        self.bots = []

    def tearDown(self):
        for bot in self.bots:
            if bot.process.poll() is None:
                self.assertEqual(bot.finish(timeout_ms=1000), (0, 0))
            self.assertNotRegex(bot.text('err'),
                                'CRITICAL|WARNING|AddressSanitizer|runtime error')
            self.assertNotIn(bot.password, bot.text())

    def test_register_and_unregister(self):
        server = self.server()
        bot = self.bot(server.port)
        self.assertEqual(bot.event('registration')['state'], 'registered')
        self.assertIn(f'sip:desk@127.0.0.1:{bot.port}', server.wait_registered())
        server.wait_log('KEEPALIVE')  # an OPTIONS, which keeps a NAT's binding
        self.assertEqual(bot.finish(), (0, 0))
        self.assertEqual(bot.event('registration')['state'], 'unregistered')
        server.wait_unregistered()
        self.assertNotIn('secret', bot.text())

    def test_all_interfaces(self):
        """LESSONS 20b: no 0.0.0.0 in the Contact."""
        server = self.server()
        bot = self.bot(server.port, address='0.0.0.0')
        self.assertEqual(bot.event('registration')['state'], 'registered')
        contact = server.wait_registered()
        self.assertNotIn('0.0.0.0', contact)
        result = sipp.call(Scenario(user='desk').invite().receive(100, optional=True)
                           .receive(100, optional=True).receive(180).receive(200, dialog=True)
                           .ack().bye().receive(200), server.port)
        self.assertEqual(result.status, 0, result.explain())

    def test_auth_user(self):
        server = self.server(user='login')
        bot = self.bot(server.port, settings=['account.auth-user=login'])
        self.assertEqual(bot.event('registration')['state'], 'registered')

    def test_outbound_proxy(self):
        """The REGISTER goes to the proxy, whatever the server's name."""
        server = self.server()
        bot = Answerer(settings=['account.server=test.invalid', 'account.user=desk',
                                 f'account.outbound-proxy=127.0.0.1:{server.port}'],
                       env={'BESTELLBOT_SIP_PASSWORD': 'secret'})
        self.addCleanup(bot.stop)
        bot.start()
        bot.event('registration', state='registered')
        server.wait_registered()

    def test_wrong_password(self):
        server = self.server()
        bot = self.bot(server.port, password='false')
        failed = bot.event('registration')
        self.assertEqual(failed['state'], 'failed')
        self.assertIn('[account] user, auth-user', failed['text'])
        # the first REGISTER without, one with the wrong digest, and no loop
        self.assertEqual(len(server.wait_log('CHALLENGED', 2)), 2)
        self.assertEqual(bot.finish(), (0, 0))
        self.assertEqual(bot.text('err').count('failed'), 1, bot.text('err'))
        self.assertNotIn('false', bot.text('err'))
        self.assertEqual(len(server.log('CHALLENGED')), 2)

    def test_no_password(self):
        server = self.server()
        bot = self.bot(server.port, password='')
        self.assertIn('password', bot.event('registration', state='failed')['text'])

    def test_server_busy_is_tried_again(self):
        server = self.server(answer='503')
        bot = self.bot(server.port)
        self.assertIn('next attempt in', bot.event('registration', state='failed')['text'])
        server.stop()
        server = self.server(port=server.port)
        bot.event('registration', state='registered', timeout=30)

    def test_server_is_not_there(self):
        bot = self.bot(free_port())
        self.assertIn('next attempt in', bot.event('registration', state='failed')['text'])
        self.assertEqual(bot.finish(), (0, 0))

    def test_call_through_the_server(self):
        """The server vouches for the caller; our BYE is challenged, and answered."""
        server = self.server(challenge_bye=True, asserted='"Erika" <sip:+4930777@test.example>')
        bot = self.bot(server.port)
        bot.event('registration', state='registered')
        scenario = (Scenario(user='desk').invite().receive(100, optional=True)
                    .receive(100, optional=True).receive(180).receive(200, dialog=True).ack()
                    .expect('BYE').reply(200, 'OK'))
        with Sipp(scenario, server.port) as phone:
            bot.event('confirmed')
            incoming = bot.event('incoming')
            self.assertEqual((incoming['number'], incoming['name']), ('+4930777', 'Erika'))
            bot.command('hang-up')
            result = phone.wait()
        self.assertEqual(result.status, 0, result.explain() + server.process.text())
        self.assertEqual(len(server.log('CHALLENGED-BYE')), 1)
        bot.wait_idle()

    def test_only_the_server_vouches(self):
        """A stranger's assertion about the caller is not believed, and his
        challenge not answered: he could try passwords on the digest."""
        server = self.server()
        bot = self.bot(server.port)
        bot.event('registration', state='registered')
        challenge = 'Proxy-Authenticate: Digest realm="test.example", nonce="1", qop="auth"'
        scenario = (Scenario(from_header='<sip:0309@127.0.0.2>;tag=1', user='desk')
                    .invite(headers=('P-Asserted-Identity: <sip:110@test.example>',))
                    .receive(100, optional=True).receive(180).receive(200, dialog=True).ack()
                    .expect('BYE').reply(407, 'Authenticate', headers=(challenge,)))
        with Sipp(scenario, bot.port, local_address='127.0.0.2') as phone:
            bot.event('confirmed')
            self.assertEqual(bot.event('incoming')['number'], '0309')
            bot.command('hang-up')
            result = phone.wait()
            bot.wait_idle()
        self.assertEqual(result.status, 0, result.explain())
        self.assertNotIn('Authorization:', result.messages)

    def test_stop_with_a_dead_server(self):
        """The un-REGISTER gets no answer; the stop ends by its deadline."""
        server = self.server()
        bot = self.bot(server.port)
        bot.event('registration', state='registered')
        server.stop()
        self.assertEqual(bot.finish(timeout_ms=500), (0, 0))


if __name__ == '__main__':
    unittest.main(verbosity=2)
