/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-banner.h"

struct _BbBanner
{
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkWidget *bar;
  GtkLabel *title;
  GtkLabel *text;
  GtkButton *action;
};

G_DEFINE_FINAL_TYPE (BbBanner, bb_banner, GTK_TYPE_WIDGET)

enum
{
  ACTION,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* GTK before 4.10 tells a screen reader of what a revealer keeps out of sight
 * as well. */
static void
reveal (BbBanner *self, gboolean shown)
{
  gtk_revealer_set_reveal_child (self->revealer, shown);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_STATE_HIDDEN, !shown, -1);
}

static void
on_action_clicked (BbBanner *self)
{
  g_signal_emit (self, signals[ACTION], 0);
}

/**
 * bb_banner_show:
 * @self: the banner
 * @title: what happened, in a few words
 * @text: (nullable): one line that says why, and what to do
 */
void
bb_banner_show (BbBanner *self, const char *title, const char *text)
{
  g_autofree char *whole = NULL;

  g_return_if_fail (BB_IS_BANNER (self));

  whole = text != NULL ? g_strdup_printf ("%s: %s", title, text) : g_strdup (title);
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->text, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->text), text != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, whole,
                                  -1);
  reveal (self, TRUE);
}

/**
 * bb_banner_set_action:
 * @self: the banner
 * @label: (nullable): what the button says; %NULL: there is none
 */
void
bb_banner_set_action (BbBanner *self, const char *label)
{
  g_return_if_fail (BB_IS_BANNER (self));

  gtk_button_set_label (self->action, label != NULL ? label : "");
  gtk_widget_set_visible (GTK_WIDGET (self->action), label != NULL);
}

/**
 * bb_banner_hide:
 * @self: the banner
 */
void
bb_banner_hide (BbBanner *self)
{
  g_return_if_fail (BB_IS_BANNER (self));

  reveal (self, FALSE);
}

/**
 * bb_banner_is_shown:
 * @self: the banner
 *
 * Returns: whether it says something now
 */
gboolean
bb_banner_is_shown (BbBanner *self)
{
  g_return_val_if_fail (BB_IS_BANNER (self), FALSE);

  return gtk_revealer_get_reveal_child (self->revealer);
}

static void
bb_banner_dispose (GObject *object)
{
  BbBanner *self = BB_BANNER (object);

  if (self->revealer != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->revealer));
  self->revealer = NULL;

  G_OBJECT_CLASS (bb_banner_parent_class)->dispose (object);
}

static void
bb_banner_class_init (BbBannerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bb_banner_dispose;

  signals[ACTION] = g_signal_new (BB_BANNER_SIGNAL_ACTION, BB_TYPE_BANNER, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/de/bestellbot/Bestellbot/bb-banner.ui");
  gtk_widget_class_bind_template_child (widget_class, BbBanner, revealer);
  gtk_widget_class_bind_template_child (widget_class, BbBanner, bar);
  gtk_widget_class_bind_template_child (widget_class, BbBanner, title);
  gtk_widget_class_bind_template_child (widget_class, BbBanner, text);
  gtk_widget_class_bind_template_child (widget_class, BbBanner, action);
  gtk_widget_class_bind_template_callback (widget_class, on_action_clicked);
  gtk_widget_class_bind_template_callback (widget_class, bb_banner_hide);
}

static void
bb_banner_init (BbBanner *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  reveal (self, FALSE);
}
