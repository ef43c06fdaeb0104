/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "bb-media-private.h"
#include "openairealtime.h"

/* What decoders give and encoders take; the Realtime element converts it to
 * the API's own rate where the codec can't. */
#define PCM_CAPS                                                                                  \
  "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, channels=(int)1"

/* How many of a hundred packets the encoder's FEC prepares for. */
#define EXPECTED_LOSS 5

/* What depends on the codec: between callreorder and the Realtime bin, or
 * between that and callrtpsink; NULL-terminated, in order of flow. */
#define MAX_CHAIN 4
typedef GstElement *Chain[MAX_CHAIN];

#define BB_TYPE_RTP_MEDIA (bb_rtp_media_get_type ())
G_DECLARE_FINAL_TYPE (BbRtpMedia, bb_rtp_media, BB, RTP_MEDIA, BbMedia)

struct _BbRtpMedia
{
  BbMedia parent_instance;

  /* [media] */
  guint opus_bitrate;
  guint opus_complexity;

  GstElement *src; /* owned; in READY from the constructor on, so that the ports are bound */
  GstElement *reorder;
  GstElement *sink;
  GstElement *realtime;
  GstBin *pipeline; /* not owned; NULL until build */
  Chain in;
  Chain out;
  const BbCodec *in_codec;
  BbMediaParams *params;
  guint ptime; /* ms */

  /* A change of codec: what the peer sends changes later than what we send, with
   * its first packet of the new kind. While callrtpsrc has next-caps, these, @in
   * and @in_codec belong to the loop's thread. */
  Chain next_in;
  const BbCodec *next_codec;
  int next_payload_type;
  Chain retired; /* out of use, still in the pipeline */
  gboolean keys_applied;
  gboolean begun;
};

G_DEFINE_FINAL_TYPE (BbRtpMedia, bb_rtp_media, BB_TYPE_MEDIA)

static GstCaps *
receive_caps (const BbMediaParams *params)
{
  g_autofree char *name = g_ascii_strup (params->codec->name, -1);
  GstCaps *caps;

  caps = gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING, "audio", "clock-rate",
                              G_TYPE_INT, (int) params->codec->clock_rate, "encoding-name",
                              G_TYPE_STRING, name, "payload", G_TYPE_INT,
                              (int) params->payload_type_receive, NULL);
  /* Whatever the peer sends is wanted as the API's PCM, and libopus decodes to
   * that (RFC 7587 section 6.1 has the names). */
  if (params->codec->id == BB_CODEC_OPUS)
    gst_caps_set_simple (caps, "sprop-stereo", G_TYPE_STRING, "0", "sprop-maxcapturerate",
                         G_TYPE_STRING, "24000", NULL);
  else if (params->codec->decoder != NULL)
    gst_caps_set_simple (caps, "channels", G_TYPE_INT, (int) params->codec->channels, NULL);
  return caps;
}

static GstElement *
make_pcm_filter (const BbCodec *codec, GError **error)
{
  GstElement *filter = bb_media_make_element ("capsfilter", error);
  g_autoptr (GstCaps) caps = gst_caps_from_string (PCM_CAPS);

  gst_caps_set_simple (caps, "rate", G_TYPE_INT, (int) codec->sample_rate, NULL);
  if (filter != NULL)
    g_object_set (filter, "caps", caps, NULL);
  return filter;
}

/* More than the peer can play is wasted on it (RFC 7587 section 3.1.1). */
static const char *
opus_bandwidth (guint max_playback_rate)
{
  static const struct
  {
    guint below; /* Hz */
    const char *bandwidth;
  } rows[] = { { 12000, "narrowband" }, { 16000, "mediumband" }, { 24000, "wideband" } };

  for (gsize i = 0; max_playback_rate > 0 && i < G_N_ELEMENTS (rows); i++)
    if (max_playback_rate < rows[i].below)
      return rows[i].bandwidth;
  return "auto";
}

static void
configure_encoder (BbRtpMedia *self, GstElement *encoder, const BbMediaParams *params)
{
  guint bitrate = self->opus_bitrate;

  if (params->opus_max_bitrate > 0)
    bitrate = MIN (bitrate, params->opus_max_bitrate);

  g_object_set (encoder, "bitrate", (int) CLAMP (bitrate, 4000, 650000), "complexity",
                (int) self->opus_complexity, "inband-fec", params->opus_inband_fec,
                "packet-loss-percentage", params->opus_inband_fec ? EXPECTED_LOSS : 0, "dtx",
                FALSE, NULL);
  gst_util_set_object_arg (G_OBJECT (encoder), "audio-type", "voice");
  gst_util_set_object_arg (G_OBJECT (encoder), "bitrate-type", params->opus_cbr ? "cbr" : "vbr");
  gst_util_set_object_arg (G_OBJECT (encoder), "bandwidth",
                           opus_bandwidth (params->opus_max_playback_rate));
  g_object_set (encoder, "frame-size", (int) self->ptime, NULL);
}

