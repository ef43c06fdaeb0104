/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A whole session over a transport without a network, driven by bytes: each is
 * one step, an event of the service in a sound shape with ids from a small
 * pool, a change in one of them, an action of the application, a piece of time
 * or a loss. So the fuzzer spends its time behind session.updated, with ids
 * that meet each other, instead of finding JSON.
 *
 * It must neither crash, leak nor hang, and whatever is sent must be an event
 * that the protocol knows. */
#include "realtime-world.h"

#include "realtimeprotocol.h"
#include "realtimesession-private.h"

typedef struct
{
  const guint8 *data;
  gsize size;
} Input;

static guint
take (Input *in, guint below)
{
  guint8 byte = 0;

  if (in->size > 0)
    {
      byte = *in->data++;
      in->size--;
    }
  return byte % below;
}

/* Texts with ' for ", and letters in braces for what is taken from the pool:
 * R response, I item, C call, Q request, N number, T text, S status, X a value. */
static const char *const templates[] = {
  "{'type':'session.created','session':{'id':'s','expires_at':1{N}}}",
  "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{X}},'output':{'format':"
  "{'type':'audio/pcmu'}}}}}",
  "{'type':'session.updated','session':{'audio':{'input':{'turn_detection':{'create_response':{X},"
  "'interrupt_response':{X}}}}}}",
  "{'type':'error','error':{'type':'invalid_request_error','code':'{K}','message':'{T}','event_id':"
  "'{Q}'}}",
  "{'type':'error','error':{'code':null,'message':'{M}','event_id':{X}}}",
  "{'type':'input_audio_buffer.speech_started','audio_start_ms':{N},'item_id':'{I}'}",
  "{'type':'input_audio_buffer.speech_stopped','audio_end_ms':{N},'item_id':'{I}'}",
  "{'type':'input_audio_buffer.committed','item_id':'{I}','previous_item_id':{X}}",
  "{'type':'input_audio_buffer.timeout_triggered','audio_start_ms':{N},'audio_end_ms':{N},"
  "'item_id':'{I}'}",
  "{'type':'conversation.item.added','previous_item_id':'{I}','item':{J}}",
  "{'type':'conversation.item.done','previous_item_id':null,'item':{J}}",
  "{'type':'conversation.item.deleted','item_id':'{I}'}",
  "{'type':'conversation.item.truncated','item_id':'{I}','content_index':0,'audio_end_ms':{N}}",
  "{'type':'conversation.item.retrieved','item':{J}}",
  "{'type':'conversation.item.input_audio_transcription.delta','item_id':'{I}','delta':'{T}'}",
  "{'type':'conversation.item.input_audio_transcription.completed','item_id':'{I}','transcript':"
  "'{T}','usage':{'type':'duration','seconds':{N}}}",
  "{'type':'conversation.item.input_audio_transcription.failed','item_id':'{I}','error':{'code':"
  "'{K}','message':'{T}'}}",
  "{'type':'response.created','response':{'id':'{R}','status':'in_progress','conversation_id':{X},"
  "'metadata':{'request':'{Q}'}}}",
  "{'type':'response.created','response':{'id':'{R}','conversation_id':'c','metadata':null,'audio':"
  "{'output':{'format':{'type':'audio/pcma'}}}}}",
  "{'type':'response.done','response':{'id':'{R}','status':'{S}','output':[{J}],'metadata':"
  "{'request':'{Q}'},'usage':{'total_tokens':{N},'output_tokens':{N}}}}",
  "{'type':'response.done','response':{'id':'{R}','status':'failed','status_details':{'error':"
  "{'type':'server_error','code':'{K}'}},'output':[{J},{J}]}}",
  "{'type':'response.output_item.added','response_id':'{R}','output_index':0,'item':{J}}",
  "{'type':'response.output_item.done','response_id':'{R}','output_index':0,'item':{J}}",
  "{'type':'response.output_audio.delta','response_id':'{R}','item_id':'{I}','output_index':0,"
  "'content_index':0,'delta':'{A}'}",
  "{'type':'response.output_audio.done','response_id':'{R}','item_id':'{I}','content_index':0}",
  "{'type':'response.output_audio_transcript.delta','response_id':'{R}','item_id':'{I}','delta':"
  "'{T}'}",
  "{'type':'response.output_audio_transcript.done','response_id':'{R}','item_id':'{I}','transcript'"
  ":"
  "'{T}'}",
  "{'type':'response.output_text.delta','response_id':'{R}','item_id':'{I}','delta':'{T}'}",
  "{'type':'response.output_text.done','response_id':'{R}','item_id':'{I}','text':'{T}'}",
  "{'type':'rate_limits.updated','rate_limits':[{'name':'tokens','limit':{N},'remaining':{N}}]}",
  "{'type':'mcp_list_tools.in_progress','item_id':'{I}'}",
  "{'type':'mcp_list_tools.completed','item_id':'{I}'}",
  "{'type':'mcp_list_tools.failed','item_id':'{I}'}",
  "{'type':'response.mcp_call.in_progress','item_id':'{I}','output_index':0}",
  "{'type':'response.mcp_call.completed','item_id':'{I}','output_index':0}",
  "{'type':'response.mcp_call.failed','item_id':'{I}','output_index':0}",
};

