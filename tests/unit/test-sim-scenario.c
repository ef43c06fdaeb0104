/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <string.h>

#include "bb-config.h"
#include "bb-tools.h"
#include "sim-dialogue.h"
#include "sim-json.h"
#include "sim-template.h"

static JsonObject *
results_new (void)
{
  static const char text[]
      = "{\"search\":{\"ok\":true,\"results\":[{\"name\":\"Bogen\",\"number\":\"0815\",\"price\":2.5},"
        "{\"name\":\"T-Stück\",\"price\":12},{\"name\":\"Rohr\"}]},\"order\":{\"ok\":false,\"total\":1234,"
        "\"error\":\"Das geht nicht.\",\"empty\":[]}}";
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  return json_node_dup_object (node);
}

static void
test_fill (void)
{
  static const struct
  {
    const char *text;
    const char *language;
    const char *filled;
    guint n_missing;
  } cases[] = {
    { "ohne", "de", "ohne", 0 },
    { "{{search.results.0.name}}!", "de", "Bogen!", 0 },
    { "a {{ search.results.1.name }} b {{order.error}}", "de", "a T-Stück b Das geht nicht.", 0 },
    { "{{search.results.0.price}}", "de", "2,5", 0 },
    { "{{search.results.0.price}}", "en", "2.5", 0 },
    { "{{search.results.0.price|price}}", "de", "2,50 Euro", 0 },
    { "{{order.total|cents}}", "de", "12,34 Euro", 0 },
    { "{{search.results.1.price|price}}", "en", "12.00 euros", 0 },
    { "{{search.results.0.number|digits}}", "de", "0 8 1 5", 0 },
    { "{{search.results|list:name}}", "de", "Bogen, T-Stück und Rohr", 0 },
    { "{{search.results|list:name}}", "en", "Bogen, T-Stück and Rohr", 0 },
    { "{{order.empty|list:name}}", "de", "", 0 },
    { "{{search.results.9.name}} {{nix}}", "de", " ", 2 },
    { "{{search.results.x.name}}", "de", "", 1 },
    { "{{offen", "de", "{{offen", 0 },
  };
  g_autoptr (JsonObject) results = results_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *filled = sim_template_fill (cases[i].text, results, cases[i].language, missing);
      g_assert_cmpstr (filled, ==, cases[i].filled);
      g_assert_cmpuint (missing->len, ==, cases[i].n_missing);
    }
}

static void
test_fill_node (void)
{
  g_autoptr (JsonObject) results = results_new ();
  g_autoptr (JsonNode) in = json_from_string (
      "{\"a\":\"{{search.results.0.price}}\",\"b\":[\"Nr. {{search.results.0.number}}\",7],\"c\":\"{{nix}}\"}", NULL);
  g_autoptr (JsonNode) out = sim_template_fill_node (in, results, NULL);
  g_autofree char *text = sim_node_to_text (out);
  g_assert_cmpstr (text, ==, "{\"a\":2.5,\"b\":[\"Nr. 0815\",7],\"c\":null}");
}

