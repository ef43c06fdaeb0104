/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "rtpdtmfsender.h"

#include <string.h>

#define KEYS "0123456789*#ABCD" /* RFC 4733 section 3.2, in order of their codes */
#define TONE 100   /* ms; a receiver that makes tones of them needs 40 (ITU-T Q.24) */
#define PAUSE 60   /* ms between keys */
#define N_ENDS 3   /* the last packet is sent so often (RFC 4733 section 2.5.1.4) */
#define VOLUME 10  /* -dBm0 */
#define END 0x80

/**
 * rtp_dtmf_sender_press:
 * @self: the sender
 * @keys: 0 to 9, *, #, A to D
 *
 * Returns: FALSE when one of them is no key or there is no room: then none is
 *   pressed
 */
gboolean
rtp_dtmf_sender_press (RtpDtmfSender *self, const char *keys)
{
  gsize n = strlen (keys);

  if (n == 0 || n > RTP_DTMF_MAX - self->n_keys || strspn (keys, KEYS) != n)
    return FALSE;

  memcpy (self->keys + self->n_keys, keys, n);
  self->n_keys += (guint) n;
  return TRUE;
}

/**
 * rtp_dtmf_sender_next:
 * @self: the sender
 * @ptime: ms since the last call
 * @clock_rate: Hz
 * @header: (inout): of the packet that is due; its timestamp becomes that of the
 *   key's begin, the marker says that it is the first
 * @payload: (out): the event
 *
 * Returns: whether the packet that is due is one of a key; else audio goes on
 */
gboolean
rtp_dtmf_sender_next (RtpDtmfSender *self,
                      guint ptime,
                      guint clock_rate,
                      RtpHeader *header,
                      guint8 payload[RTP_DTMF_EVENT_SIZE])
{
  gboolean first = self->elapsed == 0;
  guint duration;

  if (self->pause > 0)
    {
      self->pause -= MIN (self->pause, ptime);
      return FALSE;
    }
  if (self->n_keys == 0)
    return FALSE;

  if (first)
    self->timestamp = header->timestamp;
  /* The duration stands still in the repetitions of the end. */
  if (self->elapsed < TONE)
    self->elapsed += ptime;
  duration = MIN (self->elapsed * clock_rate / 1000, 0xffff);

  header->marker = first;
  header->timestamp = self->timestamp;
  payload[0] = (guint8) (strchr (KEYS, self->keys[0]) - KEYS);
  payload[1] = VOLUME;
  payload[2] = (guint8) (duration >> 8);
  payload[3] = (guint8) duration;
  if (self->elapsed < TONE)
    return TRUE;

  payload[1] |= END;
  if (++self->n_ends == N_ENDS)
    {
      memmove (self->keys, self->keys + 1, --self->n_keys);
      self->elapsed = self->n_ends = 0;
      self->pause = PAUSE;
    }
  return TRUE;
}
