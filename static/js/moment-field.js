// The server says which moment a date and a time mean; the button repeats it. Until it has
// answered, the button cannot be pressed, so that nobody confirms another time than the one shown.
function say(form) {
  const label = form.querySelector("[data-moment-label]")?.dataset.momentLabel;
  for (const button of form.querySelectorAll("[data-moment-button]")) {
    const { momentButton, plain } = button.dataset;
    button.textContent = label ? fill(momentButton, { when: label }) : plain;
  }
  form.dispatchEvent(new CustomEvent("compose:look"));
}

function wait(form, isAsking) {
  form.toggleAttribute("data-moment-asked", isAsking);
  form.dispatchEvent(new CustomEvent("compose:look"));
}

const isTyped = (field) => field.value !== field.defaultValue;

for (const due of document.querySelectorAll("[data-due]")) {
  const form = due.closest("form");
  due.addEventListener("input", () => wait(form, true));
  due.addEventListener("htmx:afterSwap", () => {
    wait(form, false);
    say(form);
  });
  for (const failure of ["htmx:sendError", "htmx:responseError"])
    due.addEventListener(failure, () => wait(form, false));
  for (const button of due.querySelectorAll("[data-takes-moment]")) button.hidden = false;
  // Accounts bring such buttons along when they are ticked.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-takes-moment]");
    if (!button) return;
    event.preventDefault();
    due.querySelector('[name="due_date"]').value = button.dataset.date;
    due.querySelector('[name="due_time"]').value = button.dataset.time;
    due.dispatchEvent(new Event("change", { bubbles: true }));
  });
  say(form);
  // Typed before this script ran, as on a slow line; htmx listens from here on.
  if ([...due.querySelectorAll("input")].some(isTyped)) {
    wait(form, true);
    addEventListener("DOMContentLoaded", () => due.dispatchEvent(new Event("change", { bubbles: true })));
  }
}
