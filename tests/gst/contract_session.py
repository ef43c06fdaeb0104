# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Contract: connection, session, refusals."""
from contract_base import RealtimeClient, SILENCE, SPEECH, TOOLS, Base
from peers.websocket_client import Closed, Refused


class Connection(Base):
    def test_session_created_comes_first_and_shows_defaults(self):
        client = self.connect(self.simulate(), update=False)
        session = client.next()["session"]
        self.assertEqual(session["audio"]["input"]["turn_detection"]["type"], "server_vad")
        self.assertEqual(session["model"], "gpt-realtime")
        self.assertIn("expires_at", session)

    def test_a_key_is_needed(self):
        with self.assertRaises(Refused) as refused:
            self.connect(self.simulate(), update=False, key=None)
        self.assertEqual(refused.exception.status, 401)

    def test_the_required_key_is_checked(self):
        simulator = self.simulate(args=("--require-key", "right"))
        with self.assertRaises(Refused) as refused:
            self.connect(simulator, update=False, key="wrong")
        self.assertEqual(refused.exception.status, 401)
        self.connect(simulator, key="right")

    def test_beta_is_refused_with_4000(self):
        client = self.connect(self.simulate(), update=False, headers=[("OpenAI-Beta", "realtime=v1")])
        self.assertEqual(client.next()["error"]["code"], "beta_api_shape_disabled")
        with self.assertRaises(Closed) as closed:
            client.next()
        self.assertEqual(closed.exception.code, 4000)

    def test_another_path_is_not_found(self):
        simulator = self.simulate()
        with self.assertRaises(Refused) as refused:
            RealtimeClient(simulator.url.replace("/v1/", "/v9/"))
        self.assertEqual(refused.exception.status, 404)

    def test_sessions_share_nothing(self):
        simulator = self.simulate()
        one, two = self.connect(simulator), self.connect(simulator)
        self.update(one, instructions="one")
        self.assertNotEqual(self.update(two)["instructions"], "one")

    def test_expiry_ends_with_1001(self):
        client = self.connect(self.simulate(args=("--session-seconds", "1")))
        self.assertEqual(client.wait_for("error")["error"]["code"], "session_expired")
        with self.assertRaises(Closed) as closed:
            client.next()
        self.assertEqual(closed.exception.code, 1001)


class Session(Base):
    def test_only_what_is_sent_changes(self):
        client = self.connect(self.simulate())
        self.update(client, instructions="Be brief.", tools=TOOLS)
        session = self.update(client, audio={"input": {"turn_detection": {"type": "server_vad",
                                                                         "silence_duration_ms": 300}}})
        detection = session["audio"]["input"]["turn_detection"]
        self.assertEqual(session["instructions"], "Be brief.")
        self.assertEqual(len(session["tools"]), len(TOOLS))
        self.assertEqual((detection["silence_duration_ms"], detection["prefix_padding_ms"]), (300, 300))
        session = self.update(client, instructions="", tools=[], audio={"input": {"turn_detection": None}})
        self.assertEqual((session["instructions"], session["tools"]), ("", []))
        self.assertIsNone(session["audio"]["input"]["turn_detection"])

    def test_nothing_of_a_rejected_update_is_applied(self):
        client = self.connect(self.simulate())
        self.refused(client, "unknown_parameter", "session.update", "session.voice",
                     session={"type": "realtime", "instructions": "changed", "voice": "marin"})
        self.assertNotEqual(self.update(client)["instructions"], "changed")

    def test_voice_is_fixed_once_it_was_heard(self):
        client = self.connect(self.simulate())
        self.update(client, audio={"output": {"voice": "cedar"}})
        self.respond(client)
        self.refused(client, "cannot_update_voice", "session.update",
                     session={"type": "realtime", "audio": {"output": {"voice": "marin"}}})
        self.update(client, audio={"output": {"voice": "cedar"}})

    def test_the_model_is_fixed(self):
        client = self.connect(self.simulate())
        self.refused(client, "invalid_value", "session.update", "session.model",
                     session={"type": "realtime", "model": "gpt-realtime-2"})

    def test_a_transcription_session_never_responds(self):
        client = self.connect(self.simulate(), update=False)
        client.send("session.update", session={
            "type": "transcription", "audio": {"input": {"transcription": {"model": "whisper-1"}}}})
        session = client.wait_for("session.updated")["session"]
        self.assertEqual(session["object"], "realtime.transcription_session")
        self.say_to(client, SPEECH, SILENCE)
        client.wait_for("conversation.item.input_audio_transcription.completed")
        self.assertNotIn("response.created", self.types(client.received))
        self.refused(client, "invalid_value", "response.create")


