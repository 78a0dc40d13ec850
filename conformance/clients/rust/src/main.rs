//! A plain use of the crate `deepgram`: one task listens, the other speaks.

mod conversation;
mod play;
mod settings;
mod task;

use std::process::exit;
use std::sync::Arc;
use std::time::Duration;

use deepgram::agent::messages::{
    FunctionCallResponseMessage, InjectAgentMessageMessage, InjectUserMessageMessage, UpdateListenMessage,
    UpdatePromptMessage, UpdateSpeakMessage, UpdateThinkMessage,
};
use deepgram::agent::settings::SettingsMessage;
use deepgram::agent::websocket::{AgentEventStream, AgentHandle};
use deepgram::agent::{AgentEvent, AgentResponse};
use deepgram::{Deepgram, DeepgramError};
use futures::StreamExt;
use serde_json::{from_value, to_value, Value};
use tokio::sync::Mutex;
use tokio::time::{interval, sleep, timeout};

use conversation::Conversation;
use task::{fail, Task, CHUNK_FOR, NOT_CARRIED_OUT, UNKNOWN_INTENT};

const LEAVES_WITHIN: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() {
    let task = Task::read();
    let coded = task.steps().iter().find(|step| step["do"] == "hang_up" && !step["code"].is_null());
    if let Some(step) = coded {
        fail(UNKNOWN_INTENT, &format!("this SDK closes without a code, not with {}", step["code"]));
    }
    let mut status = NOT_CARRIED_OUT;
    for attempt in 0..=task.attempts() {
        if attempt > 0 {
            sleep(task.in_session(play::BACK_AFTER)).await;
        }
        let settings = settings::settings_for(&task);
        let conversation = Arc::new(Conversation::new(&task, &settings));
        if let Err(error) = converse(&conversation, settings).await {
            conversation.broke(&error.to_string());
        }
        status = conversation.status();
    }
    exit(status)
}

async fn converse(conversation: &Arc<Conversation>, settings: Value) -> Result<(), DeepgramError> {
    let task = &conversation.task;
    let client = Deepgram::new(&task.api_key)?;
    let (handle, events) = client.agent().start_at_url(&task.url).await?;
    let handle = Arc::new(Mutex::new(handle));
    let listening = tokio::spawn(listen(conversation.clone(), handle.clone(), events));
    send(&mut *handle.lock().await, settings).await?;
    let mut ticks = interval(task.in_session(CHUNK_FOR));
    while !conversation.over() {
        for message in conversation.messages() {
            told(conversation, send(&mut *handle.lock().await, message).await);
        }
        if let Some(chunk) = conversation.chunk() {
            told(conversation, handle.lock().await.send_data(chunk).await);
        }
        ticks.tick().await;
    }
    told(conversation, handle.lock().await.close().await);
    let _ = timeout(LEAVES_WITHIN, listening).await;
    Ok(())
}

fn told(conversation: &Conversation, sent: Result<(), DeepgramError>) {
    if let Err(error) = sent {
        conversation.cannot_send(&error.to_string());
    }
}

async fn listen(conversation: Arc<Conversation>, handle: Arc<Mutex<AgentHandle>>, mut events: AgentEventStream) {
    let mut code = None;
    while let Some(event) = events.next().await {
        match event {
            Ok(AgentEvent::Audio(audio)) => conversation.heard_audio(audio.len()),
            Ok(AgentEvent::Json(message)) => {
                let body = to_value(&message).unwrap_or_default();
                let debug = format!("{message:?}");
                let class = debug.split('(').next().unwrap_or_default();
                let known = !matches!(message, AgentResponse::Unknown(_));
                conversation.heard(class, class, known, &body);
                respond(&conversation, &handle, &message).await;
            }
            Ok(_) => {}
            Err(error) => {
                if let DeepgramError::WebsocketClose { code: told, .. } = &error {
                    code = Some(*told);
                }
                conversation.broke(&error.to_string());
            }
        }
    }
    conversation.closed(code);
}

/// Runs each function that is the client's to run.
async fn respond(conversation: &Conversation, handle: &Mutex<AgentHandle>, message: &AgentResponse) {
    let AgentResponse::FunctionCallRequest(request) = message else { return };
    for call in request.functions.iter().filter(|call| call.client_side) {
        let content = conversation.answer(&call.name, &call.arguments);
        let response = FunctionCallResponseMessage::with_id(&call.id, &call.name, content);
        told(conversation, handle.lock().await.send_function_call_response(response).await);
    }
}

/// Sends a message by the SDK's own type for it. What that type has no room for goes by `send_raw_json`, which the SDK
/// has for what it does not know yet.
async fn send(handle: &mut AgentHandle, message: Value) -> Result<(), DeepgramError> {
    macro_rules! typed {
        ($type:ty, $send:ident) => {
            if let Some(typed) = whole::<$type>(&message) {
                return handle.$send(typed).await;
            }
        };
    }
    match message["type"].as_str().unwrap_or_default() {
        "Settings" => typed!(SettingsMessage, send_settings),
        "UpdateListen" => typed!(UpdateListenMessage, send_update_listen),
        "UpdateSpeak" => typed!(UpdateSpeakMessage, send_update_speak),
        "UpdateThink" => typed!(UpdateThinkMessage, send_update_think),
        "UpdatePrompt" => typed!(UpdatePromptMessage, send_update_prompt),
        "InjectUserMessage" => typed!(InjectUserMessageMessage, send_inject_user_message),
        "InjectAgentMessage" => typed!(InjectAgentMessageMessage, send_inject_agent_message),
        "KeepAlive" => return handle.keep_alive().await,
        "ForceEndTurn" => return handle.force_end_turn().await,
        _ => {}
    }
    handle.send_raw_json(message).await
}

/// The message as one of the SDK's types; None where that would lose some of it.
fn whole<T: serde::de::DeserializeOwned + serde::Serialize>(message: &Value) -> Option<T> {
    let typed: T = from_value(message.clone()).ok()?;
    holds(&to_value(&typed).ok()?, message).then_some(typed)
}

fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|each| holds(each, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(each, value)| holds(each, value))
        }
        _ => whole == part,
    }
}
