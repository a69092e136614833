import type { SecurePage } from "../desk/protocol.ts";
import { h, icon } from "../dom.ts";
import type { Say, WordKey } from "../words.ts";
import { handOver } from "./handover.ts";

const TITLES: Record<string, WordKey> = {
  password: "card_password",
  confirm: "card_confirm",
  upload: "card_upload",
  document: "card_document",
};
/** Pages that want a camera: from a desk they are easier done on the phone. */
const FOR_PHONES = new Set(["upload"]);

export function pageTitle(page: SecurePage, say: Say): string {
  return say(TITLES[page.kind] ?? "card_other");
}

/** The way to a secure page, and for some a way to go on by phone. */
export function card(page: SecurePage, isOpen: boolean, say: Say): HTMLElement[] {
  const words = h(
    "span",
    { class: "card-words" },
    h("span", { class: "card-title" }, pageTitle(page, say)),
    h("span", { class: "card-note" }, isOpen ? openNote(page.minutes, say) : say("card_expired")),
  );
  if (!isOpen || page.url === null) return [h("div", { class: "card is-over" }, icon("lock"), words)];
  const attributes = { class: "card", href: page.url, target: "_blank", rel: "noopener noreferrer" };
  const hint = h("span", { class: "unseen" }, ` (${say("new_tab")})`);
  const link = h("a", attributes, icon("lock"), words, hint, icon("outward"));
  const isAtDesk = !matchMedia("(pointer: coarse)").matches;
  return FOR_PHONES.has(page.kind) && isAtDesk ? [link, handOver(page.url, say)] : [link];
}

function openNote(minutes: number | null, say: Say): string {
  if (minutes === null) return say("card_note_open");
  return minutes === 1 ? say("card_note_one") : say("card_note", { minutes });
}
