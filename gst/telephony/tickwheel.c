/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "tickwheel.h"

#define SLOT(ms) ((guint) ((ms) % TICK_WHEEL_SLOTS))

static void
link_entry (TickEntry **head, TickEntry *entry)
{
  entry->next = *head;
  entry->pprev = head;
  if (entry->next != NULL)
    entry->next->pprev = &entry->next;
  *head = entry;
}

static void
unlink_entry (TickEntry *entry)
{
  *entry->pprev = entry->next;
  if (entry->next != NULL)
    entry->next->pprev = entry->pprev;
  entry->next = NULL;
  entry->pprev = NULL;
}

static void
schedule (TickWheel *self, TickEntry *entry)
{
  guint slot = SLOT (entry->at);

  link_entry (&self->slots[slot], entry);
  self->occupied[slot / 64] |= G_GUINT64_CONSTANT (1) << (slot % 64);
}

/**
 * tick_wheel_init:
 * @self: the wheel
 * @now: ms
 */
void
tick_wheel_init (TickWheel *self, guint64 now)
{
  *self = (TickWheel){ .now = now };
}

/**
 * tick_wheel_add:
 * @self: the wheel
 * @entry: func, user_data and period are set; not on a wheel
 * @now: ms
 *
 * The first deadline lies within one period from now, in the millisecond that
 * has the fewest others, so that the work of many calls is spread evenly.
 */
void
tick_wheel_add (TickWheel *self, TickEntry *entry, guint64 now)
{
  guint64 best = 0;
  guint best_load = G_MAXUINT;

  g_return_if_fail (entry->pprev == NULL);
  g_return_if_fail (entry->period > 0 && entry->period <= TICK_WHEEL_MAX_PERIOD);

  if (self->n_entries == 0 && now > self->now)
    self->now = now;
  now = MAX (now, self->now);

  for (guint i = 1; i <= entry->period && best_load > 0; i++)
    {
      guint load = 0;

      for (TickEntry *e = self->slots[SLOT (now + i)]; e != NULL; e = e->next)
        load++;
      if (load < best_load)
        {
          best_load = load;
          best = now + i;
        }
    }

  entry->due = entry->at = best;
  schedule (self, entry);
  self->n_entries++;
}

/**
 * tick_wheel_resume:
 * @self: the wheel
 * @entry: was on this wheel; the period may be another one, from its next deadline on
 * @now: ms
 *
 * Like tick_wheel_add(), but its deadlines stay those they would have been: few
 * that were missed meanwhile are made good, more are given up.
 */
void
tick_wheel_resume (TickWheel *self, TickEntry *entry, guint64 now)
{
  g_return_if_fail (entry->pprev == NULL);
  g_return_if_fail (entry->due > 0);

  now = MAX (now, self->now);
  if (self->n_entries == 0)
    self->now = now;
  if (entry->due + (guint64) TICK_WHEEL_RESUME_CATCH_UP * entry->period <= now)
    entry->due += ((now - entry->due) / entry->period + 1) * entry->period;
  entry->at = MAX (entry->due, now + 1);
  schedule (self, entry);
  self->n_entries++;
}

/**
 * tick_wheel_is_ahead:
 * @self: the wheel
 * @entry: an entry
 * @now: ms
 *
 * Returns: whether it is on the wheel, on time, and its next deadline is more
 *   than a millisecond away
 */
gboolean
tick_wheel_is_ahead (TickWheel *self, TickEntry *entry, guint64 now)
{
  return entry->pprev != NULL && entry->at == entry->due && entry->due > now + 1
         && entry->due - entry->period < now;
}

/**
 * tick_wheel_rephase:
 * @self: the wheel
 * @entry: tick_wheel_is_ahead() says so
 * @now: ms; the caller has just done what was due next
 *
 * Its next deadline is one period from now, and so on from there.
 */
void
tick_wheel_rephase (TickWheel *self, TickEntry *entry, guint64 now)
{
  g_return_if_fail (entry->pprev != NULL);

  unlink_entry (entry);
  entry->due = entry->at = MAX (now, self->now) + entry->period;
  schedule (self, entry);
}

/**
 * tick_wheel_remove:
 * @self: the wheel
 * @entry: on this wheel or on none
 */
void
tick_wheel_remove (TickWheel *self, TickEntry *entry)
{
  if (entry->pprev == NULL)
    return;

  unlink_entry (entry);
  self->n_entries--;
}

static void
run_entry (TickWheel *self, TickEntry *entry, guint64 now)
{
  guint skipped = 0;
  guint64 due;

  if (now - entry->due > (guint64) TICK_WHEEL_MAX_CATCH_UP * entry->period)
    {
      skipped = (guint) MIN ((now - entry->due) / entry->period, G_MAXUINT);
      entry->due += (guint64) skipped * entry->period;
    }

  due = entry->due;
  entry->due += entry->period;
  entry->at = MAX (entry->due, now + MAX (entry->period / 2, 1));

  /* Back on the wheel first: the function may remove it. */
  schedule (self, entry);
  entry->func (entry, due, skipped);
}

/**
 * tick_wheel_advance:
 * @self: the wheel
 * @now: ms; not before the last one
 *
 * Runs what has become due, each entry at most once per deadline.
 */
void
tick_wheel_advance (TickWheel *self, guint64 now)
{
  if (now <= self->now)
    return;

  /* After a stall longer than a turn every slot needs one look only. */
  if (now - self->now > TICK_WHEEL_SLOTS)
    self->now = now - TICK_WHEEL_SLOTS;

  while (self->now < now)
    {
      guint64 t = self->now + 1;
      guint slot = SLOT (t);
      TickEntry *running = self->slots[slot];

      self->now = t;
      if (running == NULL)
        continue;

      self->slots[slot] = NULL;
      running->pprev = &running;

      while (running != NULL)
        {
          TickEntry *entry = running;

          unlink_entry (entry);
          if (entry->at > t)
            schedule (self, entry); /* a turn ahead: it got here while catching up */
          else
            run_entry (self, entry, now);
        }
    }
}

/**
 * tick_wheel_next:
 * @self: the wheel
 * @at: (out): ms
 *
 * Returns: whether anything is due at all, and when at the earliest
 */
gboolean
tick_wheel_next (TickWheel *self, guint64 *at)
{
  guint start = SLOT (self->now + 1);
  guint n_words = G_N_ELEMENTS (self->occupied);

  if (self->n_entries == 0)
    return FALSE;

  for (guint i = 0; i <= n_words; i++)
    {
      guint word = (start / 64 + i) % n_words;
      guint64 bits = self->occupied[word];

      if (i == 0)
        bits &= ~G_GUINT64_CONSTANT (0) << (start % 64);

      while (bits != 0)
        {
          guint slot = word * 64 + (guint) __builtin_ctzll (bits);

          if (self->slots[slot] != NULL)
            {
              guint ahead = (slot + TICK_WHEEL_SLOTS - start) % TICK_WHEEL_SLOTS;

              *at = self->now + 1 + ahead;
              return TRUE;
            }
          self->occupied[word] &= ~(G_GUINT64_CONSTANT (1) << (slot % 64));
          bits &= bits - 1;
        }
    }

  return FALSE;
}
