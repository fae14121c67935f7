// The list's ticks: one for all shown, the count told as it changes, a range with Shift, one menu
// open at a time, and a form that goes off once however often it is pressed.
function attach(form) {
  const all = form.querySelector("[data-bulk-all]");
  const count = form.querySelector("[data-bulk-count]");
  const boxes = [...form.querySelectorAll("input[name=post]")];
  const menus = [...form.querySelectorAll(".bulk-menu")];
  let last = null;

  // The server reads the boxes themselves.
  all.removeAttribute("name");
  form.classList.add("has-count");

  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    const words = ngettext("{count} selected", "{count} selected", ticked);
    count.textContent = ticked ? fill(words, { count: ticked }) : "";
  };
  const closeAllBut = (kept) => {
    for (const menu of menus) if (menu !== kept) menu.open = false;
  };

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (!boxes.includes(box)) return;
    const ends = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && last)
      for (const between of boxes.slice(ends[0], ends[1])) between.checked = box.checked;
    last = box;
    show();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      // Ticks that the page came with would stay.
      for (const box of boxes) box.checked = false;
      show();
    }),
  );
  form.addEventListener("keydown", (event) => {
    const menu = event.target.closest(".bulk-menu[open]");
    if (event.key === "Escape" && menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (event.key === "Enter" && event.target.matches(".bulk-step input")) {
      event.preventDefault();
      event.target.closest(".bulk-step").querySelector("button").click();
    }
  });
  document.addEventListener("click", (event) => {
    closeAllBut(menus.find((menu) => menu.contains(event.target)));
  });
  form.addEventListener("submit", (event) => {
    if (form.dataset.isSent) event.preventDefault();
    form.dataset.isSent = "yes";
  });
  // A page taken from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => delete form.dataset.isSent);
  show();
}

document.querySelectorAll("[data-bulk]").forEach(attach);
