// Dragging a post to another place of its own queue; the arrows beside it do the same step by step.
for (const list of document.querySelectorAll("[data-queue]")) {
  let dragged = null;
  const placeOf = (target) => target.closest("[data-place]");
  const mark = (place) => {
    for (const one of list.querySelectorAll(".is-over")) one.classList.remove("is-over");
    place?.classList.add("is-over");
  };

  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-queued]");
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    const place = placeOf(event.target);
    if (!dragged || !place) return;
    event.preventDefault();
    mark(place === placeOf(dragged) ? null : place);
  });
  list.addEventListener("drop", (event) => {
    const place = placeOf(event.target);
    if (!dragged || !place || place === placeOf(dragged)) return;
    event.preventDefault();
    const form = dragged.querySelector("[data-queue-move]");
    const to = Object.assign(document.createElement("input"), {
      type: "hidden",
      name: "to",
      value: place.dataset.place,
    });
    form.append(to);
    form.submit();
  });
  list.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
  });
}
