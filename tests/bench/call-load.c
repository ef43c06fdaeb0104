/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The sound of many telephones for tests/bench/calls and latency, by as little
 * work as possible: a packet every 20 ms to each address, the telephones spread
 * over those 20 ms, and whatever comes back counted and thrown away. Signalling
 * is somebody else's. One thread, epoll, one socket per telephone.
 *
 *   call-load N [PAYLOAD_TYPE UNITS HEX]
 *       prints N ports, then "ready"; reads N lines PORT: where each one's
 *       packets go; sends what HEX says (else A-law) until its input ends, and
 *       answers each further line with one of JSON:
 *         sent, received      packets
 *         late_ms             by how much its own sending was late at worst
 *         jitter_ms           RFC 3550 A.8 of what came, the mean of all
 *         probe               of the first telephone: [number, ns] of each
 *                             packet sent, which carries its number
 *         changes             of the first telephone: [loud or not, ns] of the
 *                             first packet that was, after one that was not
 *
 *   call-load echo N
 *       prints N ports, then "ready"; sends every packet back at once: the bare
 *       loop that others are compared with
 */
#include <arpa/inet.h>
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_PAYLOAD 400
#define PERIOD_NS 20000000
#define MAGIC "BBp" /* then two octets of number; tests/bench/realtime-peer.c looks for it */
#define LOUD 0x2a   /* what the peer says so that it is known again */

typedef struct
{
  int fd;
  struct sockaddr_in to;
  guint8 packet[12 + MAX_PAYLOAD];
  guint16 seq;
  guint32 timestamp;
  gint64 next; /* ns */

  gboolean any;
  guint32 transit;
  double jitter; /* of its clock */
} Phone;

static Phone *phones;
static guint n_phones;
static gsize payload_size = 160;
static guint units = 160;
static guint8 payload_type = 8;
static guint8 payload[MAX_PAYLOAD];
static GString *probes, *changes; /* JSON, of the first telephone */
static gboolean loud;
static guint64 n_sent, n_received;
static gint64 latest;

static gint64
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (gint64)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
put16 (guint8 *p, guint16 v)
{
  p[0] = v >> 8;
  p[1] = v;
}

static void
say (Phone *phone)
{
  put16 (phone->packet + 2, phone->seq);
  put16 (phone->packet + 4, phone->timestamp >> 16);
  put16 (phone->packet + 6, phone->timestamp);
  phone->timestamp += units;
  if (phone == phones && units == 160)
    {
      memcpy (phone->packet + 12, MAGIC, 3);
      put16 (phone->packet + 15, phone->seq);
      g_string_append_printf (probes, "%s[%u,%" G_GINT64_FORMAT "]", probes->len > 0 ? "," : "",
                              phone->seq, now_ns ());
    }
  phone->seq++;
  if (send (phone->fd, phone->packet, 12 + payload_size, MSG_DONTWAIT) > 0)
    n_sent++;
}

static void
hear (Phone *phone, gint64 now)
{
  guint8 data[1500];
  ssize_t size;

  while ((size = recv (phone->fd, data, sizeof data, MSG_DONTWAIT)) >= 13)
    {
      guint32 timestamp
          = (guint32)data[4] << 24 | (guint32)data[5] << 16 | (guint32)data[6] << 8 | data[7];
      guint32 transit = (guint32)(now / (PERIOD_NS / units)) - timestamp;

      n_received++;
      if (phone == phones && (data[12] == LOUD) != loud)
        {
          loud = !loud;
          g_string_append_printf (changes, "%s[%s,%" G_GINT64_FORMAT "]",
                                  changes->len > 0 ? "," : "", loud ? "true" : "false", now);
        }
      if (phone->any)
        {
          double d = fabs ((double)(gint32)(transit - phone->transit));

          if (d < 50 * units)
            phone->jitter += (d - phone->jitter) / 16;
        }
      phone->any = TRUE;
      phone->transit = transit;
    }
}

static void
report (void)
{
  double jitter = 0;
  guint n = 0;

  for (guint i = 0; i < n_phones; i++)
    if (phones[i].any)
      {
        jitter += phones[i].jitter * 20 / units;
        n++;
      }
  printf ("{\"sent\": %" G_GUINT64_FORMAT ", \"received\": %" G_GUINT64_FORMAT
          ", \"late_ms\": %.3f, \"jitter_ms\": %.3f, \"probe\": [%s], \"changes\": [%s]}\n",
          n_sent, n_received, (double)latest / 1e6, n > 0 ? jitter / n : 0.0, probes->str,
          changes->str);
  fflush (stdout);
  latest = 0;
  g_string_truncate (probes, 0);
  g_string_truncate (changes, 0);
}

static void
phone_init (Phone *phone)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;

  phone->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (phone->fd < 0 || bind (phone->fd, (struct sockaddr *)&address, sizeof address) != 0
      || getsockname (phone->fd, (struct sockaddr *)&address, &size) != 0)
    g_error ("no socket");
  phone->packet[0] = 0x80;
  phone->packet[1] = payload_type;
  for (guint i = 0; i < 4; i++)
    phone->packet[8 + i] = (guint8)g_random_int ();
  memcpy (phone->packet + 12, payload, payload_size);
  printf ("%u\n", ntohs (address.sin_port));
}

