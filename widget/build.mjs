// Builds the widget: `node build.mjs` writes web/static/widget.js; `--types` only writes the types
// of the words, for the type checker; `--tests` bundles the unit tests for node's own runner.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const languages = ["it", "id", "en"];
const marketCountries = ["IT", "ID"];
const wordsFile = join(here, "../texts/widget.yml");

const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort().join();

/** Words by key, checked: every key has the three languages, with the same placeholders. */
async function readWords() {
  const words = parse(await readFile(wordsFile, "utf8"));
  for (const [key, byLanguage] of Object.entries(words)) {
    const given = Object.keys(byLanguage).sort().join();
    if (given !== [...languages].sort().join()) {
      throw new Error(`texts/widget.yml: ${key} has languages ${given}, wants ${languages}`);
    }
    const sets = new Set(languages.map((language) => placeholders(byLanguage[language])));
    if (sets.size !== 1) throw new Error(`texts/widget.yml: ${key} has different placeholders by language`);
  }
  return words;
}

async function writeTypes() {
  const keys = Object.keys(await readWords());
  const union = keys.map((key) => `  | ${JSON.stringify(key)}`).join("\n");
  await mkdir(join(here, ".generated"), { recursive: true });
  await writeFile(
    join(here, ".generated/words.d.ts"),
    `declare module "words" {\n  export type WordKey =\n${union};\n` +
      `  const words: Record<"it" | "id" | "en", Record<WordKey, string>>;\n  export default words;\n}\n`,
  );
}

const wordsPlugin = {
  name: "words",
  setup(build) {
    build.onResolve({ filter: /^words$/ }, () => ({ path: wordsFile, namespace: "words" }));
    build.onLoad({ filter: /.*/, namespace: "words" }, async () => {
      const words = await readWords();
      const byLanguage = Object.fromEntries(
        languages.map((language) => [
          language,
          Object.fromEntries(Object.entries(words).map(([key, texts]) => [key, texts[language]])),
        ]),
      );
      return { contents: JSON.stringify(byLanguage), loader: "json", watchFiles: [wordsFile] };
    });
  },
};

/** The numbering plans of the markets only: those of the whole world weigh more than the widget. */
const phonePlugin = {
  name: "phone-metadata",
  setup(build) {
    const file = join(here, "node_modules/libphonenumber-js/metadata.min.json");
    build.onResolve({ filter: /^phone-metadata$/ }, () => ({ path: file, namespace: "phone" }));
    build.onLoad({ filter: /.*/, namespace: "phone" }, async () => {
      const all = JSON.parse(await readFile(file, "utf8"));
      const countries = Object.fromEntries(marketCountries.map((code) => [code, all.countries[code]]));
      const codes = Object.fromEntries(marketCountries.map((code) => [all.countries[code][0], [code]]));
      const kept = { ...all, countries, country_calling_codes: codes, nonGeographic: {} };
      return { contents: JSON.stringify(kept), loader: "json" };
    });
  },
};

/** Style sheets travel inside the script, without the white space that is there for readers. */
const stylesPlugin = {
  name: "styles",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      return { contents: code, loader: "text" };
    });
  },
};

const common = {
  bundle: true,
  target: ["es2022"],
  charset: "utf8",
  plugins: [wordsPlugin, phonePlugin, stylesPlugin],
  logLevel: "warning",
};

async function buildScript() {
  await esbuild.build({
    ...common,
    entryPoints: [join(here, "src/index.ts")],
    outfile: join(here, "../web/static/widget.js"),
    format: "iife",
    minify: true,
    legalComments: "none",
  });
}

async function buildTests() {
  const folder = join(here, "tests");
  const entries = (await readdir(folder)).filter((name) => name.endsWith(".test.ts"));
  await esbuild.build({
    ...common,
    entryPoints: entries.map((name) => join(folder, name)),
    outdir: join(here, ".test-build"),
    outExtension: { ".js": ".mjs" },
    format: "esm",
    platform: "node",
  });
}

await writeTypes();
if (process.argv.includes("--tests")) await buildTests();
else if (!process.argv.includes("--types")) await buildScript();
