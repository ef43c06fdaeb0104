#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls through a NAT: its bindings are kept, and its addresses are not believed."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk  # noqa: E402
from peers.gateway import Gateway  # noqa: E402
from peers.kamailio import Kamailio  # noqa: E402
from peers.nat import Nat, unavailable  # noqa: E402
from peers.rtp import RtpEnd  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402
from peers.tap import Tap  # noqa: E402

SKIP = 77  # meson's exit status of a test that can't run here
# Spoken for ten seconds and more.
ANSWER = ('Ich erzähle Ihnen jetzt etwas, das ein wenig dauert, damit Sie hören, dass die Leitung '
          'offen bleibt, auch wenn Sie selbst gar nichts sagen. Das war es schon.')


class NatTest(desk.DeskCase):
    def test_phone_behind_nat(self):
        """Both hear each other though the phone's SDP names a private address; and the
        phone, which sends nothing at all any more after its words, hears to the end,
        although the router forgets what is silent for two seconds."""
        nat = self.enterContext(Nat(udp_timeout=2))
        simulator = self.simulator(self.scenario(turns=[
            {'hear': 'Erzählen Sie.', 'min_ms': 500, 'say': ANSWER}]))
        tap = self.enterContext(Tap(simulator.url))
        gateway = self.gateway(tap.url, f'sip.address={nat.PUBLIC}', greeting='Hallo.')
        with nat.inside():
            end = self.enterContext(RtpEnd(nat.PRIVATE))
            scenario = (Scenario().invite(sdp=end.sdp()).receive(100, optional=True)
                        .receive(180, optional=True).receive(200, dialog=True).ack()
                        .pause(19000).bye().receive(200))
            phone = self.enterContext(Sipp(scenario, gateway.udp_port, address=nat.PUBLIC,
                                           local_address=nat.PRIVATE, timeout=40))
        call_id = gateway.watch.only_call()
        gateway.watch.wait(lambda w: w.calls[call_id]['state'] == 'talking', 'answer')
        local = gateway.watch.calls[call_id]['media']['local']
        self.assertEqual(local['address'], nat.PUBLIC)
        end.connect(nat.PUBLIC, local['rtp_port'])
        words = desk.utterances()[1]
        end.say(words['path']).join()
        silent_since = end.last_sent
        tap.wait_for_type('response.output_audio.done', 2)
        result = phone.wait()
        self.assertEqual(result.successful, 1, result.explain())
        call = self.wait_end(gateway, call_id)
        self.assertEqual((call['end'], call['quality']['packets_lost']), ('caller', 0))
        self.assertEqual(call['media']['remote']['address'], nat.PRIVATE)

        # What the service got is what the phone said, byte for byte.
        self.assertIn(end.said, tap.received_audio())
        # What the phone heard is the whole answer, byte for byte, though its own
        # last packet was long gone when the end of it came.
        answer = list(tap.sent_audio().values())[-1]
        self.assertIn(answer, end.heard())
        silent = end.packets[-1][0] - silent_since
        self.assertGreater(silent, 10)
        print(f'the phone sent nothing for {silent:.1f} s and heard {len(answer) / 8000:.1f} s of '
              f'answer whole, {len(end.packets)} packets')
        # Packets leave all the time, one for each 20 ms: none is missing, none is late.
        numbers = [packet[1] for packet in end.packets]
        self.assertEqual(numbers, [(numbers[0] + i) & 0xffff for i in range(len(numbers))])

    def test_registration_behind_nat(self):
        """The gateway behind the NAT: its keep-alive keeps the binding, and a call
        from outside comes through it long after the REGISTER."""
        timeout = 28  # s; what is kept alive every 25 s survives it
        nat = self.enterContext(Nat(udp_timeout=timeout))
        server = self.enterContext(Kamailio(address=nat.PUBLIC))
        with nat.inside():
            gateway = Gateway('ws://127.0.0.1:1/v1/realtime', self.folder,
                              [f'sip.address={nat.PRIVATE}', 'account.user=desk',
                               f'account.server={nat.PUBLIC}:{server.port}'],
                              env={'BESTELLBOT_SIP_PASSWORD': 'secret'})
            self.enterContext(gateway)
        server.wait_registered()
        server.wait_log('KEEPALIVE', 3, timeout=2 * timeout + 10)
        sources = {line.split('from ')[1] for line in server.log('KEEPALIVE')}
        self.assertEqual(len(sources), 1, 'the router gave another port: the binding had ended')
        self.assertTrue(sources.pop().startswith(nat.OUTSIDE))
        # There is no service: what Kamailio makes of our 503 (RFC 3261 section 16.7)
        # and the line in our log show that the call came through the router.
        invite = (Scenario(user='desk').invite().receive(100, optional=True)
                  .receive(100, optional=True).receive(180, optional=True)
                  .receive(500).ack(failed=True))
        with Sipp(invite, server.port, address=nat.PUBLIC, local_address=nat.PUBLIC) as phone:
            result = phone.wait()
        self.assertEqual(result.successful, 1, result.explain() + server.process.text()[-3000:])
        gateway.wait_for_line('refused with 503')


if __name__ == '__main__':
    reason = unavailable()
    if reason is not None:
        print(f'skipped: {reason}')
        sys.exit(SKIP)
    desk.main()
