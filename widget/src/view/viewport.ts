/** On less than this, either way, the chat takes the whole screen: phones, turned phones, great zoom. */
const FULL_SCREEN = "(max-width: 479.98px), (max-height: 479.98px)";

/**
 * Follows the part of the page that can really be seen, which shrinks when a phone's keyboard
 * opens. Heights go into a sheet of their own: a style attribute would break a strict CSP.
 */
export class Viewport {
  readonly sheet = new CSSStyleSheet();
  readonly #query = matchMedia(FULL_SCREEN);
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get isFullScreen(): boolean {
    return this.#query.matches;
  }

  /** Whether writing happens on a keyboard of glass, which should not come up unasked. */
  get isTouch(): boolean {
    return matchMedia("(pointer: coarse)").matches;
  }

  watch(): void {
    this.#measure();
    this.#query.addEventListener("change", this.#changed);
    visualViewport?.addEventListener("resize", this.#measure);
    visualViewport?.addEventListener("scroll", this.#measure);
  }

  unwatch(): void {
    this.#query.removeEventListener("change", this.#changed);
    visualViewport?.removeEventListener("resize", this.#measure);
    visualViewport?.removeEventListener("scroll", this.#measure);
  }

  readonly #measure = (): void => {
    if (!visualViewport) return;
    const { height, offsetTop, scale } = visualViewport;
    // Zoomed in, the visible part is only a window onto the chat, not its size.
    const rule = scale > 1.01 ? "" : `:host{--_height:${height}px;--_top:${offsetTop}px}`;
    this.sheet.replaceSync(rule);
  };
}
