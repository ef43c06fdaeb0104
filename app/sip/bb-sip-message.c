/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "bb-sip-message.h"

#include <string.h>

#include <sofia-sip/msg_mime.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/url.h>

/* Valid UTF-8 without control characters: it goes to logs and windows. */
static char *
clean (const char *text, gsize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize)length);
  GString *result = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_iscntrl (c))
        g_string_append_unichar (result, c);
    }
  g_string_truncate (result, MIN (result->len, 256));
  /* the cut may have split a character */
  if (!g_utf8_validate (result->str, (gssize)result->len, NULL))
    {
      const char *end = NULL;

      g_utf8_validate (result->str, (gssize)result->len, &end);
      g_string_truncate (result, (gsize)(end - result->str));
    }
  return g_strstrip (g_string_free (result, FALSE));
}

/* "+49%2030" -> "+49 30"; "+4930;phone-context=x" -> "+4930" */
static char *
user_of (const url_t *url)
{
  const char *user = url != NULL ? url->url_user : NULL;
  g_autofree char *plain = NULL;

  /* tel:+4930… keeps the number where a sip: URI has its host */
  if (url != NULL && url->url_type == url_tel)
    user = url->url_host != NULL ? url->url_host : user;
  if (user == NULL)
    return g_strdup ("");

  plain = g_uri_unescape_segment (user, user + strcspn (user, ";"), NULL);
  if (plain == NULL)
    plain = g_strndup (user, strcspn (user, ";"));
  return clean (plain, strlen (plain));
}

/* A display name: a token list or a quoted string (RFC 3261 section 25.1). */
static char *
display_of (const char *display)
{
  g_autoptr (GString) plain = NULL;
  gsize length;

  if (display == NULL)
    return g_strdup ("");

  length = strlen (display);
  if (length < 2 || display[0] != '"' || display[length - 1] != '"')
    return clean (display, length);

  plain = g_string_new (NULL);
  for (gsize i = 1; i + 1 < length; i++)
    {
      if (display[i] == '\\' && i + 2 < length)
        i++;
      g_string_append_c (plain, display[i]);
    }
  return clean (plain->str, plain->len);
}

static gboolean
is_anonymous (const url_t *url)
{
  return url != NULL
         && ((url->url_user != NULL && g_ascii_strcasecmp (url->url_user, "anonymous") == 0)
             || (url->url_host != NULL && g_ascii_strcasecmp (url->url_host, "anonymous.invalid") == 0));
}

