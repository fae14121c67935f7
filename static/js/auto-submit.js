// A form with data-auto-submit goes off as soon as something is chosen; its button is then needless.
for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  form.querySelector("[data-auto-submit-button]")?.setAttribute("hidden", "");
  form.addEventListener("change", () => form.requestSubmit());
}
