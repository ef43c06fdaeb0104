/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-sip-account.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "bb-sip-address.h"
#include "bb-types.h"

/* Below the 30 s after which many routers forget a UDP binding. */
#define KEEPALIVE_MS 25000
#define RETRY_MIN 5   /* s */
#define RETRY_MAX 300 /* s */

struct _BbSipAccount
{
  GObject parent_instance;

  BbConfig *config;
  guint port;
  nua_handle_t *handle;
  char *address_of_record;
  char *server_address; /* that answered last */
  char *state;          /* what was told last */
  gboolean stopping;
  gboolean idle; /* nothing registered, nothing under way */
  guint challenges;
  guint retry_delay; /* s */
  guint retry_timeout;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BbSipAccount, bb_sip_account, G_TYPE_OBJECT)

static void
tell (BbSipAccount *self, const char *state, const char *text)
{
  if (g_strcmp0 (self->state, state) != 0)
    g_message ("account %s: %s%s%s", self->address_of_record, state, *text != '\0' ? ": " : "",
               text);
  g_free (self->state);
  self->state = g_strdup (state);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, state, text);
}

/**
 * bb_sip_account_new:
 * @config: with account_server set
 * @port: we listen on
 *
 * Returns: (transfer full): an account that has not started
 */
BbSipAccount *
bb_sip_account_new (const BbConfig *config, guint port)
{
  BbSipAccount *self = g_object_new (BB_TYPE_SIP_ACCOUNT, NULL);
  g_autofree char *host = NULL;

  self->config = bb_config_ref (config);
  self->port = port;
  /* "[2001:db8::1]:5060" and "host:5060": the address of record has no port */
  if (config->account_server[0] == '[')
    host = g_strndup (config->account_server, strcspn (config->account_server, "]") + 1);
  else
    host = g_strndup (config->account_server, strcspn (config->account_server, ":;"));
  self->address_of_record = g_strdup_printf ("sip:%s@%s", config->account_user, host);
  return self;
}

static void
send_register (BbSipAccount *self)
{
  g_autofree char *registrar = g_strdup_printf ("sip:%s", self->config->account_server);
  g_autofree char *expires = g_strdup_printf ("%u", self->config->account_expires);
  g_autofree char *contact = NULL;

  /* Without a public address sofia names the interface's, and corrects itself by
   * what the server saw (received, rport). */
  if (self->config->sip_public_address != NULL)
    {
      g_autofree char *host = bb_sip_address_bracket (self->config->sip_public_address);

      contact = g_strdup_printf ("<sip:%s@%s:%u>", self->config->account_user, host, self->port);
    }

  self->challenges = 0;
  tell (self, "registering", "");
  nua_register (self->handle, NUTAG_REGISTRAR (URL_STRING_MAKE (registrar)),
                SIPTAG_EXPIRES_STR (expires), NUTAG_M_USERNAME (self->config->account_user),
                NUTAG_OUTBOUND ("no-validate no-gruuize natify use-rport options-keepalive"),
                NUTAG_KEEPALIVE (KEEPALIVE_MS),
                /* The keep-alive's request URI is the address of record, which names no
                 * port: without this it would go to 5060, and keep no binding. */
                TAG_IF (self->config->account_outbound_proxy == NULL,
                        NUTAG_PROXY (URL_STRING_MAKE (registrar))),
                TAG_IF (contact != NULL, SIPTAG_CONTACT_STR (contact)), TAG_END ());
}

static gboolean
on_retry (gpointer data)
{
  BbSipAccount *self = data;

  self->retry_timeout = 0;
  send_register (self);
  return G_SOURCE_REMOVE;
}

/**
 * bb_sip_account_start:
 * @self: the account
 * @nua: sofia
 *
 * Registers, and keeps it so.
 */
