/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "sim-dialogue.h"

#include <string.h>

#include "sim-json.h"
#include "sim-template.h"

/* Ends a response: what follows waits for the results of calls under way. */
static SimStep end_of_response = { .kind = SIM_STEP_END };

struct _SimDialogue
{
  SimScenario *scenario; /* not owned */
  guint next_turn;
  GQueue pending;      /* of SimStep, owned by the scenario */
  GQueue before;       /* pending, before what was heard last */
  gboolean can_unhear; /* nothing has followed from that */
  gboolean greeted;
  gboolean has_new_output; /* a tool's result that no response has followed yet */
  JsonObject *results; /* by tool name or "as" */
  GHashTable *calls;   /* call_id -> name in results */
  SimStep rest;        /* of a sentence that was begun before a reconnection; no template */
  SimStep rest_calls;  /* of parallel calls, some of which were put back */
};

void
sim_planned_call_free (gpointer data)
{
  SimPlannedCall *call = data;
  g_free (call->name);
  g_free (call->arguments);
  g_free (call->as);
  g_free (call->server);
  g_free (call->output);
  g_free (call->error);
  g_free (call);
}

void
sim_plan_free (SimPlan *plan)
{
  g_free (plan->text);
  g_ptr_array_unref (plan->calls);
  g_free (plan);
}

static SimPlan *
plan_new (void)
{
  SimPlan *plan = g_new0 (SimPlan, 1);
  plan->calls = g_ptr_array_new_with_free_func (sim_planned_call_free);
  return plan;
}

/**
 * sim_dialogue_new:
 * @scenario: must outlive the dialogue
 */