class Refusals(Base):
    """Each client event with wrong fields: code and param as the service says."""

    WRONG = [
        ("missing_required_parameter", "session", "session.update", {}),
        ("missing_required_parameter", "session.type", "session.update", {"session": {}}),
        ("invalid_value", "session.type", "session.update", {"session": {"type": "beta"}}),
        ("unknown_parameter", "session.modalities", "session.update",
         {"session": {"type": "realtime", "modalities": ["audio"]}}),
        ("unknown_parameter", "session.temperature", "session.update",
         {"session": {"type": "realtime", "temperature": 0.8}}),
        ("unknown_parameter", "session.input_audio_format", "session.update",
         {"session": {"type": "realtime", "input_audio_format": "pcm16"}}),
        ("invalid_type", "session.audio.input.turn_detection.create_response", "session.update",
         {"session": {"type": "realtime", "audio": {"input": {"turn_detection": {
             "type": "server_vad", "create_response": None}}}}}),
        ("invalid_type", "session.instructions", "session.update",
         {"session": {"type": "realtime", "instructions": 7}}),
        ("missing_required_parameter", "session.audio.input.turn_detection.type", "session.update",
         {"session": {"type": "realtime", "audio": {"input": {"turn_detection": {}}}}}),
        ("unknown_parameter", "session.audio.input.turn_detection.threshold", "session.update",
         {"session": {"type": "realtime", "audio": {"input": {"turn_detection": {
             "type": "semantic_vad", "threshold": 0.5}}}}}),
        ("invalid_value", "session.audio.input.format.type", "session.update",
         {"session": {"type": "realtime", "audio": {"input": {"format": {"type": "audio/opus"}}}}}),
        ("integer_below_min_value", "session.audio.input.format.rate", "session.update",
         {"session": {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}}}),
        ("decimal_above_max_value", "session.audio.output.speed", "session.update",
         {"session": {"type": "realtime", "audio": {"output": {"speed": 2}}}}),
        ("integer_below_min_value", "session.audio.input.turn_detection.idle_timeout_ms", "session.update",
         {"session": {"type": "realtime", "audio": {"input": {"turn_detection": {
             "type": "server_vad", "idle_timeout_ms": 100}}}}}),
        ("unknown_parameter", "session.tools[0].function", "session.update",
         {"session": {"type": "realtime", "tools": [{"type": "function", "name": "x", "function": {}}]}}),
        ("missing_required_parameter", "session.tools[0].name", "session.update",
         {"session": {"type": "realtime", "tools": [{"type": "function"}]}}),
        ("array_above_max_length", "session.output_modalities", "session.update",
         {"session": {"type": "realtime", "output_modalities": ["text", "audio"]}}),
        ("unknown_parameter", "session.audio.output", "session.update",
         {"session": {"type": "transcription", "audio": {"output": {}}}}),
        ("missing_required_parameter", "audio", "input_audio_buffer.append", {}),
        ("invalid_type", "audio", "input_audio_buffer.append", {"audio": 1}),
        ("invalid_value", "audio", "input_audio_buffer.append", {"audio": "%%%%"}),
        ("unknown_parameter", "rate", "input_audio_buffer.append", {"audio": "AAAA", "rate": 8000}),
        ("unknown_parameter", "x", "input_audio_buffer.commit", {"x": 1}),
        ("input_audio_buffer_commit_empty", None, "input_audio_buffer.commit", {}),
        ("unknown_parameter", "x", "input_audio_buffer.clear", {"x": 1}),
        ("missing_required_parameter", "item", "conversation.item.create", {}),
        ("missing_required_parameter", "item.type", "conversation.item.create", {"item": {}}),
        ("invalid_value", "item.type", "conversation.item.create", {"item": {"type": "note"}}),
        ("invalid_value", "item.role", "conversation.item.create",
         {"item": {"type": "message", "role": "tool", "content": []}}),
        ("invalid_value", "item.content[0].type", "conversation.item.create",
         {"item": {"type": "message", "role": "user", "content": [{"type": "text", "text": "x"}]}}),
        ("invalid_value", "item.content[0].type", "conversation.item.create",
         {"item": {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "transcript": "x"}]}}),
        ("missing_required_parameter", "item.output", "conversation.item.create",
         {"item": {"type": "function_call_output", "call_id": "call_x"}}),
        ("invalid_type", "item.output", "conversation.item.create",
         {"item": {"type": "function_call_output", "call_id": "call_x", "output": {"a": 1}}}),
        ("invalid_tool_call_id", "item.call_id", "conversation.item.create",
         {"item": {"type": "function_call_output", "call_id": "call_x", "output": "{}"}}),
        ("item_create_invalid_previous_item_id", "previous_item_id", "conversation.item.create",
         {"previous_item_id": "nobody", "item": {"type": "message", "role": "user", "content": []}}),
        ("missing_required_parameter", "item_id", "conversation.item.retrieve", {}),
        ("item_retrieve_invalid_item_id", "item_id", "conversation.item.retrieve", {"item_id": "nobody"}),
        ("missing_required_parameter", "item_id", "conversation.item.truncate",
         {"content_index": 0, "audio_end_ms": 0}),
        ("missing_required_parameter", "audio_end_ms", "conversation.item.truncate",
         {"item_id": "x", "content_index": 0}),
        ("invalid_type", "audio_end_ms", "conversation.item.truncate",
         {"item_id": "x", "content_index": 0, "audio_end_ms": 1.5}),
        ("integer_below_min_value", "audio_end_ms", "conversation.item.truncate",
         {"item_id": "x", "content_index": 0, "audio_end_ms": -1}),
        ("item_truncate_invalid_item_id", "item_id", "conversation.item.truncate",
         {"item_id": "nobody", "content_index": 0, "audio_end_ms": 0}),
        ("invalid_type", "item_id", "conversation.item.delete", {"item_id": None}),
        ("item_delete_invalid_item_id", "item_id", "conversation.item.delete", {"item_id": "nobody"}),
        ("unknown_parameter", "response.modalities", "response.create", {"response": {"modalities": ["text"]}}),
        ("unknown_parameter", "response.voice", "response.create", {"response": {"voice": "marin"}}),
        ("invalid_value", "response.conversation", "response.create", {"response": {"conversation": "mine"}}),
        ("invalid_type", "response.metadata.n", "response.create", {"response": {"metadata": {"n": 1}}}),
        ("integer_above_max_value", "response.max_output_tokens", "response.create",
         {"response": {"max_output_tokens": 9999}}),
        ("unknown_parameter", "reason", "response.cancel", {"reason": "x"}),
        ("response_cancel_not_active", None, "response.cancel", {}),
        ("invalid_value", "type", "output_audio_buffer.clear", {}),
        ("invalid_value", "type", "transcription_session.update", {"session": {}}),
        ("invalid_value", "type", "session.destroy", {}),
    ]

    def test_each(self):
        client = self.connect(self.simulate())
        for code, param, type_, fields in self.WRONG:
            with self.subTest(type=type_, param=param):
                error = self.refused(client, code, type_, **fields)
                self.assertEqual((error["type"], error["param"]), ("invalid_request_error", param))
        self.update(client)  # it lives

    def test_what_is_no_event(self):
        client = self.connect(self.simulate())
        for text in ("{", "[]", "7", '"session.update"', "{}", '{"event_id":"x"}', "null", "", '{"type":' + "[" * 100000):
            with self.subTest(text=text[:40]):
                client.send_text(text)
                self.assertEqual(client.wait_for("error")["error"]["code"], "invalid_event")
        client.send_text('{"type":7}')
        self.assertEqual(client.wait_for("error")["error"]["code"], "invalid_type")
        client.send_frame(2, b"\0\1\2")
        self.assertEqual(client.wait_for("error")["error"]["code"], "invalid_event")

    def test_every_client_event_is_refused_somehow(self):
        self.assertLessEqual({
            "session.update", "input_audio_buffer.append", "input_audio_buffer.commit",
            "input_audio_buffer.clear", "conversation.item.create", "conversation.item.retrieve",
            "conversation.item.truncate", "conversation.item.delete", "response.create", "response.cancel",
        }, {type_ for _, _, type_, _ in self.WRONG})
