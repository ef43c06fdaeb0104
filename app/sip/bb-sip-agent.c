/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-sip-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/su_glib.h>
#include <sofia-sip/tport_tag.h>

#include "bb-sip-account.h"
#include "bb-sip-address.h"
#include "bb-sip-leg.h"
#include "bb-sip-log.h"
#include "bb-types.h"

/* The last step of a stop is a few turns of the main loop; this is for a stack
 * that takes more (ms). */
#define SHUTDOWN_GRACE_MS 2000
/* What a peer is told while we drain (s). */
#define DRAIN_RETRY_AFTER "60"

typedef enum
{
  STAGE_RUNNING,
  STAGE_HANGING_UP, /* waits for BYEs and the un-REGISTER */
  STAGE_STACK,      /* waits for nua_r_shutdown */
  STAGE_STOPPED
} Stage;

/* A leg as the agent sees it. */
typedef struct
{
  gboolean alone;     /* nobody but us holds it */
  gboolean announced; /* "incoming" is over */
} LegEntry;

struct _BbSipAgent
{
  GObject parent_instance;

  BbConfig *config;
  guint port;
  su_root_t *root;
  GSource *source;
  nua_t *nua;
  GHashTable *legs; /* BbSipLeg (toggle reference) -> LegEntry */
  GHashTable *handles; /* set: every handle sofia told us of and that we have not destroyed */
  GPtrArray *dying; /* handles to destroy outside their own events */
  guint dying_idle;
  BbSipAccount *account;
  gboolean draining;

  Stage stage;
  GTask *stop_task;
  guint stop_timeout;
};

enum
{
  SIGNAL_INCOMING,
  SIGNAL_REGISTRATION,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_QUARK (bb-sip-error-quark, bb_sip_error)
G_DEFINE_FINAL_TYPE (BbSipAgent, bb_sip_agent, G_TYPE_OBJECT)

static void check_stop (BbSipAgent *self);

const BbConfig *
bb_sip_agent_get_config (BbSipAgent *self)
{
  return self->config;
}

char *
bb_sip_agent_dup_credentials (BbSipAgent *self, const char *peer_address, const sip_t *sip)
{
  /* A stranger who calls us and challenges our BYE would get a digest he can
   * try passwords on: only the account's own server gets an answer. */
  if (self->account == NULL || !bb_sip_account_is_server (self->account, peer_address))
    return NULL;
  return bb_sip_account_dup_credentials (self->account, sip);
}

gboolean
bb_sip_agent_trusts (BbSipAgent *self, const char *peer_address)
{
  /* With an account only its server vouches for callers. Without one we stand
   * behind a PBX or proxy that registers nobody, and whoever reaches us could
   * write From as well: nothing is lost by believing it. */
  return self->account == NULL || bb_sip_account_is_server (self->account, peer_address);
}

char *
bb_sip_event_dup_peer_address (const BbSipEvent *event, guint16 *port)
{
  const msg_t *message = nua_current_request (event->nua);
  su_sockaddr_t *address = message != NULL ? msg_addr ((msg_t *)message) : NULL;
  g_autoptr (GSocketAddress) socket_address = NULL;

  if (address == NULL || address->su_family == AF_UNSPEC)
    return NULL;

  socket_address = g_socket_address_new_from_native (address, sizeof *address);
  if (!G_IS_INET_SOCKET_ADDRESS (socket_address))
    return NULL;
  if (port != NULL)
    *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (socket_address));
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (socket_address)));
}

static void
destroy_handles (BbSipAgent *self)
{
  while (self->dying->len > 0)
    {
      nua_handle_t *handle = g_ptr_array_remove_index_fast (self->dying, self->dying->len - 1);

      g_hash_table_remove (self->handles, handle);
      nua_handle_destroy (handle);
    }
}

