// A button with data-prints, hidden without script, opens the browser's print dialog.
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
