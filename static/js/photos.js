// The photos of a post: order by drag or by their buttons, cover, and the strip in the preview.
// Without script the same buttons are sent to the server, which shows the form in the new order.
const list = document.querySelector("[data-photos]");
const form = list?.closest("form");
const phone = document.getElementById("phone-media");
const items = () => [...list.querySelectorAll("[data-photo]")];
// What the phone says while there are no photos.
const nothing = list && !list.querySelector("[data-photo]") ? [...phone.childNodes] : [];
let dragged = null;
// The cover that nobody chose: the first photo, also when it arrives after a later one.
let proposed = null;

function proposeCover(all) {
  const chosen = list.querySelector('input[name="cover"]:checked');
  if (!all.length || (chosen && chosen !== proposed)) return;
  proposed = all[0].querySelector('input[name="cover"]');
  proposed.checked = true;
}

function changed() {
  const all = items();
  if (!list.querySelector('input[name="cover"]:checked')) proposeCover(all);
  all.forEach((item, place) => {
    item.querySelector("[data-photo-place]").textContent = place + 1;
    item.querySelector('[data-arrange="up"]').disabled = place === 0;
    item.querySelector('[data-arrange="down"]').disabled = place === all.length - 1;
  });
  const limit = Number(list.dataset.maxPhotos);
  const count = form.querySelector("[data-photo-count]");
  count.textContent = fill(gettext("{count} of {limit}"), { count: all.length, limit });
  count.classList.toggle("is-over", all.length > limit);
  document.getElementById("photos-help").hidden = all.length === 0;
  preview(all);
  form.dispatchEvent(new CustomEvent("compose:look"));
}

function preview(all) {
  if (!all.length) return phone.replaceChildren(...nothing);
  const list = document.createElement("ol");
  list.append(...all.map((item, place) => shown(item, place, all.length)));
  const strip = document.createElement("div");
  strip.className = "phone-strip";
  if (all.length > 1) {
    strip.tabIndex = 0;
    strip.setAttribute("role", "region");
    const count = all.length;
    const words = ngettext(
      "{count} photo in its order, to scroll sideways",
      "{count} photos in their order, to scroll sideways",
      count,
    );
    strip.setAttribute("aria-label", fill(words, { count }));
  }
  strip.append(list);
  phone.replaceChildren(strip);
}

function shown(item, place, count) {
  const row = document.createElement("li");
  const picture = document.createElement("img");
  const small = item.querySelector("img");
  Object.assign(picture, { src: small.dataset.full, alt: small.alt, loading: "lazy" });
  row.append(picture);
  const marks = Object.assign(document.createElement("span"), { className: "phone-marks" });
  if (item.querySelector('input[name="cover"]').checked) marks.append(word(gettext("Cover")));
  const number = word(fill(gettext("{number} of {count}"), { number: place + 1, count }));
  number.className = "push";
  marks.append(number);
  if (count > 1) row.append(marks);
  return row;
}

function word(text) {
  return Object.assign(document.createElement("span"), { textContent: text });
}

function move(item, act) {
  if (act === "remove") item.remove();
  else if (act === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  changed();
  form.dispatchEvent(new CustomEvent("compose:content"));
}

function follow(item, act) {
  const button = item.querySelector(`[data-arrange="${act}"]`);
  (button.disabled ? item.querySelector(".photo-acts button:enabled") : button)?.focus();
}

if (list) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-arrange]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("[data-photo]");
    const next = item.nextElementSibling ?? item.previousElementSibling;
    move(item, button.dataset.arrange);
    if (button.dataset.arrange === "remove") (next?.querySelector('[data-arrange="remove"]') ?? form.querySelector("#id_file")).focus();
    else follow(item, button.dataset.arrange);
  });
  list.addEventListener("change", () => {
    proposed = null;
    changed();
  });
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-photo]");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-photo]");
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const isAfter = items().indexOf(over) > items().indexOf(dragged);
    over[isAfter ? "after" : "before"](dragged);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    dragged = null;
    changed();
    form.dispatchEvent(new CustomEvent("compose:content"));
  });
  form.addEventListener("photos:arrived", () => {
    proposeCover(items());
    changed();
    form.dispatchEvent(new CustomEvent("compose:content"));
  });
  changed();
}
