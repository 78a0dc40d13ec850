//! The part of a client, step by step. A step is over when the server's own messages say so; only `wait` and `stream`
//! go by the clock. The microphone is always open: it sends silence when nobody speaks.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

use serde_json::{json, Map, Value};

use crate::task::{Speech, Task, CHUNK_FOR};

/// How long a client waits that comes back after its connection was lost, in seconds of the session.
pub const BACK_AFTER: f64 = 1.0;
/// By how much it does everything longer that the server measures too.
const MARGIN: f64 = 0.25;

const OF_THE_USER: [&str; 4] = ["say", "speak_up", "type", "listen"];
const ACKNOWLEDGEMENTS: [(&str, &str); 5] = [
    ("UpdatePrompt", "PromptUpdated"),
    ("UpdateSpeak", "SpeakUpdated"),
    ("UpdateThink", "ThinkUpdated"),
    ("UpdateListen", "ListenUpdated"),
    ("UpdateThink_Live", "ThinkLiveUpdated"),
];

/// What the server did: a message by its type, or "audio", and who said what in it.
pub struct Heard {
    kind: String,
    role: String,
    text: String,
}

impl Heard {
    pub fn new(kind: &str, body: &Value) -> Heard {
        let of = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let (role, text) =
            if kind == "ConversationText" { (of("role"), of("content")) } else { Default::default() };
        Heard { kind: kind.to_owned(), role, text }
    }
}

/// What the play goes on after.
enum Wait {
    Until(Instant),
    Heard(Vec<&'static str>),
    HeardType(String),
    OwnWords,
    /// The first sound of a reply, at which these steps are taken.
    Sound(Vec<usize>),
    Said,
    Answered(String),
    Settled(Then),
}

/// What is done once all is settled.
#[derive(Clone, Copy)]
enum Then {
    SpeakUp(usize),
    Leave,
}

pub struct Play {
    task: Task,
    at: usize,
    waits: VecDeque<Wait>,
    heard: VecDeque<Heard>,
    outgoing: Vec<Value>,
    begun: HashSet<usize>,
    leaves: bool,
    is_silent: bool,
    speaks_for: f64,
    agent_speaks: bool,
    due: Vec<String>,
    injected: Vec<String>,
    answered: HashMap<String, usize>,
}

impl Play {
    pub fn new(task: &Task) -> Play {
        Play {
            task: task.clone(),
            at: 0,
            waits: [Wait::Heard(vec!["SettingsApplied"])].into(),
            heard: VecDeque::new(),
            outgoing: Vec::new(),
            begun: HashSet::new(),
            leaves: false,
            is_silent: false,
            speaks_for: 0.0,
            agent_speaks: false,
            due: Vec::new(),
            injected: Vec::new(),
            answered: HashMap::new(),
        }
    }

    pub fn is_over(&self) -> bool {
        self.at > self.task.steps().len() && self.waits.is_empty()
    }

    /// What is to be sent now, and whether the client then leaves.
    pub fn messages(&mut self) -> (Vec<Value>, bool) {
        while self.go_on() {}
        (std::mem::take(&mut self.outgoing), self.leaves)
    }

    pub fn chunk(&mut self, voice: &mut Speech) -> Option<Vec<u8>> {
        if self.is_silent {
            return None;
        }
        if self.speaks_for <= 0.0 {
            return Some(voice.silence.clone());
        }
        self.speaks_for -= CHUNK_FOR;
        Some(voice.chunk())
    }

