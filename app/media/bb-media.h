/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gst/gst.h>

#include "bb-call.h"
#include "bb-config.h"
#include "bb-media-params.h"

G_BEGIN_DECLS

#define BB_MEDIA_ERROR (bb_media_error_quark ())
GQuark bb_media_error_quark (void);

typedef enum
{
  BB_MEDIA_ERROR_NO_PORT,  /* RTP range used up; names the setting */
  BB_MEDIA_ERROR_PLUGIN,   /* an element is missing; names the package */
  BB_MEDIA_ERROR_PIPELINE, /* an element failed */
  BB_MEDIA_ERROR_DEVICE,   /* microphone or speaker */
  BB_MEDIA_ERROR_RECORDING
} BbMediaError;

/**
 * BbMedia:
 *
 * A call's media: one GstPipeline around one openairealtimebin, with either
 * RTP (#BbRtpMedia) or the local sound devices (#BbLocalMedia) at its ends.
 * Main context only; its signals come there.
 *
 * Signals:
 *  - "failed" (GError): for good; the call must end.
 *  - "peer-lost" (): no packet for [media] rtp-timeout seconds.
 *  - "notice" (const char *text): something a person should know, the call goes on.
 *  - "dtmf" (const char *digit): RFC 4733.
 */
#define BB_TYPE_MEDIA (bb_media_get_type ())
G_DECLARE_DERIVABLE_TYPE (BbMedia, bb_media, BB, MEDIA, GObject)

#define BB_MEDIA_SIGNAL_FAILED "failed"
#define BB_MEDIA_SIGNAL_PEER_LOST "peer-lost"
#define BB_MEDIA_SIGNAL_NOTICE "notice"
#define BB_MEDIA_SIGNAL_DTMF "dtmf"

/* The operator's sound, both ways: 16 bit little endian. */
#define BB_OPERATOR_RATE 16000     /* Hz */
#define BB_OPERATOR_UP_BYTES 640   /* of 20 ms mono */
#define BB_OPERATOR_DOWN_BYTES 1280 /* of 20 ms stereo */

/**
 * BbOperatorSinkFunc:
 * @frame: 20 ms, stereo: left the caller, right the bot as far as the caller
 *   hears it (nobody hears an echo of themselves). The memory is used again
 *   after the call: copy what is to be kept
 * @size: %BB_OPERATOR_DOWN_BYTES
 *
 * What the operator hears. Called from the media thread: it must not wait for
 * anything, and must not call the #BbMedia; hand the sound over and return.
 */
typedef void (*BbOperatorSinkFunc) (const guint8 *frame, gsize size, gpointer user_data);

struct _BbMediaClass
{
  GObjectClass parent_class;

  gboolean (*build) (BbMedia *self, GstBin *pipeline, GstElement *realtime, const BbMediaParams *params,
                     GError **error);
  void (*begin) (BbMedia *self);
  gboolean (*update) (BbMedia *self, const BbMediaParams *params, GError **error);
  void (*get_quality) (BbMedia *self, BbCallQuality *quality);
  /* Optional: what an error or a warning of an element means to a person;
   * NULL when it is nothing of this kind of media. A warning that means
   * something ends the call too. */
  GError *(*explain) (BbMedia *self, GstMessage *message);
  /* Optional: presses keys; FALSE when the other end takes none. */
  gboolean (*send_dtmf) (BbMedia *self, const char *keys);
};

/* openairealtimebin of this call, made by the constructor: the session sets
 * its properties and connects its signals before prepare(). (transfer none) */
GstElement *bb_media_get_realtime (BbMedia *self);
/* Builds the pipeline and sets it PLAYING: the Realtime API is connected,
 * nothing is sent to or taken from the caller yet. @params NULL for local. */
gboolean bb_media_prepare (BbMedia *self, const BbMediaParams *params, GError **error);
/* The call is answered: packets (or sound) flow from now until stop(). */
void bb_media_begin (BbMedia *self);
/* A re-INVITE: new remote address, codec or direction, without a gap. */
gboolean bb_media_update (BbMedia *self, const BbMediaParams *params, GError **error);
/* Presses keys toward the caller's end (a queue's menu, a door): 0 to 9, *, #, A
 * to D, one after the other (RFC 4733); the caller hears nothing else meanwhile.
 * FALSE with %BB_MEDIA_ERROR_PIPELINE when that end takes none. */
gboolean bb_media_send_dtmf (BbMedia *self, const char *keys, GError **error);
/* Caller left, bot right, sample-aligned; @path without extension. Returns the
 * file's path. Writing is off the media thread; a full disk ends the recording
 * with a notice. (transfer full) */
char *bb_media_start_recording (BbMedia *self, const char *path, const char *format, GError **error);
/* Ends the recording and deletes its file; harmless without one. A new one may
 * be started at once. */
void bb_media_discard_recording (BbMedia *self);
/* The operator comes, goes, or takes another part; without a click. Taking over
 * interrupts the answer being spoken. What the bot is to know of it, the call
 * layer says. Before prepare() and after stop() it is only remembered. */
void bb_media_set_operator_mode (BbMedia *self, BbOperatorMode mode);
BbOperatorMode bb_media_get_operator_mode (BbMedia *self);
/* What the operator says: 16 kHz mono, 20 ms a piece (any length is taken), as
 * it comes; jitter is bounded here. Forgotten while nobody is to hear it. */
void bb_media_push_operator_audio (BbMedia *self, GBytes *frame);
/* @func NULL: nobody listens. The old one is not called any more when this
 * returns, and its @destroy has been called: here or, at the latest, in
 * stop_async(). */
void bb_media_set_operator_sink (BbMedia *self,
                                 BbOperatorSinkFunc func,
                                 gpointer user_data,
                                 GDestroyNotify destroy);
/* Fills what the packets and RTCP tell of @quality, leaves the rest. */
void bb_media_get_quality (BbMedia *self, BbCallQuality *quality);
/* Stops everything off the main thread; ports are free and files closed when
 * it finishes; a deadline of 5 s makes it finish in any case. Idempotent. */
void bb_media_stop_async (BbMedia *self, GAsyncReadyCallback callback, gpointer user_data);
void bb_media_stop_finish (BbMedia *self, GAsyncResult *result);

/**
 * bb_rtp_media_new:
 * @config: settings of [media]
 * @local_address: numeric address to bind
 *
 * Binds the RTP and RTCP sockets at once, so that the SDP can name them.
 */
BbMedia *bb_rtp_media_new (const BbConfig *config, const char *local_address, GError **error);
guint16 bb_rtp_media_get_rtp_port (BbMedia *self);
guint16 bb_rtp_media_get_rtcp_port (BbMedia *self);

/**
 * bb_local_media_new:
 * @source: (nullable): GStreamer element description for the microphone; NULL: autoaudiosrc
 * @sink: (nullable): the same for the speaker; NULL: autoaudiosink
 */
BbMedia *bb_local_media_new (const BbConfig *config, const char *source, const char *sink, GError **error);

G_END_DECLS
