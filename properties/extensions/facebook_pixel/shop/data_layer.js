'use strict';

// As on most sites, an array that a tag manager reads; ours is the object beside its entries.
window.dataLayer = window.dataLayer || [];
window.dataLayer.meta = {};
