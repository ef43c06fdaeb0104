/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#pragma once

#include "bb-desk.h"
#include "bb-operator.h"

G_BEGIN_DECLS

/* An operator whose calls a test makes and changes by hand. */
#define TEST_TYPE_OPERATOR (test_operator_get_type ())
G_DECLARE_FINAL_TYPE (TestOperator, test_operator, TEST, OPERATOR, GObject)

TestOperator *test_operator_new (void);
BbCall *test_operator_add_call (TestOperator *self, const char *number, const char *name);
void test_operator_remove_call (TestOperator *self, BbCall *call);
guint test_operator_get_n_hang_ups (TestOperator *self);
/* What orders, past calls, searches and settings are answered from; @config is
 * copied, the others are nullable. */
void test_operator_set_desk (TestOperator *self, const BbConfig *config, BbCatalogue *catalogue, BbOrderStore *store);
/* The last command of a call, as words: "whisper text respond". */
const char *test_operator_get_said (TestOperator *self);

/* A line into no call: the test plays both ends. One at a time may speak. */
#define TEST_TYPE_LINE (test_line_get_type ())
G_DECLARE_FINAL_TYPE (TestLine, test_line, TEST, LINE, BbOperatorLine)

GPtrArray *test_operator_get_lines (TestOperator *self); /* those that are open */
guint test_line_get_n_pushed (TestLine *self);
const guint8 *test_line_get_last_pushed (TestLine *self); /* nullable */

/* A call that talks, with codec, transcript and order. */
void test_fill_call (BbCall *call);
/* One change of any kind to any of the calls. */
void test_change_something (TestOperator *self, GRand *rand);
void test_assert_calls_equal (BbCall *a, BbCall *b);
void test_assert_lists_equal (GListModel *a, GListModel *b);

/* Runs the main loop until *@flag or @seconds have passed (then the test fails). */
#define test_wait_for(condition)                                                                   \
  G_STMT_START                                                                                     \
    {                                                                                              \
      gint64 deadline_ = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                            \
      guint tick_ = g_timeout_add (20, test_tick, NULL);                                           \
      while (!(condition))                                                                         \
        {                                                                                          \
          g_assert_cmpint (g_get_monotonic_time (), <, deadline_);                                 \
          g_main_context_iteration (NULL, TRUE);                                                   \
        }                                                                                          \
      g_source_remove (tick_);                                                                     \
    }                                                                                              \
  G_STMT_END
gboolean test_tick (gpointer user_data);

G_END_DECLS
