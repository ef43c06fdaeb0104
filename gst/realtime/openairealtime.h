/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:openairealtime
 * @title: Names of openairealtimebin
 *
 * Every property, signal and bus message of `openairealtimebin`, by name. An
 * application uses these constants so that a mistyped name fails at compile
 * time; it needs no other header and links nothing of the plugin.
 */
#pragma once

#define GST_OPENAI_REALTIME_BIN "openairealtimebin"

/* Properties. "writable only": reading gives NULL, so that a key can't leak. */
#define GST_OPENAI_REALTIME_PROP_API_KEY "api-key"                 /* string, writable only; unset: $OPENAI_API_KEY */
#define GST_OPENAI_REALTIME_PROP_KEY_HEADER "key-header"           /* enum bearer, api-key (Azure OpenAI) */
#define GST_OPENAI_REALTIME_PROP_EXTRA_HEADERS "extra-headers"     /* GstStructure of strings, writable only */
#define GST_OPENAI_REALTIME_PROP_BASE_URL "base-url"               /* string; default wss://api.openai.com/v1/realtime */
#define GST_OPENAI_REALTIME_PROP_MODEL "model"                     /* string */
#define GST_OPENAI_REALTIME_PROP_VOICE "voice"                     /* string */
#define GST_OPENAI_REALTIME_PROP_SPEED "speed"                     /* double 0.25..1.5 */
#define GST_OPENAI_REALTIME_PROP_INSTRUCTIONS "instructions"       /* string */
#define GST_OPENAI_REALTIME_PROP_GREETING "greeting"               /* string; spoken first, NULL: the caller begins */
#define GST_OPENAI_REALTIME_PROP_LANGUAGE "language"               /* string, ISO 639-1, for input transcription; several: "de,en" */
#define GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_MODEL "transcription-model" /* string, empty: no transcription */
#define GST_OPENAI_REALTIME_PROP_TRANSCRIPTION_PROMPT "transcription-prompt" /* string; names and words to expect */
#define GST_OPENAI_REALTIME_PROP_ANSWER "answer"                   /* enum speech, text */
#define GST_OPENAI_REALTIME_PROP_MAX_OUTPUT_TOKENS "max-output-tokens" /* uint 1..4096, 0: no limit */
#define GST_OPENAI_REALTIME_PROP_REASONING_EFFORT "reasoning-effort" /* enum default, minimal, low, medium, high, xhigh */
#define GST_OPENAI_REALTIME_PROP_TURN_DETECTION "turn-detection"   /* enum server-vad, semantic-vad, none */
#define GST_OPENAI_REALTIME_PROP_VAD_THRESHOLD "vad-threshold"     /* double 0..1 */
#define GST_OPENAI_REALTIME_PROP_PREFIX_PADDING "prefix-padding"   /* uint, ms */
#define GST_OPENAI_REALTIME_PROP_SILENCE_DURATION "silence-duration" /* uint, ms */
#define GST_OPENAI_REALTIME_PROP_IDLE_TIMEOUT "idle-timeout"       /* uint, ms 5000..30000, 0: none (server-vad) */
#define GST_OPENAI_REALTIME_PROP_EAGERNESS "eagerness"             /* enum auto, low, medium, high (semantic-vad) */
#define GST_OPENAI_REALTIME_PROP_NOISE_REDUCTION "noise-reduction" /* enum none, near-field, far-field */
#define GST_OPENAI_REALTIME_PROP_REVERSIBLE_BARGE_IN "reversible-barge-in" /* bool; default TRUE */
#define GST_OPENAI_REALTIME_PROP_BACKCHANNEL_DURATION "backchannel-duration" /* uint, ms: longer speech is a turn */
#define GST_OPENAI_REALTIME_PROP_BACKCHANNEL_TIMEOUT "backchannel-timeout"   /* uint, ms to wait for a transcript */
#define GST_OPENAI_REALTIME_PROP_BACKCHANNEL_WORDS "backchannel-words"       /* string, separated by commas */
#define GST_OPENAI_REALTIME_PROP_TOOLS "tools"                     /* string, JSON array as in session.tools */
#define GST_OPENAI_REALTIME_PROP_TOOL_CHOICE "tool-choice"         /* string: auto, none, required, a function's name, JSON */
#define GST_OPENAI_REALTIME_PROP_SESSION "session"                 /* string, JSON object merged last into session */
#define GST_OPENAI_REALTIME_PROP_RECONNECT "reconnect"             /* bool */
#define GST_OPENAI_REALTIME_PROP_RENEWAL_LEAD "renewal-lead"             /* bool */
#define GST_OPENAI_REALTIME_PROP_SESSION_LOG "session-log"         /* string, path of a JSON-lines file */
#define GST_OPENAI_REALTIME_PROP_SESSION_LOG_AUDIO "session-log-audio" /* boolean: audio in it, too */
#define GST_OPENAI_REALTIME_PROP_PTIME "ptime"                     /* uint, ms per buffer on src */
#define GST_OPENAI_REALTIME_PROP_CLOCKING "clocking"               /* enum internal (own playout thread), external */
#define GST_OPENAI_REALTIME_PROP_PRICES "prices"                   /* GstStructure: money per million tokens by kind */
#define GST_OPENAI_REALTIME_PROP_MAX_COST "max-cost"               /* double; 0: no limit */
#define GST_OPENAI_REALTIME_PROP_MAX_TOKENS "max-tokens"           /* guint64; 0: no limit */
#define GST_OPENAI_REALTIME_PROP_STATS "stats"                     /* GstStructure, read only */