static gboolean
on_destroy_handles (gpointer data)
{
  BbSipAgent *self = data;

  self->dying_idle = 0;
  destroy_handles (self);
  check_stop (self);
  return G_SOURCE_REMOVE;
}

/* sofia must not lose a handle inside that handle's own event. Its owner may be
 * gone before the idle comes, so events until then are nobody's. */
static void
bury (BbSipAgent *self, nua_handle_t *handle)
{
  if (handle == NULL || g_ptr_array_find (self->dying, handle, NULL))
    return;

  nua_handle_bind (handle, NULL);
  g_ptr_array_add (self->dying, handle);
  if (self->dying_idle == 0)
    self->dying_idle = g_idle_add_full (G_PRIORITY_DEFAULT, on_destroy_handles, self, NULL);
}

static void
on_leg_toggled (gpointer data, GObject *leg, gboolean is_last)
{
  BbSipAgent *self = data;
  LegEntry *entry = g_hash_table_lookup (self->legs, leg);

  if (entry == NULL)
    return;

  entry->alone = is_last;
  /* its session forgot to end it: the caller must not hang there for ever */
  if (is_last && entry->announced && !bb_sip_leg_has_ended (BB_SIP_LEG (leg)))
    bb_leg_hang_up (BB_LEG (leg), NULL);
}

static void
forget_leg (BbSipAgent *self, BbSipLeg *leg)
{
  nua_handle_t *handle = bb_sip_leg_get_handle (leg);

  if (!g_hash_table_remove (self->legs, leg))
    return;

  bury (self, handle);
  bb_sip_leg_detach (leg);
  g_object_remove_toggle_ref (G_OBJECT (leg), on_leg_toggled, self);
}

void
bb_sip_agent_leg_gone (BbSipAgent *self, GObject *leg)
{
  forget_leg (self, BB_SIP_LEG (leg));
}

static void
on_invite (BbSipAgent *self, const BbSipEvent *event)
{
  g_autoptr (BbSipLeg) leg = NULL;
  LegEntry *entry;

  if (event->status >= 200)
    {
      bury (self, event->handle); /* sofia refused it by itself */
      return;
    }
  if (self->draining)
    {
      nua_respond (event->handle, SIP_503_SERVICE_UNAVAILABLE,
                   SIPTAG_RETRY_AFTER_STR (DRAIN_RETRY_AFTER), TAG_END ());
      bury (self, event->handle);
      return;
    }

  leg = bb_sip_leg_new (self, event);
  if (leg == NULL)
    {
      bury (self, event->handle);
      return;
    }

  entry = g_new0 (LegEntry, 1);
  g_hash_table_insert (self->legs, leg, entry);
  g_object_add_toggle_ref (G_OBJECT (leg), on_leg_toggled, self);
  g_signal_emit (self, signals[SIGNAL_INCOMING], 0, leg);

  entry = g_hash_table_lookup (self->legs, leg);
  if (entry != NULL)
    entry->announced = TRUE;
  /* dropping our own reference tells whether anybody took one: on_leg_toggled
   * refuses with 480 when not */
}

static void
on_options (BbSipAgent *self, const BbSipEvent *event)
{
  if (event->status < 200)
    {
      if (self->draining)
        nua_respond (event->handle, SIP_503_SERVICE_UNAVAILABLE, NUTAG_WITH_CURRENT (event->nua),
                     SIPTAG_RETRY_AFTER_STR (DRAIN_RETRY_AFTER), TAG_END ());
      else
        nua_respond (event->handle, SIP_200_OK, NUTAG_WITH_CURRENT (event->nua),
                     SIPTAG_ALLOW_STR (BB_SIP_METHODS), SIPTAG_ACCEPT_STR (BB_SIP_SDP_TYPE),
                     TAG_END ());
    }
}

static void
on_shutdown (BbSipAgent *self, int status)
{
  if (status >= 200)
    {
      self->stage = STAGE_STOPPED;
      check_stop (self);
    }
}

