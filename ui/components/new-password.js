/** A new password with how good it is. */

import { on } from "../lib/elements.js";
import { SHORTEST_PASSWORD, strengthOf } from "../lib/strength.js";
import { t } from "../lib/texts.js";
import { createPasswordField } from "./field.js";
import { createStrengthMeter } from "./strength-meter.js";

/**
 * Returns the field of a new password, with its strength in words below.
 *
 * @param {object} look What it is about.
 * @param {string} look.label What is asked for.
 * @param {() => readonly string[]} look.known Words that a guesser knows: name, e-mail.
 * @param {string} [look.name] Name of the value.
 */
export function createNewPassword({ label, known, name = "password" }) {
  const field = createPasswordField({ label, name, autocomplete: "new-password", hint: t("password.hint", { n: SHORTEST_PASSWORD }) });
  const meter = createStrengthMeter();
  field.element.append(meter.element);
  const show = () => meter.show(field.input.value ? strengthOf(field.input.value, known()) : null);
  on(field.input, { input: show });
  return {
    ...field,
    showStrength: show,

    /** @returns {string | null} Why it cannot be taken, in words; null if it can. */
    problem: () => (strengthOf(field.input.value) === "short" ? t("strength.short", { n: SHORTEST_PASSWORD }) : null),
  };
}
