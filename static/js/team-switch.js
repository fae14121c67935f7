// <details data-team-switch>: closes with Escape and with a press elsewhere, as menus do.
const openSwitch = () => document.querySelector("[data-team-switch][open]");

document.addEventListener("click", (event) => {
  const menu = openSwitch();
  if (menu && !menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = openSwitch();
  if (!menu || event.key !== "Escape") return;
  const hadFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (hadFocus) menu.querySelector("summary").focus();
});
