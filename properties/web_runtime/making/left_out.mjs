// Parts of the Web SDK that no library needs, by file, and what stands in their place.
//
// Each serves another product of Adobe, or a setting that our extension for the Web SDK fixes to off. The engine
// already has cookies and query strings; `ask` is its `require`.
const NOTHING = "export default () => () => {};";
const NOTHING_LATER = "export default () => () => Promise.resolve();";

export const LEFT_OUT = {
  // The older Visitor library and its cookies: idMigrationEnabled is off.
  "components/Identity/visitorService/injectGetEcidFromVisitor.js": NOTHING_LATER,
  "components/Identity/visitorService/awaitVisitorOptIn.js": NOTHING_LATER,
  "components/Identity/createLegacyIdentity.js":
    "export default () => ({ getEcid: () => Promise.resolve(), setEcid() {} });",
  // Images of other companies that exchange identities: thirdPartyCookiesEnabled is off.
  "components/Identity/injectHandleResponseForIdSyncs.js": NOTHING,
  "components/Identity/injectProcessIdSyncs.js": NOTHING,
  "utils/injectFireReferrerHideableImage.js": NOTHING,
  "utils/injectGetBrowser.js": 'export default () => () => "Unknown";',
  // Parts of the context that must be asked for: no setting does.
  "components/Context/injectOneTimeAnalyticsReferrer.js": NOTHING,
  "components/Context/injectHighEntropyUserAgentHints.js": NOTHING,
  // Sessions of Adobe Assurance.
  "utils/request/createGetAssuranceValidationTokenParams.js": 'export default () => () => "";',
  // Modules of the engine.
  "utils/cookieJar.js": 'export default ask("@adobe/reactor-cookie");',
  "utils/querystring.js": 'export default ask("@adobe/reactor-query-string");',
  // The same with what every browser has.
  "utils/uuid.js": `export default () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const digits = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };`,
};