SimDialogue *
sim_dialogue_new (SimScenario *scenario)
{
  SimDialogue *self = g_new0 (SimDialogue, 1);
  self->scenario = scenario;
  g_queue_init (&self->pending);
  g_queue_init (&self->before);
  self->results = json_object_new ();
  self->calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
sim_dialogue_free (SimDialogue *self)
{
  g_queue_clear (&self->pending);
  g_queue_clear (&self->before);
  g_free (self->rest.text);
  g_clear_pointer (&self->rest_calls.calls, g_ptr_array_unref);
  json_object_unref (self->results);
  g_hash_table_unref (self->calls);
  g_free (self);
}

static void
push_steps_front (SimDialogue *self, GPtrArray *steps)
{
  for (guint i = steps->len; i > 0; i--)
    g_queue_push_head (&self->pending, g_ptr_array_index (steps, i - 1));
}

/* Begins a turn: what the last one left undone is over, unless the caller only
 * shows that he listens. */
static void
begin_turn (SimDialogue *self, const SimTurn *turn)
{
  if (turn->backchannel)
    return;
  g_queue_clear (&self->pending);
  push_steps_front (self, turn->steps);
}

static gboolean
turn_fits (const SimTurn *turn, guint speech_ms, gboolean interrupting)
{
  return speech_ms >= turn->min_ms && (turn->max_ms == 0 || speech_ms <= turn->max_ms)
         && (turn->interrupt == SIM_ANYHOW || turn->interrupt == (SimInterrupt) !!interrupting);
}

/**
 * sim_dialogue_hear:
 * @speech_ms: how long the caller spoke
 * @interrupting: whether he spoke into an answer
 *
 * Takes the turn that is next in line, if it fits; optional turns that don't
 * are passed over. Speech that fits nothing (a cough) costs no turn.
 *
 * Returns: (transfer none): what the caller is taken to have said
 */
const char *
sim_dialogue_hear (SimDialogue *self, guint speech_ms, gboolean interrupting)
{
  GPtrArray *turns = self->scenario->turns;

  self->greeted = TRUE;
  g_queue_clear (&self->before);
  for (GList *l = self->pending.head; l != NULL; l = l->next)
    g_queue_push_tail (&self->before, l->data);
  self->can_unhear = TRUE;
  for (guint tried = 0, i = self->next_turn; tried < turns->len; tried++, i++)
    {
      if (i >= turns->len)
        {
          if (!self->scenario->repeat)
            break;
          i = 0;
        }
      SimTurn *turn = g_ptr_array_index (turns, i);
      if (turn_fits (turn, speech_ms, interrupting))
        {
          self->next_turn = i + 1;
          begin_turn (self, turn);
          return turn->hear;
        }
      if (!turn->optional)
        break;
    }
  if (self->scenario->otherwise == NULL)
    return "";
  /* What was under way (a tool's result to be spoken) goes on afterwards. */
  if (!g_queue_is_empty (&self->pending))
    g_queue_push_head (&self->pending, &end_of_response);
  push_steps_front (self, self->scenario->otherwise->steps);
  return self->scenario->otherwise->hear;
}

/* The client deletes the item: it was no turn, and what was under way goes on. */
void
sim_dialogue_unhear (SimDialogue *self)
{
  if (!self->can_unhear)
    return;
  g_queue_clear (&self->pending);
  for (GList *l = self->before.head; l != NULL; l = l->next)
    g_queue_push_tail (&self->pending, l->data);
  self->can_unhear = FALSE;
}

/**
 * sim_dialogue_read_user:
 *
 * A typed message of the user, or one that is put back after a reconnection:
 * the turn with these words, else the next one.
 */
void
sim_dialogue_read_user (SimDialogue *self, const char *text)
{
  GPtrArray *turns = self->scenario->turns;

  self->greeted = TRUE;
  for (guint i = self->next_turn; i < turns->len; i++)
    {
      SimTurn *turn = g_ptr_array_index (turns, i);
      if (strcmp (turn->hear, text) == 0)
        {
          self->next_turn = i + 1;
          begin_turn (self, turn);
          return;
        }
    }
  sim_dialogue_hear (self, 1000, FALSE);
}

/* Replaces conditions at the head by the branch that holds. */
static SimStep *
peek_step (SimDialogue *self)
{
  SimStep *step;

  while ((step = g_queue_peek_head (&self->pending)) != NULL && step->kind == SIM_STEP_IF)
    {
      g_queue_pop_head (&self->pending);
      push_steps_front (self, sim_template_is_true (self->results, step->text) ? step->then_steps
                                                                                : step->else_steps);
    }
  return step;
}

static char *fill (SimDialogue *self, const char *text);

static char *
dup_text (SimDialogue *self, const SimStep *say)
{
  return say == &self->rest ? g_strdup (say->text) : fill (self, say->text);
}

/**
 * sim_dialogue_read_assistant:
 * @text: (nullable): of an assistant message that is put back after a reconnection
 *
 * It need not be said again. If it is only the beginning of what was to be
 * said, the rest of that comes next: a model goes on in its sentence.
 */
void
sim_dialogue_read_assistant (SimDialogue *self, const char *text)
{
  self->has_new_output = FALSE;
  if (!self->greeted && self->scenario->greeting != NULL)
    push_steps_front (self, self->scenario->greeting);
  self->greeted = TRUE;

  SimStep *step = peek_step (self);
  if (step == NULL || step->kind != SIM_STEP_SAY)
    return;
  g_autofree char *whole = dup_text (self, step);
  g_queue_pop_head (&self->pending);
  if (text == NULL || *text == '\0' || !g_str_has_prefix (whole, text))
    return;
  const char *rest = whole + strlen (text);
  while (*rest == ' ')
    rest++;
  if (*rest == '\0')
    return;
  g_free (self->rest.text);
  self->rest = (SimStep){ .kind = SIM_STEP_SAY, .text = g_strdup (rest) };
  g_queue_push_head (&self->pending, &self->rest);
}

/* Takes the call at @index out of the parallel ones at the head. */
static void
tick_off (SimDialogue *self, const SimStep *step, guint index)
{
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();

  for (guint i = 0; i < step->calls->len; i++)
    if (i != index)
      g_ptr_array_add (rest, g_ptr_array_index (step->calls, i));
  while (g_queue_pop_head (&self->pending) != step)
    ;
  if (rest->len == 0)
    return;
  g_clear_pointer (&self->rest_calls.calls, g_ptr_array_unref);
  self->rest_calls = (SimStep){ .kind = SIM_STEP_CALL, .calls = g_steal_pointer (&rest) };
  g_queue_push_head (&self->pending, &self->rest_calls);
}

/* A function call put back after a reconnection: it need not be made. */
void
sim_dialogue_read_call (SimDialogue *self, const char *call_id, const char *name)
{
  SimStep *step = peek_step (self);
  const char *as = name;

  if (step != NULL && step->kind == SIM_STEP_SAY)
    step = g_queue_peek_nth (&self->pending, 1);
  for (guint i = 0; step != NULL && step->kind == SIM_STEP_CALL && i < step->calls->len; i++)
    {
      SimCall *call = g_ptr_array_index (step->calls, i);
      if (strcmp (call->name, name) != 0)
        continue;
      as = call->as;
      tick_off (self, step, i);
      break;
    }
  sim_dialogue_set_call (self, call_id, as);
}

/* Remembers under which name the result of a call will be kept. */
void
sim_dialogue_set_call (SimDialogue *self, const char *call_id, const char *as)
{
  g_hash_table_replace (self->calls, g_strdup (call_id), g_strdup (as));
}

/* The result of a call; text that is no JSON is kept as text. */
void
sim_dialogue_read_output (SimDialogue *self, const char *call_id, const char *output)
{
  const char *as = g_hash_table_lookup (self->calls, call_id);
  g_autoptr (JsonNode) node = json_from_string (output, NULL);

  self->has_new_output = TRUE;
  if (as == NULL)
    return;
  if (node != NULL)
    json_object_set_member (self->results, as, g_steal_pointer (&node));
  else
    json_object_set_string_member (self->results, as, output);
}

/**
 * sim_dialogue_find_quote:
 * @instructions: (nullable): such as: Say exactly this: "Good morning."
 *
 * Returns: (transfer full) (nullable): the text between the first quotation
 *   mark and the last one that closes it
 */
char *
sim_dialogue_find_quote (const char *instructions)
{
  static const char *const marks[][2] = { { "„", "“" }, { "„", "”" }, { "“", "”" }, { "\"", "\"" }, { "»", "«" } };

  for (guint i = 0; instructions != NULL && i < G_N_ELEMENTS (marks); i++)
    {
      const char *open = strstr (instructions, marks[i][0]);
      if (open == NULL)
        continue;
      open += strlen (marks[i][0]);
      const char *close = g_strrstr (open, marks[i][1]);
      if (close != NULL && close > open)
        return g_strndup (open, close - open);
    }
  return NULL;
}

static char *
fill (SimDialogue *self, const char *text)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  char *filled = sim_template_fill (text, self->results, self->scenario->language, missing);

  for (guint i = 0; i < missing->len; i++)
    g_warning ("scenario: no result for {{%s}}", (char *) g_ptr_array_index (missing, i));
  return filled;
}

