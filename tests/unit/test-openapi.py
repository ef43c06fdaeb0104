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


def resolved(node):
    """What a reference in the description stands for."""
    while '$ref' in node:
        name = node['$ref']
        node = API
        for part in name.split('/')[1:]:
            node = node[part]
    return node


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
        self.order_id, _, self.past = subprocess.run(
            [PEER, 'orders', database], capture_output=True, text=True,
            check=True, timeout=DEADLINE).stdout.split()
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

    def request(self, method, path, token=True, body=None, kind='application/json'):
        """@token: True, the first one; a text, that one; False, none."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=DEADLINE)
        headers = {'Authorization': 'Bearer ' + (self.token if token is True else token)} if token else {}
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        if body is not None:
            headers['Content-Type'] = kind
        connection.request(method, path, headers=headers, body=body)
        reply = connection.getresponse()
        result = reply.status, reply.headers, reply.read()
        connection.close()
        return result

    def checked(self, method, pattern, path, **more):
        """The reply to a request, when it is one of those that the description names."""
        status, headers, body = self.request(method, path, **more)
        operation = API['paths'][pattern][method.lower()]
        described = operation['responses']
        self.assertIn(str(status), described, '%s %s: %s' % (method, path, body))
        if status < 300 and isinstance(more.get('body'), dict):
            # What was taken is what may be sent.
            check(more['body'], operation['requestBody']['content']['application/json']['schema'])
        kind = headers['Content-Type'].split(';')[0]
        content = resolved(described[str(status)])['content']
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
        calls, order = '/v1/calls/' + call, '/v1/orders/' + self.order_id
        # For each operation: requests that are answered, and with what status.
        wanted = {
            ('GET', '/healthz'): [('/healthz', None, 200)],
            ('GET', '/readyz'): [('/readyz', None, 200)],
            ('GET', '/metrics'): [('/metrics', None, 200)],
            ('GET', '/v1/me'): [('/v1/me', None, 200)],
            ('GET', '/v1/events'): [('/v1/events', None, 426)],
            ('GET', '/v1/calls'): [('/v1/calls', None, 200)],
            ('GET', '/v1/calls/{id}'): [(calls, None, 200), ('/v1/calls/none', None, 404)],
            ('GET', '/v1/calls/{id}/audio'): [(calls + '/audio', None, 426),
                                             ('/v1/calls/none/audio', None, 404)],
            ('POST', '/v1/calls/{id}/answer'): [(calls + '/answer', None, 202),
                                               (calls + '/answer', {'by': 'operator'}, 202),
                                               (calls + '/answer', {'by': 'me'}, 400)],
            ('POST', '/v1/calls/{id}/refuse'): [(calls + '/refuse', None, 202),
                                               (calls + '/refuse', {'why': 'so'}, 400)],
            ('POST', '/v1/calls/{id}/transfer'): [(calls + '/transfer', None, 202),
                                                 (calls + '/transfer', {'target': 'sip:a@b'}, 202),
                                                 (calls + '/transfer', {'target': 7}, 400)],
            ('POST', '/v1/calls/{id}/mode'): [(calls + '/mode', {'mode': 'take-over'}, 202),
                                             (calls + '/mode', {'mode': 'shout'}, 400),
                                             (calls + '/mode', None, 400)],
            ('POST', '/v1/calls/{id}/whisper'): [(calls + '/whisper', {'text': 'leiser', 'respond': True}, 202),
                                                (calls + '/whisper', {'text': ''}, 400),
                                                (calls + '/whisper', {'text': 'x' * 2001}, 400),
                                                ('/v1/calls/none/whisper', {'text': 'x'}, 404)],
            ('POST', '/v1/calls/{id}/note'): [(calls + '/note', {'text': 'Rückruf'}, 202)],
            ('GET', '/v1/orders'): [('/v1/orders', None, 200), ('/v1/orders?lines=true', None, 200),
                                    ('/v1/orders?state=draft&limit=1&q=M%C3%BCller', None, 200),
                                    ('/v1/orders?since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z', None, 200),
                                    ('/v1/orders?limit=0', None, 400), ('/v1/orders?since=gestern', None, 400)],
            ('GET', '/v1/orders/export'): [('/v1/orders/export', None, 200),
                                           ('/v1/orders/export?format=json', None, 200),
                                           ('/v1/orders/export?format=xml', None, 400)],
            ('GET', '/v1/orders/{id}'): [(order, None, 200), ('/v1/orders/none', None, 404)],
            ('POST', '/v1/orders/{id}/add'): [(order + '/add', {'product_number': '11113', 'quantity': 20}, 200),
                                             (order + '/add', {'product_number': 'none', 'quantity': 1}, 422),
                                             (order + '/add', {'product_number': '11113', 'quantity': 0}, 400),
                                             (order + '/add', {'product_number': '11113', 'quantity': 1, 'x': 1}, 400),
                                             ('/v1/orders/none/add', {'product_number': '1', 'quantity': 1}, 404)],
            ('POST', '/v1/orders/{id}/change'): [(order + '/change', {'product_number': '11113', 'quantity': 40}, 200),
                                                (order + '/change', {'product_number': '11114', 'quantity': 4}, 422)],
            ('POST', '/v1/orders/{id}/remove'): [(order + '/remove', {'product_number': '10234'}, 200),
                                                (order + '/remove', {'product_number': '10234'}, 422)],
            ('POST', '/v1/orders/{id}/note'): [(order + '/note', {'text': 'Tor 3'}, 200)],
            ('POST', '/v1/orders/{id}/approve'): [(order + '/approve', None, 200), (order + '/approve', None, 200)],
            ('POST', '/v1/orders/{id}/cancel'): [(order + '/cancel', None, 200), (order + '/cancel', None, 409)],
            ('GET', '/v1/catalogue/search'): [('/v1/catalogue/search?q=Bogen', None, 200),
                                              ('/v1/catalogue/search', None, 400)],
            ('GET', '/v1/history'): [('/v1/history', None, 200), ('/v1/history?q=st%C3%BCcke', None, 200),
                                     ('/v1/history?limit=501', None, 400)],
            ('GET', '/v1/history/{id}'): [('/v1/history/' + self.past, None, 200), ('/v1/history/none', None, 404)],
            ('GET', '/v1/history/{id}/recording'): [('/v1/history/' + self.past + '/recording', None, 200),
                                                    ('/v1/history/none/recording', None, 404)],
            ('GET', '/v1/settings'): [('/v1/settings', None, 200)],
            ('POST', '/v1/settings'): [('/v1/settings', {'max_calls': 5, 'notice': 'Freitag zu'}, 200),
                                       ('/v1/settings', {'max_calls': 0}, 400), ('/v1/settings', {}, 400),
                                       ('/v1/settings', {'port': 1}, 400)],
            ('GET', '/v1/tokens'): [('/v1/tokens', None, 200)],
            ('POST', '/v1/tokens'): [('/v1/tokens', {'name': 'wand', 'role': 'watch'}, 201),
                                     ('/v1/tokens', {'name': 'wand', 'role': 'watch'}, 409),
                                     ('/v1/tokens', {'name': 'a b', 'role': 'watch'}, 400),
                                     ('/v1/tokens', {'name': 'x', 'role': 'root'}, 400)],
            ('POST', '/v1/tokens/{id}/revoke'): [('/v1/tokens/wand/revoke', None, 200),
                                                 ('/v1/tokens/wand/revoke', None, 404),
                                                 ('/v1/tokens/admin/revoke', None, 409)],
            ('POST', '/v1/calls/{id}/hangup'): [(calls + '/hangup', None, 202), (calls + '/hangup', None, 202),
                                               ('/v1/calls/x/hangup', None, 404)],
        }
        described = {(method.upper(), path) for path, methods in API['paths'].items() for method in methods}
        self.assertEqual(described, set(wanted))
        roles = {role: self.checked('POST', '/v1/tokens', '/v1/tokens', body={'name': role + '-1', 'role': role})
                 [1]['token'] for role in ('watch', 'operate', 'admin')}
        for (method, pattern), requests in wanted.items():
            operation = API['paths'][pattern][method.lower()]
            is_open = operation.get('security') == []
            path = requests[0][0]
            # Without the token, and with each role: only where it says so.
            self.assertEqual(self.checked(method, pattern, path, token=False)[0] != 401, is_open, pattern)
            for role, token in roles.items():
                may = is_open or list(roles).index(role) >= list(roles).index(operation['x-role'])
                if not may:
                    status, reply = self.checked(method, pattern, path, token=token)
                    self.assertEqual((status, reply['error']['code']), (403, 'forbidden'), (pattern, role))
                    self.assertIn(operation['x-role'], reply['error']['message'])
            self.assertNotEqual(self.checked(method, pattern, path, token=roles.get(
                operation.get('x-role'), False), body=requests[0][1])[0], 403, pattern)
        self.stop()
        self.setUp()
        call = self.new_call()
        for (method, pattern), requests in wanted.items():
            for path, body, status in requests:
                path = path.replace(calls, '/v1/calls/' + call).replace(order, '/v1/orders/' + self.order_id)
                if 'history/' in path and 'none' not in path:
                    path = '/v1/history/' + self.past + ('/recording' if 'recording' in path else '')
                self.assertEqual(self.checked(method, pattern, path, body=body)[0], status, (path, body))
            if method == 'POST':
                status, _ = self.checked(method, pattern, path, body=b'x' * 70000)
                self.assertEqual(status, 413)
                status, _ = self.checked(method, pattern, path, body=b'text=x', kind='text/plain')
                self.assertIn(status, (415,) if 'revoke' not in pattern else (404, 409))
                status, _ = self.checked(method, pattern, path, body=b'{"text":')
                self.assertIn(status, (400,) if 'revoke' not in pattern else (404, 409))
            status, headers, body = self.request('DELETE', path)
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
        _, metrics = self.checked('GET', '/metrics', '/metrics')
        names = [line.split()[2] for line in metrics.splitlines() if line.startswith('# HELP')]
        self.assertGreater(len(names), 20)
        for name in names:
            self.assertIn('`%s`' % name, page)
        for name in API['components']['schemas']['Settings']['properties']:
            self.assertIn('`%s`' % name, page)


if __name__ == '__main__':
    unittest.main()
