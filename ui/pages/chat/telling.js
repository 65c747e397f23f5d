/** What screen readers are told about the answer, beside its text. */

import { stageWords } from "../../lib/stages.js";
import { preference } from "../../lib/storage.js";
import { t } from "../../lib/texts.js";
import { partsOf } from "../../lib/thinking.js";

/** @typedef {import("../../api/types.js").Message} Message */

/** Tells what is new, once. */
export class Telling {
  #announcer;
  #lastStage = "";

  /** @param {import("../../components/announcer.js").Announcer} announcer Tells. */
  constructor(announcer) {
    this.#announcer = announcer;
  }

  /** @param {import("../../api/types.js").Stage | null} stage What the answer is doing. */
  stage(stage) {
    if (!stage || stage.stage === "writing") return;
    const words = stageWords(stage);
    if (words !== this.#lastStage) this.#announcer.sayStage(words);
    this.#lastStage = words;
  }

  /** @param {import("./attaching.js").Chip} file A file that is ready, or has failed. */
  file({ name, phase }) {
    this.#announcer.say(phase === "ready" ? t("announce.file_ready", { name }) : t("announce.file_failed", { name }));
  }

  /** The box has taken the question. */
  begun() {
    this.#announcer.say(t("announce.started"));
  }

  /** @param {Message | undefined} message An answer that has ended. */
  ended(message) {
    const wantsAll = preference("aloud") === "all";
    this.#announcer.say(wantsAll && message ? `${endWords(message)}. ${partsOf(message.content).text}` : endWords(message));
  }
}

/**
 * @param {Message | undefined} message An answer that has ended.
 * @returns {string} How.
 */
function endWords(message) {
  if (message?.state === "failed" || message?.state === "interrupted") return t("announce.failed");
  return message?.state === "stopped" ? t("announce.stopped") : t("announce.complete");
}