static void
add_text (SimPlan *plan, char *text)
{
  if (plan->text == NULL)
    {
      plan->text = text;
      return;
    }
  char *both = g_strjoin (" ", plan->text, text, NULL);
  g_free (plan->text);
  g_free (text);
  plan->text = both;
}

static void
add_calls (SimDialogue *self, SimPlan *plan, const SimStep *step)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < step->calls->len; i++)
    {
      SimCall *call = g_ptr_array_index (step->calls, i);
      g_autoptr (JsonNode) filled = sim_template_fill_node (call->arguments, self->results, missing);
      SimPlannedCall *planned = g_new0 (SimPlannedCall, 1);
      planned->name = g_strdup (call->name);
      planned->as = g_strdup (call->as);
      planned->server = g_strdup (call->server);
      planned->output = g_strdup (call->output);
      planned->error = g_strdup (call->error);
      planned->arguments = sim_node_to_text (filled);
      g_ptr_array_add (plan->calls, planned);
    }
  for (guint i = 0; i < missing->len; i++)
    g_warning ("scenario: no result for {{%s}}", (char *) g_ptr_array_index (missing, i));
}

static gboolean
take_pending (SimDialogue *self, SimPlan *plan)
{
  SimStep *step;

  while (plan->calls->len == 0 && (step = peek_step (self)) != NULL)
    {
      g_queue_pop_head (&self->pending);
      if (step->kind == SIM_STEP_END)
        {
          if (plan->text != NULL)
            break;
        }
      else if (step->kind == SIM_STEP_SAY)
        add_text (plan, dup_text (self, step));
      else
        add_calls (self, plan, step);
    }
  return plan->text != NULL || plan->calls->len > 0;
}

/**
 * sim_dialogue_next:
 * @instructions: (nullable): of the response asked for
 *
 * Decides what the next response of the conversation holds: the text that the
 * instructions quote, else what the turn has still to do, else the greeting,
 * else what there is to say otherwise.
 *
 * Returns: (transfer full): the plan; it may hold nothing
 */
SimPlan *
sim_dialogue_next (SimDialogue *self, const char *instructions)
{
  SimPlan *plan = plan_new ();
  gboolean after_output = self->has_new_output;

  self->has_new_output = FALSE;
  self->can_unhear = FALSE;
  plan->text = sim_dialogue_find_quote (instructions);
  if (plan->text != NULL)
    {
      self->greeted = TRUE;
      return plan;
    }
  /* After the result of a last call (end_call) there is nothing to add. */
  if (take_pending (self, plan) || after_output)
    return plan;
  if (!self->greeted && self->scenario->greeting != NULL)
    push_steps_front (self, self->scenario->greeting);
  else if (self->scenario->otherwise != NULL)
    push_steps_front (self, self->scenario->otherwise->steps);
  self->greeted = TRUE;
  take_pending (self, plan);
  return plan;
}

/**
 * sim_dialogue_aside:
 * @instructions: (nullable): of a response out of band
 *
 * Returns: (transfer full): what to say without a trace in the dialogue
 */
SimPlan *
sim_dialogue_aside (SimDialogue *self, const char *instructions)
{
  SimPlan *plan = plan_new ();

  plan->text = sim_dialogue_find_quote (instructions);
  if (plan->text == NULL && self->scenario->otherwise != NULL)
    {
      SimStep *step = g_ptr_array_index (self->scenario->otherwise->steps, 0);
      if (step->kind == SIM_STEP_SAY)
        plan->text = fill (self, step->text);
    }
  return plan;
}
