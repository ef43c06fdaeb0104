/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rtpreception.h"

#include <arpa/inet.h>
#include <math.h>
#include <netdb.h>
#include <string.h>

/* RFC 3550 section A.1 */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define SEQ_MOD (1u << 16)

static guint64
expected (const RtpReception *self)
{
  return self->started ? (guint64) self->cycles + self->max_seq - self->base_seq + 1 : 0;
}

static guint64
lost (const RtpReception *self)
{
  guint64 n = expected (self);

  return n > self->received ? n - self->received : 0;
}

static void
start (RtpReception *self, const RtpHeader *header)
{
  self->lost_before += lost (self);
  self->received_before += self->received;

  self->started = TRUE;
  self->ssrc = header->ssrc;
  self->base_seq = self->max_seq = header->seq;
  self->bad_seq = SEQ_MOD + 1;
  self->cycles = 0;
  self->received = 0;
  self->received_prior = 0;
  self->expected_prior = 0;
  self->have_transit = FALSE;
}

/**
 * rtp_reception_packet:
 * @self: the stream
 * @header: a valid packet
 * @now: its arrival, ns
 */
void
rtp_reception_packet (RtpReception *self, const RtpHeader *header, gint64 now)
{
  guint16 delta;
  guint32 arrival;
  guint32 transit;

  if (!self->started || header->ssrc != self->ssrc)
    start (self, header);

  delta = (guint16) (header->seq - self->max_seq);
  if (delta < MAX_DROPOUT)
    {
      if (header->seq < self->max_seq)
        self->cycles += SEQ_MOD;
      self->max_seq = header->seq;
    }
  else if (delta <= SEQ_MOD - MAX_MISORDER)
    {
      /* A jump: believed when the next packet follows on it. */
      if (header->seq != self->bad_seq)
        {
          self->bad_seq = (header->seq + 1) & (SEQ_MOD - 1);
          return;
        }
      start (self, header);
    }
  self->received++;

  if (self->clock_rate == 0)
    return;

  arrival = (guint32) (now / 1000 * self->clock_rate / 1000000);
  transit = arrival - header->timestamp;
  if (self->have_transit)
    {
      double d = fabs ((double) (gint32) (transit - self->transit));

      /* A jump of the timestamps (a new talk spurt after a clock change) is no jitter. */
      if (d < self->clock_rate)
        self->jitter += (d - self->jitter) / 16.0;
    }
  self->transit = transit;
  self->have_transit = TRUE;
}

guint64
rtp_reception_get_received (const RtpReception *self)
{
  return self->received_before + self->received;
}

guint64
rtp_reception_get_lost (const RtpReception *self)
{
  return self->lost_before + lost (self);
}

double
rtp_reception_get_jitter_ms (const RtpReception *self)
{
  return self->clock_rate > 0 ? self->jitter * 1000.0 / self->clock_rate : 0.0;
}

/**
 * rtp_reception_report:
 * @self: the stream
 * @report: (out): all but the two fields about the peer's own SR
 *
 * Begins a new interval for the fraction lost.
 *
 * Returns: whether there is a stream to report on
 */
gboolean
rtp_reception_report (RtpReception *self, RtcpReport *report)
{
  guint64 n;
  gint64 interval;
  gint64 missing;

  if (!self->started || self->received == 0)
    return FALSE;

  n = expected (self);
  interval = (gint64) (n - self->expected_prior);
  missing = interval - (gint64) (self->received - self->received_prior);
  self->expected_prior = n;
  self->received_prior = self->received;

  report->ssrc = self->ssrc;
  report->fraction_lost
      = interval > 0 && missing > 0 ? (guint8) MIN (missing * 256 / interval, 255) : 0;
  report->cumulative_lost = (gint32) ((gint64) n - (gint64) self->received);
  report->highest_seq = self->cycles + self->max_seq;
  report->jitter = (guint32) self->jitter;
  return TRUE;
}

gboolean
rtp_address_equal (const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
  if (a->ss_family != b->ss_family)
    return FALSE;

  if (a->ss_family == AF_INET)
    {
      const struct sockaddr_in *x = (const struct sockaddr_in *) a;
      const struct sockaddr_in *y = (const struct sockaddr_in *) b;

      return x->sin_port == y->sin_port && x->sin_addr.s_addr == y->sin_addr.s_addr;
    }
  if (a->ss_family == AF_INET6)
    {
      const struct sockaddr_in6 *x = (const struct sockaddr_in6 *) a;
      const struct sockaddr_in6 *y = (const struct sockaddr_in6 *) b;

      return x->sin6_port == y->sin6_port
             && memcmp (&x->sin6_addr, &y->sin6_addr, sizeof x->sin6_addr) == 0;
    }

  return FALSE;
}

