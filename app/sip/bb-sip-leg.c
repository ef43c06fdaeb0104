/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-sip-leg-private.h"

#include <string.h>

#include "bb-sip-address.h"

/* How long a transfer may take from our REFER to its outcome (s): a phone
 * rings about that long. */
#define TRANSFER_TIMEOUT 60

static void leg_iface_init (BbLegInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BbSipLeg,
                               bb_sip_leg,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BB_TYPE_LEG, leg_iface_init))

static gboolean
on_emit_ended (gpointer data)
{
  BbSipLeg *self = data;

  g_signal_emit_by_name (self, BB_LEG_SIGNAL_ENDED, self->why, self->status, self->text);
  return G_SOURCE_REMOVE;
}

/**
 * bb_sip_leg_end:
 * @self: a leg
 * @why: the reason
 * @status: SIP status, 0: none
 * @text: (nullable): for people
 *
 * Sets the outcome, once. "ended" follows from the main loop, so that nobody
 * is called back from inside his own call or from inside sofia's event.
 */
void
bb_sip_leg_end (BbSipLeg *self, BbCallEnd why, guint status, const char *text)
{
  if (self->has_ended)
    return;

  self->has_ended = TRUE;
  self->state = BB_SIP_LEG_ENDING;
  self->why = why;
  self->status = status;
  self->text = g_strdup (text != NULL ? text : "");
  g_clear_handle_id (&self->transfer_timeout, g_source_remove);
  if (why == BB_CALL_END_LOST || why == BB_CALL_END_ERROR)
    g_message ("call from %s (%s) broke off: %u %s",
               *self->caller.number != '\0' ? self->caller.number : "anonymous",
               self->peer_address, status, self->text);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_emit_ended, g_object_ref (self), g_object_unref);
}

/**
 * bb_sip_leg_has_ended:
 * @self: a leg
 *
 * Returns: %TRUE once the outcome is known
 */
gboolean
bb_sip_leg_has_ended (BbSipLeg *self)
{
  return self->has_ended;
}

/**
 * bb_sip_leg_get_handle:
 * @self: a leg
 *
 * Returns: (transfer none) (nullable): sofia's handle
 */
nua_handle_t *
bb_sip_leg_get_handle (BbSipLeg *self)
{
  return self->handle;
}

/**
 * bb_sip_leg_detach:
 * @self: a leg
 *
 * The agent forgets it.
 */
void
bb_sip_leg_detach (BbSipLeg *self)
{
  self->agent = NULL;
  self->handle = NULL;
  bb_sip_leg_end (self, BB_CALL_END_SHUTDOWN, 0, "the SIP stack stopped");
}

/* What SDP and Contact say: the configured public address, else the interface's. */
static const char *
public_address (BbSipLeg *self)
{
  const BbConfig *config = bb_sip_agent_get_config (self->agent);

  return config->sip_public_address != NULL ? config->sip_public_address : self->local_address;
}

static gboolean
same_family (const char *a, const char *b)
{
  return (strchr (a, ':') != NULL) == (strchr (b, ':') != NULL);
}

/* The interface the call's media uses. With a listen address of its own it is
 * that one; the peer reaches us there. */
static gboolean
find_local_address (BbSipLeg *self, GError **error)
{
  const BbConfig *config = bb_sip_agent_get_config (self->agent);
  const BbMediaParams *params = bb_sdp_get_params (self->sdp);

  if (!bb_sip_address_is_any (config->sip_address))
    self->local_address = g_strdup (config->sip_address);
  else
    self->local_address = bb_sip_address_toward (self->peer_address, self->peer_port, error);
  if (self->local_address == NULL)
    return FALSE;

  /* signalling over IPv4, media over IPv6 or the other way round */
  if (params != NULL && params->remote_address != NULL
      && !same_family (params->remote_address, self->local_address))
    {
      g_free (self->local_address);
      self->local_address
          = bb_sip_address_toward (params->remote_address, params->remote_rtp_port, error);
    }
  return self->local_address != NULL;
}

