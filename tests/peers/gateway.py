# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real gateway on free ports, with its files in a folder.

    with Gateway(simulator.url, folder) as gateway:
        phone.dial(gateway.uri)
        for event in gateway.events(deadline=30):
            ...

`events()` follows /v1/events of the operator API; `calls` holds the newest
state of each call, `lines` the transcript of each.
"""
import json
import os
import re
import sys
import urllib.request

from .process import DEADLINE, Process


class Gateway(Process):
    def __init__(self, url, folder, settings=(), env=None):
        self.folder = folder
        self.token_file = os.path.join(folder, 'api-token')
        self.database = os.path.join(folder, 'orders.db')
        argv = ['bestellbotd']
        for setting in (f'realtime.url={url}', 'sip.address=127.0.0.1', 'sip.port=0', 'api.port=0',
                        f'api.token-file={self.token_file}', f'orders.database={self.database}',
                        'media.rtp-ports=0', *settings):
            argv += ['--set', setting]
        environment = dict(env or {})
        # No settings of whoever runs this, and no key: it would go nowhere.
        environment.setdefault('XDG_CONFIG_HOME', folder)
        environment.setdefault('OPENAI_API_KEY', 'none')
        super().__init__(argv, env=environment)

    def start(self, timeout=DEADLINE):
        self.wait_for_line(r'^ready$', timeout)
        self.uri = self.wait_for_line(r'^listening on (sip:\S+)').group(1)
        self.api = self.wait_for_line(r'^listening on (http://\S+)').group(1)
        match = self.wait_for_line(r'\(udp (\d+), tcp (\d+)\)')
        self.udp_port, self.tcp_port = int(match.group(1)), int(match.group(2))
        with open(self.token_file, encoding='ascii') as file:
            self.token = file.read().strip()
        return self

    def __enter__(self):
        return self.start()

    def get(self, path):
        """One request of the operator API, as Python objects."""
        request = urllib.request.Request(self.api + path,
                                         headers={'Authorization': 'Bearer ' + self.token})
        with urllib.request.urlopen(request, timeout=DEADLINE) as reply:
            return json.load(reply)

    def ctl(self, *arguments):
        """What `bestellbotctl ARGUMENTS --json` answers, as Python objects."""
        import subprocess
        done = subprocess.run(
            ['bestellbotctl', '--url', self.api, '--token-file', self.token_file,
             '--set', f'orders.database={self.database}', *arguments, '--json'],
            env={**os.environ, 'XDG_CONFIG_HOME': self.folder}, text=True, capture_output=True,
            timeout=DEADLINE)
        if done.returncode != 0:
            raise AssertionError(f'bestellbotctl {arguments}: {done.stderr}')
        return json.loads(done.stdout)

    def orders(self):
        return self.ctl('orders', 'list')['orders']


def log_excerpt(process, pattern='.'):
    return '\n'.join(line for _, line in process.lines if re.search(pattern, line))


if __name__ == '__main__':
    sys.exit(__doc__)
