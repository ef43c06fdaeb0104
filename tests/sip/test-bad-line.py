#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the service hears of a caller on a bad line: loss, jitter, disorder,
packets twice, each as bad as it gets and all together.

The line is made here, in the order and at the times in which packets leave the
phone's socket, with the same seed each time: it needs no rights and no kernel
module. Every frame of the service's input is compared with what was said:
nothing that arrived may be missing, doubled, or out of order; what was lost has
to be made up for in time and loudness.
"""
import base64
import math
import os
import random
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import desk, sound  # noqa: E402
from peers.rtp import FRAME, RtpEnd  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402
from peers.tap import Tap  # noqa: E402

PTIME = 0.02
BOUND = 0.06       # s a packet is held behind a gap at most (callreorder, max-wait)
DELAY = 0.05       # s, of the line
REPEAT = 3         # times the words are said


class Line:
    """Which packets arrive, and when."""

    def __init__(self, loss=0.0, jitter=0.0, early=0.0, twice=0.0, seed=1):
        self.loss, self.jitter, self.early, self.twice = loss, jitter, early, twice
        self.random = random.Random(seed)

    def schedule(self, n):
        """[(s, number of the packet)] in the order of arrival."""
        arrivals = []
        for i in range(n):
            # The first and last ones always: then it is known what is missing.
            if 5 <= i < n - 5 and self.random.random() < self.loss:
                continue
            delay = DELAY + self.random.uniform(-self.jitter, self.jitter)
            if self.random.random() < self.early:
                delay = 0.0  # it overtakes those before it
            arrivals.append((i * PTIME + delay, i))
            if self.random.random() < self.twice:
                arrivals.append((i * PTIME + delay + self.random.uniform(0, 0.03), i))
        return sorted(arrivals)


def energy(frame):
    samples = sound.from_alaw(frame)
    return 10 * math.log10(sum(s * s for s in samples) / len(samples) + 1)


def correlation(pairs):
    if len(pairs) < 3:
        return 1.0
    a, b = zip(*pairs)
    if statistics.pstdev(a) == 0 or statistics.pstdev(b) == 0:
        return 1.0
    mean_a, mean_b = statistics.fmean(a), statistics.fmean(b)
    return (sum((x - mean_a) * (y - mean_b) for x, y in pairs)
            / (len(pairs) * statistics.pstdev(a) * statistics.pstdev(b)))


class BadLineTest(desk.DeskCase):
    def call(self):
        tap = self.enterContext(Tap(self.simulator('echo').url))
        gateway = self.gateway(tap.url, greeting='')
        end = self.enterContext(RtpEnd())
        scenario = (Scenario().invite(sdp=end.sdp()).receive(100, optional=True)
                    .receive(180, optional=True).receive(200, dialog=True).ack())
        self.enterContext(Sipp(scenario.expect('BYE').reply(200, 'OK'), gateway.udp_port,
                               timeout=90))
        call_id = gateway.watch.only_call()
        gateway.watch.wait(lambda w: w.calls[call_id]['state'] == 'talking', 'call')
        local = gateway.watch.calls[call_id]['media']['local']
        end.connect(local['address'], local['rtp_port'])
        return tap, gateway, call_id, end

    def say(self, end, frames, schedule):
        """Sends them as they arrive; the monotonic time of each one's first arrival."""
        first_seq, first_timestamp = end._seq, end._timestamp
        began, arrived = time.monotonic(), {}
        for at, i in schedule:
            time.sleep(max(0, began + at - time.monotonic()))
            end._seq = (first_seq + i) & 0xffff
            end._timestamp = (first_timestamp + i * FRAME) & 0xffffffff
            end.send(frames[i])
            arrived.setdefault(i, end.last_sent)
        return arrived

    def check(self, name, line, least_correlation):
        words = subprocess.run(['sox', '-D', desk.utterances()[1]['path'], '-t', 'al', '-r', '8000',
                                '-c', '1', '-'], check=True, capture_output=True, timeout=30).stdout
        frames = [(words * REPEAT)[i:i + FRAME] for i in range(0, len(words) * REPEAT - FRAME, FRAME)]
        # Each frame is known by its sound: a mark in its last octets makes those
        # of silence, and of words said again, different too.
        frames = [frame[:-3] + bytes([0x55 ^ (i & 0x3f), 0x55 ^ (i >> 6 & 0x3f), 0x55])
                  for i, frame in enumerate(frames)]
        number = {frame: i for i, frame in enumerate(frames)}
        tap, gateway, call_id, end = self.call()
        schedule = line.schedule(len(frames))
        arrived = self.say(end, frames, schedule)
        tap.wait_for(lambda _, event: event['type'] == 'input_audio_buffer.append'
                     and base64.b64decode(event['audio']) == frames[-1], 'last word')
        heard = [(when, base64.b64decode(event['audio']))
                 for when, _, event in tap.of_type('input_audio_buffer.append')]

        # What was sent, in the place it was heard in.
        place, order = {}, []
        for position, (when, frame) in enumerate(heard):
            i = number.get(frame)
            if i is None:
                continue
            self.assertNotIn(i, place, 'heard twice')
            place[i] = position
            order.append(i)
        self.assertEqual(order, sorted(order))
        missing = sorted(set(arrived) - set(place))
        self.assertEqual(missing, [], 'arrived and not heard')
        self.assertEqual(set(place) - set(arrived), set())

        # Nothing waited for longer than the bound, but for what the machine was late itself.
        waits = sorted(heard[place[i]][0] - arrived[i] for i in place)
        self.assertLess(statistics.median(waits), BOUND / 2)
        self.assertLess(waits[len(waits) * 9 // 10], BOUND + 0.05)

        # What is missing is made up: as much time, about as loud.
        pairs, whole, lost = [], 0, 0
        known = sorted(place)
        for a, b in zip(known, known[1:]):
            lost += b - a - 1
            if b - a > 1 and place[b] - place[a] == b - a:
                whole += b - a - 1
                pairs += [(energy(frames[i]), energy(heard[place[a] + i - a][1]))
                          for i in range(a + 1, b)]
        found = correlation(pairs)
        self.assertGreaterEqual(len(heard), len(frames))
        print(f'{name}: {len(frames)} said, {len(schedule)} arrived, {lost} lost of which {whole} '
              f'made up in their time, loudness correlated {found:.2f}; waited '
              f'{statistics.median(waits) * 1000:.1f} ms, at most {waits[-1] * 1000:.0f} ms')
        if lost:
            self.assertGreaterEqual(whole, lost * 0.9)
            self.assertGreater(found, least_correlation)
        # What was only overtaken is counted as lost for a moment (RFC 3550 A.3).
        gateway.watch.wait(lambda _: gateway.get('/v1/calls')['calls'][0]['quality'][
            'packets_lost'] <= len(frames) - len(arrived), 'count of what was lost', 10)

    def test_loss_1(self):
        self.check('1 % lost', Line(loss=0.01), 0.0)

    def test_loss_5(self):
        self.check('5 % lost', Line(loss=0.05), 0.35)

    def test_loss_10(self):
        self.check('10 % lost', Line(loss=0.1), 0.35)

    def test_jitter(self):
        self.check('30 ms of jitter', Line(jitter=0.03), 0)

    def test_disorder(self):
        self.check('5 % overtake', Line(early=0.05), 0)

    def test_twice(self):
        self.check('10 % twice', Line(twice=0.1), 0)

    def test_all(self):
        self.check('5 % lost, 20 ms of jitter, 5 % twice',
                   Line(loss=0.05, jitter=0.02, twice=0.05), 0.35)


if __name__ == '__main__':
    desk.main()
