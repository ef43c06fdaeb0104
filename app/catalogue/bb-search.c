/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Answers a query from the index: each word finds terms (exact, as a part of a
 * compound, as a prefix, with typos), each product sums up what it was found
 * by, sizes decide.
 */
#include "bb-search-private.h"

#include <string.h>

#define MAX_WORDS 16
#define MAX_WORD_LENGTH 48

#define QUALITY_PREFIX 0.85f
#define QUALITY_HEAD 0.72f   /* "Muffe" in "Reduziermuffe": a compound's last part says what it is */
#define QUALITY_INSIDE 0.55f
#define QUALITY_SPLIT 0.96f  /* "Kupferrohr" for "Rohr Kupfer" */
#define QUALITY_TAIL 0.5f    /* "Presskugelhahn" for "Kugelhahn" */
#define QUALITY_TYPO 0.8f
#define QUALITY_TYPOS 0.62f

/* What a product lacks costs more than what a query's noise says. */
#define WEIGHT_UNKNOWN 0.2
#define WEIGHT_LETTER 0.3
/* A size nobody has: others of that kind are shown, but far below. */
#define FACTOR_OTHER_SIZE 0.4
#define FACTOR_WEAK_SIZE 0.85
#define MIN_SCORE 0.25
/* Matches below this part of the best one are noise. */
#define MIN_OF_BEST 0.55

typedef enum
{
  HIT_NONE,
  HIT_EXACT,
  HIT_PART,
  HIT_TYPO
} HitKind;

typedef struct
{
  float quality;
  guint32 term;
  HitKind kind;
} Hit;

typedef struct
{
  char *text; /* unstemmed */
  char *stem;
  guint token;
  gboolean known; /* at least one product has it in some way */
} Word;

typedef struct
{
  const BbSearchIndex *index;
  Word words[MAX_WORDS];
  guint n_words;
  Hit *hits; /* n_words × n_products */
  GArray *sizes;
} Query;

/**
 * bb_search_edit_distance:
 * @a: a word
 * @b: another
 * @bound: the most that is of interest
 *
 * Returns: insertions, deletions, replacements and swaps of neighbours that
 *   turn @a into @b (optimal string alignment); @bound + 1 when more
 */
guint
bb_search_edit_distance (const char *a, const char *b, guint bound)
{
  guint8 rows[3][MAX_WORD_LENGTH + 1];
  gsize n_a = strlen (a);
  gsize n_b = strlen (b);
  guint8 *before = rows[0];
  guint8 *previous = rows[1];
  guint8 *current = rows[2];

  if (n_a > MAX_WORD_LENGTH || n_b > MAX_WORD_LENGTH
      || (n_a > n_b ? n_a - n_b : n_b - n_a) > bound)
    return bound + 1;

  for (gsize j = 0; j <= n_b; j++)
    previous[j] = (guint8) j;

  for (gsize i = 1; i <= n_a; i++)
    {
      guint8 least = current[0] = (guint8) i;
      guint8 *row = before;

      for (gsize j = 1; j <= n_b; j++)
        {
          guint8 cost = previous[j - 1] + (a[i - 1] != b[j - 1]);

          cost = MIN (cost, previous[j] + 1);
          cost = MIN (cost, current[j - 1] + 1);
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            cost = MIN (cost, before[j - 2] + 1);
          current[j] = cost;
          least = MIN (least, cost);
        }
      if (least > bound)
        return bound + 1;
      before = previous;
      previous = current;
      current = row;
    }
  return MIN (previous[n_b], bound + 1);
}

static const BbTerm *
find_term (const BbSearchIndex *index, const char *text, guint *number)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (index->by_text, text));

  if (found == 0)
    return NULL;
  *number = found - 1;
  return &g_array_index (index->terms, BbTerm, found - 1);
}

static Hit *
hits_of (Query *query, guint word)
{
  return query->hits + (gsize) word * query->index->products->len;
}