/* Request pads "transcript_%u", text/x-raw, and their properties. */
#define GST_OPENAI_REALTIME_PAD_TRANSCRIPT "transcript_%u"
#define GST_OPENAI_REALTIME_PAD_PROP_ROLE "role"         /* enum user, assistant, both */
#define GST_OPENAI_REALTIME_PAD_PROP_CAPTIONS "captions" /* enum lines, live */
#define GST_OPENAI_REALTIME_PAD_PROP_USER_PREFIX "user-prefix"           /* string */
#define GST_OPENAI_REALTIME_PAD_PROP_ASSISTANT_PREFIX "assistant-prefix" /* string */
#define GST_OPENAI_REALTIME_PAD_PROP_NEWLINE "newline"                   /* bool */

/* With clocking=external the bin has no thread of its own: whoever paces the
 * output (a media loop) pushes an upstream event of this name into what is
 * linked to the src pad, and exactly one buffer of `ptime` ms comes back down
 * before gst_pad_push_event() returns. The event may be reused. */
#define GST_OPENAI_REALTIME_EVENT_TICK "openai-realtime-tick"

/* The bin tells whoever paces it when speech has come while silence leaves: a
 * downstream out-of-band event of this name, from a thread of the bin's. A tick
 * with the field below set makes a buffer leave only if that is still so, so
 * that the first frame of an answer need not wait for the next deadline. */
#define GST_OPENAI_REALTIME_EVENT_SPEECH "openai-realtime-speech"
#define GST_OPENAI_REALTIME_TICK_SPURT "spurt" /* boolean */

/* Signals, emitted on the main context that was the thread's default when the
 * element was created. The same facts are element messages on the bus. */
#define GST_OPENAI_REALTIME_SIGNAL_CONNECTION "connection"       /* (state, detail) */
#define GST_OPENAI_REALTIME_SIGNAL_TRANSCRIPT "transcript"       /* (role, item_id, text so far, final) */
#define GST_OPENAI_REALTIME_SIGNAL_FUNCTION_CALL "function-call" /* (call_id, name, arguments) */
#define GST_OPENAI_REALTIME_SIGNAL_RESPONSE "response"           /* (state, response_id, status) */
#define GST_OPENAI_REALTIME_SIGNAL_SPEECH "speech"               /* (state, item_id, uint audio_ms) */
#define GST_OPENAI_REALTIME_SIGNAL_PLAYOUT "playout"             /* (state, item_id, uint played_ms) */
#define GST_OPENAI_REALTIME_SIGNAL_USAGE "usage"                 /* (GstStructure) */
#define GST_OPENAI_REALTIME_SIGNAL_RATE_LIMITS "rate-limits"     /* (GstStructure) */
#define GST_OPENAI_REALTIME_SIGNAL_LIMIT "limit" /* (kind, guint64 tokens, double cost, currency) */
#define GST_OPENAI_REALTIME_SIGNAL_MCP "mcp"                     /* (GstStructure): what the service does with MCP tools */
#define GST_OPENAI_REALTIME_SIGNAL_MCP_APPROVAL "mcp-approval"   /* (request_id, server_label, name, arguments) */
#define GST_OPENAI_REALTIME_SIGNAL_ASIDE "aside"                 /* (tag, status, text, output as JSON) */
#define GST_OPENAI_REALTIME_SIGNAL_ITEM "item"                   /* (item_id, JSON of the item with its audio) */

