import { h, icon, set, setText } from "../dom.ts";
import type { Say } from "../words.ts";

export const MAX_LENGTH = 1000;
const SHOW_LEFT_FROM = 100;

/** Where the customer writes: it grows with the text, Enter sends, Shift+Enter breaks the line. */
export class ComposerView {
  readonly element: HTMLFormElement;
  readonly #text = h("textarea", { id: "text", rows: 1, maxlength: MAX_LENGTH, enterkeyhint: "send" });
  readonly #grow = h("div", { class: "grow" }, this.#text);
  readonly #label = h("label", { for: "text", class: "unseen" });
  readonly #left = h("span", { class: "left", "aria-live": "polite" });
  readonly #send = h("button", { type: "submit", class: "send" }, icon("send"));
  #say: Say | null = null;

  constructor(send: (text: string) => void, leaveUp: () => boolean) {
    this.element = h("form", { class: "composer" }, this.#label, this.#grow, this.#left, this.#send);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(send);
    });
    this.#text.addEventListener("input", () => this.#changed());
    this.#text.addEventListener("keydown", (event) => {
      // While an input method composes, Enter picks a word; Safari says so only by the code 229.
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.#submit(send);
      } else if (event.key === "ArrowUp" && this.#text.value === "" && leaveUp()) {
        event.preventDefault();
      }
    });
  }

  focus(): void {
    this.#text.focus({ preventScroll: true });
  }

  render(say: Say): void {
    this.#say = say;
    setText(this.#label, say("composer_label"));
    set(this.#text, { placeholder: say("composer_placeholder") });
    set(this.#send, { "aria-label": say("send"), title: say("send") });
    this.#changed();
  }

  #submit(send: (text: string) => void): void {
    const text = this.#text.value.trim();
    if (text === "") return;
    this.#text.value = "";
    this.#changed();
    send(text);
  }

  #changed(): void {
    const { value } = this.#text;
    // The wrapper shows the same text unseen, and so gives the field its height.
    this.#grow.dataset["text"] = `${value} `;
    this.element.classList.toggle("is-empty", value.trim() === "");
    const left = MAX_LENGTH - value.length;
    setText(this.#left, left <= SHOW_LEFT_FROM ? (this.#say?.("composer_left", { count: left }) ?? "") : "");
  }
}