static const char *const items[] = {
  "{'id':'{I}','type':'message','role':'user','status':'{S}','content':[{'type':'input_audio'}]}",
  "{'id':'{I}','type':'message','role':'assistant','status':'{S}','content':[{'type':'output_audio'"
  ","
  "'transcript':'{T}'}]}",
  "{'id':'{I}','type':'function_call','status':'{S}','name':'f','call_id':'{C}','arguments':'{}'}",
  "{'id':'{I}','type':'function_call_output','call_id':'{C}','output':'{T}'}",
  "{'id':'{I}','type':'mcp_list_tools','server_label':'x','tools':[{'name':'{T}'}]}",
  "{'id':'{I}','type':'mcp_call','server_label':'x','name':'n','arguments':'{}','output':'{T}',"
  "'error':{X}}",
  "{'id':'{I}','type':'mcp_approval_request','server_label':'x','name':'n','arguments':'{}'}",
};

static const char *const texts[] = { "ja", "mhm", "Zehn Bögen, bitte.", "", "\\u0000\\ud800" };
static const char *const statuses[] = { "completed", "in_progress", "incomplete", "cancelled" };
static const char *const values[] = { "null", "true",       "false",        "7",
                                      "{}",   "'client_3'", "{'a':[null]}", "[]" };
static const char *const codes[] = {
  "conversation_already_has_active_response",
  "response_cancel_not_active",
  "input_audio_buffer_commit_empty",
  "cannot_update_voice",
  "session_expired",
  "rate_limit_exceeded",
  "inference_rate_limit_exceeded",
  "server_error",
  "invalid_value",
  "item_delete_invalid_item_id",
};
static const char *const messages[] = {
  "Conversation already has an active response in progress: resp_X.",
  "Cancellation failed: no active response found",
  "Audio content of 9250ms is already shorter than 57340ms",
  "Something else",
};

#define PICK(list) (list)[take (in, G_N_ELEMENTS (list))]

