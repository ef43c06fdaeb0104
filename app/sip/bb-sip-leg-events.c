/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-sip-leg-private.h"

/* A digest challenge (RFC 3261 section 22) to a BYE, REFER or UPDATE of ours.
 * TRUE: the request goes out again. */
static gboolean
answer_challenge (BbSipLeg *self, const BbSipEvent *event)
{
  g_autofree char *credentials = NULL;

  if ((event->status != 401 && event->status != 407) || self->challenges > 0)
    return FALSE;

  credentials = bb_sip_agent_dup_credentials (self->agent, self->peer_address, event->sip);
  if (credentials == NULL)
    return FALSE;
  self->challenges++;
  nua_authenticate (self->handle, NUTAG_AUTH (credentials), TAG_END ());
  return TRUE;
}

static gboolean
params_equal (const BbMediaParams *a, const BbMediaParams *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return a->codec == b->codec && a->payload_type_send == b->payload_type_send
         && a->payload_type_receive == b->payload_type_receive && a->ptime == b->ptime
         && a->dtmf_payload_type_send == b->dtmf_payload_type_send
         && a->dtmf_payload_type_receive == b->dtmf_payload_type_receive
         && g_strcmp0 (a->remote_address, b->remote_address) == 0
         && a->remote_rtp_port == b->remote_rtp_port && a->remote_rtcp_port == b->remote_rtcp_port
         && a->direction == b->direction && a->opus_inband_fec == b->opus_inband_fec
         && a->opus_max_bitrate == b->opus_max_bitrate
         && a->opus_max_playback_rate == b->opus_max_playback_rate && a->opus_cbr == b->opus_cbr && a->rtcp_mux == b->rtcp_mux
         && bb_media_params_equal_srtp (a, b);
}

static void
tell_change (BbSipLeg *self, const BbMediaParams *before)
{
  if (!self->has_ended && !params_equal (before, bb_sdp_get_params (self->sdp)))
    g_signal_emit_by_name (self, BB_LEG_SIGNAL_MEDIA_CHANGED);
}

/* re-INVITE and UPDATE: an offer, a late offer, or a mere session refresh. A
 * bad one is refused and the session stays as it was (RFC 3261 section 14.2). */
static void
on_offer (BbSipLeg *self, const BbSipEvent *event)
{
  g_autoptr (BbMediaParams) before = bb_media_params_copy (bb_sdp_get_params (self->sdp));
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  gboolean update = event->event == nua_i_update;
  nua_t *with = event->nua;
  gboolean has_offer = FALSE;
  guint status;

  if (self->has_ended || (self->state < BB_SIP_LEG_ANSWERED && event->sip->sip_payload != NULL))
    {
      /* RFC 3311 section 5.2: the first offer waits for its answer */
      nua_respond (self->handle, SIP_500_INTERNAL_SERVER_ERROR, NUTAG_WITH_CURRENT (with),
                   SIPTAG_RETRY_AFTER_STR ("2"), TAG_END ());
      return;
    }

  status = bb_sip_leg_read_offer (self, event->sip, &has_offer, &error);
  if (status != 0)
    {
      g_message ("refused a change of media by %s with %u: %s", self->peer_address, status,
                 error->message);
      bb_sip_leg_refuse (self, with, status, error->message);
      return;
    }

  if (has_offer)
    body = bb_sdp_write_answer (self->sdp);
  else if (!update)
    {
      body = bb_sdp_write_offer (self->sdp);
      self->offer_sent = TRUE;
    }
  bb_sip_leg_respond_sdp (self, with, body);
  tell_change (self, before);
}

static void
on_ack (BbSipLeg *self, const BbSipEvent *event)
{
  g_autoptr (BbMediaParams) before = bb_media_params_copy (bb_sdp_get_params (self->sdp));
  g_autoptr (GError) error = NULL;
  gboolean first = self->state == BB_SIP_LEG_ANSWERED;
  const char *body;
  gsize length;

  if (self->bye_pending)
    {
      bb_sip_leg_send_bye (self);
      return;
    }
  if (self->has_ended)
    return;

  if (first)
    self->state = BB_SIP_LEG_CONFIRMED;
  if (self->offer_sent)
    {
      self->offer_sent = FALSE;
      if (bb_sip_find_sdp (event->sip, &body, &length) != BB_SIP_BODY_SDP)
        g_set_error (&error, BB_SIP_ERROR, BB_SIP_ERROR_SDP, "no answer to our offer in the ACK");
      else if (bb_sdp_receive_answer (self->sdp, body, (gssize)length, &error))
        tell_change (self, before);
      /* in a running call the old agreement stands */
      if (error != NULL && before == NULL)
        {
          self->reason = g_strdup ("SIP;cause=488;text=\"Not Acceptable Here\"");
          bb_sip_leg_send_bye (self);
          bb_sip_leg_end (self, BB_CALL_END_ERROR, 488, error->message);
          return;
        }
    }
  if (first && !self->has_ended)
    g_signal_emit_by_name (self, BB_LEG_SIGNAL_CONFIRMED);
}

