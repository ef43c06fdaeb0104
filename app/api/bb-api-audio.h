/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <libsoup/soup.h>

#include "bb-api-metrics.h"
#include "bb-api-tokens.h"
#include "bb-operator.h"

G_BEGIN_DECLS

/**
 * BbApiAudio:
 *
 * One client of /v1/calls/ID/audio: an operator's line over a WebSocket. Sound
 * is 20 ms a binary message, words are JSON. Bounded in both directions: what a
 * slow client does not take is dropped, oldest first, and what a client sends
 * faster than real time is thrown away. When the connection is gone, so is the
 * line, and the bot has the call. Main context only.
 */
typedef struct _BbApiAudio BbApiAudio;
typedef void (*BbApiAudioClosed) (BbApiAudio *audio, gpointer user_data);

/* @token: its name and role count. @closed: free it then. */
BbApiAudio *bb_api_audio_new (BbOperator *oper, BbCall *call, const BbApiToken *token, GIOStream *stream,
                              GSocket *socket, GUri *uri, BbApiFigures *figures, BbApiAudioClosed closed,
                              gpointer user_data);
void bb_api_audio_free (BbApiAudio *self);
const char *bb_api_audio_get_token (BbApiAudio *self);
void bb_api_audio_close (BbApiAudio *self, gushort code, const char *reason);

G_END_DECLS
