/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Asides: responses out of band that the application asks for with options of
 * its own (PROTOCOL: conversation "none"), such as a summary or a judgement of
 * what was said. They run beside the conversation, are not a part of it, and
 * their result is reported whole. One that is not to be heard is not cut off
 * when the caller speaks.
 */
#include "config.h"

#include "realtimesession-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "realtimejson.h"
#include "realtimerules.h"

#define MAX_ASIDES 32 /* that run or wait */

typedef struct
{
  char *options;
  gboolean play;
  char *response_id; /* NULL: not begun */
} Aside;

static void
aside_free (gpointer data)
{
  Aside *aside = data;

  g_free (aside->options);
  g_free (aside->response_id);
  g_free (aside);
}

void
gst_realtime_session_aside_init (GstRealtimeSession *self)
{
  self->asides = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, aside_free);
}

static void
send_aside (GstRealtimeSession *self, const char *tag, const Aside *aside)
{
  gst_realtime_session_send (self, gst_realtime_request_aside (tag, aside->options));
}

static void
refuse (GstRealtimeSession *self, const char *tag, const char *why)
{
  self->listener.aside (self->user_data, tag, "refused", why, NULL);
}

/**
 * gst_realtime_session_ask_aside:
 * @tag: by which the result is reported; unique
 * @options: JSON as in response of response.create
 * @play: let its audio be heard
 */
void
gst_realtime_session_ask_aside (GstRealtimeSession *self,
                                const char *tag,
                                const char *options,
                                gboolean play)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = NULL;
  Aside *aside;

  if (options == NULL || *options == '\0')
    options = "{}";
  node = gst_realtime_json_parse (options, strlen (options), &error);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    object = json_node_get_object (node);
  if (object == NULL)
    {
      refuse (self, tag,
              error != NULL ? error->message
                            : _ ("The options of a response must be a JSON object"));
      return;
    }
  if (!gst_realtime_rules_check_response (object, &error))
    {
      refuse (self, tag, error->message);
      return;
    }
  if (g_strcmp0 (gst_realtime_json_string (object, "conversation"), "auto") == 0)
    {
      refuse (self, tag, _ ("An aside is no part of the conversation: use create-response"));
      return;
    }
  if (self->state == SESSION_OVER || g_hash_table_size (self->asides) >= MAX_ASIDES)
    {
      refuse (self, tag, _ ("Too many asides wait, or the session is over"));
      return;
    }

  aside = g_new0 (Aside, 1);
  aside->options = g_strdup (options);
  aside->play = play;
  g_hash_table_insert (self->asides, g_strdup (tag), aside);
  if (self->state == SESSION_READY)
    send_aside (self, tag, aside);
}

/* The connection is gone: those that were under way are asked for again. */
void
gst_realtime_session_aside_lost (GstRealtimeSession *self)
{
  GHashTableIter iter;
  gpointer aside;

  g_hash_table_iter_init (&iter, self->asides);
  while (g_hash_table_iter_next (&iter, NULL, &aside))
    g_clear_pointer (&((Aside *)aside)->response_id, g_free);
}

void
gst_realtime_session_aside_ready (GstRealtimeSession *self)
{
  GHashTableIter iter;
  gpointer tag, aside;

  g_hash_table_iter_init (&iter, self->asides);
  while (g_hash_table_iter_next (&iter, &tag, &aside))
    send_aside (self, tag, aside);
}

/* response.created. Returns: whether @request asked for an aside */
gboolean
gst_realtime_session_aside_created (GstRealtimeSession *self, const char *request, const char *id)
{
  Aside *aside = request != NULL ? g_hash_table_lookup (self->asides, request) : NULL;

  if (aside == NULL)
    return FALSE;
  g_free (aside->response_id);
  aside->response_id = g_strdup (id);
  if (!aside->play)
    gst_realtime_session_drop (self, id);
  return TRUE;
}

/* Whether this response's words are for the application only. */
gboolean
gst_realtime_session_is_unheard_aside (GstRealtimeSession *self, const char *response_id)
{
  GHashTableIter iter;
  gpointer value;

  if (response_id == NULL || g_hash_table_size (self->asides) == 0)
    return FALSE;
  g_hash_table_iter_init (&iter, self->asides);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Aside *aside = value;

      if (!aside->play && g_strcmp0 (aside->response_id, response_id) == 0)
        return TRUE;
    }
  return FALSE;
}

/* response.done. Returns: whether @request asked for an aside */
gboolean
gst_realtime_session_aside_done (GstRealtimeSession *self, const GstRealtimeEvent *event)
{
  const char *request = event->response.request;
  g_autofree char *tag = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (request == NULL || !g_hash_table_contains (self->asides, request))
    return FALSE;
  tag = g_strdup (request);
  g_hash_table_remove (self->asides, tag);
  for (guint i = 0; i < event->response.output->len; i++)
    {
      const GstRealtimeItem *item = g_ptr_array_index (event->response.output, i);

      if (item->text == NULL)
        continue;
      if (text->len > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, item->text);
    }
  self->listener.aside (self->user_data, tag,
                        event->response.status != NULL ? event->response.status : "", text->str,
                        event->response.output_json);
  return TRUE;
}

/* The service refuses the request. Returns: whether it was an aside's */
gboolean
gst_realtime_session_aside_error (GstRealtimeSession *self,
                                  const char *event_id,
                                  const char *message)
{
  g_autofree char *tag = NULL;

  if (event_id == NULL || !g_hash_table_contains (self->asides, event_id))
    return FALSE;
  tag = g_strdup (event_id);
  g_hash_table_remove (self->asides, tag);
  refuse (self, tag, message);
  return TRUE;
}
