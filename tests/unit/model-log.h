/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <gio/gio.h>

#include "bb-transcript.h"

/* Handlers for the tests of the model: what was signalled, in which order. */

static inline void
count_signal (GObject *object, gpointer counter)
{
  ++*(guint *)counter;
}

static inline void
append_name (GObject *object, GParamSpec *pspec, gpointer log)
{
  g_string_append_printf (log, "%s ", pspec->name);
}

static inline void
append_changed (GObject *object, gpointer log)
{
  g_string_append (log, "changed ");
}

static inline void
append_items (GListModel *model, guint position, guint removed, guint added, gpointer log)
{
  g_string_append_printf (log, "items(%u,-%u,+%u) ", position, removed, added);
}

static inline void
append_line (GObject *object, BbTranscriptLine *line, gpointer log)
{
  g_string_append_printf (log, "line(%s) ", bb_transcript_line_get_text (line));
}
