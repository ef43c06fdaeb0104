/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A service that sends anything, against a whole session over a transport
 * without a network. Each line of the input is one message, or, after '!', one
 * thing that happens at our end:
 *
 *   !p  40 ms are played      !i  the stop button      !o ID  a function's output
 *   !l  the connection ends   !a  caller audio         !e     the caller's end
 *
 * It must neither crash, leak nor hang. */
#include "realtime-world.h"

static void
at_our_end (World *w, const char *line, gsize size)
{
  g_autoptr (GError) lost = g_error_new (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ, "lost");
  g_autofree char *argument = size > 2 ? g_strndup (line + 2, size - 2) : NULL;
  guint8 audio[320] = { 0 };

  switch (size > 0 ? line[0] : 0)
    {
    case 'p':
      play (w, 40);
      break;
    case 'i':
      gst_realtime_session_interrupt (w->session);
      break;
    case 'o':
      gst_realtime_session_send_function_output (w->session, argument, argument);
      break;
    case 'a':
      gst_realtime_session_append (w->session, GST_REALTIME_FORMAT_PCMA, audio, sizeof audio);
      break;
    case 'e':
      gst_realtime_session_end_input (w->session);
      break;
    case 'l':
      if (!w->transport->open)
        break;
      w->transport->open = FALSE;
      gst_realtime_transport_emit_closed (GST_REALTIME_TRANSPORT (w->transport), 0, lost);
      for (guint i = 0; i < 200 && !w->transport->open && w->fatal == NULL; i++)
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (500);
      if (w->transport->open)
        gst_realtime_transport_emit_opened (GST_REALTIME_TRANSPORT (w->transport));
      break;
    default:
      break;
    }
}

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static gsize initialized;
  const char *text = (const char *)data, *end = text + size;
  World *w;

  if (g_once_init_enter (&initialized))
    {
      gst_init (NULL, NULL);
      g_once_init_leave (&initialized, 1);
    }

  w = world_new ();
  w->settings->reconnect = TRUE;
  w->settings->greeting = g_strdup ("Hallo");
  start (w);
  while (text < end)
    {
      const char *line_end = memchr (text, '\n', end - text);

      if (line_end == NULL)
        line_end = end;
      if (*text == '!')
        at_our_end (w, text + 1, line_end - text - 1);
      else if (w->transport->open)
        {
          g_autoptr (GBytes) message = g_bytes_new (text, line_end - text);

          gst_realtime_transport_emit_message (GST_REALTIME_TRANSPORT (w->transport), message);
        }
      g_string_truncate (w->log, 0);
      text = line_end + 1;
    }
  play (w, 100);
  world_free (w);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
