/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The client's side for tests/bench/realtime:
 *
 *   realtime-load KIND SESSIONS PORT SECONDS spread|together
 *
 * Each session sends 20 ms of G.711 every 20 ms, each at its own phase as
 * callers have it, or all together, and receives what the peer says. Prints what that cost,
 * from the moment when all were in the middle of it, as JSON.
 */
#include "realtime-load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double
cpu_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void
load_sleep (gint64 until)
{
  struct timespec t = { until / G_USEC_PER_SEC, until % G_USEC_PER_SEC * 1000 };

  clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

int
main (int argc, char **argv)
{
  static const LoadKind *const kinds[] = { &load_sockets, &load_naive, &load_session,
                                           &load_element };
  const LoadKind *kind = NULL;
  guint8 frame[FRAME_SIZE];
  guint n, seconds, step;
  gint64 start, now, measured_from = 0, warm, end;
  double cpu = 0, percent;
  guint64 received = 0, ticks = 0, sent_ms = 0, late = 0, n_late = 0;

  for (guint i = 0; argc == 6 && i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i]->name, argv[1]) == 0)
      kind = kinds[i];
  if (kind == NULL)
    {
      g_printerr ("usage: realtime-load sockets|naive|session|element SESSIONS PORT SECONDS "
                  "spread|together\n");
      return 2;
    }
  n = CLAMP (atoi (argv[2]), 1, 1000);
  seconds = CLAMP (atoi (argv[4]), 1, 600);
  step = strcmp (argv[5], "together") == 0 ? 1 : FRAME_MS;
  gst_init (NULL, NULL);
  for (guint i = 0; i < FRAME_SIZE; i++)
    frame[i] = i * 7;

  kind->start (n, atoi (argv[3]));
  start = g_get_monotonic_time ();
  warm = start + 2 * G_USEC_PER_SEC;
  end = warm + seconds * G_USEC_PER_SEC;
  for (guint64 ms = 0; (now = g_get_monotonic_time ()) < end; ms++)
    {
      if (measured_from == 0 && now >= warm)
        {
          measured_from = now;
          received = kind->received ();
          cpu = cpu_seconds ();
          sent_ms = ticks;
        }
      if (measured_from != 0)
        {
          late += MAX (now - (start + (gint64)ms * 1000), 0);
          n_late++;
        }
      for (guint i = ms % FRAME_MS; step == FRAME_MS ? i < n : ms % FRAME_MS == 0 && i < n; i += step)
        {
          kind->tick (i, frame);
          ticks++;
        }
      kind->wait (start + (gint64)(ms + 1) * 1000);
    }
  percent = (cpu_seconds () - cpu) / ((now - measured_from) / 1e6) * 100 / n;
  received = kind->received () - received;
  sent_ms = (ticks - sent_ms) * FRAME_MS;
  printf ("{\"percent\": %.5f, \"sent\": %.4f, \"received\": %.4f, "
          "\"late_ms\": %.3f}\n",
          percent,
          sent_ms * 1000.0 / n / (now - measured_from),
          received / 8 * 1000.0 / n / (now - measured_from), late / 1000.0 / MAX (n_late, 1));
  fflush (stdout);
  _exit (EXIT_SUCCESS); /* what a hundred goodbyes cost is another measurement */
}
