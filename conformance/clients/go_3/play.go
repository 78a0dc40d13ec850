package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// backAfter is how long a client waits that comes back after its connection was lost, margin by how much it does
// everything longer that the server measures too; both in seconds of the session.
const (
	backAfter = 1.0
	margin    = 0.25
)

var acknowledgements = map[string]string{
	"UpdatePrompt": "PromptUpdated",
	"UpdateSpeak":  "SpeakUpdated",
	"UpdateThink":  "ThinkUpdated",
	"UpdateListen": "ListenUpdated",

	"UpdateThink_Live": "ThinkLiveUpdated",
}

// heard is what the server did: a message by its type, or "audio" or "close", and who said what in it.
type heard struct{ kind, role, text string }

func heardOf(kind any, body any) heard {
	var said struct{ Role, Content string }
	if kind == "ConversationText" {
		text, _ := json.Marshal(body)
		_ = json.Unmarshal(text, &said)
	}
	return heard{fmt.Sprint(kind), said.Role, said.Content}
}

// wait is what the play goes on after: something heard, or a condition when it is asked with nil, or a moment.
type wait struct {
	until   time.Time
	accepts func(*heard) bool
}

// play is the part of a client, step by step. A step is over when the server's own messages say so; only `wait` and
// `stream` go by the clock. The microphone is always open: it sends silence when nobody speaks.
//
// Rule: each method is called with the conversation's lock held.
type play struct {
	c             *conversation
	steps         []*step
	at            int
	waits         []wait
	heard         []heard
	outgoing      []object
	isSilent      bool
	speaksFor     float64
	agentSpeaks   bool
	due, injected []string
	answered      map[string]int
}

func newPlay(c *conversation) *play {
	p := &play{c: c, answered: map[string]int{}}
	for _, each := range c.task.Steps {
		copied := *each
		p.steps = append(p.steps, &copied)
	}
	p.waits = []wait{is("SettingsApplied")}
	return p
}

// asked are the Settings that the steps ask for, as a pattern.
func (t task) asked() object {
	for _, each := range t.Steps {
		if each.Do == "settings" {
			return each.Message
		}
	}
	return object{}
}

func (p *play) isOver() bool { return p.at > len(p.steps) && len(p.waits) == 0 }

func (p *play) messages() []object {
	for p.goOn() {
	}
	outgoing := p.outgoing
	p.outgoing = nil
	return outgoing
}

func (p *play) chunk() []byte {
	if p.isSilent {
		return nil
	}
	if p.speaksFor <= 0 {
		return p.c.voice.silence
	}
	p.speaksFor -= chunkFor
	return p.c.voice.chunk()
}

func (p *play) on(it heard) {
	switch {
	case it.kind == "UserStartedSpeaking", it.kind == "AgentAudioDone", it.role == "user":
		p.agentSpeaks = false
	case it.kind == "audio", it.role == "assistant":
		p.agentSpeaks = true
	}
	done := it.kind
	switch {
	case it.kind == "InjectionRefused" && len(p.injected) > 0:
		done = p.injected[0]
	case it.kind == "ConversationText":
		done = it.text
	case it.kind == "Warning":
		done = "ListenUpdated"
	}
	if at := slices.Index(p.due, done); at >= 0 {
		p.due = slices.Delete(p.due, at, at+1)
	}
	p.heard = append(p.heard, it)
}

// goOn takes the play one wait or one step further, if it can be.
func (p *play) goOn() bool {
	if len(p.waits) == 0 {
		if p.at > len(p.steps) {
			return false
		}
		p.at++
		if p.at <= len(p.steps) {
			p.begin(p.steps[p.at-1])
		} else {
			p.end()
		}
		return true
	}
	next := p.waits[0]
	switch {
	case next.accepts == nil:
		if time.Now().Before(next.until) {
			return false
		}
	case len(p.heard) > 0:
		first := p.heard[0]
		p.heard = p.heard[1:]
		if !next.accepts(&first) {
			return true
		}
	case !next.accepts(nil):
		return false
	}
	p.waits = p.waits[1:]
	return true
}

func (p *play) begin(s *step) {
	switch s.Do {
	case "say", "speak_up", "type", "listen":
		said := wait{accepts: func(it *heard) bool {
			if it == nil || it.role != "user" {
				return false
			}
			p.speaksFor = 0
			return true
		}}
		if s.isBegun {
			p.waits = []wait{said}
		} else {
			p.waits = []wait{p.settled(func() { p.speakUp(s) }), said}
		}
	case "hear":
		p.hear(s)
	case "send", "update", "inject":
		if !s.isBegun {
			p.say(s.Message)
		}
	case "answer":
		p.waits = []wait{{accepts: func(*heard) bool {
			if p.answered[s.Function] == 0 {
				return false
			}
			p.answered[s.Function]--
			return true
		}}}
	case "await":
		if s.Type != "close" {
			p.waits = []wait{is(s.Type)}
		}
	case "wait", "stream":
		p.waits = []wait{{until: time.Now().Add(p.c.task.inSession(s.Seconds + margin))}}
	case "be_silent":
		p.isSilent = true
	case "hang_up":
		p.waits = []wait{p.settled(func() { p.c.ended = true })}
	}
}