static void
on_event (nua_event_t type,
          int status,
          const char *phrase,
          nua_t *nua,
          BbSipAgent *self,
          nua_handle_t *handle,
          GObject *owner,
          const sip_t *sip,
          tagi_t tags[])
{
  const BbSipEvent event = { type, status, phrase, nua, handle, sip, tags };

  if (handle != NULL && !(owner != NULL && BB_IS_SIP_ACCOUNT (owner)))
    g_hash_table_add (self->handles, handle);

  if (type == nua_r_shutdown)
    on_shutdown (self, status);
  else if (type == nua_i_options)
    on_options (self, &event);
  else if (owner != NULL && BB_IS_SIP_LEG (owner))
    bb_sip_leg_handle_event (BB_SIP_LEG (owner), &event);
  else if (owner != NULL && BB_IS_SIP_ACCOUNT (owner))
    bb_sip_account_handle_event (BB_SIP_ACCOUNT (owner), &event);
  else if (type == nua_i_invite && handle != NULL && !g_ptr_array_find (self->dying, handle, NULL))
    {
      on_invite (self, &event);
      return;
    }

  /* sofia made a handle for a request that nobody owns */
  if (owner == NULL && handle != NULL)
    bury (self, handle);
}

static void
on_registration (BbSipAccount *account, const char *state, const char *text, BbSipAgent *self)
{
  g_signal_emit (self, signals[SIGNAL_REGISTRATION], 0, state, text);
  check_stop (self);
}

/* An address that others reach us at, as a URI has it; never 0.0.0.0. */
static char *
dup_host (BbSipAgent *self)
{
  g_autofree char *address = NULL;

  if (self->config->sip_public_address != NULL)
    address = g_strdup (self->config->sip_public_address);
  else if (!bb_sip_address_is_any (self->config->sip_address))
    address = g_strdup (self->config->sip_address);
  else
    {
      gboolean v6 = strchr (self->config->sip_address, ':') != NULL;

      /* documentation addresses (RFC 5737, 3849): whatever the default route is */
      address = bb_sip_address_toward (v6 ? "2001:db8::1" : "192.0.2.1", 9, NULL);
      if (address == NULL)
        address = g_strdup (v6 ? "::1" : "127.0.0.1");
    }
  return bb_sip_address_bracket (address);
}

