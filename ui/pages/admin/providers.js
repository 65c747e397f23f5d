/** Who else than this box may answer, in which order, and whether anything may leave the house. */

import { makeProviders } from "../../api/providers.js";
import { asked } from "../../components/asking.js";
import { createRadios } from "../../components/choices.js";
import { createMark, createPanel, createRemark } from "../../components/panel.js";
import { createRecordTable } from "../../components/record-table.js";
import { button, fill, h } from "../../lib/elements.js";
import { duration } from "../../lib/formats.js";
import { findText, t } from "../../lib/texts.js";
import { told, wordsOf } from "../failing.js";
import { keepRowFocus } from "../focusing.js";
import { showLoaded } from "../loading.js";
import { createProviderForm, openProvider } from "./provider-form.js";

/**
 * @typedef {import("./page.js").Part} Part
 * @typedef {import("../../api/providers.js").Provider} Provider
 * @typedef {import("../../api/providers.js").ProviderList} ProviderList
 * @typedef {Part & { providers: import("../../api/providers.js").Providers, refresh: () => Promise<void> }} ProvidersPart
 */

/**
 * Shows the part.
 *
 * @param {HTMLElement} content Where.
 * @param {Part} part What it works with.
 */
export function showProviders(content, part) {
  const place = h("div", { class: "loaded" });
  const providers = makeProviders(part.context.client);
  const load = () => providers.list(part.signal);
  const focus = keepRowFocus(place);
  const refresh = async () => {
    await showLoaded(place, { load, draw, signal: part.signal });
    focus.giveBack();
    // What the header of every page says of who may see questions has perhaps changed.
    await part.context.engineWatch.refresh();
  };
  const whole = { ...part, providers, refresh };
  const draw = (/** @type {ProviderList} */ list) => [createPolicy(list, whole), createPanel(t("providers.order"), t("providers.order_lead"), tableOf(list, whole))];
  fill(content, place, createPanel(t("providers.add"), t("providers.add_lead"), createProviderForm(whole)));
  void refresh();
}

/**
 * @param {ProviderList} list As it is.
 * @param {ProvidersPart} part What it works with.
 * @returns {HTMLElement} Whether anything may leave the house.
 */
function createPolicy(list, { context, providers, refresh }) {
  const state = { isAllowed: list.cloud_allowed };
  const change = async (/** @type {boolean} */ isWanted) => {
    const question = { title: t("providers.cloud"), text: isWanted ? t("providers.cloud_on_text") : t("providers.cloud_off_text"), action: isWanted ? t("rules.allow") : t("rules.forbid"), isDanger: isWanted };
    const isDone = (await asked(question)) && (await told(context.toasts, () => providers.allowCloud(isWanted), t("form.saved")));
    if (isDone) {
      state.isAllowed = isWanted;
      await refresh();
    }
    radios.show(state.isAllowed ? "yes" : "no");
  };
  const radios = createRadios({
    label: t("providers.cloud"),
    name: "cloud",
    value: state.isAllowed ? "yes" : "no",
    choices: [
      { value: "no", label: t("providers.cloud_no"), hint: t("providers.cloud_no_hint") },
      { value: "yes", label: t("providers.cloud_yes"), hint: t("providers.cloud_yes_hint") },
    ],
    onChoice: (value) => void change(value === "yes"),
  });
  return createPanel(t("providers.privacy"), "", radios.element);
}

/**
 * @param {ProviderList} list As it is.
 * @param {ProvidersPart} part What it works with.
 * @returns {Node} All of them, who is asked first first.
 */
function tableOf(list, part) {
  const ids = list.items.map(({ id }) => id);
  return createRecordTable({
    caption: t("providers.order"),
    columns: [
      { name: t("providers.name"), of: (one) => h("div", {}, nameOf(one), h("p", { class: "field-hint" }, one.model)) },
      { name: t("providers.state"), of: (one) => h("div", { class: "marks" }, placeOf(one, list.cloud_allowed), stateOf(one, list.cloud_allowed)) },
      { name: "", of: (one) => actsOf(one, ids, part) },
    ],
    rows: list.items,
    idOf: ({ id }) => id,
  });
}

/**
 * @param {Provider} provider Who.
 * @returns {string} Its name.
 */
function nameOf({ id, name }) {
  return id === "local" ? t("providers.this_box") : name;
}

/**
 * @param {Provider} provider Who.
 * @param {boolean} isCloudAllowed Whether anything may leave the house.
 * @returns {Node} Where what is asked goes to.
 */
