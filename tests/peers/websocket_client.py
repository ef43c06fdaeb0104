# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small WebSocket client over a socket (RFC 6455), for tests only.

Every wait has a deadline. Nothing here knows the Realtime protocol but
RealtimeClient, which sends and receives JSON objects."""
import base64
import hashlib
import json
import os
import socket
import struct
import time
from urllib.parse import urlsplit

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The other side ended the connection: code (None without a close frame), reason."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed: {code} {reason}")
        self.code, self.reason = code, reason


class Refused(Exception):
    """The upgrade was answered with another status than 101."""

    def __init__(self, status, body):
        super().__init__(f"HTTP {status}")
        self.status, self.body = status, body


class WebSocketClient:
    def __init__(self, url, headers=(), timeout=10):
        parts = urlsplit(url)
        self.timeout = timeout
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.fragments = 0  # continuation frames seen
        key = base64.b64encode(os.urandom(16)).decode()
        target = parts.path + ("?" + parts.query if parts.query else "")
        lines = [f"GET {target} HTTP/1.1", f"Host: {parts.hostname}:{parts.port}",
                 "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Version: 13", *(f"{name}: {value}" for name, value in headers)]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = self._read_until(b"\r\n\r\n").decode()
        status = int(head.split()[1])
        if status != 101:
            body = self._read_body(head)
            self.socket.close()
            raise Refused(status, body)
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        if accept.lower() not in head.lower():
            raise AssertionError("wrong Sec-WebSocket-Accept")

    def _fill(self, deadline):
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            data = self.socket.recv(1 << 16)
        except socket.timeout:
            raise TimeoutError("nothing more came") from None
        except ConnectionError:
            data = b""
        if not data:
            raise Closed()
        self.buffer += data

    def _read_until(self, mark):
        deadline = time.monotonic() + self.timeout
        while mark not in self.buffer:
            self._fill(deadline)
        end = self.buffer.index(mark) + len(mark)
        head = bytes(self.buffer[:end])
        del self.buffer[:end]
        return head

    def _read_body(self, head):
        length = 0
        for line in head.split("\r\n"):
            if line.lower().startswith("content-length:"):
                length = int(line.split(":")[1])
        return self._read(length, time.monotonic() + self.timeout).decode() if length else ""

    def _read(self, n, deadline):
        while len(self.buffer) < n:
            self._fill(deadline)
        data = bytes(self.buffer[:n])
        del self.buffer[:n]
        return data

    def send_frame(self, opcode, payload, fin=True):
        head = bytes([(0x80 if fin else 0) | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += struct.pack("!BH", 0x80 | 126, len(payload))
        else:
            head += struct.pack("!BQ", 0x80 | 127, len(payload))
        # A mask of zeros is a mask: the payload goes as it is.
        self.socket.sendall(head + b"\0\0\0\0" + payload)

    def send_text(self, text):
        self.send_frame(TEXT, text.encode())

    def receive(self, timeout=None):
        """The next message: (opcode, bytes). Answers pings. Raises Closed or TimeoutError."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        message, kind = b"", None
        while True:
            # A frame that is not there in full yet is left in the buffer.
            head = bytearray(self._peek(2, deadline))
            length, at = head[1] & 0x7F, 2
            if length == 126:
                length, at = struct.unpack("!H", self._peek(4, deadline)[2:])[0], 4
            elif length == 127:
                length, at = struct.unpack("!Q", self._peek(10, deadline)[2:])[0], 10
            self._peek(at + length, deadline)
            payload = self._read(at + length, deadline)[at:]
            opcode, fin = head[0] & 0x0F, bool(head[0] & 0x80)
            if opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
                try:
                    self.send_frame(CLOSE, payload[:2])
                except OSError:
                    pass
                raise Closed(code, payload[2:].decode())
            elif opcode in (TEXT, BINARY, 0):
                kind = opcode or kind
                self.fragments += opcode == 0
                message += payload
                if fin:
                    return kind, message

    def _peek(self, n, deadline):
        while len(self.buffer) < n:
            self._fill(deadline)
        return bytes(self.buffer[:n])

    def close(self):
        try:
            self.send_frame(CLOSE, struct.pack("!H", 1000))
            while True:
                self.receive(2)
        except (Closed, TimeoutError, OSError):
            pass
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class RealtimeClient(WebSocketClient):
    """Sends and receives events; keeps all that came in .received."""

    def __init__(self, url, model="gpt-realtime", key="test", headers=(), timeout=10):
        self.received = []
        auth = [("Authorization", f"Bearer {key}")] if key else []
        super().__init__(url + (f"?model={model}" if model else ""), [*auth, *headers], timeout)

    def send(self, type_, **fields):
        self.send_text(json.dumps({"type": type_, **fields}))

    def next(self, timeout=None):
        _, data = self.receive(timeout)
        event = json.loads(data)
        self.received.append(event)
        return event

    def wait_for(self, *types, timeout=None):
        """The next event of one of these types; others pass by."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            event = self.next(max(0.001, deadline - time.monotonic()))
            if event["type"] in types:
                return event

    def append(self, data, chunk=960):
        for i in range(0, len(data), chunk):
            self.send("input_audio_buffer.append", audio=base64.b64encode(data[i:i + chunk]).decode())