void
bb_sip_account_start (BbSipAccount *self, nua_t *nua)
{
  const char *proxy = self->config->account_outbound_proxy;
  g_autofree char *route = proxy != NULL ? g_strdup_printf ("<sip:%s;lr>", proxy) : NULL;

  BB_ASSERT_MAIN_CONTEXT ();
  self->handle = nua_handle (nua, G_OBJECT (self), SIPTAG_TO_STR (self->address_of_record),
                             SIPTAG_FROM_STR (self->address_of_record),
                             TAG_IF (route != NULL, NUTAG_INITIAL_ROUTE_STR (route)), TAG_END ());
  self->idle = FALSE;
  /* from the main loop: whoever made the agent has to connect to its signal first */
  self->retry_timeout = g_idle_add_full (G_PRIORITY_DEFAULT, on_retry, self, NULL);
}

/**
 * bb_sip_account_stop:
 * @self: the account
 *
 * Unregisters. Harmless when it never registered.
 */
void
bb_sip_account_stop (BbSipAccount *self)
{
  g_clear_handle_id (&self->retry_timeout, g_source_remove);
  if (self->stopping)
    return;

  self->stopping = TRUE;
  if (self->handle == NULL || g_strcmp0 (self->state, "registered") != 0)
    {
      self->idle = TRUE;
      return;
    }
  self->challenges = 0;
  nua_unregister (self->handle, TAG_END ());
}

/**
 * bb_sip_account_is_idle:
 * @self: the account
 *
 * Returns: %TRUE when the server has nothing to be told any more
 */
gboolean
bb_sip_account_is_idle (BbSipAccount *self)
{
  return self->idle;
}

/**
 * bb_sip_account_steal_handle:
 * @self: the account
 *
 * Returns: (transfer full) (nullable): sofia's handle
 */
nua_handle_t *
bb_sip_account_steal_handle (BbSipAccount *self)
{
  g_clear_handle_id (&self->retry_timeout, g_source_remove);
  self->idle = TRUE;
  return g_steal_pointer (&self->handle);
}

/**
 * bb_sip_account_is_server:
 * @self: the account
 * @address: numeric
 *
 * Returns: %TRUE when the account's server answered from @address
 */
gboolean
bb_sip_account_is_server (BbSipAccount *self, const char *address)
{
  return self->server_address != NULL && g_strcmp0 (self->server_address, address) == 0;
}

static const char *
realm_of (const sip_t *sip)
{
  const msg_auth_t *challenge = NULL;

  if (sip != NULL)
    challenge = sip->sip_www_authenticate != NULL ? sip->sip_www_authenticate
                                                  : sip->sip_proxy_authenticate;
  return challenge != NULL ? msg_header_find_param (challenge->au_common, "realm=") : NULL;
}

static gboolean
is_stale (const sip_t *sip)
{
  const msg_auth_t *challenge = NULL;
  const char *stale;

  if (sip != NULL)
    challenge = sip->sip_www_authenticate != NULL ? sip->sip_www_authenticate
                                                  : sip->sip_proxy_authenticate;
  stale = challenge != NULL ? msg_header_find_param (challenge->au_common, "stale=") : NULL;
  return stale != NULL && g_ascii_strncasecmp (stale + (*stale == '"'), "true", 4) == 0;
}

/**
 * bb_sip_account_dup_credentials:
 * @self: the account
 * @sip: a response with a challenge
 *
 * Returns: (transfer full) (nullable): for NUTAG_AUTH()
 */
char *
bb_sip_account_dup_credentials (BbSipAccount *self, const sip_t *sip)
{
  const char *realm = realm_of (sip);
  const char *user = self->config->account_auth_user != NULL ? self->config->account_auth_user
                                                             : self->config->account_user;

  if (realm == NULL || self->config->account_password == NULL)
    return NULL;
  return *realm == '"'
             ? g_strdup_printf ("Digest:%s:%s:%s", realm, user, self->config->account_password)
             : g_strdup_printf ("Digest:\"%s\":%s:%s", realm, user, self->config->account_password);
}

