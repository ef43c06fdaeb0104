# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Phones by sipp: scenarios with exact messages, one call or a thousand.

A scenario is an XML file of sipp's, or is put together here:

    from peers.sipp import Scenario, Sipp
    call = (Scenario().invite().receive(100, optional=True).receive(180)
            .receive(200, dialog=True).ack().pause(500).bye().receive(200))
    with Sipp(call, port) as phone:
        result = phone.wait()
    assert result.successful == 1, result.explain()

`Sipp(scenario, port, calls=100, limit=10, rate=20)` makes a hundred calls, ten
at once, twenty new ones a second. `transport='t1'` is TCP. `@name@` in a
scenario is replaced from `variables`, before sipp sees it.

Media: `Scenario().…ack().play('/path/speech.al')` sends a raw A-law file (see
peers.speech) as RTP while the scenario goes on; `play(None)` ends it. The
local RTP port is [auto_media_port] in the scenario; sipp's `-mp`.

On failure result.explain() holds sipp's errors and the whole message trace.
"""
import csv
import os
import shutil
import socket
import tempfile
import time

from .process import DEADLINE, Process, Timeout, free_port

SDP = '''v=0
o=phone 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[local_ip_type] [local_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
'''

_FROM = '"Erika Muster" <sip:+4930123456@[local_ip]:[local_port]>;tag=[pid]T[call_number]'


def available():
    return shutil.which('sipp') is not None


class Scenario:
    """A caller's side. Methods return self; the order is the order of events."""

    def __init__(self, name='call', from_header=_FROM, user='bestellbot'):
        self.name = name
        self.from_header = from_header
        self.user = user
        self.cseq = 0
        self.parts = []

    def raw(self, xml):
        self.parts.append(xml)
        return self

    def _message(self, method, cseq, body=None, headers=(), in_dialog=True,
                 content_type='application/sdp', branch_of=None, retransmit=True):
        target = '[next_url]' if in_dialog else f'sip:{self.user}@[remote_ip]:[remote_port]'
        lines = [
            f'{method} {target} SIP/2.0',
            'Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;'
            f'branch=z9hG4bK-[pid]-[call_number]-{branch_of or method}-{cseq}',
            f'From: {self.from_header}',
            f'To: <sip:{self.user}@[remote_ip]:[remote_port]>' + ('[peer_tag_param]' if in_dialog
                                                                 else ''),
            'Call-ID: [call_id]',
            f'CSeq: {cseq} {method}',
            'Contact: <sip:phone@[local_ip]:[local_port];transport=[transport]>',
            'Max-Forwards: 70',
            *headers]
        if in_dialog:
            lines.append('[routes]')
        if body is not None:
            lines.append(f'Content-Type: {content_type}')
        lines += ['Content-Length: [len]', '', (body or '').rstrip('\n')]
        text = '\n'.join(lines)
        timer = ' retrans="500"' if retransmit else ''
        return f'<send{timer}><![CDATA[\n{text}\n\n]]></send>'

    def invite(self, sdp=SDP, headers=(), content_type='application/sdp'):
        """A first INVITE, or a re-INVITE when there was one; sdp None: a late offer."""
        first = self.cseq == 0
        self.cseq += 1
        self._invite_cseq = self.cseq
        return self.raw(self._message('INVITE', self.cseq, sdp, headers, not first, content_type))

    def request(self, method, body=None, headers=(), in_dialog=True, content_type='application/sdp'):
        self.cseq += 1
        return self.raw(self._message(method, self.cseq, body, headers, in_dialog, content_type))

    def ack(self, sdp=None, failed=False):
        """For a 2xx; failed=True for a refusal (same branch, RFC 3261 section 17.1.1.3)."""
        if failed:
            message = self._message('ACK', self._invite_cseq, in_dialog=False, branch_of='INVITE',
                                    retransmit=False)
            return self.raw(message.replace(
                f'To: <sip:{self.user}@[remote_ip]:[remote_port]>', '[last_To:]'))
        return self.raw(self._message('ACK', self._invite_cseq, sdp, retransmit=False))

    def cancel(self):
        return self.raw(self._message('CANCEL', self._invite_cseq, in_dialog=False,
                                      branch_of='INVITE'))

    def bye(self, headers=()):
        return self.request('BYE', headers=headers)

    def receive(self, status, optional=False, dialog=False, check=None, timeout=None):
        """A response; dialog=True keeps its Contact and routes; check: a regular
        expression the whole message has to match."""
        attributes = f' response="{status}"'
        if optional:
            attributes += ' optional="true"'
        if dialog:
            attributes += ' rrs="true"'
        if timeout:
            attributes += f' timeout="{timeout}"'
        return self.raw(f'<recv{attributes}>{self._check(check)}</recv>')

    def expect(self, method, check=None):
        """A request of the peer's."""
        return self.raw(f'<recv request="{method}" crlf="true">{self._check(check)}</recv>')

    def _check(self, check):
        if check is None:
            return ''
        escaped = check.replace('&', '&amp;').replace('"', '&quot;').replace('<', '&lt;')
        self._n_checks = getattr(self, '_n_checks', 0) + 1
        variable = f'check{self._n_checks}'
        self.parts.append(f'<!-- {variable} -->')
        return (f'<action><ereg regexp="{escaped}" search_in="msg" check_it="true" '
                f'assign_to="{variable}"/><log message="[${variable}]"/></action>')

    def reply(self, status, phrase, headers=(), body=None):
        """To the request that came last."""
        lines = [f'SIP/2.0 {status} {phrase}', '[last_Via:]', '[last_From:]', '[last_To:]',
                 '[last_Call-ID:]', '[last_CSeq:]',
                 'Contact: <sip:phone@[local_ip]:[local_port];transport=[transport]>', *headers]
        if body is not None:
            lines.append('Content-Type: application/sdp')
        lines += ['Content-Length: [len]', '', (body or '').rstrip('\n')]
        return self.raw('<send><![CDATA[\n' + '\n'.join(lines) + '\n\n]]></send>')

    def pause(self, milliseconds):
        return self.raw(f'<pause milliseconds="{milliseconds}"/>')

    def play(self, path, loops=1):
        """Sends a raw A-law file from here on; loops -1: for ever; None: stops."""
        command = (f'rtp_stream="{path},{loops},8,PCMA/8000"' if path
                   else 'rtp_stream="pause"')
        return self.raw(f'<nop><action><exec {command}/></action></nop>')

    def xml(self):
        return ('<?xml version="1.0" encoding="UTF-8" ?>\n'
                f'<scenario name="{self.name}">\n' + '\n'.join(self.parts) + '\n</scenario>\n')


