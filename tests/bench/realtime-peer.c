/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The service's side for tests/bench/realtime: as little work as possible, so
 * that it keeps up with any client on the same machine. Every session is in
 * the middle of answers all the time: G.711 deltas at real-time rate, each
 * session at its own phase or all together, a transcript delta now and then. Appends are
 * counted and thrown away. One thread, epoll.
 *
 *   realtime-peer DELTA_MS spread|together [probe]
 *                               prints "listening on PORT"; a line on its
 *                               standard input makes it print "SESSIONS APPENDS LOST"
 *
 * With probe, the session of the telephone that numbers its packets
 * (tests/bench/call-load.c) is silent but for what the input asks for: "speak"
 * begins an answer that is known again, "speech" is the VAD's speech_started;
 * both print the moment. "probe" prints when which packet came, as JSON.
 */
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 4000 /* then the next response begins */
#define WORDS_MS  200  /* a transcript delta each */
#define GUID      "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

typedef struct
{
  int fd;
  guint phase;
  gboolean upgraded, configured;
  GByteArray *in;
  GByteArray *out; /* what one turn of the loop has to say */
  guint64 next_ms;
  guint said_ms, n_responses, n_events;
} Session;

#define AUDIO "\"audio\":\""
#define MAGIC "QkJw" /* base64 of the first octets of a numbered packet */
#define LOUD  0x2a
#define LOUD_MS 3000

static gboolean probing;
static Session *probe; /* NULL: not known yet */
static GString *came;  /* JSON */
static char *loud;     /* base64 of LOUD_MS */

static GPtrArray *sessions;
static guint64 n_appends, n_lost;
static guint delta_ms;
static gboolean together;
static char *silence; /* base64 of delta_ms */

static void G_GNUC_PRINTF (2, 3) say (Session *s, const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;
  guint8 head[4] = { 0x81 };
  gsize size;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  size = strlen (text);
  g_assert (size < 65536);
  if (size < 126)
    {
      head[1] = size;
      g_byte_array_append (s->out, head, 2);
    }
  else
    {
      head[1] = 126;
      head[2] = size >> 8;
      head[3] = size;
      g_byte_array_append (s->out, head, 4);
    }
  g_byte_array_append (s->out, (guint8 *)text, size);
}

/* A client that does not read loses what its socket can't take, and is known
 * for it. */
static void
flush (Session *s)
{
  if (s->out->len > 0 && send (s->fd, s->out->data, s->out->len, MSG_NOSIGNAL | MSG_DONTWAIT) !=
                             (ssize_t)s->out->len)
    n_lost++;
  g_byte_array_set_size (s->out, 0);
}

static void
finish (Session *s)
{
  guint r = s->n_responses;

  s->said_ms = 0;
  say (s, "{\"type\":\"response.output_audio.done\",\"event_id\":\"event_%u\",\"response_id\":"
          "\"resp_%u\",\"item_id\":\"item_%u\",\"output_index\":0,\"content_index\":0}",
       ++s->n_events, r, r);
  say (s, "{\"type\":\"response.done\",\"event_id\":\"event_%u\",\"response\":{\"id\":\"resp_%u\","
          "\"object\":\"realtime.response\",\"status\":\"completed\",\"output\":[]}}",
       ++s->n_events, r);
}

static void
speak (Session *s)
{
  guint r = s->n_responses;

  if (s->said_ms == 0)
    {
      r = ++s->n_responses;
      say (s, "{\"type\":\"response.created\",\"event_id\":\"event_%u\",\"response\":{\"id\":"
              "\"resp_%u\",\"object\":\"realtime.response\",\"status\":\"in_progress\",\"output\":[],"
              "\"conversation_id\":\"conv_1\",\"metadata\":null}}",
           ++s->n_events, r);
    }
  if (s->said_ms % WORDS_MS == 0)
    say (s, "{\"type\":\"response.output_audio_transcript.delta\",\"event_id\":\"event_%u\","
            "\"response_id\":\"resp_%u\",\"item_id\":\"item_%u\",\"output_index\":0,"
            "\"content_index\":0,\"delta\":\" T-St\\u00fcck\"}",
         ++s->n_events, r, r);
  say (s, "{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_%u\","
          "\"response_id\":\"resp_%u\",\"item_id\":\"item_%u\",\"output_index\":0,"
          "\"content_index\":0,\"delta\":\"%s\"}",
       ++s->n_events, r, r, silence);
  s->said_ms += delta_ms;
  if (s->said_ms < ANSWER_MS)
    return;
  finish (s);
}

