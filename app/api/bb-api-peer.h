/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What may wait for a client behind the message being sent; more, and it is dropped. */
#define BB_API_PEER_QUEUE_BYTES (8 * 1024 * 1024)
#define BB_API_PEER_QUEUE_MESSAGES 8192

typedef struct _BbApiPeer BbApiPeer;
typedef void (*BbApiPeerClosed) (BbApiPeer *peer, gpointer user_data);

/* Ends a connection at once, whatever is unread or unsent. */
void bb_api_socket_abort (GSocket *socket);

BbApiPeer *bb_api_peer_new (GIOStream *stream, GSocket *socket, GUri *uri, BbApiPeerClosed closed, gpointer user_data);
void bb_api_peer_free (BbApiPeer *self);
void bb_api_peer_send (BbApiPeer *self, GBytes *text);

G_END_DECLS