/* Where its packets go. */
static void
phone_connect (Phone *phone, guint i, guint16 port)
{
  phone->to = (struct sockaddr_in){ .sin_family = AF_INET,
                                    .sin_port = htons (port),
                                    .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  if (port != 0 && connect (phone->fd, (struct sockaddr *)&phone->to, sizeof phone->to) != 0)
    g_error ("can't connect");
  phone->next = (gint64)i * PERIOD_NS / n_phones; /* after the begin */
}

static void
set_payload (const char *hex)
{
  payload_size = MIN (strlen (hex) / 2, MAX_PAYLOAD);
  for (gsize i = 0; i < payload_size; i++)
    payload[i] = (guint8)(g_ascii_xdigit_value (hex[2 * i]) << 4
                          | g_ascii_xdigit_value (hex[2 * i + 1]));
}

/* For ever: it is ended. */
static void
echo (guint n)
{
  int epoll = epoll_create1 (EPOLL_CLOEXEC);
  struct epoll_event events[64], watch = { .events = EPOLLIN };

  phones = g_new0 (Phone, n);
  for (guint i = 0; i < n; i++)
    {
      phone_init (&phones[i]);
      watch.data.ptr = &phones[i];
      epoll_ctl (epoll, EPOLL_CTL_ADD, phones[i].fd, &watch);
    }
  puts ("ready");
  fflush (stdout);
  while (TRUE)
    for (int i = 0, k = epoll_wait (epoll, events, G_N_ELEMENTS (events), -1); i < k; i++)
      {
        Phone *phone = events[i].data.ptr;
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        guint8 data[1500];
        ssize_t size = recvfrom (phone->fd, data, sizeof data, MSG_DONTWAIT,
                                 (struct sockaddr *)&from, &length);

        if (size > 0)
          sendto (phone->fd, data, (size_t)size, MSG_DONTWAIT, (struct sockaddr *)&from, length);
      }
}

int
main (int argc, char **argv)
{
  int epoll = epoll_create1 (EPOLL_CLOEXEC);
  int timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct itimerspec every_ms = { { 0, 1000000 }, { 0, 1000000 } };
  struct epoll_event events[64], watch = { .events = EPOLLIN };
  gint64 begin;

  for (gsize i = 0; i < payload_size; i++)
    payload[i] = 0xd5 ^ (i % 8); /* next to silence: no VAD hears it */
  if (argc > 2 && strcmp (argv[1], "echo") == 0)
    echo ((guint)CLAMP (atoi (argv[2]), 1, 1000));
  if (argc > 4)
    {
      payload_type = (guint8)atoi (argv[2]);
      units = (guint)atoi (argv[3]);
      set_payload (argv[4]);
    }
  probes = g_string_new (NULL);
  changes = g_string_new (NULL);
  n_phones = argc > 1 ? (guint)CLAMP (atoi (argv[1]), 1, 1000) : 1;
  phones = g_new0 (Phone, n_phones);
  for (guint i = 0; i < n_phones; i++)
    phone_init (&phones[i]);
  puts ("ready");
  fflush (stdout);

  for (guint i = 0; i < n_phones; i++)
    {
      char line[32];

      if (fgets (line, sizeof line, stdin) == NULL)
        return EXIT_FAILURE;
      phone_connect (&phones[i], i, (guint16)atoi (line));
      watch.data.ptr = &phones[i];
      if (phones[i].to.sin_port != 0)
        epoll_ctl (epoll, EPOLL_CTL_ADD, phones[i].fd, &watch);
    }
  begin = now_ns () + PERIOD_NS;
  for (guint i = 0; i < n_phones; i++)
    phones[i].next += begin;
  timerfd_settime (timer, 0, &every_ms, NULL);
  watch.data.ptr = &timer;
  epoll_ctl (epoll, EPOLL_CTL_ADD, timer, &watch);
  watch.data.ptr = &epoll;
  epoll_ctl (epoll, EPOLL_CTL_ADD, STDIN_FILENO, &watch);
  puts ("sending");
  fflush (stdout);

  while (TRUE)
    {
      int n = epoll_wait (epoll, events, G_N_ELEMENTS (events), -1);
      gint64 now = now_ns ();

      for (int i = 0; i < n; i++)
        {
          gpointer what = events[i].data.ptr;

          if (what == &epoll)
            {
              char line[64];

              if (read (STDIN_FILENO, line, sizeof line) <= 0)
                return EXIT_SUCCESS;
              report ();
            }
          else if (what == &timer)
            {
              guint64 ticks;

              if (read (timer, &ticks, sizeof ticks) < 0)
                continue;
              for (guint j = 0; j < n_phones; j++)
                for (; phones[j].next <= now && phones[j].to.sin_port != 0;
                     phones[j].next += PERIOD_NS)
                  {
                    latest = MAX (latest, now - phones[j].next);
                    say (&phones[j]);
                  }
            }
          else
            {
              hear (what, now);
            }
        }
    }
}
