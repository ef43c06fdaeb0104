/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What may wait for a client behind the message being sent; more, and it is dropped. */
#define BB_API_PEER_QUEUE_BYTES (8 * 1024 * 1024)
#define BB_API_PEER_QUEUE_MESSAGES 8192

/* Frames of sound that may wait: half a second; then the oldest go. */
#define BB_API_PEER_QUEUE_FRAMES 25

typedef struct _BbApiPeer BbApiPeer;
typedef void (*BbApiPeerClosed) (BbApiPeer *peer, gpointer user_data);
/* @is_binary: else text, UTF-8 */
typedef void (*BbApiPeerMessage) (BbApiPeer *peer, GBytes *message, gboolean is_binary, gpointer user_data);

typedef enum
{
  BB_API_PEER_EVENTS, /* what waits is all sent, or the client is dropped */
  BB_API_PEER_AUDIO   /* sound must be fresh: little is given to the network at a time */
} BbApiPeerKind;

/* Ends a connection at once, whatever is unread or unsent. */
void bb_api_socket_abort (GSocket *socket);

BbApiPeer *bb_api_peer_new (BbApiPeerKind kind, GIOStream *stream, GSocket *socket, GUri *uri,
                            BbApiPeerMessage message, BbApiPeerClosed closed, gpointer user_data);
void bb_api_peer_free (BbApiPeer *self);
/* Ends it with a code of RFC 6455 section 7.4 and a reason of at most 120 bytes;
 * "closed" follows. */
void bb_api_peer_close (BbApiPeer *self, gushort code, const char *reason);
void bb_api_peer_send (BbApiPeer *self, GBytes *text);
/* A binary message; the oldest of them is dropped when too many wait. */
void bb_api_peer_send_frame (BbApiPeer *self, GBytes *frame);
guint bb_api_peer_get_n_dropped (BbApiPeer *self); /* frames */
guint bb_api_peer_get_n_waiting (BbApiPeer *self); /* messages */

G_END_DECLS
