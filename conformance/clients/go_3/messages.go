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

// sender is the call that sends a message, by the SDK's own type for it; an error where it has none. WriteJSON would
// carry anything at all: what the SDK can do is what it has a type for.
func sender(connection *client.WSChannel, message object) (func() error, error) {
	kind := fmt.Sprint(message["type"])
	var typed any
	switch kind {
	case api.TypeKeepAlive:
		return connection.KeepAlive, nil
	case api.TypeInjectAgentMessage:
		typed = &api.InjectAgentMessage{}
		rename(message, "message", "content")
	case api.TypeInjectUserMessage:
		typed = &api.InjectUserMessage{}
	case api.TypeUpdatePrompt:
		typed = &api.UpdatePrompt{}
		rename(message, "prompt", "instructions")
	case api.TypeUpdateSpeak:
		var asked struct {
			Type  string
			Speak struct{ Provider struct{ Type, Model string } }
		}
		if err := convert(message, &asked); err != nil {
			return nil, fmt.Errorf("this %s: %w", kind, err)
		}
		message["speak"] = interfaces.SpeakOptions{Model: asked.Speak.Provider.Model}
		typed = &api.UpdateSpeak{}
	default:
		return nil, fmt.Errorf("%s: it has no type for it", kind)
	}
	if err := convert(message, typed); err != nil {
		return nil, fmt.Errorf("this %s: %w", kind, err)
	}
	return func() error { return connection.WriteJSON(typed) }, nil
}

// rename gives a field the key under which the SDK's struct has it.
func rename(message object, from, to string) {
	message[to] = message[from]
	delete(message, from)
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
	var kind any
	if message, ok := body.(object); ok {
		kind, _ = message["type"].(string)
	}
	c.heard("Unhandled", kind, "[]byte", false, body)
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
