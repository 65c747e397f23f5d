/** What stands around the messages: the header above, the composer with its notices below. */

import { createContextGauge } from "../../components/context-gauge.js";
import { createEngineStatus } from "../../components/engine-status.js";
import { createMenu } from "../../components/menu.js";
import { createEngineNotice } from "../../components/notices.js";
import { fill, h, icon } from "../../lib/elements.js";
import { t } from "../../lib/texts.js";

/**
 * @typedef {import("../../api/types.js").Engine} Engine
 * @typedef {import("../../api/types.js").Message} Message
 *
 * @typedef {object} FrameParts
 * @property {HTMLElement} title The heading.
 * @property {() => import("../context.js").Command[]} commands What the menu offers now.
 * @property {HTMLElement[]} above What stands above the composer.
 * @property {import("../../components/composer.js").Composer} composer Where questions are written.
 * @property {(engine: Engine | null) => void} onEngine Called with what the engine does.
 */

/**
 * Returns header and dock.
 *
 * @param {import("../context.js").PageContext} context What they work with.
 * @param {FrameParts} parts What they hold.
 * @param {AbortSignal} signal Ends them.
 */
export function createFrame(context, { title, commands, above, composer, onEngine }, signal) {
  const status = createEngineStatus();
  const engineNotice = createEngineNotice(() => context.go("#/models"));
  const gauge = createContextGauge();
  const facts = { usedTokens: /** @type {number | null} */ (null), contextTokens: /** @type {number | null} */ (null) };
  context.engineWatch.subscribe((engine) => {
    status.show(engine);
    engineNotice.show(engine);
    onEngine(engine);
    facts.contextTokens = engine?.context_tokens ?? null;
    gauge.update(facts);
  }, signal);
  const menu = createMenu({ label: t("chat.menu"), symbol: "more", items: commands }, signal);
  const foot = h("div", { class: "chat-foot" }, createReadingLine(context, signal), h("p", { class: "chat-hint" }, t("chat.hint")), gauge.element);
  const [down, ...notices] = above;
  return {
    header: h("header", { class: "page-header" }, context.makeSidebarButton(), title, status.element, menu),
    dock: h("div", { class: "chat-dock" }, down, engineNotice.element, ...notices, composer.element, composer.count, foot),

    /** @param {Message | undefined} last The newest answer that says what it read. */
    showUse(last) {
      facts.usedTokens = last?.usage ? (last.usage.prompt_tokens ?? 0) + (last.usage.completion_tokens ?? 0) : null;
      gauge.update(facts);
    },
  };
}

/**
 * @param {import("../context.js").PageContext} context Whose chat it is.
 * @param {AbortSignal} signal Ends it.
 * @returns {HTMLElement} That others may read along, where that is so.
 */
function createReadingLine(context, signal) {
  const line = h("p", { class: "chat-reading" });
  const show = () => fill(line, ...(context.user.conversations_may_be_read ? [icon("eye"), h("span", {}, t("chat.may_be_read"))] : []));
  context.watchUser(show, signal);
  show();
  return line;
}
