/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-call-view.h"

#include "bb-order-panel.h"
#include "bb-transcript-view.h"

/* From this width on the order stands beside the transcript (pixels). */
#define WIDE 680
/* The order's share of a wide view, and its bounds (pixels). */
#define PANEL_SHARE 0.4
#define PANEL_MIN 280
#define PANEL_MAX 400
/* The order's share of a narrow view's height, at most. */
#define PANEL_HEIGHT_SHARE 0.58

struct _BbCallView
{
  GtkWidget parent_instance;

  BbCall *call;
  gboolean wide;

  BbTranscriptView *transcript;
  BbOrderPanel *order;
};

G_DEFINE_FINAL_TYPE (BbCallView, bb_call_view, GTK_TYPE_WIDGET)

/* An empty order takes no room below the transcript. */
static gboolean
is_order_shown (BbCallView *self, gboolean wide)
{
  return self->call != NULL
         && (wide || g_list_model_get_n_items (G_LIST_MODEL (bb_call_get_order (self->call))) > 0);
}

static int
panel_width (int width)
{
  return CLAMP (width * PANEL_SHARE, PANEL_MIN, PANEL_MAX);
}

static void
bb_call_view_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  BbCallView *self = BB_CALL_VIEW (widget);
  GtkWidget *order = GTK_WIDGET (self->order);
  int order_minimum = 0;
  int order_natural = 0;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (GTK_WIDGET (self->transcript), orientation, -1, minimum, natural, NULL,
                          NULL);
      gtk_widget_measure (order, orientation, -1, &order_minimum, &order_natural, NULL, NULL);
      *minimum = MAX (*minimum, order_minimum);
      *natural = MAX (*natural, order_natural);
      return;
    }

  /* Both scroll, so that their least height is small whatever their width. */
  gtk_widget_measure (GTK_WIDGET (self->transcript), orientation, -1, minimum, natural, NULL, NULL);
  gtk_widget_measure (order, orientation, -1, &order_minimum, &order_natural, NULL, NULL);
  *minimum += order_minimum;
  *natural += order_natural;
}

static void
set_wide (BbCallView *self, gboolean wide)
{
  if (self->wide == wide)
    return;

  self->wide = wide;
  gtk_widget_remove_css_class (GTK_WIDGET (self->order), wide ? "below" : "beside");
  gtk_widget_add_css_class (GTK_WIDGET (self->order), wide ? "beside" : "below");
}

static void
bb_call_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  BbCallView *self = BB_CALL_VIEW (widget);
  GtkWidget *order = GTK_WIDGET (self->order);
  gboolean shown;
  GtkAllocation words = { 0, 0, width, height };
  GtkAllocation goods = { 0, 0, width, height };

  set_wide (self, width >= WIDE);
  shown = is_order_shown (self, self->wide);
  gtk_widget_set_child_visible (order, shown);

  if (shown && self->wide)
    {
      goods.width = panel_width (width);
      words.width -= goods.width;
      if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
        words.x = goods.width;
      else
        goods.x = words.width;
    }
  else if (shown)
    {
      int least;
      int wanted;

      gtk_widget_measure (order, GTK_ORIENTATION_VERTICAL, width, &least, &wanted, NULL, NULL);
      goods.height = MAX (least, MIN (wanted, height * PANEL_HEIGHT_SHARE));
      words.height -= goods.height;
      goods.y = words.height;
    }

  gtk_widget_size_allocate (GTK_WIDGET (self->transcript), &words, -1);
  if (shown)
    gtk_widget_size_allocate (order, &goods, -1);
}

static void
disconnect_call (BbCallView *self)
{
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_data (bb_call_get_order (self->call), self);
  g_clear_object (&self->call);
}

/**
 * bb_call_view_set_call:
 * @self: the view
 * @operator_: (nullable): through whom the order is edited
 * @call: (nullable): what to show
 */
void
bb_call_view_set_call (BbCallView *self, BbOperator *operator_, BbCall *call)
{
  g_return_if_fail (BB_IS_CALL_VIEW (self));

  if (self->call == call)
    return;

  disconnect_call (self);
  if (call != NULL)
    {
      self->call = g_object_ref (call);
      g_signal_connect_swapped (bb_call_get_order (call), "items-changed",
                                G_CALLBACK (gtk_widget_queue_resize), self);
    }
  bb_transcript_view_set_transcript (self->transcript,
                                     call != NULL ? bb_call_get_transcript (call) : NULL);
  bb_order_panel_set_order (self->order, operator_,
                            call != NULL ? bb_call_get_order (call) : NULL);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/**
 * bb_call_view_set_currency:
 * @self: the view
 * @currency: ISO 4217
 */
void
bb_call_view_set_currency (BbCallView *self, const char *currency)
{
  g_return_if_fail (BB_IS_CALL_VIEW (self));

  bb_order_panel_set_currency (self->order, currency);
}

static void
bb_call_view_dispose (GObject *object)
{
  BbCallView *self = BB_CALL_VIEW (object);
  GtkWidget *child;

  disconnect_call (self);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (bb_call_view_parent_class)->dispose (object);
}

static void
bb_call_view_class_init (BbCallViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_call_view_dispose;
  widget_class->measure = bb_call_view_measure;
  widget_class->size_allocate = bb_call_view_size_allocate;

  g_type_ensure (BB_TYPE_TRANSCRIPT_VIEW);
  g_type_ensure (BB_TYPE_ORDER_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-call-view.ui");
  gtk_widget_class_bind_template_child (widget_class, BbCallView, transcript);
  gtk_widget_class_bind_template_child (widget_class, BbCallView, order);
}

static void
bb_call_view_init (BbCallView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self->order), "below");
}
