/** Lint rules: typed, hooks, no `any`, and the house rule that imports go app -> features -> shared, never back or across. */
import { readdirSync } from "node:fs";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const forbid = (...patterns) => ({
  "no-restricted-imports": ["error", { patterns: patterns.map(([regex, message]) => ({ regex, message })) }],
});
const OUT_OF_FOLDER = "Files are named by their alias (@/shared/...), so that this rule can see where an import goes.";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/shared/types.gen.ts", "*.config.*"] },
  ...tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  hooks.configs.flat.recommended,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      eqeqeq: ["error", "always"],
      "no-console": "error",
    },
  },
  {
    files: ["src/shared/**"],
    rules: forbid(["^@/(app|features)/", "shared/ knows neither features nor the app."], ["^\\.\\.?/", OUT_OF_FOLDER]),
  },
  ...readdirSync(new URL("./src/features", import.meta.url)).map((feature) => ({
    files: [`src/features/${feature}/**`],
    rules: forbid(
      ["^@/app/", "A feature does not know the app: take what you need by props."],
      [
        `^@/features/(?!${feature}/)`,
        "Features never import each other: the app joins them, or the thing belongs in shared/.",
      ],
      ["^\\.\\.?/", OUT_OF_FOLDER],
    ),
  })),
  { files: ["src/app/**"], rules: forbid(["^\\.\\.?/", OUT_OF_FOLDER]) },
);
