//! How far the task is, and what the application saw. Nothing here knows the SDK.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::play::{Heard, Play};
use crate::task::{Speech, Task, CARRIED_OUT, INPUT_RATE, NOT_CARRIED_OUT};

pub const WEATHER: &str = "get_weather";

/// May be told things by any task.
pub struct Conversation {
    pub task: Task,
    state: Mutex<State>,
}

struct State {
    play: Option<Play>,
    voice: Speech,
    to_inject: Option<Value>,
    applied: bool,
    ended: bool,
    failed: bool,
    is_heard: bool,
    done: u64,
    until: Instant,
}

impl Conversation {
    pub fn new(task: &Task, settings: &Value) -> Conversation {
        let input = &settings["audio"]["input"];
        let state = State {
            play: task.is_play().then(|| Play::new(task)),
            voice: Speech::new(
                input["encoding"].as_str().unwrap_or_default(),
                input["sample_rate"].as_u64().map_or(INPUT_RATE, |rate| rate as usize),
            ),
            to_inject: (task.intent["do"] == "inject").then(|| task.intent["message"].clone()),
            applied: false,
            ended: false,
            failed: false,
            is_heard: false,
            done: 0,
            until: task.until,
        };
        Conversation { task: task.clone(), state: Mutex::new(state) }
    }

    /// A message arrived: `name` is the SDK's own for it, `known` whether it came as what it is.
    pub fn heard(&self, name: &str, class: &str, known: bool, body: &Value) {
        let kind = &body["type"];
        let mut line = json!({"event": kind, "name": name, "class": class, "known": known, "message": null});
        line[if body.is_object() { "message" } else { "body" }] = body.clone();
        self.note(line);
        let kind = kind.as_str().unwrap_or_default();
        let mut state = self.state();
        match kind {
            "SettingsApplied" => state.applied = true,
            // Here an application drops what its player has not played yet.
            "UserStartedSpeaking" => self.note(json!({"playback": "stopped"})),
            "AgentAudioDone" => {
                state.done += 1;
                state.ended |= state.play.is_none() && state.done >= self.task.replies();
            }
            _ => {}
        }
        if let Some(play) = &mut state.play {
            play.on(Heard::new(kind, body));
        }
    }

    pub fn heard_audio(&self, size: usize) {
        self.note(json!({"audio": size}));
        let mut state = self.state();
        state.is_heard = true;
        if let Some(play) = &mut state.play {
            play.on(Heard::new("audio", &Value::Null));
        }
    }

    /// The messages to send now, in this order; to be asked for again and again.
    pub fn messages(&self) -> Vec<Value> {
        let mut state = self.state();
        if let Some(play) = &mut state.play {
            let (messages, leaves) = play.messages();
            state.ended |= leaves;
            return messages;
        }
        if !state.is_heard {
            return Vec::new();
        }
        let injected = state.to_inject.take();
        injected.map(|message| json!({"type": "InjectAgentMessage", "message": message})).into_iter().collect()
    }

    /// The next CHUNK_FOR seconds of the user's voice; None while there is nothing to send.
    pub fn chunk(&self) -> Option<Vec<u8>> {
        let mut guard = self.state();
        let State { play, voice, applied, .. } = &mut *guard;
        match play {
            _ if !*applied => None,
            Some(play) => play.chunk(voice),
            None => Some(voice.chunk()),
        }
    }

    /// What this application's function returns, as the JSON text that FunctionCallResponse.content holds.
    pub fn answer(&self, name: &str, arguments: &str) -> String {
        let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
        let is_play = self.task.is_play();
        let usual = match name {
            WEATHER => json!({"location": arguments["location"], "celsius": 21, "sky": "sunny"}),
            _ if is_play => json!({"result": "done"}),
            _ => json!({"error": format!("there is no function {name}")}),
        };
        match &mut self.state().play {
            Some(play) => play.answer(name, usual.to_string()),
            None => usual.to_string(),
        }
    }

    /// The SDK reported an error.
    pub fn broke(&self, what: &str) {
        self.note(json!({"error": what}));
        let bears_errors = self.bears_errors();
        let mut state = self.state();
        state.failed = true;
        state.ended |= !bears_errors;
    }

    /// A call that sends came back with an error.
    pub fn cannot_send(&self, what: &str) {
        if !self.bears_errors() {
            return self.broke(what);
        }
        self.note(json!({"error": what, "sending": true}));
        self.leave_soon();
    }

    /// The connection is closed, by whichever side; None where the SDK does not tell the code.
    pub fn closed(&self, code: Option<u16>) {
        self.note(if self.over() { json!({"closed": code, "left": true}) } else { json!({"closed": code}) });
        self.leave_soon();
    }

    /// Is there nothing left to do: carried out, broken, closed or past the deadline?
    pub fn over(&self) -> bool {
        let state = self.state();
        state.ended || Instant::now() > state.until
    }

    /// The exit status: carried out when all was done, and in a talk nothing broke.
    pub fn status(&self) -> i32 {
        let state = self.state();
        let is_done = match &state.play {
            Some(play) => play.is_over(),
            None => state.done >= self.task.replies() && !state.failed,
        };
        if is_done { CARRIED_OUT } else { NOT_CARRIED_OUT }
    }

    fn bears_errors(&self) -> bool {
        self.task.patience() > 0.0 || !self.task.steps().is_empty()
    }

    fn leave_soon(&self) {
        let soon = Instant::now() + Duration::from_secs_f64(self.task.patience());
        let mut state = self.state();
        state.applied = false;
        state.until = state.until.min(soon);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no one panics with the lock held")
    }

    fn note(&self, line: Value) {
        let Some(path) = &self.task.observe else { return };
        let written = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = written {
            eprintln!("{path}: {error}");
        }
    }
}
