# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program sip-answerer: our user agent without media, driven by commands."""
import json
import os

from peers.process import DEADLINE, Process

PROGRAM = os.environ.get('SIP_ANSWERER', 'sip-answerer')


class Answerer(Process):
    """Events are dicts, in order; wait() hands each out once per `kind`."""

    def __init__(self, mode='answer', settings=(), address='127.0.0.1', port=0, env=None,
                 arguments=()):
        argv = [PROGRAM, '--mode', mode, '--set', f'sip.address={address}',
                '--set', f'sip.port={port}', *arguments]
        for setting in settings:
            argv += ['--set', setting]
        environment = {'G_MESSAGES_DEBUG': os.environ.get('G_MESSAGES_DEBUG', '')}
        environment.update(env or {})
        super().__init__(argv, env=environment)
        self._seen = {}

    def start(self):
        event = self.event('listening')
        self.port = int(event['port'])
        self.uri = event['uri']
        return self

    def events(self, kind=None):
        with self._changed:
            found = [json.loads(line) for k, line in self.lines if k == 'out' and line[:1] == '{']
        return [event for event in found if kind is None or event['event'] == kind]

    def event(self, kind, timeout=DEADLINE, **fields):
        """The next event of this kind (with these fields) that was not handed out yet."""
        def find(lines):
            n = 0
            for k, line in lines:
                if k != 'out' or line[:1] != '{':  # GLib's debug messages go there too
                    continue
                event = json.loads(line)
                if event['event'] != kind or any(event.get(f) != v for f, v in fields.items()):
                    continue
                n += 1
                if n > self._seen.get((kind, tuple(sorted(fields.items()))), 0):
                    return event
            return None

        event = self.wait_until(find, f'event {kind} {fields or ""}', timeout)
        key = (kind, tuple(sorted(fields.items())))
        self._seen[key] = self._seen.get(key, 0) + 1
        return event

    def command(self, text):
        self.write(text + '\n')

    def legs(self):
        self.command('legs')
        return int(self.event('legs')['legs'])

    def wait_idle(self, timeout=DEADLINE):
        """Until sofia knows no handle any more."""
        self.command(f'idle {int(timeout * 1000)}')
        if self.event('idle')['legs'] != '0':
            raise AssertionError('handles are left: ' + self.text()[-3000:])

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.pid}/fd'))

    def finish(self, timeout_ms=5000):
        """Stops it as its owner would; its exit status and the handles left."""
        self.command(f'stop {timeout_ms}')
        event = self.event('stopped')
        return self.wait(), int(event['legs'])
