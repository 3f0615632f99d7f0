// The editor of a component: which fields are shown, and the lines of the preview. What a field gives and how much
// it matters comes with the preview.
import { $, all, on, reveal } from "../capi/dom.js";

const fields = $("#fields"), find = $("#find-field"), source = $("#preview-source");
const current = (links, link) => links.forEach((it) => { it.ariaCurrent = it === link ? "true" : null; });

on("click", (event) => {
  const link = event.target.closest("[data-view], [data-step]"), { view, step } = link?.dataset ?? {};
  if (view) { // The view hides rows by class. Its address is for a reload.
    event.preventDefault();
    fields.className = `all-rows v-${view}`;
    current(all("[data-view]"), link);
    history.replaceState(history.state, "", link.href);
  } else if (step) {
    source.selectedIndex = (source.selectedIndex + Number(step) + source.length) % source.length;
    source.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
on("input", ({ target }) => {
  if (target.form) $(`#${CSS.escape(target.id)}-marks .suggested`)?.remove();
  if (target !== find) return;
  const words = find.value.trim().toLowerCase();
  const found = all(".f", fields).filter((row) => row.classList.toggle("found", Boolean(words)
    && `${row.textContent} ${$("input, textarea, select", row)?.value}`.toLowerCase().includes(words)));
  fields.classList.toggle("finding", Boolean(words));
  $("#found").textContent = words && `${found.length || "No"} field${found.length === 1 ? "" : "s"} found`;
});

// The line of the field in use.
function follow() {
  const { id } = document.activeElement;
  const [first] = all("[data-line]").filter((line) => line.classList.toggle("is-on", line.dataset.line === id));
  if (first) reveal(first, first.closest(".preview"));
}
for (const type of ["focusin", "htmx:afterSwap"]) on(type, follow);

// The section that is being read.
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) current(all(".toc a"), $(`.toc [href="#${target.id}"]`));
  }
}, { rootMargin: "-48px 0px -70%" });
all(".fs > h2[id]").forEach((head) => seen.observe(head));