static void
upgrade (Session *s)
{
  const char *text = (const char *)s->in->data;
  const char *end = g_strstr_len (text, s->in->len, "\r\n\r\n");
  g_autofree char *request = NULL;
  g_autofree char *lower = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *accept = NULL;
  g_autofree char *both = NULL;
  g_autofree guint8 *digest = g_malloc (20);
  gsize size = 20;
  const char *key;

  if (end == NULL)
    return;
  request = g_strndup (text, end + 2 - text);
  lower = g_ascii_strdown (request, -1);
  key = strstr (lower, "sec-websocket-key:");
  if (key == NULL)
    return;
  key = request + (key - lower) + strlen ("sec-websocket-key:");
  both = g_strndup (key, strcspn (key, "\r"));
  g_strstrip (both);
  {
    g_autofree char *plain = g_steal_pointer (&both);
    g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);

    g_checksum_update (sum, (guchar *)plain, -1);
    g_checksum_update (sum, (guchar *)GUID, -1);
    g_checksum_get_digest (sum, digest, &size);
  }
  accept = g_base64_encode (digest, size);
  answer = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                            accept);
  g_byte_array_append (s->out, (guint8 *)answer, strlen (answer));
  g_byte_array_remove_range (s->in, 0, end + 4 - text);
  s->upgraded = TRUE;
  say (s, "{\"type\":\"session.created\",\"event_id\":\"event_0\",\"session\":{\"id\":\"sess_1\","
          "\"object\":\"realtime.session\"}}");
}

static gint64
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (gint64)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* An append: whether it holds a packet with a number. */
static void
look_for_number (Session *s, const guint8 *key, const guint8 *data, gsize length)
{
  gint64 now = now_ns ();
  char text[160];
  gsize n = MIN (length, sizeof text - 1);
  const char *audio;

  if (probe != NULL && probe != s)
    return;
  for (gsize i = 0; i < n; i++)
    text[i] = (char)(data[i] ^ key[i % 4]);
  text[n] = '\0';
  audio = strstr (text, AUDIO MAGIC);
  if (audio == NULL || strlen (audio) < strlen (AUDIO) + 8)
    return;
  {
    g_autofree char *four = g_strndup (audio + strlen (AUDIO) + 4, 4);
    gsize size;
    g_autofree guint8 *number = g_base64_decode (four, &size);

    if (size < 2)
      return;
    if (probe == NULL && s->said_ms > 0)
      finish (s); /* from now on it says what the input asks for */
    probe = s;
    g_string_append_printf (came, "%s[%u,%" G_GINT64_FORMAT "]", came->len > 0 ? "," : "",
                            number[0] << 8 | number[1], now);
  }
}

