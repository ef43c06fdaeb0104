# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Listens on the line between a Realtime client and its service.

    with Simulator() as simulator, Tap(simulator.url) as tap:
        connect_to(tap.url)
        tap.received_audio()       # bytes of input_audio_buffer.append, as the service got them
        tap.sent_audio()           # item id -> bytes of response.output_audio.delta
        tap.events                 # [(monotonic time, 'client' or 'server', event), …]

Bytes go through untouched, but for the offer of compression, which is taken
out of the upgrade; WebSocket frames (RFC 6455) are read on the way.
`tap.cut()` closes both sides of what is connected, without a close frame.
"""
import base64
import json
import re
import socket
import struct
import threading
import time
from urllib.parse import urlsplit, urlunsplit


class _Reader:
    """Takes frames apart; gives whole text messages."""

    def __init__(self):
        self.buffer = bytearray()
        self.message = bytearray()

    def feed(self, data):
        self.buffer += data
        while True:
            frame = self._frame()
            if frame is None:
                return
            final, opcode, payload = frame
            if opcode > 2:
                continue
            self.message += payload
            if final:
                text, self.message = bytes(self.message), bytearray()
                yield text

    def _frame(self):
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        size, at = buffer[1] & 0x7f, 2
        if size == 126:
            if len(buffer) < 4:
                return None
            size, at = struct.unpack_from('>H', buffer, 2)[0], 4
        elif size == 127:
            if len(buffer) < 10:
                return None
            size, at = struct.unpack_from('>Q', buffer, 2)[0], 10
        mask = None
        if buffer[1] & 0x80:
            mask, at = bytes(buffer[at:at + 4]), at + 4
        if len(buffer) < at + size:
            return None
        payload = bytes(buffer[at:at + size])
        if mask is not None and len(mask) == 4:
            key = int.from_bytes((mask * (size // 4 + 1))[:size], 'big')
            payload = (int.from_bytes(payload, 'big') ^ key).to_bytes(size, 'big')
        final, opcode = bool(buffer[0] & 0x80), buffer[0] & 0x0f
        del buffer[:at + size]
        return final, opcode, payload


class Tap:
    def __init__(self, url):
        parts = urlsplit(url)
        self._service = (parts.hostname, parts.port)
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.url = urlunsplit(parts._replace(
            netloc=f'127.0.0.1:{self._listener.getsockname()[1]}'))
        self.events = []
        self._changed = threading.Condition()
        self._sockets = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._service, 10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [client, server]
            for source, target, side in ((client, server, 'client'), (server, client, 'server')):
                threading.Thread(target=self._relay, args=(source, target, side),
                                 daemon=True).start()

    def _relay(self, source, target, side):
        head, reader = bytearray(), None
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                if reader is None:
                    head += data
                    end = head.find(b'\r\n\r\n')
                    if end < 0:
                        continue
                    start = re.sub(rb'\r\nSec-WebSocket-Extensions:[^\r]*', b'',
                                   bytes(head[:end]), flags=re.I)
                    target.sendall(start + b'\r\n\r\n')
                    reader, data = _Reader(), bytes(head[end + 4:])
                target.sendall(data)
                for text in reader.feed(data):
                    self._keep(side, text)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _keep(self, side, text):
        try:
            event = json.loads(text)
        except ValueError:
            return
        with self._changed:
            self.events.append((time.monotonic(), side, event))
            self._changed.notify_all()

    def wait_for(self, predicate, what, timeout=30):
        """The first (time, side, event) that predicate(side, event) likes."""
        end = time.monotonic() + timeout
        seen = 0
        with self._changed:
            while True:
                for entry in self.events[seen:]:
                    if predicate(entry[1], entry[2]):
                        return entry
                seen = len(self.events)
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f'no {what} within {timeout} s; events: '
                                       f'{[e["type"] for _, _, e in self.events][-40:]}')
                self._changed.wait(left)

    def wait_for_type(self, type_, n=1, timeout=30):
        """The n-th event of a type."""
        count = iter(range(1, 1000000))
        return self.wait_for(lambda _, event: event['type'] == type_ and next(count) == n,
                             f'{type_} (number {n})', timeout)

    def of_type(self, *types):
        with self._changed:
            return [entry for entry in self.events if entry[2]['type'] in types]

    def received_audio(self, since=0.0):
        return b''.join(base64.b64decode(event['audio'])
                        for at, _, event in self.of_type('input_audio_buffer.append')
                        if at >= since)

    def sent_audio(self):
        items = {}
        for _, _, event in self.of_type('response.output_audio.delta'):
            items[event['item_id']] = items.get(event['item_id'], b'') + base64.b64decode(
                event['delta'])
        return items

    def cut(self):
        for one in self._sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self._listener.close()
        self.cut()
        for one in self._sockets:
            one.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
