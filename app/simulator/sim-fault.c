/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-fault.h"

#include <string.h>

#include "sim-json.h"

G_DEFINE_QUARK (sim-fault-error-quark, sim_fault_error)

static const struct
{
  const char *name;
  SimFaultKind kind;
  const char *at;   /* where it happens unless told */
  const char *code; /* what it says unless told */
} kinds[] = {
  { "drop", SIM_FAULT_DROP, NULL, NULL },
  { "close", SIM_FAULT_CLOSE, NULL, NULL },
  { "expire", SIM_FAULT_EXPIRE, "response.done", NULL },
  { "stall", SIM_FAULT_STALL, NULL, NULL },
  { "garbage", SIM_FAULT_GARBAGE, "response.created", NULL },
  { "binary", SIM_FAULT_BINARY, "response.created", NULL },
  { "giant", SIM_FAULT_GIANT, "response.output_audio.delta", NULL },
  { "fragment", SIM_FAULT_FRAGMENT, "response.output_audio.delta", NULL },
  { "odd", SIM_FAULT_ODD, "session.updated", NULL },
  { "slow", SIM_FAULT_SLOW, "session.updated", NULL },
  { "unknown", SIM_FAULT_UNKNOWN, "response.created", NULL },
  { "inject", SIM_FAULT_INJECT, NULL, NULL },
  { "error", SIM_FAULT_ERROR_EVENT, NULL, "server_error" },
  { "null-code", SIM_FAULT_NULL_CODE, "session.created", NULL },
  { "fail", SIM_FAULT_FAIL, "response.created", "server_error" },
  { "quota", SIM_FAULT_FAIL, "response.created", "insufficient_quota" },
  { "rate-limit", SIM_FAULT_FAIL, "response.created", "inference_rate_limit_exceeded" },
  { "no-transcription", SIM_FAULT_MUTE_TRANSCRIPTION, "session.updated", NULL },
  { "http", SIM_FAULT_HTTP, NULL, NULL },
};

void
sim_fault_free (SimFault *fault)
{
  g_free (fault->at);
  g_free (fault->code);
  g_free (fault->type);
  g_free (fault->text);
  g_clear_pointer (&fault->event, json_object_unref);
  g_free (fault);
}

static SimFault *
new_fault (const char *name, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (strcmp (kinds[i].name, name) == 0)
        {
          SimFault *fault = g_new0 (SimFault, 1);
          fault->kind = kinds[i].kind;
          fault->at = g_strdup (kinds[i].at);
          fault->code = g_strdup (kinds[i].code);
          fault->n = 1;
          fault->times = 1;
          fault->bytes = 300000;
          fault->status = fault->kind == SIM_FAULT_HTTP ? 503 : 1001;
          fault->speed = 0.5;
          /* What changes the rest of the session, or must come first, acts before. */
          fault->before = kinds[i].at != NULL && fault->kind != SIM_FAULT_EXPIRE
                          && fault->kind != SIM_FAULT_UNKNOWN;
          return fault;
        }
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", kinds[i].name);
    }
  g_set_error (error, SIM_FAULT_ERROR, 0, "unknown fault \"%s\"; there are: %s", name, names->str);
  return NULL;
}

static gboolean
parse_uint (const char *key, const char *value, guint *out, GError **error)
{
  guint64 number;
  g_autoptr (GError) local = NULL;

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32, &number, &local))
    {
      g_set_error (error, SIM_FAULT_ERROR, 0, "%s=%s: give a whole number from 0", key, value);
      return FALSE;
    }
  *out = number;
  return TRUE;
}

static gboolean
set_option (SimFault *fault, const char *key, const char *value, GError **error)
{
  if (strcmp (key, "n") == 0)
    return parse_uint (key, value, &fault->n, error);
  if (strcmp (key, "times") == 0)
    return parse_uint (key, value, &fault->times, error);
  if (strcmp (key, "session") == 0)
    return parse_uint (key, value, &fault->session, error);
  if (strcmp (key, "ms") == 0)
    return parse_uint (key, value, &fault->ms, error);
  if (strcmp (key, "bytes") == 0)
    return parse_uint (key, value, &fault->bytes, error);
  if (strcmp (key, "status") == 0)
    return parse_uint (key, value, &fault->status, error);
  if (strcmp (key, "speed") == 0)
    {
      char *end = NULL;
      fault->speed = g_ascii_strtod (value, &end);
      if (end == value || *end != '\0' || !(fault->speed > 0))
        {
          g_set_error (error, SIM_FAULT_ERROR, 0, "speed=%s: give a number above 0", value);
          return FALSE;
        }
      return TRUE;
    }
  if (strcmp (key, "when") == 0)
    {
      fault->before = strcmp (value, "before") == 0;
      if (fault->before || strcmp (value, "after") == 0)
        return TRUE;
      g_set_error (error, SIM_FAULT_ERROR, 0, "when=%s: give before or after", value);
      return FALSE;
    }

  char **text = strcmp (key, "at") == 0       ? &fault->at
                : strcmp (key, "code") == 0    ? &fault->code
                : strcmp (key, "type") == 0    ? &fault->type
                : strcmp (key, "message") == 0 ? &fault->text
                                               : NULL;
  if (text == NULL)
    {
      g_set_error (error, SIM_FAULT_ERROR, 0,
                   "unknown option \"%s\"; there are: at, n, when, times, session, ms, bytes, "
                   "status, speed, code, type, message",
                   key);
      return FALSE;
    }
  g_free (*text);
  *text = g_strdup (value);
  return TRUE;
}