/* What the input asks of the probed session. */
static void
command (const char *line)
{
  Session *s = probe;
  guint r;

  if (g_str_has_prefix (line, "probe"))
    {
      printf ("[%s]\n", came->str);
      g_string_truncate (came, 0);
    }
  else if (s != NULL && g_str_has_prefix (line, "speak"))
    {
      r = ++s->n_responses;
      say (s, "{\"type\":\"response.created\",\"event_id\":\"event_%u\",\"response\":{\"id\":"
              "\"resp_%u\",\"object\":\"realtime.response\",\"status\":\"in_progress\",\"output\":[],"
              "\"conversation_id\":\"conv_1\",\"metadata\":null}}",
           ++s->n_events, r);
      say (s, "{\"type\":\"response.output_audio.delta\",\"event_id\":\"event_%u\","
              "\"response_id\":\"resp_%u\",\"item_id\":\"item_%u\",\"output_index\":0,"
              "\"content_index\":0,\"delta\":\"%s\"}",
           ++s->n_events, r, r, loud);
      printf ("%" G_GINT64_FORMAT "\n", now_ns ());
      flush (s);
    }
  else if (s != NULL && g_str_has_prefix (line, "speech"))
    {
      r = s->n_responses;
      say (s, "{\"type\":\"input_audio_buffer.speech_started\",\"event_id\":\"event_%u\","
              "\"audio_start_ms\":0,\"item_id\":\"user_%u\"}",
           ++s->n_events, r);
      printf ("%" G_GINT64_FORMAT "\n", now_ns ());
      flush (s);
    }
  else if (s != NULL && g_str_has_prefix (line, "end"))
    {
      r = s->n_responses;
      say (s, "{\"type\":\"response.done\",\"event_id\":\"event_%u\",\"response\":{\"id\":\"resp_%u\","
              "\"object\":\"realtime.response\",\"status\":\"cancelled\",\"output\":[]}}",
           ++s->n_events, r);
      say (s, "{\"type\":\"input_audio_buffer.speech_stopped\",\"event_id\":\"event_%u\","
              "\"audio_end_ms\":5000,\"item_id\":\"user_%u\"}",
           ++s->n_events, r);
      say (s, "{\"type\":\"input_audio_buffer.committed\",\"event_id\":\"event_%u\","
              "\"previous_item_id\":null,\"item_id\":\"user_%u\"}",
           ++s->n_events, r);
      flush (s);
      puts ("ended");
    }
  else
    {
      printf ("%u %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", sessions->len, n_appends, n_lost);
    }
  fflush (stdout);
}

/* Returns: bytes of the first whole frame in @data; 0: there is none */
static gsize
frame (Session *s, const guint8 *data, gsize size, guint64 now)
{
  gsize head = 6, length = size >= 2 ? data[1] & 0x7f : 0;

  if (size < 2)
    return 0;
  if (length == 126)
    {
      if (size < 4)
        return 0;
      length = data[2] << 8 | data[3];
      head = 8;
    }
  else if (length == 127)
    {
      if (size < 10)
        return 0;
      length = (gsize)data[6] << 24 | data[7] << 16 | data[8] << 8 | data[9];
      head = 14;
    }
  if (size < head + length)
    return 0;
  if ((data[0] & 0x0f) != 1)
    return head + length;
  if (s->configured)
    {
      n_appends++;
      if (probing)
        look_for_number (s, data + head - 4, data + head, length);
    }
  else
    {
      say (s, "{\"type\":\"session.updated\",\"event_id\":\"event_0\",\"session\":{\"id\":\"sess_1\","
              "\"object\":\"realtime.session\",\"audio\":{\"output\":{\"format\":"
              "{\"type\":\"audio/pcma\"}}}}}");
      s->configured = TRUE;
      s->next_ms = (now / delta_ms + 1) * delta_ms + s->phase;
    }
  return head + length;
}

/* Returns: whether it is still there */
static gboolean
receive (Session *s, guint64 now)
{
  guint8 buffer[65536];
  ssize_t n = recv (s->fd, buffer, sizeof buffer, MSG_DONTWAIT);
  gsize used = 0, n_frame;

  if (n <= 0)
    return n < 0 && (errno == EAGAIN || errno == EINTR);
  if (s->upgraded && s->in->len == 0)
    {
      while ((n_frame = frame (s, buffer + used, n - used, now)) > 0)
        used += n_frame;
      g_byte_array_append (s->in, buffer + used, n - used);
    }
  else
    {
      g_byte_array_append (s->in, buffer, n);
      if (!s->upgraded)
        upgrade (s);
      while (s->upgraded && (n_frame = frame (s, s->in->data + used, s->in->len - used, now)) > 0)
        used += n_frame;
      g_byte_array_remove_range (s->in, 0, used);
    }
  flush (s);
  return TRUE;
}

