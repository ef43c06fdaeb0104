/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-scenario.h"

#include <string.h>

#include "sim-fault.h"
#include "sim-json.h"
#include "sim-resources.h"

G_DEFINE_QUARK (sim-scenario-error-quark, sim_scenario_error)

#define DEFAULT_SCENARIO_RESOURCE "/bestellbot/simulator/smalltalk.json"

static void
call_free (gpointer data)
{
  SimCall *call = data;
  g_free (call->name);
  g_free (call->as);
  g_free (call->server);
  g_free (call->output);
  g_free (call->error);
  json_node_unref (call->arguments);
  g_free (call);
}

static void
step_free (gpointer data)
{
  SimStep *step = data;
  g_free (step->text);
  g_clear_pointer (&step->calls, g_ptr_array_unref);
  g_clear_pointer (&step->then_steps, g_ptr_array_unref);
  g_clear_pointer (&step->else_steps, g_ptr_array_unref);
  g_free (step);
}

static void
turn_free (gpointer data)
{
  SimTurn *turn = data;
  g_free (turn->hear);
  g_clear_pointer (&turn->steps, g_ptr_array_unref);
  g_free (turn);
}

void
sim_scenario_free (SimScenario *scenario)
{
  g_free (scenario->name);
  g_free (scenario->language);
  g_clear_pointer (&scenario->greeting, g_ptr_array_unref);
  g_clear_pointer (&scenario->turns, g_ptr_array_unref);
  g_clear_pointer (&scenario->otherwise, turn_free);
  g_clear_pointer (&scenario->faults, g_ptr_array_unref);
  g_clear_pointer (&scenario->mcp, json_object_unref);
  g_free (scenario);
}

/* Fails with place and remedy; always FALSE. */
static gboolean G_GNUC_PRINTF (3, 4)
fail (GError **error, const char *place, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *remedy = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, SIM_SCENARIO_ERROR, 0, "%s: %s", place, remedy);
  return FALSE;
}

static gboolean
check_keys (JsonObject *object, const char *place, const char *known, GError **error)
{
  g_auto (GStrv) names = g_strsplit (known, " ", -1);
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    {
      if (!g_strv_contains ((const char *const *) names, l->data))
        {
          g_autofree char *list = g_strjoinv (", ", names);
          return fail (error, place, "unknown key \"%s\"; the keys here are %s", (char *) l->data, list);
        }
    }
  return TRUE;
}

static gboolean
get_text (JsonObject *object, const char *key, const char *place, char **text, GError **error)
{
  if (json_object_has_member (object, key))
    {
      const char *value = sim_object_get_string (object, key);
      if (value == NULL)
        return fail (error, place, "\"%s\" must be a string", key);
      *text = g_strdup (value);
    }
  return TRUE;
}

static gboolean
get_flag (JsonObject *object, const char *key, const char *place, gboolean *flag, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return fail (error, place, "\"%s\" must be true or false", key);
  *flag = json_node_get_boolean (node);
  return TRUE;
}

static gboolean
get_ms (JsonObject *object, const char *key, const char *place, guint *ms, GError **error)
{
  if (!json_object_has_member (object, key))
    return TRUE;
  gint64 value = sim_object_get_int (object, key, -1);
  if (value < 0 || value > 3600000)
    return fail (error, place, "\"%s\" must be a whole number of milliseconds", key);
  *ms = value;
  return TRUE;
}

/* An array, or one element that stands for an array of one. (transfer full) */
static JsonArray *
get_list (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_ref (json_node_get_array (node));
  JsonArray *array = json_array_new ();
  json_array_add_element (array, json_node_copy (node));
  return array;
}

