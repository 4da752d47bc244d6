// Shows the values of an epoch where the pointer, or the cursor keys, are on the chart. All of it stands in the
// table below the chart, too.
(() => {
  const table = document.getElementById("curves");
  const chart = document.querySelector(".chart");
  if (!table || !chart) return;
  const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const values = new Map([...table.tBodies[0].rows].map(
    (row) => [Number(row.cells[0].textContent), [...row.cells].slice(1).map((cell) => cell.textContent)]));
  const epochs = [...values.keys()];
  const lines = [...document.querySelectorAll(".legend .line")];

  const readout = document.createElement("div");
  readout.className = "readout";
  readout.setAttribute("role", "status");
  readout.hidden = true;
  chart.append(readout);

  const place = (svg) => {
    const { left, right, low, high } = Object.fromEntries(
      Object.entries(svg.dataset).map(([name, text]) => [name, Number(text)]));
    return {
      share: (epoch) => left + (right - left) * (epoch - low) / (high - low),
      epoch: (share) => low + (high - low) * (share - left) / (right - left),
    };
  };
  const nearest = (wanted) => epochs.reduce((a, b) => Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a);

  const fill = (epoch) => {
    const list = document.createElement("table");
    list.createCaption().textContent = `epoch ${epoch}`;
    values.get(epoch).forEach((value, i) => {
      if (value === "-") return;
      const row = list.insertRow();
      row.insertCell().append(lines[i].cloneNode(true), names[i]);
      row.insertCell().textContent = value;
    });
    readout.replaceChildren(list);
  };

  for (const svg of chart.querySelectorAll("svg")) {
    const at = place(svg);
    const box = svg.viewBox.baseVal;
    const cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
    cursor.setAttribute("class", "cursor");
    cursor.setAttribute("y1", 0);
    cursor.setAttribute("y2", box.height);
    let shown = epochs[0];
    const show = (epoch) => {
      shown = epoch;
      fill(epoch);
      const share = at.share(epoch);
      for (const end of ["x1", "x2"]) cursor.setAttribute(end, share * box.width);
      if (!cursor.parentNode) svg.append(cursor);
      readout.hidden = false;
      const room = chart.clientWidth - readout.offsetWidth;
      const beside = share * chart.clientWidth + (share < 0.5 ? 16 : -16 - readout.offsetWidth);
      readout.style.left = `${Math.max(0, Math.min(room, beside))}px`;
    };
    const hide = () => {
      cursor.remove();
      readout.hidden = true;
    };
    svg.setAttribute("tabindex", "0");
    svg.addEventListener("pointermove", (event) => {
      const bounds = svg.getBoundingClientRect();
      show(nearest(at.epoch((event.clientX - bounds.left) / bounds.width)));
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("focus", () => show(shown));
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!move) return;
      const next = epochs[epochs.indexOf(shown) + move];
      if (next !== undefined) show(next);
      event.preventDefault();
    });
  }
})();
