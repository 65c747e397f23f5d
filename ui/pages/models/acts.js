/** What can be done with models: each asks first where something is lost, and tells how it went. */

import { isAbort, problemIn } from "../../api/failures.js";
import { asked } from "../../components/asking.js";
import { duration, number, size } from "../../lib/formats.js";
import { findText, t } from "../../lib/texts.js";
import { told, wordsOf } from "../failing.js";

/**
 * @typedef {import("../../api/types.js").CatalogueModel} CatalogueModel
 * @typedef {import("../../api/types.js").InstalledModel} InstalledModel
 * @typedef {import("../../api/model-keeping.js").Speed} Speed
 * @typedef {import("../context.js").PageContext} PageContext
 */

/**
 * Returns them.
 *
 * @param {PageContext} context What the page works with.
 * @param {import("../../api/model-keeping.js").ModelKeeping} keeping Asks the box.
 * @param {() => Promise<void>} load Draws the page again.
 */
export function makeActs({ toasts, engine, engineWatch }, keeping, load) {
  const tell = async (/** @type {() => Promise<unknown>} */ act, /** @type {string} */ done = "") => {
    await told(toasts, act, done);
    await load();
  };
  /** @type {(name: string, licence: boolean) => Promise<void>} */
  const fetchIt = (name, licence) => tell(() => keeping.download(name, licence));
  return {
    /** @param {InstalledModel} model To answer from now on. */
    async use({ name, title }) {
      const went = await told(toasts, () => engine.use(name), t("models.loading", { name: title }));
      if (went) await Promise.all([load(), engineWatch.refresh()]);
    },

    /** @param {CatalogueModel} model To be fetched; a licence against work for money is shown first. */
    async download(model) {
      const isFree = model.allows_commercial_use !== false;
      const isWanted = isFree || (await isLicenceAccepted(model));
      if (isWanted) await fetchIt(model.name, !isFree);
    },

    /** @param {string} name Of the hub. */
    downloadOther: (name) => fetchIt(name, false),

    /** @param {{ name: string }} one A download; whoever began it has accepted its licence. */
    goOn: ({ name }) => fetchIt(name, true),

    /** @param {{ id: string }} one A download. */
    stop: ({ id }) => tell(() => keeping.stop(id)),

    /** @param {{ id: string }} one A download. */
    discard: ({ id }) => tell(() => keeping.discard(id)),

    /** @param {{ id: string, name: string }} found What was found on the computer. */
    async takeIn({ id, name }) {
      const act = async () => {
        const taken = await keeping.takeIn(id);
        toasts.show(t(taken.download ? "models.found_taken" : "models.found_taken_now", { name }));
      };
      await tell(act);
    },

    /** @param {InstalledModel} model To be removed. */
    async remove({ name, title, size_bytes: held }) {
      const question = { title: t("models.remove_title", { name: title }), text: t("models.remove_text", { size: size(held) }), action: t("models.remove"), isDanger: true };
      if (await asked(question)) await tell(() => keeping.remove(name), t("models.removed", { name: title }));
    },

    /** @param {InstalledModel} model To be in memory. */
    load: ({ name, title }) => tell(() => keeping.load(name), t("models.loaded", { name: title })),

    /** @param {string} name To leave the memory. */
    unload: (name) => tell(() => keeping.unload(name), t("models.unloaded", { name })),

    /**
     * @param {InstalledModel} model To be tried.
     * @param {(words: string) => void} show Shows what was found, beside the model.
     */
    async trySpeed({ name, title }, show) {
      show(t("models.speed_running", { name: title }));
      try {
        show(speedWords(await keeping.speed(name)));
      } catch (error) {
        if (!isAbort(error)) show(wordsOf(error) ?? problemIn(error).code);
      }
    },
  };
}

/** @typedef {ReturnType<typeof makeActs>} Acts */

/**
 * @param {CatalogueModel} model With a licence against work for money.
 * @returns {Promise<boolean>} Whether it is wanted all the same.
 */
function isLicenceAccepted({ title, licence, licence_text: told }) {
  const text = findText(`models.licence.${licence}`) ?? told;
  return asked({ title: t("models.licence_title", { name: title }), text: t("models.licence_text", { text }), action: t("models.accept_licence") });
}

/**
 * @param {Speed} speed What was measured.
 * @returns {string} As people think of it, with the figures after it.
 */
export function speedWords({ page_s: pageS, pace, reading_tokens_per_s: reading, writing_tokens_per_s: writing }) {
  const time = pageS < 1 ? t("models.speed_less") : duration(pageS);
  const figures = t("models.speed_figures", { reading: number(reading), writing: number(writing, 1) });
  return `${t("models.speed_read", { time })} ${t(`models.pace.${pace}`)} (${figures}).`;
}
