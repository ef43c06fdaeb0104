#!/usr/bin/python3
# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The API is what data/openapi.json says: each path, each reply, each message."""

import base64
import copy
import http.client
import json
import os
import socket
import subprocess
import tempfile
import unittest
import urllib.parse

try:
    import jsonschema
except ImportError:
    jsonschema = None

BUILD = os.environ['BESTELLBOT_BUILDDIR']
DATA = os.environ['BESTELLBOT_DATADIR']
PEER = os.path.join(BUILD, 'tests', 'unit', 'ctl-peer')
DEADLINE = 20

with open(os.path.join(DATA, 'openapi.json'), encoding='utf-8') as text:
    API = json.load(text)


def closed(node):
    """The same schemas, but what they don't name is wrong: the API says nothing undescribed."""
    if isinstance(node, dict):
        node = {key: closed(value) for key, value in node.items()}
        if node.get('type') == 'object' and 'properties' in node:
            node['additionalProperties'] = False
    elif isinstance(node, list):
        node = [closed(value) for value in node]
    return node


CLOSED = closed(copy.deepcopy(API))


def check(value, schema):
    jsonschema.Draft202012Validator(
        schema, resolver=jsonschema.RefResolver('', CLOSED),
        format_checker=jsonschema.FormatChecker()).validate(value)


def named(name):
    return {'$ref': '#/components/schemas/' + name}


class WebSocket:
    """As much of RFC 6455 as reading text frames of a server takes."""

    def __init__(self, host, port, path, token):
        self.socket = socket.create_connection((host, port), DEADLINE)
        self.socket.sendall((
            'GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nAuthorization: Bearer %s\r\n\r\n'
            % (path, host, port, base64.b64encode(os.urandom(16)).decode(), token)).encode())
        self.file = self.socket.makefile('rb')
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def read(self):
        while True:
            first, length = self.file.read(2)
            if length == 126:
                length = int.from_bytes(self.file.read(2), 'big')
            elif length == 127:
                length = int.from_bytes(self.file.read(8), 'big')
            payload = self.file.read(length)
            if first == 0x81:
                return json.loads(payload.decode('utf-8'))

    def close(self):
        self.file.close()
        self.socket.close()


