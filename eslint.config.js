import js from "@eslint/js";
import importX from "eslint-plugin-import-x";
import jsdoc from "eslint-plugin-jsdoc";

const floor = (target, from) => ({ target: target.map((name) => `./ui/${name}`), from: from.map((name) => `./ui/${name}`) });
const NODE = Object.fromEntries(
  "AbortController console Event EventTarget process ReadableStream Response setImmediate TextEncoder URL".split(" ").map((name) => [name, "readonly"]),
);
const BROWSER = Object.fromEntries(
  [
    "AbortController AbortSignal Blob BroadcastChannel CSS DataTransfer DocumentFragment DOMException Element Event EventTarget fetch File FormData history HTMLAnchorElement",
    "HTMLButtonElement HTMLElement HTMLProgressElement IntersectionObserver Intl KeyboardEvent MutationObserver Node ResizeObserver Response Text TextDecoder",
    "URL URLSearchParams WebSocket XMLHttpRequest clearInterval clearTimeout document getSelection globalThis innerHeight location matchMedia navigator",
    "performance print requestAnimationFrame setInterval setTimeout",
  ]
    .join(" ")
    .split(" ")
    .map((name) => [name, "readonly"]),
);

export default [
  { ignores: ["ui/dist/**", "node_modules/**"] },
  js.configs.recommended,
  jsdoc.configs["flat/recommended-typescript-flavor-error"],
  {
    files: ["ui/**/*.js", "build.mjs", "tests/ui/**/*.js"],
    plugins: { "import-x": importX },
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 4],
      "max-depth": ["error", 3],
      complexity: ["error", 8],
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      "import-x/no-cycle": "error",
      "import-x/extensions": ["error", "always", { ignorePackages: true }],
      "import-x/no-restricted-paths": [
        "error",
        {
          // app > pages > components | api > lib. Arrays of folders: brace globs match nothing here.
          zones: [
            floor(["lib"], ["app", "pages", "components", "api"]),
            floor(["api"], ["app", "pages", "components"]),
            floor(["components"], ["app", "pages", "api"]),
            floor(["pages"], ["app"]),
          ],
        },
      ],
      "jsdoc/tag-lines": ["error", "any", { startLines: 1 }],
      // tsc knows the types; these rules only know their names.
      "jsdoc/no-undefined-types": "off",
      "jsdoc/reject-any-type": "off",
      "jsdoc/reject-function-type": "off",
      // What a private method or a small inner function gets is said where that helps.
      "jsdoc/require-jsdoc": ["error", { publicOnly: true }],
      // The first line says what comes out; factories return an object whose methods are described where they stand.
      "jsdoc/require-returns": "off",
      "jsdoc/require-param-description": "error",
    },
  },
  {
    files: ["ui/**/*.js"],
    languageOptions: { globals: BROWSER },
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "fetch", message: "Requests are sent by ui/api/ only." },
        { name: "localStorage", message: "Use ui/lib/storage.js." },
        { name: "sessionStorage", message: "Use ui/lib/storage.js." },
        { name: "event", message: "Take the event as a parameter." },
      ],
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({ property, message: "Text goes in by textContent; Markdown by lib/sanitising.js." })),
      ],
    },
  },
  // Hands fetch to ui/api/client.js, which tests give another one.
  { files: ["ui/app/main.js"], rules: { "no-restricted-globals": "off" } },
  { files: ["build.mjs", "tests/ui/**/*.js"], languageOptions: { globals: NODE } },
  // A test is named by a sentence; its small parts need no parameters described.
  { files: ["tests/ui/**/*.js"], rules: { "jsdoc/require-param": "off" } },
];
