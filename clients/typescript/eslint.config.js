// Lints of the TypeScript SDK. Generated code is left out.
import js from "@eslint/js";
import tseslint from "typescript-eslint";

const NODE_ONLY = ["src/node.ts", "src/node/**", "src/testing.ts", "src/testing/**"];

export default tseslint.config(
  { ignores: ["dist/", "build/", "docs/", "src/gen/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ["tsconfig.src.json", "tsconfig.test.json"], tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // `return resolve()` ends a function early, in one line.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // Numbers and bigints read well in texts.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // An empty environment variable or comment is one that is not set.
      "@typescript-eslint/prefer-nullish-coalescing": "off",
      // The compiler asks for brackets (`noPropertyAccessFromIndexSignature`).
      "@typescript-eslint/dot-notation": "off",
      // It takes a signal that was not aborted before an `await` for one that never is.
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    // What browsers load, too.
    files: ["src/**/*.ts"],
    ignores: NODE_ONLY,
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ group: ["node:*", "@connectrpc/connect-node"], message: "browsers have it not" }] }],
      "no-restricted-globals": ["error", "process", "Buffer", "setImmediate", "__dirname"],
    },
  },
  {
    files: ["test/**/*.ts", "examples/**/*.test.ts"],
    rules: {
      // `test(…)` and `describe(…)` of node:test return promises that the runner awaits.
      "@typescript-eslint/no-floating-promises": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["**/*.js"], languageOptions: { globals: { process: "readonly", console: "readonly" } } },
);
