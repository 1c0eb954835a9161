// Which examples the net takes for alike.

/** The examples as points, a colour for each class; a ring where the net is wrong. */
function nearnessOf({ planes, classes }) {
  if (!planes.length) return [];
  const note = h("p", { class: "small", id: "near", "aria-live": "polite" }, "\u00a0");
  const names = classes.length > 20 ? [] : classes.map((name, number) => {
    const mark = h("span", { class: "mark" });
    mark.style.background = `hsl(${Math.round((360 * number) / classes.length)} 65% 50%)`;
    return h("span", {}, mark, name);
  });
  return [h("h3", {}, "Examples that the net takes for alike"), ...planes.flatMap((plane) => planeOf(plane, classes, note)),
    h("p", { class: "row small" }, names), note];
}

function planeOf(plane, classes, note) {
  const tall = Math.max(...plane.points.map(([, y]) => y)), wide = Math.max(...plane.points.map(([x]) => x));
  const points = plane.points.map(([x, y, is, says]) => {
    const point = s("circle", { cx: x, cy: tall - y, r: 9, class: is === says ? "" : "wrong", "data-class": is,
      onpointerenter: () => { note.textContent = is === says ? `${classes[is]}, and the net says so` : `${classes[is]}, but the net says ${classes[says]}`; } });
    point.style.fill = `hsl(${Math.round((360 * is) / classes.length)} 65% 50%)`;
    return point;
  });
  const how = plane.method === "pca" ? `in two principal components (${(100 * plane.share).toFixed(1)} % of the variance)` : "by t-SNE, which keeps who is near whom";
  return [
    h("p", { class: "small soft" }, `${count(plane.points.length)} examples by what ${plane.path} gives, ${how}. A ring marks a mistake.`),
    s("svg", { class: `plane near ${plane.method}`, viewBox: `-20 -20 ${wide + 40} ${tall + 40}`, role: "img", "aria-label": `examples near each other, ${plane.method}` }, points)];
}