static void
expand (GString *into, const char *template, Input *in, guint depth)
{
  for (const char *c = template; *c != '\0'; c++)
    {
      if (*c != '{' || !g_ascii_isupper (c[1]) || c[2] != '}')
        {
          g_string_append_c (into, *c);
          continue;
        }
      switch (c[1])
        {
        case 'R':
          g_string_append_printf (into, "r%u", take (in, 3));
          break;
        case 'I':
          g_string_append_printf (into, "i%u", take (in, 4));
          break;
        case 'C':
          g_string_append_printf (into, "c%u", take (in, 2));
          break;
        case 'Q':
          /* The session's own ids, and an aside's tag. */
          if (take (in, 4) == 0)
            g_string_append_printf (into, "aside_%u", take (in, 2));
          else
            g_string_append_printf (into, "client_%u", take (in, 24));
          break;
        case 'N':
          g_string_append_printf (into, "%u", take (in, 256) * 37);
          break;
        case 'T':
          g_string_append (into, PICK (texts));
          break;
        case 'S':
          g_string_append (into, PICK (statuses));
          break;
        case 'X':
          g_string_append (into, PICK (values));
          break;
        case 'K':
          g_string_append (into, PICK (codes));
          break;
        case 'M':
          g_string_append (into, PICK (messages));
          break;
        case 'A':
          for (guint n = take (in, 256); n > 0; n--)
            g_string_append (into, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
          break;
        case 'J':
          if (depth < 2)
            expand (into, PICK (items), in, depth + 1);
          else
            g_string_append (into, "null");
          break;
        default:
          break;
        }
      c += 2;
    }
}

static void
receive (World *w, const char *text, gsize size)
{
  g_autoptr (GBytes) message = g_bytes_new (text, size);

  if (w->transport->open)
    gst_realtime_transport_emit_message (GST_REALTIME_TRANSPORT (w->transport), message);
}

static void
event_of_service (World *w, Input *in)
{
  g_autoptr (GString) text = g_string_new (NULL);

  expand (text, PICK (templates), in, 0);
  g_strdelimit (text->str, "'", '"');
  /* Now and then something in it is wrong. */
  if (take (in, 8) == 0)
    {
      guint8 at = take (in, 256), what = take (in, 256);

      text->str[at % text->len] = what != 0 ? what : ' ';
    }
  receive (w, text->str, text->len);
}

static void
lose (World *w, guint code)
{
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "lost");

  if (!w->transport->open)
    return;
  w->transport->open = FALSE;
  gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), code, lost);
}

/* Time passes for one timer, whatever its length. */
static void
fire (World *w, guint id)
{
  if (w->session->timers[id] == NULL)
    return;
  g_source_set_ready_time (w->session->timers[id], 0);
  g_main_context_iteration (NULL, FALSE);
  if (w->transport->open && w->session->state == SESSION_CONNECTING)
    gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
}

static void
action (World *w, Input *in)
{
  static const char *const options[] = { "{}", "{\"output_modalities\":[\"text\"]}", "[",
                                         "{\"a\":1}" };
  GstRealtimeSession *s = w->session;
  guint what = take (in, 18);
  g_autofree char *item = g_strdup_printf ("i%u", take (in, 4));
  g_autofree char *call = g_strdup_printf ("c%u", take (in, 2));
  guint8 audio[3200] = { 0 };

  switch (what)
    {
    case 0:
      gst_realtime_session_append (s, GST_REALTIME_FORMAT_PCM, audio, 960 + take (in, 2) * 1920);
      break;
    case 1:
      gst_realtime_session_append (s, GST_REALTIME_FORMAT_PCMA, audio, 160);
      break;
    case 2:
      gst_realtime_session_end_input (s);
      break;
    case 3:
      gst_realtime_session_playout_empty (s);
      break;
    case 4:
      gst_realtime_session_send_function_output (s, call, PICK (texts));
      break;
    case 5:
      gst_realtime_session_send_text (s, PICK (((const char *const[]){ "user", "system", "x" })),
                                      PICK (texts));
      break;
    case 6:
      gst_realtime_session_create_response (s, take (in, 2) ? "Sag etwas." : NULL);
      break;
    case 7:
      gst_realtime_session_say (s, PICK (texts));
      break;
    case 8:
      gst_realtime_session_interrupt (s);
      break;
    case 9:
      gst_realtime_session_send_event (s, take (in, 2) ? "{\"type\":\"response.cancel\"}" : "{");
      break;
    case 10:
      gst_realtime_session_commit (s, take (in, 2));
      break;
    case 11:
      gst_realtime_session_clear_input (s);
      break;
    case 12:
      gst_realtime_session_send_image (s, "data:image/png;base64,AAAA", PICK (texts));
      break;
    case 13:
      gst_realtime_session_retrieve_item (s, item);
      break;
    case 14:
      gst_realtime_session_forget_item (s, item);
      break;
    case 15:
      gst_realtime_session_approve_mcp (s, item, take (in, 2), PICK (texts));
      break;
    case 16:
      {
        g_autofree char *tag = g_strdup_printf ("aside_%u", take (in, 2));

        gst_realtime_session_ask_aside (s, tag, PICK (options), take (in, 2));
        break;
      }
    default:
      {
        GstRealtimeSettings *settings = gst_realtime_settings_copy (w->settings);

        settings->turn_detection = take (in, 3);
        settings->answer = take (in, 2);
        gst_realtime_session_set_settings (s, settings);
        gst_realtime_session_set_output_format (s, take (in, 3));
        gst_realtime_settings_free (settings);
        break;
      }
    }
}