static void
configure_payloader (BbRtpMedia *self, GstElement *payloader, const BbMediaParams *params)
{
  gint64 ptime = (gint64) self->ptime * GST_MSECOND;

  g_object_set (payloader, "pt", (guint) params->payload_type_send, NULL);
  /* One buffer of the bin is one packet: never split, never gathered. */
  if (params->codec->id != BB_CODEC_OPUS)
    g_object_set (payloader, "min-ptime", ptime, "max-ptime", ptime, NULL);
}

/* Elements with floating references, not in the pipeline yet. */
static void
chain_clear (Chain chain)
{
  for (guint i = 0; i < MAX_CHAIN; i++)
    {
      if (chain[i] != NULL)
        gst_object_unref (g_object_ref_sink (chain[i]));
      chain[i] = NULL;
    }
}

static void
chain_move (Chain to, Chain from)
{
  memcpy (to, from, sizeof (Chain));
  memset (from, 0, sizeof (Chain));
}

static GstElement *
chain_last (Chain chain)
{
  guint i = 0;

  while (i + 1 < MAX_CHAIN && chain[i + 1] != NULL)
    i++;
  return chain[i];
}

static gboolean
chain_make_in (const BbMediaParams *params, Chain chain, GError **error)
{
  const BbCodec *codec = params->codec;
  gboolean ok = (chain[0] = bb_media_make_element (codec->depayloader, error)) != NULL;

  if (codec->decoder != NULL)
    ok = ok && (chain[1] = bb_media_make_element (codec->decoder, error)) != NULL
         && (chain[2] = make_pcm_filter (codec, error)) != NULL;
  if (!ok)
    chain_clear (chain);
  return ok;
}

/* What the peer's wishes change under the same codec; it may run already. */
static void
configure_out (BbRtpMedia *self, Chain chain, const BbMediaParams *params)
{
  if (params->codec->id == BB_CODEC_OPUS)
    configure_encoder (self, chain[1], params);
  configure_payloader (self, chain_last (chain), params);
}

static gboolean
chain_make_out (BbRtpMedia *self, const BbMediaParams *params, Chain chain, GError **error)
{
  const BbCodec *codec = params->codec;
  gboolean ok;

  if (codec->encoder != NULL)
    ok = (chain[0] = make_pcm_filter (codec, error)) != NULL
         && (chain[1] = bb_media_make_element (codec->encoder, error)) != NULL
         && (chain[2] = bb_media_make_element (codec->payloader, error)) != NULL;
  else
    ok = (chain[0] = bb_media_make_element (codec->payloader, error)) != NULL;
  if (ok)
    configure_out (self, chain, params);
  else
    chain_clear (chain);
  return ok;
}

/* Into the pipeline, linked among themselves, and running from downstream up. */
static gboolean
chain_add (BbRtpMedia *self, Chain chain)
{
  gboolean ok = TRUE;

  for (guint i = 0; i < MAX_CHAIN && chain[i] != NULL; i++)
    gst_bin_add (self->pipeline, chain[i]);
  for (guint i = 0; i + 1 < MAX_CHAIN && chain[i + 1] != NULL; i++)
    ok = gst_element_link (chain[i], chain[i + 1]) && ok;
  for (guint i = MAX_CHAIN; i-- > 0;)
    if (chain[i] != NULL)
      gst_element_sync_state_with_parent (chain[i]);
  return ok;
}

static void
chain_remove (BbRtpMedia *self, Chain chain)
{
  for (guint i = 0; i < MAX_CHAIN; i++)
    {
      if (chain[i] == NULL)
        continue;
      gst_object_ref (chain[i]);
      gst_bin_remove (self->pipeline, chain[i]);
      gst_element_set_state (chain[i], GST_STATE_NULL);
      gst_object_unref (chain[i]);
      chain[i] = NULL;
    }
}

static gboolean
chain_link (GstElement *first, Chain chain, GstElement *last)
{
  return gst_element_link (first, chain[0]) && gst_element_link (chain_last (chain), last);
}

static void
chain_unlink (GstElement *first, Chain chain, GstElement *last)
{
  gst_element_unlink (first, chain[0]);
  gst_element_unlink (chain_last (chain), last);
}

static gboolean
set_link_error (GError **error)
{
  g_set_error_literal (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE,
                       _ ("The elements of the call's media can't be linked"));
  return FALSE;
}

