/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "ctl-steer.h"

#include <glib/gi18n-lib.h>

#include "bb-api-read.h"
#include "ctl-parts.h"
#include "ctl-request.h"

/* What steps into a call, and corrects an order: one request each. */

typedef enum
{
  WANTS_NOTHING,
  WANTS_TEXT,     /* all that follows */
  WANTS_WORD,     /* one word */
  WANTS_WORD_OR_NOTHING,
  WANTS_LINE,     /* article and quantity */
  WANTS_ARTICLE
} Wants;

typedef struct
{
  const char *name; /* of the command, and of the path */
  Wants wants;
  const char *member; /* that the text or the word is */
  const char *done;   /* for people */
} Verb;

static const Verb call_verbs[] = {
  { "hangup", WANTS_NOTHING, NULL, N_ ("Call %.8s is being ended.\n") },
  { "answer", WANTS_WORD_OR_NOTHING, "by", N_ ("Call %.8s is being answered.\n") },
  { "refuse", WANTS_NOTHING, NULL, N_ ("Call %.8s is refused.\n") },
  { "transfer", WANTS_WORD_OR_NOTHING, "target", N_ ("Call %.8s is being passed to a person.\n") },
  { "mode", WANTS_WORD, "mode", N_ ("Call %.8s: the operator's line is set.\n") },
  { "whisper", WANTS_TEXT, "text", N_ ("Call %.8s: the bot is told.\n") },
  { "note", WANTS_TEXT, "text", N_ ("Call %.8s: noted.\n") },
};

static const Verb order_verbs[] = {
  { "add", WANTS_LINE, NULL, NULL },
  { "change", WANTS_LINE, NULL, NULL },
  { "remove", WANTS_ARTICLE, NULL, NULL },
  { "note", WANTS_TEXT, "text", NULL },
  { "approve", WANTS_NOTHING, NULL, NULL },
  { "cancel", WANTS_NOTHING, NULL, NULL },
};

static const Verb *
find_verb (const Verb *verbs, gsize n, const char *name)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (verbs[i].name, name) == 0)
      return &verbs[i];
  return NULL;
}

/* NULL: the arguments are not those of the verb. */
static JsonNode *
body_of (Ctl *ctl, const Verb *verb, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);
  g_autofree char *text = g_strjoinv (" ", (char **)arguments);
  JsonObject *object;
  g_autoptr (JsonNode) node = ctl_object (&object);
  guint64 quantity;

  switch (verb->wants)
    {
    case WANTS_NOTHING:
      if (n != 0)
        return NULL;
      break;
    case WANTS_WORD_OR_NOTHING:
      if (n == 0)
        break;
      G_GNUC_FALLTHROUGH;
    case WANTS_WORD:
      if (n != 1)
        return NULL;
      json_object_set_string_member (object, verb->member, arguments[0]);
      break;
    case WANTS_TEXT:
      if (n == 0)
        return NULL;
      json_object_set_string_member (object, verb->member, text);
      if (strcmp (verb->name, "whisper") == 0)
        json_object_set_boolean_member (object, "respond", ctl->now);
      break;
    case WANTS_LINE:
      if (n != 2 || !g_ascii_string_to_unsigned (arguments[1], 10, 1, G_MAXINT, &quantity, NULL))
        return NULL;
      json_object_set_int_member (object, "quantity", (gint64)quantity);
      json_object_set_string_member (object, "product_number", arguments[0]);
      break;
    case WANTS_ARTICLE:
      if (n != 1)
        return NULL;
      json_object_set_string_member (object, "product_number", arguments[0]);
      break;
    }
  return g_steal_pointer (&node);
}

int
ctl_steer_call (Ctl *ctl, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);
  const Verb *verb = find_verb (call_verbs, G_N_ELEMENTS (call_verbs), arguments[0]);
  g_autoptr (JsonNode) body = verb != NULL && n > 1 ? body_of (ctl, verb, arguments + 2) : NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;
  g_autofree char *path = NULL;
  g_autofree char *id = NULL;
  int status;

  if (body == NULL)
    return ctl_fail_usage (
      _ ("calls: what is wanted is nothing, or “show ID”, “hangup ID”, “answer ID [operator]”, "
         "“refuse ID”, “transfer ID [SIP-ADDRESS]”, “mode ID MODE”, “whisper ID TEXT”, "
         "“note ID TEXT”."));
  id = ctl_find_call (ctl, arguments[1], &status);
  if (id == NULL)
    return status;
  after = g_strconcat ("/", verb->name, NULL);
  path = ctl_path ("/v1/calls/", id, after);
  node = ctl_request (ctl, "POST", path, body, &error);
  if (node == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    ctl_put_json (node);
  else
    {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
      ctl_putf (_ (verb->done), id);
#pragma GCC diagnostic pop
    }
  return CTL_OK;
}

int
ctl_steer_order (Ctl *ctl, const char *const *arguments)
{
  guint n = g_strv_length ((char **)arguments);
  const Verb *verb = find_verb (order_verbs, G_N_ELEMENTS (order_verbs), arguments[0]);
  g_autoptr (JsonNode) body = verb != NULL && n > 1 ? body_of (ctl, verb, arguments + 2) : NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BbOrder) order = NULL;
  g_autofree char *after = NULL;
  g_autofree char *path = NULL;

  if (body == NULL)
    return ctl_fail_usage (
      _ ("orders: what is wanted is “list”, “show ID” (or a number), “export”, “add ID ARTICLE "
         "QUANTITY”, “change ID ARTICLE QUANTITY”, “remove ID ARTICLE”, “note ID TEXT”, "
         "“approve ID” or “cancel ID”."));
  after = g_strconcat ("/", verb->name, NULL);
  path = ctl_path ("/v1/orders/", arguments[1], after);
  node = ctl_request (ctl, "POST", path, body, &error);
  if (node != NULL)
    order = bb_api_read_order (json_node_get_object (node), &error);
  if (order == NULL)
    return ctl_fail ("%s", error->message);
  if (ctl->json)
    ctl_put_json (node);
  else
    {
      ctl_put_field (_ ("Order"), bb_order_get_number (order));
      ctl_put_field (_ ("Id"), bb_order_get_id (order));
      ctl_put_field (_ ("State"), bb_order_state_label (bb_order_get_state (order)));
      ctl_put_field (_ ("Note"), bb_order_get_note (order));
      ctl_put ("\n");
      ctl_put_order_lines (ctl, order);
    }
  return CTL_OK;
}