static void
on_info (BbSipLeg *self, const BbSipEvent *event)
{
  const sip_t *sip = event->sip;
  char digit[2] = "";

  if (self->has_ended || sip == NULL || sip->sip_content_type == NULL || sip->sip_payload == NULL)
    return;

  digit[0] = bb_sip_parse_dtmf (sip->sip_content_type->c_type, sip->sip_payload->pl_data,
                                sip->sip_payload->pl_len);
  if (digit[0] != '\0')
    g_signal_emit_by_name (self, BB_LEG_SIGNAL_DTMF, digit);
}

/* The outcome of our REFER (RFC 3515 section 2.4.5). */
static void
on_notify (BbSipLeg *self, const BbSipEvent *event)
{
  const sip_payload_t *payload = event->sip != NULL ? event->sip->sip_payload : NULL;
  guint status
      = payload != NULL ? bb_sip_parse_fragment_status (payload->pl_data, payload->pl_len) : 0;

  if (!self->transferring || self->has_ended || status < 200)
    return;

  if (status < 300)
    bb_sip_leg_hang_up_with (self, "transferred", BB_CALL_END_TRANSFER, "transferred");
  else
    bb_sip_leg_transfer_failed (self, status, sip_status_phrase ((int)status));
}

static void
on_terminated (BbSipLeg *self, const BbSipEvent *event)
{
  /* whatever we did not see coming: the transport, a 481, a 408 */
  bb_sip_leg_end (self, BB_CALL_END_LOST, (guint)MAX (event->status, 0), event->phrase);
  bb_sip_agent_leg_gone (self->agent, G_OBJECT (self));
}

static int
call_state_of (const BbSipEvent *event)
{
  int state = nua_callstate_init;

  tl_gets (event->tags, NUTAG_CALLSTATE_REF (state), TAG_END ());
  return state;
}

/**
 * bb_sip_leg_handle_event:
 * @self: a leg
 * @event: an event of its handle
 */
void
bb_sip_leg_handle_event (BbSipLeg *self, const BbSipEvent *event)
{
  g_autoptr (BbSipLeg) alive = g_object_ref (self);

  if (self->agent == NULL)
    return;

  switch (event->event)
    {
    case nua_i_invite:
    case nua_i_update:
      on_offer (self, event);
      break;

    case nua_i_ack:
      on_ack (self, event);
      break;

    case nua_i_cancel:
      bb_sip_leg_end (self, BB_CALL_END_CALLER, 487, "cancelled by the caller");
      break;

    case nua_i_bye:
      if (self->transferring)
        bb_sip_leg_end (self, BB_CALL_END_TRANSFER, 200, "transferred");
      else
        bb_sip_leg_end (self, BB_CALL_END_CALLER, 200, "the caller hung up");
      break;

    case nua_i_info:
      on_info (self, event);
      break;

    case nua_i_notify:
      on_notify (self, event);
      break;

    case nua_i_error:
      self->bye_pending = FALSE;
      bb_sip_leg_end (self, BB_CALL_END_LOST, (guint)MAX (event->status, 0), event->phrase);
      break;

    case nua_i_state:
      if (call_state_of (event) == nua_callstate_terminated)
        on_terminated (self, event);
      break;

    case nua_i_terminated:
      on_terminated (self, event);
      break;

    case nua_r_bye:
      if (event->status >= 300 && !answer_challenge (self, event))
        {
          /* sofia would wait for credentials for ever; the call is over anyhow */
          g_debug ("BYE was answered with %d %s", event->status, event->phrase);
          on_terminated (self, event);
        }
      break;

    case nua_r_refer:
      if (event->status >= 300 && !answer_challenge (self, event))
        bb_sip_leg_transfer_failed (self, (guint)event->status, event->phrase);
      break;

    case nua_r_invite:
    case nua_r_update:
      /* session refreshes that sofia sends by itself (RFC 4028) */
      if (event->status >= 300)
        answer_challenge (self, event);
      break;

    default:
      break;
    }
}
