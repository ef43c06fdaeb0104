/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-run-settings.h"

#include <glib/gi18n-lib.h>

#include "bb-operator.h"

static void
set (char **field, const char *value)
{
  g_free (*field);
  *field = g_strdup (value);
}

BbSettings *
bb_run_settings_get (const BbConfig *config, gboolean draining)
{
  BbSettings *self = bb_settings_new ();

  self->draining = draining;
  self->max_calls = config->max_calls;
  self->max_duration = config->max_call_duration;
  self->operator_first = config->operator_first;
  self->recording = config->recording;
  set (&self->notice, config->realtime_notice);
  set (&self->merchant, config->merchant_name);
  set (&self->currency, config->currency);
  set (&self->language, config->realtime_language);
  set (&self->transfer_target, config->operator_target);
  return self;
}

/* Takes @value. Takes @config, which is NULL after an error. */
static BbConfig *
change (BbConfig *config, const char *group, const char *key, char *value, GError **error)
{
  g_autoptr (GError) problem = NULL;
  BbConfig *changed = bb_config_change (config, group, key, value, &problem);

  if (changed == NULL)
    g_set_error_literal (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID, problem->message);
  g_free (value);
  bb_config_unref (config);
  return changed;
}

BbConfig *
bb_run_settings_change (const BbConfig *config,
                        const BbSettings *settings,
                        BbSettingsFields fields,
                        GError **error)
{
  BbConfig *changed = bb_config_ref (config);
  const struct
  {
    BbSettingsFields field;
    const char *group, *key;
    guint value;
  } numbers[] = {
    { BB_SETTINGS_MAX_CALLS, "calls", "max-calls", settings->max_calls },
    { BB_SETTINGS_MAX_DURATION, "calls", "max-duration", settings->max_duration },
    { BB_SETTINGS_OPERATOR_FIRST, "calls", "operator-first", settings->operator_first },
  };

  for (gsize i = 0; changed != NULL && i < G_N_ELEMENTS (numbers); i++)
    if ((fields & numbers[i].field) != 0)
      changed = change (changed, numbers[i].group, numbers[i].key,
                        g_strdup_printf ("%u", numbers[i].value), error);
  if (changed != NULL && (fields & BB_SETTINGS_RECORDING) != 0)
    changed = change (changed, "recording", "enabled",
                      g_strdup (settings->recording ? "true" : "false"), error);
  if (changed != NULL && (fields & BB_SETTINGS_NOTICE) != 0)
    {
      if (strlen (settings->notice) > BB_SETTINGS_MAX_NOTICE)
        {
          g_set_error (error, BB_OPERATOR_ERROR, BB_OPERATOR_ERROR_INVALID,
                       _ ("A notice holds at most %d bytes."), BB_SETTINGS_MAX_NOTICE);
          g_clear_pointer (&changed, bb_config_unref);
        }
      else
        changed = change (changed, "realtime", "notice", g_strdup (settings->notice), error);
    }
  return changed;
}
