//! The Settings that a task asks for, as JSON.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::{json, Value};

use crate::conversation::WEATHER;
use crate::play::fitting;
use crate::task::{Task, INPUT_RATE, OUTPUT_RATE};

/// A weather agent, changed to what the intent asks for.
pub fn settings_for(task: &Task) -> Value {
    let usual = json!({
        "type": "Settings",
        "audio": {
            "input": {"encoding": "linear16", "sample_rate": INPUT_RATE},
            "output": {"encoding": "linear16", "sample_rate": OUTPUT_RATE, "container": "none"},
        },
        "agent": {
            "listen": {"provider": {"type": "deepgram", "version": "v1", "model": "nova-3"}},
            "think": {
                "provider": {"type": "open_ai", "model": "gpt-4o-mini"},
                "prompt": "You tell callers about the weather, in one short sentence.",
            },
            "speak": {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}},
            "greeting": "Hello! How can I help you today?",
        },
    });
    let asked = task.steps().iter().find(|step| step["do"] == "settings" && task.is_play());
    let mut settings = asked.map_or(usual.clone(), |step| fitting(&step["message"], &usual));
    let agent = &mut settings["agent"];
    define_functions(&mut agent["think"], task);
    if task.is_play() {
        for (part, other) in [("think", "gpt-4.1"), ("speak", "aura-2-zeus-en")] {
            let count = task.intent["providers"][part].as_u64().unwrap_or(1);
            if count > 1 {
                let mut fallback = agent[part].clone();
                fallback["provider"]["model"] = json!(other);
                let mut all = vec![agent[part].take()];
                all.resize(count as usize, fallback);
                agent[part] = json!(all);
            }
        }
    }
    settings
}

/// Those that the intent names; which of them no step answers the server runs itself, at an endpoint.
fn define_functions(think: &mut Value, task: &Task) {
    let mut defined: Vec<Value> = think["functions"].as_array().cloned().unwrap_or_default();
    let needed: Vec<&str> = match task.intent["functions"].as_array() {
        Some(names) if task.is_play() => names.iter().filter_map(Value::as_str).collect(),
        _ => vec![WEATHER],
    };
    for name in needed {
        if !defined.iter().any(|each| each["name"] == name) {
            defined.push(json!({"name": name}));
        }
    }
    for each in &mut defined {
        let name = each["name"].clone();
        let is_answered = task.steps().iter().any(|step| step["do"] == "answer" && step["function"] == name);
        if task.is_play() && !is_answered {
            each["endpoint"] = json!({"url": functions(), "method": "post"});
        }
        if each["description"].is_null() {
            each["description"] = json!(format!("Does what {name} says"));
            each["parameters"] = if name == WEATHER {
                json!({
                    "type": "object",
                    "properties": {"location": {"type": "string", "description": "A town"}},
                    "required": ["location"],
                })
            } else {
                json!({"type": "object", "properties": {}})
            };
        }
    }
    if !defined.is_empty() {
        think["functions"] = json!(defined);
    }
}

/// Where the functions are that the server runs: on this machine, for as long as the driver runs.
fn functions() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 65_536]);
            let body = r#"{"status": "shipped"}"#;
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    format!("http://{address}/")
}
