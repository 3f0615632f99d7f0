// The editor of a component. What a field gives and how much it matters comes with the preview.
import { $, all, fits, on, reveal } from "../capi/dom.js";

const fields = $("#fields"), find = $("#find-field"), source = $("#preview-source");

on("click", (event) => {
  const link = event.target.closest("[data-view], [data-step]"), { view, step } = link?.dataset ?? {};
  if (view) { // The view hides rows by class. Its address is for a reload.
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
  const inputs = "input, textarea, select";
  const found = all(".f", fields).filter((row) => (
    row.classList.toggle("found", fits(`${row.textContent} ${$(inputs, row)?.value}`, find.value))));
  $("#found").textContent = find.value && `${found.length} found`;
}, find);

// The line of the field in use.
function follow() {
  for (const line of all("[data-line]")) {
    if (line.classList.toggle("is-on", line.dataset.line === document.activeElement.id)) reveal(line);
  }
}
for (const type of ["focusin", "htmx:afterSwap"]) on(type, follow);
