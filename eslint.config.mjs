import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "node_modules/",
      ".lab/",
      ".github/",
      "tests/durations.js",
      "tests/e2e/order.js",
      "tests/helpers/e2e/programs/",
      ".dependency-cruiser.cjs",
      "*.config.*",
      "tools/end-with-engine.cjs",
      "tools/lean-node.cjs",
      "tools/start.mjs",
      "providers/main.cjs",
    ],
  },
  ...tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/consistent-type-assertions": "error",
      "@typescript-eslint/no-extraneous-class": "off",
      eqeqeq: "error",
      // Settings of a guest or a user are keys that come and go.
      "@typescript-eslint/no-dynamic-delete": "off",
    },
  },
);
