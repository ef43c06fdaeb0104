/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-api-commands.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"

/* Requests are read strictly: a member that is mistyped must not be taken for
 * one that was left out. */

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, BB_API_ERROR, BB_API_ERROR_FORMAT, text);
  return FALSE;
}

gboolean
bb_api_only_members (JsonObject *body, GError **error, const char *first, ...)
{
  g_autoptr (GList) members = json_object_get_members (body);

  for (GList *link = members; link != NULL; link = link->next)
    {
      gboolean known = FALSE;
      va_list names;

      va_start (names, first);
      for (const char *name = first; name != NULL && !known; name = va_arg (names, const char *))
        known = strcmp (link->data, name) == 0;
      va_end (names);
      if (!known)
        {
          g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT,
                       "“%.40s” is no member of this request", (const char *)link->data);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
bb_api_read_nothing (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  return json_object_get_size (body) == 0 || refuse (error, "this request has no members");
}

gboolean
bb_api_read_answer (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *by = "bot";

  if (!bb_api_only_members (body, error, "by", NULL)
      || (json_object_has_member (body, "by") && !bb_api_read_string (body, "by", &by, error)))
    return FALSE;
  command->by_operator = strcmp (by, "operator") == 0;
  return command->by_operator || strcmp (by, "bot") == 0
         || refuse (error, "by must be bot or operator");
}

gboolean
bb_api_read_transfer (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *target = NULL;

  if (!bb_api_only_members (body, error, "target", NULL)
      || (json_object_has_member (body, "target")
          && !bb_api_read_nullable_string (body, "target", &target, error)))
    return FALSE;
  command->text = g_strdup (target);
  return TRUE;
}

gboolean
bb_api_read_mode (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *mode;

  return bb_api_only_members (body, error, "mode", NULL)
         && bb_api_read_string (body, "mode", &mode, error)
         && (bb_operator_mode_from_nick (mode, &command->mode)
             || refuse (error, "mode must be away, listen, whisper, take-over or conference"));
}

gboolean
bb_api_read_text (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *text;

  if (!bb_api_only_members (body, error, "text", NULL)
      || !bb_api_read_string (body, "text", &text, error))
    return FALSE;
  command->text = g_strdup (text);
  return TRUE;
}

gboolean
bb_api_read_whisper (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *text;

  if (!bb_api_only_members (body, error, "text", "respond", NULL)
      || !bb_api_read_string (body, "text", &text, error)
      || (json_object_has_member (body, "respond")
          && !bb_api_read_boolean (body, "respond", &command->respond, error)))
    return FALSE;
  command->text = g_strdup (text);
  return TRUE;
}

gboolean
bb_api_read_line_number (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *number;

  if (!bb_api_only_members (body, error, "product_number", NULL)
      || !bb_api_read_string (body, "product_number", &number, error))
    return FALSE;
  command->number = g_strdup (number);
  return TRUE;
}

gboolean
bb_api_read_line (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *number;
  gint64 quantity;

  if (!bb_api_only_members (body, error, "product_number", "quantity", NULL)
      || !bb_api_read_string (body, "product_number", &number, error)
      || !bb_api_read_int (body, "quantity", 1, G_MAXINT, &quantity, error))
    return FALSE;
  command->number = g_strdup (number);
  command->quantity = (guint)quantity;
  return TRUE;
}

/* ---- queries ---------------------------------------------------------- */

static const char *
query_value (GHashTable *query, const char *name)
{
  const char *value = query != NULL ? g_hash_table_lookup (query, name) : NULL;

  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
read_limit (BbCommand *command, GHashTable *query, GError **error)
{
  const char *text = query != NULL ? g_hash_table_lookup (query, "limit") : NULL;
  guint64 limit;

  if (text == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 1, BB_COMMAND_MAX_LIMIT, &limit, NULL))
    {
      g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT, "limit must be a number from 1 to %d",
                   BB_COMMAND_MAX_LIMIT);
      return FALSE;
    }
  command->filter.limit = (guint)limit;
  return TRUE;
}

static gboolean
read_time (GHashTable *query, const char *name, GDateTime **time, GError **error)
{
  const char *text = query_value (query, name);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

  if (text == NULL)
    return TRUE;
  *time = g_utf8_validate (text, -1, NULL) ? g_date_time_new_from_iso8601 (text, utc) : NULL;
  if (*time != NULL)
    return TRUE;
  g_set_error (error, BB_API_ERROR, BB_API_ERROR_FORMAT,
               "%s must be a time like 2026-03-01T08:00:00Z", name);
  return FALSE;
}

gboolean
bb_api_read_call_filter (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  command->filter.text = g_strdup (query_value (query, "q"));
  return read_limit (command, query, error)
         && read_time (query, "since", &command->filter.since, error)
         && read_time (query, "until", &command->filter.until, error);
}

gboolean
bb_api_read_order_filter (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *state = query_value (query, "state");
  const char *lines = query_value (query, "lines");
  BbOrderState value;

  if (!bb_api_read_call_filter (command, body, query, error))
    return FALSE;
  command->filter.call_id = g_strdup (query_value (query, "call"));
  if (state != NULL)
    {
      if (!bb_order_state_from_nick (state, &value))
        return refuse (error, "state must be draft, read-back, submitted or cancelled");
      command->filter.state = (int)value;
    }
  command->respond = g_strcmp0 (lines, "true") == 0; /* with lines */
  return lines == NULL || command->respond || strcmp (lines, "false") == 0
         || refuse (error, "lines must be true or false");
}

gboolean
bb_api_read_export (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *format = query_value (query, "format");

  command->format = g_strdup (format != NULL ? format : "csv");
  if (strcmp (command->format, "csv") != 0 && strcmp (command->format, "json") != 0)
    return refuse (error, "format must be csv or json");
  return bb_api_read_order_filter (command, body, query, error);
}

gboolean
bb_api_read_search (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  const char *text = query_value (query, "q");

  if (text == NULL)
    return refuse (error, "q must hold what to search for");
  command->text = g_strdup (text);
  command->group = g_strdup (query_value (query, "group"));
  return read_limit (command, query, error);
}

/* ---- settings --------------------------------------------------------- */

static gboolean
read_number (BbCommand *command, JsonObject *body, const char *name, BbSettingsFields field,
             guint *value, GError **error)
{
  gint64 number;

  if (!json_object_has_member (body, name))
    return TRUE;
  if (!bb_api_read_int (body, name, 0, G_MAXINT, &number, error))
    return FALSE;
  *value = (guint)number;
  command->fields |= field;
  return TRUE;
}

static gboolean
read_flag (BbCommand *command, JsonObject *body, const char *name, BbSettingsFields field,
           gboolean *value, GError **error)
{
  if (!json_object_has_member (body, name))
    return TRUE;
  command->fields |= field;
  return bb_api_read_boolean (body, name, value, error);
}

gboolean
bb_api_read_settings_change (BbCommand *command, JsonObject *body, GHashTable *query, GError **error)
{
  BbSettings *settings = command->settings = bb_settings_new ();
  const char *notice;

  if (!bb_api_only_members (body, error, "draining", "max_calls", "max_duration_s",
                            "operator_first_s", "recording", "notice", NULL)
      || !read_flag (command, body, "draining", BB_SETTINGS_DRAINING, &settings->draining, error)
      || !read_flag (command, body, "recording", BB_SETTINGS_RECORDING, &settings->recording, error)
      || !read_number (command, body, "max_calls", BB_SETTINGS_MAX_CALLS, &settings->max_calls, error)
      || !read_number (command, body, "max_duration_s", BB_SETTINGS_MAX_DURATION,
                       &settings->max_duration, error)
      || !read_number (command, body, "operator_first_s", BB_SETTINGS_OPERATOR_FIRST,
                       &settings->operator_first, error))
    return FALSE;
  if (!json_object_has_member (body, "notice"))
    return command->fields != 0 || refuse (error, "a setting to change is wanted");
  if (!bb_api_read_string (body, "notice", &notice, error))
    return FALSE;
  g_free (settings->notice);
  settings->notice = g_strdup (notice);
  command->fields |= BB_SETTINGS_NOTICE;
  return TRUE;
}
