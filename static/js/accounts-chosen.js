// One panel per chosen account, asked live from TikTok when the account is ticked; taking an
// account out takes its panel along and leaves the others as they are.
const form = document.querySelector("[data-compose]");

const part = (name, pk) => document.getElementById(`${name}-${pk}`);
const isInbox = () => Boolean(form.querySelector("#mode-inbox")?.checked);
const lookAgain = () => form.dispatchEvent(new CustomEvent("compose:look"));

function remove(pk) {
  part("creator", pk)?.remove();
  part("panel", pk)?.remove();
}

function wait(box) {
  const creator = document.createElement("div");
  creator.className = "creator creator-empty soft";
  creator.id = `creator-${box.value}`;
  creator.setAttribute("aria-busy", "true");
  creator.textContent = fill(gettext("Asking TikTok about {account}…"), { account: box.dataset.accountName });
  const panel = document.createElement("section");
  Object.assign(panel, { className: "account-panel", id: `panel-${box.value}` });
  panel.dataset.panel = box.value;
  panel.dataset.account = box.dataset.accountName;
  place("creators", creator);
  place("panels", panel);
}

// In the order of the accounts, whichever was ticked first.
function place(where, element) {
  const boxes = [...form.querySelectorAll("[data-account]:checked")].map((box) => box.value);
  const name = element.id.split("-")[0];
  const after = boxes.slice(boxes.indexOf(element.id.split("-")[1]) + 1);
  const next = after.map((pk) => part(name, pk)).find(Boolean);
  const root = document.getElementById(where);
  root.insertBefore(element, next ?? root.querySelector(".creator-empty:not([id])"));
}

function fail(box, text) {
  const creator = part("creator", box.value);
  const again = Object.assign(document.createElement("button"), {
    className: "button is-small",
    type: "button",
    textContent: gettext("Ask again"),
  });
  again.addEventListener("click", () => ask(box));
  creator.className = "creator note is-bad";
  creator.setAttribute("role", "alert");
  creator.removeAttribute("aria-busy");
  creator.replaceChildren(text, " ", again);
}

async function ask(box) {
  remove(box.value);
  wait(box);
  lookAgain();
  const query = new URLSearchParams({ kind: form.dataset.kind, mode: isInbox() ? "inbox" : "direct" });
  const answer = await fetch(`${box.dataset.accountUrl}?${query}`).catch(() => null);
  if (!box.checked) return remove(box.value);
  if (!answer?.ok || answer.redirected) {
    const isSignedOut = Boolean(answer?.redirected);
    const words = isSignedOut
      ? gettext("You are signed out. Sign in in another tab.")
      : gettext("This server did not answer.");
    fail(box, words);
    return lookAgain();
  }
  const html = document.createElement("template");
  html.innerHTML = await answer.text();
  if (!box.checked) return remove(box.value);
  for (const fresh of [...html.content.children]) document.getElementById(fresh.id)?.replaceWith(fresh);
  document.dispatchEvent(new CustomEvent("dropdowns:changed"));
  lookAgain();
}

// Ticked before this script ran, as on a slow line.
function followEarlierChoices() {
  for (const box of form.querySelectorAll("[data-account]")) {
    if (box.checked && !part("panel", box.value)) ask(box);
    else if (!box.checked) remove(box.value);
  }
  lookAgain();
}

if (form) {
  form.addEventListener("change", (event) => {
    const box = event.target.closest("[data-account]");
    if (box?.checked) ask(box);
    else if (box) {
      remove(box.value);
      lookAgain();
    }
    // In inbox mode TikTok was not asked; posting directly needs its answer.
    if (event.target.id === "mode-direct")
      for (const chosen of form.querySelectorAll("[data-account]:checked"))
        if (!part("panel", chosen.value)?.hasAttribute("data-creator-ready")) ask(chosen);
  });
  form.addEventListener("click", (event) => {
    const again = event.target.closest("[data-asks-again]");
    if (!again) return;
    event.preventDefault();
    ask(document.getElementById(`account-${again.value}`));
  });
  followEarlierChoices();
}
