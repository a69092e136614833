// Tells the chat on this page who is signed in, and when nobody is any more. The chat works without it.
"use strict";

{
  const { csrf } = document.currentScript.dataset;

  window.sportelloIdentity = async () => {
    const answer = await fetch("/area/identity-token", {
      method: "POST",
      headers: { "X-CSRF-Token": csrf },
      credentials: "same-origin",
      cache: "no-store",
    });
    if (answer.status === 401) return null;
    if (!answer.ok) throw new Error(`no identity token: ${answer.status}`);
    return (await answer.json()).token;
  };

  // The server ends it too; this spares whoever comes next the moment in between.
  document.addEventListener("submit", (event) => {
    if (new URL(event.target.action).pathname !== "/area/logout") return;
    document.querySelector("sportello-chat")?.identify(null);
  });
}
