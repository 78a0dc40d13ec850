/*
One conversation as a driver leads it: the task it was given, how far it got, and what it tells about it.
The same as conversation.py, which describes the environment and the exit statuses.

Rule: nothing here knows an SDK or a socket. A driver hands over what its SDK delivered and asks what to do.
*/
"use strict";

const fs = require("node:fs");

const INTENTS = ["talk", "inject"];
const INPUT_RATE = 16000;
const OUTPUT_RATE = 24000;
const CHUNK_FOR = 0.08;
const UNKNOWN_INTENT = 127;

const WEATHER_FUNCTION = {
  name: "get_weather",
  description: "The weather at a place, now.",
  parameters: {
    type: "object",
    properties: { location: { type: "string", description: "A town" } },
    required: ["location"],
  },
};

/** What a plain application sends: a weather agent with one function that the client runs. */
const SETTINGS = {
  audio: {
    input: { encoding: "linear16", sample_rate: INPUT_RATE },
    output: { encoding: "linear16", sample_rate: OUTPUT_RATE, container: "none" },
  },
  agent: {
    listen: { provider: { type: "deepgram", version: "v1", model: "nova-3" } },
    think: {
      provider: { type: "open_ai", model: "gpt-4o-mini" },
      prompt: "You tell callers about the weather, in one short sentence.",
      functions: [WEATHER_FUNCTION],
    },
    speak: { provider: { type: "deepgram", model: "aura-2-thalia-en" } },
    greeting: "Hello! How can I help you today?",
  },
};

/** The task in the environment; leaves the program with 127 when the intent is not one of INTENTS. */
function readTask() {
  const intent = JSON.parse(process.env.MOCKAGENT_INTENT);
  if (!INTENTS.includes(intent.do)) {
    console.error(`unknown intent: expected one of ${INTENTS}, got ${intent.do}`);
    process.exit(UNKNOWN_INTENT);
  }
  return {
    url: process.env.MOCKAGENT_URL,
    httpUrl: process.env.MOCKAGENT_HTTP_URL,
    apiKey: process.env.DEEPGRAM_API_KEY,
    do: intent.do,
    message: intent.message ?? "",
    replies: intent.replies ?? 1,
    pace: intent.pace ?? 1,
    patience: intent.patience ?? 0,
    deadlineMs: Number(process.env.MOCKAGENT_DEADLINE_MS ?? 60000),
    observe: process.env.MOCKAGENT_OBSERVE,
    unmodified: Boolean(process.env.MOCKAGENT_UNMODIFIED),
  };
}

/** What this application's function returns, as the JSON text that FunctionCallResponse.content holds. */
function answer(name, args) {
  if (name !== WEATHER_FUNCTION.name) {
    return JSON.stringify({ error: `there is no function ${name}` });
  }
  return JSON.stringify({ location: JSON.parse(args).location, celsius: 21, sky: "sunny" });
}

/** The user's voice: a second of a tone that swells four times, as linear16 at INPUT_RATE. */
function speech() {
  const samples = Int16Array.from({ length: INPUT_RATE }, (_, at) => {
    const loudness = 0.5 - 0.5 * Math.cos((2 * Math.PI * 4 * at) / INPUT_RATE);
    return Math.round(8000 * loudness * Math.sin((2 * Math.PI * 180 * at) / INPUT_RATE));
  });
  return Buffer.from(samples.buffer);
}

class Conversation {
  constructor(task) {
    this.task = task;
    this.voice = Buffer.concat([speech(), speech()]);
    this.at = 0;
    this.done = 0;
    this.injected = false;
    this.failed = false;
    this.over = new Promise((resolve) => {
      this.end = () => {
        this.left = true;
        resolve();
      };
    });
    this.leaveIn(task.deadlineMs);
  }

  /** Calls `send` with chunk after chunk of the user's voice until the conversation is over or interrupted. */
  speak(send) {
    const size = INPUT_RATE * CHUNK_FOR * 2;
    clearInterval(this.speaking);
    this.speaking = setInterval(() => {
      this.sending(() => send(this.voice.subarray(this.at, this.at + size)));
      this.at = (this.at + size) % (INPUT_RATE * 2);
    }, (CHUNK_FOR * 1000) / this.task.pace);
    this.over.then(() => clearInterval(this.speaking));
  }

  /** Does `send`; what the SDK throws then ends a conversation, a patient one only soon. */
  sending(send) {
    try {
      send();
    } catch (error) {
      if (!this.task.patience) throw error;
      this.note({ error: String(error), sending: true });
      this.leaveSoon();
    }
  }

  leaveSoon() {
    clearInterval(this.speaking);
    this.leaveIn(this.task.patience * 1000);
  }

  leaveIn(milliseconds) {
    const leaving = setTimeout(this.end, milliseconds);
    this.over.then(() => clearTimeout(leaving));
  }

  /** A message arrived: `name` is the SDK's own name for it, `body` the message. */
  heard(name, className, known, body) {
    this.note({ event: body.type ?? null, name, class: className, known, body });
    if (body.type === "AgentAudioDone") {
      this.done += 1;
      if (this.done >= this.task.replies) this.end();
    }
  }

  /** The agent speaks; returns the message to inject when this is the moment for it. */
  heardAudio(size) {
    this.note({ event: "audio", bytes: size });
    if (this.task.do !== "inject" || this.injected) return null;
    this.injected = true;
    return this.task.message;
  }

  /** The SDK reported an error. */
  broke(what) {
    this.failed = true;
    this.note({ error: String(what?.message ?? what) });
    if (!this.task.patience) this.end();
  }

  /** The connection is closed, by whichever side. */
  closed(code) {
    this.note({ closed: code ?? null, left: this.left });
    this.leaveSoon();
  }

  /** The exit status: 0 when every reply was heard and nothing broke. */
  status() {
    return this.done >= this.task.replies && !this.failed ? 0 : 1;
  }

  note(line) {
    if (this.task.observe) fs.appendFileSync(this.task.observe, JSON.stringify(line) + "\n");
  }
}

module.exports = { Conversation, SETTINGS, answer, readTask };