/* All products with @term get @quality for the query's word. */
static void
apply_term (Query *query, guint word, guint term, float quality, HitKind kind)
{
  const GArray *postings = g_array_index (query->index->terms, BbTerm, term).postings;
  Hit *hits = hits_of (query, word);

  for (guint i = 0; i < postings->len; i++)
    {
      const BbPosting *posting = &g_array_index (postings, BbPosting, i);
      float total = quality * posting->quality;

      if (total > hits[posting->product].quality)
        hits[posting->product] = (Hit){ total, term, kind };
    }
  query->words[word].known = TRUE;
}

/* "Kupferrohr" asked for, "Rohr" and "Kupfer" in the product. */
static gboolean
apply_split (Query *query, guint word)
{
  const char *text = query->words[word].text;
  gsize length = strlen (text);
  gboolean found = FALSE;

  for (gsize i = 3; i + 3 <= length; i++)
    {
      g_autofree char *head = g_strndup (text, i);
      g_autofree char *head_stem = bb_fold_stem (head);
      g_autofree char *tail_stem = bb_fold_stem (text + i);
      const BbTerm *first;
      const BbTerm *second;
      guint first_number;
      guint second_number;
      Hit *hits = hits_of (query, word);
      guint a = 0;
      guint b = 0;

      first = find_term (query->index, head_stem, &first_number);
      /* "Dichtung-s-ring" */
      if (first == NULL && i > 3 && head[i - 1] == 's')
        {
          g_autofree char *bare = g_strndup (head, i - 1);

          first = find_term (query->index, bare, &first_number);
        }
      second = find_term (query->index, tail_stem, &second_number);
      if (first == NULL || second == NULL)
        continue;

      while (a < first->postings->len && b < second->postings->len)
        {
          const BbPosting *one = &g_array_index (first->postings, BbPosting, a);
          const BbPosting *two = &g_array_index (second->postings, BbPosting, b);

          if (one->product < two->product)
            a++;
          else if (two->product < one->product)
            b++;
          else
            {
              float total = QUALITY_SPLIT * MIN (one->quality, two->quality);

              if (total > hits[one->product].quality)
                hits[one->product] = (Hit){ total, second_number, HIT_PART };
              query->words[word].known = TRUE;
              found = TRUE;
              a++;
              b++;
            }
        }
    }
  return found;
}

static guint
count_bits (guint32 bits)
{
  return (guint) __builtin_popcount (bits);
}

static void
apply_word (Query *query, guint word)
{
  const char *stem = query->words[word].stem;
  gsize length = strlen (stem);
  gboolean digits = strpbrk (stem, "0123456789") != NULL;
  const GArray *terms = query->index->terms;
  gboolean exact = FALSE;
  gboolean part = FALSE;
  guint number;

  if (find_term (query->index, stem, &number) != NULL)
    {
      apply_term (query, word, number, 1.0f, HIT_EXACT);
      exact = TRUE;
    }
  if (!digits && apply_split (query, word))
    part = TRUE;
  if (length < 3)
    return;

  for (guint i = 0; i < terms->len; i++)
    {
      const BbTerm *term = &g_array_index (terms, BbTerm, i);

      if (term->length > length)
        {
          if (strncmp (term->text, stem, length) == 0)
            {
              apply_term (query, word, i, digits ? QUALITY_INSIDE : QUALITY_PREFIX, HIT_PART);
              part |= length >= 4;
            }
          else if (!digits && !term->digits && length >= 4)
            {
              const char *found = strstr (term->text, stem);

              if (found != NULL)
                {
                  gboolean head = found[length] == '\0';

                  apply_term (query, word, i, head ? QUALITY_HEAD : QUALITY_INSIDE, HIT_PART);
                  part |= head;
                }
            }
        }
    }

  /* Typos only for what is no word of the catalogue at all. */
  if (digits || exact || part || length > MAX_WORD_LENGTH)
    return;

  {
    guint32 letters = bb_search_letters (stem);
    guint bound = length >= 7 ? 2 : length >= 4 ? 1 : 0;
    guint best = bound;

    for (guint pass = 0; pass < 2 && bound > 0; pass++)
      for (guint i = 0; i < terms->len; i++)
        {
          const BbTerm *term = &g_array_index (terms, BbTerm, i);
          guint distance;

          if (term->digits || term->length + bound < length || length + bound < term->length
              || term->length < 4
              || count_bits (letters & ~term->letters) > bound
              || count_bits (term->letters & ~letters) > bound)
            continue;
          distance = bb_search_edit_distance (stem, term->text, best);
          if (distance > best)
            continue;
          if (pass == 0)
            best = MIN (best, distance);
          else
            apply_term (query, word, i, distance <= 1 ? QUALITY_TYPO : QUALITY_TYPOS, HIT_TYPO);
        }

    if (!query->words[word].known)
      for (guint i = 0; i < terms->len; i++)
        {
          const BbTerm *term = &g_array_index (terms, BbTerm, i);

          if (!term->digits && term->length >= 4 && term->length < length
              && g_str_has_suffix (stem, term->text))
            apply_term (query, word, i, QUALITY_TAIL, HIT_PART);
        }
  }
}

