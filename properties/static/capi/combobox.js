// Fields that take data elements. What is drawn over an input follows from its value, focus and selection.
import { $, all, byId, fits, mark, markOf, step, STEPS } from "./dom.js";

const picker = byId("picker"), [list, elements, said, edit] = ["div", ".elements", "p", "a"].map((it) => $(it, picker));
// How a token looks, begins before the caret and ends after it: properties/catalog/tokens.py.
const { before, after, whole, begun, rest } = document.documentElement.dataset;
const [TOKEN, BEGUN, REST] = [whole, begun, rest].map((it) => new RegExp(it));
const FIELD = ".combo .box > :is(input, textarea)";
const on = (type, act) => document.addEventListener(type, act, true); // Before capi.js.
let input, query, asked, hasMoved, isLate; // isLate: Enter was pressed before the list came.

const lower = (text) => text.trim().toLowerCase();
const comboOf = (node) => node.closest(".combo");
const isToken = ({ value }) => value !== "" && value.replace(TOKEN, "") === "";
const isWhole = ({ value, selectionStart, selectionEnd }) => selectionEnd - selectionStart === value.length;
const choicesOf = (field) => byId(field.dataset.list);
// The fixed choice with this value or label.
function choiceOf(field) {
  const text = CSS.escape(field.value.trim());
  return choicesOf(field)?.querySelector(`[data-value="${text}" i], [data-label="${text}" i]`)?.dataset;
}
const faceOf = (field) => (isToken(field) ? field.value.slice(before.length, -after.length) : choiceOf(field)?.label ?? "");
const isOpen = () => picker.matches(":popover-open");
const isLoaded = () => $(".end", picker);
const visible = () => all("[role=option]:not([hidden])", picker);
const isNamed = (text, how = "") => $(`[data-name][data-value="${CSS.escape(text)}"${how}]`, picker);
const isBad = (combo, text) => !/^%(this|event|target)\./.test(text)
  && ($(".end:not(.more)", picker) ? !isNamed(text) : combo.dataset.unknown?.split("\n").includes(text));

// The text after braces before the caret.
function fragment({ value, selectionStart: start, selectionEnd: end }) {
  const found = start === end && BEGUN.exec(value.slice(0, end));
  return found && { start: found.index, text: found[1].trim() };
}

function paint(field) {
  const combo = comboOf(field), under = $(".under", combo), isActive = field === document.activeElement;
  $(".face", combo).textContent = isActive && !isWhole(field) ? "" : faceOf(field);
  combo.classList.toggle("is-token", isToken(field));
  under.replaceChildren(...field.value.split(TOKEN).map((textContent, i) => {
    const className = i % 2 && isBad(combo, textContent) ? "bad" : "";
    const isText = before === "%" && className && !isToken(field); // “100% off, 50% more”
    return i % 2 && !isText ? Object.assign(document.createElement("mark"), { textContent, className }) : textContent;
  }), " ");
  if (isActive) under.scrollLeft = field.scrollLeft;
}

function filter() {
  const small = lower(query), isSearch = query && !fragment(input), fresh = $(".fresh", picker);
  if (asked !== ($(".more", picker) ? small : "")) load(small);
  for (const it of all("[data-value]", picker)) it.hidden = !fits(it.textContent, small);
  if (fresh) {
    fresh.hidden = isSearch || isNamed(before + small + after, " i");
    fresh.search = new URLSearchParams({ name: query });
    $("b", fresh).textContent = query && ` “${query}”`;
  }
  const found = visible(), kept = hasMoved && found.find((it) => it === markOf(input));
  const isFirst = (it) => (small ? lower(it.textContent).startsWith(small) : it.dataset.value === input.value);
  mark(input, kept || found.find(isFirst) || found[0]);
  if (isLoaded()) said.textContent = `${found.length} found`;
  if (isSearch && !found.length) close();
}

async function load(q) {
  [asked, said.textContent] = [q, "Loading…"];
  await htmx.ajax("GET", picker.dataset.url, { source: elements, target: elements, values: { q } }).catch(() => {});
  if (asked !== q) return;
  if (!isLoaded()) said.textContent = "The list could not be loaded. Open it again.";
  else if (isOpen()) filter();
  if (isLate) take();
  paint(input);
}

