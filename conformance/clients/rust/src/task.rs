//! What the driver is to do, and the user's voice. Nothing here knows the SDK.

use std::env;
use std::f64::consts::PI;
use std::process::exit;
use std::time::{Duration, Instant};

use serde_json::Value;

pub const CARRIED_OUT: i32 = 0;
pub const NOT_CARRIED_OUT: i32 = 1;
pub const UNKNOWN_INTENT: i32 = 127;
pub const INPUT_RATE: usize = 16_000;
pub const OUTPUT_RATE: usize = 24_000;
pub const CHUNK_FOR: f64 = 0.08;

/// The environment of a driver, as conversation.py says it in full; `intent` is MOCKAGENT_INTENT.
#[derive(Clone)]
pub struct Task {
    pub url: String,
    pub api_key: String,
    pub observe: Option<String>,
    pub intent: Value,
    pub until: Instant,
}

impl Task {
    /// The task in the environment; leaves the program with 127 for an intent that is not known.
    pub fn read() -> Task {
        let intent: Value = serde_json::from_str(&needed("MOCKAGENT_INTENT"))
            .unwrap_or_else(|error| fail(NOT_CARRIED_OUT, &format!("MOCKAGENT_INTENT: {error}")));
        if !["talk", "inject", "play"].contains(&intent["do"].as_str().unwrap_or_default()) {
            fail(
                UNKNOWN_INTENT,
                &format!("unknown intent: expected talk, inject or play, got {}", intent["do"]),
            );
        }
        let deadline = env::var("MOCKAGENT_DEADLINE_MS")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(60_000);
        Task {
            url: needed("MOCKAGENT_URL"),
            api_key: needed("DEEPGRAM_API_KEY"),
            observe: env::var("MOCKAGENT_OBSERVE").ok(),
            intent,
            until: Instant::now() + Duration::from_millis(deadline),
        }
    }

    pub fn is_play(&self) -> bool {
        self.intent["do"] == "play"
    }

    pub fn replies(&self) -> u64 {
        self.intent["replies"].as_u64().unwrap_or(1)
    }

    pub fn patience(&self) -> f64 {
        self.intent["patience"].as_f64().unwrap_or(0.0)
    }

    pub fn attempts(&self) -> u64 {
        self.intent["attempts"].as_u64().unwrap_or(0)
    }

    pub fn steps(&self) -> &[Value] {
        self.intent["steps"].as_array().map_or(&[], Vec::as_slice)
    }

    /// A length of the session as one of the wall.
    pub fn in_session(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds / self.intent["pace"].as_f64().unwrap_or(1.0))
    }
}

pub fn fail(status: i32, why: &str) -> ! {
    eprintln!("{why}");
    exit(status)
}

fn needed(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| fail(NOT_CARRIED_OUT, &format!("{name} is not set")))
}

/// The user's voice, two vowels that take turns in syllables, four a second, and silence of the same length.
pub struct Speech {
    second: Vec<u8>,
    size: usize,
    at: usize,
    pub silence: Vec<u8>,
}

impl Speech {
    pub fn new(encoding: &str, rate: usize) -> Speech {
        let encode = if encoding == "mulaw" { mulaw } else { linear16 };
        let samples: Vec<i16> = (0..rate).map(|at| sample(at as f64 / rate as f64)).collect();
        let second = encode(&samples);
        Speech {
            size: (second.len() as f64 * CHUNK_FOR) as usize,
            second: second.repeat(2),
            at: 0,
            silence: encode(&vec![0; (rate as f64 * CHUNK_FOR) as usize]),
        }
    }

    /// The next CHUNK_FOR seconds.
    pub fn chunk(&mut self) -> Vec<u8> {
        let piece = self.second[self.at..self.at + self.size].to_vec();
        self.at = (self.at + self.size) % (self.second.len() / 2);
        piece
    }
}

fn sample(second: f64) -> i16 {
    let tone = |hertz: f64| (2.0 * PI * hertz * second).sin();
    let swell = |times: f64| 0.5 - 0.5 * (2.0 * PI * times * second).cos();
    let vowels = tone(180.0) + swell(2.0) * tone(720.0) + (1.0 - swell(2.0)) * tone(1440.0);
    (6000.0 * swell(4.0) * vowels) as i16
}

fn linear16(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// Sign, three bits of exponent and four of mantissa, all inverted (G.711).
fn mulaw(samples: &[i16]) -> Vec<u8> {
    samples
        .iter()
        .map(|&sample| {
            let louder = u32::from(sample.unsigned_abs()).min(32_635) + 132;
            let exponent = 31 - louder.leading_zeros() - 7;
            let code = (exponent << 4 | louder >> (exponent + 3) & 15) as u8;
            code ^ if sample < 0 { 0x7F } else { 0xFF }
        })
        .collect()
}