static Session *
session_new (int fd)
{
  Session *s = g_new0 (Session, 1);

  s->fd = fd;
  s->in = g_byte_array_new ();
  s->out = g_byte_array_new ();
  s->phase = together ? 0 : sessions->len * 7 % delta_ms;
  g_ptr_array_add (sessions, s);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
  return s;
}

static void
session_free (Session *s)
{
  if (probe == s)
    probe = NULL;
  close (s->fd);
  g_byte_array_unref (s->in);
  g_byte_array_unref (s->out);
  g_ptr_array_remove_fast (sessions, s);
  g_free (s);
}

int
main (int argc, char **argv)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int epoll = epoll_create1 (EPOLL_CLOEXEC);
  struct itimerspec every_ms = { { 0, 1000000 }, { 0, 1000000 } };
  struct epoll_event events[64], watch = { .events = EPOLLIN };
  g_autofree guint8 *zeros = NULL;
  guint64 now = 0;

  delta_ms = argc > 1 ? CLAMP (atoi (argv[1]), 20, 1000) : 20;
  together = argc > 2 && strcmp (argv[2], "together") == 0;
  zeros = g_malloc (delta_ms * 8);
  memset (zeros, 0xd5, delta_ms * 8);
  silence = g_base64_encode (zeros, delta_ms * 8);
  probing = argc > 3 && strcmp (argv[3], "probe") == 0;
  came = g_string_new (NULL);
  {
    g_autofree guint8 *octets = g_malloc (LOUD_MS * 8);

    memset (octets, LOUD, LOUD_MS * 8);
    loud = g_base64_encode (octets, LOUD_MS * 8);
  }
  sessions = g_ptr_array_new ();

  if (bind (listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen (listener, 512) != 0 ||
      getsockname (listener, (struct sockaddr *)&address, &size) != 0)
    g_error ("no socket: %s", g_strerror (errno));
  timerfd_settime (timer, 0, &every_ms, NULL);
  watch.data.ptr = &listener;
  epoll_ctl (epoll, EPOLL_CTL_ADD, listener, &watch);
  watch.data.ptr = &timer;
  epoll_ctl (epoll, EPOLL_CTL_ADD, timer, &watch);
  watch.data.ptr = &epoll;
  epoll_ctl (epoll, EPOLL_CTL_ADD, STDIN_FILENO, &watch);
  printf ("listening on %d\n", ntohs (address.sin_port));
  fflush (stdout);

  while (TRUE)
    {
      int n = epoll_wait (epoll, events, G_N_ELEMENTS (events), -1);

      for (int i = 0; i < n; i++)
        {
          gpointer what = events[i].data.ptr;

          if (what == &listener)
            {
              watch.data.ptr = session_new (accept (listener, NULL, NULL));
              epoll_ctl (epoll, EPOLL_CTL_ADD, ((Session *)watch.data.ptr)->fd, &watch);
            }
          else if (what == &epoll)
            {
              char line[64];
              ssize_t length = read (STDIN_FILENO, line, sizeof line - 1);

              if (length <= 0)
                return EXIT_SUCCESS;
              line[length] = '\0';
              command (line);
            }
          else if (what == &timer)
            {
              guint64 ticks = 0;

              if (read (timer, &ticks, sizeof ticks) == sizeof ticks)
                now += ticks;
              for (guint j = 0; j < sessions->len; j++)
                {
                  Session *s = g_ptr_array_index (sessions, j);

                  for (; s->configured && s->next_ms <= now; s->next_ms += delta_ms)
                    {
                      if (s == probe)
                        continue;
                      speak (s);
                      flush (s);
                    }
                }
            }
          else if (!receive (what, now))
            session_free (what);
        }
    }
}
