# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real gateway under many calls: nothing grows, nobody is left in silence."""
import os
import sys
import tempfile
import time
import unittest

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')]
from peers.gateway import Gateway  # noqa: E402
from peers.process import Process  # noqa: E402
from peers.sipp import Scenario, Sipp  # noqa: E402

SANITIZED = any(os.environ.get(name) for name in ('ASAN_OPTIONS', 'TSAN_OPTIONS'))
IN_A_ROW = 40 if SANITIZED else 100
AT_ONCE = 5 if SANITIZED else 20
# What the allocator may keep, KiB: a leak of 10 KiB a call would be seen.
RSS_ROOM = 1024


def descriptors(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def threads(pid):
    return len(os.listdir(f'/proc/{pid}/task'))


def resident(pid):
    """KiB that are the process's own: what is mapped from files doesn't count."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('RssAnon'))


def call(milliseconds):
    return (Scenario().invite().receive(100, optional=True).receive(180)
            .receive(200, dialog=True).ack().pause(milliseconds).bye().receive(200))


class ManyCalls(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='many-calls-')
        source = os.environ['BESTELLBOT_SRCDIR']
        self.simulator = Process(['bestellbot-simulator', '--port', '0', '--scenario',
                                  os.path.join(source, 'data', 'scenarios', 'smalltalk.json')])
        url = self.simulator.wait_for_line(r'^listening on (ws://\S+)').group(1)
        self.gateway = Gateway(url, self.folder.name).start()

    def tearDown(self):
        self.gateway.process.terminate()
        status = self.gateway.wait()
        self.gateway.stop()
        self.simulator.stop()
        self.folder.cleanup()
        self.assertEqual(status, 0, self.gateway.text())
        self.assertNotRegex(self.gateway.text(), 'CRITICAL|ERROR')

    def ring(self, scenario, calls, limit, rate):
        with Sipp(scenario, self.gateway.udp_port, calls=calls, limit=limit, rate=rate,
                  timeout=150) as phones:
            result = phones.wait()
        self.assertEqual((result.status, result.successful), (0, calls), result.screen[-2000:])

    def settle(self, count, what):
        """Until `count` gives the same a few times: ports and sockets are closed
        after the BYE is answered."""
        end = time.monotonic() + 20
        last, same = None, 0
        while same < 5:
            now = count(self.gateway.pid)
            same = same + 1 if now == last else 0
            last = now
            self.assertLess(time.monotonic(), end, f'{what} never come to rest')
            time.sleep(0.2)
        return last

    def rest(self):
        return self.settle(descriptors, 'descriptors'), self.settle(threads, 'threads')

    def test_in_a_row(self):
        # What is kept on purpose is filled first: the last hundred calls, and 4096
        # messages for viewers that reconnect.
        self.ring(call(20), 110 if SANITIZED else 1000, 8, 50)
        fds, n_threads = self.rest()
        before = resident(self.gateway.pid)

        self.ring(call(20), IN_A_ROW, 8, 50)
        fds_after, n_threads_after = self.rest()
        after = resident(self.gateway.pid)
        print(f'# {IN_A_ROW} calls: descriptors {fds} -> {fds_after}, threads {n_threads} -> '
              f'{n_threads_after}, memory {before} -> {after} KiB', file=sys.stderr)

        self.assertEqual(fds_after, fds)
        self.assertLessEqual(n_threads_after, n_threads)
        if not SANITIZED:
            self.assertLess(after - before, RSS_ROOM)
        self.assertEqual(len(self.gateway.get('/v1/calls')['calls']), 100)

    def test_at_once(self):
        self.ring(call(100), 1, 1, 1)
        _, n_threads = self.rest()
        most = 0
        with Sipp(call(6000), self.gateway.udp_port, calls=AT_ONCE, limit=AT_ONCE, rate=AT_ONCE,
                  timeout=100) as phones:
            while phones.process.process.poll() is None:
                most = max(most, threads(self.gateway.pid))
                time.sleep(0.1)
            result = phones.wait()
        self.assertEqual((result.status, result.successful), (0, AT_ONCE), result.screen[-2000:])

        calls = [self.gateway.get(f'/v1/calls/{call["id"]}')
                 for call in self.gateway.get('/v1/calls')['calls']][-AT_ONCE:]
        self.assertEqual(len(calls), AT_ONCE)
        for one in calls:
            bot = [line for line in one['transcript'] if line['kind'] == 'bot']
            self.assertTrue(bot and bot[0]['text'].startswith('Guten Tag'), one)
            # 6 s of packets each 20 ms, less what the machine's load may cost
            self.assertGreater(one['quality']['packets_sent'], 200, one)
        print(f'# {AT_ONCE} calls at once: threads {n_threads}, at most {most}; packets sent '
              f'{min(c["quality"]["packets_sent"] for c in calls)} to '
              f'{max(c["quality"]["packets_sent"] for c in calls)}', file=sys.stderr)
        # No thread for a call; a few may stop media at the same time (GTask's pool).
        self.assertLess(most, n_threads + 13)


if __name__ == '__main__':
    unittest.main(verbosity=2)
