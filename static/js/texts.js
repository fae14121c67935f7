// The scripts' texts in the page's language. Django's catalogue comes before this in other
// languages than English, in which a text is its own translation.
window.gettext ??= (text) => text;
window.ngettext ??= (one, many, count) => (count === 1 ? one : many);
// "{name} waits" with { name: "Anna" }.
window.fill = (text, values) => text.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
