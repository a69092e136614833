import base from "./base.css";
import contrast from "./contrast.css";
import conversation from "./conversation.css";
import dark from "./dark.css";
import handover from "./handover.css";
import light from "./light.css";
import options from "./options.css";
import panel from "./panel.css";

let sheets: CSSStyleSheet[] | undefined;

/** The style sheets, made once for all elements. Dark is written once and holds by wish or by device. */
export function styleSheets(): CSSStyleSheet[] {
  sheets ??= [
    light,
    `@media (prefers-color-scheme:dark){${dark.replace(":host", ":host(:not([theme=light]))")}}`,
    dark.replace(":host", ":host([theme=dark])"),
    base,
    panel,
    options,
    conversation,
    handover,
    contrast,
  ].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return sheets;
}
