# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Contract: turns, responses, items, function calls."""
import base64
import json

from contract_base import COUGH, SILENCE, SPEECH, TOOLS, TOP, Base, tone


class Turns(Base):
    ORDER = [
        "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
        "response.created", "rate_limits.updated", "response.output_item.added", "conversation.item.added",
        "response.content_part.added", "response.output_audio_transcript.delta", "response.output_audio.delta",
        "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
        "response.output_item.done", "conversation.item.done", "response.done"]

    def test_order_of_a_turn(self):
        client = self.connect(self.simulate())
        start = len(client.received)
        self.say_to(client, SILENCE, SPEECH, SILENCE)
        done = client.wait_for("response.done")["response"]
        seen = []
        for type_ in self.types(client.received[start:]):
            if not (type_ in seen and type_.endswith("delta")):
                seen.append(type_)
        self.assertEqual(seen, self.ORDER)
        self.assertEqual((done["status"], done["status_details"]), ("completed", None))
        by_type = {event["type"]: event for event in client.received[start:]}
        started = by_type["input_audio_buffer.speech_started"]
        stopped = by_type["input_audio_buffer.speech_stopped"]
        # 800 ms of silence, then speech: less the prefix padding of 300 ms.
        self.assertAlmostEqual(started["audio_start_ms"], 500, delta=20)
        # 1,700 ms and the silence of 500 ms.
        self.assertAlmostEqual(stopped["audio_end_ms"], 2200, delta=40)
        self.assertEqual(started["item_id"], by_type["input_audio_buffer.committed"]["item_id"])
        transcript = "".join(event["delta"] for event in client.received
                             if event["type"] == "response.output_audio_transcript.delta")
        self.assertEqual(transcript, "Ich habe Sie gehört.")
        self.assertEqual(done["output"][0]["content"][0]["transcript"], transcript)
        self.assertGreater(done["usage"]["output_token_details"]["audio_tokens"], 5)

    def test_a_tone_too_short_is_no_speech(self):
        client = self.connect(self.simulate())
        self.say_to(client, SILENCE, tone(30), SILENCE)
        client.send("input_audio_buffer.clear")
        client.wait_for("input_audio_buffer.cleared")
        self.assertNotIn("input_audio_buffer.speech_started", self.types(client.received))

    def test_transcription_may_come_after_the_response(self):
        scenario = {"transcripts": "after", "turns": [{"hear": "Ja.", "say": "Gut."}]}
        client = self.connect(self.simulate(scenario))
        self.say_to(client, SPEECH, SILENCE)
        done = "conversation.item.input_audio_transcription.completed"
        client.wait_for(done)
        types = self.types(client.received)
        self.assertLess(types.index("response.done"), types.index(done))

    def test_manual_turn(self):
        client = self.connect(self.simulate())
        self.update(client, audio={"input": {"turn_detection": None}})
        self.say_to(client, SPEECH, SILENCE)
        client.send("input_audio_buffer.commit")
        item_id = client.wait_for("input_audio_buffer.committed")["item_id"]
        response, _ = self.respond(client)
        self.assertEqual(response["output"][0]["content"][0]["transcript"], "Ich habe Sie gehört.")
        self.assertNotIn("input_audio_buffer.speech_started", self.types(client.received))
        client.send("conversation.item.retrieve", item_id=item_id)
        audio = client.wait_for("conversation.item.retrieved")["item"]["content"][0]["audio"]
        self.assertEqual(base64.b64decode(audio), SPEECH + SILENCE)

    def test_vad_without_create_response(self):
        client = self.connect(self.simulate())
        self.update(client, audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
        self.say_to(client, SPEECH, SILENCE)
        client.wait_for("input_audio_buffer.committed")
        response, _ = self.respond(client)
        self.assertEqual(response["output"][0]["content"][0]["transcript"], "Ich habe Sie gehört.")
        self.assertEqual(self.types(client.received).count("response.created"), 1)

    def test_formats_each_direction_its_own(self):
        for type_, bytes_per_ms in (("audio/pcmu", 8), ("audio/pcma", 8), ("audio/pcm", 48)):
            with self.subTest(type=type_):
                client = self.connect(self.simulate())
                format_ = {"type": type_, **({"rate": 24000} if type_ == "audio/pcm" else {})}
                self.update(client, audio={"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": format_}})
                # µ-law: loud, then silence
                self.say_to(client, bytes([0x00, 0x80] * (8 * 450)), b"\xff" * (8 * 800))
                response = client.wait_for("response.done")["response"]
                audio = b"".join(base64.b64decode(event["delta"]) for event in client.received
                                 if event["type"] == "response.output_audio.delta")
                self.assertEqual(response["audio"]["output"]["format"], format_)
                self.assertTrue(800 < len(audio) / bytes_per_ms < 3000, len(audio))

    def test_idle_timeout(self):
        client = self.connect(self.simulate())
        self.update(client, audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}}})
        self.respond(client)
        event = None
        while event is None:
            client.append(bytes(4800), 4800)
            try:
                event = client.next(0.1)
            except TimeoutError:
                pass
        self.assertEqual(event["type"], "input_audio_buffer.timeout_triggered")
        self.assertEqual(client.next()["item_id"], event["item_id"])
        self.assertEqual(client.wait_for("response.done")["response"]["status"], "completed")


