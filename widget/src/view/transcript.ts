import type { Language, Message, Speaker } from "../desk/protocol.ts";
import { h } from "../dom.ts";
import { LOCALES, type Say, type WordKey } from "../words.ts";
import { pageTitle } from "./card.ts";

export const SPEAKERS: Record<Speaker, WordKey> = {
  customer: "speaker_customer",
  bot: "speaker_bot",
  person: "speaker_person",
};

/** The conversation to keep: what the desk has kept of it, masked as there, and no one-time links. */
export function transcript(messages: readonly Message[], say: Say, language: Language): string {
  const locale = LOCALES[language];
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const blocks = [say("title")];
  let shownDay = "";
  for (const message of messages) {
    const today = day.format(message.at);
    if (today !== shownDay) blocks.push((shownDay = today));
    const title = message.page === null ? "" : `[${pageTitle(message.page, say)}]`;
    const text = [message.text, title].filter((part) => part !== "").join("\n");
    blocks.push(`${time.format(message.at)} ${say(SPEAKERS[message.from])}\n${text}`);
  }
  return `${blocks.join("\n\n")}\n`;
}

/** Hands *text* to the browser as a file; nothing leaves the device. */
export function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  h("a", { href: url, download: name }).click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
