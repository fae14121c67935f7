// Theme and menu width change at once, so that nothing typed on the page is lost.
// Without script the same form does it with a page load.
const root = document.documentElement;
const NEXT = {
  theme: () => ({ light: "dark", dark: "auto" })[root.dataset.theme] ?? "light",
  rail: () => (root.dataset.rail === "narrow" ? "wide" : "narrow"),
};

async function change(form, button) {
  const body = new FormData(form);
  body.set(button.name, NEXT[button.name]());
  root.dataset[button.name] = body.get(button.name);
  await fetch(form.action, { method: "POST", body, redirect: "manual" });
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-appearance]");
  if (!form) return;
  event.preventDefault();
  change(form, event.submitter);
});
