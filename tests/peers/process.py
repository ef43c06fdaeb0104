# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A child process whose lines can be waited for.

    with Process(['program', '--port', '0']) as program:
        match = program.wait_for_line(r'listening on (\\S+)')
"""
import os
import re
import socket
import subprocess
import threading
import time

from .child import ends_with_parent

# Sanitized and emulated builds are slow: a deadline only has to end a hang.
DEADLINE = float(os.environ.get('BESTELLBOT_TEST_DEADLINE', '20'))


class Timeout(AssertionError):
    """Something that had to happen did not."""


def free_port(kind=socket.SOCK_DGRAM, address='127.0.0.1', count=1):
    """The first of `count` neighbouring free ports; an even one for pairs (RTP)."""
    for _ in range(200):
        sockets = []
        try:
            first = socket.socket(socket.AF_INET, kind)
            sockets.append(first)
            first.bind((address, 0))
            port = first.getsockname()[1]
            if (count > 1 and port % 2) or port + count > 65535:
                continue
            for offset in range(1, count):
                other = socket.socket(socket.AF_INET, kind)
                sockets.append(other)
                other.bind((address, port + offset))
            return port
        except OSError:
            continue
        finally:
            for item in sockets:
                item.close()
    raise RuntimeError('no free ports')


def free_port_of_both(address='127.0.0.1', count=1):
    """The first of `count` neighbours that are free for UDP and for TCP: SIP
    programs take both."""
    for _ in range(200):
        port = free_port(socket.SOCK_DGRAM, address, count)
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
        try:
            for offset, other in enumerate(sockets):
                other.bind((address, port + offset))
            return port
        except OSError:
            continue
        finally:
            for other in sockets:
                other.close()
    raise RuntimeError('no free ports')


class Process:
    """Collects standard output and error, line by line, from two threads."""

    def __init__(self, argv, cwd=None, env=None, name=None):
        self.name = name or os.path.basename(argv[0])
        self.lines = []
        self._changed = threading.Condition()
        environment = dict(os.environ)
        environment.update(env or {})
        self.process = subprocess.Popen(argv, cwd=cwd, env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        preexec_fn=ends_with_parent)
        self._threads = [
            threading.Thread(target=self._read, args=(stream, kind), daemon=True)
            for stream, kind in ((self.process.stdout, 'out'), (self.process.stderr, 'err'))]
        for thread in self._threads:
            thread.start()

    def _read(self, stream, kind):
        for raw in iter(stream.readline, b''):
            with self._changed:
                self.lines.append((kind, raw.decode('utf-8', 'replace').rstrip('\r\n')))
                self._changed.notify_all()
        stream.close()
        with self._changed:
            self._changed.notify_all()

    @property
    def pid(self):
        return self.process.pid

    def text(self, kind=None):
        with self._changed:
            return '\n'.join(line for k, line in self.lines if kind in (None, k))

    def wait_until(self, predicate, what, timeout=DEADLINE):
        """Calls predicate(lines) after every new line until it returns something true."""
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                result = predicate(self.lines)
                if result:
                    return result
                left = end - time.monotonic()
                if self.process.poll() is not None and not any(
                        thread.is_alive() for thread in self._threads):
                    raise Timeout(f'{self.name} ended with {self.process.returncode} before '
                                  f'{what}:\n' + '\n'.join(line for _, line in self.lines[-60:]))
                if left <= 0:
                    raise Timeout(f'{self.name}: no {what} within {timeout} s:\n'
                                  + '\n'.join(line for _, line in self.lines[-60:]))
                self._changed.wait(min(left, 0.5))

    def wait_for_line(self, pattern, timeout=DEADLINE):
        expression = re.compile(pattern)

        def find(lines):
            for _, line in lines:
                match = expression.search(line)
                if match:
                    return match
            return None

        return self.wait_until(find, f'line like {pattern!r}', timeout)

    def write(self, text):
        self.process.stdin.write(text.encode('utf-8'))
        self.process.stdin.flush()

    def wait(self, timeout=DEADLINE):
        """The exit status."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Timeout(f'{self.name} did not end within {timeout} s:\n{self.text()[-4000:]}')
        for thread in self._threads:
            thread.join(5)
        return status

    def stop(self, timeout=5):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for thread in self._threads:
            thread.join(5)
        if self.process.stdin and not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