class Responses(Base):
    LONG = {"turns": [{"hear": "Erzählen Sie.", "say": "Es war einmal ein Fuchs, der wohnte in einem Wald. " * 12},
                      {"hear": "Halt!", "interrupt": True, "say": "Ja bitte?"}],
            "otherwise": {"say": "Wie bitte?"}}

    def begin_long(self, **detection):
        client = self.connect(self.simulate(self.LONG, args=("--speed", "3")))
        if detection:
            self.update(client, audio={"input": {"turn_detection": {"type": "server_vad", **detection}}})
        self.say_to(client, SPEECH, SILENCE)
        client.wait_for("response.output_audio.delta")
        item = client.wait_for("response.output_audio.delta")
        return client, item

    def test_quoted_instructions_are_spoken(self):
        client = self.connect(self.simulate())
        for text in ('Say exactly this and nothing else: "Guten Morgen."', "Sagen Sie: „Guten Morgen.“"):
            response, _ = self.respond(client, instructions=text)
            self.assertEqual(response["output"][0]["content"][0]["transcript"], "Guten Morgen.")

    def test_greeting_then_otherwise(self):
        client = self.connect(self.simulate())
        for words in ("Hallo.", "Wie bitte?"):
            response, _ = self.respond(client)
            self.assertEqual(response["output"][0]["content"][0]["transcript"], words)

    def test_text_only(self):
        client = self.connect(self.simulate())
        response, events = self.respond(client, output_modalities=["text"])
        self.assertEqual(response["output"][0]["content"], [{"type": "output_text", "text": "Hallo."}])
        self.assertIn("response.output_text.done", self.types(events))
        self.assertNotIn("response.output_audio.delta", self.types(events))

    def test_out_of_band(self):
        client = self.connect(self.simulate())
        response, events = self.respond(client, conversation="none", metadata={"for": "note"},
                                        instructions='Say: "Eine Notiz."', input=[])
        self.assertIsNone(response["conversation_id"])
        self.assertEqual(response["metadata"], {"for": "note"})
        self.assertNotIn("conversation.item.added", self.types(events))
        client.send("conversation.item.retrieve", item_id=response["output"][0]["id"])
        self.assertEqual(client.wait_for("error")["error"]["code"], "item_retrieve_invalid_item_id")

    def test_one_active_response_and_one_beside_it(self):
        client, _ = self.begin_long()
        error = self.refused(client, "conversation_already_has_active_response", "response.create")
        self.assertIn("Conversation already has an active response in progress: resp_", error["message"])
        client.send("response.create", response={"conversation": "none", "instructions": 'Say: "Ja."'})
        done = client.wait_for("response.done")["response"]
        self.assertIsNone(done["conversation_id"])
        client.send("response.cancel")
        self.assertEqual(client.wait_for("response.done")["response"]["status"], "cancelled")

    def test_cancel_by_the_client(self):
        client, delta = self.begin_long()
        self.refused(client, "response_cancel_not_active", "response.cancel", response_id="resp_other")
        client.send("response.cancel", response_id=delta["response_id"])
        response = client.wait_for("response.done")["response"]
        self.assertEqual(response["status_details"], {"type": "cancelled", "reason": "client_cancelled"})
        self.assertEqual(response["output"][0]["status"], "incomplete")
        self.assertNotIn("response.output_audio.delta", self.types(client.received[-7:]))

    def test_barge_in(self):
        client, delta = self.begin_long()
        start = len(client.received)
        self.say_to(client, SPEECH, SILENCE)
        response = client.wait_for("response.done")["response"]
        self.assertEqual(response["status_details"], {"type": "cancelled", "reason": "turn_detected"})
        types = self.types(client.received[start:])
        at = types.index("input_audio_buffer.speech_started")
        self.assertEqual(types[at + 1:], [
            "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
            "response.output_item.done", "conversation.item.done", "response.done"])
        client.send("conversation.item.truncate", item_id=delta["item_id"], content_index=0, audio_end_ms=120)
        self.assertEqual(client.wait_for("conversation.item.truncated")["audio_end_ms"], 120)
        response = client.wait_for("response.done")["response"]
        self.assertEqual(response["output"][0]["content"][0]["transcript"], "Ja bitte?")

    def test_interrupt_response_off(self):
        client, _ = self.begin_long(interrupt_response=False)
        self.say_to(client, SPEECH, SILENCE)
        error = client.wait_for("error")["error"]
        self.assertEqual(error["code"], "conversation_already_has_active_response")
        self.assertIsNone(error["event_id"])
        client.send("response.cancel")
        client.wait_for("response.done")
        # What was heard in between is answered when the client asks for it.
        response, _ = self.respond(client)
        self.assertEqual(response["output"][0]["content"][0]["transcript"], "Ja bitte?")

    def test_a_cough_costs_no_turn(self):
        scenario = {"turns": [{"hear": "Ich brauche etwas.", "min_ms": 400, "say": "Gern."}],
                    "otherwise": {"say": "Wie bitte?"}}
        client = self.connect(self.simulate(scenario))
        for sound, answer in ((COUGH, "Wie bitte?"), (SPEECH, "Gern.")):
            self.say_to(client, sound, SILENCE)
            response = client.wait_for("response.done")["response"]
            self.assertEqual(response["output"][0]["content"][0]["transcript"], answer)

    def test_max_output_tokens(self):
        client = self.connect(self.simulate())
        response, events = self.respond(client, max_output_tokens=10,
                                        instructions='Say: "Das ist ein recht langer Satz, der nicht zu Ende kommt."')
        self.assertEqual(response["status_details"], {"type": "incomplete", "reason": "max_output_tokens"})
        audio = sum(len(base64.b64decode(event["delta"])) for event in events
                    if event["type"] == "response.output_audio.delta")
        self.assertEqual(audio, 10 * 50 * 48)