static char *
build_contact (BbSipLeg *self, const sip_t *sip)
{
  const BbConfig *config = bb_sip_agent_get_config (self->agent);
  g_autofree char *host = NULL;
  g_autofree char *signalling = NULL;
  gboolean tcp = sip->sip_via != NULL && sip->sip_via->v_protocol != NULL
                 && g_str_has_suffix (sip->sip_via->v_protocol, "TCP");

  if (config->sip_public_address != NULL)
    signalling = g_strdup (config->sip_public_address);
  else if (!bb_sip_address_is_any (config->sip_address))
    signalling = g_strdup (config->sip_address);
  else
    signalling = bb_sip_address_toward (self->peer_address, self->peer_port, NULL);
  host = bb_sip_address_bracket (signalling != NULL ? signalling : self->local_address);
  return g_strdup_printf ("<sip:%s@%s:%u%s>",
                          *config->account_user != '\0' ? config->account_user : "bestellbot", host,
                          bb_sip_agent_get_udp_port (self->agent), tcp ? ";transport=tcp" : "");
}

void
bb_sip_leg_respond_sdp (BbSipLeg *self, nua_t *with, const char *body)
{
  nua_respond (self->handle, SIP_200_OK, TAG_IF (with != NULL, NUTAG_WITH_CURRENT (with)),
               SIPTAG_CONTACT_STR (self->contact),
               TAG_IF (body != NULL, SIPTAG_CONTENT_TYPE_STR (BB_SIP_SDP_TYPE)),
               TAG_IF (body != NULL, SIPTAG_PAYLOAD_STR (body)), TAG_END ());
}

void
bb_sip_leg_refuse (BbSipLeg *self, nua_t *with, guint status, const char *warning)
{
  g_autofree char *quoted = bb_sip_quote (warning);
  /* RFC 3261 section 20.43: 399, "miscellaneous" */
  g_autofree char *header = g_strdup_printf ("399 bestellbot %s", quoted);

  nua_respond (self->handle, (int)status, sip_status_phrase ((int)status),
               TAG_IF (with != NULL, NUTAG_WITH_CURRENT (with)),
               TAG_IF (status == 415, SIPTAG_ACCEPT_STR (BB_SIP_SDP_TYPE)),
               TAG_IF (warning != NULL, SIPTAG_WARNING_STR (header)), TAG_END ());
}

static guint
status_for (const GError *error)
{
  return g_error_matches (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP) ? 400 : 488;
}

/* Reads the offer of an INVITE or UPDATE. 0: fine, else the status to refuse with. */
guint
bb_sip_leg_read_offer (BbSipLeg *self, const sip_t *sip, gboolean *has_offer, GError **error)
{
  const char *body;
  gsize length;
  GError *own = NULL;

  *has_offer = FALSE;
  switch (bb_sip_find_sdp (sip, &body, &length))
    {
    case BB_SIP_BODY_NONE:
      return 0;
    case BB_SIP_BODY_OTHER:
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_SDP, "the body is no session description");
      return 415;
    case BB_SIP_BODY_SDP:
    default:
      break;
    }

  *has_offer = TRUE;
  if (!bb_sdp_receive_offer (self->sdp, body, (gssize)length, &own))
    {
      guint status = status_for (own);

      g_propagate_error (error, own);
      return status;
    }
  return 0;
}

/**
 * bb_sip_leg_new:
 * @agent: who listens
 * @invite: the event of an initial INVITE
 *
 * Returns: (transfer full) (nullable): a leg whose INVITE waits for an answer;
 *   %NULL when it was refused at once (415, 400, 488)
 */
BbSipLeg *
bb_sip_leg_new (BbSipAgent *agent, const BbSipEvent *invite)
{
  g_autoptr (BbSipLeg) self = g_object_new (BB_TYPE_SIP_LEG, NULL);
  g_autoptr (GError) error = NULL;
  gboolean has_offer = FALSE;
  guint status;

  self->agent = agent;
  self->handle = invite->handle;
  self->sdp = bb_sdp_new (bb_sip_agent_get_config (agent));
  self->peer_address = bb_sip_event_dup_peer_address (invite, &self->peer_port);
  if (self->peer_address == NULL)
    self->peer_address = g_strdup ("127.0.0.1");
  bb_sip_caller_read (&self->caller, invite->sip,
                      bb_sip_agent_trusts (agent, self->peer_address));
  self->called = bb_sip_dup_called (invite->sip);

  status = bb_sip_leg_read_offer (self, invite->sip, &has_offer, &error);
  if (status == 0 && !find_local_address (self, &error))
    status = 488;
  if (status != 0)
    {
      g_message ("refused a call from %s (%s) with %u: %s",
                 *self->caller.number != '\0' ? self->caller.number : "anonymous",
                 self->peer_address, status, error->message);
      bb_sip_leg_refuse (self, NULL, status, error->message);
      return NULL;
    }

  self->contact = build_contact (self, invite->sip);
  nua_handle_bind (self->handle, G_OBJECT (self));
  return g_steal_pointer (&self);
}

