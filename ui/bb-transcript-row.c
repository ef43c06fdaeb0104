/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-transcript-row.h"

#include <glib/gi18n.h>

struct _BbTranscriptRow
{
  GtkWidget parent_instance;

  BbTranscriptLine *line;
  GtkWidget *box;
  GtkLabel *caption;
  GtkLabel *text;
  GtkExpander *tool;
  GtkLabel *tool_details;
};

G_DEFINE_FINAL_TYPE (BbTranscriptRow, bb_transcript_row, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_LINE,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void
set_css_class (GtkWidget *widget, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
update_caption (BbTranscriptRow *self, BbTranscriptKind kind)
{
  gint64 seconds = bb_transcript_line_get_time (self->line) / 1000;
  g_autofree char *caption = g_strdup_printf (
      "%s · %" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT "%s%s", bb_transcript_kind_label (kind),
      seconds / 60, seconds % 60, bb_transcript_line_get_interrupted (self->line) ? " · " : "",
      bb_transcript_line_get_interrupted (self->line) ? _("interrupted") : "");

  gtk_label_set_label (self->caption, caption);
}

static void
update_tool (BbTranscriptRow *self)
{
  const char *arguments = bb_transcript_line_get_tool_arguments (self->line);
  const char *result = bb_transcript_line_get_tool_result (self->line);
  g_autofree char *details = g_strdup_printf ("%s\n→ %s", arguments != NULL ? arguments : "",
                                              result != NULL ? result : "…");

  gtk_expander_set_label (self->tool, bb_transcript_line_get_tool_name (self->line));
  gtk_label_set_label (self->tool_details, details);
}

static void
update (BbTranscriptRow *self)
{
  BbTranscriptKind kind;
  const char *text;
  gboolean spoken;

  if (self->line == NULL)
    return;

  kind = bb_transcript_line_get_kind (self->line);
  text = bb_transcript_line_get_text (self->line);
  spoken = kind == BB_TRANSCRIPT_CALLER || kind == BB_TRANSCRIPT_BOT
           || kind == BB_TRANSCRIPT_OPERATOR;

  gtk_widget_set_visible (GTK_WIDGET (self->caption), spoken);
  gtk_widget_set_visible (GTK_WIDGET (self->text), kind != BB_TRANSCRIPT_TOOL);
  gtk_widget_set_visible (GTK_WIDGET (self->tool), kind == BB_TRANSCRIPT_TOOL);

  gtk_label_set_label (self->text, text != NULL && *text != '\0' ? text : "…");
  set_css_class (GTK_WIDGET (self->text), "bubble", spoken);
  set_css_class (GTK_WIDGET (self->text), "bot", spoken && kind != BB_TRANSCRIPT_CALLER);
  set_css_class (GTK_WIDGET (self->text), "caller", kind == BB_TRANSCRIPT_CALLER);
  set_css_class (GTK_WIDGET (self->text), "partial",
                 spoken && !bb_transcript_line_get_final (self->line));
  set_css_class (GTK_WIDGET (self->text), "dim-label", kind == BB_TRANSCRIPT_NOTE);

  gtk_widget_set_halign (self->box, kind == BB_TRANSCRIPT_CALLER ? GTK_ALIGN_END
                                    : spoken || kind == BB_TRANSCRIPT_TOOL ? GTK_ALIGN_START
                                                                           : GTK_ALIGN_CENTER);
  gtk_label_set_xalign (self->caption, kind == BB_TRANSCRIPT_CALLER ? 1 : 0);

  if (spoken)
    update_caption (self, kind);
  if (kind == BB_TRANSCRIPT_TOOL)
    update_tool (self);
}

static void
set_line (BbTranscriptRow *self, BbTranscriptLine *line)
{
  if (self->line == line)
    return;

  if (self->line != NULL)
    g_signal_handlers_disconnect_by_data (self->line, self);
  g_set_object (&self->line, line);
  if (line != NULL)
    g_signal_connect_swapped (line, "notify", G_CALLBACK (update), self);
  gtk_expander_set_expanded (self->tool, FALSE);
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LINE]);
}

static void
bb_transcript_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BbTranscriptRow *self = BB_TRANSCRIPT_ROW (object);

  if (id == PROP_LINE)
    g_value_set_object (value, self->line);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bb_transcript_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  BbTranscriptRow *self = BB_TRANSCRIPT_ROW (object);

  if (id == PROP_LINE)
    set_line (self, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bb_transcript_row_dispose (GObject *object)
{
  BbTranscriptRow *self = BB_TRANSCRIPT_ROW (object);

  if (self->line != NULL)
    g_signal_handlers_disconnect_by_data (self->line, self);
  g_clear_object (&self->line);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (bb_transcript_row_parent_class)->dispose (object);
}

static void
bb_transcript_row_class_init (BbTranscriptRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = bb_transcript_row_get_property;
  object_class->set_property = bb_transcript_row_set_property;
  object_class->dispose = bb_transcript_row_dispose;

  properties[PROP_LINE] = g_param_spec_object ("line", NULL, NULL, BB_TYPE_TRANSCRIPT_LINE,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                                   | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/de/bestellbot/Bestellbot/bb-transcript-row.ui");
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, box);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, caption);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, text);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, tool);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, tool_details);
}

static void
bb_transcript_row_init (BbTranscriptRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
