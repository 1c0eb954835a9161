// Which examples the net takes for alike.

/** The examples as points, a colour for each class; a ring where the net is wrong. */
function nearnessOf({ plane, classes }) {
  if (!plane) return [];
  const tall = Math.max(...plane.points.map(([, y]) => y)), wide = Math.max(...plane.points.map(([x]) => x));
  const note = h("p", { class: "small", id: "near", "aria-live": "polite" }, "\u00a0");
  const points = plane.points.map(([x, y, is, says]) => {
    const point = s("circle", { cx: x, cy: tall - y, r: 9, class: is === says ? "" : "wrong", "data-class": is,
      onpointerenter: () => { note.textContent = is === says ? `${classes[is]}, and the net says so` : `${classes[is]}, but the net says ${classes[says]}`; } });
    point.style.fill = `hsl(${Math.round((360 * is) / classes.length)} 65% 50%)`;
    return point;
  });
  const names = classes.length > 20 ? [] : classes.map((name, number) => {
    const mark = h("span", { class: "mark" });
    mark.style.background = `hsl(${Math.round((360 * number) / classes.length)} 65% 50%)`;
    return h("span", {}, mark, name);
  });
  return [h("h3", {}, "Examples that the net takes for alike"),
    h("p", { class: "small soft" }, `${count(plane.points.length)} examples by what ${plane.path} gives, in two principal components (${(100 * plane.share).toFixed(1)} % of the variance). A ring marks a mistake.`),
    s("svg", { class: "plane near", viewBox: `-20 -20 ${wide + 40} ${tall + 40}`, role: "img", "aria-label": "examples near each other" }, points), h("p", { class: "row small" }, names), note];
}
