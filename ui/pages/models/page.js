/** The models of this box: which one answers, which others are here, which are coming, which could be. */

import { isAbort, problemIn } from "../../api/failures.js";
import { makeModelKeeping } from "../../api/model-keeping.js";
import { createEngineStatus } from "../../components/engine-status.js";
import { button, fill, h } from "../../lib/elements.js";
import { size } from "../../lib/formats.js";
import { wordsFor } from "../../lib/problems.js";
import { t } from "../../lib/texts.js";
import { makeActs } from "./acts.js";
import { createCatalogueCard, createInstalledCard } from "./cards.js";
import { makeComing } from "./coming.js";
import { createImporting } from "./importing.js";
import { createMemory } from "./memory.js";

/**
 * @typedef {import("../../api/types.js").Models} Models
 * @typedef {import("../../api/model-keeping.js").Residents} Residents
 * @typedef {import("../context.js").PageContext} PageContext
 * @typedef {import("../context.js").MountedPage} MountedPage
 * @typedef {{ models: Models, residents: Residents, acts: import("./acts.js").Acts | null, coming: Set<string> }} Known
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
  const isAdmin = context.user.role === "admin";
  context.history.opened(null);
  document.title = `${t("models.title")} – Nodo`;
  const status = createEngineStatus();
  const content = h("div", { class: "models-content", "aria-busy": "true" });
  const keeping = makeModelKeeping(context.client, life.signal);
  const load = async () => {
    try {
      const [models, residents, coming] = await Promise.all([context.engine.models(life.signal), keeping.residents(), isAdmin ? downloads.refresh() : new Set()]);
      fill(content, ...sectionsOf({ models, residents, acts: isAdmin ? acts : null, coming }));
    } catch (error) {
      if (!isAbort(error)) fill(content, ...problemNodes(error, load));
    }
    content.setAttribute("aria-busy", "false");
  };
  const acts = makeActs(context, keeping, load);
  const downloads = makeComing(keeping, acts, { toasts: context.toasts, onArrived: () => void load(), signal: life.signal });
  const importing = isAdmin && createImporting(keeping, life.signal, (found) => void acts.takeIn(found), (name) => void acts.downloadOther(name));
  const refresh = button(t("models.refresh"), () => void refreshAll(), { symbol: "retry" });
  const refreshAll = async () => {
    await Promise.all([load(), context.engineWatch.refresh()]);
    context.announcer.say(t("models.refreshed"));
  };
  const header = h("header", { class: "page-header" }, context.makeSidebarButton(), h("h1", { class: "title" }, t("models.title")), status.element);
  const lead = h("div", { class: "models-lead" }, h("p", {}, t("models.lead")), refresh);
  const column = h("div", { class: "models-column" }, lead, downloads.element, importing, content);
  fill(root, header, h("div", { class: "models", tabindex: 0, role: "region", "aria-label": t("models.title") }, column));
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
 * @param {Known} known What the box told.
 * @returns {Node[]} The sections.
 */
function sectionsOf({ models, residents, acts, coming }) {
  const loaded = new Set(residents.items.map(({ name }) => name));
  const installed = models.installed.map((model) => createInstalledCard(model, acts, loaded.has(model.name)));
  const hasReal = models.installed.some(({ is_demo, bad_reason }) => !is_demo && !bad_reason);
  const catalogue = models.catalogue.map((model) => createCatalogueCard(model, models, acts, coming.has(model.name)));
  const empty = h("p", { class: "models-empty" }, t("models.none_installed"));
  const memory = t("models.memory", { size: size(models.memory_total_bytes) });
  const current = models.installed.find(({ is_current }) => is_current)?.name ?? null;
  return [
    section(t("models.installed"), "", installed.length ? h("ul", { class: "models-list" }, ...installed) : empty),
    createMemory(residents, acts && ((name) => void acts.unload(name)), current),
    section(t("models.catalogue"), memory, h("ul", { class: "models-list" }, ...catalogue)),
    howTo(models, acts !== null, hasReal),
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
