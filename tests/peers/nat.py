# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two networks with a NAT between them, made of network namespaces.

    with Nat(udp_timeout=2) as nat:      # this thread is on the public side now
        server = start_server(nat.PUBLIC)
        with nat.inside():               # what is started here is behind the NAT
            phone = start_phone(nat.PRIVATE)

    phone 10.20.0.2 -- 10.20.0.1 router 203.0.113.2 -- 203.0.113.1 public side

The router masquerades with ports of its own choice and has no way in that it
did not see opened from inside; the public side knows no route to 10.20.0.0/24.
Bindings last `udp_timeout` seconds (Linux: nf_conntrack_udp_timeout). Needs
root, ip and nft: `unavailable()` says what is missing. Call it before threads
are started: a namespace belongs to a thread, and new threads inherit it.
"""
import contextlib
import ctypes
import os
import shutil
import subprocess

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

RULES = '''table ip nat {
  chain out {
    type nat hook postrouting priority 100
    policy accept
    oifname "outside" masquerade random
  }
}
'''


def _run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20, **options)


def _enter(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), 'setns')


def unavailable():
    """Why there can be no NAT here; None when there can."""
    if os.geteuid() != 0:
        return 'network namespaces need root'
    for program in ('ip', 'nft'):
        if shutil.which(program) is None:
            return f'there is no {program}'
    try:
        with Nat():
            return None
    except (subprocess.CalledProcessError, OSError) as error:
        return f'no namespaces or no NAT: {getattr(error, "stderr", "") or error}'


class Nat:
    PUBLIC = '203.0.113.1'
    OUTSIDE = '203.0.113.2'
    PRIVATE = '10.20.0.2'

    def __init__(self, udp_timeout=30):
        self.udp_timeout = udp_timeout
        self.names = [f'bestellbot-{os.getpid()}-{part}' for part in ('public', 'router', 'private')]

    def __enter__(self):
        public, router, private = self.names
        self._home = os.open('/proc/self/ns/net', os.O_RDONLY)
        try:
            for name in self.names:
                _run('ip', 'netns', 'add', name)
                _run('ip', '-n', name, 'link', 'set', 'lo', 'up')
            for side, link, ours, theirs in ((public, 'outside', self.PUBLIC, self.OUTSIDE),
                                             (private, 'inside', self.PRIVATE, '10.20.0.1')):
                _run('ip', '-n', router, 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'net0',
                     'netns', side)
                for name, device, address in ((router, link, theirs), (side, 'net0', ours)):
                    _run('ip', '-n', name, 'addr', 'add', f'{address}/24', 'dev', device)
                    _run('ip', '-n', name, 'link', 'set', device, 'up')
            _run('ip', '-n', private, 'route', 'add', 'default', 'via', '10.20.0.1')
            _run('ip', 'netns', 'exec', router, 'nft', '-f', '-', input=RULES)
            _run('ip', 'netns', 'exec', router, 'sh', '-c',
                 'echo 1 > /proc/sys/net/ipv4/ip_forward; cd /proc/sys/net/netfilter && '
                 f'for f in nf_conntrack_udp_timeout nf_conntrack_udp_timeout_stream; do '
                 f'echo {self.udp_timeout} > $f; done')
            self._public, self._private = [os.open(f'/run/netns/{name}', os.O_RDONLY)
                                           for name in (public, private)]
            _enter(self._public)
        except BaseException:
            self._remove()
            raise
        return self

    @contextlib.contextmanager
    def inside(self):
        _enter(self._private)
        try:
            yield self
        finally:
            _enter(self._public)

    def _remove(self):
        _enter(self._home)
        os.close(self._home)
        for name in self.names:
            subprocess.run(['ip', 'netns', 'del', name], capture_output=True, timeout=20)

    def __exit__(self, *_):
        os.close(self._public)
        os.close(self._private)
        self._remove()
