/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "bb-order.h"

G_BEGIN_DECLS

/* Numbers and times as the language of the messages writes them: no locale
 * data of the C library is needed, as in bb_money_format(). */
char *bb_format_count (guint count);                         /* "1.250" in German; (transfer full) */
char *bb_format_day (GDateTime *time);                       /* local: "Today", "Yesterday", a date; (transfer full) */
char *bb_format_time (GDateTime *time);                      /* local: "14:05"; (transfer full) */
char *bb_format_stamp (GDateTime *time);                     /* local: date and time in figures; (transfer full) */
char *bb_format_order_title (BbOrder *order);                /* "Order 2026-000123", or what it is; (transfer full) */
/* What colours a state's label: a CSS class of libadwaita. */
const char *bb_order_state_css_class (BbOrderState state);
/* One of the classes above at a time. */
void bb_show_order_state (GtkLabel *label, BbOrderState state);
/* The button inside a drop-down has no name of its own. */
void bb_name_drop_down (GtkDropDown *drop_down, const char *name);
/* A key that activates an action of @widget wherever the keyboard is, as long as
 * @widget is in view. @action, @target (nullable): detailed name's two parts,
 * static. */
void bb_add_shortcut (GtkWidget *widget, const char *trigger, const char *action, const char *target);
/* Asks where to save, first in the person's documents. @parent is nullable. (transfer full) */
GtkFileChooserNative *bb_save_dialog_new (GtkWidget *parent, const char *title, const char *name);
/* The name by which a screen reader knows the list item around a row. */
void bb_name_list_item (GtkWidget *row, const char *name);

G_END_DECLS
