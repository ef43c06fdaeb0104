/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-transcript-view.h"

#include "bb-transcript-row.h"

/* How far from the end still counts as being there (pixels). */
#define AT_END_SLACK 24

struct _BbTranscriptView
{
  GtkWidget parent_instance;

  BbTranscript *transcript;
  gpointer announced; /* the line that was read out last; only compared */
  gboolean following; /* the newest line is to be in view */
  gboolean settling;  /* the list changes its size; its moves are not the reader's */
  guint tick;

  GtkWidget *overlay;
  GtkScrolledWindow *scroller;
  GtkListView *list;
  GtkRevealer *newest_revealer;
};

G_DEFINE_FINAL_TYPE (BbTranscriptView, bb_transcript_view, GTK_TYPE_WIDGET)

static GtkAdjustment *
get_adjustment (BbTranscriptView *self)
{
  return gtk_scrolled_window_get_vadjustment (self->scroller);
}

static double
get_end (BbTranscriptView *self)
{
  GtkAdjustment *adjustment = get_adjustment (self);

  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

static void
set_following (BbTranscriptView *self, gboolean following)
{
  self->following = following;
  gtk_revealer_set_reveal_child (self->newest_revealer, !following);
  gtk_widget_set_sensitive (GTK_WIDGET (self->newest_revealer), !following);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->newest_revealer), GTK_ACCESSIBLE_STATE_HIDDEN,
                               following, -1);
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  BbTranscriptView *self = BB_TRANSCRIPT_VIEW (widget);

  self->tick = 0;
  self->settling = FALSE;
  if (self->following)
    gtk_adjustment_set_value (get_adjustment (self), get_end (self));
  return G_SOURCE_REMOVE;
}

/* The list knows the height of a row only when it has been laid out, so the
 * end moves with each frame; it is followed in the next. */
static void
on_size_changed (BbTranscriptView *self)
{
  self->settling = TRUE;
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static void
on_scrolled (BbTranscriptView *self)
{
  if (!self->settling)
    set_following (self, gtk_adjustment_get_value (get_adjustment (self))
                             >= get_end (self) - AT_END_SLACK);
}

static void
on_newest_clicked (BbTranscriptView *self)
{
  set_following (self, TRUE);
  on_size_changed (self);
}

/* GTK before 4.14 can't announce: a screen reader reads a log's new label. Only
 * whole lines, or every word would be read. */
static void
on_line_changed (BbTranscript *transcript, BbTranscriptLine *line, BbTranscriptView *self)
{
  BbTranscriptKind kind = bb_transcript_line_get_kind (line);
  g_autofree char *label = NULL;

  if (!bb_transcript_line_get_final (line) || kind == BB_TRANSCRIPT_TOOL
      || self->announced == line)
    return;
  self->announced = line;
  label = g_strdup_printf ("%s: %s", bb_transcript_kind_label (kind),
                           bb_transcript_line_get_text (line));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/**
 * bb_transcript_view_set_transcript:
 * @self: the view
 * @transcript: (nullable): what to show
 */
void
bb_transcript_view_set_transcript (BbTranscriptView *self, BbTranscript *transcript)
{
  g_autoptr (GtkNoSelection) selection = NULL;

  g_return_if_fail (BB_IS_TRANSCRIPT_VIEW (self));

  if (self->transcript != NULL)
    g_signal_handlers_disconnect_by_data (self->transcript, self);
  g_set_object (&self->transcript, transcript);
  self->announced = NULL;
  if (transcript != NULL)
    g_signal_connect (transcript, BB_TRANSCRIPT_SIGNAL_LINE_CHANGED, G_CALLBACK (on_line_changed),
                      self);
  if (transcript != NULL)
    selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (transcript)));
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (selection));
  set_following (self, TRUE);
  on_size_changed (self);
}

static void
bb_transcript_view_dispose (GObject *object)
{
  BbTranscriptView *self = BB_TRANSCRIPT_VIEW (object);

  if (self->transcript != NULL)
    g_signal_handlers_disconnect_by_data (self->transcript, self);
  g_clear_object (&self->transcript);
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
  g_clear_pointer (&self->overlay, gtk_widget_unparent);

  G_OBJECT_CLASS (bb_transcript_view_parent_class)->dispose (object);
}

static void
bb_transcript_view_class_init (BbTranscriptViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_transcript_view_dispose;

  g_type_ensure (BB_TYPE_TRANSCRIPT_ROW);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LOG);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/de/bestellbot/Bestellbot/bb-transcript-view.ui");
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptView, overlay);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptView, scroller);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptView, list);
  gtk_widget_class_bind_template_child (widget_class, BbTranscriptView, newest_revealer);
  gtk_widget_class_bind_template_callback (widget_class, on_newest_clicked);
}

static void
bb_transcript_view_init (BbTranscriptView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  set_following (self, TRUE);
  g_signal_connect_object (get_adjustment (self), "changed", G_CALLBACK (on_size_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (get_adjustment (self), "value-changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);
}