/* Whatever is sent is one of the protocol's events. */
static void
check_sent (World *w)
{
  char *text;

  while ((text = g_queue_pop_head (&w->transport->sent)) != NULL)
    {
      g_autoptr (JsonNode) node = gst_realtime_json_parse (text, strlen (text), NULL);
      const char *type;
      guint n, i;
      const GstRealtimeClientEvent *events = gst_realtime_protocol_get_client_events (&n);

      g_assert_true (node != NULL && JSON_NODE_HOLDS_OBJECT (node));
      type = gst_realtime_json_string (json_node_get_object (node), "type");
      for (i = 0; i < n && g_strcmp0 (events[i].name, type) != 0; i++)
        ;
      if (i == n)
        g_error ("%s is no client event", type);
      g_free (text);
    }
}

static void
configure (World *w, guint flags)
{
  w->settings->reconnect = (flags & 1) != 0;
  if (flags & 2)
    w->settings->greeting = g_strdup ("Hallo");
  if (flags & 4)
    w->settings->turn_detection = GST_REALTIME_TURN_NONE;
  if (flags & 8)
    w->settings->tools =
        g_strdup ("[{\"type\":\"mcp\",\"server_label\":\"x\",\"server_url\":\"u\"}]");
  if (flags & 16)
    w->settings->answer = GST_REALTIME_ANSWER_TEXT;
  if (flags & 32)
    w->settings->reversible_barge_in = FALSE;
}

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static gsize initialized;
  Input input = { data, size }, *in = &input;
  World *w;
  guint flags;

  if (g_once_init_enter (&initialized))
    {
      gst_init (NULL, NULL);
      g_once_init_leave (&initialized, 1);
    }

  w = world_new ();
  flags = take (in, 128);
  configure (w, flags);
  start (w);
  /* Mostly behind the beginning; with this flag in the middle of it. */
  if ((flags & 64) == 0)
    {
      server (w, "{'type':'session.created','session':{'id':'s'}}");
      server (w, "{'type':'session.updated','session':{'id':'s'}}");
    }
  for (guint steps = 0; in->size > 0 && steps < 400; steps++)
    {
      guint what = take (in, 16);

      if (what < 9)
        event_of_service (w, in);
      else if (what < 12)
        action (w, in);
      else if (what == 12)
        play (w, 20 + 20 * take (in, 16));
      else if (what == 13)
        fire (w, take (in, N_TIMERS));
      else if (what == 14)
        g_main_context_iteration (NULL, FALSE);
      else if (take (in, 4) == 0)
        lose (w, take (in, 2) ? 1001 : 0);
      check_sent (w);
      g_string_truncate (w->log, 0);
    }
  play (w, 100);
  world_free (w);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
