// Counts the names on objects that a piece is likely to change.
(function (taken) {
  "use strict";
  const { world, ownKeys, parse, stringify } = taken;

  return () => {
    const { Object, Array, String, Number, Boolean, Math, JSON } = world;
    if (JSON?.parse !== parse || JSON?.stringify !== stringify) return "";
    const all = [world, Object, Object?.prototype, Array?.prototype, String?.prototype, Number?.prototype, Boolean?.prototype, Math, JSON];
    let text = "";
    for (let i = 0; i < all.length; i++) text += ownKeys(all[i]).length + " ";
    return text;
  };
})