static gboolean
is_complete (const SimFault *fault, GError **error)
{
  if (fault->at == NULL && fault->kind != SIM_FAULT_HTTP)
    g_set_error_literal (error, SIM_FAULT_ERROR, 0, "say at which event: KIND@EVENT, for example drop@response.created");
  else if (fault->n == 0)
    g_set_error_literal (error, SIM_FAULT_ERROR, 0, "n counts from 1");
  else if (fault->kind == SIM_FAULT_INJECT && fault->event == NULL)
    g_set_error_literal (error, SIM_FAULT_ERROR, 0, "inject needs an \"event\" object, so it works in scenario files only");
  else if (fault->kind == SIM_FAULT_HTTP && (fault->status < 400 || fault->status > 599))
    g_set_error (error, SIM_FAULT_ERROR, 0, "status=%u: give an HTTP error from 400 to 599", fault->status);
  else
    return TRUE;
  return FALSE;
}

/**
 * sim_fault_parse:
 * @spec: KIND[@EVENT[:N]][,KEY=VALUE…], as after --fault
 *
 * Returns: (transfer full): the fault
 */
SimFault *
sim_fault_parse (const char *spec, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (spec, ",", -1);
  const char *head = parts[0] != NULL ? parts[0] : "";
  g_auto (GStrv) where = g_strsplit (head, "@", 2);
  g_autoptr (SimFault) fault = new_fault (where[0] != NULL ? where[0] : "", error);

  if (fault == NULL)
    return NULL;
  if (where[0] != NULL && where[1] != NULL)
    {
      g_auto (GStrv) count = g_strsplit (where[1], ":", 2);
      if (!set_option (fault, "at", count[0] != NULL ? count[0] : "", error)
          || (count[0] != NULL && count[1] != NULL && !set_option (fault, "n", count[1], error)))
        return NULL;
    }
  for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (parts[i], "=", 2);
      if (pair[0] == NULL || pair[1] == NULL)
        {
          g_set_error (error, SIM_FAULT_ERROR, 0, "\"%s\": write KEY=VALUE", parts[i]);
          return NULL;
        }
      if (!set_option (fault, pair[0], pair[1], error))
        return NULL;
    }
  return is_complete (fault, error) ? g_steal_pointer (&fault) : NULL;
}

/**
 * sim_fault_from_json:
 * @object: {"fault": KIND, "at": EVENT, "n": N, …}
 *
 * Returns: (transfer full): the fault
 */
SimFault *
sim_fault_from_json (JsonObject *object, GError **error)
{
  const char *name = sim_object_get_string (object, "fault");
  if (name == NULL)
    {
      g_set_error_literal (error, SIM_FAULT_ERROR, 0, "add \"fault\", the kind of fault, as a string");
      return NULL;
    }
  g_autoptr (SimFault) fault = new_fault (name, error);
  if (fault == NULL)
    return NULL;

  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      if (strcmp (key, "fault") == 0)
        continue;
      if (strcmp (key, "event") == 0 && JSON_NODE_HOLDS_OBJECT (value))
        {
          g_clear_pointer (&fault->event, json_object_unref);
          fault->event = json_node_dup_object (value);
          continue;
        }
      if (!JSON_NODE_HOLDS_VALUE (value))
        {
          g_set_error (error, SIM_FAULT_ERROR, 0, "\"%s\": give a number or a string", key);
          return NULL;
        }
      g_autofree char *text = json_node_get_value_type (value) == G_TYPE_STRING
                                  ? json_node_dup_string (value)
                                  : sim_node_to_text (value);
      if (!set_option (fault, key, text, error))
        return NULL;
    }
  return is_complete (fault, error) ? g_steal_pointer (&fault) : NULL;
}

/**
 * sim_fault_matches:
 * @type: the event's
 * @count: which one of its type it is in its session, from 1
 * @total: which event of all it is, from 1
 * @session: which session of the process it is, from 1
 */
gboolean
sim_fault_matches (const SimFault *fault, const char *type, guint count, guint total, guint session)
{
  if (fault->at == NULL || (fault->times > 0 && fault->fired >= fault->times)
      || (fault->session > 0 && fault->session != session))
    return FALSE;
  if (strcmp (fault->at, "*") == 0)
    return total == fault->n;
  if (strcmp (fault->at, type) != 0)
    return FALSE;
  return fault->times == 0 ? count >= fault->n : count == fault->n;
}