    /// The answer to a call: the usual one, unless a step asks for another.
    pub fn answer(&mut self, name: &str, usual: String) -> String {
        *self.answered.entry(name.to_owned()).or_default() += 1;
        let asked = self.task.steps().iter().find(|step| step["do"] == "answer" && step["function"] == name);
        let fits = asked.map_or(json!("*"), |step| step["fits"].clone());
        match fitting(&fits, &json!(usual)) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    pub fn on(&mut self, heard: Heard) {
        let kind = heard.kind.as_str();
        if ["UserStartedSpeaking", "AgentAudioDone"].contains(&kind) || heard.role == "user" {
            self.agent_speaks = false;
        } else if kind == "audio" || heard.role == "assistant" {
            self.agent_speaks = true;
        }
        let done = match kind {
            "InjectionRefused" => self.injected.first().map_or("", String::as_str),
            "ConversationText" => heard.text.as_str(),
            "Warning" => "ListenUpdated",
            _ => kind,
        };
        if let Some(at) = self.due.iter().position(|due| due == done) {
            self.due.remove(at);
        }
        self.heard.push_back(heard);
    }

    /// Takes the play one wait or one step further, if it can be.
    fn go_on(&mut self) -> bool {
        let Some(next) = self.waits.pop_front() else {
            return self.begin_next();
        };
        let is_met = if let Wait::Until(moment) = next {
            Instant::now() >= moment
        } else if let Some(heard) = self.heard.pop_front() {
            if !self.accepts(&next, Some(&heard)) {
                self.waits.push_front(next);
                return true;
            }
            true
        } else {
            self.accepts(&next, None)
        };
        if !is_met {
            self.waits.push_front(next);
        }
        is_met
    }

    fn accepts(&mut self, wait: &Wait, heard: Option<&Heard>) -> bool {
        let is = |kinds: &[&str]| heard.is_some_and(|heard| kinds.contains(&heard.kind.as_str()));
        match wait {
            Wait::Until(_) => false,
            Wait::Heard(kinds) => is(kinds),
            Wait::HeardType(kind) => is(&[kind]),
            Wait::OwnWords => {
                heard.is_some_and(|heard| heard.role == "assistant" && !self.injected.contains(&heard.text))
            }
            Wait::Sound(between) => {
                if !is(&["audio", "AgentAudioDone"]) {
                    return false;
                }
                for &at in between {
                    self.come_between(at);
                }
                if !self.agent_speaks {
                    self.waits.clear();
                }
                true
            }
            Wait::Said => {
                let is_said = heard.is_some_and(|heard| heard.role == "user");
                if is_said {
                    self.speaks_for = 0.0;
                }
                is_said
            }
            Wait::Answered(name) => match self.answered.get_mut(name) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => false,
            },
            Wait::Settled(then) => {
                let is_settled = self.due.is_empty() && !self.agent_speaks;
                match then {
                    Then::SpeakUp(at) if is_settled => self.speak_up(*at),
                    Then::Leave if is_settled => self.leaves = true,
                    _ => {}
                }
                is_settled
            }
        }
    }

    fn begin_next(&mut self) -> bool {
        let count = self.task.steps().len();
        if self.at > count {
            return false;
        }
        self.at += 1;
        if self.at <= count {
            self.begin(self.at - 1);
        } else if !self.ends_by_itself() {
            self.waits.push_back(Wait::Settled(Then::Leave));
        }
        true
    }

    fn ends_by_itself(&self) -> bool {
        let last = self.task.steps().last().map(|step| &step["do"]);
        last.is_some_and(|last| ["hang_up", "await", "be_silent", "stay", "stream"].iter().any(|each| last == each))
    }

    fn begin(&mut self, at: usize) {
        let step = self.task.steps()[at].clone();
        let kind = step["do"].as_str().unwrap_or_default();
        match kind {
            _ if OF_THE_USER.contains(&kind) => {
                if !self.begun.contains(&at) {
                    self.waits.push_back(Wait::Settled(Then::SpeakUp(at)));
                }
                self.waits.push_back(Wait::Said);
            }
            "hear" => self.hear(&step),
            "send" | "update" | "inject" if !self.begun.contains(&at) => self.say(&step["message"]),
            "answer" => self.waits.push_back(Wait::Answered(text_of(&step["function"]))),
            "await" if step["type"] != "close" => self.waits.push_back(Wait::HeardType(text_of(&step["type"]))),
            "wait" | "stream" => {
                let seconds = step["seconds"].as_f64().unwrap_or(0.0) + MARGIN;
                self.waits.push_back(Wait::Until(Instant::now() + self.task.in_session(seconds)));
            }
            "be_silent" => self.is_silent = true,
            "hang_up" => self.waits.push_back(Wait::Settled(Then::Leave)),
            _ => {}
        }
    }