function open(field, text = "") {
  if (!isOpen() || input !== field) {
    close();
    if (!isLoaded()) asked = null;
    input = field;
    list.prepend(choicesOf(field) ?? "");
    comboOf(field).append(picker); // A dialog makes what is outside of it inert.
    picker.showPopover();
    field.ariaExpanded &&= "true";
  }
  [query, hasMoved] = [text, false];
  filter();
}

function close() {
  if (!isOpen()) return;
  mark(input);
  input.ariaExpanded &&= "false";
  comboOf(input).append(choicesOf(input) ?? "");
  picker.hidePopover();
  document.body.append(picker);
  isLate = false;
}

const take = () => markOf(input)?.click();
// Writes as typing does, so that undo works.
function put(field, text, isAll) {
  const found = fragment(field), { value, selectionEnd: end } = field;
  field.focus();
  if (found) field.setSelectionRange(found.start, end + REST.exec(value.slice(end))[0].length);
  else if (isAll || faceOf(field)) field.select();
  document.execCommand("insertText", false, text);
  close();
  if (faceOf(field)) field.select();
}

const EVENTS = {
  keydown(field, event) {
    const { key, altKey } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (key === "F2") field.selectionStart = field.value.length;
    if (isOpen() && key === "Tab") {
      if (hasMoved || fragment(field)?.text) take();
      close();
    }
    if (isOpen() ? !(key in STEPS || /Enter|Escape/.test(key)) : !field.role || !/Enter|ArrowDown/.test(key)) return;
    event.preventDefault(); // Enter does not send a long form.
    if (key === "Escape" || (isOpen() && altKey)) close();
    else if (key === "Enter" && isOpen()) {
      isLate = elements.matches(".htmx-request") && !markOf(field)?.dataset.label;
      if (!isLate) take();
    } else if (key === "Enter") {
      edit.search = new URLSearchParams({ name: faceOf(field) });
      if (isToken(field) && isWhole(field)) edit.click();
    } else if (isOpen()) {
      hasMoved = true;
      step(field, visible(), STEPS[key]);
    } else open(field);
  },
  input(field, { inputType, isComposing }) {
    paint(field);
    if (isComposing || field !== document.activeElement) return;
    const isChosen = choicesOf(field) && field.value && !field.value.includes(before);
    const text = fragment(field)?.text ?? (isChosen ? field.value : null);
    if (text === null || inputType?.startsWith("history")) close();
    else open(field, text);
  },
  compositionend: (field) => EVENTS.input(field, {}),
  change(field) { // A typed label becomes its value.
    field.value = choiceOf(field)?.value ?? field.value;
    paint(field);
  },
  focusin(field) {
    if (field.matches("input")) Object.assign(field, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
    if (faceOf(field)) field.select();
    paint(field);
  },
  focusout(field) {
    close();
    field.scrollLeft = 0;
    paint(field);
  },
  mousedown(field, event) { // The first press selects a chip, the second one shows its text.
    if (!faceOf(field)) return;
    if (field !== document.activeElement) event.preventDefault();
    if (field === document.activeElement && isWhole(field)) field.selectionStart = field.value.length;
    else field.focus();
  },
  scroll: (field) => { $(".under", comboOf(field)).scrollLeft = field.scrollLeft; },
};
for (const type in EVENTS) on(type, (event) => { if (event.target.matches?.(FIELD)) EVENTS[type](event.target, event); });
on("selectionchange", () => {
  const field = document.activeElement;
  if (field === input && query && field.value.includes(before) && !fragment(field)) close();
  if (field.matches(FIELD)) paint(field);
});
on("mousedown", (event) => { if (event.target.closest("#picker, .pick")) event.preventDefault(); });
on("click", ({ target }) => {
  const option = target.closest("#picker [data-value]")?.dataset, pick = target.closest(".pick");
  const { dataset: key, form } = target.closest("[data-fill]") ?? {};
  if (option) put(input, option.value, option.label || query);
  if (key) { // Of received events: it becomes the path, and a name where there is none.
    form.elements["element-name"].value ||= key.name;
    put(form.elements.path, key.fill, true);
  }
  if (!pick) return;
  const field = $(FIELD, comboOf(pick)), wasOpen = field === input && isOpen();
  field.focus();
  if (wasOpen) close();
  else open(field);
});
on("htmx:beforeSwap", ({ target }) => { if (target.contains(picker)) close(); });
on("element-made", ({ detail: { name } }) => {
  asked = null;
  if (input?.isConnected) put(input, before + name + after);
});
document.documentElement.classList.add("has-combos");
