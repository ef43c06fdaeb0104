/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define FRAME_MS   20
#define FRAME_SIZE 160 /* bytes of G.711 */

/* One way to hold @n sessions with the peer on @port. */
typedef struct
{
  const char *name;
  /* Connects all; any thread they need is theirs. */
  void (*start) (guint n, guint16 port);
  /* Called each millisecond for the sessions whose 20 ms are over; on the
   * thread that called start. */
  void (*tick) (guint i, const guint8 *frame);
  /* Waits until @until (monotonic, µs), serving what there is to serve. */
  void (*wait) (gint64 until);
  /* Audio bytes received so far, all sessions. */
  guint64 (*received) (void);
} LoadKind;

extern const LoadKind load_sockets; /* no library, no meaning: read and written only */
extern const LoadKind load_naive;   /* libsoup, JsonParser, JsonBuilder, g_base64 */
extern const LoadKind load_session; /* the session layer of openairealtimebin */
extern const LoadKind load_element; /* openairealtimebin in pipelines */

guint8 *load_append (gsize *size);
void load_sleep (gint64 until);

G_END_DECLS