func (p *play) end() {
	if len(p.steps) > 0 && slices.Contains([]string{"hang_up", "await", "be_silent", "stay", "stream"}, p.steps[len(p.steps)-1].Do) {
		return
	}
	p.waits = []wait{p.settled(func() { p.c.ended = true })}
}

// hear: the agent's own words, to their end or until the user comes in between, which is at the first sound.
func (p *play) hear(s *step) {
	own := wait{accepts: func(it *heard) bool {
		return it != nil && it.role == "assistant" && !slices.Contains(p.injected, it.text)
	}}
	over := is("AgentAudioDone")
	if s.Interrupted {
		over = is("AgentAudioDone", "UserStartedSpeaking")
	}
	between := p.between(s)
	if len(between) == 0 {
		p.waits = []wait{own, over}
		return
	}
	sound := is("audio", "AgentAudioDone")
	p.waits = []wait{own, {accepts: func(it *heard) bool {
		if !sound.accepts(it) {
			return false
		}
		for _, each := range between {
			p.comeBetween(each)
		}
		if !p.agentSpeaks {
			p.waits = p.waits[:1]
		}
		return true
	}}, over}
}

func (p *play) between(s *step) []*step {
	following := p.steps[p.at:]
	if s.Interrupted {
		return following[:min(1, len(following))]
	}
	for count, each := range following {
		if each.Do != "inject" {
			return following[:count]
		}
	}
	return following
}

func (p *play) comeBetween(s *step) {
	switch s.Do {
	case "inject":
		p.say(s.Message)
	case "say", "speak_up", "type", "listen":
		p.speakUp(s)
	default:
		return
	}
	s.isBegun = true
}

func (p *play) speakUp(s *step) {
	switch s.Do {
	case "type":
		p.outgoing = append(p.outgoing, object{"type": "InjectUserMessage", "content": fitting(s.Fits, s.Text)})
	case "say", "speak_up":
		p.speaksFor = s.Seconds + margin
	}
}

func (p *play) say(pattern object) {
	kind := fmt.Sprint(pattern["type"])
	body := fitting(pattern, usual[kind]).(object)
	if kind == "InjectAgentMessage" && pattern["message"] == nil && pattern["content"] == nil && pattern["is_dynamic"] == nil {
		text := fmt.Sprintf("This is statement %d of the client.", len(p.injected)+1)
		body["message"] = text
		p.injected = append(p.injected, text)
		p.due = append(p.due, text)
	}
	if acknowledged, ok := acknowledgements[kind]; ok {
		p.due = append(p.due, acknowledged)
	}
	p.outgoing = append(p.outgoing, body)
}

// settled waits until nothing that the client said is still to be answered and the agent does not speak.
func (p *play) settled(then func()) wait {
	return wait{accepts: func(*heard) bool {
		if len(p.due) > 0 || p.agentSpeaks {
			return false
		}
		then()
		return true
	}}
}

func is(kinds ...string) wait {
	return wait{accepts: func(it *heard) bool { return it != nil && slices.Contains(kinds, it.kind) }}
}

// usual is what a message holds where the intent leaves it open.
var usual = map[string]object{
	"UpdatePrompt": {"prompt": "Answer in one sentence."},
	"UpdateSpeak":  {"speak": object{"provider": object{"type": "deepgram", "model": "aura-2-zeus-en"}}},
	"UpdateThink":  {"think": object{"provider": object{"type": "open_ai", "model": "gpt-4.1"}}},
	"UpdateListen": {"listen": object{"provider": object{
		"type": "deepgram", "version": "v2", "model": "flux-general-en", "eot_threshold": 0.9,
	}}},
}

// fitting is a value that fits a pattern of the intent: the usual one, and what the pattern asks for in its place.
// In a text `*` stands for anything, `~` before what it contains, `=` before the whole of it, `/…/` around an
// expression, of which the first branch will do.
func fitting(pattern, given any) any {
	switch pattern := pattern.(type) {
	case object:
		whole := object{}
		given, _ := given.(object)
		for key, value := range given {
			whole[key] = value
		}
		for key, part := range pattern {
			whole[key] = fitting(part, whole[key])
		}
		return whole
	case []any:
		var items []any
		for _, part := range pattern {
			items = append(items, fitting(part, nil))
		}
		return items
	case string:
		switch {
		case pattern == "*" && given == nil:
			return "something"
		case pattern == "*":
			return given
		case len(pattern) > 2 && pattern[0] == '/' && strings.HasSuffix(pattern, "/"):
			branch, _, _ := strings.Cut(pattern[1:len(pattern)-1], "|")
			return branch
		case strings.HasPrefix(pattern, "~") || strings.HasPrefix(pattern, "="):
			return pattern[1:]
		}
	}
	return pattern
}
