package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	api "github.com/deepgram/deepgram-go-sdk/v3/pkg/api/agent/v1/websocket/interfaces"
	client "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/agent"
	interfaces "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"
)

// sender is the call that sends a message: by the SDK's own type for it, and by WriteJSON as it is where the SDK has no
// type, or one that would lose some of it.
func sender(connection *client.WSChannel, message object) func() error {
	if message["type"] == api.TypeKeepAlive {
		return connection.KeepAlive
	}
	if typed := typedOf(message); typed != nil {
		return func() error { return connection.WriteJSON(typed) }
	}
	return func() error { return connection.WriteJSON(message) }
}

// typedOf is the message as the SDK's own type has it, whatever that makes of it on the wire; nil where there is none.
func typedOf(message object) any {
	switch fmt.Sprint(message["type"]) {
	case api.TypeInjectAgentMessage:
		return filled(message, "message", "content", &api.InjectAgentMessage{})
	case api.TypeInjectUserMessage:
		return filled(message, "content", "content", &api.InjectUserMessage{})
	case api.TypeUpdatePrompt:
		return filled(message, "prompt", "instructions", &api.UpdatePrompt{})
	case api.TypeUpdateSpeak:
		var asked struct {
			Type  string
			Speak struct{ Provider struct{ Type, Model string } }
		}
		if convert(message, &asked) == nil {
			return &api.UpdateSpeak{Type: asked.Type, Speak: interfaces.SpeakOptions{Model: asked.Speak.Provider.Model}}
		}
	}
	return nil
}

// filled is the SDK's struct with the message in it, whose field `from` the struct writes as `to`.
func filled(message object, from, to string, typed any) any {
	renamed := object{}
	for key, value := range message {
		renamed[key] = value
	}
	delete(renamed, from)
	renamed[to] = message[from]
	if convert(renamed, typed) != nil {
		return nil
	}
	return typed
}

// inbox holds the channels that the SDK writes to. They are unbuffered and read by one goroutine, so that what
// arrives keeps its order. Rule: that goroutine calls nothing of the SDK, which holds a lock while it writes here.
type inbox struct {
	audio               chan *[]byte
	open                chan *api.OpenResponse
	welcome             chan *api.WelcomeResponse
	conversationText    chan *api.ConversationTextResponse
	userStartedSpeaking chan *api.UserStartedSpeakingResponse
	thinking            chan *api.AgentThinkingResponse
	functionCallRequest chan *api.FunctionCallRequestResponse
	startedSpeaking     chan *api.AgentStartedSpeakingResponse
	audioDone           chan *api.AgentAudioDoneResponse
	injectionRefused    chan *api.InjectionRefusedResponse
	keepAlive           chan *api.KeepAlive
	settingsApplied     chan *api.SettingsAppliedResponse
	closed              chan *api.CloseResponse
	failed              chan *api.ErrorResponse
	unhandled           chan *[]byte
}

func newInbox() *inbox {
	return &inbox{
		make(chan *[]byte),
		make(chan *api.OpenResponse),
		make(chan *api.WelcomeResponse),
		make(chan *api.ConversationTextResponse),
		make(chan *api.UserStartedSpeakingResponse),
		make(chan *api.AgentThinkingResponse),
		make(chan *api.FunctionCallRequestResponse),
		make(chan *api.AgentStartedSpeakingResponse),
		make(chan *api.AgentAudioDoneResponse),
		make(chan *api.InjectionRefusedResponse),
		make(chan *api.KeepAlive),
		make(chan *api.SettingsAppliedResponse),
		make(chan *api.CloseResponse),
		make(chan *api.ErrorResponse),
		make(chan *[]byte),
	}
}

// read tells the conversation what arrives, for as long as the program runs.
func (i *inbox) read(c *conversation) {
	for {
		select {
		case audio := <-i.audio:
			c.heardAudio(len(*audio))
		case <-i.open:
		case message := <-i.welcome:
			tell(c, message.Type, message)
		case message := <-i.conversationText:
			tell(c, message.Type, message)
		case message := <-i.userStartedSpeaking:
			tell(c, message.Type, message)
		case message := <-i.thinking:
			tell(c, message.Type, message)
		case message := <-i.functionCallRequest:
			tell(c, message.Type, message)
			cannotAnswer(c)
		case message := <-i.startedSpeaking:
			tell(c, message.Type, message)
		case message := <-i.audioDone:
			tell(c, message.Type, message)
		case message := <-i.injectionRefused:
			tell(c, message.Type, message)
		case message := <-i.keepAlive:
			tell(c, message.Type, message)
		case message := <-i.settingsApplied:
			tell(c, message.Type, message)
		case <-i.closed:
			c.closed()
		case message := <-i.failed:
			tellError(c, message)
		case message := <-i.unhandled:
			tellUnhandled(c, *message)
		}
	}
}

