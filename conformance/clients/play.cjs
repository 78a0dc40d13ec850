/*
A conversation as a driver leads it, for Node and for a page: a talk, or the steps of an intent one after another.
The same as conversation.py and play.py, which say more.

Rule: nothing here knows an SDK, a socket, a file or the environment. A step is over when the server's own messages
say so; only `wait` and `stream` go by the clock. The user's microphone is always open.
*/
"use strict";

(() => {
  const INPUT_RATE = 16000;
  const CHUNK_FOR = 0.08;
  const MARGIN = 0.25;
  const OF_THE_USER = ["say", "speak_up", "type", "listen"];

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
      output: { encoding: "linear16", sample_rate: 24000, container: "none" },
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

  const OTHER = {
    think: { provider: { type: "open_ai", model: "gpt-4.1" }, prompt: "Answer in one sentence." },
    speak: { provider: { type: "deepgram", model: "aura-2-zeus-en" } },
  };
  const FLUX = { type: "deepgram", version: "v2", model: "flux-general-en", eot_threshold: 0.9 };

  /** What a message holds where the intent leaves it open. */
  const USUAL = {
    UpdatePrompt: { prompt: "Answer in one sentence." },
    UpdateSpeak: { speak: OTHER.speak },
    UpdateThink: { think: OTHER.think },
    UpdateListen: { listen: { provider: FLUX } },
  };

  const ACKNOWLEDGEMENTS = {
    UpdatePrompt: "PromptUpdated",
    UpdateSpeak: "SpeakUpdated",
    UpdateThink: "ThinkUpdated",
    UpdateListen: "ListenUpdated",
    UpdateThink_Live: "ThinkLiveUpdated",
  };

  /** The SDK has no way to send this. */
  class CannotSend extends Error {}

  /** The user's voice: four syllables a second, "ah" and "ee" by turns, as linear16 or mulaw, without end. */
  class Speech {
    constructor(encoding = "linear16", rate = INPUT_RATE) {
      const encode = encoding === "mulaw" ? mulaw : linear16;
      this.second = encode(Array.from({ length: rate * 2 }, (_, at) => Math.round(8000 * sound(at / rate))));
      this.size = Math.round((this.second.length / 2) * CHUNK_FOR);
      this.at = 0;
      this.silence = encode(new Array(Math.round(rate * CHUNK_FOR)).fill(0));
    }

    /** The next CHUNK_FOR seconds. */
    chunk() {
      const piece = this.second.slice(this.at, this.at + this.size);
      this.at = (this.at + this.size) % (this.second.length / 2);
      return piece;
    }
  }

  /** A swelling syllable of its lowest tone and of those that make the vowel. */
  function sound(second) {
    const vowel = Math.floor(second * 4) % 2 === 0 ? [700, 1100] : [300, 2300];
    const tones = [100, ...vowel].reduce((sum, pitch) => sum + Math.sin(2 * Math.PI * pitch * second), 0) / 3;
    return (0.5 - 0.5 * Math.cos(2 * Math.PI * 4 * second)) * tones;
  }

  function linear16(samples) {
    return new Uint8Array(Int16Array.from(samples).buffer);
  }

  /** Sign, three bits of exponent and four of mantissa, all inverted (G.711). */
  function mulaw(samples) {
    return Uint8Array.from(samples, (sample) => {
      const louder = Math.min(Math.abs(sample), 32635) + 132;
      const exponent = 24 - Math.clz32(louder);
      return ((exponent << 4) | ((louder >> (exponent + 3)) & 15)) ^ (sample < 0 ? 0x7f : 0xff);
    });
  }

  /** How far a talk is: the driver's own Settings, and the user's voice without a pause. `tell` gets what was observed. */
  class Conversation {
    constructor(task, tell) {
      this.task = task;
      this.tell = tell;
      this.speech = new Speech();
      this.applied = false;
      this.done = 0;
      this.toInject = task.intent.do === "inject" ? task.intent.message : null;
      this.agentWasHeard = false;
      this.failed = false;
      this.over = new Promise((resolve) => {
        this.leave = () => {
          this.left = true;
          resolve();
        };
      });
      this.leaveIn(task.deadlineMs);
    }

    /** The Settings to send, without their type. */
    settings() {
      return SETTINGS;
    }

    /** Has `send` send each message, and `sendAudio` the user's voice, until the conversation is over. */
    lead(send, sendAudio) {
      clearInterval(this.leading);
      this.leading = setInterval(() => this.sending(() => this.goOn(send, sendAudio)), (CHUNK_FOR * 1000) / this.task.pace);
      this.over.then(() => clearInterval(this.leading));
    }

    goOn(send, sendAudio) {
      for (const message of this.messages()) send(message);
      const chunk = this.chunk();
      if (chunk !== null && !this.left) sendAudio(chunk);
    }

    /** Does `send`; what the SDK throws then ends a conversation, if only soon where errors are borne. */
    sending(send) {
      try {
        send();
      } catch (error) {
        if (error instanceof CannotSend) this.cannot = error.message;
        else if (!this.bearsErrors()) throw error;
        this.tell({ error: String(error), sending: true });
        this.leaveSoon();
      }
    }

    bearsErrors() {
      return Boolean(this.task.patience || this.task.intent.steps);
    }

    leaveSoon() {
      this.applied = false;
      this.leaveIn(this.cannot ? 0 : this.task.patience * 1000);
    }

    leaveIn(milliseconds) {
      const leaving = setTimeout(this.leave, milliseconds);
      this.over.then(() => clearTimeout(leaving));
    }

    /** A message arrived: `name` is the SDK's own name for it, `body` the message. */
    heard(name, className, known, body) {
      this.tell({ event: body.type ?? null, name, class: className, known, ...told(body) });
      if (body.type === "SettingsApplied") this.applied = true;
      // Here an application drops what its player has not played yet.
      if (body.type === "UserStartedSpeaking") this.tell({ playback: "stopped" });
      if (body.type === "AgentAudioDone") {
        this.done += 1;
        if (this.done >= this.task.replies) this.allHeard();
      }
    }

    allHeard() {
      this.leave();
    }

    /** The agent speaks. */
    heardAudio(size) {
      this.tell({ audio: size });
      this.agentWasHeard = true;
    }

    /** The messages to send now, in this order. */
    messages() {
      if (!this.agentWasHeard || this.toInject === null) return [];
      const message = this.toInject;
      this.toInject = null;
      return [{ type: "InjectAgentMessage", message }];
    }

    /** The next CHUNK_FOR seconds of the user's voice; null while there is nothing to send. */
    chunk() {
      return this.applied ? this.speech.chunk() : null;
    }

    /** What this application's function returns, as the JSON text that FunctionCallResponse.content holds. */
    answer(name, args) {
      if (name !== WEATHER_FUNCTION.name) return JSON.stringify({ error: `there is no function ${name}` });
      return JSON.stringify({ location: JSON.parse(args).location, celsius: 21, sky: "sunny" });
    }

    /** The SDK reported an error. */
    broke(what) {
      this.failed = true;
      this.tell({ error: String(what?.message ?? what) });
      if (!this.bearsErrors()) this.leave();
    }

    /** The connection is closed, by whichever side. */
    closed(code) {
      this.tell({ closed: code ?? null, left: this.left });
      this.leaveSoon();
    }

    /** The exit status: 0 when every reply was heard and nothing broke. */
    status() {
      return this.done >= this.task.replies && !this.failed ? 0 : 1;
    }
  }

  /** Steps, one after another. `endpoint` is where functions are that the server runs. */
  class Play extends Conversation {
    constructor(task, tell, endpoint) {
      super(task, tell);
      this.steps = task.intent.steps.map((step) => ({ ...step }));
      this.endings = Object.fromEntries(
        this.steps.filter((step) => step.do === "answer").map((step) => [step.function, step.fits]),
      );
      this.answered = {};
      this.own = this.settingsAskedFor(endpoint);
      this.speech = new Speech(this.own.audio.input.encoding, this.own.audio.input.sample_rate);
      this.events = [];
      this.outgoing = [];
      this.microphoneIsOpen = true;
      this.speaksFor = 0;
      this.agentSpeaks = false;
      this.due = [];
      this.injected = [];
      this.script = this.play();
      this.waitsFor = this.script.next().value;
    }

    settings() {
      return this.own;
    }

    messages() {
      this.playOn();
      return this.outgoing.splice(0);
    }

    chunk() {
      if (!this.applied || !this.microphoneIsOpen) return null;
      if (this.speaksFor <= 0) return this.speech.silence;
      this.speaksFor -= CHUNK_FOR;
      return this.speech.chunk();
    }

    heard(name, className, known, body) {
      super.heard(name, className, known, body);
      const said = body.type === "ConversationText" ? body : {};
      this.on({ type: body.type, role: said.role, text: said.content });
    }

    heardAudio(size) {
      super.heardAudio(size);
      this.on({ type: "audio" });
    }

    answer(name, args) {
      this.answered[name] = (this.answered[name] ?? 0) + 1;
      const usual = name === WEATHER_FUNCTION.name ? super.answer(name, args) : '{"result": "done"}';
      return String(fitting(this.endings[name] ?? "*", usual));
    }

    status() {
      return this.waitsFor === undefined ? 0 : 1;
    }

    allHeard() {}

    on(event) {
      if (["UserStartedSpeaking", "AgentAudioDone"].includes(event.type) || event.role === "user") {
        this.agentSpeaks = false;
      } else if (event.type === "AgentStartedSpeaking" || event.role === "assistant") {
        // Not audio: an SDK that unpacks it asynchronously hands the last of it over after AgentAudioDone.
        this.agentSpeaks = true;
      }
      const answered = {
        InjectionRefused: this.injected.find((text) => this.due.includes(text)),
        ConversationText: event.text,
        Warning: "ListenUpdated",
      };
      const at = this.due.indexOf(event.type in answered ? answered[event.type] : event.type);
      if (at >= 0) this.due.splice(at, 1);
      this.events.push(event);
    }

    playOn() {
      while (this.waitsFor !== undefined) {
        if (typeof this.waitsFor === "number") {
          if (performance.now() < this.waitsFor) return;
        } else if (this.events.length > 0) {
          if (!this.waitsFor(this.events.shift())) continue;
        } else if (!this.waitsFor({})) {
          return;
        }
        this.waitsFor = this.script.next().value;
      }
    }

    *play() {
      yield is("SettingsApplied");
      for (const [at, step] of this.steps.entries()) yield* this.perform(step, at);
      if (!["hang_up", "await", "be_silent", "stay", "stream"].includes(this.steps.at(-1).do)) {
        yield* this.untilSettled();
        this.leave();
      }
    }

    *perform(step, at) {
      if (OF_THE_USER.includes(step.do)) {
        if (!step.isBegun) {
          yield* this.untilSettled();
          this.speakUp(step);
        }
        yield (event) => event.role === "user";
        this.speaksFor = 0;
      } else if (step.do === "hear") {
        yield* this.hear(step, at);
      } else if (["send", "update", "inject"].includes(step.do) && !step.isBegun) {
        this.say(step.message);
      } else if (step.do === "answer") {
        yield () => this.answered[step.function] > 0;
        this.answered[step.function] -= 1;
      } else if (step.do === "await" && step.type !== "close") {
        yield is(step.type);
      } else if (["wait", "stream"].includes(step.do)) {
        yield performance.now() + ((step.seconds + MARGIN) * 1000) / this.task.pace;
      } else if (step.do === "be_silent") {
        this.microphoneIsOpen = false;
      } else if (step.do === "hang_up") {
        yield* this.untilSettled();
        this.leave();
      }
    }

    /** The agent's own words, to their end or until the user comes in between, which is at the first sound. */
    *hear(step, at) {
      yield (event) => event.role === "assistant" && !this.injected.includes(event.text);
      const end = this.steps.findIndex((each, index) => index > at && each.do !== "inject");
      const between = step.interrupted ? [this.steps[at + 1]] : this.steps.slice(at + 1, end < 0 ? undefined : end);
      if (between.length > 0) {
        yield is("audio", "AgentAudioDone");
        for (const each of between) this.comeBetween(each);
        if (!this.agentSpeaks) return;
      }
      yield is("AgentAudioDone", ...(step.interrupted ? ["UserStartedSpeaking"] : []));
    }

    comeBetween(step) {
      if (step.do === "inject") this.say(step.message);
      else if (OF_THE_USER.includes(step.do)) this.speakUp(step);
      else return;
      step.isBegun = true;
    }

    speakUp(step) {
      if (step.do === "type") {
        this.outgoing.push({ type: "InjectUserMessage", content: fitting(step.fits, step.text) });
      } else if (step.do !== "listen") {
        this.speaksFor = step.seconds + MARGIN;
      }
    }

    say(pattern) {
      const { type } = pattern;
      const body = fitting(pattern, USUAL[type]);
      if (type === "InjectAgentMessage" && !["message", "content", "is_dynamic"].some((key) => key in pattern)) {
        body.message = `This is statement ${this.injected.length + 1} of the client.`;
        this.injected.push(body.message);
        this.due.push(body.message);
      }
      if (type in ACKNOWLEDGEMENTS) this.due.push(ACKNOWLEDGEMENTS[type]);
      this.outgoing.push(body);
    }

    /** Nothing that the client said is still to be answered, and the agent does not speak. */
    *untilSettled() {
      const isSettled = () => this.due.length === 0 && !this.agentSpeaks;
      if (!isSettled()) yield isSettled;
    }

    settingsAskedFor(endpoint) {
      const { type, ...asked } = this.steps.find((step) => step.do === "settings")?.message ?? {};
      const { functions: _, ...think } = SETTINGS.agent.think;
      const { audio, agent } = fitting(asked, { ...SETTINGS, agent: { ...SETTINGS.agent, think } });
      const functions = this.functionsFor(agent.think.functions ?? [], endpoint);
      if (functions.length > 0) agent.think = { ...agent.think, functions };
      for (const [part, number] of Object.entries(this.task.intent.providers)) {
        const other = { ...agent[part], provider: OTHER[part].provider };
        agent[part] = [agent[part], ...new Array(number - 1).fill(other)];
      }
      return { ...asked, audio, agent };
    }

    /** Those that the intent names, and for those that the server runs itself an endpoint. */
    functionsFor(asked, endpoint) {
      const defined = Object.fromEntries(asked.map((each) => [each.name, each]));
      for (const name of this.task.intent.functions) {
        defined[name] ??= name === WEATHER_FUNCTION.name ? WEATHER_FUNCTION : { name };
        if (this.task.intent.endpoints.includes(name)) defined[name] = { ...defined[name], endpoint: { url: endpoint } };
      }
      const about = { description: "Does what its name says", parameters: { type: "object", properties: {} } };
      return Object.values(defined).map((each) => ({ ...about, ...each }));
    }
  }

  /** A JSON value that fits a pattern of the intent: the usual one, and what the pattern asks for in its place. */
  function fitting(pattern, usual) {
    if (Array.isArray(pattern)) return pattern.map((part) => fitting(part));
    if (pattern !== null && typeof pattern === "object") {
      const given = usual !== null && typeof usual === "object" ? usual : {};
      const parts = Object.entries(pattern).map(([key, part]) => [key, fitting(part, given[key])]);
      return { ...given, ...Object.fromEntries(parts) };
    }
    if (typeof pattern !== "string") return pattern;
    if (pattern === "*") return usual ?? "something";
    if (pattern.length > 2 && pattern.startsWith("/") && pattern.endsWith("/")) return pattern.slice(1, -1).split("|")[0];
    return /^[~=]/.test(pattern) ? pattern.slice(1) : pattern;
  }

  function told(body) {
    const isObject = body !== null && typeof body === "object" && !Array.isArray(body);
    return isObject ? { message: body } : { message: null, body };
  }

  function is(...types) {
    return (event) => types.includes(event.type);
  }

  module.exports = { CannotSend, Conversation, Play };
})();
