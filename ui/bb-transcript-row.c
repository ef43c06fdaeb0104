/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-transcript-row.h"

#include <glib/gi18n.h>

#include "bb-tool-text.h"

struct _BbTranscriptRow
{
  GtkWidget parent_instance;

  BbTranscriptLine *line;
  guint tick; /* an update waits for the next frame */
  GtkWidget *box;
  GtkWidget *captions;
  GtkLabel *caption;
  GtkWidget *interrupted;
  GtkLabel *text;
  GtkExpander *tool;
  GtkLabel *tool_title;
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

/* "0:07", since the call was answered. */
static char *
dup_time (BbTranscriptRow *self)
{
  gint64 seconds = bb_transcript_line_get_time (self->line) / 1000;

  return g_strdup_printf ("%" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT, seconds / 60, seconds % 60);
}

/* A list item speaks for its row: one name for the whole line, so that a screen
 * reader reads it like a sentence. */
static void
update_accessible_label (BbTranscriptRow *self, const char *who, const char *text)
{
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *label = *who != '\0' ? g_strdup_printf ("%s: %s", who, text) : g_strdup (text);

  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
}

static GtkLabel *
new_label (const char *css_class)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_widget_add_css_class (GTK_WIDGET (label), css_class);
  return label;
}

/* Few lines are tool calls: the others are spared what only these need. */
static void
ensure_tool (BbTranscriptRow *self)
{
  if (self->tool != NULL)
    return;

  self->tool_title = new_label ("caption");
  gtk_label_set_ellipsize (self->tool_title, PANGO_ELLIPSIZE_END);
  self->tool_details = new_label ("tool-details");
  gtk_label_set_wrap (self->tool_details, TRUE);
  gtk_label_set_wrap_mode (self->tool_details, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (self->tool_details, TRUE);
  gtk_label_set_max_width_chars (self->tool_details, 60);
  self->tool = GTK_EXPANDER (gtk_expander_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->tool), "tool");
  gtk_expander_set_label_widget (self->tool, GTK_WIDGET (self->tool_title));
  gtk_expander_set_child (self->tool, GTK_WIDGET (self->tool_details));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->tool));
}

static void
update_tool (BbTranscriptRow *self)
{
  const char *arguments = bb_transcript_line_get_tool_arguments (self->line);
  g_autofree char *title
      = bb_tool_text_title (bb_transcript_line_get_tool_name (self->line), arguments);
  g_autofree char *details
      = bb_tool_text_details (arguments, bb_transcript_line_get_tool_result (self->line));

  gtk_label_set_label (self->tool_title, title);
  gtk_label_set_label (self->tool_details, details);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->tool), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  update_accessible_label (self, "", title);
}

static void
update_words (BbTranscriptRow *self, BbTranscriptKind kind)
{
  const char *text = bb_transcript_line_get_text (self->line);
  gboolean spoken = kind != BB_TRANSCRIPT_NOTE;
  gboolean caller = kind == BB_TRANSCRIPT_CALLER;
  gboolean interrupted = spoken && bb_transcript_line_get_interrupted (self->line);
  g_autofree char *time = dup_time (self);
  g_autofree char *caption
      = g_strdup_printf ("%s · %s", bb_transcript_kind_label (kind), time);

  if (text == NULL || *text == '\0')
    text = "…";
  gtk_label_set_label (self->text, text);
  gtk_label_set_label (self->caption, caption);
  gtk_widget_set_visible (self->captions, spoken);
  gtk_widget_set_visible (self->interrupted, interrupted);

  set_css_class (GTK_WIDGET (self->text), "bubble", spoken);
  set_css_class (GTK_WIDGET (self->text), "bot", spoken && !caller);
  set_css_class (GTK_WIDGET (self->text), "caller", caller);
  set_css_class (GTK_WIDGET (self->text), "interrupted", interrupted);
  set_css_class (GTK_WIDGET (self->text), "partial",
                 spoken && !bb_transcript_line_get_final (self->line));
  set_css_class (GTK_WIDGET (self->text), "note", !spoken);

  gtk_label_set_justify (self->text, spoken ? GTK_JUSTIFY_LEFT : GTK_JUSTIFY_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (self->text), caller ? GTK_ALIGN_END : GTK_ALIGN_START);
  gtk_widget_set_halign (self->captions, caller ? GTK_ALIGN_END : GTK_ALIGN_START);
  update_accessible_label (self, spoken ? bb_transcript_kind_label (kind) : "", text);
}

static void
update (BbTranscriptRow *self)
{
  BbTranscriptKind kind;
  gboolean tool;

  if (self->line == NULL)
    return;

  kind = bb_transcript_line_get_kind (self->line);
  tool = kind == BB_TRANSCRIPT_TOOL;
  gtk_widget_set_visible (self->captions, !tool);
  gtk_widget_set_visible (GTK_WIDGET (self->text), !tool);
  if (tool)
    ensure_tool (self);
  if (self->tool != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self->tool), tool);
  gtk_widget_set_halign (self->box, kind == BB_TRANSCRIPT_CALLER ? GTK_ALIGN_END
                                    : kind == BB_TRANSCRIPT_NOTE ? GTK_ALIGN_CENTER
                                                                 : GTK_ALIGN_START);
  if (tool)
    update_tool (self);
  else
    update_words (self, kind);
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  BbTranscriptRow *self = BB_TRANSCRIPT_ROW (widget);

  self->tick = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* Words come faster than frames: one look at the line for each frame. */
static void
queue_update (BbTranscriptRow *self)
{
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
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
    g_signal_connect_swapped (line, "notify", G_CALLBACK (queue_update), self);
  if (self->tool != NULL)
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
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
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
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, captions);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, caption);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, interrupted);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptRow, text);
}

static void
bb_transcript_row_init (BbTranscriptRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
