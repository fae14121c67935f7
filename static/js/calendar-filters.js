// The menus of [data-filters]: one open at a time, Escape and a click elsewhere close it, and a
// menu that closes with other ticks than it opened with shows the posts. On a phone, where they
// stand under each other, the button at their end does.
const areBeside = matchMedia("(min-width: 800px)");

function attach(form) {
  const menus = [...form.querySelectorAll("[data-filter-menu]")];
  const ticks = (menu) => [...menu.querySelectorAll("input:checked")].map((box) => box.value).join();
  const before = new Map(menus.map((menu) => [menu, ticks(menu)]));

  const closeAllBut = (kept) => {
    if (areBeside.matches) for (const menu of menus) if (menu !== kept) menu.open = false;
  };
  const react = (menu) => {
    if (menu.open) closeAllBut(menu);
    else if (areBeside.matches && ticks(menu) !== before.get(menu)) form.requestSubmit();
  };
  for (const menu of menus) menu.addEventListener("toggle", () => react(menu));
  document.addEventListener("click", (event) => {
    closeAllBut(menus.find((menu) => menu.contains(event.target)));
  });
  form.addEventListener("keydown", (event) => {
    const menu = event.target.closest("[data-filter-menu][open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

document.querySelectorAll("[data-filters]").forEach(attach);
