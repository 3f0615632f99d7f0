// The editor of a component, beside its preview.
import { $, all, fits, on, reveal } from "../capi/dom.js";

const fields = $("#fields"), find = $("#find-field"), source = $("#preview-source");

on("click", (event) => {
  const link = event.target.closest("[data-view], [data-step]"), { view, step } = link?.dataset ?? {};
  if (view) { // It hides rows by class. Its address is for a reload.
    event.preventDefault();
    fields.className = `all-rows v-${view}`;
    for (const each of all("[data-view]")) each.ariaCurrent = each === link ? "true" : null;
    history.replaceState(history.state, "", link.href);
  } else if (step) {
    source.selectedIndex = (source.selectedIndex + Number(step) + source.length) % source.length;
    source.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
on("input", () => {
  const textOf = (row) => `${row.textContent} ${$("input, textarea, select", row)?.value}`;
  const found = all(".f", fields).filter((row) => row.classList.toggle("found", fits(textOf(row), find.value)));
  $("#found").textContent = find.value && `${found.length} found`;
}, find);

// The line of the field in use.
function follow() {
  for (const line of all("[data-line]")) {
    if (line.classList.toggle("is-on", line.dataset.line === document.activeElement.id)) reveal(line);
  }
}
on("focusin", follow);
on("htmx:afterSwap", follow);
