// Single keys for what a page declares: data-shortcut="t" on a link, a button or a field, and
// data-shortcut="g c" for two keys after each other. Never while somebody types, never with
// Ctrl, Alt or Cmd, never behind an open dialog. Whoever speaks to the computer, or whose hand
// strays, turns them off for this browser: [data-shortcuts-switch].
const OFF = "duecast-shortcuts-off";
const PAUSE_MS = 1500;
let begun = "";
let pause;

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    // A browser that keeps nothing keeps no choice either.
    return false;
  }
};

// Within the posting screen a stray key would lead away from a post that is being made.
const isTyping = (target) =>
  target.closest?.(
    "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio]), [data-compose]",
  );

const declared = () => [...document.querySelectorAll("[data-shortcut]")];

function use(element) {
  if (!element.matches("input, textarea")) return element.click();
  element.focus();
  element.select();
}

function press(event) {
  const keys = begun + event.key;
  clearTimeout(pause);
  begun = "";
  const found = declared().find((element) => element.dataset.shortcut === keys);
  if (found) {
    event.preventDefault();
    use(found);
  } else if (declared().some((element) => element.dataset.shortcut.startsWith(`${keys} `))) {
    begun = `${keys} `;
    pause = setTimeout(() => (begun = ""), PAUSE_MS);
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.key === "Shift") return;
  if (isTyping(event.target) || isOff() || document.querySelector("dialog:modal")) return;
  press(event);
});

for (const box of document.querySelectorAll("[data-shortcuts-switch]")) {
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.checked = !isOff();
  box.addEventListener("change", () => {
    for (const other of document.querySelectorAll("[data-shortcuts-switch]"))
      other.checked = box.checked;
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
}
