// Counts the caption as TikTok does, in UTF-16 code units (what JavaScript's length counts), and
// shows it in the preview.
const field = document.querySelector("[data-caption]");
const counter = document.querySelector("[data-caption-count]");
const preview = document.getElementById("phone-caption");

function count() {
  const isOver = field.value.length > Number(field.dataset.maxUtf16);
  counter.textContent = field.value.length;
  counter.parentElement.classList.toggle("is-over", isOver);
  field.toggleAttribute("data-caption-is-over", isOver);
  preview.textContent = field.value;
}

field?.addEventListener("input", count);
if (field) count();
