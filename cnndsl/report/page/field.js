// The arithmetic of receptive fields: from size, jump and offset, which Python has found out, to the cells of one unit.

/** Of one input: its name, extents, and what an axis of it shows to the layer: [extent, along, whole, shift, lows, highs]. */
function seenBy(layer) {
  return Object.entries(layer.sees ?? {}).map(([name, axes]) => ({
    name, extents: data.inputs[name].size.slice(0, -1), axes: axes.map((number) => data.axes[number]),
  }));
}

/** The first and the last cell of an axis that a unit sees, those beyond the border included; null if it sees all. */
function bounds([, along, whole, shift, lows, highs], unit) {
  if (whole || along === null || !lows.length) return null;
  return ends([, along, whole, shift, lows, highs], unit[along]);
}

function ends([, , , shift, lows, highs], position) {
  const phase = position % lows.length, turns = (position - phase) / lows.length;
  if (lows[phase] === null) return null;
  return [lows[phase] + turns * shift, highs[phase] + turns * shift];
}

/** Whether nothing is known of an axis: its extents are open, or it repeats too late to be listed. */
function unknown([, , whole, , lows]) {
  return !whole && !lows.length;
}

/** The unit whose field has its centre nearest to a cell of the input. */
function unitNear(layer, seen, cell) {
  const unit = layer.out.slice(0, -1).map((extent) => Math.floor((extent - 1) / 2));
  seen.axes.forEach((axis, number) => {
    const [, along, , shift, lows] = axis;
    if (along === null || !lows.length || cell[number] === undefined) return;
    const guess = Math.round(((cell[number] - centre(axis, 0)) * lows.length) / shift);
    const near = [guess - 1, guess, guess + 1].map((place) => clamp(place, 0, layer.out[along] - 1));
    unit[along] = near.reduce((best, place) => Math.abs(centre(axis, place) - cell[number]) < Math.abs(centre(axis, best) - cell[number]) ? place : best);
  });
  return unit;
}

function centre(axis, position) {
  const found = ends(axis, position);
  return found ? (found[0] + found[1]) / 2 : Infinity;
}

/** The units whose fields reach over a cell, as the first and the last on each axis of the output; null if none does. */
function fedBy(layer, seen, cell) {
  const found = layer.out.slice(0, -1).map((extent) => [0, extent - 1]);
  for (const [number, axis] of seen.axes.entries()) {
    const [, along, whole] = axis;
    if (whole || along === null || unknown(axis)) continue;
    const own = range(layer.out[along]).filter((place) => {
      const reach = ends(axis, place);
      return reach && reach[0] <= cell[number] && cell[number] <= reach[1];
    });
    if (!own.length) return null;
    found[along] = [own[0], own.at(-1)];
  }
  return found;
}