@unittest.skipIf(jsonschema is None, 'python3-jsonschema is not installed')
class OpenApi(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        config, database = (os.path.join(folder.name, name) for name in ('conf', 'orders.db'))
        with open(config, 'w', encoding='utf-8') as settings:
            settings.write('[catalogue]\nfile=%s\n[orders]\ndatabase=%s\n[api]\nport=0\ntoken-file=%s\n' % (
                os.path.join(DATA, 'catalogue.csv'), database, os.path.join(folder.name, 'token')))
        self.order_id = subprocess.run([PEER, 'orders', database], capture_output=True, text=True,
                                       check=True, timeout=DEADLINE).stdout.split()[0]
        self.peer = subprocess.Popen([PEER, 'gateway', config], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        url = urllib.parse.urlsplit(self.peer.stdout.readline().split()[-1])
        self.host, self.port = url.hostname, url.port
        with open(os.path.join(folder.name, 'token'), encoding='utf-8') as token:
            self.token = token.read().strip()

    def stop(self):
        self.peer.stdin.close()
        self.peer.stdout.close()
        self.peer.wait(DEADLINE)

    def say(self, *lines):
        self.peer.stdin.write(''.join(line + '\n' for line in lines))
        self.peer.stdin.flush()

    def new_call(self):
        self.say('call +4930 Müller', 'fill')
        return self.peer.stdout.readline().strip()

    def request(self, method, path, token=True, body=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=DEADLINE)
        headers = {'Authorization': 'Bearer ' + self.token} if token else {}
        connection.request(method, path, headers=headers, body=body)
        reply = connection.getresponse()
        result = reply.status, reply.headers, reply.read()
        connection.close()
        return result

    def checked(self, method, pattern, path, **more):
        """The reply to a request, when it is one of those that the description names."""
        status, headers, body = self.request(method, path, **more)
        described = API['paths'][pattern][method.lower()]['responses']
        self.assertIn(str(status), described, '%s %s: %s' % (method, path, body))
        kind = headers['Content-Type'].split(';')[0]
        content = described[str(status)]['content']
        self.assertIn(kind, content, path)
        if kind == 'application/json':
            check(json.loads(body), content[kind]['schema'])
            return status, json.loads(body)
        return status, body.decode('utf-8')

    def test_description_is_valid(self):
        self.assertEqual(API['openapi'], '3.1.0')
        for schema in API['components']['schemas'].values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_every_path(self):
        call = self.new_call()
        wanted = {
            ('GET', '/healthz'): ['/healthz'],
            ('GET', '/readyz'): ['/readyz'],
            ('GET', '/metrics'): ['/metrics'],
            ('GET', '/v1/calls'): ['/v1/calls'],
            ('GET', '/v1/calls/{id}'): ['/v1/calls/' + call, '/v1/calls/none'],
            ('POST', '/v1/calls/{id}/hangup'): ['/v1/calls/' + call + '/hangup', '/v1/calls/x/hangup'],
            ('GET', '/v1/orders'): ['/v1/orders', '/v1/orders?state=draft&limit=1', '/v1/orders?limit=0'],
            ('GET', '/v1/orders/{id}'): ['/v1/orders/' + self.order_id, '/v1/orders/none'],
            ('GET', '/v1/catalogue/search'): ['/v1/catalogue/search?q=Bogen', '/v1/catalogue/search'],
            ('GET', '/v1/events'): ['/v1/events'],
        }
        described = {(method.upper(), path) for path, methods in API['paths'].items() for method in methods}
        self.assertEqual(described, set(wanted))
        for (method, pattern), paths in wanted.items():
            operation = API['paths'][pattern][method.lower()]
            for path in paths:
                self.checked(method, pattern, path)
            # Without the token: only where it says so.
            status, _ = self.checked(method, pattern, paths[0], token=False)
            self.assertEqual(status != 401, operation.get('security') == [], pattern)
            if method == 'POST':
                status, _ = self.checked(method, pattern, paths[0], body=b'x' * 70000)
                self.assertEqual(status, 413)
            status, headers, body = self.request('DELETE', paths[0])
            self.assertEqual(status, 405)
            self.assertIn(method, headers['Allow'])
            check(json.loads(body), named('Error'))

    def test_values(self):
        call = self.new_call()
        _, lists = self.checked('GET', '/v1/calls', '/v1/calls')
        self.assertNotIn('transcript', lists['calls'][0])
        _, whole = self.checked('GET', '/v1/calls/{id}', '/v1/calls/' + call)
        self.assertEqual(whole['order']['total_cents'], 8046)
        self.assertEqual([line['kind'] for line in whole['transcript']], ['note', 'bot', 'caller', 'tool'])
        _, orders = self.checked('GET', '/v1/orders', '/v1/orders?state=submitted')
        self.assertEqual(len(orders['orders']), 1)
        _, found = self.checked('GET', '/v1/catalogue/search', '/v1/catalogue/search?q=Bogen&limit=3')
        self.assertEqual(len(found['matches']), 3)

    def test_events(self):
        self.new_call()
        events = WebSocket(self.host, self.port, '/v1/events', self.token)
        self.addCleanup(events.close)
        self.assertEqual(events.status, 101)
        messages = [events.read()]
        self.assertEqual(len(messages[0]['calls']), 1)
        self.say('say item_7 Hallo', 'order 10234 3', 'call 1 Neu', 'remove', 'end')
        while messages[-1]['type'] != 'call' or messages[-1]['call']['state'] != 'ended':
            messages.append(events.read())
        self.say('remove')
        while messages[-1]['type'] != 'removed':
            messages.append(events.read())
        for message in messages:
            check(message, named('Event'))
        self.assertEqual({m['type'] for m in messages}, {'snapshot', 'line', 'order', 'call', 'removed'})
        self.assertEqual([m['seq'] for m in messages],
                         list(range(messages[0]['seq'], messages[0]['seq'] + len(messages))))

        again = WebSocket(self.host, self.port, '/v1/events?since=%d&epoch=%s' % (
            messages[1]['seq'], messages[0]['epoch']), self.token)
        self.addCleanup(again.close)
        resumed = again.read()
        check(resumed, named('Event'))
        self.assertEqual(resumed['type'], 'resumed')
        self.assertEqual([again.read() for _ in messages[2:]], messages[2:])

    def test_document_names_every_path(self):
        with open(os.path.join(os.environ['BESTELLBOT_SRCDIR'], 'docs', 'api.md'), encoding='utf-8') as page:
            page = page.read()
        for path in API['paths']:
            self.assertIn(path.replace('{id}', 'ID'), page)


if __name__ == '__main__':
    unittest.main()
