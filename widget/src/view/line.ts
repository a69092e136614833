import type { Line } from "../desk/conversation.ts";
import type { Choice, Language, Market } from "../desk/protocol.ts";
import { h, set, setText } from "../dom.ts";
import { segments } from "../links.ts";
import { LOCALES, type Say } from "../words.ts";
import { card } from "./card.ts";
import { SPEAKERS } from "./transcript.ts";

/** What a line needs to know of its surroundings. */
export interface LineContext {
  say: Say;
  language: Language;
  market: Market;
}

/** One message on screen. Built once; a change of state or language only touches what differs. */
export class LineView {
  readonly element = h("div");
  readonly #speaker = h("span", { class: "unseen" });
  readonly #text = h("span", { class: "text" });
  readonly #time = h("time", { class: "time" });
  readonly #bubble = h("div", { class: "bubble" }, this.#speaker, this.#text);
  readonly #below = h("div", { class: "below" });
  #shownText = "";
  #shownBelow = "";

  constructor(line: Line, context: LineContext) {
    this.element.append(h("div", { class: "row" }, this.#bubble, this.#time), this.#below);
    // A message keeps the language it came in; only a later switch makes that worth saying.
    this.element.lang = context.language;
    this.element.dataset["key"] = line.key;
    this.#bubble.addEventListener("click", () => this.element.classList.toggle("with-time"));
    this.update(line, context);
  }

  update(line: Line, context: LineContext): void {
    const { say, language } = context;
    this.element.classList.add("line", `from-${line.from}`);
    for (const status of ["kept", "sending", "waiting", "failed"]) {
      this.element.classList.toggle(`is-${status}`, status === line.status);
    }
    setText(this.#speaker, `${say(SPEAKERS[line.from])}: `);
    this.#showText(line, context.market);
    set(this.#time, { datetime: new Date(line.at).toISOString() });
    setText(this.#time, clock(line.at, language));
    this.#showBelow(line, context);
  }

  #showText(line: Line, market: Market): void {
    if (line.text === this.#shownText) return;
    this.#shownText = line.text;
    const parts = line.from === "customer" ? [{ text: line.text }] : segments(line.text, market);
    this.#text.replaceChildren(...parts.map((part) => ("href" in part ? link(part.href, part.text) : part.text)));
    this.#bubble.hidden = line.text === "";
  }

  #showBelow(line: Line, { say, language }: LineContext): void {
    const shown = JSON.stringify([language, line.page, line.isPageOpen, line.choices, line.status]);
    if (shown === this.#shownBelow) return;
    this.#shownBelow = shown;
    this.#below.replaceChildren(
      ...(line.page ? card(line.page, line.isPageOpen, say) : []),
      ...(line.choices.length > 0 ? [choices(line.choices, say)] : []),
      ...status(line, say),
    );
    this.#below.lang = language;
  }
}

function clock(at: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { hour: "2-digit", minute: "2-digit" }).format(at);
}

function link(href: string, text: string): HTMLAnchorElement {
  const isWeb = /^https?:/i.test(href);
  return h("a", isWeb ? { href, target: "_blank", rel: "noopener noreferrer" } : { href }, text);
}

function choices(list: readonly Choice[], say: Say): HTMLElement {
  const buttons = list.map(({ id, title }) =>
    h("button", { type: "button", class: "choice", "data-choice": id }, title),
  );
  return h("div", { class: "choices", role: "group", "aria-label": say("choices_label") }, ...buttons);
}

function status(line: Line, say: Say): HTMLElement[] {
  if (line.status === "sending") return [h("div", { class: "status is-quiet" }, say("message_sending"))];
  if (line.status === "waiting") return [h("div", { class: "status" }, say("message_queued"))];
  if (line.status !== "failed") return [];
  const again = h("button", { type: "button", class: "again", "data-retry": line.clientId }, say("retry"));
  return [h("div", { class: "status is-failed" }, say("message_failed"), " · ", again)];
}
