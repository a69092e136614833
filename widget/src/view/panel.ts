import type { Desk } from "../desk/desk.ts";
import { h, icon, set, setText } from "../dom.ts";
import type { Say } from "../words.ts";
import { BannerView } from "./banner.ts";
import { ComposerView } from "./composer.ts";
import { LogView } from "./log.ts";
import { OptionsView } from "./options.ts";
import type { Viewport } from "./viewport.ts";

/** Keeps the page behind a full-screen chat from scrolling along. */
const pageLock = new CSSStyleSheet();
pageLock.replaceSync("html{overflow:hidden}");

/**
 * The chat itself. A native dialog: over the whole screen it is modal, so the browser keeps the
 * focus inside; beside a page it is not, and the page stays usable.
 */
export class PanelView {
  readonly element: HTMLDialogElement;
  readonly #viewport: Viewport;
  readonly #title = h("h2", { id: "title", class: "title" });
  readonly #subtitle = h("p", { class: "subtitle" });
  readonly #close = h("button", { type: "button", class: "tool" }, icon("close"));
  readonly #options: OptionsView;
  readonly #banner: BannerView;
  readonly #log: LogView;
  readonly #composer: ComposerView;

  constructor(desk: Desk, viewport: Viewport, closed: () => void) {
    this.#viewport = viewport;
    this.#banner = new BannerView(desk);
    this.#log = new LogView(desk, () => this.#focusWriting());
    this.#composer = new ComposerView(
      (text) => {
        this.#log.toEnd();
        desk.sendText(text);
      },
      () => this.#toChoices(),
    );
    this.#options = new OptionsView(
      desk,
      (on) => this.element.classList.toggle("with-times", on),
      () => this.#focusWriting(),
    );
    const heading = h("div", { class: "heading" }, this.#title, this.#subtitle);
    const header = h("header", { class: "header" }, h("span", { class: "mark" }, icon("chat")), heading);
    header.append(this.#options.button, this.#close);
    this.element = h("dialog", { id: "panel", class: "panel", "aria-labelledby": "title" }, header);
    const body = h("div", { class: "body" }, this.#banner.element, this.#options.sheet, this.#log.element);
    this.element.append(body, this.#composer.element);
    this.#close.addEventListener("click", closed);
    this.element.addEventListener("cancel", (event) => event.preventDefault());
    this.element.addEventListener("keydown", (event) => this.#escaped(event, closed));
    this.element.addEventListener("pointerdown", (event) => this.#pressedBeside(event));
  }

  show(): void {
    if (this.element.open) return;
    const { isFullScreen } = this.#viewport;
    if (isFullScreen) {
      this.element.showModal();
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, pageLock];
    } else {
      this.element.show();
    }
    this.element.classList.toggle("is-full", isFullScreen);
    this.#log.toEnd();
    this.#focusWriting();
  }

  hide(): void {
    this.#options.toggle(false);
    this.element.close();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== pageLock);
  }

  render(say: Say, desk: Desk): void {
    this.element.lang = desk.language;
    setText(this.#title, say("title"));
    setText(this.#subtitle, say(desk.heldBy === "person" ? "subtitle_person" : "subtitle_bot"));
    set(this.#close, { "aria-label": say("close"), title: say("close") });
    this.#options.render(say);
    this.#banner.render(say);
    this.#log.render(say);
    this.#composer.render(say);
  }

  /** On glass the focus goes to the messages: going to the field would bring up the keyboard. */
  #focusWriting(): void {
    if (this.#viewport.isTouch) this.#log.scroller.focus({ preventScroll: true });
    else this.#composer.focus();
  }

  #toChoices(): boolean {
    const first = this.#log.firstChoice;
    first?.focus();
    return first !== null;
  }

  #escaped(event: KeyboardEvent, closed: () => void): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.#options.isOpen) {
      this.#options.toggle(false);
      this.#options.button.focus();
    } else {
      closed();
    }
  }

  #pressedBeside(event: PointerEvent): void {
    const path = event.composedPath();
    const isInside = path.includes(this.#options.sheet) || path.includes(this.#options.button);
    if (this.#options.isOpen && !isInside) this.#options.toggle(false);
  }
}
