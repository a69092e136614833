import type { Desk } from "../desk/desk.ts";
import { h, icon, set, setText } from "../dom.ts";
import type { Say, WordKey } from "../words.ts";
import { LineView } from "./line.ts";

const NEAR_END_PX = 64;
/** Long enough for what was just added to count as there already. */
const SETTLED_MS = 100;
const STARTERS: readonly WordKey[] = ["starter_register", "starter_help", "starter_person"];

/** The column of messages. It stays at its end unless the customer has scrolled away from it. */
export class LogView {
  readonly element: HTMLElement;
  readonly scroller: HTMLElement;
  readonly #desk: Desk;
  readonly #lines = new Map<string, LineView>();
  readonly #list = h("div", { class: "lines" });
  readonly #intro = h("div", { class: "intro" });
  readonly #typing: HTMLElement;
  readonly #typingWords = h("span", { class: "unseen" });
  readonly #latest = h("button", { type: "button", class: "latest", hidden: true }, icon("down"));
  #isAtEnd = true;
  #shownIntro = "";
  #speaking: ReturnType<typeof setTimeout> | undefined;

  constructor(desk: Desk, emptied: () => void) {
    this.#desk = desk;
    this.#typing = h(
      "div",
      { class: "typing", hidden: true },
      this.#typingWords,
      ...[1, 2, 3].map(() => h("span", { class: "dot", "aria-hidden": "true" })),
    );
    const column = h("div", { class: "column" }, this.#intro, this.#list, this.#typing);
    this.scroller = h("div", { class: "scroller", role: "log", "aria-live": "polite", tabindex: 0 }, column);
    this.element = h("div", { class: "log" }, this.scroller, this.#latest);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.scroller.addEventListener("click", (event) => this.#clicked(event, emptied));
    this.scroller.addEventListener("keydown", (event) => this.#moved(event));
    this.#latest.addEventListener("click", () => {
      this.toEnd();
      this.scroller.focus({ preventScroll: true });
    });
    const observer = new ResizeObserver(() => this.#keepEnd());
    observer.observe(this.scroller);
    observer.observe(column);
  }

  toEnd(): void {
    this.#isAtEnd = true;
    this.#keepEnd();
  }

  /** The first of the choices that may be pressed now, for whoever comes up from the composer. */
  get firstChoice(): HTMLButtonElement | null {
    return this.scroller.querySelector("button.choice");
  }

  render(say: Say): void {
    const desk = this.#desk;
    set(this.scroller, { "aria-label": say("log_label") });
    this.#hush();
    this.#renderLines(say);
    this.#renderIntro(say);
    this.#typing.hidden = !desk.isTyping;
    setText(this.#typingWords, say(desk.heldBy === "person" ? "typing_person" : "typing"));
    set(this.#latest, { "aria-label": say("latest"), title: say("latest") });
    this.#keepEnd();
  }

  /** Old messages that fill in after a reload are not news and are not read out. */
  #hush(): void {
    clearTimeout(this.#speaking);
    if (!this.#desk.isCaughtUp) set(this.scroller, { "aria-live": "off" });
    else this.#speaking = setTimeout(() => set(this.scroller, { "aria-live": "polite" }), SETTLED_MS);
  }

  #renderLines(say: Say): void {
    const context = { say, language: this.#desk.language, market: this.#desk.market };
    const focused = this.#focused();
    const lines = this.#desk.conversation.lines();
    const keys = new Set(lines.map((line) => line.key));
    for (const [key, view] of this.#lines) {
      if (keys.has(key)) continue;
      view.element.remove();
      this.#lines.delete(key);
    }
    let place: Element | null = this.#list.firstElementChild;
    for (const line of lines) {
      let view = this.#lines.get(line.key);
      if (view) view.update(line, context);
      else this.#lines.set(line.key, (view = new LineView(line, context)));
      if (view.element === place) place = place.nextElementSibling;
      else this.#list.insertBefore(view.element, place);
    }
    if (focused && !focused.isConnected) this.scroller.focus({ preventScroll: true });
  }

  #renderIntro(say: Say): void {
    const desk = this.#desk;
    const isFresh = desk.conversation.isEmpty && desk.isCaughtUp;
    const shown = `${desk.language} ${isFresh}`;
    if (shown === this.#shownIntro) return;
    this.#shownIntro = shown;
    const starters = STARTERS.map((key) =>
      h("button", { type: "button", class: "choice", "data-starter": true }, say(key)),
    );
    this.#intro.replaceChildren(
      h("p", { class: "intro-title" }, say("intro_title")),
      h("p", {}, say("intro_text")),
      h("p", { class: "intro-safety" }, icon("lock"), say("intro_safety")),
      ...(isFresh ? [h("div", { class: "choices" }, ...starters)] : []),
    );
  }

  #focused(): Element | null {
    const root = this.scroller.getRootNode();
    const focused = root instanceof ShadowRoot ? root.activeElement : null;
    return focused && focused !== this.scroller && this.scroller.contains(focused) ? focused : null;
  }

  #clicked(event: MouseEvent, emptied: () => void): void {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { choice, retry, starter } = button.dataset;
    if (choice === undefined && retry === undefined && starter === undefined) return;
    if (choice !== undefined) this.#desk.press(choice, button.textContent);
    if (retry !== undefined) this.#desk.retry(retry);
    if (starter !== undefined) this.#desk.sendText(button.textContent);
    this.toEnd();
    emptied();
  }

  /** Arrows go from choice to choice; Tab does too. */
  #moved(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const current = event.target instanceof Element ? event.target.closest("button.choice") : null;
    if (step === undefined || !current?.parentElement) return;
    const all = [...current.parentElement.querySelectorAll<HTMLButtonElement>("button.choice")];
    const next = all[(all.findIndex((button) => button === current) + step + all.length) % all.length];
    next?.focus();
    event.preventDefault();
  }

  #scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    this.#latest.hidden = this.#isAtEnd;
  }

  #keepEnd(): void {
    if (this.#isAtEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}
