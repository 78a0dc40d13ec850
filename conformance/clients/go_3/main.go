// Command driver is a plain use of deepgram-go-sdk 3.x: one goroutine listens, one sends, this one leads.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"time"

	client "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/agent"
	interfaces "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"
	v1 "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces/v1"
)

const stopsWithin = 5 * time.Second

func main() {
	given := readTask()
	client.InitWithDefault()
	status := notCarriedOut
	for attempt := 0; attempt <= given.Attempts; attempt++ {
		if attempt > 0 {
			time.Sleep(given.inSession(backAfter))
		}
		c := newConversation(given)
		converse(c)
		status = c.status()
	}
	os.Exit(status)
}

// converse leads one connection from Settings to the end.
func converse(c *conversation) {
	settings, err := settingsFor(c.task)
	if err != nil {
		fail(unknownIntent, "this SDK cannot send these Settings: "+err.Error())
	}
	c.voice = newSpeech(settings.Audio.Input.Encoding, settings.Audio.Input.SampleRate)
	options, err := optionsFor(c.task)
	if err != nil {
		fail(unknownIntent, err.Error())
	}
	messages := newInbox()
	go messages.read(c)
	connection, err := client.NewWSUsingChan(context.Background(), c.task.apiKey, options, settings, messages)
	if err != nil {
		c.broke(err.Error())
		return
	}
	// It sends Settings by itself, and may come back only after three tries of fifteen seconds.
	connected := make(chan bool, 1)
	go func() { connected <- connection.Connect() }()
	select {
	case isConnected := <-connected:
		if isConnected {
			lead(c, connection)
		} else {
			c.broke("Connect returned false")
		}
	case <-over(c):
	}
}

// lead sends what is to be sent until there is nothing left to do. A call of the SDK that never comes back is told.
func lead(c *conversation, connection *client.WSChannel) {
	calls := make(chan func() error)
	defer close(calls)
	idle := make(chan struct{}, 1)
	go func() {
		for call := range calls {
			if err := call(); err != nil {
				c.cannotSend(err)
			}
			idle <- struct{}{}
		}
	}()
	isBusy := false
	do := func(call func() error) {
		if isBusy {
			select {
			case <-idle:
			case <-over(c):
				return
			}
		}
		calls <- call
		isBusy = true
	}
	tick := time.NewTicker(c.task.inSession(chunkFor))
	defer tick.Stop()
	for !c.over() {
		for _, message := range c.messages() {
			call, err := sender(connection, message)
			if err != nil {
				fail(unknownIntent, "this SDK cannot send "+err.Error())
			}
			do(call)
		}
		if chunk := c.chunk(); chunk != nil {
			do(func() error { return connection.WriteBinary(chunk) })
		}
		<-tick.C
	}
	stopped := make(chan struct{})
	go func() {
		connection.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(stopsWithin):
		c.note(object{"error": fmt.Sprintf("Stop has not come back within %s", stopsWithin), "sending": true})
	}
}

func over(c *conversation) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		for !c.over() {
			time.Sleep(10 * time.Millisecond)
		}
		close(done)
	}()
	return done
}

// optionsFor says where the SDK is to go: to its own host through a proxy, or to the one under test.
//
// It has no way to an agent without TLS: a scheme in Host is kept only if it is http or https, with which it then
// cannot dial. So plain ws:// is reached through a front that ends TLS.
func optionsFor(t task) (*interfaces.ClientOptions, error) {
	if t.unmodified {
		return &interfaces.ClientOptions{Proxy: http.ProxyFromEnvironment}, nil
	}
	where, err := url.Parse(t.url)
	if err != nil {
		return nil, err
	}
	if where.Path != "/v1/agent/converse" {
		return nil, fmt.Errorf("this SDK knows /v1/agent/converse, not %s", where.Path)
	}
	if where.Scheme == "wss" {
		return &interfaces.ClientOptions{Host: where.Host}, nil
	}
	front, err := tlsFront(where.Host)
	return &interfaces.ClientOptions{Host: front, SkipServerAuth: true}, err
}

// settingsFor are the SDK's own defaults, and what the task asks for; an error where the SDK has no field for that.
func settingsFor(t task) (*interfaces.SettingsOptions, error) {
	settings := client.NewSettingsConfigurationOptions()
	settings.Audio.Input.SampleRate = inputRate
	settings.Audio.Output.SampleRate = outputRate
	settings.Agent.Think.Prompt = prompt
	settings.Agent.Greeting = greeting
	for part, number := range t.Providers {
		if number > 1 {
			return nil, fmt.Errorf("it takes one provider of %s, not %d", part, number)
		}
	}
	for _, each := range t.Steps {
		if each.Do == "answer" {
			return nil, fmt.Errorf("its FunctionCallRequest holds no `functions`, so %s cannot be answered", each.Function)
		}
		if each.Do == "hang_up" && each.Code != nil && *each.Code != 1000 {
			return nil, fmt.Errorf("it closes with 1000, not %d", *each.Code)
		}
	}
	if len(t.Functions) > 0 && t.Do == "play" {
		settings.Agent.Think.Functions = functionsOfServer(t.Functions)
	}
	if len(t.asked()) <= 1 {
		return settings, nil
	}
	var usual object
	if err := convert(settings, &usual); err != nil {
		return nil, err
	}
	asked := &interfaces.SettingsOptions{}
	return asked, convert(fitting(t.asked(), usual), asked)
}

// functionsOfServer defines those that the server runs, at an endpoint on this machine.
func functionsOfServer(names []string) *[]v1.Functions {
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		_, _ = answer.Write([]byte(`{"status": "shipped"}`))
	}))
	var functions []v1.Functions
	for _, name := range names {
		functions = append(functions, v1.Functions{
			Name:        name,
			Description: "Does what " + name + " says",
			Parameters:  v1.Parameters{Type: "object"},
			Endpoint:    v1.Endpoint{Url: server.URL, Method: "post"},
		})
	}
	return &functions
}

// convert takes a value over into another type by way of JSON; an error for a field that is not there.
func convert(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	return decoder.Decode(to)
}