/* "T Stück", "Reduzier Muffe": both words take the quality of the compound. */
static void
apply_pair (Query *query, guint word)
{
  g_autofree char *joined
      = bb_fold_join (query->words[word].text, query->words[word + 1].text);
  g_autofree char *stem = bb_fold_stem (joined);
  guint number;

  if (find_term (query->index, stem, &number) != NULL)
    {
      apply_term (query, word, number, 1.0f, HIT_EXACT);
      apply_term (query, word + 1, number, 1.0f, HIT_EXACT);
      return;
    }

  /* "T Stük": a letter and a word with a typo. */
  if (strlen (query->words[word].text) == 1 && strlen (stem) >= 5)
    for (guint i = 0; i < query->index->terms->len; i++)
      {
        const BbTerm *term = &g_array_index (query->index->terms, BbTerm, i);

        if (!term->digits && term->text[0] == stem[0]
            && bb_search_edit_distance (stem, term->text, 1) <= 1)
          {
            apply_term (query, word, i, QUALITY_TYPO, HIT_TYPO);
            apply_term (query, word + 1, i, QUALITY_TYPO, HIT_TYPO);
          }
      }
}

static gboolean
is_noise (const char *word)
{
  static const char *const noise[] = {
    "ich",    "wir",     "brauche", "brauchen", "brauch",  "hatte",   "hatten",  "gern",
    "gerne",  "bitte",   "mal",     "noch",     "von",     "vom",     "den",     "der",
    "die",    "das",     "dem",     "des",      "ein",     "eine",    "einen",   "einem",
    "einer",  "eines",   "mit",     "fur",      "aus",     "und",     "oder",    "im",
    "in",     "zu",      "zum",     "zur",      "auf",     "mm",      "zoll",    "stuck",
    "stk",    "haben",   "sie",     "nehme",    "nehmen",  "bestellen", "mochte", "mochten",
    "dann",   "so",      "also",    "ja",       "ahm",     "mir",     "uns",     "da",
    "davon",  "welche",  "was",     "kostet",   "kosten",  "preis",   "grosse",
    "als",    "an",      "am",      "bei",      "es",      "gibt",    "habt",    "ihr",
    "will",   "wollen",  "wurde",   "nur",      "bis",     "bar",     "meter",   "the",
    NULL
  };

  return g_strv_contains (noise, word);
}

static void
read_words (Query *query, const GArray *tokens)
{
  guint size = 0;

  for (guint i = 0; i < tokens->len && query->n_words < MAX_WORDS; i++)
    {
      const BbToken *token = &g_array_index (tokens, BbToken, i);
      const BbToken *before = i > 0 ? token - 1 : NULL;
      Word *word = &query->words[query->n_words];

      if (size < query->sizes->len && g_array_index (query->sizes, BbSize, size).first == i)
        {
          i += g_array_index (query->sizes, BbSize, size).n_tokens - 1;
          size++;
          continue;
        }
      /* "Stück" is a unit, but not in "T-Stück". */
      if (is_noise (token->text)
          && !(before != NULL && strlen (before->text) == 1 && !before->number))
        continue;
      if (strlen (token->text) > 4 * MAX_WORD_LENGTH)
        continue;
      word->text = g_strdup (token->text);
      word->stem = token->number ? g_strdup (token->text) : bb_fold_stem (token->text);
      word->token = i;
      query->n_words++;
    }
}

