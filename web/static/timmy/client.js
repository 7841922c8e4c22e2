/* The web client: one log, one line, the engine's websocket ([command, args, kwargs] in JSON).

   Owns the connection and what is typed. Shows nothing as HTML except line breaks and spans with the world's
   style classes: whatever else arrives is shown as text. */
"use strict";

const body = document.body.dataset;
const [log, entry, line, state] = ["log", "entry", "line", "state"].map((id) => document.getElementById(id));
const token = entry.elements.csrfmiddlewaretoken;
const KEPT_BLOCKS = 2000;
const KEPT_LINES = 100;
const REFUSED = 4000; // the close code for which the world gave a reason
const LONGEST_WAIT = 8000; // milliseconds between attempts to connect
const STYLES = /^(color-\d{3}|bgcolor-\d{3}|underline|inverse|strike)$/;
const SECRET = /^\s*@?(co|con|conn|connect|cr|cre|create|password|userpassword)\s/i; // holds a password
const PAST_THE_NAME = /^\s*@?(co|con|conn|connect|cr|cre|create|userpassword)\s+\S+\s|^\s*@?password\s/i; // what follows is one
const LEAVING = /^\s*@?quit\s*$/i;

// -- what is shown -------------------------------------------------------------------------

/* Copy the children of `from`, which is inert, into `to`. */
function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.append(node.data);
    } else if (node.nodeName === "BR") {
      to.append("\n");
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const span = document.createElement("span");
      span.className = [...node.classList].filter((name) => STYLES.test(name)).join(" ");
      copy(node, span);
      to.append(span);
    }
  }
}

/* Show a block; the newest stays in view unless the reader has scrolled back. */
function show(block) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(block);
  while (log.childElementCount > KEPT_BLOCKS) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function showOutput(html) {
  const inert = document.createElement("template"); // nothing in it runs or loads
  inert.innerHTML = html;
  const block = document.createElement("p");
  copy(inert.content, block);
  show(block);
}

function showTyped(text) {
  const block = document.createElement("p");
  block.className = "typed";
  block.textContent = SECRET.test(text) ? `${text.trim().split(/\s/)[0]} •••` : text;
  show(block);
  log.scrollTop = log.scrollHeight;
}

function say(words, kind) {
  if (state.textContent !== words) state.textContent = words;
  state.className = kind;
}

// -- the connection ------------------------------------------------------------------------

const page = Math.random().toString(36).slice(2);
const address = body.url || `${location.protocol === "https:" ? "wss" : "ws"}://${location.hostname}:${body.port}`;
let socket = null;
let attempts = 0;
let timer = 0;
let left = false; // left on purpose: reconnect only when asked

function send(command, args, kwargs) {
  socket.send(JSON.stringify([command, args, kwargs]));
}

function connect() {
  clearTimeout(timer);
  left = false;
  if (!attempts) say("Connecting…", "warn");
  const { screenwidth, screenheight } = size();
  const agent = encodeURIComponent(navigator.userAgent.slice(0, 60));
  socket = new WebSocket(`${address}?&${page}&${agent}&size=${screenwidth}x${screenheight}`);
  socket.onopen = () => {
    attempts = 0;
    document.body.classList.remove("inside");
    say("Connected.", "good");
  };
  socket.onmessage = (event) => {
    const [command, args] = JSON.parse(event.data);
    if (command === "text" || command === "prompt") showOutput(String(args[0]));
    if (command === "ticket") exchange(String(args[0]));
    if (command === "logged_in") document.body.classList.add("inside");
  };
  socket.onclose = (event) => {
    if (event.code === REFUSED) {
      left = true;
      say(`${event.reason} Press Enter to come back.`, "warn");
      return;
    }
    if (left) {
      say("You have left. Press Enter to come back.", "warn");
      return;
    }
    say("Connection lost. Reconnecting automatically…", "bad");
    timer = setTimeout(connect, Math.min(LONGEST_WAIT, 500 * 2 ** attempts));
    attempts += 1;
  };
}

/* Logged in here: exchange the ticket for a session under a key that nobody knew before. */
async function exchange(ticket) {
  const answer = await fetch(body.entered, {
    method: "POST", body: new URLSearchParams({ ticket }), headers: { "X-CSRFToken": token.value },
  }).catch(() => null); // without it the browser just has to log in again
  if (answer && answer.ok) token.value = await answer.text();
}

function connected() {
  return socket && socket.readyState === WebSocket.OPEN;
}

/* How many columns and rows fit, so that the world can wrap its text. */
function size() {
  const probe = document.createElement("span");
  probe.className = "probe";
  probe.textContent = "0".repeat(50);
  document.body.append(probe);
  const { width, height } = probe.getBoundingClientRect();
  probe.remove();
  const style = getComputedStyle(log);
  const room = log.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return {
    screenwidth: Math.max(1, Math.floor((room / width) * 50)),
    screenheight: Math.max(1, Math.floor(log.clientHeight / height)),
  };
}

// -- what is typed -------------------------------------------------------------------------

const typed = []; // newest last; never a line that holds a password
let place = 0;
let draft = "";

function recall(step) {
  if (place + step < 0 || place + step > typed.length) return;
  if (place === typed.length) draft = line.value;
  place += step;
  line.value = place === typed.length ? draft : typed[place];
  line.setSelectionRange(line.value.length, line.value.length);
}

entry.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = line.value;
  if (!connected()) {
    if (left) connect();
    else say("Not connected: nothing was sent. Reconnecting automatically…", "bad");
    return;
  }
  if (!text.trim()) return;
  left = LEAVING.test(text);
  send("text", [text], {});
  showTyped(text);
  if (!SECRET.test(text) && typed[typed.length - 1] !== text) typed.push(text);
  if (typed.length > KEPT_LINES) typed.shift();
  place = typed.length;
  draft = line.value = "";
  cover();
});

/* From the name on, what is typed is a password: nobody who looks on reads it. */
function cover() {
  line.classList.toggle("secret", PAST_THE_NAME.test(line.value));
}

line.addEventListener("input", cover);

line.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step && !event.isComposing) {
    event.preventDefault();
    recall(step);
  } else if (event.key === "PageUp" || event.key === "PageDown") {
    event.preventDefault();
    log.scrollBy(0, (event.key === "PageUp" ? -0.9 : 0.9) * log.clientHeight);
  }
});

// Typing while reading goes to the line.
log.addEventListener("keydown", (event) => {
  if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey) line.focus();
});

let resized = 0;
new ResizeObserver(() => {
  log.scrollTop = log.scrollHeight;
  clearTimeout(resized);
  resized = setTimeout(() => connected() && send("client_options", [], size()), 150);
}).observe(log);
addEventListener("online", () => connected() || left || connect());

connect();
