import { readdirSync, readFileSync } from "node:fs";
import { parseSync } from "vite";
import { describe, expect, test } from "vitest";
import { de } from "../../src/words/de.ts";
import { en } from "../../src/words/en.ts";
import { es } from "../../src/words/es.ts";
import { pick } from "../../src/words/language.ts";

/** Marks that stand for insertions: none is 0 or 1, so plurals show them. */
const MARKS = ["‹a›", "‹b›", "‹c›", "‹d›"];

/** Every word of a language by its path; of a function, what it makes of the marks. */
function flat(node: unknown, path = ""): [string, string][] {
  if (typeof node === "function") return [[path, String(node(...MARKS))]];
  if (typeof node === "string") return [[path, node]];
  return Object.entries(node as object).flatMap(([name, child]) => flat(child, `${path}.${name}`));
}

function marks(text: string): string[] {
  return MARKS.filter((mark) => text.includes(mark));
}

describe.each([
  ["German", de],
  ["Spanish", es],
])("%s", (_, language) => {
  const english = new Map(flat(en));
  const theirs = new Map(flat(language));

  test("has exactly the words of English", () => {
    expect([...theirs.keys()]).toEqual([...english.keys()]);
  });

  test("inserts the same things", () => {
    for (const [path, text] of theirs) {
      expect([path, ...marks(text)]).toEqual([path, ...marks(english.get(path) ?? "")]);
    }
  });

  test("leaves blank only what is blank in English", () => {
    for (const [path, text] of theirs) {
      expect([path, text === ""]).toEqual([path, english.get(path) === ""]);
    }
  });
});

test("the browser's first known language is spoken, and English when none is", () => {
  expect(pick(["fr-FR", "de-AT", "en"])).toBe("de");
  expect(pick(["es-419"])).toBe("es");
  expect(pick(["tlh", "toString"])).toBe("en");
  expect(pick([])).toBe("en");
});

/** Attributes that a person reads or hears. */
const SPOKEN = new Set([
  "aria-label",
  "aria-valuetext",
  "aria-description",
  "title",
  "placeholder",
  "alt",
  "name",
  "hint",
  "text",
]);
/** A mark, a name of the product, a key's cap: nothing to translate. */
const NO_WORDS = /^[^\p{L}]*$|^SoundMesh$/u;

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

function* nodes(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const one of node) yield* nodes(one);
  else if (typeof node === "object" && node !== null) {
    if ("type" in node) yield node as Node;
    for (const child of Object.values(node)) yield* nodes(child);
  }
}

/** Strings an expression may come to, not looking into the elements within it. */
function literals(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(literals);
  if (typeof node !== "object" || node === null) return [];
  const one = node as Node;
  if (one.type === "JSXElement" || one.type === "CallExpression" || one.type === "BinaryExpression")
    return [];
  if (one.type === "Literal") return typeof one["value"] === "string" ? [one["value"]] : [];
  if (one.type === "TemplateElement") return [(one["value"] as { cooked: string }).cooked];
  return Object.values(one).flatMap(literals);
}

/** A code or an id is one lower-case word; a word for people begins large or has company. */
const FOR_PEOPLE = /^\p{Lu}|\p{L}[\p{P}]? +\p{L}/u;

/** Words written in the markup itself: text between tags, and strings in what is read out. */
function wordsIn(file: string): string[] {
  const { program } = parseSync(file, readFileSync(file, "utf8"), { lang: "tsx" });
  return [...nodes(program)]
    .flatMap((node) => {
      if (node.type === "JSXText") return [String(node["value"]).trim()];
      if (node.type === "JSXElement") {
        const inside = (node["children"] as Node[]).filter(
          (child) => child.type === "JSXExpressionContainer",
        );
        return literals(inside).filter((text) => FOR_PEOPLE.test(text));
      }
      if (node.type !== "JSXAttribute") return [];
      const value = node["value"] as Node | null;
      if (!SPOKEN.has((node["name"] as { name: string }).name) || value === null) return [];
      return value.type === "Literal"
        ? literals(value)
        : literals(value).filter((text) => FOR_PEOPLE.test(text));
    })
    .filter((text) => !NO_WORDS.test(text));
}

const SOURCES = new URL("../../src", import.meta.url).pathname;
const MARKUP = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".tsx") && !file.startsWith("dev/"))
  .map((file) => `${SOURCES}/${file}`);

test.each(MARKUP)("%s leaves its words to the languages", (file) => {
  expect(wordsIn(file)).toEqual([]);
});