/* How well the product's sizes meet those of the query: 0 excludes it. */
static double
size_factor (const Query *query, guint product, gboolean *strong)
{
  const GArray *have = query->index->sizes[product];
  double factor = 1.0;
  gboolean words = query->n_words > 0;

  *strong = FALSE;
  for (guint i = 0; i < query->sizes->len; i++)
    {
      const BbSize *wanted = &g_array_index (query->sizes, BbSize, i);
      gboolean leading = i == 0 && words && wanted->first < query->words[0].token;
      double best = 0.0;

      /* A number in front of everything is how many. */
      if (wanted->quantity || (wanted->weak && leading))
        continue;

      for (guint j = 0; j < have->len; j++)
        {
          /* What is named first identifies, what comes later refines. */
          double match
              = bb_size_compare (wanted, &g_array_index (have, BbSize, j)) * (j > 0 ? 0.98 : 1.0);

          best = MAX (best, match);
        }
      if (wanted->weak)
        factor *= best > 0.0 ? 0.9 + 0.1 * best : FACTOR_WEAK_SIZE;
      else
        {
          *strong = TRUE;
          factor *= best;
        }
    }
  return factor;
}

typedef struct
{
  guint product;
  double score;
  gboolean other_size;
} Candidate;

static int
compare_candidates (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Candidate *one = a;
  const Candidate *two = b;
  const BbSearchIndex *index = user_data;
  /* Rounded, so that the order does not hang on the last bit. */
  gint64 score_one = (gint64) (one->score * 10000.0 + 0.5);
  gint64 score_two = (gint64) (two->score * 10000.0 + 0.5);

  if (score_one != score_two)
    return score_one > score_two ? -1 : 1;
  if (index->name_words[one->product] != index->name_words[two->product])
    return index->name_words[one->product] < index->name_words[two->product] ? -1 : 1;
  return one->product < two->product ? -1 : 1;
}

static char *
describe (Query *query, const Candidate *candidate)
{
  GString *reason = g_string_new (NULL);

  for (guint i = 0; i < query->n_words; i++)
    {
      const Hit *hit = &hits_of (query, i)[candidate->product];
      static const char *const signs[] = { "", "=", "<", "~" };

      if (hit->kind == HIT_NONE)
        continue;
      g_string_append_printf (reason, "%s%s %s %s", reason->len > 0 ? ", " : "",
                              query->words[i].text, signs[hit->kind],
                              g_array_index (query->index->terms, BbTerm, hit->term).text);
    }
  for (guint i = 0; i < query->sizes->len; i++)
    {
      const BbSize *size = &g_array_index (query->sizes, BbSize, i);
      g_autofree char *text = bb_size_to_string (size);

      if (size->quantity)
        continue;
      g_string_append_printf (reason, "%s%s%s", reason->len > 0 ? ", " : "",
                              candidate->other_size && !size->weak ? "not " : "", text);
    }
  return g_string_free (reason, FALSE);
}

static void
match_free (gpointer data)
{
  BbMatch *match = data;

  g_free (match->reason);
  g_free (match);
}

/* Scores all products; those of another size only when @other_sizes. */
static GArray *
collect (Query *query, const char *group, gboolean other_sizes)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  guint n_products = query->index->products->len;
  double weights[MAX_WORDS];
  double weight = 0.0;
  gboolean any_size = FALSE;

  for (guint i = 0; i < query->sizes->len; i++)
    any_size |= !g_array_index (query->sizes, BbSize, i).quantity;

  for (guint i = 0; i < query->n_words; i++)
    {
      weights[i] = !query->words[i].known                 ? WEIGHT_UNKNOWN
                   : strlen (query->words[i].text) == 1 ? WEIGHT_LETTER
                                                          : 1.0;
      weight += weights[i];
    }

  for (guint product = 0; product < n_products; product++)
    {
      Candidate candidate = { .product = product, .score = 1.0 };
      double sum = 0.0;
      double factor;
      gboolean strong;

      if (group != NULL && !g_str_equal (query->index->groups[product], group))
        continue;

      if (query->n_words > 0)
        {
          for (guint i = 0; i < query->n_words; i++)
            sum += weights[i] * hits_of (query, i)[product].quality;
          if (sum <= 0.0)
            continue;
          candidate.score = sum / weight;
        }
      else if (!any_size && group == NULL)
        {
          continue;
        }

      factor = size_factor (query, product, &strong);
      if (factor <= 0.0)
        {
          if (!other_sizes || query->n_words == 0)
            continue;
          factor = FACTOR_OTHER_SIZE;
          candidate.other_size = TRUE;
        }
      else if (query->n_words == 0 && !strong && factor < 1.0 && any_size)
        {
          continue;
        }
      candidate.score *= factor;
      if (candidate.score >= (other_sizes ? MIN_SCORE * FACTOR_OTHER_SIZE : MIN_SCORE))
        g_array_append_val (candidates, candidate);
    }
  return candidates;
}

