import { mountFromScript, SportelloChat } from "./element.ts";

// A page may carry the script twice; the first one serves.
if (!customElements.get("sportello-chat")) customElements.define("sportello-chat", SportelloChat);
mountFromScript();
