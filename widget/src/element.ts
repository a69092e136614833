import { Desk } from "./desk/desk.ts";
import { asLanguage, type Language, type Market } from "./desk/protocol.ts";
import { styleSheets } from "./styles/sheets.ts";
import { LauncherView } from "./view/launcher.ts";
import { PanelView } from "./view/panel.ts";
import { Viewport } from "./view/viewport.ts";
import { sayIn } from "./words.ts";

/** Where the script came from: the desk answers there unless the page says otherwise. */
const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;
const HOME = script ? new URL(script.src, document.baseURI).origin : location.origin;

/**
 * `<sportello-chat market="it" language="it">`: a button in the corner that opens the chat.
 *
 * Attributes are read when the element is connected: `market` (it, id), `language` (it, id, en),
 * `server` (origin of the desk; default: where the script came from), `theme` (light, dark; default:
 * what the device prefers). Fires `sportello-open` and `sportello-close`.
 */
export class SportelloChat extends HTMLElement {
  readonly #root = this.attachShadow({ mode: "open" });
  #parts: { desk: Desk; launcher: LauncherView; panel: PanelView; viewport: Viewport } | null = null;
  #isOpen = false;
  #isRenderDue = false;

  connectedCallback(): void {
    const desk = new Desk(this.#options(), () => this.#renderSoon());
    const viewport = new Viewport(() => this.#reshow());
    const launcher = new LauncherView(() => (this.#isOpen ? this.close() : this.open()));
    const panel = new PanelView(desk, viewport, () => this.close());
    this.#parts = { desk, launcher, panel, viewport };
    this.#root.adoptedStyleSheets = [...styleSheets(), viewport.sheet];
    this.#root.replaceChildren(launcher.element, panel.element);
    viewport.watch();
    addEventListener("online", this.#wake);
    addEventListener("offline", this.#networkLost);
    document.addEventListener("visibilitychange", this.#wake);
    this.#render();
    desk.resume();
  }

  disconnectedCallback(): void {
    this.close();
    this.#parts?.desk.stop();
    this.#parts?.viewport.unwatch();
    this.#parts = null;
    removeEventListener("online", this.#wake);
    removeEventListener("offline", this.#networkLost);
    document.removeEventListener("visibilitychange", this.#wake);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    if (this.#isOpen || !this.#parts) return;
    this.#isOpen = true;
    // Drawn first: the dialog puts the focus on what is there when it opens.
    void this.#parts.desk.start();
    this.#render();
    this.#parts.panel.show();
    this.dispatchEvent(new Event("sportello-open", { bubbles: true, composed: true }));
  }

  close(): void {
    if (!this.#isOpen || !this.#parts) return;
    this.#isOpen = false;
    this.#parts.panel.hide();
    this.#render();
    this.#parts.launcher.focus();
    this.dispatchEvent(new Event("sportello-close", { bubbles: true, composed: true }));
  }

  /**
   * Says who is logged in on the page: a signed token for the desk, or null once nobody is any
   * more. The token is handed on and not kept. For the first load see `window.sportelloIdentity`.
   */
  identify(token: string | null): void {
    this.#parts?.desk.identify(token);
  }

  #options(): { server: string; market: Market; language: Language } {
    const market: Market = this.getAttribute("market") === "id" ? "id" : "it";
    const language =
      asLanguage(this.getAttribute("language")) ?? asLanguage(document.documentElement.lang.slice(0, 2)) ?? market;
    const server = new URL(this.getAttribute("server") ?? HOME, document.baseURI).origin;
    return { server, market, language };
  }

  /** From beside the page to over it, or back, when a phone is turned. */
  #reshow(): void {
    if (!this.#isOpen || !this.#parts) return;
    this.#parts.panel.hide();
    this.#parts.panel.show();
  }

  /** Many frames may come at once after a reload; one drawing shows them all. */
  #renderSoon(): void {
    if (this.#isRenderDue) return;
    this.#isRenderDue = true;
    queueMicrotask(() => {
      this.#isRenderDue = false;
      this.#render();
    });
  }

  #render(): void {
    if (!this.#parts) return;
    const { desk, launcher, panel } = this.#parts;
    const say = sayIn(desk.language);
    if (this.#isOpen) desk.unread = 0;
    launcher.render(say, this.#isOpen, desk.unread);
    panel.render(say, desk);
    this.#root.host.classList.toggle("is-open", this.#isOpen);
  }

  readonly #wake = (): void => {
    if (document.visibilityState === "visible") this.#parts?.desk.wake();
  };

  readonly #networkLost = (): void => this.#parts?.desk.networkLost();
}

/** Puts the element on the page as the script's own `data-` attributes say, unless one is there. */
export function mountFromScript(): void {
  const { market, language, server, theme } = script?.dataset ?? {};
  if (market === undefined) return;
  const mount = (): void => {
    if (document.querySelector("sportello-chat")) return;
    const element = document.createElement("sportello-chat");
    for (const [name, value] of Object.entries({ market, language, server, theme })) {
      if (value !== undefined) element.setAttribute(name, value);
    }
    document.body.append(element);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mount);
  else mount();
}
