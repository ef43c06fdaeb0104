/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-sheet.h"

#include <glib/gi18n.h>

#include "bb-format.h"

/* All in points. */
#define MARGIN 42.0
#define HEAD 118.0        /* of the first page */
#define HEAD_NEXT 52.0    /* of those after it */
#define FOOT 30.0
#define ROW_PADDING 5.0
#define GAP 8.0

enum
{
  POSITION,
  ARTICLE,
  NAME,
  QUANTITY,
  PRICE,
  AMOUNT,
  N_COLUMNS
};

/* Shares of the width; the name takes what is left. */
static const double widths[N_COLUMNS] = { 28, 62, 0, 76, 74, 82 };

typedef struct
{
  BbOrder *order;
  char *merchant;
  char *currency;
  GArray *pages;  /* of guint: the first line of each page; one more at the end */
  gboolean apart; /* total and note stand on a page of their own */
} Sheet;

static void
sheet_free (Sheet *sheet)
{
  g_object_unref (sheet->order);
  g_free (sheet->merchant);
  g_free (sheet->currency);
  g_array_unref (sheet->pages);
  g_free (sheet);
}

static PangoLayout *
layout_new (GtkPrintContext *context, const char *font, const char *text, double width,
            PangoAlignment alignment)
{
  PangoLayout *layout = gtk_print_context_create_pango_layout (context);
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_alignment (layout, alignment);
  if (width > 0)
    {
      pango_layout_set_width (layout, (int)(width * PANGO_SCALE));
      pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
    }
  return layout;
}

static double
height_of (PangoLayout *layout)
{
  int height;

  pango_layout_get_size (layout, NULL, &height);
  return (double)height / PANGO_SCALE;
}

/* Draws it and returns how high it is. */
static double
put (GtkPrintContext *context, const char *font, const char *text, double x, double y, double width,
     PangoAlignment alignment)
{
  g_autoptr (PangoLayout) layout = layout_new (context, font, text, width, alignment);
  cairo_t *cr = gtk_print_context_get_cairo_context (context);

  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  return height_of (layout);
}

static void
rule (GtkPrintContext *context, double y, double strength)
{
  cairo_t *cr = gtk_print_context_get_cairo_context (context);

  cairo_set_line_width (cr, strength);
  cairo_move_to (cr, MARGIN, y);
  cairo_line_to (cr, gtk_print_context_get_width (context) - MARGIN, y);
  cairo_stroke (cr);
}

static double
width_of_column (GtkPrintContext *context, int column)
{
  double rest = gtk_print_context_get_width (context) - 2 * MARGIN;

  if (widths[column] > 0)
    return widths[column];
  for (int i = 0; i < N_COLUMNS; i++)
    rest -= widths[i] + (i > 0 ? GAP : 0);
  return rest;
}

/* A row of the table; @measure: only how high it would be. */
static double
put_row (GtkPrintContext *context, const char *font, const char *const *cells, double y,
         gboolean measure)
{
  double x = MARGIN;
  double height = 0;

  for (int i = 0; i < N_COLUMNS; i++)
    {
      double width = width_of_column (context, i);
      g_autoptr (PangoLayout) layout
          = layout_new (context, font, cells[i], width,
                        i == ARTICLE || i == NAME ? PANGO_ALIGN_LEFT : PANGO_ALIGN_RIGHT);

      height = MAX (height, height_of (layout));
      if (!measure)
        {
          cairo_t *cr = gtk_print_context_get_cairo_context (context);

          cairo_move_to (cr, x, y + ROW_PADDING);
          pango_cairo_show_layout (cr, layout);
        }
      x += width + GAP;
    }
  return height + 2 * ROW_PADDING;
}

static double
put_line (Sheet *sheet, GtkPrintContext *context, guint index, double y, gboolean measure)
{
  g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (sheet->order), index);
  g_autofree char *position = g_strdup_printf ("%u", index + 1);
  g_autofree char *count = bb_format_count (bb_order_line_get_quantity (line));
  g_autofree char *quantity = g_strdup_printf ("%s %s", count, bb_order_line_get_unit (line));
  g_autofree char *price = bb_money_format (bb_order_line_get_price (line), sheet->currency);
  g_autofree char *amount = bb_money_format (bb_order_line_get_total (line), sheet->currency);
  const char *cells[N_COLUMNS]
      = { position, bb_order_line_get_number (line), bb_order_line_get_name (line), quantity, price,
          amount };

  return put_row (context, "Sans 9", cells, y, measure);
}

static double
put_table_head (GtkPrintContext *context, double y)
{
  const char *cells[N_COLUMNS] = { _("Pos."), _("Article"), _("Name"), _("Quantity"), _("Price"),
                                   _("Amount") };
  double height = put_row (context, "Sans Bold 9", cells, y, FALSE);

  rule (context, y + height, 0.8);
  return height;
}

/* Total and note. */
static double
put_end (Sheet *sheet, GtkPrintContext *context, double y, gboolean measure)
{
  double width = gtk_print_context_get_width (context) - 2 * MARGIN;
  const char *note = bb_order_get_note (sheet->order);
  g_autofree char *total = bb_money_format (bb_order_get_total (sheet->order), sheet->currency);
  g_autofree char *text = g_strdup_printf (_("Total, net: %s"), total);
  g_autofree char *noted = g_strdup_printf (_("Note: %s"), note);
  g_autoptr (PangoLayout) note_layout
      = layout_new (context, "Sans 9", noted, width, PANGO_ALIGN_LEFT);
  double height = 40;

  if (*note != '\0')
    height += height_of (note_layout) + 12;
  if (measure)
    return height;

  rule (context, y, 0.8);
  put (context, "Sans Bold 12", text, MARGIN, y + 10, width, PANGO_ALIGN_RIGHT);
  if (*note != '\0')
    {
      cairo_move_to (gtk_print_context_get_cairo_context (context), MARGIN, y + 46);
      pango_cairo_show_layout (gtk_print_context_get_cairo_context (context), note_layout);
    }
  return height;
}

