#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""./run without a command: what a newcomer sees, and that nothing stays behind."""
import os
import signal
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from peers.process import DEADLINE, Process  # noqa: E402

# Nothing sets it: the other side of a process's end can only be asked for.
POLL = threading.Event()
RUN = os.path.join(os.environ['BESTELLBOT_SRCDIR'], 'run')


def children_of(pid):
    """Running processes that PID has started, by its children's children too."""
    try:
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as text:
            mine = [int(word) for word in text.read().split()]
    except OSError:
        return []
    return mine + [p for child in mine for p in children_of(child)]


def is_running(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as text:
            return text.read().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


class MainJob(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, settings='', **environment):
        config = os.path.join(self.folder, 'bestellbot.conf')
        with open(config, 'w', encoding='utf-8') as text:
            text.write('[sip]\naddress = 127.0.0.1\nport = 0\n[media]\nrtp-ports = 0\n'
                       f'[orders]\ndatabase = {self.folder}/orders.db\n'
                       f'[api]\nport = 0\ntoken-file = {self.folder}/token\n' + settings)
        env = {'BESTELLBOT_CONFIG': config, 'BESTELLBOT_NO_INSTALL': '1',
               'BESTELLBOT_BUILD': os.environ['BESTELLBOT_BUILDDIR'], 'XDG_STATE_HOME': self.folder,
               'OPENAI_API_KEY': '', 'BESTELLBOT_DEVENV': '', 'DISPLAY': '',
               'WAYLAND_DISPLAY': ''}
        env.update(environment)
        process = Process([RUN], env=env)
        self.addCleanup(process.stop)
        return process

    def end(self, process, number):
        """Ends it by a signal; its exit status, when all that it started has ended."""
        started = children_of(process.pid)
        self.assertGreaterEqual(len(started), 3)
        os.kill(process.pid, number)
        status = process.wait()
        end = time.monotonic() + DEADLINE
        while any(is_running(pid) for pid in started) and time.monotonic() < end:
            POLL.wait(0.05)
        self.assertEqual([pid for pid in started if is_running(pid)], [])
        return status

    def test_offline(self):
        process = self.start()
        process.wait_for_line(r'^OPENAI_API_KEY is not set: ')
        process.wait_for_line(r'^Call sip:bestellbot@127\.0\.0\.1:\d+$')
        process.wait_for_line(r'^Connected to the gateway at http://127\.0\.0\.1:\d+$')
        self.assertEqual(self.end(process, signal.SIGINT), 130)

    def test_terminated(self):
        process = self.start()
        process.wait_for_line(r'^Connected to the gateway')
        self.assertEqual(self.end(process, signal.SIGTERM), 143)

    def test_a_setting_nobody_knows(self):
        process = self.start('[sip]\nprot = 5060\n')
        process.wait_for_line(r'prot')
        process.wait_for_line(r'^run: the gateway did not start')
        self.assertEqual(process.wait(), 1)

    def test_a_gateway_that_dies_is_said(self):
        process = self.start()
        process.wait_for_line(r'^Connected to the gateway')
        for pid in children_of(process.pid):
            with open(f'/proc/{pid}/comm', encoding='utf-8') as text:
                if text.read().strip() == 'bestellbotd':
                    os.kill(pid, signal.SIGKILL)
        process.wait_for_line(r'^run: the gateway ended')
        self.assertEqual(process.wait(), 1)


if __name__ == '__main__':
    unittest.main()
