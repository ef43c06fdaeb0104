#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lives of calls and of the gateway: several calls, limits, stops, restarts."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk  # noqa: E402
from peers.gateway import Gateway  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402

# A bot that writes something down at each word, for orders that take no minute.
ORDERING = {
    'turns': [{'hear': 'Zwanzig Stück.', 'min_ms': 500, 'steps': [
        {'call': {'name': 'add_to_order', 'arguments': {'number': '10113', 'quantity': 20}}},
        {'say': 'Gern.'}]}],
    'otherwise': {'say': 'Gern.'}}


class LifeTest(desk.DeskCase):
    def wait_order(self, gateway, call_id):
        return gateway.watch.wait(lambda w: (w.calls[call_id].get('order') or {}).get('total_cents')
                                  and w.calls[call_id]['order'], 'order')

    def test_crash_leaves_a_draft(self):
        """Killed in the middle of an order: what was ordered is there at the next start."""
        simulator = self.simulator(self.scenario(**ORDERING))
        gateway, phone = self.gateway(simulator.url, greeting='Hallo.'), self.phone()
        call_id = self.dial(gateway, phone)
        self.speak(gateway, call_id, phone)
        self.wait_order(gateway, call_id)
        gateway.process.send_signal(signal.SIGKILL)
        gateway.wait()
        again = self.gateway(simulator.url)
        [order] = again.orders()
        self.assertEqual(order['state'], 'draft')
        self.assertEqual(order['call_id'], call_id)
        self.assertEqual([(l['product_number'], l['quantity']) for l in order['lines']],
                         [('10113', 20)])
        self.assert_alive(again)

    def test_calls_share_nothing(self):
        """Two customers at once and a third after them: each begins with an empty order."""
        simulator = self.simulator(self.scenario(**ORDERING))
        gateway = self.gateway(simulator.url, greeting='Hallo.')
        first, second = self.phone(user='first'), self.phone(user='second')
        first_id = self.dial(gateway, first)
        second_id = self.dial(gateway, second)
        self.assertNotEqual(first_id, second_id)
        self.speak(gateway, first_id, first)
        self.wait_order(gateway, first_id)
        calls = gateway.watch.calls
        self.assertFalse((calls[second_id].get('order') or {}).get('lines'))
        self.assertFalse([l for l in gateway.watch.lines[second_id]
                          if l and l['kind'] in ('caller', 'tool')])
        second.hang_up()
        self.wait_end(gateway, second_id)
        self.assertEqual(calls[first_id]['state'], 'talking')
        first.hang_up()
        self.assertEqual(self.wait_end(gateway, first_id)['end'], 'caller')
        first.stop()

        third_id = self.dial(gateway, self.phone(user='first'))
        self.wait_line(gateway, third_id, 'bot', 'Hallo.')
        third = gateway.get(f'/v1/calls/{third_id}')
        self.assertFalse((third.get('order') or {}).get('lines'))
        self.assertFalse([l for l in third['transcript'] if l['kind'] != 'bot'])
        numbers = [gateway.get(f'/v1/calls/{i}')['caller_number']
                   for i in (first_id, second_id, third_id)]
        self.assertEqual(numbers, ['first', 'second', 'first'])
        # One session of the service for each call, and one order in the database.
        sessions = {e['session'] for e in simulator.events()}
        self.assertEqual(len(sessions), 3)
        self.assertEqual([o['call_id'] for o in gateway.orders() if o['lines']], [first_id])

    def test_max_calls(self):
        """One more than [calls] max-calls is busy (486); a place that is free again is given."""
        gateway = self.gateway(self.simulator('echo').url, 'calls.max-calls=1')
        phone = self.phone()
        call_id = self.dial(gateway, phone)
        busy = (Scenario().invite().receive(100, optional=True).receive(486).ack(failed=True))
        with Sipp(busy, gateway.udp_port) as another:
            result = another.wait()
        self.assertEqual(result.successful, 1, result.explain())
        self.assertEqual(gateway.watch.calls[call_id]['state'], 'talking')
        phone.hang_up()
        self.wait_end(gateway, call_id)
        self.assert_alive(gateway, phone)

    def test_max_duration(self):
        gateway = self.gateway(self.simulator('echo').url, 'calls.max-duration=2')
        phone = self.phone()
        call_id = self.dial(gateway, phone)
        phone.event('CALL_CLOSED')
        call = self.wait_end(gateway, call_id)
        self.assertEqual(call['end'], 'limit')
        # GLib's timers in seconds may come early by one.
        self.assertGreaterEqual(call['duration_ms'], 1000)

    def test_polite_stop(self):
        """SIGTERM ends a running call with BYE, closes all, exits 0, keeps the order."""
        gateway = self.gateway(self.simulator(self.scenario(**ORDERING)).url, greeting='Hallo.')
        phone = self.phone()
        call_id = self.dial(gateway, phone)
        self.speak(gateway, call_id, phone)
        self.wait_order(gateway, call_id)
        gateway.process.terminate()
        phone.event('CALL_CLOSED')
        self.assertEqual(gateway.wait(), 0, gateway.text())
        self.assertIn('ended (shutdown', gateway.text())
        [order] = self.gateway('ws://127.0.0.1:1/v1/realtime').orders()
        self.assertEqual(order['lines'][0]['quantity'], 20)

    def test_second_signal_stops_at_once(self):
        """A phone that never answers our BYE would hold up a polite stop."""
        gateway = self.gateway(self.simulator('echo').url, 'calls.shutdown-timeout=60')
        deaf = (Scenario().invite().receive(100, optional=True).receive(180, optional=True)
                .receive(200, dialog=True).ack().expect('BYE').pause(20000))
        with Sipp(deaf, gateway.udp_port) as phone:
            gateway.watch.only_call()
            gateway.watch.wait(lambda w: any(c['state'] == 'talking' for c in w.calls.values()),
                               'call')
            gateway.process.terminate()
            phone.wait_for_message('BYE')
            self.assertIsNone(gateway.process.poll())
            began = time.monotonic()
            gateway.process.terminate()
            self.assertEqual(gateway.wait(10), 1, gateway.text())
            self.assertLess(time.monotonic() - began, 5)

    def test_restart_on_the_same_port(self):
        """After a stop, and after a crash in mid-call, the same ports can be had at once."""
        simulator = self.simulator('echo')
        gateway = self.gateway(simulator.url)
        ports = (f'sip.port={gateway.udp_port}', f'api.port={gateway.api.rsplit(":", 1)[1].strip("/")}')
        gateway.process.terminate()
        self.assertEqual(gateway.wait(), 0)
        for number in range(3):
            gateway = self.gateway(simulator.url, *ports)
            phone = self.phone(transport='tcp' if number == 1 else 'udp')
            self.dial(gateway, phone)
            gateway.process.send_signal(signal.SIGKILL if number < 2 else signal.SIGTERM)
            gateway.wait()

    def test_port_taken(self):
        """A port that another gateway has: one line that names port and setting."""
        first = self.gateway('ws://127.0.0.1:1/v1/realtime')
        second = Gateway('ws://127.0.0.1:1/v1/realtime', self.folder,
                         [f'sip.port={first.udp_port}'])
        try:
            self.assertEqual(second.wait(), 1)
        finally:
            second.stop()
        [line] = second.text('err').splitlines()
        self.assertIn(str(first.udp_port), line)
        self.assertIn('port', line.replace(str(first.udp_port), ''))


if __name__ == '__main__':
    desk.main()
