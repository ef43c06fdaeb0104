#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What goes wrong around a call, with real peers: the gateway says so, ends
what has to end, keeps the order, and lives on."""
import os
import random
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk, speech  # noqa: E402
from peers.process import DEADLINE  # noqa: E402
from peers.sipp import SDP, Scenario, Sipp  # noqa: E402

# One product for each sentence of the caller's, and the order read at the end.
ORDERING = {
    'turns': [
        {'hear': 'Zwanzig T-Stücke.', 'min_ms': 500, 'steps': [
            {'call': {'name': 'add_to_order', 'arguments': {'number': '10113', 'quantity': 20}}},
            {'say': 'Gern, und was noch?'}]},
        {'hear': 'Zehn Bögen.', 'min_ms': 500, 'steps': [
            {'call': {'name': 'add_to_order', 'arguments': {'number': '11113', 'quantity': 10}}},
            {'say': 'Steht auf der Bestellung.'}]},
        {'hear': 'Vorlesen.', 'min_ms': 500, 'steps': [
            {'call': {'name': 'read_order', 'arguments': {}}}, {'say': '{{read_order.text}}'}]}],
    'otherwise': {'say': 'Gern.'}}
LINES = [('10113', 20), ('11113', 10)]


def lines_of(order):
    return [(line['product_number'], line['quantity']) for line in (order or {}).get('lines') or []]


class FaultTest(desk.DeskCase):
    def sipp(self, scenario, gateway, **options):
        with Sipp(scenario, gateway.udp_port, **options) as phone:
            result = phone.wait()
        self.assertEqual(result.successful, 1, result.explain())
        return result

    def wait_lines(self, gateway, call_id, lines):
        gateway.watch.wait(lambda w: lines_of(w.calls[call_id].get('order')) == lines,
                           f'order {lines}')

    def test_api_unreachable(self):
        """503 with Retry-After, a clear line, and no harm to what comes later."""
        gateway = self.gateway('ws://127.0.0.1:1/v1/realtime')
        refused = (Scenario().invite().receive(100, optional=True).receive(180, optional=True)
                   .receive(503, check='Retry-After: [0-9]+').ack(failed=True))
        for _ in range(2):
            self.sipp(refused, gateway)
        self.assertRegex(gateway.text(), 'refused with 503')
        calls = gateway.get('/v1/calls')['calls']
        self.assertEqual([call['end'] for call in calls], ['refused', 'refused'])
        self.assertTrue(all(call['end_text'] for call in calls))
        gateway.process.terminate()
        self.assertEqual(gateway.wait(), 0)

    def test_api_refuses_the_key(self):
        """An HTTP 401 from the service: 503 to the caller at once, the reason in the log."""
        gateway = self.gateway(self.simulator('echo', args=('--require-key', 'right')).url)
        refused = (Scenario().invite().receive(100, optional=True).receive(180, optional=True)
                   .receive(503).ack(failed=True))
        self.sipp(refused, gateway)
        [call] = gateway.get('/v1/calls')['calls']
        self.assertIn('key', call['end_text'].lower())

    def test_no_common_codec(self):
        gateway = self.gateway(self.simulator('echo').url)
        sdp = SDP.replace('AVP 8 101', 'AVP 18 101').replace('8 PCMA/8000', '18 G729/8000')
        self.sipp(Scenario().invite(sdp=sdp).receive(100, optional=True).receive(488)
                  .ack(failed=True), gateway)
        broken = SDP.replace('m=audio', 'm=audio audio')
        self.sipp(Scenario().invite(sdp=broken).receive(100, optional=True).receive(400)
                  .ack(failed=True), gateway)
        self.assert_alive(gateway)

    def test_late_offer(self):
        """INVITE without SDP: we offer, the peer answers in its ACK, and the bot is heard."""
        gateway = self.gateway(self.simulator('echo').url, greeting='Hallo.')
        words = speech.say('Guten Tag, ich rufe ohne Angebot an.', os.path.join(self.folder, 'a.al'))
        late = (Scenario().invite(sdp=None).receive(100, optional=True).receive(180, optional=True)
                .receive(200, dialog=True, check='m=audio').ack(sdp=SDP).play(words).pause(9000)
                .bye().receive(200))
        with Sipp(late, gateway.udp_port) as phone:
            call_id = gateway.watch.only_call()
            self.wait_line(gateway, call_id, 'bot', 'Hallo.')
            self.wait_line(gateway, call_id, 'caller', 'Ja.')
            result = phone.wait()
        self.assertEqual(result.successful, 1, result.explain())
        self.assertEqual(self.wait_end(gateway, call_id)['media']['codec'], 'PCMA')

    def test_second_hang_up(self):
        """BYE after BYE, and BYE for a call there never was: 481, nothing else."""
        gateway = self.gateway(self.simulator('echo').url)
        self.sipp(Scenario().invite().receive(100, optional=True).receive(180, optional=True)
                  .receive(200, dialog=True).ack().pause(300).bye().receive(200).bye().receive(481),
                  gateway)
        self.assert_alive(gateway)

    def test_phone_vanishes(self):
        """No more packets: [media] rtp-timeout ends the call and keeps the draft."""
        gateway = self.gateway(self.simulator(self.scenario(**ORDERING)).url, 'media.rtp-timeout=3',
                               greeting='Hallo.')
        phone = self.phone()
        call_id = self.dial(gateway, phone)
        self.speak(gateway, call_id, phone)
        self.wait_lines(gateway, call_id, LINES[:1])
        phone.process.process.send_signal(signal.SIGKILL)
        call = self.wait_end(gateway, call_id)
        self.assertEqual(call['end'], 'lost')
        self.assertIn('rtp-timeout', call['end_text'])
        self.assertEqual((call['order']['state'], lines_of(call['order'])), ('draft', LINES[:1]))
        self.assert_alive(gateway)

    def test_api_drops_in_mid_call(self):
        """The socket dies between two orders: the call goes on, nothing is lost or twice."""
        # The answer to the second sentence is on its way when the line is cut.
        simulator = self.simulator(self.scenario(**ORDERING),
                                   faults=['drop@response.done:3,session=1,times=1'])
        gateway, phone = self.gateway(simulator.url, greeting='Hallo.'), self.phone()
        call_id = self.dial(gateway, phone)
        self.speak(gateway, call_id, phone)
        self.wait_lines(gateway, call_id, LINES[:1])
        self.wait_line(gateway, call_id, 'note', '')
        gateway.watch.wait(lambda w: w.calls[call_id]['connection'] == 'ready', 'reconnection')
        self.assertEqual(len({e['session'] for e in simulator.events()}), 2)
        # The new session was told what had been said, the tool's answer too.
        second = simulator.events()[-1]['session']
        deadline = time.monotonic() + DEADLINE
        while True:
            told = [e['ev']['item'] for e in simulator.events()
                    if e['from'] == 'client' and e['ev']['type'] == 'conversation.item.create'
                    and e['session'] == second]
            if 'function_call_output' in [item['type'] for item in told]:
                break
            self.assertLess(time.monotonic(), deadline, told)
            time.sleep(0.02)
        self.assertIn('Zwanzig T-Stücke.', str(told))
        self.speak(gateway, call_id, phone)
        gateway.watch.wait(lambda w: sum(1 for l in w.lines[call_id] if l and l['kind'] == 'caller'
                                         and l['final']) == 2, 'second sentence')
        phone.hang_up()
        call = self.wait_end(gateway, call_id)
        self.assertEqual(call['end'], 'caller')
        self.assertEqual(lines_of(call['order']), LINES)

    def test_api_gone_for_good(self):
        """The service dies in mid-call and stays away: the call ends, the order stays."""
        simulator = self.simulator(self.scenario(**ORDERING))
        gateway, phone = self.gateway(simulator.url, greeting='Hallo.'), self.phone()
        call_id = self.dial(gateway, phone)
        self.speak(gateway, call_id, phone)
        self.wait_lines(gateway, call_id, LINES[:1])
        simulator.process.kill()
        phone.event('CALL_CLOSED', 90)
        call = self.wait_end(gateway, call_id)
        self.assertEqual(call['end'], 'error')
        self.assertEqual(lines_of(call['order']), LINES[:1])

    def test_garbage_to_the_rtp_port(self):
        """Anybody can send anything to a UDP port: the call does not notice."""
        gateway = self.gateway(self.simulator(self.scenario(**ORDERING)).url, greeting='Hallo.')
        phone = self.phone()
        call_id = self.dial(gateway, phone)
        port = gateway.watch.calls[call_id]['media']['local']['rtp_port']
        dice = random.Random(20)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(3000):
                kind = number % 6
                size = dice.choice((0, 1, 11, 12, 13, 172, 1200, 9000))
                data = bytearray(dice.randbytes(size))
                if kind and size >= 12:
                    # Looks like RTP: extensions that are too long, CSRCs that are
                    # not there, padding of 255, the right payload with other SSRCs.
                    data[0] = (0x80, 0x9f, 0xb0, 0xa0, 0x8f)[kind - 1]
                    data[1] = 8
                stranger.sendto(bytes(data), ('127.0.0.1', port + number % 2))
        self.speak(gateway, call_id, phone)
        self.wait_lines(gateway, call_id, LINES[:1])
        phone.hang_up()
        call = self.wait_end(gateway, call_id)
        self.assertEqual(call['end'], 'caller')
        # The flood may push one or another of the phone's own out of the socket's
        # buffer; what it claims itself must not be counted.
        self.assertLess(call['quality']['packets_lost'], 25)


if __name__ == '__main__':
    desk.main()
