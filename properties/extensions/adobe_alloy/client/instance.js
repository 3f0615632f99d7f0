'use strict';

// The instance of the Web SDK that this library uses: its own, or that of the page.

const sdk = require('@capi/web-sdk');
const noteCopies = require('./page_copies.js');
const visitor = require('./visitor_state.js');

const DATASTREAMS = { development: 'developmentEdgeConfigId', staging: 'stagingEdgeConfigId' };
const NAME = 'capi';
let own = null;
let decision = null;

function settings() {
  return turbine.getExtensionSettings();
}

function isThePages(given) {
  return Boolean(given.libraryCode) && given.libraryCode.type === 'preinstalled';
}

/** Returns `in`, `out` or `pending`: decided here, remembered in the browser, or as the extension says. */
function consent(given) {
  const usual = 'defaultConsent' in given ? given.defaultConsent : 'in';
  const state = decision || visitor.remembered(String(given.orgId)) || usual;
  return state === 'in' || state === 'out' ? state : 'pending';
}

function usualConsent(given) {
  const usual = 'defaultConsent' in given ? given.defaultConsent : 'in';
  return ['in', 'out', 'pending'].includes(usual) ? usual : 'pending';
}

/** Gives a new visitor an identity, if the visitor's decision allows it. */
function giveIdentity(given) {
  if (given.orgId && consent(given) === 'in') {
    visitor.giveIdentity(String(given.orgId));
  }
}

function configuration(given) {
  const stage = DATASTREAMS[turbine.environment.stage];
  return {
    datastreamId: given.datastreamId || given[stage] || given.edgeConfigId,
    orgId: given.orgId,
    edgeDomain: given.edgeDomain,
    edgeBasePath: given.edgeBasePath || 'ee',
    defaultConsent: usualConsent(given),
    thirdPartyCookiesEnabled: false,
    idMigrationEnabled: false,
    debugEnabled: turbine.debugEnabled,
    onBeforeEventSend: noteCopies,
  };
}

function makeOwn(given) {
  giveIdentity(given);
  const made = sdk.createInstance({ name: NAME, monitors: [] });
  made('configure', configuration(given)).catch((error) => {
    turbine.logger.error('The Web SDK cannot be configured. No event is sent.', error);
  });
  return made;
}

/** Returns the function that takes commands of the Web SDK. */
function instance() {
  const given = settings();
  if (isThePages(given)) {
    const found = window[given.name || 'alloy'];
    if (typeof found !== 'function') {
      throw new Error(`The page has no Web SDK named “${given.name || 'alloy'}”.`);
    }
    return found;
  }
  own = own || makeOwn(given);
  return own;
}

/** Runs a command. The promise never fails: nobody may be waiting for it. */
function run(command, options) {
  try {
    return instance()(command, options).catch((error) => {
      turbine.logger.error(`The Web SDK could not do “${command}”.`, error);
    });
  } catch (error) {
    turbine.logger.error(`The Web SDK could not do “${command}”.`, error);
    return Promise.resolve();
  }
}

/** Tells other extensions what the visitor has decided. */
function announce(general) {
  document.dispatchEvent(new CustomEvent('capi:consent', { detail: { general } }));
}

/** Takes the visitor's decision for this page: an identity comes before the first request. */
function decide(general) {
  decision = general;
  giveIdentity(settings());
  announce(general);
}

/** Makes the instance available to the page as `alloy`, unless the page has one. */
function offer() {
  if (typeof window.alloy === 'undefined') {
    window.alloy = (command, options) => instance()(command, options);
  }
}

function begin() {
  try {
    const given = settings();
    if (isThePages(given)) {
      return;
    }
    giveIdentity(given);
    const general = given.orgId ? visitor.remembered(String(given.orgId)) : '';
    if (general) {
      announce(general);
    }
    if (given.offerAlloy === true) {
      offer();
    }
  } catch (error) {
    turbine.logger.error('The Web SDK could not begin.', error);
  }
}

// Every module has run by then, and no rule has: whoever listens for a decision hears it.
Promise.resolve().then(begin);

module.exports = { run, decide, consent, configuration };
