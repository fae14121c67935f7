// Messages can be closed; news of success goes by itself, errors and what has a button stay.
const STAY_MS = 8000;

function attach(message) {
  const button = message.querySelector("[data-dismisses]");
  button.hidden = false;
  button.addEventListener("click", () => message.remove());
  if (message.matches(".is-bad, .is-warning, [data-stays]")) return;
  let timer = setTimeout(() => message.remove(), STAY_MS);
  for (const name of ["pointerenter", "focusin"])
    message.addEventListener(name, () => clearTimeout(timer));
  message.addEventListener("pointerleave", () => {
    timer = setTimeout(() => message.remove(), STAY_MS);
  });
}

document.querySelectorAll("[data-message]").forEach(attach);
document.addEventListener("htmx:load", ({ detail }) => {
  if (detail.elt.matches?.("[data-message]")) attach(detail.elt);
});
