# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Contract: MCP tools, images, semantic VAD."""
from contract_base import SILENCE, SPEECH, Base

SCENARIO = {
    "name": "mcp", "language": "de", "mcp": {"shop": ["stock", "buy"]},
    "turns": [{"hear": "Was ist da?", "steps": [
        {"mcp": {"server": "shop", "name": "stock", "arguments": {"n": 1}, "output": "{\"pieces\": 7}"}},
        {"say": "Es sind {{stock.pieces}} da."}]},
        {"hear": "Und das?", "steps": [
            {"mcp": {"server": "shop", "name": "buy", "error": "down"}}, {"say": "Das geht gerade nicht."}]}],
    "otherwise": {"say": "Gern."}}


def server(**fields):
    return {"type": "mcp", "server_label": "shop", "server_url": "https://example.org/mcp", **fields}


class Mcp(Base):
    def begin(self, *tools):
        client = self.connect(self.simulate(SCENARIO))
        self.update(client, tools=list(tools))
        return client

    def test_tools_are_listed_once(self):
        client = self.begin(server(require_approval="never"))
        item = client.wait_for("conversation.item.done")["item"]
        self.assertEqual([tool["name"] for tool in item["tools"]], ["stock", "buy"])
        self.assertEqual(self.types(client.received)[-4:], [
            "conversation.item.added", "mcp_list_tools.in_progress", "mcp_list_tools.completed",
            "conversation.item.done"])
        self.update(client, instructions="x")
        client.send("response.create")
        client.wait_for("response.done")
        self.assertEqual(self.types(client.received).count("mcp_list_tools.completed"), 1)

    def test_a_server_that_is_not_reached(self):
        client = self.begin({**server(), "server_label": "elsewhere"})
        self.assertIn("item_id", client.wait_for("mcp_list_tools.failed"))

    def test_call_without_approval(self):
        client = self.begin(server(require_approval="never"))
        client.wait_for("mcp_list_tools.completed")
        start = len(client.received)
        self.say_to(client, SPEECH, SILENCE)
        done = client.wait_for("response.done")["response"]
        call = done["output"][-1]
        self.assertEqual((call["type"], call["arguments"], call["output"]),
                         ("mcp_call", "{\"n\":1}", "{\"pieces\": 7}"))
        types = self.types(client.received[start:])
        order = ["response.output_item.added", "response.mcp_call_arguments.delta",
                 "response.mcp_call_arguments.done", "response.mcp_call.in_progress",
                 "response.mcp_call.completed", "response.output_item.done", "response.done"]
        self.assertEqual([type_ for type_ in types if type_ in order], order)
        client.send("response.create")
        done = client.wait_for("response.done")["response"]
        self.assertEqual(done["output"][0]["content"][0]["transcript"], "Es sind 7 da.")
        self.say_to(client, SPEECH, SILENCE)
        client.wait_for("response.mcp_call.failed")
        call = client.wait_for("response.done")["response"]["output"][-1]
        self.assertEqual(call["error"]["message"], "down")

    def approval(self, **fields):
        client = self.begin(server(**fields))
        client.wait_for("mcp_list_tools.completed")
        self.say_to(client, SPEECH, SILENCE)
        item = client.wait_for("response.done")["response"]["output"][-1]
        self.assertEqual((item["type"], item["name"]), ("mcp_approval_request", "stock"))
        return client, item

    def test_approval(self):
        client, item = self.approval()
        self.refused(client, "invalid_value", "conversation.item.create", "item.approval_request_id",
                     item={"type": "mcp_approval_response", "id": "x", "approval_request_id": "none", "approve": True})
        client.send("conversation.item.create", item={
            "type": "mcp_approval_response", "id": "yes", "approval_request_id": item["id"], "approve": True})
        completed = client.wait_for("response.mcp_call.completed")
        done = client.wait_for("conversation.item.done")["item"]
        self.assertEqual((done["id"], done["approval_request_id"]), (completed["item_id"], item["id"]))
        self.refused(client, "invalid_value", "conversation.item.create",
                     item={"type": "mcp_approval_response", "id": "y", "approval_request_id": item["id"], "approve": True})

    def test_approval_by_name_and_denial(self):
        client, item = self.approval(require_approval={"never": {"tool_names": ["buy"]}})
        client.send("conversation.item.create", item={
            "type": "mcp_approval_response", "id": "no", "approval_request_id": item["id"], "approve": False,
            "reason": "nicht heute"})
        client.wait_for("conversation.item.done")
        client.send("response.create")
        client.wait_for("response.done")
        self.assertNotIn("response.mcp_call.in_progress", self.types(client.received))


class Input(Base):
    def test_images_are_accepted(self):
        client = self.connect(self.simulate())
        client.send("conversation.item.create", item={"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "Das hier."},
            {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}]})
        item = client.wait_for("conversation.item.done")["item"]
        self.assertEqual(item["content"][1]["type"], "input_image")
        self.refused(client, "invalid_value", "conversation.item.create", item={
            "type": "message", "role": "assistant", "content": [{"type": "input_image", "image_url": "x"}]})

    def test_semantic_vad(self):
        """The eager one ends the turn sooner."""
        ends = {}
        for eagerness in ("high", "low"):
            client = self.connect(self.simulate())
            session = self.update(client, audio={"input": {"turn_detection": {
                "type": "semantic_vad", "eagerness": eagerness}}})
            self.assertEqual(session["audio"]["input"]["turn_detection"]["eagerness"], eagerness)
            self.say_to(client, SPEECH, SILENCE, SILENCE)
            ends[eagerness] = client.wait_for("input_audio_buffer.speech_stopped")["audio_end_ms"]
            client.wait_for("response.done")
        self.assertGreater(ends["low"], ends["high"] + 500)
        client = self.connect(self.simulate())
        self.refused(client, "unknown_parameter", "session.update", session={
            "type": "realtime", "audio": {"input": {"turn_detection": {
                "type": "semantic_vad", "threshold": 0.5}}}})
