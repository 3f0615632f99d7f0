// What web_sdk.js holds: the Web SDK's core with the two optional parts that tags need.
//
// The places are named one by one: the packages' own index files bring every optional part along.
import { createCustomInstance } from "./node_modules/@adobe/alloy-core/src/index.js";
import consent from "./node_modules/@adobe/alloy-core/src/components/Consent/index.js";
// Not among the required parts of the core, but without it xdm has no web, device, environment and timestamp.
import context from "./node_modules/@adobe/alloy/src/components/Context/index.js";

module.exports = {
  // createInstance({name, monitors}) returns the function that takes commands, such as `alloy` on other sites.
  createInstance: (options) => createCustomInstance({ ...options, components: [context, consent] }),
};
