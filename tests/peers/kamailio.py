# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A registrar and proxy with digest authentication: Debian's Kamailio.

    with Kamailio(user='desk', password='secret') as server:
        # register at sip:127.0.0.1:{server.port} as desk
        server.wait_registered()
        # calls to sip:desk@127.0.0.1:{server.port} go to whoever registered
        server.wait_unregistered()

`challenge_bye=True`: a BYE of `user`'s own is answered with 407 first, as some
trunks do. `asserted='"Erika" <sip:+4930123@example.org>'`: the header the proxy
vouches for. No database; everything is in memory and in a temporary folder.
"""
import glob
import os
import re
import shutil
import socket
import tempfile
import time

from .process import DEADLINE, Process, Timeout, free_port_of_both

CONFIG = '''#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
listen=udp:@address@:@port@
listen=tcp:@address@:@port@
mpath="@modules@"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", 3600)
modparam("registrar", "min_expires", 1)
modparam("auth", "nonce_expire", @nonce_expire@)

request_route {
	if (is_method("OPTIONS")) {
		# sofia's name for it; our own question whether Kamailio is up has none
		if ($hdr(Subject) == "KEEPALIVE") xlog("L_ALERT", "KEEPALIVE from $si:$sp\\n");
		sl_send_reply("200", "OK");
		exit;
	}
	if (is_method("REGISTER")) {
		if ("@answer@" != "") {
			sl_send_reply("@answer@", "No");
			xlog("L_ALERT", "REFUSED $ct\\n");
			exit;
		}
		if ($au != "@user@" || !pv_www_authenticate("@realm@", "@password@", "0")) {
			xlog("L_ALERT", "CHALLENGED $ct with $(hdr(Authorization){s.len})\\n");
			www_challenge("@realm@", "0");
			exit;
		}
		if (!save("location")) {
			sl_reply_error();
			exit;
		}
		xlog("L_ALERT", "SAVED $ct expires=$hdr(Expires)\\n");
		exit;
	}
	if (has_totag()) {
		if (is_method("BYE") && $fU == "@user@" && "@challenge_bye@" == "yes") {
			if (!pv_proxy_authenticate("@realm@", "@password@", "0")) {
				xlog("L_ALERT", "CHALLENGED-BYE\\n");
				proxy_challenge("@realm@", "0");
				exit;
			}
			consume_credentials();
		}
		if (loose_route() || is_method("ACK")) {
			t_relay();
			exit;
		}
		sl_send_reply("404", "Not here");
		exit;
	}
	if (is_method("CANCEL")) {
		if (t_check_trans()) t_relay();
		exit;
	}
	record_route();
	if ("@asserted@" != "") append_hf("P-Asserted-Identity: @asserted@\\r\\n");
	if (!lookup("location")) {
		sl_send_reply("480", "Nobody registered");
		exit;
	}
	t_relay();
}
'''


def available():
    return shutil.which('kamailio') is not None and _modules() is not None


def _modules():
    found = glob.glob('/usr/lib/*/kamailio/modules')
    return found[0] if found else None


class Kamailio:
    def __init__(self, user='desk', password='secret', realm='test.example', challenge_bye=False,
                 asserted='', answer='', nonce_expire=300, port=None,
                 address='127.0.0.1'):
        self.address = address
        self.port = port or free_port_of_both()
        self.folder = tempfile.mkdtemp(prefix='kamailio-')
        text = CONFIG
        for key, value in {'port': self.port, 'address': address, 'modules': _modules() + '/', 'user': user,
                           'password': password, 'realm': realm, 'answer': answer,
                           'challenge_bye': 'yes' if challenge_bye else 'no',
                           'asserted': asserted.replace('"', '\\"'),
                           'nonce_expire': nonce_expire}.items():
            text = text.replace(f'@{key}@', str(value))
        path = os.path.join(self.folder, 'kamailio.cfg')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        self.process = Process(['kamailio', '-f', path, '-DD', '-E', '-m', '16', '-M', '4',
                                '-w', self.folder, '-Y', self.folder], cwd=self.folder)
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise

    def _wait_ready(self):
        """Asks it until it answers: it says nothing when it is ready."""
        end = time.monotonic() + DEADLINE
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.bind((self.address, 0))
            asker.settimeout(0.1)
            port = asker.getsockname()[1]
            number = 0
            while time.monotonic() < end:
                number += 1
                request = (f'OPTIONS sip:127.0.0.1:{self.port} SIP/2.0\r\n'
                           f'Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-ready-{number}\r\n'
                           f'From: <sip:ready@127.0.0.1>;tag={number}\r\n'
                           f'To: <sip:127.0.0.1:{self.port}>\r\nCall-ID: ready-{port}-{number}\r\n'
                           'CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n')
                try:
                    asker.sendto(request.encode(), (self.address, self.port))
                    if asker.recv(4096).startswith(b'SIP/2.0 200'):
                        return
                except (socket.timeout, ConnectionError):
                    pass
                if self.process.process.poll() is not None:
                    break
        raise Timeout('Kamailio did not start:\n' + self.process.text()[-4000:])

    def log(self, word):
        """Lines of our own, by their first word: SAVED, CHALLENGED, KEEPALIVE, …"""
        return [re.sub(r'^.*?(?=\b' + word + r'\b)', '', line)
                for _, line in list(self.process.lines) if re.search(r'\b' + word + r' |\b' + word
                                                                     + '$', line)]

    def wait_log(self, word, count=1, timeout=DEADLINE):
        self.process.wait_until(lambda _: len(self.log(word)) >= count, f'{count} × {word}', timeout)
        return self.log(word)

    def wait_registered(self, count=1):
        return self.wait_log('SAVED', count)[-1]

    def wait_unregistered(self):
        return self.process.wait_for_line(r'SAVED.*expires=0')

    def stop(self):
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
