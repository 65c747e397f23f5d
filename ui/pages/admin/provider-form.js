/** The forms by which a provider is added, and changed. */

import { createSelect } from "../../components/choices.js";
import { createField } from "../../components/field.js";
import { createForm } from "../../components/form.js";
import { openModal } from "../../components/modal.js";
import { setAttribute } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";
import { isComplete, shownAtField } from "../failing.js";

/**
 * @typedef {import("./providers.js").ProvidersPart} ProvidersPart
 * @typedef {import("../../api/providers.js").Provider} Provider
 * @typedef {{ name: string, model: string, key?: string, addresses?: string[] }} Filled
 */

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
 * Returns the form for a new one.
 *
 * @param {ProvidersPart} part What it works with.
 * @returns {HTMLFormElement} The form.
 */
export function createProviderForm({ context, providers, refresh }) {
  const kind = createSelect({ label: t("providers.kind"), name: "kind", choices: [...KINDS, { value: "openai_compatible", label: t("providers.compatible") }], value: "ollama" });
  const made = createFields(null);
  const showWhatCounts = () => made.showFor(kind.select.value, true);
  kind.select.addEventListener("change", showWhatCounts);
  showWhatCounts();
  const send = async () => {
    const filled = made.filled();
    if (!filled) return null;
    try {
      await providers.add({ kind: kind.select.value, ...filled });
      for (const { input } of Object.values(made.fields)) input.value = "";
      context.toasts.show(t("providers.added", { name: filled.name }));
      await refresh();
      return null;
    } catch (error) {
      return shownAtField(error, made.fields);
    }
  };
  return createForm({ fields: [kind.element, ...made.elements], submit: t("providers.add"), busy: t("providers.adding"), isSmall: true, send });
}

/**
 * Opens the dialog in which one is changed.
 *
 * @param {ProvidersPart} part What it works with.
 * @param {Provider} provider Which.
 */
export function openProvider({ context, providers, refresh }, provider) {
  const made = createFields(provider);
  made.showFor(provider.kind, false);
  const send = async () => {
    const filled = made.filled();
    if (!filled) return null;
    try {
      await providers.change(provider.id, changesOf(provider, filled));
      modal.close();
      context.toasts.show(t("form.saved"));
      await refresh();
      return null;
    } catch (error) {
      return shownAtField(error, made.fields);
    }
  };
  const form = (/** @type {() => void} */ close) => createForm({ fields: made.elements, submit: t("form.save"), busy: t("form.saving"), isSmall: true, onCancel: close, cancel: t("ask.cancel"), send });
  const modal = openModal({ title: provider.name, className: "modal-wide", content: (close) => [form(close)] });
  made.fields.model.input.focus();
}

/**
 * @param {Provider | null} provider What they hold at first; null for a new one.
 */
function createFields(provider) {
  const isNew = provider === null;
  const held = provider ?? { name: "", model: "", addresses: [], has_key: false };
  const addressHint = isNew ? `${t("providers.address_hint")} ${t("providers.address_empty")}` : t("providers.address_hint");
  const keyHint = held.has_key ? t("providers.key_kept") : t("providers.key_hint");
  const fields = {
    name: createField({ label: t("providers.name"), name: "name", autocomplete: "off", value: held.name }),
    model: createField({ label: t("providers.model"), name: "model", autocomplete: "off", hint: t("providers.model_hint"), value: held.model }),
    addresses: createField({ label: t("providers.address"), name: "addresses", autocomplete: "off", hint: addressHint, isOptional: true, value: held.addresses.join(", ") }),
    key: createField({ label: t("providers.key"), name: "key", type: "password", autocomplete: "off", hint: keyHint, isOptional: true }),
  };
  const { name, model, addresses, key } = fields;
  let isAtHome = true;
  let needsKey = false;
  const missing = (/** @type {import("../../components/field.js").Field} */ { input }, isNeeded = true) => (isNeeded && !input.value.trim() ? t("providers.missing") : null);
  return {
    fields,
    elements: [name.element, model.element, addresses.element, key.element],

    /**
     * @param {string} kind What it speaks: companies have one address, and want a key.
     * @param {boolean} isKeyAsked Whether there is none yet.
     */
    showFor(kind, isKeyAsked) {
      isAtHome = AT_HOME.includes(kind);
      needsKey = isKeyAsked && !isAtHome;
      setAttribute(addresses.element, "hidden", !isAtHome);
      setAttribute(key.input, "required", needsKey);
    },

    /** @returns {Filled | null} What was filled in; null if something is missing, which the fields say. */
    filled() {
      const places = isAtHome ? addresses.input.value.split(/[\s,]+/u).filter(Boolean) : [];
      const isReal = places.every((one) => /^https?:\/\/./u.test(one));
      const addressProblem = isReal ? missing(addresses, isAtHome && !isNew) : t("providers.address_wrong");
      if (!isComplete(fields, { name: missing(name), model: missing(model), addresses: addressProblem, key: missing(key, needsKey) })) return null;
      const secret = key.input.value.trim();
      return { name: name.input.value.trim(), model: model.input.value.trim(), ...(secret ? { key: secret } : {}), ...(places.length > 0 ? { addresses: places } : {}) };
    },
  };
}

/**
 * @param {Provider} before As it was.
 * @param {Filled} filled As it is to be.
 * @returns {Partial<Filled>} What is different: an address that is said again would cost the key.
 */
function changesOf(before, { name, model, key, addresses }) {
  const isMoved = addresses !== undefined && addresses.join(" ") !== before.addresses.join(" ");
  return { name, model, ...(key ? { key } : {}), ...(isMoved ? { addresses } : {}) };
}
