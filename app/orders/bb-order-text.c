/* Bestellbot - the telephone order desk that answers itself
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "config.h"

#include "bb-order-text.h"

#include "bb-product.h"

/* Every argument is a string: a sentence can't be given a wrong type. */
static const struct
{
  const char *de;
  const char *en;
} sentences[BB_N_SPEECHES] = {
  [BB_SPEECH_UNKNOWN_PRODUCT]
  = { "Die Artikelnummer %s gibt es nicht. Bitte den Artikel suchen.",
      "There is no article number %s. Please search for the article." },
  [BB_SPEECH_NO_QUANTITY] = { "Die Menge muss mindestens eins sein.",
                              "The quantity must be at least one." },
  [BB_SPEECH_MAX_QUANTITY]
  = { "Mehr als %s kann ich in einer Position nicht aufnehmen.",
      "I can't take more than %s in one line." },
  [BB_SPEECH_WHOLE_PACKS]
  = { "%s gibt es nur in ganzen Einheiten zu %s. Möglich sind %s oder %s.",
      "%s is sold in whole packs of %s only. You can have %s or %s." },
  [BB_SPEECH_WHOLE_PACKS_ONE]
  = { "%s gibt es nur in ganzen Einheiten zu %s. Möglich sind zum Beispiel %s.",
      "%s is sold in whole packs of %s only. You can have %s, for example." },
  [BB_SPEECH_MAX_LINES] = { "Die Bestellung hat schon %s Positionen, mehr kann ich nicht aufnehmen.",
                            "The order has %s lines already, I can't take more." },
  [BB_SPEECH_MAX_TOTAL]
  = { "Damit käme die Bestellung über %s. So viel darf ich nicht allein aufnehmen, "
      "ein Mitarbeiter kann es.",
      "That would take the order over %s. I may not take that much alone, a colleague can." },
  [BB_SPEECH_NOT_IN_ORDER] = { "Artikel %s steht nicht in der Bestellung.",
                               "Article %s is not in the order." },
  [BB_SPEECH_EMPTY] = { "Die Bestellung ist noch leer.", "The order is still empty." },
  [BB_SPEECH_NOT_READ_BACK]
  = { "Die Bestellung muss erst in ihrer jetzigen Form vorgelesen und bestätigt werden.",
      "The order must first be read back as it is now, and be confirmed." },
  [BB_SPEECH_CLOSED] = { "Die Bestellung ist schon abgeschlossen und nicht mehr zu ändern.",
                         "The order is closed already and can't be changed any more." },
  [BB_SPEECH_READ_LINE] = { "Position %s: %s %s, zusammen %s.", "Line %s: %s %s, together %s." },
  [BB_SPEECH_READ_TOTAL] = { "Gesamtsumme: %s netto.", "Total: %s net." },
  [BB_SPEECH_STORE_FAILED]
  = { "Das konnte ich gerade nicht speichern, die Bestellung ist unverändert. "
      "Bitte noch einmal versuchen.",
      "I could not store that just now, the order is unchanged. Please try again." },
  [BB_SPEECH_BAD_ARGUMENTS] = { "Das habe ich nicht richtig verstanden: %s.",
                                "I did not get that right: %s." },
  [BB_SPEECH_ARGUMENTS_NO_OBJECT] = { "die Angaben sind kein JSON-Objekt",
                                      "the arguments are no JSON object" },
  [BB_SPEECH_ARGUMENT_MISSING] = { "die Angabe %s fehlt", "%s is missing" },
  [BB_SPEECH_ARGUMENT_UNKNOWN] = { "eine Angabe %s gibt es nicht", "there is no argument %s" },
  [BB_SPEECH_ARGUMENT_STRING] = { "%s muss ein Text sein", "%s must be a text" },
  [BB_SPEECH_ARGUMENT_INTEGER] = { "%s muss eine ganze Zahl sein", "%s must be a whole number" },
  [BB_SPEECH_ARGUMENT_NUMBER] = { "%s muss eine Zahl sein", "%s must be a number" },
  [BB_SPEECH_ARGUMENT_BOOLEAN] = { "%s muss wahr oder falsch sein", "%s must be true or false" },
  [BB_SPEECH_ARGUMENT_MINIMUM] = { "%s muss mindestens %s sein", "%s must be at least %s" },
  [BB_SPEECH_ARGUMENT_MAXIMUM] = { "%s darf höchstens %s sein", "%s must be at most %s" },
  [BB_SPEECH_ARGUMENT_TOO_SHORT] = { "%s ist leer oder zu kurz", "%s is empty or too short" },
  [BB_SPEECH_ARGUMENT_TOO_LONG] = { "%s ist zu lang", "%s is too long" },
  [BB_SPEECH_ARGUMENT_NOT_LISTED] = { "%s hat keinen der erlaubten Werte",
                                      "%s has none of the values allowed" },
  [BB_SPEECH_UNKNOWN_TOOL] = { "Das kann ich nicht: %s gibt es nicht.",
                               "I can't do that: there is no %s." },
  [BB_SPEECH_UNKNOWN_GROUP] = { "Die Produktgruppe %s gibt es nicht.",
                                "There is no product group %s." },
  [BB_SPEECH_NOTHING_TO_SEARCH] = { "Wonach soll ich suchen?", "What should I search for?" },
  [BB_SPEECH_NOT_CONFIRMED]
  = { "Der Kunde muss die vorgelesene Bestellung erst ausdrücklich bestätigen.",
      "The customer must first confirm the order that was read back." },
  [BB_SPEECH_NOBODY_THERE] = { "Gerade ist niemand da, an den ich verbinden kann.",
                               "Nobody is there at the moment whom I could pass you to." },
  [BB_SPEECH_CANCELLED] = { "Das wurde abgebrochen.", "That was interrupted." },
  [BB_SPEECH_KEYS_PRESSED] = { "(Der Anrufer hat Tasten gedrückt: %s)",
                               "(The caller has pressed keys: %s)" },
  [BB_SPEECH_TRANSFER_FAILED]
  = { "(Die Weiterleitung an einen Menschen ist gescheitert, der Anrufer ist noch am Apparat. "
      "Sag es ihm und hilf selbst weiter.)",
      "(Passing the call to a person has failed, the caller is still on the line. "
      "Say so and go on helping.)" },
  [BB_SPEECH_ASK_RECORDING] = { "Vorab eine Frage: Darf ich unser Gespräch aufzeichnen?",
                                "One question first: may I record our call?" },
  [BB_SPEECH_WHISPERED]
  = { "(Anweisung eines Kollegen, die der Anrufer nicht hört: %s)",
      "(Instruction of a colleague, which the caller does not hear: %s)" },
  [BB_SPEECH_OPERATOR_WHISPERS]
  = { "(Ein Kollege spricht ab jetzt mit dir, der Anrufer hört ihn nicht. Befolge, was er sagt, "
      "und antworte dem Anrufer, nicht ihm.)",
      "(A colleague speaks to you from now on, the caller does not hear it. Do as told, and "
      "answer the caller, not the colleague.)" },
  [BB_SPEECH_OPERATOR_JOINED]
  = { "(Ein Kollege spricht jetzt mit. Der Anrufer hört ihn und dich. Sprich nur, wenn du gefragt "
      "wirst.)",
      "(A colleague takes part in the conversation now. The caller hears you both. Speak only when "
      "you are asked.)" },
  [BB_SPEECH_OPERATOR_LEFT]
  = { "(Der Kollege ist nicht mehr im Gespräch. Du sprichst wieder allein mit dem Anrufer.)",
      "(The colleague has left the conversation. You are alone with the caller again.)" },
  [BB_SPEECH_HANDED_BACK]
  = { "(Ein Kollege hat an deiner Stelle %s Sekunden lang mit dem Anrufer gesprochen; was gesagt "
      "wurde, hast du nicht gehört. Jetzt bist du wieder dran: Sag, dass du wieder da bist, und "
      "frag, was du noch tun kannst.)",
      "(A colleague has spoken with the caller in your place for %s seconds; you have not heard "
      "what was said. It is your turn again: say that you are back and ask what else you can do.)" },
  [BB_SPEECH_ORDER_CHANGED]
  = { "(Ein Kollege hat die Bestellung geändert. Ruf read_order auf, bevor du über sie sprichst.)",
      "(A colleague has changed the order. Call read_order before you speak of it.)" },
  [BB_SPEECH_ORDER_SUBMITTED]
  = { "(Ein Kollege hat die Bestellung abgeschickt. Ihre Nummer ist %s; sie ist nicht mehr zu "
      "ändern.)",
      "(A colleague has submitted the order. Its number is %s; it can't be changed any more.)" },
  [BB_SPEECH_ORDER_CANCELLED]
  = { "(Ein Kollege hat die Bestellung storniert. Sie ist nicht mehr zu ändern.)",
      "(A colleague has cancelled the order. It can't be changed any more.)" },
};

