/* @deepgram/sdk 4.x on Node, as CommonJS. */
"use strict";

const { AgentEvents, createClient } = require("@deepgram/sdk");

const { Conversation, SETTINGS, answer, readTask } = require("../conversation.cjs");

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
  connection.on(AgentEvents.Open, () => connection.configure(SETTINGS));
  connection.on(AgentEvents.SettingsApplied, () => conversation.speak((chunk) => connection.send(chunk)));
  connection.on(AgentEvents.FunctionCallRequest, (request) => respond(connection, request));
  connection.on(AgentEvents.Audio, (audio) => {
    const injection = conversation.heardAudio(audio.length);
    if (injection !== null) connection.injectAgentMessage(injection);
  });
  connection.on(AgentEvents.Error, (error) => conversation.broke(error));
  connection.on(AgentEvents.Close, (event) => conversation.closed(event.code));

  await conversation.over;
  connection.disconnect();
}

/** Runs each function that is the client's to run. */
function respond(connection, request) {
  for (const call of request.functions.filter((one) => one.client_side)) {
    connection.functionCallResponse({
      id: call.id,
      name: call.name,
      content: answer(call.name, call.arguments),
    });
  }
}

const conversation = new Conversation(readTask());
converse(conversation)
  .catch((error) => conversation.broke(error))
  .finally(() => (process.exitCode = conversation.status()));
