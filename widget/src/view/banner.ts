import type { Desk, Notice, Phase } from "../desk/desk.ts";
import { h, setText } from "../dom.ts";
import type { Say, WordKey } from "../words.ts";

const PASSING_MS = 4_000;
/** A short break heals by itself; telling it at once would only make people nervous. */
const PATIENCE_MS = 700;

const PHASE_WORDS: Partial<Record<Phase, WordKey>> = {
  connecting: "status_connecting",
  reconnecting: "status_reconnecting",
  offline: "status_offline",
  failed: "status_failed",
};
const NOTICE_WORDS: Record<Notice, WordKey> = {
  online: "status_online",
  expired: "status_expired",
  too_many: "error_too_many",
  too_long: "error_too_long",
  not_sent: "error_other",
  person_joined: "person_joined",
  person_left: "person_left",
};

/** The strip under the header that says how the line is; screen readers hear it change. */
export class BannerView {
  readonly element = h("div", { class: "banner", role: "status", hidden: true });
  readonly #words = h("span");
  readonly #retry = h("button", { type: "button", class: "again" });
  readonly #desk: Desk;
  #noticeSeen = 0;
  #noticeUntil = 0;
  #phase: Phase = "idle";
  #phaseSince = 0;
  #wasTold = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.element.append(this.#words, this.#retry);
    this.#retry.addEventListener("click", () => void desk.start());
  }

  render(say: Say): void {
    this.#follow();
    const key = this.#key();
    this.element.dataset["state"] = this.#desk.phase;
    setText(this.#words, key ? say(key) : "");
    setText(this.#retry, say("retry"));
    this.#retry.hidden = this.#desk.phase !== "failed";
    this.element.classList.toggle("is-shown", key !== null);
    this.element.hidden = false;
    clearTimeout(this.#again);
    const next = this.#nextChange();
    if (next !== null) this.#again = setTimeout(() => this.render(say), next);
  }

  #follow(): void {
    const { phase, noticeCount, notice } = this.#desk;
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#phaseSince = Date.now();
    }
    if (noticeCount === this.#noticeSeen) return;
    this.#noticeSeen = noticeCount;
    // "Back online" is news only for those who were told of the break.
    if (notice !== "online" || this.#wasTold) this.#noticeUntil = Date.now() + PASSING_MS;
    if (notice === "online") this.#wasTold = false;
  }

  #key(): WordKey | null {
    const { phase, notice } = this.#desk;
    const isPassing = phase === "connecting" || phase === "reconnecting";
    const isDue = !isPassing || Date.now() - this.#phaseSince >= PATIENCE_MS;
    const words = PHASE_WORDS[phase];
    if (words && isDue) {
      this.#wasTold = true;
      return words;
    }
    return notice && Date.now() < this.#noticeUntil ? NOTICE_WORDS[notice] : null;
  }

  #nextChange(): number | null {
    const now = Date.now();
    const times = [this.#noticeUntil, this.#phaseSince + PATIENCE_MS].filter((time) => time > now);
    return times.length > 0 ? Math.min(...times) - now + 1 : null;
  }
}
