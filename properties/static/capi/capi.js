// Scripts of the pages: pick data elements, copy text, show dependent fields, guard unsaved changes.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // From the next page on, the server shows times in the zone of this browser.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isSecure = location.protocol === "https:" ? ";secure" : "";
  if (zone) document.cookie = `timezone=${zone};path=/;max-age=31536000;samesite=lax${isSecure}`;

  // Requests of htmx carry the CSRF token, and the zone of the page that they are inserted into.
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = $('meta[name="csrf-token"]').content;
    const shown = $("[data-zone]");
    if (shown) event.detail.headers["Time-Zone"] = shown.dataset.zone;
  });

  // The data element picker: one dialog per page. The caret keeps its position.
  let target = null;
  let caret = [0, 0];

  function openPicker(button) {
    const dialog = document.getElementById("picker");
    target = $("input, textarea", button.closest(".input-row"));
    caret = [target.selectionStart ?? target.value.length, target.selectionEnd ?? target.value.length];
    dialog.showModal();
    const search = $("input[type=search]", dialog);
    search.value = "";
    search.dispatchEvent(new Event("open", { bubbles: true }));
    search.focus();
  }

  function insertToken(name) {
    const token = `{{${name}}}`;
    target.value = target.value.slice(0, caret[0]) + token + target.value.slice(caret[1]);
    document.getElementById("picker").close();
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.focus();
    target.setSelectionRange(caret[0] + token.length, caret[0] + token.length);
  }

  // Shows fields that apply only to some values of other fields.
  const valueOf = (input) => (input.type === "checkbox" ? String(input.checked) : input.value);

  // A data element, or typed text where values are offered: its value is known only with an event.
  const mayBeAnything = (input) => valueOf(input).includes("{{")
    || Boolean(input.list && input.value && !all("option", input.list).some((option) => option.value === input.value));

  function matters(element, form) {
    return Object.entries(JSON.parse(element.dataset.showIf)).every(([name, values]) => {
      const input = form.elements.namedItem(name);
      return !input || values.includes(valueOf(input)) || mayBeAnything(input);
    });
  }

  function showWhatMatters(form) {
    all("[data-show-if]", form).forEach((element) => { element.hidden = !matters(element, form); });
  }

  // Hides a credential while it is typed. Shows the name of a data element.
  function unveil(input) {
    input.type = input.value.startsWith("{{") ? "text" : "password";
  }

  // A check box keeps its value, which it sends when it is checked.
  function empty(input) {
    if (input.type === "checkbox") input.checked = false;
    else input.value = "";
    input.removeAttribute("aria-invalid");
  }

  // Adds an empty copy of the last row, with the next number in these attributes.
  const NUMBERED = ["name", "id", "for", "list", "aria-describedby", "data-path", "data-show-if"];
  function addRow(button) {
    const rows = all(":scope > [data-row]", button.closest("[data-rows]"));
    const last = rows.at(-1);
    const copy = last.cloneNode(true);
    const start = `${button.dataset.addRow}[`;
    const [from, to] = [`${start}${rows.length - 1}]`, `${start}${rows.length}]`];
    for (const element of all("*", copy)) {
      for (const attribute of NUMBERED) {
        const text = element.getAttribute(attribute);
        if (text) element.setAttribute(attribute, text.replaceAll(from, to));
      }
    }
    all("input, textarea", copy).forEach(empty);
    all(".errorlist, .stored", copy).forEach((element) => element.remove());
    last.after(copy);
    $("input, select, textarea", copy).focus();
  }

  async function copyText(button) {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(document.getElementById(button.dataset.copy));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    button.dataset.label ||= button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = button.dataset.label; }, 1500);
  }

  const clicks = [
    ["[data-picker]", openPicker],
    ["[data-token]", (button) => insertToken(button.dataset.token)],
    ["[data-copy]", copyText],
    ["[data-add-row]", addRow],
    ["[data-dialog-open]", (button) => document.getElementById(button.dataset.dialogOpen).showModal()],
    ["[data-dialog-close]", (button) => button.closest("dialog").close()],
  ];
  document.addEventListener("click", (event) => {
    for (const [selector, act] of clicks) {
      const found = event.target.closest(selector);
      if (found) act(found);
    }
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (event.target.matches("dialog")) event.target.close();
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });

  // The browser asks before unsaved changes are lost, also when another form of the page is sent.
  let dirty = null;
  function changed(event) {
    const form = event.target.form;
    if (!form) return;
    if (form.matches("[data-guard]")) dirty = form;
    if (event.target.matches("[data-credential]")) unveil(event.target);
    showWhatMatters(form);
  }
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("submit", (event) => { if (event.target === dirty) dirty = null; });

  // Ignores the second click of a double click, so that the form is sent once.
  const TWICE_MILLISECONDS = 1000;
  const sentAt = new WeakMap();
  document.addEventListener("submit", (event) => {
    const isAgain = event.timeStamp - (sentAt.get(event.target) ?? -Infinity) < TWICE_MILLISECONDS;
    if (isAgain) event.preventDefault();
    else sentAt.set(event.target, event.timeStamp);
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  // A form left with unsaved entries is kept on the server for the person who opened it, without credentials.
  addEventListener("pagehide", () => {
    const mark = dirty && $("[data-draft]", dirty);
    if (!mark) return;
    const data = new FormData(dirty);
    all("[data-credential], [type=password], [type=file]", dirty).forEach((input) => data.delete(input.name));
    data.append("draft_address", mark.dataset.address);
    navigator.sendBeacon(mark.dataset.draft, new URLSearchParams(data));
  });

  // If the answer for a part of the page shows that the person is signed out, a form with unsaved entries stays open.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!dirty || !event.detail.xhr.getResponseHeader("HX-Refresh")) return;
    event.preventDefault();
    if (document.getElementById("signed-out")) return;
    const notice = document.createElement("p");
    notice.id = "signed-out";
    notice.className = "notice warning";
    notice.setAttribute("role", "status");
    notice.textContent = "You are signed out. Save anyway: you sign in again, and your entries come back.";
    dirty.prepend(notice);
  });

  // Runs after a page or a part of it has been loaded.
  function arrive(root) {
    all("form", root).forEach(showWhatMatters);
    const form = root.closest?.("form");
    if (form) showWhatMatters(form);
    all("[data-credential]", root).forEach(unveil);
    const first = $('[aria-invalid="true"], [data-autofocus]', root);
    if (!first) return;
    for (let outer = first.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
    first.focus();
  }
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) arrive(event.target); });
  addEventListener("DOMContentLoaded", () => arrive(document.body));
})();
