// After a refused form the summary of what is wrong has the focus.
document.querySelector("[data-takes-focus]")?.focus();
