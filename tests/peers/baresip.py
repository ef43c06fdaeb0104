# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A soft phone: Debian's baresip (1.0), without a sound card.

    with Baresip(codecs=('opus/48000/2', 'pcma')) as phone:
        call = phone.dial('sip:bestellbot@127.0.0.1:5060')   # returns when it is up
        phone.speak('/path/hello.wav')                        # 8 kHz mono 16 bit WAV
        phone.wait_spoken()                                   # until the file is over
        phone.dtmf('5'); phone.hold(); phone.resume()
        phone.hang_up()
        heard = phone.recordings('dec')                       # what the phone heard
        said = phone.recordings('enc')                        # what it said

The microphone is silence until speak(): so the test decides when the caller
speaks, and barge-in is a second speak(). baresip is driven through its
ctrl_tcp module (netstrings with JSON); its events come as dicts:

    phone.event('CALL_CLOSED')['param']                       # "Connection reset by peer", …

Modules used, all in Debian's baresip-core: account, menu, ctrl_tcp, g711, g722,
l16, opus, srtp (with `mediaenc`), aufile (microphone), aubridge (a loudspeaker that goes nowhere), sndfile (writes
what is heard and said to WAV files). No stun: it uses the loopback interface only.
"""
import json
import os
import queue
import shutil
import socket
import tempfile
import threading
import time
import wave

from . import speech
from .process import DEADLINE, Process, Timeout, free_port, free_port_of_both

MODULES = '/usr/lib/baresip/modules'
EVENTS_OF_CALL = ('CALL_INCOMING', 'CALL_RINGING', 'CALL_PROGRESS', 'CALL_ESTABLISHED',
                  'CALL_CLOSED', 'CALL_RTPESTAB')


def available():
    return shutil.which('baresip') is not None and os.path.isdir(MODULES)


class Baresip:
    """One phone with one account that registers nowhere, unless `register` names a server."""

    def __init__(self, user='phone', codecs=('pcma',), password=None, register=None,
                 transport='udp', source=None, rate=8000, record=True,
                 address='127.0.0.1', mediaenc=None, rtcp_mux=False):
        self.folder = tempfile.mkdtemp(prefix='baresip-')
        self.control_port = free_port(socket.SOCK_STREAM)
        self.sip_port = free_port_of_both(count=2)  # the second is for TLS
        self.rtp_port = free_port(count=20)
        self.silence = os.path.join(self.folder, 'silence.wav')
        speech.silence(600, self.silence, rate)
        self.record_folder = os.path.join(self.folder, 'audio')
        os.mkdir(self.record_folder)
        modules = ['account.so', 'menu.so', 'ctrl_tcp.so']
        lines = [
            'poll_method poll', f'net_interface {address}', f'sip_listen {address}:{self.sip_port}',
            'call_local_timeout 60', 'call_max_calls 4', 'audio_path /usr/share/baresip',
            f'audio_player aubridge,nowhere{self.sip_port}',
            f'audio_source aufile,{source or self.silence}',
            'audio_alert aubridge,alert', f'ausrc_srate {rate}', 'ausrc_channels 1',
            'auplay_srate 48000', 'auplay_channels 1',
            'audio_level no', 'ausrc_format s16', 'auplay_format s16', 'auenc_format s16',
            'audec_format s16', 'audio_buffer 20-160', 'rtp_tos 184',
            f'rtp_ports {self.rtp_port}-{self.rtp_port + 19}', f'rtcp_mux {"yes" if rtcp_mux else "no"}',
            'jitter_buffer_delay 1-5', 'rtp_stats no',
            f'module_path {MODULES}', 'module g711.so', 'module g722.so', 'module l16.so', 'module opus.so', 'module aufile.so',
            'module aubridge.so', 'opus_bitrate 28000', 'opus_stereo yes', 'opus_sprop_stereo yes', 'opus_inbandfec yes',
            f'ctrl_tcp_listen 127.0.0.1:{self.control_port}']
        if record:
            lines += ['module sndfile.so', f'snd_path {self.record_folder}']
        if mediaenc:
            lines.append('module srtp.so')
        lines += [('module_tmp ' if name == 'account.so' else 'module_app ') + name
                  for name in modules]
        self._write('config', lines)
        host = register or address
        account = (f'<sip:{user}@{host};transport={transport}>;regint={60 if register else 0};'
                   f'audio_codecs={",".join(codecs)};answermode=manual;ptime=20')
        if mediaenc:
            account += f';mediaenc={mediaenc}'
        if password:
            account += f';auth_pass={password}'
        self._write('accounts', [account])
        self._write('contacts', [])
        self.process = Process(['baresip', '-f', self.folder], cwd=self.folder,
                               env={'HOME': self.folder, 'LC_ALL': 'C.UTF-8'})
        self._events = []
        self._responses = queue.Queue()
        self._changed = threading.Condition()
        self._taken = 0
        self._token = 0
        self._socket = None
        try:
            self._connect()
        except BaseException:
            self.stop()
            raise

    def _write(self, name, lines):
        with open(os.path.join(self.folder, name), 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')

    def _connect(self):
        self.process.wait_for_line(r'baresip is ready')
        self._socket = socket.create_connection(('127.0.0.1', self.control_port), DEADLINE)
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        data = b''
        while True:
            try:
                part = self._socket.recv(65536)
            except OSError:
                part = b''
            if not part:
                break
            data += part
            while b':' in data:
                length, rest = data.split(b':', 1)
                size = int(length)
                if len(rest) < size + 1:
                    break
                message = json.loads(rest[:size].decode('utf-8', 'replace'))
                data = rest[size + 1:]
                if message.get('response'):
                    self._responses.put(message)
                else:
                    with self._changed:
                        self._events.append(message)
                        self._changed.notify_all()

    def command(self, name, params=''):
        """A command of the menu (`/name params`); its answer's text."""
        self._token += 1
        text = json.dumps({'command': name, 'params': params, 'token': str(self._token)}).encode()
        self._socket.sendall(b'%d:%s,' % (len(text), text))
        try:
            answer = self._responses.get(timeout=DEADLINE)
        except queue.Empty:
            raise Timeout(f'baresip did not answer {name}:\n{self.process.text()}')
        if not answer.get('ok'):
            raise RuntimeError(f'baresip refused {name} {params}: {answer}')
        return answer.get('data', '')

    def events(self, kind=None):
        with self._changed:
            return [e for e in self._events if kind is None or e.get('type') == kind]

    def event(self, kind, timeout=DEADLINE):
        """The next event of this type; what came before it is behind us."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for index in range(self._taken, len(self._events)):
                    if self._events[index].get('type') == kind:
                        self._taken = index + 1
                        return self._events[index]
                left = end - time.monotonic()
                if left <= 0:
                    raise Timeout(f'baresip: no {kind} within {timeout} s; events '
                                  f'{[e.get("type") for e in self._events]}\n'
                                  f'{self.process.text()[-4000:]}')
                self._changed.wait(left)

    def dial(self, uri, wait=True):
        self.command('dial', uri)
        return self.event('CALL_ESTABLISHED') if wait else None

    def hang_up(self, wait=True):
        self.command('hangup')
        return self.event('CALL_CLOSED') if wait else None

    def hold(self):
        self.command('hold')

    def resume(self):
        self.command('resume')

    def dtmf(self, digits):
        """RFC 4733 events."""
        for digit in digits:
            self.command('sndcode', digit)

    def speak(self, path):
        """Puts another file before the microphone, from its beginning, at once.

        baresip reads the file whole and stops sending at its end, which no
        phone does: so silence is put behind it."""
        with wave.open(path) as file:
            seconds = file.getnframes() / file.getframerate()
        padded = os.path.join(self.folder, f'spoken-{len(os.listdir(self.folder))}.wav')
        speech.pad(path, 600, padded)
        self.command('ausrc', f'aufile,{padded}')
        self._spoken_at = time.monotonic() + seconds

    def be_silent(self):
        self.command('ausrc', f'aufile,{self.silence}')

    def wait_spoken(self):
        """Until the words of the last speak() are out: they take the time they take."""
        time.sleep(max(0, self._spoken_at - time.monotonic()))

    def recordings(self, side='dec'):
        """WAV files of what was heard ('dec') or said ('enc'); complete once the call is over."""
        return sorted(os.path.join(self.record_folder, name)
                      for name in os.listdir(self.record_folder) if name.endswith(f'{side}.wav'))

    def stop(self):
        if self._socket:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._socket.close()
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
