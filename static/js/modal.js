// A <dialog> that the server printed open, because its form was refused, becomes modal like one
// that was opened by hand.
for (const dialog of document.querySelectorAll("dialog[data-becomes-modal]")) {
  dialog.close();
  dialog.showModal();
  dialog.querySelector("[data-takes-focus]")?.focus();
}
