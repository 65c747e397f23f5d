/** HTML made from a model's words, reduced to what we allow. */

import DOMPurify from "dompurify";

const TAGS = [
  ..."p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong del s a".split(" "),
  ..."table thead tbody tr th td sup sub kbd span".split(" "),
];
const ATTRIBUTES = ["href", "title", "align", "start", "class"];
const ABSOLUTE_LINK = /^(?:https?|mailto|tel):/iu;
// Those of Markdown's code and formulas, and those of the highlighter.
const KNOWN_CLASS = /^(?:language-[\w+#.-]{1,30}|hljs-[a-z-]+(?: [a-z-]+_)*)$/u;

let isPrepared = false;

/** Adds our rules for links and classes, once. */
function prepare() {
  if (isPrepared) return;
  isPrepared = true;
  DOMPurify.addHook("afterSanitizeAttributes", (node) => {
    if (!KNOWN_CLASS.test(node.getAttribute("class") ?? "")) node.removeAttribute("class");
    if (!(node instanceof HTMLAnchorElement)) return;
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
    const href = node.getAttribute("href");
    if (href) node.setAttribute("title", href);
  });
}

/**
 * Returns nodes of which none can run, load or style anything.
 *
 * @param {string} html Any HTML.
 * @returns {DocumentFragment} Allowed elements; the text of others stays.
 */
export function sanitised(html) {
  prepare();
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOWED_URI_REGEXP: ABSOLUTE_LINK,
    // The rule for addresses would else be applied to these values too.
    ADD_URI_SAFE_ATTR: ["align", "start"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
