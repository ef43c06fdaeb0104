/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* One fact, told twice: as a message on the bus and as a signal on the
 * application's main context. */
#include "realtimenotify.h"

typedef struct
{
  GWeakRef element; /* a queued signal keeps nothing alive */
  guint signal_id;
  guint n_values;
  GValue values[8]; /* the first is the element's */
} Emission;

static gboolean
emit (gpointer data)
{
  Emission *emission = data;
  g_autoptr (GstElement) element = g_weak_ref_get (&emission->element);

  if (element == NULL)
    return G_SOURCE_REMOVE;
  g_value_init (&emission->values[0], G_OBJECT_TYPE (element));
  g_value_set_object (&emission->values[0], element);
  g_signal_emitv (emission->values, emission->signal_id, 0, NULL);
  g_value_unset (&emission->values[0]);
  return G_SOURCE_REMOVE;
}

static void
emission_free (gpointer data)
{
  Emission *emission = data;

  g_weak_ref_clear (&emission->element);
  for (guint i = 1; i < emission->n_values; i++)
    g_value_unset (&emission->values[i]);
  g_free (emission);
}

/**
 * gst_realtime_notify:
 * @context: where the signal is emitted
 * @facts: (transfer full): the message's structure
 * @arguments: names of the fields of @facts that are the signal's arguments;
 *   with @n_arguments 0 the structure itself is the argument
 *
 * Any thread. The signal is queued only if somebody is connected, so that
 * nothing piles up where no main loop runs.
 */
void
gst_realtime_notify (GstElement *element,
                     GMainContext *context,
                     guint signal_id,
                     GstStructure *facts,
                     guint n_arguments,
                     const char *const *arguments)
{
  if (g_signal_has_handler_pending (element, signal_id, 0, FALSE))
    {
      Emission *emission = g_new0 (Emission, 1);
      g_autoptr (GSource) source = g_idle_source_new ();

      g_assert (n_arguments + 1 <= G_N_ELEMENTS (emission->values));
      g_weak_ref_init (&emission->element, element);
      emission->signal_id = signal_id;
      emission->n_values = n_arguments + 1;
      for (guint i = 0; i < n_arguments; i++)
        {
          const GValue *value = gst_structure_get_value (facts, arguments[i]);

          g_value_init (&emission->values[i + 1], G_VALUE_TYPE (value));
          g_value_copy (value, &emission->values[i + 1]);
        }
      if (n_arguments == 0)
        {
          emission->n_values = 2;
          g_value_init (&emission->values[1], GST_TYPE_STRUCTURE);
          gst_value_set_structure (&emission->values[1], facts);
        }
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, emit, emission, emission_free);
      g_source_attach (source, context);
    }
  gst_element_post_message (element, gst_message_new_element (GST_OBJECT (element), facts));
}