static gboolean
is_english (const BbConfig *config)
{
  return config != NULL && config->realtime_language != NULL
         && g_str_has_prefix (config->realtime_language, "en");
}

/**
 * bb_speech:
 * @config: (nullable): the settings: `realtime_language` chooses; German unless
 *   it is English
 * @what: the sentence
 * @...: what to put in, all strings (const char *)
 *
 * Returns: (transfer full): the sentence
 */
char *
bb_speech (const BbConfig *config, BbSpeech what, ...)
{
  const char *format = is_english (config) ? sentences[what].en : sentences[what].de;
  va_list args;
  char *text;

  va_start (args, what);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return text;
}

/**
 * bb_speech_quantity:
 * @config: (nullable): the settings
 * @quantity: how many
 * @unit: sales unit of the catalogue
 *
 * Returns: (transfer full): "20 Stück", "2 Rollen"
 */
char *
bb_speech_quantity (const BbConfig *config, guint quantity, const char *unit)
{
  static const struct
  {
    const char *one;
    const char *many;
  } plurals[] = {
    { "Rolle", "Rollen" },     { "Packung", "Packungen" }, { "Stange", "Stangen" },
    { "Karton", "Kartons" },   { "Paket", "Pakete" },      { "Dose", "Dosen" },
    { "Tube", "Tuben" },       { "Flasche", "Flaschen" },  { "Eimer", "Eimer" },
    { "Palette", "Paletten" },
  };

  if (quantity != 1)
    for (gsize i = 0; i < G_N_ELEMENTS (plurals); i++)
      if (g_str_equal (unit, plurals[i].one))
        unit = plurals[i].many;
  return g_strdup_printf ("%u%s%s", quantity, *unit != '\0' ? " " : "", unit);
}

/**
 * bb_speech_money:
 * @config: (nullable): the settings: language and currency
 * @cents: the amount
 *
 * Returns: (transfer full): it in the language of the call, "12,34 €"
 */
char *
bb_speech_money (const BbConfig *config, gint64 cents)
{
  return bb_money_format_in (is_english (config) ? "en" : "de", cents,
                             config != NULL ? config->currency : NULL);
}
