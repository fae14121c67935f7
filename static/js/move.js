// "Move to…" and Undo without leaving the calendar. The server's form, as a page without script,
// comes into a dialog; a refused move comes back with the reason and the nearest free moment.
// Others ask for a move by `move:wanted` on the document, with `post` (its number) and `values`.
const dialog = document.getElementById("move-dialog");
const body = document.getElementById("move-body");
const part = document.getElementById("calendar-part");
let focusedId = "";
let movedPost = "";

const address = (post) => `/posts/${post}/move/`;
const here = () => location.pathname + location.search;

function send(verb, url, values = {}) {
  return htmx.ajax(verb, url, { target: body, swap: "innerHTML", values: { next: here(), ...values } });
}

function open(post) {
  send("GET", address(post));
}

function valuesOf(form, button) {
  const data = new FormData(form, button ?? undefined);
  data.delete("csrfmiddlewaretoken");
  return Object.fromEntries(data);
}

function showOrClose() {
  if (!body.firstElementChild) {
    dialog.close();
    return;
  }
  if (!dialog.open) dialog.showModal();
  (body.querySelector("#move-offer, [data-takes-focus]") ?? body.querySelector("input:not([type=hidden])"))?.focus();
}

// Every tile that may be moved gets its button; the server's page would grow by a quarter with it.
function addButtons() {
  for (const tile of part.querySelectorAll(".tile.moves")) {
    const post = tile.id.replace("tile-", "");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tile-move";
    button.id = `move-${post}`;
    button.dataset.move = post;
    const caption = tile.querySelector("p").textContent;
    const time = tile.querySelector("time")?.textContent ?? gettext("without a date");
    button.setAttribute("aria-label", fill(gettext("Move to…: {time}, {caption}"), { time, caption }));
    button.title = gettext("Move to…");
    const sprite = document.getElementById("move-icon").content.cloneNode(true);
    button.append(sprite);
    tile.after(button);
  }
}

function giveFocusBack() {
  const isLost = document.activeElement === document.body || !document.activeElement;
  if (movedPost && !dialog.open) document.getElementById(`tile-${movedPost}`)?.focus();
  else if (isLost) document.getElementById(focusedId)?.focus({ preventScroll: true });
  movedPost = "";
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-move]");
  if (!opener || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  open(opener.dataset.move);
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-moves]");
  if (!form) return;
  event.preventDefault();
  form.closest("[data-message]")?.remove();
  send("POST", form.getAttribute("action"), valuesOf(form, event.submitter));
});

document.addEventListener("move:wanted", ({ detail }) => send("POST", address(detail.post), detail.values));

document.addEventListener("post:moved", ({ detail }) => {
  movedPost = String(detail.post);
  for (const message of document.querySelectorAll("[data-message][data-stays]")) message.remove();
  document.dispatchEvent(new CustomEvent("live:ask"));
});

body.addEventListener("htmx:afterSwap", showOrClose);
dialog.addEventListener("close", () => body.replaceChildren());
part.addEventListener("focusin", (event) => (focusedId = event.target.id));
part.addEventListener("live:swapped", () => {
  addButtons();
  giveFocusBack();
});
addButtons();