func tell(c *conversation, kind string, message any) {
	class := reflect.TypeOf(message).Elem().Name()
	c.heard(kind, kind, class, true, message)
}

// tellError: an Error of the server and an error of the connection arrive as the same type on the same channel. Only
// those of the connection have a variant: the SDK makes it of the close code, or says that it knows none.
func tellError(c *conversation, message *api.ErrorResponse) {
	if message.Variant == "" {
		tell(c, message.Type, message)
		return
	}
	c.broke(fmt.Sprintf("%s: %s", message.ErrMsg, message.Description))
}

func tellUnhandled(c *conversation, text []byte) {
	var body any
	if err := json.Unmarshal(text, &body); err != nil {
		body = string(text)
	}
	message, ok := body.(object)
	if !ok {
		c.note(object{"event": nil, "name": "Unhandled", "class": "[]byte", "known": false, "message": nil, "body": body})
		return
	}
	var kind any
	if named, ok := message["type"].(string); ok {
		kind = named
	}
	c.heard("Unhandled", kind, "[]byte", false, message)
}

// cannotAnswer: the request that reaches the application holds the fields of the early access dialect, all empty. In a
// play the server may run the function itself.
func cannotAnswer(c *conversation) {
	if c.play == nil && c.task.Patience == 0 {
		fmt.Fprintln(os.Stderr, "this SDK's FunctionCallRequest holds no `functions`: there is nothing to answer")
		os.Exit(unknownIntent)
	}
}

func (i *inbox) GetBinary() []*chan *[]byte         { return []*chan *[]byte{&i.audio} }
func (i *inbox) GetOpen() []*chan *api.OpenResponse { return []*chan *api.OpenResponse{&i.open} }
func (i *inbox) GetWelcome() []*chan *api.WelcomeResponse {
	return []*chan *api.WelcomeResponse{&i.welcome}
}
func (i *inbox) GetKeepAlive() []*chan *api.KeepAlive { return []*chan *api.KeepAlive{&i.keepAlive} }
func (i *inbox) GetClose() []*chan *api.CloseResponse { return []*chan *api.CloseResponse{&i.closed} }
func (i *inbox) GetError() []*chan *api.ErrorResponse { return []*chan *api.ErrorResponse{&i.failed} }
func (i *inbox) GetUnhandled() []*chan *[]byte        { return []*chan *[]byte{&i.unhandled} }
func (i *inbox) GetConversationText() []*chan *api.ConversationTextResponse {
	return []*chan *api.ConversationTextResponse{&i.conversationText}
}
func (i *inbox) GetUserStartedSpeaking() []*chan *api.UserStartedSpeakingResponse {
	return []*chan *api.UserStartedSpeakingResponse{&i.userStartedSpeaking}
}
func (i *inbox) GetAgentThinking() []*chan *api.AgentThinkingResponse {
	return []*chan *api.AgentThinkingResponse{&i.thinking}
}
func (i *inbox) GetFunctionCallRequest() []*chan *api.FunctionCallRequestResponse {
	return []*chan *api.FunctionCallRequestResponse{&i.functionCallRequest}
}
func (i *inbox) GetAgentStartedSpeaking() []*chan *api.AgentStartedSpeakingResponse {
	return []*chan *api.AgentStartedSpeakingResponse{&i.startedSpeaking}
}
func (i *inbox) GetAgentAudioDone() []*chan *api.AgentAudioDoneResponse {
	return []*chan *api.AgentAudioDoneResponse{&i.audioDone}
}
func (i *inbox) GetInjectionRefused() []*chan *api.InjectionRefusedResponse {
	return []*chan *api.InjectionRefusedResponse{&i.injectionRefused}
}
func (i *inbox) GetSettingsApplied() []*chan *api.SettingsAppliedResponse {
	return []*chan *api.SettingsAppliedResponse{&i.settingsApplied}
}
