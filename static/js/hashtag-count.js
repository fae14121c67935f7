// Says how many hashtags a field holds and how long they are together, as the server will count.
for (const field of document.querySelectorAll("[data-counts-hashtags]")) {
  const place = document.getElementById(field.dataset.countsHashtags);
  const count = () => {
    const words = new Map();
    for (const word of field.value.split(/[\s,]+/).filter(Boolean))
      if (!words.has(word.toLowerCase())) words.set(word.toLowerCase(), word);
    const length = [...words.values()].join(" ").length;
    const text = ngettext("{count} hashtag, {length} characters", "{count} hashtags, {length} characters", words.size);
    place.textContent = fill(text, { count: words.size, length });
  };
  place.hidden = false;
  field.addEventListener("input", count);
  count();
}
