import { h, icon, set, setText } from "../dom.ts";
import type { Say } from "../words.ts";

/** The round button in the corner, with the number of messages that came while the chat was closed. */
export class LauncherView {
  readonly element: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });
  readonly #news = h("span", { class: "unseen", role: "status" });

  constructor(toggled: () => void) {
    this.#button = h("button", {
      type: "button",
      class: "launcher",
      "aria-haspopup": "dialog",
      "aria-controls": "panel",
    });
    this.#button.append(icon("chat"), icon("fold"), this.#badge);
    this.element = h("div", { role: "region" }, this.#button, this.#news);
    this.#button.addEventListener("click", toggled);
  }

  focus(): void {
    this.#button.focus({ preventScroll: true });
  }

  render(say: Say, isOpen: boolean, unread: number): void {
    const label = isOpen ? say("close") : openLabel(say, unread);
    set(this.#button, { "aria-label": label, "aria-expanded": String(isOpen) });
    set(this.element, { "aria-label": say("title") });
    this.#badge.hidden = unread === 0;
    setText(this.#badge, unread > 9 ? "9+" : String(unread));
    setText(this.#news, unread > 0 ? openLabel(say, unread) : "");
  }
}

function openLabel(say: Say, unread: number): string {
  if (unread === 0) return say("launcher_open");
  return unread === 1 ? say("launcher_unread_one") : say("launcher_unread_many", { count: unread });
}
