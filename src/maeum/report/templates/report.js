"use strict";
// The page is whole without this: it adds values at the pointer, a closer look, the slider, and search.
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "status");
  document.body.append(tip);
  let lit = null;

  function tell(mark, x, y) {
    if (lit) lit.classList.remove("on");
    lit = mark;
    tip.hidden = !mark;
    if (!mark) return;
    mark.classList.add("on");
    tip.textContent = mark.told;
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    tip.style.left = Math.max(4, Math.min(x + 14, width - tip.offsetWidth - 4)) + "px";
    const above = y - tip.offsetHeight - 12;
    tip.style.top = Math.max(4, above < 4 ? Math.min(y + 18, height - tip.offsetHeight) : above) + "px";
  }

  for (const chart of document.querySelectorAll(".chart")) {
    const marks = [...chart.querySelectorAll("title")].map((title) => {
      const mark = title.parentNode;
      mark.told = title.textContent; // told by us, so not by the browser too
      title.remove();
      return mark;
    });
    if (!marks.length) continue;
    chart.tabIndex = 0;
    const under = (event) => tell(event.target.told ? event.target : null, event.clientX, event.clientY);
    chart.addEventListener("pointermove", under);
    chart.addEventListener("pointerdown", under);
    chart.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && tell(null));
    chart.addEventListener("blur", () => tell(null));
    chart.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Escape") tell(null);
      if (!step) return;
      event.preventDefault();
      const place = marks.indexOf(lit) + step;
      const mark = marks[(place + marks.length) % marks.length];
      const box = mark.getBoundingClientRect();
      tell(mark, box.left + box.width / 2, box.top + box.height / 3);
    });
  }

  // Where the square of the marks is: a nested drawing tells only where its marks are.
  function area(marks) {
    const { left, top, width } = marks.ownerSVGElement.getBoundingClientRect();
    return { left, top, width, height: marks.height.baseVal.value };
  }

  // Of many dots the nearest one is told, by the place where it is drawn.
  for (const marks of document.querySelectorAll(".marks[data-x]")) {
    const chart = marks.closest(".chart");
    const ends = ["x", "y"].map((name) => marks.dataset[name].split(" ").map(Number));
    const names = [".axis.across", ".axis:not(.across)"].map((axis) =>
      chart.querySelector(axis).textContent.replace(/^↑ | →$/g, ""),
    );
    const dots = [...marks.querySelectorAll(".dots")].flatMap((path) =>
      [...path.getAttribute("d").matchAll(/M(-?[\d.]+) (-?[\d.]+)/g)].map((place) => [+place[1], +place[2]]),
    );
    const near = marks.querySelector(".dots").cloneNode();
    near.setAttribute("class", "dots near");
    chart.addEventListener("pointermove", (event) => {
      const box = area(marks);
      const away = ([x, y]) =>
        Math.hypot(box.left + (x * box.width) / 1000 - event.clientX, box.top + (y * box.height) / 1000 - event.clientY);
      const dot = dots.reduce((one, other) => (away(other) < away(one) ? other : one));
      near.remove();
      if (away(dot) > 20) return tell(null);
      const at = [dot[0] / 1000, 1 - dot[1] / 1000];
      const values = ends.map(([low, high], i) => +(low + (high - low) * at[i]).toPrecision(3));
      near.told = names.map((name, i) => `${name}: ${String(values[i]).replace("-", "−")}`).join("\n");
      near.setAttribute("d", `M${dot[0]} ${dot[1]}h.1`);
      marks.append(near);
      tell(near, event.clientX, event.clientY);
    });
    chart.addEventListener("pointerleave", () => {
      near.remove();
      tell(null);
    });
  }
  // Many lines and dots: the nearest one is told, and shown in every chart that has it.
  const texts = document.querySelector(".told");
  const bundles = texts ? [...document.querySelectorAll(".chart")].flatMap((chart) => {
    const paths = [...chart.querySelectorAll("path.strands")];
    if (!paths.length) return [];
    const strands = paths.flatMap((path) => {
      const parts = path.getAttribute("d").slice(1).split("M");
      return path.dataset.keys.split(" ").map((key, i) => ({
        key: Number(key), d: "M" + parts[i], points: parts[i].split("L").map((point) => point.split(/[ h]/).map(Number)),
      }));
    });
    const marks = paths[0].closest(".marks");
    const near = document.createElementNS("http://www.w3.org/2000/svg", "path");
    near.setAttribute("class", strands[0].points.length > 1 ? "line near" : "dots near");
    return [{ chart, strands, marks, near, by: new Map(strands.map((strand) => [strand.key, strand])) }];
  }) : [];
  if (bundles.length) {
    const said = JSON.parse(texts.textContent);
    const keys = [...new Set(bundles.flatMap(({ strands }) => strands.map(({ key }) => key)))].sort((a, b) => a - b);
    let shown = null;
    const show = (key, x, y) => {
      shown = key;
      for (const { by, marks, near } of bundles) {
        near.remove();
        if (!by.has(key)) continue;
        near.setAttribute("d", by.get(key).d);
        marks.append(near);
      }
      if (key === null) return tell(null);
      bundles[0].near.told = said[key];
      tell(bundles[0].near, x, y);
    };
    // Where a line is at a place, between its points.
    const height = (points, x) => {
      let low = 0;
      let high = points.length - 1;
      if (x < points[0][0] || x > points[high][0]) return NaN;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (points[middle][0] <= x) low = middle;
        else high = middle;
      }
      const [[left, from], [right, to]] = [points[low], points[high]];
      return right > left ? from + ((to - from) * (x - left)) / (right - left) : from;
    };
    for (const { chart, strands, marks } of bundles) {
      const point = (event) => {
        const box = area(marks);
        const x = (1000 * (event.clientX - box.left)) / box.width;
        const y = (1000 * (event.clientY - box.top)) / box.height;
        let [found, least] = [null, 24];
        for (const { key, points } of strands) {
          const across = points.length > 1 ? 0 : ((points[0][0] - x) * box.width) / 1000;
          const up = ((points.length > 1 ? height(points, x) : points[0][1]) - y) * (box.height / 1000);
          const away = Math.hypot(across, up);
          if (away < least) [found, least] = [key, away];
        }
        if (found !== shown || found !== null) show(found, event.clientX, event.clientY);
      };
      chart.tabIndex = 0;
      chart.addEventListener("pointermove", point);
      chart.addEventListener("pointerdown", point);
      chart.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && show(null));
      chart.addEventListener("blur", () => show(null));
      chart.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (event.key === "Escape") show(null);
        if (!step) return;
        event.preventDefault();
        const box = marks.getBoundingClientRect();
        const next = keys[(keys.indexOf(shown) + step + keys.length) % keys.length];
        show(next, box.left + box.width / 2, box.top + 40);
      });
    }
  }

  // A map of rows: the reader chooses the view and the colours, and the nearest row is told.
  const TOLD = 14; // columns of a row
  for (const map of document.querySelectorAll(".map")) {
    const { views, colours, told } = JSON.parse(map.querySelector(".data").textContent);
    const chart = map.querySelector(".chart");
    const marks = chart.querySelector(".marks");
    const legend = map.querySelector(".legend");
    const [view, colour] = ["view", "colour"].map((name) => map.querySelector(`select[name=${name}]`));
    const near = document.createElementNS("http://www.w3.org/2000/svg", "path");
    near.setAttribute("class", "dots near");
    let places = [];

    function paint() {
      const [xs, ys] = views[view.value];
      const { legend: labels, codes } = colours[colour.value];
      const paths = labels.map(() => "");
      places = [];
      xs.forEach((x, row) => {
        if (x === null) return;
        places.push([x, ys[row], row]);
        paths[codes[row]] += `M${x} ${ys[row]}h.1`;
      });
      marks.replaceChildren(
        ...paths.map((path, code) => {
          const drawn = near.cloneNode();
          drawn.setAttribute("class", `dots small ${labels[code][1]}`);
          drawn.setAttribute("d", path);
          return drawn;
        }),
      );
      legend.replaceChildren(
        ...labels.map(([label, name]) => {
          const item = document.createElement("li");
          item.append(document.createElement("i"), label);
          item.firstChild.className = name;
          return item;
        }),
      );
      map.querySelector(".coloured b").textContent = colour.selectedOptions[0].textContent;
    }

    function row(number) {
      const { legend: labels, codes } = colours[colour.value];
      const name = colour.selectedOptions[0].textContent;
      const cells = told.slice(0, TOLD).map(({ name, texts, codes }) => `${name}: ${texts[codes[number]]}`);
      if (!told.slice(0, TOLD).some((column) => column.name === name)) {
        const whole = told.find((column) => column.name === name);
        cells.push(`${name}: ${whole ? whole.texts[whole.codes[number]] : labels[codes[number]][0]}`);
      }
      return cells.join("\n");
    }

    function point(event) {
      const box = area(marks);
      let found = null;
      let least = 20;
      for (const [x, y, number] of places) {
        const away = Math.hypot(
          box.left + (x * box.width) / 1000 - event.clientX,
          box.top + (y * box.height) / 1000 - event.clientY,
        );
        if (away < least) [found, least] = [[x, y, number], away];
      }
      near.remove();
      if (!found) return tell(null);
      near.setAttribute("d", `M${found[0]} ${found[1]}h.1`);
      near.told = row(found[2]);
      marks.append(near);
      tell(near, event.clientX, event.clientY);
    }

    view.addEventListener("change", paint);
    colour.addEventListener("change", paint);
    chart.addEventListener("pointermove", point);
    chart.addEventListener("pointerdown", point);
    chart.addEventListener("pointerleave", () => {
      near.remove();
      tell(null);
    });
    map.querySelector(".choices").hidden = false;
    map.classList.add("live");
    paint();
  }

  for (const slides of document.querySelectorAll(".slides")) {
    const all = [...slides.querySelectorAll(".slide")];
    const input = slides.querySelector("input");
    function turn() {
      all.forEach((slide, place) => (slide.hidden = place !== Number(input.value)));
      const { name } = all[input.value].dataset;
      slides.querySelector("b").textContent = name;
      input.setAttribute("aria-valuetext", name);
    }
    input.addEventListener("input", turn);
    slides.querySelector(".turn").hidden = false;
    slides.classList.add("live");
    turn();
  }
  addEventListener("scroll", () => tell(null), { passive: true });

  for (const plot of document.querySelectorAll("svg.zooms")) {
    const marks = plot.querySelector(".marks");
    const ticks = plot.querySelector(".ticks");
    const told = [...marks.querySelectorAll(".readings rect")].map((rect) => ({
      at: rect.x.baseVal.value + rect.width.baseVal.value / 2,
      text: rect.told.split("\n")[0],
    }));
    const controls = plot.closest("figure").querySelector(".zoom");
    if (told.length < 20) continue;
    controls.hidden = false;
    const make = (name, parent) =>
      parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", name));
    const closer = make("g", plot);
    closer.setAttribute("class", "ticks");
    const chosen = make("rect", marks);
    chosen.setAttribute("class", "chosen");
    chosen.setAttribute("height", 1000);
    let left = 0;
    let width = 1000;

    function look(from, wide) {
      width = Math.min(1000, Math.max(wide, 8000 / told.length));
      left = Math.min(1000 - width, Math.max(0, from));
      marks.setAttribute("viewBox", `${left} 0 ${width} 1000`);
      plot.classList.toggle("closer", width < 1000);
      closer.replaceChildren();
      for (const button of controls.querySelectorAll("button"))
        button.disabled = button.value === "in" ? width <= 8000 / told.length : width >= 1000;
      if (width >= 1000) return;
      const seen = told.filter(({ at }) => at >= left && at <= left + width);
      const longest = Math.max(...seen.map(({ text }) => text.length));
      const most = Math.max(2, Math.floor(plot.clientWidth / (8 * longest + 24)));
      const every = Math.ceil(seen.length / most);
      for (let i = every >> 1; i < seen.length; i += every) {
        const text = make("text", closer);
        text.setAttribute("x", (100 * (seen[i].at - left)) / width + "%");
        text.setAttribute("y", ticks.firstElementChild.getAttribute("y"));
        text.textContent = seen[i].text;
      }
    }
    look(0, 1000);

    controls.addEventListener("click", ({ target }) => {
      const middle = left + width / 2;
      const sizes = { in: width / 2, out: width * 2, whole: 1000 };
      if (target.value === "left") look(left - width / 2, width);
      else if (target.value === "right") look(left + width / 2, width);
      else if (sizes[target.value]) look(middle - sizes[target.value] / 2, sizes[target.value]);
    });
    const place = (event) => {
      const box = area(marks);
      return left + (width * (event.clientX - box.left)) / box.width;
    };
    let from = null;
    plot.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse") return; // fingers scroll the page
      from = place(event);
      event.preventDefault();
    });
    addEventListener("pointermove", (event) => {
      if (from === null) return;
      chosen.setAttribute("x", Math.min(from, place(event)));
      chosen.setAttribute("width", Math.abs(place(event) - from));
    });
    addEventListener("pointerup", (event) => {
      if (from === null) return;
      const ends = [from, place(event)].sort((a, b) => a - b);
      from = null;
      chosen.setAttribute("width", 0);
      if (ends[1] - ends[0] > width / 50) look(ends[0], ends[1] - ends[0]);
    });
    plot.addEventListener("dblclick", () => look(0, 1000));
  }

  for (const slider of document.querySelectorAll(".slider")) {
    const { counts, positives, negatives } = slider.dataset;
    const steps = counts.split(" ").map((pair) => pair.split(",").map(Number));
    const [yes, no] = [Number(positives), Number(negatives)];
    const input = slider.querySelector("input");
    const percent = (part, whole, digits = 0) =>
      whole ? ((100 * part) / whole).toFixed(digits) + "%" : "–";
    function answer() {
      const [hits, alarms] = steps[input.value];
      const rest = no - alarms;
      const values = {
        threshold: input.value + "%",
        hits, alarms, rest, missed: yes - hits,
        precision: percent(hits, hits + alarms),
        recall: percent(hits, yes),
        accuracy: percent(hits + rest, yes + no, 1),
        f1: yes + hits + alarms ? ((2 * hits) / (yes + hits + alarms)).toFixed(3) : "–",
      };
      for (const place of slider.querySelectorAll("[data-value]")) {
        const value = values[place.dataset.value];
        place.textContent = typeof value === "number" ? value.toLocaleString("en") : value;
      }
      input.setAttribute("aria-valuetext", values.threshold);
    }
    input.addEventListener("input", answer);
    slider.hidden = false;
    answer();
  }

  // A long table: rows that hold all words, in the order of a column; numbers from the greatest on.
  for (const search of document.querySelectorAll(".search")) {
    const body = search.parentNode.querySelector("tbody");
    const heads = [...search.parentNode.querySelectorAll("thead th")];
    const [words, order, shown] = ["input", "select", "output b"].map((name) => search.querySelector(name));
    const rows = [...body.rows].map((row) => ({
      row,
      text: row.textContent.toLowerCase(),
      cells: [...row.cells].map(({ textContent: text }) => {
        const plain = text.replace(/[,%<>]/g, "").replace("−", "-").replace("∞", "Infinity");
        return plain.trim() && !isNaN(plain) ? Number(plain) - (text.includes("<") ? 1e-9 : 0) : text;
      }),
    }));
    const compare = (one, other) =>
      typeof one === "number" && typeof other === "number" ? (one === other ? 0 : one < other ? 1 : -1)
        : typeof one === typeof other ? one.localeCompare(other) : typeof one === "number" ? -1 : 1;
    function arrange() {
      const by = order.value;
      const sorted = by === "" ? rows : [...rows].sort((a, b) => compare(a.cells[by], b.cells[by]));
      const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      for (const { row, text } of sorted) {
        row.hidden = !asked.every((word) => text.includes(word));
        n += !row.hidden;
      }
      body.append(...sorted.map(({ row }) => row));
      heads.forEach((head, i) => head.toggleAttribute("data-sorted", String(i) === by));
      shown.textContent = n.toLocaleString("en");
    }
    words.addEventListener("input", arrange);
    order.addEventListener("change", arrange);
    heads.forEach((head, i) =>
      head.addEventListener("click", () => {
        order.value = order.value === String(i) ? "" : String(i);
        arrange();
      }),
    );
    search.hidden = false;
    arrange();
  }
})();