/* @mcp: of an MCP server's tools, which the simulator itself runs */
static gboolean
parse_calls (JsonNode *node, const char *place, gboolean mcp, GPtrArray *calls, GError **error)
{
  const char *what = mcp ? "mcp" : "call";
  g_autoptr (JsonArray) list = get_list (node);

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s.%s[%u]", place, what, i);
      JsonNode *element = json_array_get_element (list, i);
      if (!JSON_NODE_HOLDS_OBJECT (element))
        return fail (error, at, "write an object with \"name\" and \"arguments\"");
      JsonObject *object = json_node_get_object (element);
      if (!check_keys (object, at, mcp ? "server name arguments output error as" : "name arguments as", error))
        return FALSE;
      const char *name = sim_object_get_string (object, "name");
      if (name == NULL || name[0] == '\0')
        return fail (error, at, "add \"name\", the name of the tool");
      JsonNode *arguments = json_object_get_member (object, "arguments");
      if (arguments != NULL && !JSON_NODE_HOLDS_OBJECT (arguments))
        return fail (error, at, "\"arguments\" must be an object");

      SimCall *call = g_new0 (SimCall, 1);
      call->name = g_strdup (name);
      if (arguments != NULL)
        call->arguments = json_node_copy (arguments);
      else
        {
          call->arguments = json_node_new (JSON_NODE_OBJECT);
          json_node_take_object (call->arguments, json_object_new ());
        }
      g_ptr_array_add (calls, call);
      if (!get_text (object, "as", at, &call->as, error)
          || !get_text (object, "server", at, &call->server, error)
          || !get_text (object, "output", at, &call->output, error)
          || !get_text (object, "error", at, &call->error, error))
        return FALSE;
      if (mcp && call->server == NULL)
        return fail (error, at, "add \"server\", the label of the MCP server");
      if (call->as == NULL)
        call->as = g_strdup (name);
    }
  return calls->len > 0 || fail (error, place, "\"%s\" is empty: name at least one tool or leave it out", what);
}

static gboolean parse_steps (JsonNode *node, const char *place, GPtrArray *steps, GError **error);

static SimStep *
add_step (GPtrArray *steps, SimStepKind kind)
{
  SimStep *step = g_new0 (SimStep, 1);
  step->kind = kind;
  g_ptr_array_add (steps, step);
  return step;
}

