/** The form by which a provider is added. */

import { createSelect } from "../../components/choices.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { setAttribute } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { isComplete, shownAtField } from "../failing.js";

/** What it speaks, as people call it; the names are the same in all languages. */
const KINDS = [
  { value: "ollama", label: "Ollama" },
  { value: "lm_studio", label: "LM Studio" },
  { value: "openai", label: "OpenAI" },
  { value: "anthropic", label: "Anthropic (Claude)" },
  { value: "gemini", label: "Google (Gemini)" },
  { value: "xai", label: "xAI (Grok)" },
];
const AT_HOME = ["ollama", "lm_studio", "openai_compatible"];

/**
 * Returns the form.
 *
 * @param {import("./providers.js").ProvidersPart} part What it works with.
 * @returns {HTMLFormElement} The form.
 */
export function createProviderForm({ context, providers, refresh }) {
  const kind = createSelect({ label: t("providers.kind"), name: "kind", choices: [...KINDS, { value: "openai_compatible", label: t("providers.compatible") }], value: "ollama" });
  const name = createField({ label: t("providers.name"), name: "name", autocomplete: "off" });
  const model = createField({ label: t("providers.model"), name: "model", autocomplete: "off", hint: t("providers.model_hint") });
  const key = createField({ label: t("providers.key"), name: "key", type: "password", autocomplete: "off", hint: t("providers.key_hint"), isOptional: true });
  const addresses = createField({ label: t("providers.address"), name: "addresses", autocomplete: "off", hint: t("providers.address_hint"), isOptional: true });
  const showAddress = () => setAttribute(addresses.element, "hidden", !AT_HOME.includes(kind.select.value));
  kind.select.addEventListener("change", showAddress);
  showAddress();
  const fields = { name, model, key, addresses };
  const send = async () => {
    const missing = (/** @type {import("../../components/field.js").Field} */ { input }) => (input.value.trim() ? null : t("providers.missing"));
    if (!isComplete(fields, { name: missing(name), model: missing(model) })) return null;
    const places = AT_HOME.includes(kind.select.value) ? addresses.input.value.split(/[\s,]+/u).filter(Boolean) : [];
    try {
      const body = { kind: kind.select.value, name: name.input.value.trim(), model: model.input.value.trim() };
      await providers.add({ ...body, ...(key.input.value ? { key: key.input.value } : {}), ...(places.length > 0 ? { addresses: places } : {}) });
      for (const { input } of Object.values(fields)) input.value = "";
      context.announcer.say(t("form.saved"));
      refresh();
      return null;
    } catch (error) {
      return shownAtField(error, fields);
    }
  };
  return createForm({ fields: [kind.element, name.element, model.element, addresses.element, key.element], submit: t("providers.add"), busy: t("providers.adding"), isSmall: true, send });
}