function placeOf({ place }, isCloudAllowed) {
  if (place === "local") return createMark("lock", t("providers.at_home"), "good");
  return isCloudAllowed ? createMark("warning", t("providers.in_cloud"), "bad") : createMark("pause", t("providers.in_cloud_forbidden"), "calm");
}

/**
 * @param {Provider} provider Who.
 * @param {boolean} isCloudAllowed Whether anything may leave the house.
 * @returns {Node} Whether it is asked, and what is wrong with it.
 */
function stateOf({ enabled, place, standing, retires_on: retiresOn }, isCloudAllowed) {
  const isAllowed = place === "local" || isCloudAllowed;
  /** @type {(Node | false)[]} */
  const marks = enabled ? [isAllowed && createAskedMark(standing)] : [createMark("pause", t("providers.off"), "calm")];
  const fault = standing?.last_fault;
  if (fault) marks.push(h("span", { class: "field-hint" }, findText(`providers.fault.${fault}`) ?? fault));
  if (retiresOn) marks.push(createMark("clock", t("providers.retires", { day: retiresOn }), "bad"));
  return h("span", { class: "marks" }, ...marks);
}

/**
 * @param {import("../../api/providers.js").Standing | null} standing How it is doing.
 * @returns {HTMLElement} Whether it is asked now, or left alone.
 */
function createAskedMark(standing) {
  if (standing?.state !== "open") return createMark("check", t("providers.ready"), "good");
  return createMark("warning", t("providers.resting", { wait: duration(standing.wait_s) }), "bad");
}

/**
 * @param {Provider} provider Who.
 * @param {string[]} ids All, in order.
 * @param {ProvidersPart} part What it works with.
 * @returns {Node} What can be done with it.
 */
function actsOf(provider, ids, part) {
  const { context, providers, refresh } = part;
  const name = nameOf(provider);
  const result = h("p", { class: "field-hint", role: "status" });
  const does = (/** @type {() => Promise<unknown>} */ act) => async () => {
    if (await told(context.toasts, act, t("form.saved"))) await refresh();
  };
  const named = (/** @type {string} */ label, /** @type {() => unknown} */ act) => {
    const element = button(label, () => void act());
    element.setAttribute("aria-label", `${label}: ${name}`);
    return element;
  };
  const at = ids.indexOf(provider.id);
  const earlier = at > 0 ? named(t("providers.earlier"), does(() => providers.order(raised(ids, at)))) : null;
  const ping = named(t("providers.ping"), () => showPing(provider, part, result));
  if (provider.id === "local") return h("div", { class: "form-row records-acts" }, earlier, ping, result);
  const toggle = named(provider.enabled ? t("providers.disable") : t("providers.enable"), does(() => providers.change(provider.id, { enabled: !provider.enabled })));
  const edit = named(t("providers.edit"), () => openProvider(part, provider));
  const again = provider.standing?.state === "open" ? named(t("providers.reset"), does(() => providers.reset(provider.id))) : null;
  const remove = named(t("providers.remove"), async () => {
    const question = { title: t("providers.remove_title", { name }), text: t("providers.remove_text"), action: t("providers.remove"), isDanger: true };
    if (await asked(question)) await does(() => providers.remove(provider.id))();
  });
  return h("div", { class: "form-row records-acts" }, earlier, ping, again, edit, toggle, remove, result);
}

/**
 * @param {Provider} provider Who.
 * @param {ProvidersPart} part What it works with.
 * @param {HTMLElement} place Where it is told.
 */
async function showPing(provider, { providers }, place) {
  fill(place, t("load.waiting"));
  try {
    const { light, code, took_ms: tookMs } = await providers.ping(provider.id);
    const words = findText(`providers.ping.${code}`) ?? findText(`providers.fault.${code}`) ?? code;
    const kind = /** @type {const} */ ({ green: "good", amber: "calm", red: "bad" })[light];
    fill(place, createMark(light === "green" ? "check" : "warning", `${words} (${tookMs} ms)`, kind));
  } catch (error) {
    fill(place, createRemark(wordsOf(error) ?? "", "bad"));
  }
}

/**
 * @param {readonly string[]} ids In order.
 * @param {number} at The place of one.
 * @returns {string[]} That one a place earlier.
 */
function raised(ids, at) {
  const one = ids.slice(at, at + 1);
  return [...ids.slice(0, at - 1), ...one, ...ids.slice(at - 1, at), ...ids.slice(at + 1)];
}