/* "call" and then "say" of @object, and what hangs on "if". */
static gboolean
parse_actions (JsonObject *object, const char *place, GPtrArray *steps, GError **error)
{
  if (json_object_has_member (object, "if"))
    {
      SimStep *step = add_step (steps, SIM_STEP_IF);
      step->then_steps = g_ptr_array_new_with_free_func (step_free);
      step->else_steps = g_ptr_array_new_with_free_func (step_free);
      g_autofree char *then_place = g_strconcat (place, ".then", NULL);
      g_autofree char *else_place = g_strconcat (place, ".else", NULL);
      if (!get_text (object, "if", place, &step->text, error))
        return FALSE;
      if (!json_object_has_member (object, "then") && !json_object_has_member (object, "else"))
        return fail (error, place, "\"if\" needs \"then\" or \"else\"");
      if (json_object_has_member (object, "then")
          && !parse_steps (json_object_get_member (object, "then"), then_place, step->then_steps, error))
        return FALSE;
      if (json_object_has_member (object, "else")
          && !parse_steps (json_object_get_member (object, "else"), else_place, step->else_steps, error))
        return FALSE;
    }
  for (guint i = 0; i < 2; i++)
    {
      const char *key = i == 0 ? "call" : "mcp";
      if (!json_object_has_member (object, key))
        continue;
      SimStep *step = add_step (steps, SIM_STEP_CALL);
      step->calls = g_ptr_array_new_with_free_func (call_free);
      if (!parse_calls (json_object_get_member (object, key), place, i == 1, step->calls, error))
        return FALSE;
    }
  if (json_object_has_member (object, "say"))
    {
      SimStep *step = add_step (steps, SIM_STEP_SAY);
      if (!get_text (object, "say", place, &step->text, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse_steps (JsonNode *node, const char *place, GPtrArray *steps, GError **error)
{
  g_autoptr (JsonArray) list = get_list (node);

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s[%u]", place, i);
      JsonNode *element = json_array_get_element (list, i);
      if (!JSON_NODE_HOLDS_OBJECT (element))
        return fail (error, at, "write an object with \"say\", \"call\" or \"if\"");
      guint before = steps->len;
      if (!check_keys (json_node_get_object (element), at, "say call mcp if then else", error)
          || !parse_actions (json_node_get_object (element), at, steps, error))
        return FALSE;
      if (steps->len == before)
        return fail (error, at, "nothing to do here: add \"say\", \"call\" or \"if\"");
    }
  return TRUE;
}

static SimTurn *
parse_turn (JsonNode *node, const char *place, GError **error)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func (step_free);
  gboolean interrupt = FALSE;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      fail (error, place, "write an object with \"hear\" and \"say\"");
      return NULL;
    }
  JsonObject *object = json_node_get_object (node);
  SimTurn *turn = g_new0 (SimTurn, 1);
  turn->steps = g_ptr_array_ref (steps);
  g_autofree char *steps_place = g_strconcat (place, ".steps", NULL);

  if (!check_keys (object, place, "hear say call mcp if then else steps interrupt min_ms max_ms optional "
                                  "backchannel", error)
      || !get_text (object, "hear", place, &turn->hear, error)
      || !get_ms (object, "min_ms", place, &turn->min_ms, error)
      || !get_ms (object, "max_ms", place, &turn->max_ms, error)
      || !get_flag (object, "optional", place, &turn->optional, error)
      || !get_flag (object, "interrupt", place, &interrupt, error)
      || !get_flag (object, "backchannel", place, &turn->backchannel, error)
      || !parse_actions (object, place, steps, error)
      || (json_object_has_member (object, "steps")
          && !parse_steps (json_object_get_member (object, "steps"), steps_place, steps, error)))
    {
      turn_free (turn);
      return NULL;
    }
  if (steps->len > 0 && turn->backchannel)
    {
      fail (error, place, "a \"backchannel\" is not answered: take \"say\", \"call\" and \"steps\" out");
      turn_free (turn);
      return NULL;
    }
  if (steps->len == 0 && !turn->backchannel)
    {
      fail (error, place, "no answer: add \"say\", \"call\" or \"steps\"");
      turn_free (turn);
      return NULL;
    }
  turn->interrupt = !json_object_has_member (object, "interrupt") ? SIM_ANYHOW
                    : interrupt                                   ? SIM_INTERRUPTING
                                                                  : SIM_NOT_INTERRUPTING;
  /* Whether the caller cuts in is his choice: then the dialogue goes on without. */
  turn->optional = turn->optional || turn->interrupt == SIM_INTERRUPTING || turn->backchannel;
  if (turn->hear == NULL)
    turn->hear = g_strdup ("");
  return turn;
}

static gboolean
parse_faults (JsonArray *list, GPtrArray *faults, GError **error)
{
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      g_autofree char *at = g_strdup_printf ("faults[%u]", i);
      g_autoptr (GError) local = NULL;
      JsonNode *element = json_array_get_element (list, i);
      SimFault *fault = NULL;
      if (JSON_NODE_HOLDS_OBJECT (element))
        fault = sim_fault_from_json (json_node_get_object (element), &local);
      else if (JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING)
        fault = sim_fault_parse (json_node_get_string (element), &local);
      else
        return fail (error, at, "write an object with \"fault\" and \"at\", or a string as after --fault");
      if (fault == NULL)
        return fail (error, at, "%s", local->message);
      g_ptr_array_add (faults, fault);
    }
  return TRUE;
}

