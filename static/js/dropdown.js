// <details data-dropdown> around radio buttons: shows what is chosen, closes like a select.
const dropdowns = () => document.querySelectorAll("[data-dropdown]");

function show(dropdown) {
  const value = dropdown.querySelector("[data-dropdown-value]");
  const chosen = dropdown.querySelector("input:checked");
  value.textContent = chosen ? chosen.dataset.word : value.dataset.placeholder;
  value.classList.toggle("is-placeholder", !chosen);
}

function close(dropdown) {
  const hadFocus = dropdown.contains(document.activeElement);
  dropdown.open = false;
  if (hadFocus) dropdown.querySelector("summary").focus();
}

document.addEventListener("change", (event) => {
  const dropdown = event.target.closest("[data-dropdown]");
  if (dropdown) show(dropdown);
});
document.addEventListener("click", (event) => {
  for (const dropdown of dropdowns())
    if (dropdown.open && !dropdown.contains(event.target)) dropdown.open = false;
  // Arrow keys "click" radio buttons too, with detail 0: they must not close the list.
  const label = event.target.closest(".dropdown-option");
  if (label && event.detail > 0 && !label.querySelector("input").disabled)
    setTimeout(() => close(label.closest("[data-dropdown]")));
});
document.addEventListener("keydown", (event) => {
  const dropdown = event.target.closest?.("[data-dropdown][open]");
  if (!dropdown) return;
  const isOption = event.target.matches("input");
  if (event.key === "Escape" || (isOption && event.key === "Enter")) {
    event.preventDefault();
    close(dropdown);
  } else if (!isOption && event.key === "ArrowDown") {
    event.preventDefault();
    (dropdown.querySelector("input:checked") ?? dropdown.querySelector("input:enabled"))?.focus();
  }
});
document.addEventListener("dropdowns:changed", () => dropdowns().forEach(show));
dropdowns().forEach(show);