static gboolean
start_stack (BbSipAgent *self, GError **error)
{
  static gboolean extended; /* main context only */
  g_autofree char *host = bb_sip_address_bracket (self->config->sip_address);
  g_autofree char *canonical = dup_host (self);
  g_autofree char *url = NULL;
  const char *user = *self->config->account_user != '\0' ? self->config->account_user : "bestellbot";

  su_init ();
  /* P-Asserted-Identity and Privacy are "extra" headers to sofia's parser */
  if (!extended)
    extended = sip_update_default_mclass (sip_extend_mclass (NULL)) == 0;
  bb_sip_log_redirect (self->config->account_password);
  self->root = su_glib_root_create (NULL);
  if (self->root == NULL)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_STATE, _ ("the SIP stack did not start"));
      return FALSE;
    }
  su_root_threading (self->root, FALSE);
  self->source = su_glib_root_gsource (self->root);
  g_source_attach (self->source, NULL);

  /* Between probe and start another program may take the port: with 0 we try another. */
  for (guint attempt = 0; attempt < 8 && self->nua == NULL; attempt++)
    {
      self->port = bb_sip_address_probe (self->config->sip_address, self->config->sip_port, error);
      if (self->port == 0)
        return FALSE;

      g_free (url);
      /* Told to listen on 0.0.0.0 alone, sofia opens a socket per address it
       * finds at this moment and sends whatever we start (BYE, REGISTER) from
       * the first of them, whoever the peer. Told to listen on a particular
       * address, which happens to be that one in another spelling, it opens one
       * socket, and the kernel's routing chooses. */
      if (bb_sip_address_is_any (self->config->sip_address))
        url = g_strdup_printf ("sip:%s@%s:%u;maddr=%s", user, canonical, self->port,
                               host[0] == '[' ? "[::0]" : "0.0");
      else
        url = g_strdup_printf ("sip:%s@%s:%u", user, host, self->port);
      self->nua = nua_create (
          self->root, on_event, self, NUTAG_URL (URL_STRING_MAKE (url)), NUTAG_MEDIA_ENABLE (0),
          NUTAG_AUTOANSWER (0), NUTAG_AUTOALERT (0), NUTAG_EARLY_MEDIA (0),
          NUTAG_ENABLEMESSAGE (0), SIPTAG_ALLOW_STR (BB_SIP_METHODS),
          NUTAG_APPL_METHOD ("INVITE, OPTIONS, UPDATE"),
          SIPTAG_SUPPORTED_STR ("timer, 100rel"), NUTAG_SESSION_TIMER (0),
          NUTAG_SESSION_REFRESHER (nua_remote_refresher), NUTAG_UPDATE_REFRESH (1),
          SIPTAG_USER_AGENT_STR ("Bestellbot/" PACKAGE_VERSION), NUTAG_AUTO302 (0), NUTAG_AUTO305 (0),
          TPTAG_LOG (0), TAG_END ());
      if (self->config->sip_port != 0)
        break;
    }

  if (self->nua == NULL)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_PORT,
                   _ ("can't listen on %s:%u (UDP and TCP): set [sip] address and port"), host,
                   self->port);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_config (const BbConfig *config, GError **error)
{
  g_autoptr (GInetAddress) listen = g_inet_address_new_from_string (config->sip_address);
  g_autoptr (GInetAddress) public
      = config->sip_public_address != NULL
            ? g_inet_address_new_from_string (config->sip_public_address)
            : NULL;

  if (listen == NULL)
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_ADDRESS,
                   _ ("[sip] address: “%s” is no numeric address (0.0.0.0: all interfaces)"),
                   config->sip_address);
      return FALSE;
    }
  if (config->sip_public_address != NULL && (public == NULL || g_inet_address_get_is_any (public)))
    {
      g_set_error (error, BB_SIP_ERROR, BB_SIP_ERROR_ADDRESS,
                   _ ("[sip] public-address: “%s” is no numeric address that a peer could reach"),
                   config->sip_public_address);
      return FALSE;
    }
  return TRUE;
}

/**
 * bb_sip_agent_new:
 * @config: sip_address, sip_port, sip_public_address, account_*, and for SDP
 *   codecs, ptime, opus_bitrate
 * @error: return location for a #BbSipError
 *
 * Starts listening on UDP and TCP, and registers when an account is set. Needs
 * the default main context to run. Call bb_sip_agent_stop_async() before the
 * last reference goes.
 *
 * Returns: (transfer full) (nullable): the agent, listening
 */
BbSipAgent *
bb_sip_agent_new (const BbConfig *config, GError **error)
{
  g_autoptr (BbSipAgent) self = NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  if (!check_config (config, error))
    return NULL;

  self = g_object_new (BB_TYPE_SIP_AGENT, NULL);
  self->config = bb_config_ref (config);
  if (!start_stack (self, error))
    return NULL;

  if (config->account_server != NULL && *config->account_server != '\0')
    {
      self->account = bb_sip_account_new (config, self->port);
      g_signal_connect (self->account, "changed", G_CALLBACK (on_registration), self);
      bb_sip_account_start (self->account, self->nua);
    }
  return g_steal_pointer (&self);
}

/**
 * bb_sip_agent_get_udp_port:
 * @self: the agent
 *
 * Returns: the port it listens on
 */
guint
bb_sip_agent_get_udp_port (BbSipAgent *self)
{
  return self->port;
}

/**
 * bb_sip_agent_get_tcp_port:
 * @self: the agent
 *
 * Returns: the port it listens on: the same as for UDP
 */
