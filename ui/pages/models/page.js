/** The models of this box: which one answers, which others are here, which could be. */

import { isAbort, problemIn } from "../../api/failures.js";
import { createEngineStatus } from "../../components/engine-status.js";
import { button, fill, h } from "../../lib/elements.js";
import { size } from "../../lib/formats.js";
import { wordsFor } from "../../lib/problems.js";
import { t } from "../../lib/texts.js";
import { createCatalogueCard, createInstalledCard } from "./cards.js";

/**
 * @typedef {import("../../api/types.js").Models} Models
 * @typedef {import("../../api/types.js").InstalledModel} InstalledModel
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 */

/**
 * Shows the page.
 *
 * @param {HTMLElement} root Where.
 * @param {PageContext} context What it works with.
 * @returns {MountedPage} How to end it.
 */
export function mountModels(root, context) {
  const life = new AbortController();
  context.history.opened(null);
  document.title = `${t("models.title")} – Nodo`;
  const status = createEngineStatus();
  const content = h("div", { class: "models-content", "aria-busy": "true" });
  const load = async () => {
    try {
      draw(await context.engine.models(life.signal));
    } catch (error) {
      if (!isAbort(error)) fill(content, ...problemNodes(error, load));
    }
    content.setAttribute("aria-busy", "false");
  };
  const use = (/** @type {InstalledModel} */ model) => void choose(model, context, load);
  const draw = (/** @type {Models} */ models) => fill(content, ...sectionsOf(models, context.user.role === "admin", use));
  const refresh = button(t("models.refresh"), () => void refreshAll(), { symbol: "retry" });
  const refreshAll = async () => {
    await Promise.all([load(), context.engineWatch.refresh()]);
    context.announcer.say(t("models.refreshed"));
  };
  const header = h("header", { class: "page-header" }, context.makeSidebarButton(), h("h1", { class: "title" }, t("models.title")), status.element);
  const lead = h("div", { class: "models-lead" }, h("p", {}, t("models.lead")), refresh);
  fill(root, header, h("div", { class: "models", tabindex: 0, role: "region", "aria-label": t("models.title") }, h("div", { class: "models-column" }, lead, content)));
  context.engineWatch.subscribe(makeLoadWatch(status, load), life.signal);
  void load();
  return { unmount: () => life.abort() };
}

/**
 * @param {ReturnType<typeof createEngineStatus>} status The line in the header.
 * @param {() => Promise<void>} load Asks for the models again.
 * @returns {(engine: import("../../api/types.js").Engine | null) => void} Draws the line; once another model is
 *   ready, the list is asked for again.
 */
function makeLoadWatch(status, load) {
  let last = "";
  return (engine) => {
    status.show(engine);
    const now = `${engine?.status} ${engine?.model}`;
    if (last && now !== last) void load();
    last = now;
  };
}

/**
 * @param {InstalledModel} model The wanted one.
 * @param {PageContext} context What it works with.
 * @param {() => Promise<void>} load Asks for the models again.
 */
async function choose(model, context, load) {
  try {
    await context.engine.use(model.name);
    context.toasts.show(t("models.loading", { name: model.title }));
    await Promise.all([load(), context.engineWatch.refresh()]);
  } catch (error) {
    if (isAbort(error)) return;
    const words = wordsFor(problemIn(error));
    context.toasts.show(`${words.what} ${words.hint}`.trim());
  }
}

/**
 * @param {Models} models What the box told.
 * @param {boolean} isAdmin Whether the person may choose.
 * @param {(model: InstalledModel) => void} onUse Asked to use one.
 * @returns {Node[]} The sections.
 */
function sectionsOf(models, isAdmin, onUse) {
  const installed = models.installed.map((model) => createInstalledCard(model, isAdmin, onUse));
  const hasReal = models.installed.some(({ is_demo, bad_reason }) => !is_demo && !bad_reason);
  const catalogue = models.catalogue.map((model) => createCatalogueCard(model, models));
  const empty = h("p", { class: "models-empty" }, t("models.none_installed"));
  const memory = t("models.memory", { size: size(models.memory_total_bytes) });
  return [
    section(t("models.installed"), "", installed.length ? h("ul", { class: "models-list" }, ...installed) : empty),
    howTo(models, isAdmin, hasReal),
    section(t("models.catalogue"), memory, h("ul", { class: "models-list" }, ...catalogue)),
  ];
}

/**
 * @param {string} title Its heading.
 * @param {string} note A line below; may be empty.
 * @param {Node} content What it holds.
 * @returns {HTMLElement} A section.
 */
function section(title, note, content) {
  return h("section", { class: "models-section" }, h("h2", {}, title), note && h("p", { class: "models-note" }, note), content);
}

/**
 * @param {Models} models What the box told.
 * @param {boolean} isAdmin Whether the person may choose.
 * @param {boolean} hasReal Whether there is a model beside the demonstration.
 * @returns {HTMLElement} How a model gets here.
 */
function howTo({ models_folder_hint: folder }, isAdmin, hasReal) {
  const steps = [
    h("li", {}, t("models.step_file")),
    h("li", {}, t("models.step_folder"), folder && h("code", { class: "models-folder" }, folder)),
    h("li", {}, isAdmin ? t("models.step_choose") : t("models.step_ask_admin")),
  ];
  const body = h("ol", { class: "models-steps" }, ...steps);
  return h("details", { class: "models-how", open: !hasReal }, h("summary", {}, t("models.how")), body, h("p", { class: "models-note" }, t("models.no_download")));
}

/**
 * @param {unknown} error What was thrown.
 * @param {() => Promise<void>} load Tries again.
 * @returns {Node[]} What happened and what to do.
 */
function problemNodes(error, load) {
  const words = wordsFor(problemIn(error));
  const lines = h("div", { class: "notice-lines" }, h("p", {}, words.what), words.hint && h("p", {}, words.hint));
  return [h("div", { class: "notice", role: "alert" }, lines, button(t("problem.again"), () => void load()))];
}
