/* @deepgram/sdk 5.x on Node, as an ES module. */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { DeepgramClient } from "@deepgram/sdk";
import { HttpsProxyAgent } from "https-proxy-agent";

import conversing from "../conversation.cjs";

const { run } = conversing;

// This SDK hands over parsed JSON, whatever its type; what it knows is what its published declaration names.
const RENAMED = { ReceiveFunctionCallResponse: "FunctionCallResponse" };

/** The message types that the installed SDK declares, read from its own type declaration. */
function declaredTypes() {
  const entry = createRequire(import.meta.url).resolve("@deepgram/sdk");
  const file = path.join(path.dirname(entry), "api/resources/agent/resources/v1/client/Socket.d.ts");
  const union = fs.readFileSync(file, "utf8").match(/type Response = ([^;]+);/)[1];
  const names = [...union.matchAll(/AgentV1(\w+)/g)].map((found) => RENAMED[found[1]] ?? found[1]);
  return new Set(names);
}

async function converse(conversation) {
  const { task } = conversation;
  const declared = declaredTypes();
  // This SDK does not read HTTPS_PROXY; an agent is its documented way through a proxy.
  const where = task.unmodified
    ? { agent: new HttpsProxyAgent(process.env.HTTPS_PROXY) }
    : { baseUrl: task.httpUrl };
  const client = new DeepgramClient({ apiKey: task.apiKey, ...where });
  const connection = await client.agent.v1.connect();

  connection.on("message", (message) => {
    if (message instanceof Blob) {
      conversation.heardAudio(message.size);
      return;
    }
    const known = declared.has(message.type);
    conversation.heard(known ? message.type : "message", message.constructor.name, known, message);
    if (message.type === "FunctionCallRequest") respond(conversation, connection, message);
  });
  connection.on("error", (error) => conversation.broke(error));
  connection.on("close", (event) => conversation.closed(event.code));

  connection.connect();
  await connection.waitForOpen();
  connection.sendSettings({ type: "Settings", ...conversation.settings() });
  conversation.lead(
    (message) => send(connection, message),
    (chunk) => connection.sendMedia(chunk),
  );
  await conversation.over;
  connection.close();
}

/** Sends a message by the SDK's method for it; what it has none for by its socket, as the text that it is. */
function send(connection, message) {
  const senders = {
    UpdatePrompt: "sendUpdatePrompt",
    UpdateSpeak: "sendUpdateSpeak",
    UpdateThink: "sendUpdateThink",
    UpdateListen: "sendUpdateListen",
    InjectAgentMessage: "sendInjectAgentMessage",
    InjectUserMessage: "sendInjectUserMessage",
    KeepAlive: "sendKeepAlive",
    ForceEndTurn: "sendForceEndTurn",
  };
  if (message.type in senders) connection[senders[message.type]](message);
  else connection.socket.send(JSON.stringify(message));
}

/** Runs each function that is the client's to run. */
function respond(conversation, connection, request) {
  for (const call of request.functions.filter((one) => one.client_side)) {
    connection.sendFunctionCallResponse({
      type: "FunctionCallResponse",
      id: call.id,
      name: call.name,
      content: conversation.answer(call.name, call.arguments),
    });
  }
}

await run(converse);
