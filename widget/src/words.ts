import words, { type WordKey } from "words";

import type { Language } from "./desk/protocol.ts";

export type { WordKey };
export type Say = (key: WordKey, facts?: Record<string, string | number>) => string;

export const LANGUAGE_NAMES: Record<Language, string> = {
  it: "Italiano",
  id: "Bahasa Indonesia",
  en: "English",
};

/** How times are written; British for English, as the words are. */
export const LOCALES: Record<Language, string> = { it: "it-IT", id: "id-ID", en: "en-GB" };

/** The words of *language*, with `{placeholders}` filled from the facts. */
export function sayIn(language: Language): Say {
  return (key, facts = {}) => words[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? ""));
}
