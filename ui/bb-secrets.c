/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-secrets.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

static const SecretSchema schema = {
  "de.bestellbot.Bestellbot",
  SECRET_SCHEMA_NONE,
  { { "kind", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

static const struct
{
  const char *kind;
  const char *variable;
  const char *label;
} secrets[] = {
  [BB_SECRET_API_KEY] = { "api-key", "OPENAI_API_KEY", N_("Bestellbot: key of the speech service") },
  [BB_SECRET_GATEWAY_TOKEN]
  = { "gateway-token", "BESTELLBOT_API_TOKEN", N_("Bestellbot: token of the gateway") },
};

static char *session[G_N_ELEMENTS (secrets)];

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autofree char *secret = secret_password_lookup_finish (result, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&secret), g_free);
}

void
bb_secrets_lookup_async (BbSecret what, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const char *secret = session[what] != NULL ? session[what] : g_getenv (secrets[what].variable);

  if (secret != NULL && *secret != '\0')
    g_task_return_pointer (task, g_strdup (secret), g_free);
  else
    secret_password_lookup (&schema, cancellable, on_looked_up, g_object_ref (task), "kind",
                            secrets[what].kind, NULL);
}

char *
bb_secrets_lookup_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (secret_password_store_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_cleared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  secret_password_clear_finish (result, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
bb_secrets_store_async (BbSecret what, const char *secret, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_clear_pointer (&session[what], g_free);
  if (secret == NULL || *secret == '\0')
    {
      secret_password_clear (&schema, cancellable, on_cleared, g_object_ref (task), "kind",
                             secrets[what].kind, NULL);
      return;
    }
  session[what] = g_strdup (secret);
  secret_password_store (&schema, SECRET_COLLECTION_DEFAULT, _(secrets[what].label), secret,
                         cancellable, on_stored, g_object_ref (task), "kind", secrets[what].kind,
                         NULL);
}

gboolean
bb_secrets_store_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