/* The loop's thread; callreorder has handed over all of the old kind. */
static void
on_format_changed (GstElement *reorder, GstCaps *caps, gpointer user_data)
{
  BbRtpMedia *self = user_data;
  int payload_type = -1;

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "payload", &payload_type);
  if (self->next_in[0] == NULL || payload_type != self->next_payload_type)
    return;

  chain_unlink (self->reorder, self->in, self->realtime);
  chain_move (self->retired, self->in);
  chain_move (self->in, self->next_in);
  self->in_codec = self->next_codec;
  if (!chain_link (self->reorder, self->in, self->realtime))
    GST_ELEMENT_ERROR (reorder, CORE, PAD, (_ ("The elements of the call's media can't be linked")),
                       (NULL));
}

static void
free_key (gpointer data)
{
  explicit_bzero (data, BB_SRTP_MAX_KEY);
  g_free (data);
}

static GBytes *
new_key (const guint8 *key, gsize size)
{
  guint8 *copy = g_memdup2 (key, BB_SRTP_MAX_KEY);

  return g_bytes_new_with_free_func (copy, size, free_key, copy);
}

/* Handed over whole; the copy on the way is wiped. */
static void
apply_keys (BbRtpMedia *self, const BbMediaParams *params)
{
  GstStructure *keys = NULL;

  self->keys_applied = TRUE;
  if (params->srtp_suite != NULL)
    {
      g_autoptr (GBytes) send = new_key (params->srtp_send_key, params->srtp_suite->key_size);
      g_autoptr (GBytes) receive
          = new_key (params->srtp_receive_key, params->srtp_suite->key_size);

      keys = gst_structure_new ("srtp-keys", "suite", G_TYPE_STRING, params->srtp_suite->name,
                                "send-key", G_TYPE_BYTES, send, "receive-key", G_TYPE_BYTES,
                                receive, "lifetime", G_TYPE_UINT64, params->srtp_lifetime, NULL);
    }
  g_object_set (self->src, "srtp", keys, NULL);
  g_clear_pointer (&keys, gst_structure_free);
}

static void
apply_addresses (BbRtpMedia *self, const BbMediaParams *params)
{
  g_object_set (self->src, "dtmf-payload-type", params->dtmf_payload_type_receive,
                "remote-address", params->remote_address, "remote-port",
                (guint) params->remote_rtp_port, "remote-rtcp-port",
                (guint) params->remote_rtcp_port, "rtcp-mux", params->rtcp_mux, NULL);
  if (self->params == NULL || !bb_media_params_equal_srtp (self->params, params)
      || !self->keys_applied)
    apply_keys (self, params);
  g_object_set (self->sink, "dtmf-payload-type", params->dtmf_payload_type_send, NULL);
}

static void
apply_direction (BbRtpMedia *self, const BbMediaParams *params)
{
  gboolean receiving = self->begun && (params->direction & BB_MEDIA_RECVONLY) != 0;
  gboolean was_receiving;

  g_object_get (self->src, "receiving", &was_receiving, NULL);
  /* What came before the answer or during hold is old. */
  if (receiving && !was_receiving)
    g_signal_emit_by_name (self->src, "discard");

  g_object_set (self->src, "receiving", receiving, NULL);
  g_object_set (self->sink, "sending", self->begun && (params->direction & BB_MEDIA_SENDONLY) != 0,
                NULL);
}

static gboolean
bb_rtp_media_build (BbMedia *media,
                    GstBin *pipeline,
                    GstElement *realtime,
                    const BbMediaParams *params,
                    GError **error)
{
  BbRtpMedia *self = BB_RTP_MEDIA (media);
  g_autoptr (GstCaps) caps = NULL;

  g_return_val_if_fail (params != NULL && params->codec != NULL, FALSE);

  self->ptime = bb_codec_fit_ptime (params->codec, params->ptime);
  self->realtime = realtime;
  gst_util_set_object_arg (G_OBJECT (realtime), GST_OPENAI_REALTIME_PROP_CLOCKING, "external");
  g_object_set (realtime, GST_OPENAI_REALTIME_PROP_PTIME, self->ptime, NULL);

  if (!chain_make_in (params, self->in, error))
    return FALSE;
  if (!chain_make_out (self, params, self->out, error))
    {
      chain_clear (self->in);
      return FALSE;
    }

  bb_media_set_one_thread (media);
  self->pipeline = pipeline;
  self->params = bb_media_params_copy (params);
  self->in_codec = params->codec;
  caps = receive_caps (params);
  g_object_set (self->src, "caps", caps, "receiving", FALSE, NULL);
  apply_addresses (self, params);
  g_object_set (self->sink, "source", self->src, "ptime", self->ptime, "sending", FALSE, NULL);
  g_signal_connect (self->reorder, "format-changed", G_CALLBACK (on_format_changed), self);

  gst_bin_add_many (pipeline, self->src, self->reorder, self->sink, NULL);
  if (!chain_add (self, self->in) || !chain_add (self, self->out)
      || !gst_element_link (self->src, self->reorder)
      || !chain_link (self->reorder, self->in, self->realtime)
      || !chain_link (self->realtime, self->out, self->sink))
    return set_link_error (error);

  return TRUE;
}