static void
test_truth (void)
{
  g_autoptr (JsonObject) results = results_new ();
  g_assert_true (sim_template_is_true (results, "search.ok"));
  g_assert_false (sim_template_is_true (results, "order.ok"));
  g_assert_true (sim_template_is_true (results, "!order.ok"));
  g_assert_true (sim_template_is_true (results, "search.results.0"));
  g_assert_false (sim_template_is_true (results, "order.empty"));
  g_assert_false (sim_template_is_true (results, "nix.ok"));
  g_assert_true (sim_template_is_true (results, "order.total"));
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text;
    const char *place;
    const char *remedy;
  } cases[] = {
    { "{", "f.json: ", "not JSON" },
    { "[]", "f.json: ", "write one JSON object" },
    { "{\"turns\":[{\"say\":\"\xff\"}]}", "f.json: ", "save the file as UTF-8" },
    { "{}", "top level", "add \"turns\"" },
    { "{\"turn\":[]}", "top level", "the keys here are name, language" },
    { "{\"turns\":{}}", "turns", "write an array" },
    { "{\"turns\":[7]}", "turns[0]", "write an object" },
    { "{\"turns\":[{\"hear\":\"x\"}]}", "turns[0]", "add \"say\"" },
    { "{\"turns\":[{\"say\":\"x\",\"backchannel\":true}]}", "turns[0]", "not answered" },
    { "{\"turns\":[{\"hear\":\"x\",\"backchannel\":1}]}", "turns[0]", "true or false" },
    { "{\"turns\":[{\"say\":\"x\"},{\"say\":7}]}", "turns[1]", "\"say\" must be a string" },
    { "{\"turns\":[{\"say\":\"x\",\"heer\":\"y\"}]}", "turns[0]", "unknown key \"heer\"" },
    { "{\"turns\":[{\"say\":\"x\",\"min_ms\":-1}]}", "turns[0]", "milliseconds" },
    { "{\"turns\":[{\"say\":\"x\",\"interrupt\":1}]}", "turns[0]", "true or false" },
    { "{\"turns\":[{\"call\":{\"arguments\":{}}}]}", "turns[0].call[0]", "add \"name\"" },
    { "{\"turns\":[{\"call\":{\"name\":\"x\",\"arguments\":\"{}\"}}]}", "turns[0].call[0]", "must be an object" },
    { "{\"turns\":[{\"call\":[]}]}", "turns[0]", "\"call\" is empty" },
    { "{\"turns\":[{\"steps\":[{\"say\":\"x\"},{}]}]}", "turns[0].steps[1]", "nothing to do" },
    { "{\"turns\":[{\"steps\":[{\"if\":\"x.ok\"}]}]}", "turns[0].steps[0]", "needs \"then\" or \"else\"" },
    { "{\"turns\":[{\"if\":\"x\",\"then\":[{\"sai\":\"y\"}]}]}", "turns[0].then[0]", "unknown key \"sai\"" },
    { "{\"turns\":[{\"say\":\"x\"}],\"transcripts\":\"never\"}", "transcripts", "\"before\", \"after\"" },
    { "{\"turns\":[{\"say\":\"x\"}],\"faults\":[\"nix\"]}", "faults[0]", "unknown fault" },
    { "{\"turns\":[{\"say\":\"x\"}],\"faults\":[{\"fault\":\"drop\"}]}", "faults[0]", "KIND@EVENT" },
    { "{\"turns\":[{\"say\":\"x\"}],\"faults\":[{\"fault\":\"stall\",\"at\":\"*\",\"ms\":[]}]}", "faults[0]", "\"ms\"" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_test_message ("case %u", i);
      g_assert_null (sim_scenario_parse (cases[i].text, -1, "f.json", &error));
      g_assert_error (error, SIM_SCENARIO_ERROR, 0);
      g_assert_true (g_str_has_prefix (error->message, "f.json: "));
      g_assert_nonnull (strstr (error->message, cases[i].place));
      g_assert_nonnull (strstr (error->message, cases[i].remedy));
    }
  g_autoptr (GError) error = NULL;
  g_assert_null (sim_scenario_load ("/nowhere/x.json", &error));
  g_assert_nonnull (strstr (error->message, "/nowhere/x.json"));
}

static void
test_files (void)
{
  static const char *const names[] = { "order", "smalltalk", "echo" };
  const char *folder = g_getenv ("BESTELLBOT_DATADIR");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/scenarios/%s.json", folder, names[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (SimScenario) scenario = sim_scenario_load (path, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (scenario->name, ==, names[i]);
    }
  g_autoptr (SimScenario) built_in = sim_scenario_new_default ();
  g_assert_cmpstr (built_in->name, ==, "smalltalk");
}