static const char *
bb_sip_leg_get_caller_number (BbLeg *leg)
{
  return BB_SIP_LEG (leg)->caller.number;
}

static const char *
bb_sip_leg_get_caller_name (BbLeg *leg)
{
  return BB_SIP_LEG (leg)->caller.name;
}

static const char *
bb_sip_leg_get_called (BbLeg *leg)
{
  return BB_SIP_LEG (leg)->called;
}

static const char *
bb_sip_leg_get_local_address (BbLeg *leg)
{
  return BB_SIP_LEG (leg)->local_address;
}

static const BbMediaParams *
bb_sip_leg_get_media (BbLeg *leg)
{
  return bb_sdp_get_params (BB_SIP_LEG (leg)->sdp);
}

static void
bb_sip_leg_set_local_port (BbLeg *leg, guint16 rtp_port, guint16 rtcp_port)
{
  BbSipLeg *self = BB_SIP_LEG (leg);

  BB_ASSERT_MAIN_CONTEXT ();
  if (self->has_ended)
    return;

  bb_sdp_set_local (self->sdp, public_address (self), rtp_port, rtcp_port);
  self->has_ports = TRUE;
}

static void
bb_sip_leg_ring (BbLeg *leg)
{
  BbSipLeg *self = BB_SIP_LEG (leg);

  BB_ASSERT_MAIN_CONTEXT ();
  if (self->has_ended || self->state != BB_SIP_LEG_INCOMING)
    return;

  nua_respond (self->handle, SIP_180_RINGING, SIPTAG_CONTACT_STR (self->contact), TAG_END ());
  self->state = BB_SIP_LEG_RINGING;
}

static gboolean
bb_sip_leg_answer (BbLeg *leg, GError **error)
{
  BbSipLeg *self = BB_SIP_LEG (leg);
  g_autofree char *body = NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  if (self->has_ended || self->state > BB_SIP_LEG_RINGING)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_STATE, "the call is %s",
                   self->has_ended ? "over" : "answered already");
      return FALSE;
    }
  if (!self->has_ports)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_STATE, "no RTP port was set before the answer");
      return FALSE;
    }

  if (bb_sdp_get_params (self->sdp) != NULL)
    body = bb_sdp_write_answer (self->sdp);
  else
    {
      body = bb_sdp_write_offer (self->sdp);
      self->offer_sent = TRUE;
    }
  bb_sip_leg_respond_sdp (self, NULL, body);
  self->state = BB_SIP_LEG_ANSWERED;
  return TRUE;
}

static void
bb_sip_leg_reject (BbLeg *leg, guint status, const char *phrase, guint retry_after)
{
  BbSipLeg *self = BB_SIP_LEG (leg);
  g_autofree char *seconds = g_strdup_printf ("%u", retry_after);

  BB_ASSERT_MAIN_CONTEXT ();
  if (self->has_ended || self->state > BB_SIP_LEG_RINGING)
    return;

  if (status < 300 || status > 699)
    status = 480;
  if (phrase == NULL)
    phrase = sip_status_phrase ((int)status);
  nua_respond (self->handle, (int)status, phrase,
               TAG_IF (retry_after > 0, SIPTAG_RETRY_AFTER_STR (seconds)), TAG_END ());
  g_message ("refused a call from %s (%s) with %u %s",
             *self->caller.number != '\0' ? self->caller.number : "anonymous", self->peer_address,
             status, phrase != NULL ? phrase : "");
  bb_sip_leg_end (self, BB_CALL_END_REFUSED, status, phrase);
}

void
bb_sip_leg_send_bye (BbSipLeg *self)
{
  self->bye_pending = FALSE;
  nua_bye (self->handle, TAG_IF (self->reason != NULL, SIPTAG_REASON_STR (self->reason)),
           TAG_END ());
}

