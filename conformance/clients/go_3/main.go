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
	"slices"
	"strings"
	"sync"
	"time"

	client "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/agent"
	interfaces "github.com/deepgram/deepgram-go-sdk/v3/pkg/client/interfaces"
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
	if why := cannotPlay(c.task); why != "" {
		fail(unknownIntent, "this SDK cannot do that: "+why)
	}
	whole := settingsFor(c.task)
	input := whole["audio"].(object)["input"].(object)
	c.voice = newSpeech(fmt.Sprint(input["encoding"]), int(input["sample_rate"].(float64)))
	// The SDK sends these by itself; without them it sends none, and the application may.
	settings := &interfaces.SettingsOptions{}
	if convert(whole, settings) != nil {
		settings = nil
	}
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
		if isConnected && settings == nil {
			if err := connection.WriteJSON(whole); err != nil {
				c.cannotSend(err)
			}
		}
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
			do(sender(connection, message))
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

// cannotPlay says what of a part the SDK cannot do; empty where it can do all of it.
func cannotPlay(t task) string {
	for _, each := range t.Steps {
		if each.Do == "answer" {
			return fmt.Sprintf("its FunctionCallRequest holds no `functions`, so %s cannot be answered", each.Function)
		}
		if each.Do == "hang_up" && each.Code != nil && *each.Code != 1000 {
			return fmt.Sprintf("it closes with 1000, not %d", *each.Code)
		}
	}
	return ""
}

// settingsFor are the SDK's own defaults, changed to what the task asks for.
func settingsFor(t task) object {
	options := client.NewSettingsConfigurationOptions()
	options.Audio.Input.SampleRate = inputRate
	options.Audio.Output.SampleRate = outputRate
	options.Agent.Think.Prompt = prompt
	options.Agent.Greeting = greeting
	var usual object
	if err := convert(options, &usual); err != nil {
		panic(err)
	}
	settings := fitting(t.asked(), usual).(object)
	if t.Do != "play" {
		return settings
	}
	agent := settings["agent"].(object)
	defineFunctions(agent["think"].(object), t.Functions)
	for part, other := range map[string]object{
		"think": {"type": "open_ai", "model": "gpt-4.1"},
		"speak": {"type": "deepgram", "model": "aura-2-zeus-en"},
	} {
		if number := t.Providers[part]; number > 1 {
			all := []any{agent[part]}
			for len(all) < number {
				all = append(all, fitting(object{"provider": other}, agent[part]))
			}
			agent[part] = all
		}
	}
	return settings
}

// defineFunctions adds those that are needed, all of them run by the server, at an endpoint on this machine.
func defineFunctions(think object, needed []string) {
	defined, _ := think["functions"].([]any)
	for _, name := range needed {
		if !slices.ContainsFunc(defined, func(each any) bool { return each.(object)["name"] == name }) {
			defined = append(defined, object{"name": name})
		}
	}
	for at, each := range defined {
		whole := object{
			"description": "Does what its name says",
			"parameters":  object{"type": "object", "properties": object{}},
			"endpoint":    object{"url": functionServer(), "method": "post"},
		}
		defined[at] = fitting(each, whole)
	}
	if len(defined) > 0 {
		think["functions"] = defined
	}
}

var functionServer = sync.OnceValue(func() string {
	return httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		_, _ = answer.Write([]byte(`{"status": "shipped"}`))
	})).URL
})

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