static void
bb_rtp_media_begin (BbMedia *media)
{
  BbRtpMedia *self = BB_RTP_MEDIA (media);

  self->begun = TRUE;
  apply_direction (self, self->params);
}

/* What the peer sends: as before until its first packet of the new kind, since
 * those on their way are of the old one (RFC 3264 section 8.3.2). */
static gboolean
change_in (BbRtpMedia *self, const BbMediaParams *params, GError **error)
{
  g_autoptr (GstCaps) caps = receive_caps (params);
  Chain chain = { NULL };

  /* What an earlier change left; from here on nothing is switched under us. */
  g_object_set (self->src, "next-caps", NULL, NULL);
  chain_remove (self, self->next_in);
  chain_remove (self, self->retired);

  if (params->codec != self->in_codec)
    {
      if (!chain_make_in (params, chain, error))
        return FALSE;
      if (!chain_add (self, chain))
        {
          chain_remove (self, chain);
          return set_link_error (error);
        }
      chain_move (self->next_in, chain);
      self->next_codec = params->codec;
      self->next_payload_type = params->payload_type_receive;
    }
  g_object_set (self->src, "next-caps", caps, NULL);
  return TRUE;
}

/* What we send: at once, between two departures. */
static gboolean
change_out (BbRtpMedia *self, const BbMediaParams *params, GError **error)
{
  gboolean codec_changes = params->codec != self->params->codec;
  guint old_ptime = self->ptime;
  Chain chain = { NULL };

  self->ptime = bb_codec_fit_ptime (params->codec, params->ptime);
  if (codec_changes && !chain_make_out (self, params, chain, error))
    {
      self->ptime = old_ptime;
      return FALSE;
    }
  if (codec_changes && !chain_add (self, chain))
    {
      chain_remove (self, chain);
      self->ptime = old_ptime;
      return set_link_error (error);
    }
  if (!codec_changes && self->ptime == old_ptime)
    {
      configure_out (self, self->out, params);
      return TRUE;
    }

  g_object_set (self->sink, "sending", FALSE, NULL);
  g_object_set (self->realtime, GST_OPENAI_REALTIME_PROP_PTIME, self->ptime, NULL);
  g_object_set (self->sink, "ptime", self->ptime, NULL);
  if (!codec_changes)
    {
      configure_out (self, self->out, params);
      return TRUE;
    }

  chain_unlink (self->realtime, self->out, self->sink);
  chain_remove (self, self->out);
  chain_move (self->out, chain);
  return chain_link (self->realtime, self->out, self->sink) || set_link_error (error);
}

static gboolean
bb_rtp_media_update (BbMedia *media, const BbMediaParams *params, GError **error)
{
  BbRtpMedia *self = BB_RTP_MEDIA (media);
  const BbMediaParams *old = self->params;

  if ((params->codec != old->codec || params->payload_type_receive != old->payload_type_receive)
      && !change_in (self, params, error))
    return FALSE;
  if (!change_out (self, params, error))
    return FALSE;

  apply_addresses (self, params);
  g_clear_pointer (&self->params, bb_media_params_free);
  self->params = bb_media_params_copy (params);
  apply_direction (self, params);
  return TRUE;
}

static void
bb_rtp_media_get_quality (BbMedia *media, BbCallQuality *quality)
{
  BbRtpMedia *self = BB_RTP_MEDIA (media);
  GstStructure *received = NULL;
  GstStructure *sent = NULL;
  int remote_lost = 0;

  g_object_get (self->src, "stats", &received, NULL);
  g_object_get (self->sink, "stats", &sent, NULL);
  gst_structure_get (received, "packets-received", G_TYPE_UINT64, &quality->packets_received,
                     "packets-lost", G_TYPE_UINT64, &quality->packets_lost, "jitter-ms",
                     G_TYPE_DOUBLE, &quality->jitter, "remote-packets-lost", G_TYPE_INT,
                     &remote_lost, "remote-jitter-ms", G_TYPE_DOUBLE, &quality->remote_jitter,
                     "round-trip-ms", G_TYPE_DOUBLE, &quality->round_trip, "mos", G_TYPE_DOUBLE,
                     &quality->mos, "remote-mos", G_TYPE_DOUBLE, &quality->remote_mos, NULL);
  quality->remote_lost = (guint64) MAX (remote_lost, 0);
  quality->round_trip = MAX (quality->round_trip, 0.0);
  gst_structure_get (sent, "packets-sent", G_TYPE_UINT64, &quality->packets_sent, NULL);
  gst_structure_free (received);
  gst_structure_free (sent);
}