static JsonObject *
find_tool (JsonArray *tools, const char *name)
{
  for (guint i = 0; i < json_array_get_length (tools); i++)
    {
      JsonObject *tool = json_array_get_object_element (tools, i);
      if (g_strcmp0 (sim_object_get_string (tool, "name"), name) == 0)
        return tool;
    }
  g_error ("there is no tool %s", name);
}

/* A call has all members that its tool requires and none that it doesn't know. */
static void
check_calls (GPtrArray *steps, JsonArray *tools, guint *n_calls)
{
  for (guint i = 0; i < steps->len; i++)
    {
      SimStep *step = g_ptr_array_index (steps, i);
      if (step->kind == SIM_STEP_IF)
        {
          check_calls (step->then_steps, tools, n_calls);
          check_calls (step->else_steps, tools, n_calls);
        }
      for (guint j = 0; step->kind == SIM_STEP_CALL && j < step->calls->len; j++, (*n_calls)++)
        {
          SimCall *call = g_ptr_array_index (step->calls, j);
          JsonObject *tool = find_tool (tools, call->name);
          JsonObject *arguments = json_node_get_object (call->arguments);
          JsonObject *properties = sim_object_get_object (tool, "parameters.properties");
          JsonArray *required = sim_object_get_array (tool, "parameters.required");
          g_autoptr (GList) names = json_object_get_members (arguments);
          g_test_message ("%s", call->name);
          for (GList *l = names; l != NULL; l = l->next)
            g_assert_true (json_object_has_member (properties, l->data));
          for (guint k = 0; required != NULL && k < json_array_get_length (required); k++)
            g_assert_true (json_object_has_member (arguments, json_array_get_string_element (required, k)));
        }
    }
}

static void
test_order_calls_the_tools_there_are (void)
{
  g_autofree char *path = g_strdup_printf ("%s/scenarios/order.json", g_getenv ("BESTELLBOT_DATADIR"));
  g_autoptr (BbConfig) config = bb_config_load ("/dev/null", NULL, NULL);
  g_autofree char *text = bb_tools_to_json (config);
  g_autoptr (JsonNode) tools = json_from_string (text, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SimScenario) scenario = sim_scenario_load (path, &error);
  guint n_calls = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < scenario->turns->len; i++)
    check_calls (((SimTurn *) g_ptr_array_index (scenario->turns, i))->steps, json_node_get_array (tools), &n_calls);
  g_assert_cmpuint (n_calls, ==, 6);
}

static void
assert_plan (SimDialogue *dialogue, const char *text, const char *call)
{
  g_autoptr (SimPlan) plan = sim_dialogue_next (dialogue, NULL);
  g_assert_cmpstr (plan->text, ==, text);
  g_assert_cmpuint (plan->calls->len, ==, call != NULL ? 1 : 0);
  if (call != NULL)
    {
      SimPlannedCall *planned = g_ptr_array_index (plan->calls, 0);
      g_autofree char *both = g_strconcat (planned->name, planned->arguments, NULL);
      g_assert_cmpstr (both, ==, call);
      sim_dialogue_set_call (dialogue, "c", planned->as);
    }
}

static SimScenario *
scenario_new (const char *text)
{
  g_autoptr (GError) error = NULL;
  SimScenario *scenario = sim_scenario_parse (text, -1, "test", &error);
  g_assert_no_error (error);
  return scenario;
}

