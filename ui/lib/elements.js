/** Making and finding elements; text only ever enters as text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {string | number | Node | null | undefined | false} Child
 * @typedef {{ [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void }} Listeners
 * @typedef {string | number | boolean | null | undefined} AttributeValue
 */

/**
 * Returns a new element.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag Its tag name.
 * @param {Record<string, AttributeValue>} [attributes] `true` sets an empty attribute, `false` and null leave it out.
 * @param {...Child} children Text and nodes; null and false are left out.
 * @returns {HTMLElementTagNameMap[K]} The element.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(asNode(child));
  }
  return element;
}

/**
 * @param {string | number | Node} child What is to be put in.
 * @returns {Node | string} The same, ready for `append`.
 */
function asNode(child) {
  return typeof child === "number" ? String(child) : child;
}

/**
 * Sets, changes or removes one attribute.
 *
 * @param {Element} element The element.
 * @param {string} name The attribute.
 * @param {AttributeValue} value `true` is the empty attribute; false, null and undefined remove it.
 */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Adds listeners to an element and returns the element, so that it reads in one line.
 *
 * @template {HTMLElement} E
 * @param {E} element The element.
 * @param {Listeners} listeners By event name.
 * @param {AbortSignal} [signal] Ends them; without it they live as long as the element.
 * @returns {E} The same element.
 */
export function on(element, listeners, signal) {
  const options = signal ? { signal } : {};
  for (const [name, listener] of Object.entries(listeners)) {
    element.addEventListener(name, /** @type {EventListener} */ (listener), options);
  }
  return element;
}

/**
 * Returns a picture of the sprite that index.html carries; it has no name of its own.
 *
 * @param {string} name Name of the symbol, without `icon-`.
 * @returns {SVGSVGElement} The picture.
 */
export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

/**
 * Returns a button with a picture and a name that is read and shown as a tip.
 *
 * @param {string} symbol Name of the picture.
 * @param {string} name What it does, in the current language.
 * @param {() => void} act What happens.
 * @param {string} [className] More classes.
 * @returns {HTMLButtonElement} The button.
 */
export function iconButton(symbol, name, act, className = "") {
  const attributes = { type: "button", class: `icon-button ${className}`.trim(), "aria-label": name, title: name };
  return on(h("button", attributes, icon(symbol)), { click: () => act() });
}

/**
 * Returns a button with words.
 *
 * @param {string} label The words.
 * @param {() => void} act What happens.
 * @param {{ kind?: "primary" | "quiet" | "danger" | "plain", symbol?: string }} [look] How it looks.
 * @returns {HTMLButtonElement} The button.
 */
export function button(label, act, { kind = "plain", symbol } = {}) {
  const element = h("button", { type: "button", class: `button button-${kind}` }, symbol && icon(symbol), h("span", {}, label));
  return on(element, { click: () => act() });
}

/**
 * Replaces what an element holds.
 *
 * @param {Element} element The element.
 * @param {...Child} children New content; null and false are left out.
 */
export function fill(element, ...children) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) nodes.push(asNode(child));
  }
  element.replaceChildren(...nodes);
}

let lastNumber = 0;

/**
 * Returns an id that no other element has, for `aria-describedby` and labels.
 *
 * @param {string} prefix What it is about.
 * @returns {string} The id.
 */
export function newElementId(prefix) {
  lastNumber += 1;
  return `${prefix}-${lastNumber}`;
}