static gboolean
parse_root (SimScenario *self, JsonObject *root, GError **error)
{
  g_autofree char *transcripts = NULL;

  if (!check_keys (root, "top level",
                   "name language greeting turns otherwise repeat transcripts conversation_created faults "
                   "comment mcp",
                   error)
      || !get_text (root, "name", "top level", &self->name, error)
      || !get_text (root, "language", "top level", &self->language, error)
      || !get_text (root, "transcripts", "top level", &transcripts, error)
      || !get_flag (root, "repeat", "top level", &self->repeat, error)
      || !get_flag (root, "conversation_created", "top level", &self->conversation_created, error))
    return FALSE;

  if (json_object_has_member (root, "mcp"))
    {
      JsonNode *mcp = json_object_get_member (root, "mcp");
      if (!JSON_NODE_HOLDS_OBJECT (mcp))
        return fail (error, "mcp", "write an object: label of the server, then an array of its tools' names");
      self->mcp = json_object_ref (json_node_get_object (mcp));
    }
  if (g_strcmp0 (transcripts, "before") == 0)
    self->transcripts = SIM_TRANSCRIPTS_BEFORE;
  else if (g_strcmp0 (transcripts, "after") == 0)
    self->transcripts = SIM_TRANSCRIPTS_AFTER;
  else if (transcripts != NULL && strcmp (transcripts, "mixed") != 0)
    return fail (error, "transcripts", "give \"before\", \"after\" or \"mixed\"");
  if (self->language == NULL)
    self->language = g_strdup ("de");

  if (json_object_has_member (root, "greeting"))
    {
      self->greeting = g_ptr_array_new_with_free_func (step_free);
      if (!parse_steps (json_object_get_member (root, "greeting"), "greeting", self->greeting, error))
        return FALSE;
    }
  if (json_object_has_member (root, "otherwise")
      && !(self->otherwise = parse_turn (json_object_get_member (root, "otherwise"), "otherwise", error)))
    return FALSE;

  JsonNode *turns = json_object_get_member (root, "turns");
  if (turns != NULL && !JSON_NODE_HOLDS_ARRAY (turns))
    return fail (error, "turns", "write an array of turns");
  for (guint i = 0; turns != NULL && i < json_array_get_length (json_node_get_array (turns)); i++)
    {
      g_autofree char *at = g_strdup_printf ("turns[%u]", i);
      SimTurn *turn = parse_turn (json_array_get_element (json_node_get_array (turns), i), at, error);
      if (turn == NULL)
        return FALSE;
      g_ptr_array_add (self->turns, turn);
    }
  if (self->turns->len == 0 && self->otherwise == NULL)
    return fail (error, "top level", "add \"turns\" or \"otherwise\": there is nothing to answer with");

  JsonNode *faults = json_object_get_member (root, "faults");
  if (faults != NULL && !JSON_NODE_HOLDS_ARRAY (faults))
    return fail (error, "faults", "write an array of faults");
  return faults == NULL || parse_faults (json_node_get_array (faults), self->faults, error);
}

/**
 * sim_scenario_parse:
 * @length: of @text in bytes, or -1
 * @name: what errors call it: the file's name
 *
 * Returns: (transfer full): the scenario, or NULL with an error that names
 *   file, place and remedy
 */
SimScenario *
sim_scenario_parse (const char *text, gssize length, const char *name, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (SimScenario) self = g_new0 (SimScenario, 1);
  g_autoptr (GError) local = NULL;

  self->turns = g_ptr_array_new_with_free_func (turn_free);
  self->faults = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_fault_free);

  if (!g_utf8_validate (text, length, NULL))
    {
      fail (error, name, "not UTF-8: save the file as UTF-8");
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, length, &local))
    {
      fail (error, name, "not JSON: %s", local->message);
      return NULL;
    }
  JsonNode *root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      fail (error, name, "write one JSON object with \"turns\"");
      return NULL;
    }
  if (!parse_root (self, json_node_get_object (root), &local))
    {
      fail (error, name, "%s", local->message);
      return NULL;
    }
  return g_steal_pointer (&self);
}

SimScenario *
sim_scenario_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr (GError) local = NULL;

  if (!g_file_get_contents (path, &text, &length, &local))
    {
      g_set_error (error, SIM_SCENARIO_ERROR, 0, "can't read the scenario: %s", local->message);
      return NULL;
    }
  return sim_scenario_parse (text, length, path, error);
}

/* (transfer full): small talk, compiled in */
SimScenario *
sim_scenario_new_default (void)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (sim_get_resource (), DEFAULT_SCENARIO_RESOURCE, 0, NULL);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  SimScenario *scenario = sim_scenario_parse (text, length, "smalltalk.json", &error);

  if (scenario == NULL)
    g_error ("the scenario compiled in is broken: %s", error->message);
  return scenario;
}