class Items(Base):
    def message(self, text, **fields):
        return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}

    def test_create_in_any_place(self):
        client = self.connect(self.simulate())
        for item_id, previous in (("b", None), ("c", "b"), ("a", "root")):
            client.send("conversation.item.create", item=self.message("x", id=item_id),
                        **({"previous_item_id": previous} if previous else {}))
            added, done = client.wait_for("conversation.item.added"), client.wait_for("conversation.item.done")
            self.assertEqual(added["item"], done["item"])
            self.assertEqual(added["previous_item_id"], {"b": None, "c": "b", "a": None}[item_id])
        self.refused(client, "item_create_duplicate_item_id", "conversation.item.create",
                     item=self.message("x", id="a"))

    def test_delete(self):
        client = self.connect(self.simulate())
        client.send("conversation.item.create", item=self.message("x", id="a"))
        client.send("conversation.item.delete", item_id="a")
        self.assertEqual(client.wait_for("conversation.item.deleted")["item_id"], "a")
        self.refused(client, "item_retrieve_invalid_item_id", "conversation.item.retrieve", item_id="a")

    def test_truncate_keeps_to_what_there_is(self):
        client = self.connect(self.simulate())
        response, events = self.respond(client)
        item_id = response["output"][0]["id"]
        ms = sum(len(base64.b64decode(event["delta"])) for event in events
                 if event["type"] == "response.output_audio.delta") // 48
        place = {"item_id": item_id, "content_index": 0}
        error = self.refused(client, "invalid_value", "conversation.item.truncate", **place, audio_end_ms=ms + 1)
        self.assertEqual(error["message"], f"Audio content of {ms}ms is already shorter than {ms + 1}ms")
        client.send("conversation.item.truncate", **place, audio_end_ms=200)
        client.wait_for("conversation.item.truncated")
        client.send("conversation.item.retrieve", item_id=item_id)
        part = client.wait_for("conversation.item.retrieved")["item"]["content"][0]
        self.assertEqual(len(base64.b64decode(part["audio"])), 200 * 48)
        self.assertNotIn("transcript", part)

    def test_only_audio_of_the_model_is_truncated(self):
        client = self.connect(self.simulate())
        client.send("conversation.item.create", item=self.message("x", id="a"))
        error = self.refused(client, "unsupported_content_type", "conversation.item.truncate",
                             item_id="a", content_index=0, audio_end_ms=0)
        self.assertEqual(error["message"], "Only model output audio messages can be truncated")

    def test_user_audio_may_be_created(self):
        client = self.connect(self.simulate())
        audio = base64.b64encode(COUGH).decode()
        client.send("conversation.item.create", item={"id": "a", "type": "message", "role": "user", "content": [
            {"type": "input_audio", "audio": audio}]})
        self.assertNotIn("audio", client.wait_for("conversation.item.added")["item"]["content"][0])
        client.send("conversation.item.retrieve", item_id="a")
        self.assertEqual(client.wait_for("conversation.item.retrieved")["item"]["content"][0]["audio"], audio)


