/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One slot is one millisecond of the monotonic clock; every period fits into
 * one turn of the wheel. */
#define TICK_WHEEL_SLOTS 1024
#define TICK_WHEEL_MAX_PERIOD 1000

/* A tick that is late by more periods than this gives up the slots it missed;
 * up to it, it makes them good at twice the pace, never in a burst. */
#define TICK_WHEEL_MAX_CATCH_UP 5
/* After a pause of its own making fewer: a change of settings takes no longer. */
#define TICK_WHEEL_RESUME_CATCH_UP 2

typedef struct _TickEntry TickEntry;

/**
 * TickFunc:
 * @entry: what is due
 * @due: the deadline this run stands for, ms; always the first one plus a
 *   whole number of periods
 * @skipped: deadlines given up since the last run
 *
 * May add and remove any entry, its own too.
 */
typedef void (*TickFunc) (TickEntry *entry, guint64 due, guint skipped);

/**
 * TickEntry:
 *
 * A periodic deadline, embedded in what it belongs to: the wheel allocates nothing.
 */
struct _TickEntry
{
  TickFunc func;
  gpointer user_data;
  guint period; /* ms */

  /* private */
  guint64 due;      /* next deadline on the grid, ms */
  guint64 at;       /* when it is run: due, or later while it catches up */
  TickEntry *next;
  TickEntry **pprev; /* NULL: not on a wheel */
};

/**
 * TickWheel:
 *
 * Deadlines of many calls with few distinct periods: O(1) to add, remove and
 * run. Its clock is whatever the caller passes, so that a test can drive it.
 */
typedef struct
{
  TickEntry *slots[TICK_WHEEL_SLOTS];
  guint64 occupied[TICK_WHEEL_SLOTS / 64]; /* may be set for a slot emptied since */
  guint64 now;                             /* ms; everything up to here has run */
  guint n_entries;
} TickWheel;

void tick_wheel_init (TickWheel *self, guint64 now);
void tick_wheel_add (TickWheel *self, TickEntry *entry, guint64 now);
void tick_wheel_resume (TickWheel *self, TickEntry *entry, guint64 now);
gboolean tick_wheel_is_ahead (TickWheel *self, TickEntry *entry, guint64 now);
void tick_wheel_rephase (TickWheel *self, TickEntry *entry, guint64 now);
void tick_wheel_remove (TickWheel *self, TickEntry *entry);
void tick_wheel_advance (TickWheel *self, guint64 now);
gboolean tick_wheel_next (TickWheel *self, guint64 *at);

static inline gboolean
tick_entry_is_active (const TickEntry *entry)
{
  return entry->pprev != NULL;
}

G_END_DECLS
