declare global {
  interface Window {
    /** Set by a page that knows who is logged in: gives a fresh signed token, or null for nobody. */
    sportelloIdentity?: () => Promise<string | null>;
  }
}

/** What the page says of who is there: a signed token, or null for nobody (any more). */
export interface Word {
  readonly token: string | null;
}

/** Asks the page who is logged in; undefined where it does not say, or fails to. */
export async function askPage(): Promise<string | null | undefined> {
  if (typeof window.sportelloIdentity !== "function") return undefined;
  try {
    const token: unknown = await window.sportelloIdentity();
    return typeof token === "string" && token !== "" ? token : null;
  } catch {
    // The customer can still prove who they are by a code.
    return undefined;
  }
}