socklen_t
rtp_address_size (const struct sockaddr_storage *address)
{
  return address->ss_family == AF_INET6 ? sizeof (struct sockaddr_in6)
                                        : sizeof (struct sockaddr_in);
}

/**
 * rtp_address_parse:
 * @text: (nullable): a numeric address
 * @port: UDP port
 * @address: (out): zeroed when FALSE is returned
 *
 * Returns: whether there is an address one can send to: not NULL, not the
 *   unspecified one (hold, RFC 3264 section 8.4), not a name
 */
gboolean
rtp_address_parse (const char *text, guint16 port, struct sockaddr_storage *address)
{
  struct sockaddr_in *v4 = (struct sockaddr_in *) address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) address;

  memset (address, 0, sizeof *address);
  if (text == NULL || port == 0)
    return FALSE;

  if (inet_pton (AF_INET, text, &v4->sin_addr) == 1 && v4->sin_addr.s_addr != INADDR_ANY)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons (port);
      return TRUE;
    }

  memset (address, 0, sizeof *address);
  if (inet_pton (AF_INET6, text, &v6->sin6_addr) == 1 && !IN6_IS_ADDR_UNSPECIFIED (&v6->sin6_addr))
    {
      v6->sin6_family = AF_INET6;
      v6->sin6_port = htons (port);
      return TRUE;
    }

  memset (address, 0, sizeof *address);
  return FALSE;
}

/**
 * rtp_address_to_string:
 * @address: IPv4, IPv6, or family 0
 *
 * Returns: (transfer full): "192.0.2.1:4000", "[2001:db8::1]:4000", or ""
 */
char *
rtp_address_to_string (const struct sockaddr_storage *address)
{
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];

  if (address->ss_family == 0
      || getnameinfo ((const struct sockaddr *) address, rtp_address_size (address), host,
                      sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV)
             != 0)
    return g_strdup ("");

  return g_strdup_printf (address->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

/**
 * rtp_latch_announce:
 * @self: the latch
 * @address: from signalling; family 0: none
 *
 * A new announcement opens the latch; the same one again changes nothing.
 */
void
rtp_latch_announce (RtpLatch *self, const struct sockaddr_storage *address)
{
  if (rtp_address_equal (&self->announced, address)
      || (self->announced.ss_family == 0 && address->ss_family == 0))
    return;

  self->announced = *address;
  if (address->ss_family != 0)
    memset (&self->latched, 0, sizeof self->latched);
}

static gboolean
same_host (const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
  struct sockaddr_storage other = *b;

  if (a->ss_family != b->ss_family)
    return FALSE;
  if (a->ss_family == AF_INET)
    ((struct sockaddr_in *) &other)->sin_port = ((const struct sockaddr_in *) a)->sin_port;
  else if (a->ss_family == AF_INET6)
    ((struct sockaddr_in6 *) &other)->sin6_port = ((const struct sockaddr_in6 *) a)->sin6_port;
  return rtp_address_equal (a, &other);
}

/**
 * rtp_latch_accept:
 * @self: the latch
 * @from: the source of a valid packet
 * @ssrc: of its stream
 * @now: ns
 *
 * Returns: whether the packet is the peer's
 */
gboolean
rtp_latch_accept (RtpLatch *self,
                  const struct sockaddr_storage *from,
                  guint32 ssrc,
                  gint64 now)
{
  if (!rtp_address_equal (&self->latched, from))
    {
      if (self->latched.ss_family != 0 && !rtp_address_equal (&self->announced, from)
          && (now - self->last < RTP_LATCH_SILENCE
              || (ssrc != self->ssrc && !same_host (&self->latched, from))))
        return FALSE;
      self->latched = *from;
    }

  self->ssrc = ssrc;
  self->last = now;
  return TRUE;
}

/**
 * rtp_latch_get_destination:
 * @self: the latch
 *
 * Returns: (nullable): where to send, %NULL when nobody knows yet
 */
const struct sockaddr_storage *
rtp_latch_get_destination (const RtpLatch *self)
{
  if (self->latched.ss_family != 0)
    return &self->latched;

  return self->announced.ss_family != 0 ? &self->announced : NULL;
}
