/** Colours for code. Brings the highlighter with its languages along: loaded when code is first shown. */

import highlighter from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

import { sanitised } from "./sanitising.js";

const LANGUAGES = { bash, css, javascript, json, python, sql, xml, yaml };
// Guessing tries every language; a very long text would hold up the page.
const LONGEST_GUESSED = 5000;
const LONGEST = 50_000;
// Below that the guess is a coincidence.
const LEAST_RELEVANCE = 5;
/** @type {{ isPrepared: boolean }} */
const state = { isPrepared: false };

/**
 * Returns code with its colours.
 *
 * @param {string} text The code.
 * @param {string} language As the fence names it; empty if it does not.
 * @returns {DocumentFragment | null} Null if it stays plain.
 */
export function highlighted(text, language) {
  if (text.length > LONGEST) return null;
  prepare();
  if (language && highlighter.getLanguage(language)) return sanitised(highlighter.highlight(text, { language, ignoreIllegals: true }).value);
  // A named language that we do not have is not one of ours.
  if (language || text.length > LONGEST_GUESSED) return null;
  const guess = highlighter.highlightAuto(text);
  return guess.relevance >= LEAST_RELEVANCE ? sanitised(guess.value) : null;
}

function prepare() {
  if (state.isPrepared) return;
  state.isPrepared = true;
  for (const [name, language] of Object.entries(LANGUAGES)) highlighter.registerLanguage(name, language);
}