/* Action signals; callable from any thread. */
#define GST_OPENAI_REALTIME_ACTION_SEND_FUNCTION_OUTPUT "send-function-output" /* (call_id, output) */
#define GST_OPENAI_REALTIME_ACTION_SEND_TEXT "send-text"             /* (role, text): adds an item, asks nothing */
#define GST_OPENAI_REALTIME_ACTION_CREATE_RESPONSE "create-response" /* (instructions or NULL) */
#define GST_OPENAI_REALTIME_ACTION_INTERRUPT "interrupt"             /* (): stop button: silence, cancel, truncate */
#define GST_OPENAI_REALTIME_ACTION_SAY "say"                         /* (text): spoken out of band, not in the conversation */
#define GST_OPENAI_REALTIME_ACTION_COMMIT "commit"           /* (bool: and ask for the answer): the turn is over, without VAD */
#define GST_OPENAI_REALTIME_ACTION_CLEAR_INPUT "clear-input" /* (): forget the audio that was not committed */
#define GST_OPENAI_REALTIME_ACTION_SEND_IMAGE "send-image"   /* (GstSample of a PNG or JPEG file, text or NULL) */
#define GST_OPENAI_REALTIME_ACTION_SEND_IMAGE_FILE "send-image-file" /* (path, text or NULL) */
#define GST_OPENAI_REALTIME_ACTION_APPROVE_MCP "approve-mcp" /* (request_id, bool, reason or NULL) */
#define GST_OPENAI_REALTIME_ACTION_ASK_ASIDE "ask-aside"     /* (JSON of response options, bool: let it be heard): tag */
#define GST_OPENAI_REALTIME_ACTION_RETRIEVE_ITEM "retrieve-item" /* (item_id): signal item follows */
#define GST_OPENAI_REALTIME_ACTION_DELETE_ITEM "delete-item" /* (item_id): out of the conversation */
#define GST_OPENAI_REALTIME_ACTION_SEND_EVENT "send-event"           /* (JSON of one client event) */

/* Fields of "stats": guint64 bytes-sent, bytes-received, ms-sent, ms-received,
 * ms-lost, deltas, turn-latency-sum; guint ms-queued, responses, resumptions
 * (pauses after which the answer went on), interruptions, interruption-silence-last and -max (ms from speech_started to the first
 * silent frame), turns, turn-latency-last and -max (ms from speech_stopped to
 * the first frame of the answer), reconnects; of usage: guint64 tokens and
 * tokens-KIND, double transcription-seconds; with prices double cost, string
 * currency, guint64 tokens-without-price. */

/* Values of the string arguments. */
#define GST_OPENAI_REALTIME_CONNECTION_CONNECTING "connecting"
#define GST_OPENAI_REALTIME_CONNECTION_READY "ready"           /* session.updated has come: audio flows */
#define GST_OPENAI_REALTIME_CONNECTION_RECONNECTING "reconnecting"
#define GST_OPENAI_REALTIME_CONNECTION_CLOSED "closed"         /* by us */
#define GST_OPENAI_REALTIME_CONNECTION_FAILED "failed"         /* for good; detail says what to do */

#define GST_OPENAI_REALTIME_ROLE_USER "user"
#define GST_OPENAI_REALTIME_ROLE_ASSISTANT "assistant"
#define GST_OPENAI_REALTIME_ROLE_SYSTEM "system" /* of texts sent, never of a transcript */

#define GST_OPENAI_REALTIME_RESPONSE_CREATED "created"
#define GST_OPENAI_REALTIME_RESPONSE_DONE "done"
/* Status of "done" when the connection was lost before the response was. */
#define GST_OPENAI_REALTIME_STATUS_LOST "lost"

#define GST_OPENAI_REALTIME_SPEECH_STARTED "started"
#define GST_OPENAI_REALTIME_SPEECH_STOPPED "stopped"
#define GST_OPENAI_REALTIME_SPEECH_TIMEOUT "timeout" /* nobody spoke for so long: the model will */
/* One of these follows each "started": with reversible-barge-in when it is known, else at once. */
#define GST_OPENAI_REALTIME_SPEECH_TURN "turn" /* the caller takes the turn: what was said is cut off */
#define GST_OPENAI_REALTIME_SPEECH_BACKCHANNEL "backchannel" /* he doesn't: not part of the conversation */

#define GST_OPENAI_REALTIME_PLAYOUT_STARTED "started"         /* first frame of an utterance left src */
#define GST_OPENAI_REALTIME_PLAYOUT_FINISHED "finished"       /* its last frame left src */
#define GST_OPENAI_REALTIME_PLAYOUT_PAUSED "paused"           /* the caller speaks; what that is will be seen */
#define GST_OPENAI_REALTIME_PLAYOUT_RESUMED "resumed"         /* nothing of importance: it goes on where it stopped */
#define GST_OPENAI_REALTIME_PLAYOUT_INTERRUPTED "interrupted" /* flushed for good; played_ms is what was heard */

#define GST_OPENAI_REALTIME_LIMIT_COST "cost"
#define GST_OPENAI_REALTIME_LIMIT_TOKENS "tokens"

/* Element messages on the bus: the structure's name is
 * GST_OPENAI_REALTIME_MESSAGE_PREFIX + the signal's name, its fields are the
 * signal's arguments by name (usage and rate-limits: the structure itself).
 * The playout message has one more: uint turn_latency_ms when an answer has
 * "started", uint silence_ms when it was "paused" or "interrupted", uint
 * paused_ms when it was "resumed".
 * The message "openai-realtime-error" carries a non-fatal error of the
 * service (type, code, message); fatal ones are GST_MESSAGE_ERROR. */
#define GST_OPENAI_REALTIME_MESSAGE_PREFIX "openai-realtime-"
