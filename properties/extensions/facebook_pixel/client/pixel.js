'use strict';

// The state of the Pixel on this page: whether it may run, whether it runs, and what waits.

const filled = require('./filled.js');
const queue = require('./queue.js');
const writeCookies = require('./visitor_cookies.js');

const AGAIN = 500;
let decision = null;
let isStarted = false;
let isWaiting = false;
let held = [];

function settings() {
  return turbine.getExtensionSettings();
}

/** Returns `in`, `out` or `pending`. A data element that gives neither yes nor no means that nobody has asked. */
function consent() {
  const given = settings();
  const usual = 'defaultConsent' in given ? given.defaultConsent : 'in';
  const state = decision || usual;
  return state === 'in' || state === 'out' ? state : 'pending';
}

function setUp({ pixelId, autoConfig, lduEnabled, advancedMatching, ...rest }) {
  const { fbq } = window;
  if (queue.knows(pixelId)) {
    turbine.logger.warn(`The page sets up the pixel ${pixelId} itself. Remove that, or tick “The page has its own base code”.`);
    return;
  }
  fbq('set', 'autoConfig', autoConfig === true, pixelId);
  if (lduEnabled === true) {
    const places = [rest.dataProcessingOptionsCountry, rest.dataProcessingOptionsState];
    fbq('dataProcessingOptions', ['LDU'], ...places.map((it) => Number(it) || 0));
  }
  fbq('init', pixelId, filled(advancedMatching), { agent: 'capi_admin' });
}

/** Sets up the Pixel. Returns false while the page's own base code is not there yet. */
function start(given) {
  const isThePages = queue.isThere();
  if (given.ownBaseCode === true) {
    isStarted = isThePages;
    return isStarted;
  }
  if (!isThePages) {
    queue.install();
  }
  // Both are Meta's own switches: a second PageView for a new address, and a repeated PageView that is dropped.
  window.fbq.disablePushState = given.disablePushState !== false;
  window.fbq.allowDuplicatePageViews = true;
  setUp(given);
  isStarted = true;
  return true;
}

function runHeld() {
  const given = { ...settings(), pixelId: String(settings().pixelId || '').trim() };
  if (!isStarted && !start(given)) {
    tryAgain();
    return;
  }
  queue.load();
  held.splice(0).forEach((command) => {
    window.fbq(...command);
    announce(command);
  });
}

/** Tells other extensions which event went to the Pixel: the next event to the server says so too. */
function announce([, pixelId, name, , options]) {
  const detail = [pixelId, name, options ? options.eventID : ''];
  document.dispatchEvent(new CustomEvent('capi:copy', { detail }));
}

function tryAgain() {
  if (!isWaiting) {
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      act();
    }, AGAIN);
  }
}

/** Does what the visitor's decision allows now. */
function act() {
  try {
    if (consent() !== 'in') {
      return;
    }
    if (settings().writeCookies !== false) {
      writeCookies();
    }
    if (held.length) {
      runHeld();
    }
  } catch (error) {
    turbine.logger.error('The Pixel could not be used.', error);
  }
}

/** Sends a command to the Pixel, now or when the visitor agrees. It must be a copy. */
function send(command) {
  if (consent() !== 'out') {
    held.push(command);
    act();
  }
}

/** Takes the visitor's decision, `in` or `out`, for this page. */
function decide(general) {
  if (general !== 'in' && general !== 'out') {
    turbine.logger.warn(`“${general}” is not a decision. It must be “in” or “out”.`);
    return;
  }
  const hasChanged = decision !== general;
  decision = general;
  if (general === 'out') {
    held = [];
  }
  if (isStarted && hasChanged) {
    window.fbq('consent', general === 'in' ? 'grant' : 'revoke');
  }
  act();
}

function decideSafely(event) {
  try {
    decide(event.detail && event.detail.general);
  } catch (error) {
    turbine.logger.error('The Pixel could not take the decision.', error);
  }
}

// Other extensions announce decisions. The cookies must be there before the first rule sends anything.
document.addEventListener('capi:consent', decideSafely);
Promise.resolve().then(act);

module.exports = { send, decide, prepare: act, settings, consent };
