import type { Desk } from "../desk/desk.ts";
import { asLanguage, LANGUAGES } from "../desk/protocol.ts";
import { h, icon, set, setText } from "../dom.ts";
import { LANGUAGE_NAMES, type Say } from "../words.ts";
import { save, transcript } from "./transcript.ts";

/** The button in the header and what it unfolds: language, times, download, start again. */
export class OptionsView {
  readonly button: HTMLButtonElement;
  readonly sheet: HTMLElement;
  readonly #code = h("span", { class: "code", "aria-hidden": "true" });
  readonly #legend = h("legend");
  readonly #languages: HTMLFieldSetElement;
  readonly #times = h("input", { type: "checkbox", role: "switch", class: "switch" });
  readonly #timesWords = h("span");
  readonly #download = h("button", { type: "button", class: "plain" });
  readonly #restart = h("button", { type: "button", class: "plain" });
  readonly #question = h("p", { id: "restart-question" });
  readonly #confirm = h("button", { type: "button", class: "primary" });
  readonly #cancel = h("button", { type: "button", class: "plain" });
  readonly #asking: HTMLElement;
  readonly #desk: Desk;
  readonly #left: () => void;
  #say: Say | null = null;

  /** *left* is called once a choice has been made that ends the visit here. */
  constructor(desk: Desk, showTimes: (on: boolean) => void, left: () => void) {
    this.#desk = desk;
    this.#left = left;
    this.button = h("button", { type: "button", class: "tool", "aria-expanded": "false", "aria-controls": "options" });
    this.button.append(icon("globe"), this.#code);
    this.#languages = h("fieldset", { class: "languages" }, this.#legend, ...LANGUAGES.map(radio));
    this.#asking = h(
      "div",
      { class: "asking", role: "group", "aria-labelledby": "restart-question", hidden: true },
      this.#question,
      h("div", { class: "pair" }, this.#confirm, this.#cancel),
    );
    this.sheet = h(
      "div",
      { id: "options", class: "options", hidden: true },
      this.#languages,
      h("label", { class: "times" }, this.#timesWords, this.#times),
      this.#download,
      this.#restart,
      this.#asking,
    );
    this.button.addEventListener("click", () => this.toggle(!this.isOpen));
    this.#languages.addEventListener("change", (event) => this.#chosen(event));
    this.#times.addEventListener("change", () => showTimes(this.#times.checked));
    this.#download.addEventListener("click", () => this.#downloaded());
    this.#restart.addEventListener("click", () => this.#ask(true));
    this.#cancel.addEventListener("click", () => this.#ask(false));
    this.#confirm.addEventListener("click", () => this.#restarted());
  }

  get isOpen(): boolean {
    return !this.sheet.hidden;
  }

  toggle(isOpen: boolean): void {
    this.sheet.hidden = !isOpen;
    set(this.button, { "aria-expanded": String(isOpen) });
    this.#asking.hidden = true;
    this.#restart.hidden = false;
    if (isOpen) this.#languages.querySelector<HTMLInputElement>("input:checked")?.focus();
  }

  render(say: Say): void {
    const { language, conversation } = this.#desk;
    this.#say = say;
    set(this.button, { "aria-label": say("options"), title: say("options") });
    setText(this.#code, language.toUpperCase());
    setText(this.#legend, say("language"));
    setText(this.#timesWords, say("show_times"));
    setText(this.#download, say("download"));
    this.#download.hidden = conversation.messages.length === 0;
    setText(this.#restart, say("restart"));
    setText(this.#question, say("restart_question"));
    setText(this.#confirm, say("restart_confirm"));
    setText(this.#cancel, say("cancel"));
    for (const input of this.#languages.querySelectorAll("input")) input.checked = input.value === language;
  }

  #chosen(event: Event): void {
    const language = event.target instanceof HTMLInputElement ? asLanguage(event.target.value) : null;
    if (language) this.#desk.setLanguage(language);
  }

  #downloaded(): void {
    const { conversation, language } = this.#desk;
    if (this.#say === null) return;
    const day = new Date().toISOString().slice(0, 10);
    save(transcript(conversation.messages, this.#say, language), `${this.#say("download_name")}-${day}.txt`);
    this.toggle(false);
    this.#left();
  }

  #ask(isAsking: boolean): void {
    this.#asking.hidden = !isAsking;
    this.#restart.hidden = isAsking;
    (isAsking ? this.#confirm : this.#restart).focus();
  }

  #restarted(): void {
    this.toggle(false);
    this.#desk.restart();
    this.#left();
  }
}

function radio(language: (typeof LANGUAGES)[number]): HTMLLabelElement {
  const input = h("input", { type: "radio", name: "language", value: language });
  return h("label", { lang: language }, input, h("span", {}, LANGUAGE_NAMES[language]));
}