class Calls(Base):
    def answer(self, client, call, result):
        client.send("conversation.item.create", item={"type": "function_call_output", "call_id": call["call_id"],
                                                      "output": json.dumps(result)})

    def test_parallel_calls_then_words_from_their_results(self):
        scenario = {"turns": [{
            "hear": "Was kosten Bögen und Rohre?",
            "call": [{"name": "search_products", "arguments": {"query": "Bögen"}, "as": "first"},
                     {"name": "search_products", "arguments": {"query": "Rohre"}, "as": "second"}],
            "say": "{{first.results.0.name}} kostet {{first.results.0.price|price}}, {{second.results|list:name}}."}]}
        client = self.connect(self.simulate(scenario))
        self.update(client, tools=TOOLS)
        self.say_to(client, SPEECH, SILENCE)
        response = client.wait_for("response.done")["response"]
        calls = response["output"]
        self.assertEqual([call["type"] for call in calls], ["function_call"] * 2)
        self.assertEqual([json.loads(call["arguments"]) for call in calls], [{"query": "Bögen"}, {"query": "Rohre"}])
        deltas = "".join(event["delta"] for event in client.received
                         if event["type"] == "response.function_call_arguments.delta"
                         and event["item_id"] == calls[0]["id"])
        self.assertEqual(deltas, calls[0]["arguments"])
        self.answer(client, calls[1], {"ok": True, "results": [{"name": "Rohr A"}, {"name": "Rohr B"}]})
        self.answer(client, calls[0], {"ok": True, "results": [{"name": "Bogen 15 mm", "price": 2.5}]})
        response, _ = self.respond(client)
        self.assertEqual(response["output"][0]["content"][0]["transcript"],
                         "Bogen 15 mm kostet 2,50 Euro, Rohr A und Rohr B.")

    def test_a_tool_that_was_not_declared_is_not_called(self):
        scenario = {"turns": [{"hear": "x", "call": {"name": "list_groups"}, "say": "Gut."}]}
        client = self.connect(self.simulate(scenario))
        self.say_to(client, SPEECH, SILENCE)
        self.assertEqual(client.wait_for("response.done")["response"]["output"], [])

    def test_the_order_dialogue(self):
        client = self.connect(self.simulate("order"))
        self.update(client, tools=TOOLS)
        names = ["T-Stück Kupfer 15 mm", "Press-T-Stück Edelstahl 15 mm"]
        results = {
            "search_products": {"ok": True, "results": [{"number": "10113", "name": name} for name in names]},
            "add_to_order": {"ok": True, "line": {}, "total": 30.4},
            "read_order": {"ok": True, "text": "Zwanzig T-Stücke, zehn Bögen."},
            "submit_order": {"ok": True, "order_number": "4711"}}
        called, said = [], []
        for _ in range(6):
            self.say_to(client, SPEECH, SILENCE)
            while True:
                response = client.wait_for("response.done")["response"]
                calls = [item for item in response["output"] if item["type"] == "function_call"]
                said += [item["content"][0]["transcript"] for item in response["output"] if item["type"] == "message"]
                if not calls:
                    break
                for call in calls:
                    called.append((call["name"], json.loads(call["arguments"])))
                    self.answer(client, call, results[call["name"]])
                client.send("response.create")
        self.assertEqual([name for name, _ in called], [
            "search_products", "add_to_order", "search_products", "add_to_order", "read_order",
            "submit_order"])
        self.assertEqual(called[1][1], {"number": "10113", "quantity": 20})
        self.assertEqual(called[3][1], {"number": "10113", "quantity": 10})
        self.assertIn("T-Stück Kupfer 15 mm und Press-T-Stück Edelstahl 15 mm", said[0])
        self.assertEqual(said[3], "Zwanzig T-Stücke, zehn Bögen. Soll ich das so bestellen?")
        self.assertTrue(said[4].endswith("4 7 1 1."))
        self.assertEqual(len(said), 6)

    def test_a_conversation_put_back_goes_on_where_it_was(self):
        client = self.connect(self.simulate("order"))
        self.update(client, tools=TOOLS)
        hears = [turn["hear"] for turn in json.loads((TOP / "data/scenarios/order.json").read_text())["turns"]]
        say = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "…"}]}
        for item in (
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": hears[0]}]},
                {"type": "function_call", "call_id": "c1", "name": "search_products", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c1",
                 "output": json.dumps({"ok": True, "results": [{"number": "7", "name": "T"}]})},
                say,
                {"type": "message", "role": "user", "content": [{"type": "input_text", "text": hears[1]}]}):
            client.send("conversation.item.create", item=item)
            self.assertEqual(client.wait_for("conversation.item.done", "error")["type"], "conversation.item.done")
        response, _ = self.respond(client)
        call = response["output"][0]
        self.assertEqual((call["name"], json.loads(call["arguments"])),
                         ("add_to_order", {"number": "7", "quantity": 20}))
