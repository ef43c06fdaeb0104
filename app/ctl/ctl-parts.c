/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl-parts.h"

#include <glib/gi18n-lib.h>

#define WHO_WIDTH 10
#define NAME_WIDTH 14
/* What a tool got and gave is cut: all of it is in the session log. */
#define MAX_TOOL_CHARS 160

static const char *
colour_of (BbTranscriptKind kind)
{
  switch (kind)
    {
    case BB_TRANSCRIPT_CALLER:
      return "\033[36m"; /* cyan */
    case BB_TRANSCRIPT_BOT:
      return "\033[32m"; /* green */
    case BB_TRANSCRIPT_OPERATOR:
      return "\033[35m"; /* magenta */
    case BB_TRANSCRIPT_TOOL:
      return "\033[33m"; /* yellow */
    case BB_TRANSCRIPT_NOTE:
    default:
      return "\033[2m"; /* faint */
    }
}

static char *
shorten (const char *text)
{
  g_autofree char *clean = ctl_clean (text);

  if (g_utf8_strlen (clean, -1) <= MAX_TOOL_CHARS)
    return g_steal_pointer (&clean);
  *g_utf8_offset_to_pointer (clean, MAX_TOOL_CHARS - 1) = '\0';
  return g_strconcat (clean, "…", NULL);
}

static char *
line_words (BbTranscriptLine *line)
{
  g_autofree char *text = ctl_clean (bb_transcript_line_get_text (line));

  if (bb_transcript_line_get_kind (line) == BB_TRANSCRIPT_TOOL)
    {
      g_autofree char *arguments = shorten (bb_transcript_line_get_tool_arguments (line));
      g_autofree char *result = shorten (bb_transcript_line_get_tool_result (line));

      return g_strdup_printf ("%s %s%s%s", bb_transcript_line_get_tool_name (line), arguments,
                              *result != '\0' ? " → " : "", result);
    }
  if (bb_transcript_line_get_interrupted (line))
    return g_strdup_printf (_ ("%s — (interrupted)"), text);
  return g_steal_pointer (&text);
}

char *
ctl_format_line (BbTranscriptLine *line, gboolean colour)
{
  BbTranscriptKind kind = bb_transcript_line_get_kind (line);
  const char *who = bb_transcript_kind_label (kind);
  g_autofree char *time = ctl_format_duration (bb_transcript_line_get_time (line));
  g_autofree char *words = line_words (line);
  guint width = ctl_width (who);
  int gap = width < WHO_WIDTH ? (int)(WHO_WIDTH - width) : 0;

  if (colour)
    return g_strdup_printf ("%6s  %s%s%*s %s\033[0m", time, colour_of (kind), who, gap, "", words);
  return g_strdup_printf ("%6s  %s%*s %s", time, who, gap, "", words);
}

void
ctl_put_field (const char *name, const char *value)
{
  g_autofree char *clean = ctl_clean (value);
  guint width = ctl_width (name);

  if (*clean != '\0')
    ctl_putf ("%s:%*s %s\n", name, width < NAME_WIDTH ? (int)(NAME_WIDTH - width) : 0, "", clean);
}

void
ctl_put_order_lines (Ctl *ctl, BbOrder *order)
{
  const char *currency = ctl->config->currency;
  CtlTable *table = ctl_table_new (_ ("Article"), _ ("Name"), _ (">Quantity"), _ ("Unit"),
                                   _ (">Price"), _ (">Amount"), NULL);
  g_autofree char *total = bb_money_format (bb_order_get_total (order), currency);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (order)); i++)
    {
      g_autoptr (BbOrderLine) line = g_list_model_get_item (G_LIST_MODEL (order), i);
      g_autofree char *quantity = g_strdup_printf ("%u", bb_order_line_get_quantity (line));
      g_autofree char *price = bb_money_format (bb_order_line_get_price (line), currency);
      g_autofree char *amount = bb_money_format (bb_order_line_get_total (line), currency);

      ctl_table_add (table, bb_order_line_get_number (line), bb_order_line_get_name (line),
                     quantity, bb_order_line_get_unit (line), price, amount, NULL);
    }
  ctl_table_add (table, "", _ ("Total"), "", "", "", total, NULL);
  ctl_table_print (table, ctl->colour);
}