static void
put_head (Sheet *sheet, GtkPrintContext *context)
{
  double width = gtk_print_context_get_width (context) - 2 * MARGIN;
  const char *caller = bb_order_get_caller (sheet->order);
  g_autofree char *title = bb_format_order_title (sheet->order);
  g_autofree char *created = bb_format_stamp (bb_order_get_created (sheet->order));
  g_autofree char *customer
      = g_strdup_printf (_("Customer: %s"),
                         caller != NULL && *caller != '\0' ? caller : _("Unknown caller"));
  g_autofree char *taken = g_strdup_printf (
      _("Taken by telephone: %s · %s"), created,
      bb_order_state_label (bb_order_get_state (sheet->order)));

  if (sheet->merchant != NULL)
    put (context, "Sans 10", sheet->merchant, MARGIN, MARGIN - 12, width, PANGO_ALIGN_LEFT);
  put (context, "Sans Bold 18", title, MARGIN, MARGIN + 8, width, PANGO_ALIGN_LEFT);
  put (context, "Sans 10", customer, MARGIN, MARGIN + 42, width, PANGO_ALIGN_LEFT);
  put (context, "Sans 10", taken, MARGIN, MARGIN + 58, width, PANGO_ALIGN_LEFT);
}

static void
on_begin_print (GtkPrintOperation *operation, GtkPrintContext *context, Sheet *sheet)
{
  double bottom = gtk_print_context_get_height (context) - MARGIN - FOOT;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (sheet->order));
  double y = MARGIN + HEAD;
  guint first = 0;

  g_array_set_size (sheet->pages, 0);
  g_array_append_val (sheet->pages, first);
  for (guint i = 0; i < n; i++)
    {
      double height = put_line (sheet, context, i, 0, TRUE);

      if (y + height > bottom && i > g_array_index (sheet->pages, guint, sheet->pages->len - 1))
        {
          g_array_append_val (sheet->pages, i);
          y = MARGIN + HEAD_NEXT;
        }
      y += height;
    }
  sheet->apart = y + put_end (sheet, context, 0, TRUE) > bottom;
  g_array_append_val (sheet->pages, n);
  gtk_print_operation_set_n_pages (operation, (int)sheet->pages->len - 1 + (sheet->apart ? 1 : 0));
}

static void
put_foot (Sheet *sheet, GtkPrintContext *context, int page, int n_pages)
{
  double width = gtk_print_context_get_width (context) - 2 * MARGIN;
  double y = gtk_print_context_get_height (context) - MARGIN - 12;
  g_autofree char *title = bb_format_order_title (sheet->order);
  /* Translators: at the foot of a printed sheet. */
  g_autofree char *number = g_strdup_printf (_("Page %d of %d"), page + 1, n_pages);

  rule (context, y - 4, 0.4);
  put (context, "Sans 8", title, MARGIN, y, width, PANGO_ALIGN_LEFT);
  put (context, "Sans 8", number, MARGIN, y, width, PANGO_ALIGN_RIGHT);
}

static void
on_draw_page (GtkPrintOperation *operation, GtkPrintContext *context, int page, Sheet *sheet)
{
  int n_pages = (int)sheet->pages->len - 1 + (sheet->apart ? 1 : 0);
  double y = MARGIN + (page == 0 ? HEAD - 22 : HEAD_NEXT - 22);

  if (page == 0)
    put_head (sheet, context);
  if (page < (int)sheet->pages->len - 1)
    {
      y += put_table_head (context, y);
      for (guint i = g_array_index (sheet->pages, guint, page);
           i < g_array_index (sheet->pages, guint, page + 1); i++)
        y += put_line (sheet, context, i, y, FALSE);
    }
  if (page == n_pages - 1)
    put_end (sheet, context, y, FALSE);
  put_foot (sheet, context, page, n_pages);
}

GtkPrintOperation *
bb_order_sheet_new (BbOrder *order, const char *merchant, const char *currency)
{
  GtkPrintOperation *operation = gtk_print_operation_new ();
  g_autoptr (GtkPageSetup) setup = gtk_page_setup_new ();
  g_autoptr (GtkPaperSize) paper = gtk_paper_size_new (GTK_PAPER_NAME_A4);
  g_autofree char *title = bb_format_order_title (order);
  Sheet *sheet = g_new0 (Sheet, 1);

  sheet->order = bb_order_copy (order);
  sheet->merchant = g_strdup (merchant);
  sheet->currency = g_strdup (currency);
  sheet->pages = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_page_setup_set_paper_size (setup, paper);
  gtk_print_operation_set_default_page_setup (operation, setup);
  gtk_print_operation_set_use_full_page (operation, TRUE);
  gtk_print_operation_set_unit (operation, GTK_UNIT_POINTS);
  gtk_print_operation_set_job_name (operation, title);
  gtk_print_operation_set_embed_page_setup (operation, TRUE);
  g_object_set_data_full (G_OBJECT (operation), "sheet", sheet, (GDestroyNotify)sheet_free);
  g_signal_connect (operation, "begin-print", G_CALLBACK (on_begin_print), sheet);
  g_signal_connect (operation, "draw-page", G_CALLBACK (on_draw_page), sheet);
  return operation;
}
