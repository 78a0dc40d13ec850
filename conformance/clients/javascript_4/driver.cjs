/* @deepgram/sdk 4.x on Node, as CommonJS. */
"use strict";

const { AgentEvents, createClient } = require("@deepgram/sdk");

const { run } = require("../conversation.cjs");

// What the SDK announces beside the messages of the service.
const OWN_EVENTS = ["Open", "Close", "Error", "Audio", "Unhandled"];

async function converse(conversation) {
  const { task } = conversation;
  const client = createClient(task.apiKey, { agent: { websocket: { options: { url: task.httpUrl } } } });
  const connection = client.agent();

  for (const event of Object.values(AgentEvents).filter((name) => !OWN_EVENTS.includes(name))) {
    connection.on(event, (message) =>
      conversation.heard(event, message.constructor.name, event === message.type, message),
    );
  }
  connection.on(AgentEvents.Unhandled, (message) =>
    conversation.heard("Unhandled", message.constructor.name, false, message),
  );
  connection.on(AgentEvents.Open, () => {
    connection.configure(conversation.settings());
    conversation.lead(
      (message) => send(connection, message),
      (chunk) => connection.send(chunk),
    );
  });
  connection.on(AgentEvents.FunctionCallRequest, (request) => respond(conversation, connection, request));
  connection.on(AgentEvents.Audio, (audio) => conversation.heardAudio(audio.length));
  connection.on(AgentEvents.Error, (error) => {
    // The service's Error and the SDK's own come as the same event.
    if (error.type === "Error") conversation.heard("Error", error.constructor.name, true, error);
    else conversation.broke(error);
  });
  connection.on(AgentEvents.Close, (event) => conversation.closed(event.code));

  await conversation.over;
  connection.disconnect();
}

/** Sends a message by the SDK's method for it; what it has none for as the text that it is. */
function send(connection, message) {
  const { type, ...rest } = message;
  if (type === "UpdatePrompt") connection.updatePrompt(rest.prompt);
  else if (type === "UpdateSpeak") connection.updateSpeak(rest.speak);
  else if (type === "InjectUserMessage") connection.injectUserMessage(rest.content);
  else if (type === "InjectAgentMessage" && Object.keys(rest).length === 1) connection.injectAgentMessage(rest.message);
  else if (type === "KeepAlive") connection.keepAlive();
  else connection.send(JSON.stringify(message));
}

/** Runs each function that is the client's to run. */
function respond(conversation, connection, request) {
  for (const call of request.functions.filter((one) => one.client_side)) {
    connection.functionCallResponse({
      id: call.id,
      name: call.name,
      content: conversation.answer(call.name, call.arguments),
    });
  }
}

run(converse);
