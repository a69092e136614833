// The frames of docs/widget-protocol.md. What the server sends is checked here, once, so that
// the rest of the widget works with values that have the shape they claim.

export type Language = "it" | "id" | "en";
export type Market = "it" | "id";
export type Speaker = "customer" | "bot" | "person";

export const LANGUAGES: readonly Language[] = ["it", "id", "en"];

export interface Choice {
  id: string;
  title: string;
}

export interface SecurePage {
  kind: string;
  minutes: number | null;
  /** Null once the page was used or has expired. */
  url: string | null;
  /** How long it lived when its message was written, by the server's clock on both ends. */
  livesMs: number | null;
}

export interface Message {
  seq: number;
  from: Speaker;
  text: string;
  buttons: Choice[];
  page: SecurePage | null;
  at: number;
  clientId: string | null;
}

export interface DeskState {
  language: Language | null;
  heldBy: "bot" | "person";
  choices: string[];
}

export type ServerFrame =
  | {
      type: "welcome";
      state: DeskState;
      lastSeq: number;
      typing: boolean;
      identified: boolean;
      pages: number[] | null;
    }
  | { type: "message"; message: Message }
  | { type: "ack"; clientId: string }
  | { type: "typing"; on: boolean }
  | { type: "state"; state: DeskState }
  | { type: "pages"; open: number[] }
  | { type: "identity"; accepted: boolean }
  | { type: "error"; code: string; clientId: string | null; retryAfter: number | null }
  | { type: "pong" };

export type ClientFrame =
  | { type: "hello"; token: string; after: number }
  | { type: "text"; client_id: string; text: string }
  | { type: "button"; client_id: string; id: string }
  | { type: "language"; client_id: string; language: Language }
  | { type: "identity"; token: string | null }
  | { type: "ping" };

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOrNull = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const numbers = (value: unknown): number[] => list(value).filter((each) => typeof each === "number");

export function asLanguage(value: unknown): Language | null {
  return LANGUAGES.find((language) => language === value) ?? null;
}

/** Only web addresses may become a link: a `javascript:` or `data:` one is dropped here. */
export function webAddress(value: unknown): string | null {
  if (typeof value !== "string") return null;
  try {
    const url = new URL(value);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

function time(value: unknown): number | null {
  const parsed = Date.parse(text(value));
  return Number.isNaN(parsed) ? null : parsed;
}

function choice(value: unknown): Choice[] {
  if (!isFields(value) || typeof value.id !== "string") return [];
  return [{ id: value.id, title: text(value.title) }];
}

function page(value: unknown, writtenAt: number | null): SecurePage | null {
  if (!isFields(value)) return null;
  const expiresAt = time(value.expires_at);
  return {
    kind: text(value.kind),
    minutes: numberOrNull(value.minutes),
    url: webAddress(value.url),
    livesMs: expiresAt === null || writtenAt === null ? null : expiresAt - writtenAt,
  };
}

function speaker(value: unknown): Speaker {
  return value === "customer" || value === "person" ? value : "bot";
}

function state(value: unknown): DeskState {
  const fields = isFields(value) ? value : {};
  return {
    language: asLanguage(fields.language),
    heldBy: fields.held_by === "person" ? "person" : "bot",
    choices: list(fields.choices).filter((id) => typeof id === "string"),
  };
}

function message(fields: Fields): Message | null {
  const seq = numberOrNull(fields.seq);
  if (seq === null) return null;
  const at = time(fields.at);
  return {
    seq,
    from: speaker(fields.from),
    text: text(fields.text),
    buttons: list(fields.buttons).flatMap(choice),
    page: page(fields.page, at),
    at: at ?? Date.now(),
    clientId: textOrNull(fields.client_id),
  };
}

function frame(fields: Fields): ServerFrame | null {
  switch (fields.type) {
    case "welcome":
      return {
        type: "welcome",
        state: state(fields.state),
        lastSeq: numberOrNull(fields.last_seq) ?? 0,
        typing: fields.typing === true,
        identified: fields.identified === true,
        pages: Array.isArray(fields.pages) ? numbers(fields.pages) : null,
      };
    case "message": {
      const read = message(fields);
      return read && { type: "message", message: read };
    }
    case "ack":
      return { type: "ack", clientId: text(fields.client_id) };
    case "typing":
      return { type: "typing", on: fields.on === true };
    case "state":
      return { type: "state", state: state(fields.state) };
    case "pages":
      return { type: "pages", open: numbers(fields.open) };
    case "identity":
      return { type: "identity", accepted: fields.accepted === true };
    case "error":
      return {
        type: "error",
        code: text(fields.code),
        clientId: textOrNull(fields.client_id),
        retryAfter: numberOrNull(fields.retry_after),
      };
    case "pong":
      return { type: "pong" };
    default:
      return null;
  }
}

/** The frame in *raw*, or null for one that this version does not know. */
export function readFrame(raw: unknown): ServerFrame | null {
  if (typeof raw !== "string") return null;
  try {
    const value: unknown = JSON.parse(raw);
    return isFields(value) ? frame(value) : null;
  } catch {
    return null;
  }
}
