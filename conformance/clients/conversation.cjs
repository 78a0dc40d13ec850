/*
The task of a driver on Node, read from its environment, and the conversation that it is to hold.
The same as conversation.py, which describes the environment and the exit statuses.
*/
"use strict";

const fs = require("node:fs");
const http = require("node:http");

const { CannotSend, Conversation, Play } = require("./play.cjs");

const INTENTS = ["talk", "inject", "play"];
const UNKNOWN_INTENT = 127;
const BACK_AFTER_MS = 1000;

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
    intent,
    replies: intent.replies ?? 1,
    pace: intent.pace ?? 1,
    patience: intent.patience ?? 0,
    deadlineMs: Number(process.env.MOCKAGENT_DEADLINE_MS ?? 60000),
    unmodified: Boolean(process.env.MOCKAGENT_UNMODIFIED),
  };
}

/** Adds a line to the file of what the application saw. */
function tell(line) {
  const file = process.env.MOCKAGENT_OBSERVE;
  if (file) fs.appendFileSync(file, JSON.stringify(line) + "\n");
}

/** Where the functions are that the server runs: on this machine, for as long as the driver runs. */
function endpoint() {
  const server = http.createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end('{"status": "shipped"}'));
  });
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${server.address().port}/`));
  });
}

/** Holds the conversation that was asked for, in as many connections as it takes, and sets the exit status. */
async function run(converse) {
  const task = readTask();
  const attempts = task.intent.attempts ?? 0;
  for (let attempt = 0; attempt <= attempts; attempt += 1) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, BACK_AFTER_MS / task.pace));
    const plays = task.intent.do === "play";
    const conversation = plays ? new Play(task, tell, await endpoint()) : new Conversation(task, tell);
    await converse(conversation).catch((error) => {
      conversation.broke(error);
      conversation.leave();
    });
    if (conversation.cannot) console.error(`this SDK cannot send ${conversation.cannot}`);
    process.exitCode = conversation.cannot ? UNKNOWN_INTENT : conversation.status();
  }
}

module.exports = { CannotSend, run };