static void
test_steps (void)
{
  g_autoptr (SimScenario) scenario = scenario_new (
      "{\"greeting\":{\"say\":\"Hallo\"},\"otherwise\":{\"say\":\"Bitte?\"},\"turns\":[{\"hear\":\"A\",\"min_ms\":300,"
      "\"steps\":[{\"say\":\"Moment.\"},{\"call\":{\"name\":\"f\",\"arguments\":{\"x\":1}}},"
      "{\"if\":\"f.ok\",\"then\":[{\"call\":{\"name\":\"g\",\"arguments\":{\"y\":\"{{f.n}}\"}}},{\"say\":\"{{g}}\"}],"
      "\"else\":{\"say\":\"{{f.error}}\"}}]}]}");
  g_autoptr (SimDialogue) dialogue = sim_dialogue_new (scenario);

  assert_plan (dialogue, "Hallo", NULL);
  assert_plan (dialogue, "Bitte?", NULL);
  g_assert_cmpstr (sim_dialogue_hear (dialogue, 200, FALSE), ==, "");
  assert_plan (dialogue, "Bitte?", NULL);
  g_assert_cmpstr (sim_dialogue_hear (dialogue, 900, FALSE), ==, "A");
  assert_plan (dialogue, "Moment.", "f{\"x\":1}");
  /* A cough while the tool runs: its result is spoken of afterwards. */
  sim_dialogue_hear (dialogue, 100, FALSE);
  assert_plan (dialogue, "Bitte?", NULL);
  sim_dialogue_read_output (dialogue, "c", "{\"ok\":true,\"n\":7}");
  assert_plan (dialogue, NULL, "g{\"y\":7}");
  sim_dialogue_read_output (dialogue, "c", "kein JSON");
  assert_plan (dialogue, "kein JSON", NULL);

  /* Nothing to add to the result of a last call. */
  sim_dialogue_read_output (dialogue, "c", "{}");
  assert_plan (dialogue, NULL, NULL);
}

static void
test_matching (void)
{
  g_autoptr (SimScenario) scenario = scenario_new (
      "{\"turns\":[{\"hear\":\"A\",\"say\":\"a\"},{\"hear\":\"halt\",\"interrupt\":true,\"say\":\"ja?\"},"
      "{\"hear\":\"B\",\"max_ms\":2000,\"say\":\"b\"},{\"hear\":\"C\",\"interrupt\":false,\"say\":\"c\"}]}");
  g_autoptr (SimDialogue) calm = sim_dialogue_new (scenario);
  g_autoptr (SimDialogue) rude = sim_dialogue_new (scenario);

  g_assert_cmpstr (sim_dialogue_hear (calm, 900, FALSE), ==, "A");
  g_assert_cmpstr (sim_dialogue_hear (calm, 5000, FALSE), ==, "");
  g_assert_cmpstr (sim_dialogue_hear (calm, 900, FALSE), ==, "B");
  g_assert_cmpstr (sim_dialogue_hear (calm, 900, TRUE), ==, "");
  g_assert_cmpstr (sim_dialogue_hear (calm, 900, FALSE), ==, "C");
  g_assert_cmpstr (sim_dialogue_hear (calm, 900, FALSE), ==, "");

  g_assert_cmpstr (sim_dialogue_hear (rude, 900, FALSE), ==, "A");
  g_assert_cmpstr (sim_dialogue_hear (rude, 900, TRUE), ==, "halt");
  assert_plan (rude, "ja?", NULL);
  g_assert_cmpstr (sim_dialogue_hear (rude, 900, TRUE), ==, "B");
}

/* What is only a sign of listening ends nothing; what the client deletes was
 * never heard; what was answered stays. */
static void
test_backchannel (void)
{
  g_autoptr (SimScenario) scenario = scenario_new (
      "{\"otherwise\":{\"say\":\"Bitte?\"},\"turns\":[{\"hear\":\"A\",\"min_ms\":300,\"steps\":["
      "{\"call\":{\"name\":\"f\",\"arguments\":{}}},{\"say\":\"fertig\"}]},"
      "{\"hear\":\"Mhm.\",\"max_ms\":500,\"interrupt\":true,\"backchannel\":true},"
      "{\"hear\":\"B\",\"min_ms\":300,\"say\":\"b\"}]}");
  g_autoptr (SimDialogue) dialogue = sim_dialogue_new (scenario);

  g_assert_cmpstr (sim_dialogue_hear (dialogue, 900, FALSE), ==, "A");
  assert_plan (dialogue, NULL, "f{}");
  g_assert_cmpstr (sim_dialogue_hear (dialogue, 400, TRUE), ==, "Mhm.");
  sim_dialogue_unhear (dialogue);
  /* A cough, which is deleted, and one that is answered. */
  g_assert_cmpstr (sim_dialogue_hear (dialogue, 200, TRUE), ==, "");
  sim_dialogue_unhear (dialogue);
  sim_dialogue_read_output (dialogue, "c", "{}");
  assert_plan (dialogue, "fertig", NULL);
  g_assert_cmpstr (sim_dialogue_hear (dialogue, 200, FALSE), ==, "");
  assert_plan (dialogue, "Bitte?", NULL);
  sim_dialogue_unhear (dialogue);
  g_assert_cmpstr (sim_dialogue_hear (dialogue, 900, TRUE), ==, "B");
  assert_plan (dialogue, "b", NULL);
}