static gboolean
bb_rtp_media_send_dtmf (BbMedia *media, const char *keys)
{
  gboolean accepted = FALSE;

  g_signal_emit_by_name (BB_RTP_MEDIA (media)->sink, "send-dtmf", keys, &accepted);
  return accepted;
}

static void
bb_rtp_media_dispose (GObject *object)
{
  BbRtpMedia *self = BB_RTP_MEDIA (object);

  /* Stops what still runs, first. */
  G_OBJECT_CLASS (bb_rtp_media_parent_class)->dispose (object);

  gst_clear_object (&self->sink);
  gst_clear_object (&self->reorder);
  gst_clear_object (&self->src);
  g_clear_pointer (&self->params, bb_media_params_free);
}

static void
bb_rtp_media_class_init (BbRtpMediaClass *klass)
{
  BbMediaClass *media_class = BB_MEDIA_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_rtp_media_dispose;
  media_class->build = bb_rtp_media_build;
  media_class->begin = bb_rtp_media_begin;
  media_class->update = bb_rtp_media_update;
  media_class->get_quality = bb_rtp_media_get_quality;
  media_class->send_dtmf = bb_rtp_media_send_dtmf;
}

static void
bb_rtp_media_init (BbRtpMedia *self)
{
}

static GstElement *
make_owned (const char *factory, GError **error)
{
  GstElement *element = bb_media_make_element (factory, error);

  return element != NULL ? g_object_ref_sink (element) : NULL;
}

/* Binds; the element says why not on a bus of its own. */
static gboolean
bind_ports (BbRtpMedia *self, GError **error)
{
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) gst_error = NULL;
  gboolean bound;

  gst_element_set_bus (self->src, bus);
  bound = gst_element_set_state (self->src, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
  gst_element_set_bus (self->src, NULL);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  gst_bus_set_flushing (bus, TRUE);
  if (bound)
    {
      bb_media_own_element (BB_MEDIA (self), self->src);
      return TRUE;
    }

  gst_element_set_state (self->src, GST_STATE_NULL);
  if (message != NULL)
    gst_message_parse_error (message, &gst_error, NULL);

  if (g_error_matches (gst_error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY))
    g_set_error (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_NO_PORT,
                 _ ("%s: widen rtp-ports in [media]"), gst_error->message);
  else
    g_set_error_literal (error, BB_MEDIA_ERROR, BB_MEDIA_ERROR_PIPELINE,
                         gst_error != NULL ? gst_error->message
                                           : _ ("The call's media can't be started"));
  return FALSE;
}

BbMedia *
bb_rtp_media_new (const BbConfig *config, const char *local_address, GError **error)
{
  g_autoptr (BbRtpMedia) self = NULL;

  g_return_val_if_fail (config != NULL && local_address != NULL, NULL);

  self = g_object_new (BB_TYPE_RTP_MEDIA, NULL);
  if (!bb_media_check (BB_MEDIA (self), error))
    return NULL;

  self->opus_bitrate = config->opus_bitrate;
  self->opus_complexity = config->opus_complexity;
  if ((self->src = make_owned ("callrtpsrc", error)) == NULL
      || (self->reorder = make_owned ("callreorder", error)) == NULL
      || (self->sink = make_owned ("callrtpsink", error)) == NULL)
    return NULL;

  g_object_set (self->src, "address", local_address, "port-min", config->rtp_port_min, "port-max",
                config->rtp_port_max, "dscp", config->dscp, "timeout", config->rtp_timeout, NULL);
  if (!bind_ports (self, error))
    return NULL;

  return BB_MEDIA (g_steal_pointer (&self));
}

static guint16
get_port (BbMedia *media, const char *name)
{
  guint port;

  g_object_get (BB_RTP_MEDIA (media)->src, name, &port, NULL);
  return (guint16) port;
}

guint16
bb_rtp_media_get_rtp_port (BbMedia *self)
{
  return get_port (self, "port");
}

guint16
bb_rtp_media_get_rtcp_port (BbMedia *self)
{
  return get_port (self, "rtcp-port");
}
