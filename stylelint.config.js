/** @type {import("stylelint").Config} */
export default {
  referenceFiles: ["ui/styles/tokens.css"],
  extends: ["stylelint-config-standard"],
  rules: {
    "color-no-hex": true,
    "color-named": "never",
    "selector-max-id": 0,
    "selector-max-specificity": "0,4,1",
    "declaration-no-important": true,
    // Prefix of the file or its part; state as is-….
    "selector-class-pattern": ["^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$", { message: "Class names are lower-case words with hyphens." }],
    "no-unknown-custom-properties": true,
    // Rules stand beside what they are about, not in the order of their weight.
    "no-descending-specificity": null,
    "declaration-empty-line-before": null,
    "custom-property-empty-line-before": null,
    "value-keyword-case": ["lower", { camelCaseSvgKeywords: true, ignoreKeywords: ["Highlight", "HighlightText"] }],
  },
  overrides: [{ files: ["**/tokens.css"], rules: { "color-no-hex": null } }],
};