static void
test_quotes (void)
{
  static const struct
  {
    const char *instructions;
    const char *text;
  } cases[] = {
    { "Say exactly this and nothing else: \"Guten Tag.\"", "Guten Tag." },
    { "Sagen Sie „Guten Tag, „Müller“ am Apparat.“ und nichts weiter", "Guten Tag, „Müller“ am Apparat." },
    { "Say “Good morning”", "Good morning" },
    { "Greet the caller.", NULL },
    { "A \" alone", NULL },
    { "", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = sim_dialogue_find_quote (cases[i].instructions);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
  g_assert_null (sim_dialogue_find_quote (NULL));
}

/* After a reconnection a sentence that was begun goes on, what was called is not
 * called again, and of parallel calls the others are made. */
static void
test_put_back (void)
{
  g_autoptr (SimScenario) scenario = scenario_new (
      "{\"otherwise\":{\"say\":\"Bitte?\"},\"turns\":[{\"hear\":\"A\",\"steps\":["
      "{\"say\":\"Einen Moment bitte.\"},{\"call\":[{\"name\":\"f\",\"arguments\":{\"x\":1}},"
      "{\"name\":\"g\",\"arguments\":{\"y\":2}}]},{\"say\":\"Fertig mit {{f}}.\"}]}]}");
  g_autoptr (SimDialogue) dialogue = sim_dialogue_new (scenario);
  g_autoptr (SimDialogue) other = sim_dialogue_new (scenario);

  sim_dialogue_read_user (dialogue, "A");
  sim_dialogue_read_assistant (dialogue, "Einen");
  sim_dialogue_read_call (dialogue, "c1", "f");
  sim_dialogue_read_output (dialogue, "c1", "7");
  assert_plan (dialogue, NULL, "g{\"y\":2}");
  sim_dialogue_read_output (dialogue, "c", "8");
  assert_plan (dialogue, "Fertig mit 7.", NULL);
  sim_dialogue_read_assistant (dialogue, "Fertig mit 7.");
  assert_plan (dialogue, "Bitte?", NULL);

  sim_dialogue_read_user (other, ""); /* its audio only */
  sim_dialogue_read_assistant (other, "Einen Moment");
  {
    g_autoptr (SimPlan) plan = sim_dialogue_next (other, NULL);

    g_assert_cmpstr (plan->text, ==, "bitte.");
    g_assert_cmpuint (plan->calls->len, ==, 2);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/template/fill", test_fill);
  g_test_add_func ("/template/fill-node", test_fill_node);
  g_test_add_func ("/template/truth", test_truth);
  g_test_add_func ("/scenario/errors", test_errors);
  g_test_add_func ("/scenario/files", test_files);
  g_test_add_func ("/scenario/order", test_order_calls_the_tools_there_are);
  g_test_add_func ("/dialogue/steps", test_steps);
  g_test_add_func ("/dialogue/matching", test_matching);
  g_test_add_func ("/dialogue/backchannel", test_backchannel);
  g_test_add_func ("/dialogue/quotes", test_quotes);
  g_test_add_func ("/dialogue/put-back", test_put_back);
  return g_test_run ();
}