/* RFC 3323: "id", "user" or "header" hides who calls, whatever the network told us. */
static gboolean
wants_privacy (const sip_t *sip)
{
  const sip_privacy_t *privacy = sip_privacy (sip);

  if (privacy == NULL || privacy->priv_values == NULL)
    return FALSE;

  for (gsize i = 0; privacy->priv_values[i] != NULL; i++)
    {
      if (g_ascii_strcasecmp (privacy->priv_values[i], "id") == 0
          || g_ascii_strcasecmp (privacy->priv_values[i], "user") == 0
          || g_ascii_strcasecmp (privacy->priv_values[i], "header") == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * bb_sip_caller_read:
 * @caller: to be filled
 * @sip: an INVITE
 * @trusted: whether the peer's assertions count
 *
 * P-Asserted-Identity (RFC 3325) of a peer we trust, else From. A caller who
 * asks for privacy, or is "anonymous", has no number and no name.
 */
void
bb_sip_caller_read (BbSipCaller *caller, const sip_t *sip, gboolean trusted)
{
  const sip_p_asserted_identity_t *asserted = trusted ? sip_p_asserted_identity (sip) : NULL;
  const url_t *url = sip->sip_from != NULL ? sip->sip_from->a_url : NULL;
  const char *display = sip->sip_from != NULL ? sip->sip_from->a_display : NULL;

  if (asserted != NULL)
    {
      url = asserted->paid_url;
      display = asserted->paid_display;
    }

  if (url == NULL || is_anonymous (url) || wants_privacy (sip))
    {
      caller->number = g_strdup ("");
      caller->name = g_strdup ("");
      return;
    }

  caller->number = user_of (url);
  caller->name = display_of (display);
  /* many PBXes put the number there again */
  if (strcmp (caller->name, caller->number) == 0)
    caller->name[0] = '\0';
}

/**
 * bb_sip_caller_clear:
 * @caller: what to free
 */
void
bb_sip_caller_clear (BbSipCaller *caller)
{
  g_clear_pointer (&caller->number, g_free);
  g_clear_pointer (&caller->name, g_free);
}

/**
 * bb_sip_dup_called:
 * @sip: a request
 *
 * Returns: (transfer full): the user part of the request URI, "" when there is none
 */
char *
bb_sip_dup_called (const sip_t *sip)
{
  return user_of (sip->sip_request != NULL ? sip->sip_request->rq_url : NULL);
}

/* "application/sdp;charset=…" */
static gboolean
is_type (const char *type, const char *wanted)
{
  gsize length = strlen (wanted);

  return type != NULL && g_ascii_strncasecmp (type, wanted, length) == 0
         && (type[length] == '\0' || type[length] == ';' || g_ascii_isspace (type[length]));
}

/**
 * bb_sip_find_sdp:
 * @sip: a message
 * @data: (out) (nullable): the session description, not terminated
 * @length: (out): its length in bytes
 *
 * Looks into multipart bodies too: trunks put the description beside ISUP or
 * location data (RFC 5621).
 *
 * Returns: what the body is
 */
BbSipBody
bb_sip_find_sdp (const sip_t *sip, const char **data, gsize *length)
{
  const sip_payload_t *payload = sip != NULL ? sip->sip_payload : NULL;
  const char *type = sip != NULL && sip->sip_content_type != NULL ? sip->sip_content_type->c_type : NULL;

  *data = NULL;
  *length = 0;
  if (payload == NULL || payload->pl_data == NULL || payload->pl_len == 0)
    return BB_SIP_BODY_NONE;

  if (type == NULL || is_type (type, "application/sdp"))
    {
      *data = payload->pl_data;
      *length = payload->pl_len;
      return BB_SIP_BODY_SDP;
    }

  if (g_ascii_strncasecmp (type, "multipart/", 10) == 0)
    {
      /* the boundary is the delimiter of the parts; we look for the part's own
       * header rather than let sofia edit the message in place */
      const char *boundary = msg_header_find_param (sip->sip_content_type->c_common, "boundary");
      g_autofree char *mark = NULL;
      g_autofree char *name = NULL;
      const char *end = payload->pl_data + payload->pl_len;
      const char *p = payload->pl_data;

      if (boundary == NULL || *boundary == '\0')
        return BB_SIP_BODY_OTHER;
      name = *boundary == '"' ? g_strndup (boundary + 1, strcspn (boundary + 1, "\"")) : g_strdup (boundary);
      mark = g_strconcat ("--", name, NULL);
      while ((p = g_strstr_len (p, end - p, mark)) != NULL)
        {
          const char *head = p + strlen (mark);
          const char *body = g_strstr_len (head, end - head, "\r\n\r\n");
          const char *next = body != NULL ? g_strstr_len (body, end - body, mark) : NULL;
          g_autofree char *headers = body != NULL ? g_ascii_strdown (head, body - head) : NULL;

          if (body == NULL || next == NULL)
            break;
          if (strstr (headers, "application/sdp") != NULL)
            {
              *data = body + 4;
              *length = next > *data ? (gsize)(next - *data) : 0;
              return BB_SIP_BODY_SDP;
            }
          p = next;
        }
    }

  return BB_SIP_BODY_OTHER;
}

/**
 * bb_sip_parse_dtmf:
 * @content_type: (nullable): of a SIP INFO
 * @body: (nullable): its body; need not be terminated
 * @length: in bytes
 *
 * "application/dtmf-relay" ("Signal=5") and "application/dtmf" ("5"). Both are
 * conventions of vendors; no RFC describes them.
 *
 * Returns: '0'…'9', 'A'…'D', '*', '#'; 0 when the body is none
 */
char
bb_sip_parse_dtmf (const char *content_type, const char *body, gsize length)
{
  g_autofree char *text = body != NULL ? g_strndup (body, MIN (length, 256)) : NULL;
  char *value = text;
  char digit;

  if (text == NULL)
    return 0;

  if (is_type (content_type, "application/dtmf-relay"))
    {
      g_autofree char *lower = g_ascii_strdown (text, -1);
      char *found = strstr (lower, "signal");
      char *equals = found != NULL ? strchr (found, '=') : NULL;

      if (equals == NULL)
        return 0;
      value = text + (equals + 1 - lower);
    }
  else if (!is_type (content_type, "application/dtmf"))
    return 0;

  while (g_ascii_isspace (*value))
    value++;
  value[strcspn (value, " \t\r\n;")] = '\0';
  if (strcmp (value, "10") == 0)
    return '*';
  if (strcmp (value, "11") == 0)
    return '#';
  digit = g_ascii_toupper (*value);
  if (*value == '\0' || value[1] != '\0' || strchr ("0123456789ABCD*#", digit) == NULL)
    return 0;
  return digit;
}

/**
 * bb_sip_parse_fragment_status:
 * @body: (nullable): message/sipfrag of a NOTIFY (RFC 3515 section 2.4.5)
 * @length: in bytes
 *
 * Returns: the status code, 0 when there is none
 */
guint
bb_sip_parse_fragment_status (const char *body, gsize length)
{
  g_autofree char *text = body != NULL ? g_strndup (body, MIN (length, 64)) : NULL;
  guint64 status;

  if (text == NULL || g_ascii_strncasecmp (text, "SIP/2.0 ", 8) != 0)
    return 0;
  status = g_ascii_strtoull (text + 8, NULL, 10);
  return status >= 100 && status <= 699 ? (guint)status : 0;
}

/**
 * bb_sip_quote:
 * @text: (nullable): anything
 *
 * Returns: (transfer full): a quoted string (RFC 3261 section 25.1), quotes included
 */
char *
bb_sip_quote (const char *text)
{
  g_autofree char *plain = clean (text != NULL ? text : "", text != NULL ? strlen (text) : 0);
  GString *quoted = g_string_new ("\"");

  for (const char *p = plain; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *p);
    }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}
