# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Many telephones in a call with a gateway: signalling here, sound by
tests/bench/call-load, which is cheap enough for hundreds.

    with Phones(gateway.udp_port, 200) as phones:   # all are answered now
        report = phones.report()                    # call-load's JSON
"""
import json
import os
import re
import select
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers.process import DEADLINE, Process  # noqa: E402

LOAD = os.path.join(os.environ.get('BESTELLBOT_DEVENV', ''), 'tests', 'bench', 'call-load')
RATE = 50  # new calls a second
CODECS = {'PCMA': ('8', 'a=rtpmap:8 PCMA/8000\r\n'),
          'opus': ('111', 'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n')}


def ask(process, question, pattern=r'^\{.*\}$'):
    """A line of its input, and the line it answers with."""
    seen = len(process.lines)
    process.process.stdin.write(question.encode() + b'\n')
    process.process.stdin.flush()
    return process.wait_until(
        lambda lines: next((line for kind, line in lines[seen:]
                            if kind == 'out' and re.match(pattern, line)), None),
        f'answer to {question}')


class Phones:
    def __init__(self, sip_port, n, codec='PCMA', payload=None, cpu=None):
        self.sip = ('127.0.0.1', sip_port)
        self.n, self.codec = n, codec
        extra = () if payload is None else (CODECS[codec][0], '960', payload.hex())
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self.port = self.socket.getsockname()[1]
        self.tags = {}
        self.load = Process([LOAD, str(n), *extra])

    def _headers(self, method, i, cseq, to_tag=''):
        kind = 'INVITE' if method in ('INVITE', 'ACK') else method
        return (f'{method} sip:bestellbot@127.0.0.1:{self.sip[1]} SIP/2.0\r\n'
                f'Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;'
                f'branch=z9hG4bK-bench-{i}-{kind if to_tag == "" else method}\r\n'
                f'From: <sip:bench@127.0.0.1:{self.port}>;tag=bench{i}\r\n'
                f'To: <sip:bestellbot@127.0.0.1:{self.sip[1]}>{to_tag}\r\n'
                f'Call-ID: bench-{self.port}-{i}\r\nCSeq: {cseq} {kind if method == "ACK" else method}\r\n'
                f'Contact: <sip:bench@127.0.0.1:{self.port}>\r\nMax-Forwards: 70\r\n')

    def _send(self, head, body=''):
        kind = 'Content-Type: application/sdp\r\n' if body else ''
        self.socket.sendto(f'{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}'.encode(), self.sip)

    def _invite(self, i, port):
        payload_type, lines = CODECS[self.codec]
        self._send(self._headers('INVITE', i, 1),
                   f'v=0\r\no=bench 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
                   f'm=audio {port} RTP/AVP {payload_type}\r\n{lines}a=ptime:20\r\n')

    def _take(self, answered):
        """One message of the gateway."""
        text = self.socket.recv(65536).decode()
        call = re.search(r'^Call-ID: bench-\d+-(\d+)', text, re.M | re.I)
        if call is None:
            return
        i, first = int(call.group(1)), text.split('\r\n', 1)[0]
        if 'INVITE' not in re.search(r'^CSeq: (.*)$', text, re.M | re.I).group(1):
            return
        if re.match(r'SIP/2.0 2\d\d', first):
            self.tags[i] = re.search(r'^To:.*?(;tag=\S+)', text, re.M | re.I).group(1)
            answered[i] = int(re.search(r'^m=audio (\d+)', text, re.M).group(1))
            self._send(self._headers('ACK', i, 1, self.tags[i]))
        elif re.match(r'SIP/2.0 [3-6]\d\d', first):
            raise RuntimeError(f'call {i} of {self.n}: {first}')

    def __enter__(self):
        self.load.__enter__()
        self.load.wait_for_line('^ready$')
        ports = [int(line) for kind, line in self.load.lines
                 if kind == 'out' and line.isdigit()][:self.n]
        answered, called = {}, 0
        began = time.monotonic()
        # New calls at their rate, answers as they come.
        while len(answered) < self.n:
            now = time.monotonic() - began
            if now > DEADLINE + self.n / RATE * 4:
                raise RuntimeError(f'{len(answered)} of {self.n} calls were answered')
            while called < min(self.n, now * RATE + 1):
                self._invite(called, ports[called])
                called += 1
            if select.select([self.socket], [], [], 1 / RATE)[0]:
                self._take(answered)
        self.load.process.stdin.write(''.join(f'{answered[i]}\n' for i in range(self.n)).encode())
        self.load.process.stdin.flush()
        self.load.wait_for_line('^sending$')
        return self

    def report(self):
        return json.loads(ask(self.load, 'report'))

    def __exit__(self, *exc):
        for i, tag in self.tags.items():
            self._send(self._headers('BYE', i, 2, tag))
        self.socket.close()
        return self.load.__exit__(*exc)
