// What is changed in the Web SDK, by file: pairs of published and changed text, each found once.

// A shop and an event endpoint on one machine can do without TLS. Only a host that always means this machine is asked
// by plain http, and only by a page that has come so itself. Every other host is asked by https, whatever the page. A
// port belongs to the address.
const THIS_MACHINE = String.raw`/^(([\w-]+\.)*localhost|127\.0\.0\.1)(:\d+)?$/i`;
const SCHEME = `location.protocol === "http:" && ${THIS_MACHINE}.test(endpointDomain) ? "http" : "https"`;

// A request outlives its page, as a beacon does, but its answer is read. Browsers keep 64 KiB of all bodies that are on
// their way, and refuse what is more: 20,000 letters are 60,000 bytes at most.
const COUNTS = `const length = kept + body.length <= 20000 ? body.length : 0;
    const over = () => { kept -= length; };
    kept += length;
    const sent = fetch(url, { keepalive: length > 0,`;

export const CHANGED = {
  "core/edgeNetwork/injectSendEdgeNetworkRequest.js": [
    ["`https://${endpointDomain}/", `\`\${${SCHEME}}://\${endpointDomain}/`],
  ],
  "utils/validation/domainValidator.js": [["/^[a-z0-9.-]{1,}$/i", String.raw`/^[a-z0-9.-]+(:\d+)?$/i`]],
  "core/network/requestMethods/injectSendFetchRequest.js": [
    ["export default ({ fetch }) => {", "export default ({ fetch }) => {\n  let kept = 0;"],
    ["return fetch(url, {", COUNTS],
    ["}).then((response) => {", "});\n    sent.then(over, over);\n    return sent.then((response) => {"],
  ],
};