void
bb_sip_leg_hang_up_with (BbSipLeg *self, const char *reason, BbCallEnd why, const char *text)
{
  g_autofree char *quoted = bb_sip_quote (reason);

  if (self->state <= BB_SIP_LEG_RINGING)
    {
      nua_respond (self->handle, SIP_480_TEMPORARILY_UNAVAILABLE, TAG_END ());
      bb_sip_leg_end (self, why, 480, text);
      return;
    }

  if (reason != NULL && *reason != '\0')
    self->reason = g_strdup_printf ("Q.850;cause=16;text=%s", quoted); /* RFC 3326 */
  if (self->state == BB_SIP_LEG_ANSWERED)
    self->bye_pending = TRUE;
  else
    bb_sip_leg_send_bye (self);
  bb_sip_leg_end (self, why, 200, text);
}

static void
bb_sip_leg_hang_up (BbLeg *leg, const char *reason)
{
  BbSipLeg *self = BB_SIP_LEG (leg);

  BB_ASSERT_MAIN_CONTEXT ();
  if (!self->has_ended)
    bb_sip_leg_hang_up_with (self, reason, BB_CALL_END_BOT, reason);
}

void
bb_sip_leg_transfer_failed (BbSipLeg *self, guint status, const char *text)
{
  if (!self->transferring || self->has_ended)
    return;

  self->transferring = FALSE;
  g_clear_handle_id (&self->transfer_timeout, g_source_remove);
  g_message ("transfer of the call from %s failed: %u %s",
             *self->caller.number != '\0' ? self->caller.number : "anonymous", status,
             text != NULL ? text : "");
  g_signal_emit_by_name (self, BB_LEG_SIGNAL_TRANSFER_FAILED, status, text != NULL ? text : "");
}

static gboolean
on_transfer_timeout (gpointer data)
{
  BbSipLeg *self = data;

  self->transfer_timeout = 0;
  bb_sip_leg_transfer_failed (self, 408, "no outcome in time");
  return G_SOURCE_REMOVE;
}

static gboolean
bb_sip_leg_transfer (BbLeg *leg, const char *target, GError **error)
{
  BbSipLeg *self = BB_SIP_LEG (leg);
  g_autofree char *refer_to = NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  if (self->has_ended || self->state != BB_SIP_LEG_CONFIRMED || self->transferring)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_STATE, "the call can't be transferred now");
      return FALSE;
    }
  if (target == NULL
      || !(g_str_has_prefix (target, "sip:") || g_str_has_prefix (target, "sips:")
           || g_str_has_prefix (target, "tel:"))
      || strpbrk (target, "<>\" \t\r\n") != NULL)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_ADDRESS,
                   "\"%s\" is no SIP address to transfer to (sip:user@host)",
                   target != NULL ? target : "");
      return FALSE;
    }

  refer_to = g_strdup_printf ("<%s>", target);
  self->transferring = TRUE;
  self->challenges = 0;
  self->transfer_timeout = g_timeout_add_seconds (TRANSFER_TIMEOUT, on_transfer_timeout, self);
  nua_refer (self->handle, SIPTAG_REFER_TO_STR (refer_to), SIPTAG_REFERRED_BY_STR (self->contact),
             SIPTAG_CONTACT_STR (self->contact), TAG_END ());
  return TRUE;
}

static void
bb_sip_leg_finalize (GObject *object)
{
  BbSipLeg *self = BB_SIP_LEG (object);

  g_clear_handle_id (&self->transfer_timeout, g_source_remove);
  bb_sdp_free (self->sdp);
  bb_sip_caller_clear (&self->caller);
  g_free (self->called);
  g_free (self->peer_address);
  g_free (self->local_address);
  g_free (self->contact);
  g_free (self->reason);
  g_free (self->text);

  G_OBJECT_CLASS (bb_sip_leg_parent_class)->finalize (object);
}

static void
bb_sip_leg_class_init (BbSipLegClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bb_sip_leg_finalize;
}

static void
leg_iface_init (BbLegInterface *iface)
{
  iface->get_caller_number = bb_sip_leg_get_caller_number;
  iface->get_caller_name = bb_sip_leg_get_caller_name;
  iface->get_called = bb_sip_leg_get_called;
  iface->get_local_address = bb_sip_leg_get_local_address;
  iface->get_media = bb_sip_leg_get_media;
  iface->set_local_port = bb_sip_leg_set_local_port;
  iface->ring = bb_sip_leg_ring;
  iface->answer = bb_sip_leg_answer;
  iface->reject = bb_sip_leg_reject;
  iface->hang_up = bb_sip_leg_hang_up;
  iface->transfer = bb_sip_leg_transfer;
}

static void
bb_sip_leg_init (BbSipLeg *self)
{
}
