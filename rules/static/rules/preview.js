// The preview follows the form. Suggested values can be removed, and events pasted.
(() => {
  "use strict";
  const form = document.getElementById("component-form");
  const result = document.getElementById("preview-result");
  const controls = document.getElementById("preview-controls");
  const PAUSE_MILLISECONDS = 350;

  let timer = 0;
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => result?.dispatchEvent(new Event("refresh")), PAUSE_MILLISECONDS);
  }

  // Shows the text area for a pasted event only if that is chosen.
  function showPasting(select) {
    document.getElementById(select.dataset.pasting).hidden = select.value !== "pasted";
  }

  // A changed value is no longer a suggestion.
  function unmark(input) {
    input.closest(".field")?.querySelector(".suggested")?.remove();
  }

  function dropSuggestion(button) {
    const input = document.getElementById(button.dataset.drop);
    input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  }

  form?.addEventListener("input", (event) => { unmark(event.target); soon(); });
  form?.addEventListener("change", soon);
  form?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-drop]");
    if (button) dropSuggestion(button);
  });
  document.querySelectorAll("[data-pasting]").forEach((select) => {
    showPasting(select);
    select.addEventListener("change", () => showPasting(select));
  });
  if (!result) return;
  ["input", "change"].forEach((kind) => controls.addEventListener(kind, soon));

  // On small screens the form comes first; the summary shows the verdict.
  if (matchMedia("(max-width: 1179px)").matches) result.closest("details").open = false;

  // A new preview keeps opened parts open, and the scroll position.
  const opened = () => new Set([...result.querySelectorAll("[data-keep][open]")].map((one) => one.dataset.keep));
  let kept = { opened: new Set(), top: 0 };
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target === result) kept = { opened: opened(), top: result.querySelector("pre")?.scrollTop || 0 };
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "preview-sent") event.target.scrollIntoView({ block: "nearest" });
    if (event.target !== result) return;
    result.querySelectorAll("[data-keep]").forEach((one) => { one.open = kept.opened.has(one.dataset.keep); });
    const payload = result.querySelector("pre");
    if (payload) payload.scrollTop = kept.top;
  });
})();