/* A query that is nothing but an article number, "10 113". */
static gboolean
add_number (Query *query, const char *text, const char *group, GPtrArray *matches)
{
  g_autofree char *number = bb_fold_number (text);
  guint term;
  const BbTerm *found = find_term (query->index, number, &term);

  if (found == NULL || strpbrk (number, "0123456789") == NULL)
    return FALSE;

  for (guint i = 0; i < found->postings->len; i++)
    {
      guint product = g_array_index (found->postings, BbPosting, i).product;
      const BbProduct *candidate = g_ptr_array_index (query->index->products, product);
      g_autofree char *own = bb_fold_number (candidate->number);
      BbMatch *match;

      if (!g_str_equal (own, number)
          || (group != NULL && !g_str_equal (query->index->groups[product], group)))
        continue;
      match = g_new0 (BbMatch, 1);
      match->product = candidate;
      match->score = 1.0;
      match->reason = g_strdup_printf ("%s = %s", text, candidate->number);
      g_ptr_array_add (matches, match);
    }
  return matches->len > 0;
}

/**
 * bb_search_index_query:
 * @self: the index
 * @text: (nullable): what to search for, as said or written
 * @group: (nullable): the product group it must be in
 * @limit: how many matches at most
 *
 * Returns: (transfer full) (element-type BbMatch): the matches, best first
 */
GPtrArray *
bb_search_index_query (const BbSearchIndex *self, const char *text, const char *group, guint limit)
{
  g_autoptr (GArray) tokens = bb_fold_tokens (text);
  g_autoptr (GArray) candidates = NULL;
  g_autofree char *group_key = group != NULL ? bb_fold_key (group) : NULL;
  GPtrArray *matches = g_ptr_array_new_with_free_func (match_free);
  Query query = { .index = self };

  if (limit == 0 || self->products->len == 0)
    return matches;

  query.sizes = bb_size_scan (tokens);
  if (text == NULL || !add_number (&query, text, group_key, matches))
    {
      read_words (&query, tokens);
      query.hits = g_new0 (Hit, MAX ((gsize) query.n_words, 1) * self->products->len);
      for (guint i = 0; i < query.n_words; i++)
        apply_word (&query, i);
      for (guint i = 0; i + 1 < query.n_words; i++)
        if (query.words[i + 1].token == query.words[i].token + 1)
          apply_pair (&query, i);

      candidates = collect (&query, group_key, FALSE);
      if (candidates->len == 0)
        {
          g_array_unref (candidates);
          candidates = collect (&query, group_key, TRUE);
        }
      g_array_sort_with_data (candidates, compare_candidates, (gpointer) self);

      for (guint i = 0; i < candidates->len && matches->len < limit; i++)
        {
          const Candidate *candidate = &g_array_index (candidates, Candidate, i);
          BbMatch *match;

          if (candidate->score < MIN_OF_BEST * g_array_index (candidates, Candidate, 0).score)
            break;
          match = g_new0 (BbMatch, 1);
          match->product = g_ptr_array_index (self->products, candidate->product);
          match->score = candidate->score;
          match->reason = describe (&query, candidate);
          g_ptr_array_add (matches, match);
        }
    }

  for (guint i = 0; i < query.n_words; i++)
    {
      g_free (query.words[i].text);
      g_free (query.words[i].stem);
    }
  g_free (query.hits);
  g_array_unref (query.sizes);
  return matches;
}
