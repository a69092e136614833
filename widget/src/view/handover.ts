import { generate } from "lean-qr/nano";

import { h, icon, set, setText, SVG } from "../dom.ts";
import type { Say } from "../words.ts";

/** The light margin that readers need around a code, in modules (ISO/IEC 18004). */
const QUIET = 4;

/** Unfolds a code to scan with the phone, and the link to take there in another way. */
export function handOver(url: string, say: Say): HTMLElement {
  const button = h("button", { type: "button", class: "plain", "aria-expanded": "false" });
  button.append(icon("phone"), say("phone_button"));
  const place = h("div", { class: "handover-place", hidden: true });
  button.addEventListener("click", () => {
    const isOpening = place.hidden;
    if (isOpening) place.replaceChildren(...unfolded(url, say));
    place.hidden = !isOpening;
    set(button, { "aria-expanded": String(isOpening) });
  });
  return h("div", { class: "handover" }, button, place);
}

function unfolded(url: string, say: Say): HTMLElement[] {
  const code = h("div", { class: "code-to-scan" });
  code.append(drawn(url, say("phone_code")));
  const parts = [code, h("p", {}, say("phone_scan"))];
  // Only pages over https may write to the clipboard.
  return "clipboard" in navigator ? [...parts, copying(url, say)] : parts;
}

function copying(url: string, say: Say): HTMLElement {
  const copy = h("button", { type: "button", class: "plain" }, say("phone_copy"));
  const done = h("span", { role: "status" });
  copy.addEventListener("click", () => {
    navigator.clipboard.writeText(url).then(
      () => setText(done, say("phone_copied")),
      // Refused by the browser: the code is still there to scan.
      () => copy.remove(),
    );
  });
  return h("div", { class: "copying" }, copy, done);
}

function drawn(url: string, name: string): SVGElement {
  const code = generate(url);
  let modules = "";
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) modules += `M${x} ${y}h1v1h-1z`;
  }
  const size = code.size + 2 * QUIET;
  const svg = document.createElementNS(SVG, "svg");
  set(svg, { viewBox: `${-QUIET} ${-QUIET} ${size} ${size}`, role: "img", "aria-label": name });
  const path = document.createElementNS(SVG, "path");
  set(path, { d: modules });
  svg.append(path);
  return svg;
}
