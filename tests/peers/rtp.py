# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sound of a phone whose every packet the test decides: A-law over RTP.

    end = RtpEnd()                       # binds a port
    sipp = Sipp(Scenario().invite(sdp=end.sdp())…)
    end.connect(address, port)           # the other side's, from its SDP
    end.say('/path/words.wav')           # paced; after it nothing at all is sent
    end.heard()                          # bytes of A-law in the order of sequence numbers

One socket sends and receives, as behind a NAT it must.
"""
import random
import socket
import struct
import subprocess
import threading
import time

FRAME = 160  # bytes of 20 ms


class RtpEnd:
    def __init__(self, address='127.0.0.1'):
        self.address = address
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]
        self.remote = None
        self.packets = []      # (monotonic time, sequence, timestamp, payload type, payload)
        self.last_sent = 0.0   # monotonic time
        self.said = b''        # all of what say() was last given to send
        self._seq, self._timestamp = random.randrange(30000), random.randrange(1 << 31)
        self._ssrc = random.randrange(1 << 32)
        self._marker = 0x80
        self._threads = []
        self._stopped = False
        self._start(self._receive)

    def sdp(self, direction='sendrecv', formats='8 13 101'):
        return ('v=0\no=phone 1 [cseq] IN IP4 [local_ip]\ns=-\n'
                f'c=IN IP4 {self.address}\nt=0 0\nm=audio {self.port} RTP/AVP {formats}\n'
                'a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n'
                f'a=ptime:20\na={direction}\n')

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _receive(self):
        while not self._stopped:
            try:
                data, _ = self.socket.recvfrom(4096)
            except OSError:
                return
            if len(data) > 12:
                seq, timestamp = struct.unpack_from('>HI', data, 2)
                self.packets.append((time.monotonic(), seq, timestamp, data[1] & 0x7f, data[12:]))

    def connect(self, address, port):
        self.remote = (address, port)

    def send(self, payload, payload_type=8):
        packet = struct.pack('>BBHII', 0x80, self._marker | payload_type, self._seq,
                             self._timestamp, self._ssrc) + payload
        self._marker = 0
        self._seq = (self._seq + 1) & 0xffff
        self._timestamp = (self._timestamp + FRAME) & 0xffffffff
        self.socket.sendto(packet, self.remote)
        self.last_sent = time.monotonic()

    def say(self, path, then=None):
        """Sends a sound file in real time, from a thread of its own; then calls `then`."""
        data = subprocess.run(['sox', '-D', path, '-t', 'al', '-r', '8000', '-c', '1', '-'],
                              check=True, capture_output=True, timeout=30).stdout

        self.said = data[:len(data) // FRAME * FRAME]

        def run():
            due = time.monotonic()
            for start in range(0, len(data) - FRAME + 1, FRAME):
                time.sleep(max(0, due - time.monotonic()))
                self.send(data[start:start + FRAME])
                due += 0.02
            if then is not None:
                then()

        self._marker = 0x80
        return self._start(run)

    def heard(self):
        """What came, in order, each packet once."""
        known, parts = set(), []
        for _, seq, _, kind, payload in sorted(list(self.packets), key=lambda p: p[2]):
            if kind == 8 and seq not in known:
                known.add(seq)
                parts.append(payload)
        return b''.join(parts)

    def stop(self):
        self._stopped = True
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