class Result:
    """What came of a run."""

    def __init__(self, status, successful, failed, messages, errors, screen):
        self.status = status          # 0: every call went as written
        self.successful = successful
        self.failed = failed
        self.messages = messages      # the trace, as text
        self.errors = errors
        self.screen = screen

    def received(self, start):
        """Messages that came in whose first line starts with `start`."""
        found = []
        for block in self.messages.split('-' * 47)[1:]:
            parts = block.replace('\r\n', '\n').split('\n\n', 1)
            if len(parts) == 2 and ' received' in parts[0] and parts[1].startswith(start):
                found.append(parts[1].strip('\n'))
        return found

    def explain(self):
        return (f'sipp ended with {self.status}: {self.successful} calls well, {self.failed} not\n'
                f'{self.errors}\n{self.messages[-12000:]}\n{self.screen[-2000:]}')


class Sipp:
    """One run of sipp, toward 127.0.0.1:port."""

    def __init__(self, scenario, port, calls=1, limit=None, rate=10, transport='u1', variables=None,
                 address='127.0.0.1', timeout=DEADLINE, local_port=None, local_address=None,
                 extra=()):
        self.folder = tempfile.mkdtemp(prefix='sipp-')
        self.timeout = timeout
        text = scenario.xml() if isinstance(scenario, Scenario) else open(
            scenario, encoding='utf-8').read()
        for key, value in (variables or {}).items():
            text = text.replace(f'@{key}@', str(value))
        path = os.path.join(self.folder, 'scenario.xml')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        kind = socket.SOCK_STREAM if transport.startswith('t') else socket.SOCK_DGRAM
        self.local_port = local_port or free_port(kind)
        self.media_port = free_port(count=4)
        host = f'[{address}]' if ':' in address else address
        argv = ['sipp', f'{host}:{port}', '-sf', path, '-i',
                local_address or ('::1' if ':' in address else '127.0.0.1'),
                '-p', str(self.local_port), '-mp', str(self.media_port), '-t', transport,
                '-m', str(calls), '-l', str(limit or calls), '-r', str(rate),
                '-nostdin', '-timeout', f'{int(timeout)}s', '-timeout_error', '-recv_timeout',
                str(int(timeout * 1000)), '-default_behaviors', 'all,-bye',
                '-trace_msg', '-message_file', os.path.join(self.folder, 'messages'),
                '-trace_err', '-error_file', os.path.join(self.folder, 'errors'),
                '-trace_stat', '-stf', os.path.join(self.folder, 'statistics'), '-fd', '1', *extra]
        self.process = Process(argv, cwd=self.folder, env={'TERM': 'dumb'})

    def _file(self, name):
        try:
            with open(os.path.join(self.folder, name), encoding='utf-8', errors='replace') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def messages(self):
        return self._file('messages')

    def wait_for_message(self, start, timeout=DEADLINE):
        """Until a message that starts so has come in."""
        end = time.monotonic() + timeout
        while True:
            found = Result(None, 0, 0, self.messages(), '', '').received(start)
            if found:
                return found[-1]
            if time.monotonic() > end or self.process.process.poll() is not None:
                raise Timeout(f'no {start} came:\n{self.messages()[-6000:]}')
            time.sleep(0.02)

    def wait(self):
        status = self.process.wait(self.timeout + 10)
        successful = failed = 0
        rows = list(csv.DictReader(self._file('statistics').splitlines(), delimiter=';'))
        if rows:
            successful = int(rows[-1].get('SuccessfulCall(C)') or 0)
            failed = int(rows[-1].get('FailedCall(C)') or 0)
        return Result(status, successful, failed, self.messages(), self._file('errors'),
                      self.process.text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def call(scenario, port, **options):
    """Runs a scenario to its end; the result."""
    with Sipp(scenario, port, **options) as phone:
        return phone.wait()
