// Piano rolls are played: by oscillators and noise, from the notes that the page holds.
(() => {
  const AHEAD = 0.4; // seconds that are given to the sound in advance
  let stopOther = () => {};

  for (const roll of document.querySelectorAll(".piano-roll")) {
    if (!window.AudioContext) continue;
    const { seconds, tracks } = JSON.parse(roll.querySelector(".data").textContent);
    const [button, speed, position, time] = [".play", "select", "input[type=range]", "output"].map((name) =>
      roll.querySelector(name),
    );
    const [strip, cursor, plot] = [".strip", ".cursor", ".plot"].map((name) => roll.querySelector(name));
    const switches = [...roll.querySelectorAll(".legend input")];
    const notes = tracks
      .flatMap(({ notes }, track) =>
        Array.from({ length: notes.length / 4 }, (_, i) => {
          const [start, length, pitch, loudness] = notes.slice(4 * i, 4 * i + 4);
          return { start: start / 1000, length: length / 1000, pitch, loudness: loudness / 100, track };
        }),
      )
      .sort((one, other) => one.start - other.start);
    let [context, master, timer, place, origin, next] = [null, null, 0, 0, 0, 0];

    const clock = (at) => `${Math.floor(at / 60)}:${String(Math.floor(at % 60)).padStart(2, "0")}`;
    const now = () => (context.currentTime - origin) * speed.value;

    function show() {
      cursor.setAttribute("visibility", place > 0 || timer ? "visible" : "hidden");
      const at = (100 * place) / seconds + "%";
      cursor.setAttribute("x1", at);
      cursor.setAttribute("x2", at);
      position.value = place;
      time.textContent = `${clock(place)} / ${clock(seconds)}`;
      position.setAttribute("aria-valuetext", time.textContent);
    }

    function follow() {
      const x = (plot.clientWidth * place) / seconds;
      const { scrollLeft: left, clientWidth: wide } = strip;
      if (x < left || x > left + 0.9 * wide) strip.scrollLeft = x - 0.1 * wide;
    }

    const waves = new Map();
    function wave(harmonics) {
      if (!waves.has(harmonics)) {
        const sines = Float32Array.from([0, ...harmonics]);
        waves.set(harmonics, context.createPeriodicWave(new Float32Array(sines.length), sines));
      }
      return waves.get(harmonics);
    }

    let noise = null;
    function hiss() {
      if (!noise) {
        noise = context.createBuffer(1, context.sampleRate * 2, context.sampleRate);
        const samples = noise.getChannelData(0);
        for (let i = 0; i < samples.length; i++) samples[i] = 2 * Math.random() - 1;
      }
      const source = context.createBufferSource();
      source.buffer = noise;
      return source;
    }

    function fader(loudness) {
      const gain = context.createGain();
      gain.gain.value = loudness;
      gain.connect(master);
      return gain;
    }

    function strike({ tone, fall, noise: part, band, fading }, at, loudness) {
      const gain = fader(loudness);
      gain.gain.setValueAtTime(loudness, at);
      gain.gain.exponentialRampToValueAtTime(loudness / 1000, at + fading);
      if (tone) {
        const source = context.createOscillator();
        source.frequency.setValueAtTime(tone * fall, at);
        source.frequency.exponentialRampToValueAtTime(tone, at + 0.1);
        source.connect(gain);
        source.start(at);
        source.stop(at + fading);
      }
      if (part) {
        const filter = context.createBiquadFilter();
        filter.type = "bandpass";
        filter.frequency.value = Math.sqrt(band[0] * band[1]);
        filter.Q.value = filter.frequency.value / (band[1] - band[0]);
        const source = hiss();
        source.connect(filter).connect(gain);
        source.start(at);
        source.stop(at + fading);
      }
    }

    function sing({ harmonics, attack, decay, sustain, release }, pitch, at, length, loudness) {
      const source = context.createOscillator();
      const gain = fader(0);
      source.setPeriodicWave(wave(harmonics));
      source.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
      const top = at + Math.min(attack, length / 2) + 0.003;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(loudness, top);
      gain.gain.setTargetAtTime(loudness * sustain, top, Math.max(decay, 0.01));
      gain.gain.setTargetAtTime(0, Math.max(at + length, top), release / 3 + 0.01);
      source.connect(gain);
      source.start(at);
      source.stop(at + length + 2 * release + 0.1);
    }

    function give() {
      const until = now() + AHEAD * speed.value;
      for (; next < notes.length && notes[next].start < until; next++) {
        const { start, length, pitch, loudness, track } = notes[next];
        const left = start + length - Math.max(start, place);
        if (!switches[track].checked || (start < place && left < 0.15)) continue;
        const at = Math.max(origin + start / speed.value, context.currentTime);
        const { sound } = tracks[track];
        if (!sound.drums) sing(sound, pitch, at, left / speed.value, loudness);
        else if (start >= place) strike(sound.drums[pitch], at, loudness);
      }
    }

    function step() {
      if (!timer) return;
      const at = Math.max(now(), place);
      if (at >= seconds) {
        stop();
        place = 0;
        return show();
      }
      give();
      place = at;
      show();
      follow();
    }

    function stop() {
      clearInterval(timer);
      timer = 0;
      if (master) master.disconnect();
      button.textContent = button.dataset.play;
      show();
    }

    function play() {
      stopOther();
      stopOther = stop;
      context = context || new AudioContext();
      context.resume();
      master = context.createDynamicsCompressor();
      const gain = context.createGain();
      gain.gain.value = 0.5;
      master.connect(gain).connect(context.destination);
      origin = context.currentTime + 0.06 - place / speed.value;
      next = notes.findIndex(({ start, length }) => start + length > place);
      if (next < 0) next = notes.length;
      button.textContent = button.dataset.pause;
      timer = setInterval(step, 40);
      step();
    }

    function jump(to) {
      const playing = timer;
      if (playing) stop();
      place = Math.min(Math.max(to, 0), seconds);
      if (playing) play();
      show();
    }

    button.addEventListener("click", () => (timer ? stop() : play()));
    position.addEventListener("input", () => {
      jump(Number(position.value));
      follow();
    });
    for (const input of [speed, ...switches]) input.addEventListener("change", () => jump(place));
    strip.addEventListener("click", (event) => {
      const box = plot.getBoundingClientRect();
      jump((seconds * (event.clientX - box.left)) / box.width);
    });
    position.max = seconds;
    for (const input of switches) input.hidden = false;
    roll.querySelector(".player").hidden = false;
    roll.classList.add("live");
    show();
  }
})();