guint
bb_sip_agent_get_tcp_port (BbSipAgent *self)
{
  return self->port;
}

/**
 * bb_sip_agent_dup_uri:
 * @self: the agent
 *
 * Returns: (transfer full): what a caller dials: with an address that can be
 *   reached, never 0.0.0.0
 */
char *
bb_sip_agent_dup_uri (BbSipAgent *self)
{
  const char *user = *self->config->account_user != '\0' ? self->config->account_user : "bestellbot";
  g_autofree char *host = dup_host (self);

  return g_strdup_printf ("sip:%s@%s:%u", user, host, self->port);
}

/**
 * bb_sip_agent_get_n_legs:
 * @self: the agent
 *
 * sofia's own leaks don't show in sanitizers, since it still knows its
 * handles: so they are counted.
 *
 * Returns: handles of calls and single requests sofia still knows; 0 when idle
 */
guint
bb_sip_agent_get_n_legs (BbSipAgent *self)
{
  return g_hash_table_size (self->handles);
}

/**
 * bb_sip_agent_set_draining:
 * @self: the agent
 * @draining: whether new calls go elsewhere
 *
 * %TRUE: OPTIONS and new INVITEs get 503; running calls go on.
 */
void
bb_sip_agent_set_draining (BbSipAgent *self, gboolean draining)
{
  self->draining = draining;
}

/**
 * bb_sip_agent_set_transaction_timeout:
 * @self: the agent
 * @timeout_ms: until a peer counts as gone
 *
 * How long an ACK or a final answer may take (64 * T1 of RFC 3261, 32 s).
 */
void
bb_sip_agent_set_transaction_timeout (BbSipAgent *self, guint timeout_ms)
{
  nua_set_params (self->nua, NTATAG_SIP_T1X64 (timeout_ms), TAG_END ());
}

static void
hang_up_all (BbSipAgent *self)
{
  g_autoptr (GList) legs = g_hash_table_get_keys (self->legs);

  for (GList *l = legs; l != NULL; l = l->next)
    bb_leg_hang_up (BB_LEG (l->data), "shutdown");
}

static void
drop_everything (BbSipAgent *self)
{
  g_autoptr (GList) legs = g_hash_table_get_keys (self->legs);

  for (GList *l = legs; l != NULL; l = l->next)
    forget_leg (self, BB_SIP_LEG (l->data));
  if (self->account != NULL)
    bury (self, bb_sip_account_steal_handle (self->account));
  g_clear_handle_id (&self->dying_idle, g_source_remove);
  destroy_handles (self);
}

static void
destroy_stack (BbSipAgent *self)
{
  g_clear_pointer (&self->nua, nua_destroy);
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      self->source = NULL;
    }
  g_clear_pointer (&self->root, su_root_destroy);
}

static gboolean
on_stopped (gpointer data)
{
  BbSipAgent *self = data;
  g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);

  g_clear_handle_id (&self->stop_timeout, g_source_remove);
  if (self->stage == STAGE_STOPPED)
    destroy_stack (self);
  else
    g_warning ("the SIP stack did not stop in time");
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
on_grace_over (gpointer data)
{
  BbSipAgent *self = data;

  self->stop_timeout = 0;
  return on_stopped (self);
}

/* With its handles gone the stack has nothing to wait for. */
static void
stop_stack (BbSipAgent *self)
{
  g_clear_handle_id (&self->stop_timeout, g_source_remove);
  self->stage = STAGE_STACK;
  drop_everything (self);
  self->stop_timeout = g_timeout_add (SHUTDOWN_GRACE_MS, on_grace_over, self);
  nua_shutdown (self->nua);
}

