/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-format.h"

#include <glib/gi18n.h>
#include <string.h>

char *
bb_format_count (guint count)
{
  g_autofree char *digits = g_strdup_printf ("%u", count);
  gsize n = strlen (digits);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        /* Translators: between the thousands of a number, as in 1,250. */
        g_string_append (text, C_ ("thousands", ","));
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

static int
days_ago (GDateTime *local, GDateTime *now)
{
  GDate day, today;

  g_date_clear (&day, 1);
  g_date_clear (&today, 1);
  g_date_set_dmy (&day, (GDateDay)g_date_time_get_day_of_month (local),
                  (GDateMonth)g_date_time_get_month (local), (GDateYear)g_date_time_get_year (local));
  g_date_set_dmy (&today, (GDateDay)g_date_time_get_day_of_month (now),
                  (GDateMonth)g_date_time_get_month (now), (GDateYear)g_date_time_get_year (now));
  return g_date_days_between (&day, &today);
}

char *
bb_format_day (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  switch (days_ago (local, now))
    {
    case 0:
      return g_strdup (_("Today"));
    case 1:
      return g_strdup (_("Yesterday"));
    default:
      /* Translators: a date in figures, as g_date_time_format() takes it. */
      return g_date_time_format (local, C_ ("date", "%Y-%m-%d"));
    }
}

char *
bb_format_time (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);

  /* Translators: a time of day in figures, as g_date_time_format() takes it. */
  return g_date_time_format (local, C_ ("time of day", "%H:%M"));
}

char *
bb_format_stamp (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);

  /* Translators: date and time in figures, as g_date_time_format() takes it. */
  return g_date_time_format (local, C_ ("date and time", "%Y-%m-%d %H:%M"));
}

char *
bb_format_order_title (BbOrder *order)
{
  const char *number = bb_order_get_number (order);

  if (number != NULL)
    return g_strdup_printf (_("Order %s"), number);
  return g_strdup (bb_order_get_state (order) == BB_ORDER_CANCELLED ? _("Order without number")
                                                                    : _("Unfinished order"));
}

const char *
bb_order_state_css_class (BbOrderState state)
{
  switch (state)
    {
    case BB_ORDER_SUBMITTED:
      return "success";
    case BB_ORDER_READ_BACK:
      return "accent";
    case BB_ORDER_DRAFT:
      return "warning";
    case BB_ORDER_CANCELLED:
    default:
      return "dim-label";
    }
}

void
bb_show_order_state (GtkLabel *label, BbOrderState state)
{
  static const BbOrderState all[]
      = { BB_ORDER_SUBMITTED, BB_ORDER_READ_BACK, BB_ORDER_DRAFT, BB_ORDER_CANCELLED };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (label), bb_order_state_css_class (all[i]));
  gtk_widget_add_css_class (GTK_WIDGET (label), bb_order_state_css_class (state));
  gtk_label_set_label (label, bb_order_state_label (state));
}

void
bb_name_drop_down (GtkDropDown *drop_down, const char *name)
{
  GtkWidget *button = gtk_widget_get_first_child (GTK_WIDGET (drop_down));

  gtk_accessible_update_property (GTK_ACCESSIBLE (drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (GTK_IS_BUTTON (button))
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static gboolean
on_shortcut (GtkWidget *widget, GVariant *arguments, gpointer action)
{
  /* A page that is not in view keeps its keys to itself. */
  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  return gtk_widget_activate_action_variant (widget, action, arguments);
}

void
bb_add_shortcut (GtkWidget *widget, const char *trigger, const char *action, const char *target)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();
  GtkShortcut *shortcut
      = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (trigger),
                          gtk_callback_action_new (on_shortcut, (gpointer)action, NULL));

  if (target != NULL)
    gtk_shortcut_set_arguments (shortcut, g_variant_new_string (target));
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller), GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  gtk_widget_add_controller (widget, controller);
}

GtkFileChooserNative *
bb_save_dialog_new (GtkWidget *parent, const char *title, const char *name)
{
  GtkRoot *root = parent != NULL ? gtk_widget_get_root (parent) : NULL;
  const char *folder = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  g_autoptr (GFile) file = g_file_new_for_path (folder != NULL ? folder : g_get_home_dir ());
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                     GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), NULL);

  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), file, NULL);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  return dialog;
}

void
bb_name_list_item (GtkWidget *row, const char *name)
{
  GtkWidget *item = gtk_widget_get_parent (row);

  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
