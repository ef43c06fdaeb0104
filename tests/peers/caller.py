# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Follows a call through the operator API and speaks when a person would.

`CallWatch` keeps what /v1/events of a gateway says of its calls. `Caller`
speaks a scenario's utterances with a phone: after the bot has finished, or,
where it is impatient, into the bot's answer.
"""
import json
import time

from .process import Timeout
from .websocket_client import WebSocketClient

# A person waits a moment before they answer (s).
BREATH = 0.6


class CallWatch:
    def __init__(self, gateway):
        self.calls = {}
        self.lines = {}   # call id -> list of lines
        self.changed = 0.0  # monotonic time of the last change
        self.socket = WebSocketClient(
            gateway.api.replace('http', 'ws', 1) + '/v1/events',
            headers=[('Authorization', 'Bearer ' + gateway.token)])

    def close(self):
        self.socket.close()

    def poll(self, timeout):
        """Takes what comes within `timeout` seconds; TRUE when something did."""
        try:
            _, data = self.socket.receive(timeout)
        except TimeoutError:
            return False
        self._take(json.loads(data))
        self.changed = time.monotonic()
        return True

    def _take(self, message):
        kind = message['type']
        if kind == 'snapshot':
            self.calls = {call['id']: call for call in message['calls']}
            self.lines = {call['id']: list(call.get('transcript', [])) for call in message['calls']}
        elif kind == 'call':
            call = message['call']
            self.calls[call['id']] = {**self.calls.get(call['id'], {}), **call}
            self.lines.setdefault(call['id'], list(call.get('transcript', [])))
        elif kind == 'line':
            lines = self.lines.setdefault(message['call'], [])
            while len(lines) <= message['index']:
                lines.append(None)
            lines[message['index']] = message['line']
        elif kind == 'order':
            if message.get('call') in self.calls:
                self.calls[message['call']]['order'] = message['order']
        elif kind == 'removed':
            self.calls.pop(message['call'], None)

    def wait(self, predicate, what, timeout=30):
        """Until predicate(self) is true; its value."""
        end = time.monotonic() + timeout
        while True:
            value = predicate(self)
            if value:
                return value
            if time.monotonic() > end:
                raise Timeout(f'no {what} within {timeout} s; calls: {self.calls}; '
                              f'lines: {self.lines}')
            self.poll(0.05)

    def only_call(self, timeout=20):
        """The id of the call that is not over."""
        return self.wait(lambda watch: next(
            (call['id'] for call in watch.calls.values() if call['state'] != 'ended'), None),
            'call', timeout)


class Caller:
    def __init__(self, watch, call_id, play):
        """`play(utterance)` makes the phone speak one entry of the manifest."""
        self.watch = watch
        self.id = call_id
        self.play = play
        self.spoke_at_line = 0   # lines there were when we last spoke
        self.silent_until = 0.0  # our own last utterance lasts until then

    def _call(self):
        return self.watch.calls[self.id]

    def _lines(self):
        return [line for line in self.watch.lines.get(self.id, []) if line]

    def _bot_spoke(self):
        return any(line['kind'] == 'bot' and line['final'] and line['text']
                   for line in self._lines()[self.spoke_at_line:])

    def _tool_runs(self):
        return any(line['kind'] == 'tool' and not (line.get('tool') or {}).get('result')
                   for line in self._lines())

    def _my_turn(self, watch):
        if self._call()['state'] == 'ended':
            raise Timeout(f'the call ended: {self._call()}')
        return (self._bot_spoke() and self._call().get('speaking') is None
                and not self._tool_runs() and time.monotonic() > self.silent_until
                and time.monotonic() - watch.changed > BREATH)

    def _bot_in_full_flow(self, watch):
        speaking = self._call().get('speaking') == 'bot' and time.monotonic() > self.silent_until
        if not speaking:
            self._flow_began = None
        elif self._flow_began is None:
            self._flow_began = time.monotonic()
        return self._flow_began is not None and time.monotonic() - self._flow_began > self._patience

    def listen(self, timeout=60):
        """Until the bot has said something and is silent."""
        self.watch.wait(self._my_turn, 'answer of the bot', timeout)

    def speak(self, utterance, impatient_after=None, timeout=60):
        """Says it when it is the caller's turn; with `impatient_after`, as soon
        as the bot has been speaking for so many seconds."""
        if impatient_after is None:
            self.listen(timeout)
        else:
            self._flow_began, self._patience = None, impatient_after
            self.watch.wait(self._bot_in_full_flow, 'long answer of the bot', timeout)
        self.spoke_at_line = len(self._lines())
        self.silent_until = time.monotonic() + utterance['seconds']
        self.play(utterance)
