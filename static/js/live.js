// Keeps an element fresh: asks its data-live address every data-live-every-s seconds while the tab
// is visible, and swaps the content only when the server's ETag says that something changed.
// Focus, opened <details> with an id and how far [data-live-scrolls] is scrolled survive; the text
// of [data-announces] is read out. A fragment with [data-live-ends] ends the asking, one with
// [data-live-pace-s] changes how often; nothing is swapped while the element has data-live-waits.
// `live:ask` on the document asks at once.

function keepPlace(root) {
  const focused = root.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = root.querySelector("[data-live-scrolls]");
  const [left, top] = [scrolled?.scrollLeft, scrolled?.scrollTop];
  const opened = [...root.querySelectorAll("details[open][id]")].map((details) => details.id);
  return () => {
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    root.querySelector("[data-live-scrolls]")?.scrollTo(left ?? 0, top ?? 0);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };
}

function announce(root, before) {
  const text = root.querySelector("[data-announces]")?.textContent.trim() ?? "";
  const region = document.querySelector("[data-announcer]");
  if (region && text !== before) region.textContent = text;
}

function swap(root, html) {
  const before = root.querySelector("[data-announces]")?.textContent.trim() ?? "";
  const restore = keepPlace(root);
  root.innerHTML = html;
  window.htmx?.process(root);
  restore();
  announce(root, before);
  root.dispatchEvent(new CustomEvent("live:swapped", { bubbles: true }));
}

async function ask(root) {
  const headers = { "If-None-Match": `"${root.dataset.liveMark}"`, "HX-Request": "true" };
  const answer = await fetch(root.dataset.live, { headers, cache: "no-store", redirect: "error" });
  if (answer.status !== 200) return;
  const html = await answer.text();
  if (root.hasAttribute("data-live-waits")) return;
  root.dataset.liveMark = (answer.headers.get("ETag") ?? "").replace(/^W\/|"/g, "");
  swap(root, html);
}

const pace_ms = (root) =>
  Number(root.querySelector("[data-live-pace-s]")?.dataset.livePaceS ?? root.dataset.liveEveryS) * 1000;

function watch(root) {
  let isAsking = false;
  const look = async () => {
    if (document.hidden || isAsking) return;
    isAsking = true;
    // A lost connection is no news: the next round asks again.
    await ask(root).catch(() => {});
    isAsking = false;
  };
  const again = async () => {
    await look();
    setTimeout(again, pace_ms(root));
  };
  setTimeout(again, pace_ms(root));
  document.addEventListener("visibilitychange", look);
  document.addEventListener("live:ask", look);
}

document.querySelectorAll("[data-live]").forEach(watch);
