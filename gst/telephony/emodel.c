/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "emodel.h"

#define R0 93.2 /* ITU-T G.107: all parameters at their defaults, no delay, no loss */

/**
 * emodel_rating:
 * @delay_ms: one way, mouth to ear
 * @loss_percent: of packets, at random
 * @ie: equipment impairment of the codec (ITU-T G.113)
 * @bpl: its robustness against loss (ITU-T G.113)
 *
 * The E-model of ITU-T G.107 with all other parameters at their defaults; the
 * delay impairment in its usual piecewise form, which keeps within one point of
 * the full one up to 400 ms.
 *
 * Returns: the rating R, 0 to 93.2
 */
double
emodel_rating (double delay_ms, double loss_percent, double ie, double bpl)
{
  double id = 0.024 * MAX (delay_ms, 0.0);
  double loss = CLAMP (loss_percent, 0.0, 100.0);
  double ie_eff = ie + (95.0 - ie) * loss / (loss + bpl);

  if (delay_ms > 177.3)
    id += 0.11 * (delay_ms - 177.3);
  return CLAMP (R0 - id - ie_eff, 0.0, R0);
}

/**
 * emodel_mos:
 * @rating: R
 *
 * ITU-T G.107 annex B.
 *
 * Returns: the estimated mean opinion score of a conversation, 1 to 4.5
 */
double
emodel_mos (double rating)
{
  if (rating <= 0.0)
    return 1.0;
  if (rating >= 100.0)
    return 4.5;
  /* The cubic dips below 1 near 0. */
  return MAX (1.0, 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6);
}