    /// The agent's own words, to their end or until the user comes in between, which is at the first sound.
    fn hear(&mut self, step: &Value) {
        let is_interrupted = step["interrupted"] == true;
        let following = self.task.steps()[self.at..].iter();
        let count = if is_interrupted {
            following.count().min(1)
        } else {
            following.take_while(|step| step["do"] == "inject").count()
        };
        self.waits.push_back(Wait::OwnWords);
        if count > 0 {
            self.waits.push_back(Wait::Sound((self.at..self.at + count).collect()));
        }
        let mut over = vec!["AgentAudioDone"];
        if is_interrupted {
            over.push("UserStartedSpeaking");
        }
        self.waits.push_back(Wait::Heard(over));
    }

    fn come_between(&mut self, at: usize) {
        let step = self.task.steps()[at].clone();
        match step["do"].as_str().unwrap_or_default() {
            "inject" => self.say(&step["message"]),
            kind if OF_THE_USER.contains(&kind) => self.speak_up(at),
            _ => return,
        }
        self.begun.insert(at);
    }

    fn speak_up(&mut self, at: usize) {
        let step = &self.task.steps()[at];
        match step["do"].as_str().unwrap_or_default() {
            "type" => {
                let content = fitting(&step["fits"], &step["text"]);
                self.outgoing.push(json!({"type": "InjectUserMessage", "content": content}));
            }
            "listen" => {}
            _ => self.speaks_for = step["seconds"].as_f64().unwrap_or(0.0) + MARGIN,
        }
    }

    fn say(&mut self, pattern: &Value) {
        let kind = pattern["type"].as_str().unwrap_or_default();
        let mut body = fitting(pattern, &usual(kind));
        let is_worded = ["message", "content", "is_dynamic"].iter().any(|key| !pattern[key].is_null());
        if kind == "InjectAgentMessage" && !is_worded {
            let text = format!("This is statement {} of the client.", self.injected.len() + 1);
            body["message"] = json!(text);
            self.injected.push(text.clone());
            self.due.push(text);
        }
        let acknowledged = ACKNOWLEDGEMENTS.iter().filter(|(sent, _)| *sent == kind);
        self.due.extend(acknowledged.map(|(_, answer)| (*answer).to_owned()));
        self.outgoing.push(body);
    }
}

/// What a message holds where the intent leaves it open.
fn usual(kind: &str) -> Value {
    match kind {
        "UpdatePrompt" => json!({"prompt": "Answer in one sentence."}),
        "UpdateSpeak" => json!({"speak": {"provider": {"type": "deepgram", "model": "aura-2-zeus-en"}}}),
        "UpdateThink" => json!({"think": {"provider": {"type": "open_ai", "model": "gpt-4.1"}}}),
        "UpdateListen" => json!({"listen": {"provider":
            {"type": "deepgram", "version": "v2", "model": "flux-general-en", "eot_threshold": 0.9}}}),
        _ => json!({}),
    }
}

/// A value that fits a pattern of the intent: the usual one, and what the pattern asks for in its place.
///
/// In a text `*` stands for anything, `~` before what it contains, `=` before the whole of it, `/…/` around an
/// expression, of which the first branch will do.
pub fn fitting(pattern: &Value, usual: &Value) -> Value {
    match pattern {
        Value::Object(parts) => {
            let mut whole: Map<String, Value> = usual.as_object().cloned().unwrap_or_default();
            for (key, part) in parts {
                let given = whole.get(key).cloned().unwrap_or_default();
                whole.insert(key.clone(), fitting(part, &given));
            }
            Value::Object(whole)
        }
        Value::Array(parts) => parts.iter().map(|part| fitting(part, &Value::Null)).collect(),
        Value::String(text) if text == "*" => {
            if usual.is_null() { json!("something") } else { usual.clone() }
        }
        Value::String(text) => {
            let branch = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
            let plain = branch.and_then(|branches| branches.split('|').next());
            json!(plain.or_else(|| text.strip_prefix(['~', '='])).unwrap_or(text))
        }
        other => other.clone(),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
