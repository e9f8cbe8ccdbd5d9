// Animations are played: drawings one after the other, from the pieces that the page holds.
(() => {
  for (const animation of document.querySelectorAll(".animation")) {
    const { pieces, frames, told, rate } = JSON.parse(animation.querySelector(".data").textContent);
    if (frames.length < 2) continue;
    const [button, back, on, speed, position, says, scene] = [
      ".play", ".back", ".on", "select", "input[type=range]", "output", ".scene",
    ].map((name) => animation.querySelector(name));
    // What is there first is a drawing to look at; it is played from the beginning.
    let [place, drawn, timer, before, chosen] = [Number(position.value), -1, 0, 0, false];

    function show() {
      const number = Math.min(Math.floor(place), frames.length - 1);
      if (number === drawn) return;
      drawn = number;
      scene.innerHTML = frames[number].map((piece) => pieces[piece]).join("");
      position.value = number;
      says.textContent = told[number];
      position.setAttribute("aria-valuetext", told[number].replaceAll("\n", ", "));
    }

    function stop() {
      cancelAnimationFrame(timer);
      timer = 0;
      button.textContent = button.dataset.play;
    }

    function tick(now) {
      if (before) place += ((now - before) / 1000) * rate * speed.value;
      before = now;
      show();
      if (place >= frames.length - 1) {
        place = frames.length - 1;
        show();
        return stop();
      }
      timer = requestAnimationFrame(tick);
    }

    function play() {
      for (const other of document.querySelectorAll(".animation")) if (other !== animation) other.stop?.();
      if (!chosen || place >= frames.length - 1) place = 0;
      chosen = true;
      before = 0;
      button.textContent = button.dataset.pause;
      timer = requestAnimationFrame(tick);
    }

    function step(by) {
      stop();
      chosen = true;
      place = Math.min(Math.max(Math.floor(place) + by, 0), frames.length - 1);
      show();
    }

    animation.stop = stop;
    button.addEventListener("click", () => (timer ? stop() : play()));
    back.addEventListener("click", () => step(-1));
    on.addEventListener("click", () => step(1));
    position.addEventListener("input", () => {
      stop();
      chosen = true;
      place = Number(position.value);
      show();
    });
    animation.querySelector(".player").hidden = false;
    show();
  }
})();