static void
check_stop (BbSipAgent *self)
{
  if (self->stage == STAGE_HANGING_UP && g_hash_table_size (self->handles) == 0
      && (self->account == NULL || bb_sip_account_is_idle (self->account)))
    stop_stack (self);
  else if (self->stage == STAGE_STOPPED && self->nua != NULL && self->stop_task != NULL)
    /* nua_destroy() must not run inside nua's own event */
    g_idle_add_full (G_PRIORITY_DEFAULT, on_stopped, g_object_ref (self), g_object_unref);
}

static gboolean
on_deadline (gpointer data)
{
  BbSipAgent *self = data;

  self->stop_timeout = 0;
  g_message ("SIP: %u calls did not answer the BYE in time", bb_sip_agent_get_n_legs (self));
  stop_stack (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_check_stop (gpointer data)
{
  check_stop (data);
  return G_SOURCE_REMOVE;
}

/**
 * bb_sip_agent_stop_async:
 * @self: the agent
 * @timeout_ms: for BYEs and the un-REGISTER to be answered
 * @callback: called from the main loop
 * @user_data: for @callback
 *
 * Ends what is left, unregisters, closes the sockets. Harmless when it has
 * stopped already.
 */
void
bb_sip_agent_stop_async (BbSipAgent *self,
                         guint timeout_ms,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  BB_ASSERT_MAIN_CONTEXT ();
  g_task_set_source_tag (task, bb_sip_agent_stop_async);
  if (self->stage != STAGE_RUNNING || self->nua == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  self->stop_task = g_steal_pointer (&task);
  self->stage = STAGE_HANGING_UP;
  self->draining = TRUE;
  self->stop_timeout = g_timeout_add (timeout_ms, on_deadline, self);
  hang_up_all (self);
  if (self->account != NULL)
    bb_sip_account_stop (self->account);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_check_stop, g_object_ref (self), g_object_unref);
}

/**
 * bb_sip_agent_stop_finish:
 * @self: the agent
 * @result: of bb_sip_agent_stop_async()
 */
void
bb_sip_agent_stop_finish (BbSipAgent *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
bb_sip_agent_dispose (GObject *object)
{
  BbSipAgent *self = BB_SIP_AGENT (object);

  if (self->nua != NULL)
    {
      /* Nobody stopped us: a few turns of sofia's own loop instead. */
      drop_everything (self);
      nua_shutdown (self->nua);
      for (guint turn = 0; turn < 100 && self->stage != STAGE_STOPPED; turn++)
        su_root_step (self->root, 1);
    }
  if (self->nua == NULL || self->stage == STAGE_STOPPED)
    destroy_stack (self);
  g_clear_handle_id (&self->dying_idle, g_source_remove);
  g_clear_handle_id (&self->stop_timeout, g_source_remove);
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);

  G_OBJECT_CLASS (bb_sip_agent_parent_class)->dispose (object);
}

static void
bb_sip_agent_finalize (GObject *object)
{
  BbSipAgent *self = BB_SIP_AGENT (object);

  g_hash_table_unref (self->legs);
  g_hash_table_unref (self->handles);
  g_ptr_array_unref (self->dying);
  g_clear_pointer (&self->config, bb_config_unref);

  G_OBJECT_CLASS (bb_sip_agent_parent_class)->finalize (object);
}

static void
bb_sip_agent_class_init (BbSipAgentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bb_sip_agent_dispose;
  object_class->finalize = bb_sip_agent_finalize;

  signals[SIGNAL_INCOMING]
      = g_signal_new (BB_SIP_AGENT_SIGNAL_INCOMING, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                      NULL, NULL, NULL, G_TYPE_NONE, 1, BB_TYPE_LEG);
  signals[SIGNAL_REGISTRATION]
      = g_signal_new (BB_SIP_AGENT_SIGNAL_REGISTRATION, G_TYPE_FROM_CLASS (klass),
                      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                      G_TYPE_STRING);
}

static void
bb_sip_agent_init (BbSipAgent *self)
{
  self->legs = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->handles = g_hash_table_new (NULL, NULL);
  self->dying = g_ptr_array_new ();
}