static void
retry_later (BbSipAccount *self, const BbSipEvent *event)
{
  guint delay = self->retry_delay;
  g_autofree char *text = NULL;

  if (event->sip != NULL && event->sip->sip_retry_after != NULL)
    delay = MAX (delay, (guint)MIN (event->sip->sip_retry_after->af_delta, RETRY_MAX));
  text = g_strdup_printf (_ ("%d %s; next attempt in %u s"), event->status, event->phrase, delay);
  self->retry_delay = MIN (self->retry_delay * 2, RETRY_MAX);
  g_clear_handle_id (&self->retry_timeout, g_source_remove);
  self->retry_timeout = g_timeout_add_seconds (delay, on_retry, self);
  tell (self, "failed", text);
}

static void
on_register (BbSipAccount *self, const BbSipEvent *event)
{
  g_autofree char *credentials = NULL;

  if (event->status < 200)
    return;

  if (event->status < 300)
    {
      g_free (self->server_address);
      self->server_address = bb_sip_event_dup_peer_address (event, NULL);
      self->challenges = 0;
      self->retry_delay = RETRY_MIN;
      tell (self, "registered", "");
      return;
    }

  if ((event->status == 401 || event->status == 407)
      && (self->challenges == 0 || (is_stale (event->sip) && self->challenges < 3)))
    {
      credentials = bb_sip_account_dup_credentials (self, event->sip);
      if (credentials != NULL)
        {
          self->challenges++;
          nua_authenticate (self->handle, NUTAG_AUTH (credentials), TAG_END ());
          return;
        }
    }

  /* Asking again with the same wrong password only gets us locked out. */
  if (event->status == 401 || event->status == 407 || event->status == 403)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("%d %s: the server takes neither user nor password ([account] user, auth-user and "
             "password-file or $BESTELLBOT_SIP_PASSWORD); no further attempt"),
          event->status, event->phrase);

      self->idle = TRUE;
      tell (self, "failed", text);
      return;
    }

  if (!self->stopping)
    retry_later (self, event);
}

static void
on_unregister (BbSipAccount *self, const BbSipEvent *event)
{
  g_autofree char *credentials = NULL;

  if (event->status < 200)
    return;

  if ((event->status == 401 || event->status == 407) && self->challenges == 0)
    {
      credentials = bb_sip_account_dup_credentials (self, event->sip);
      if (credentials != NULL)
        {
          self->challenges++;
          nua_authenticate (self->handle, NUTAG_AUTH (credentials), TAG_END ());
          return;
        }
    }

  self->idle = TRUE;
  if (event->status < 300)
    tell (self, "unregistered", "");
  else
    tell (self, "failed", event->phrase != NULL ? event->phrase : "");
}

/**
 * bb_sip_account_handle_event:
 * @self: the account
 * @event: an event of its handle
 */
void
bb_sip_account_handle_event (BbSipAccount *self, const BbSipEvent *event)
{
  if (self->handle == NULL)
    return;

  if (event->event == nua_r_register)
    on_register (self, event);
  else if (event->event == nua_r_unregister)
    on_unregister (self, event);
}

static void
bb_sip_account_finalize (GObject *object)
{
  BbSipAccount *self = BB_SIP_ACCOUNT (object);

  g_clear_handle_id (&self->retry_timeout, g_source_remove);
  bb_config_unref (self->config);
  g_free (self->address_of_record);
  g_free (self->server_address);
  g_free (self->state);

  G_OBJECT_CLASS (bb_sip_account_parent_class)->finalize (object);
}

static void
bb_sip_account_class_init (BbSipAccountClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bb_sip_account_finalize;

  signals[SIGNAL_CHANGED]
      = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
bb_sip_account_init (BbSipAccount *self)
{
  self->idle = TRUE;
  self->retry_delay = RETRY_MIN;
}
