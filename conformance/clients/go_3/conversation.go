package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What the drivers of the other languages have too: conversation.py says it in full. Nothing here knows the SDK.

const (
	inputRate     = 16_000
	outputRate    = 24_000
	chunkFor      = 0.08
	carriedOut    = 0
	notCarriedOut = 1
	unknownIntent = 127

	greeting = "Hello! How can I help you today?"
	prompt   = "You tell callers about the weather, in one short sentence."
)

type object = map[string]any

// intent is what the driver is to do, as MOCKAGENT_INTENT has it.
type intent struct {
	Do        string         `json:"do"`
	Message   string         `json:"message"`
	Replies   int            `json:"replies"`
	Pace      float64        `json:"pace"`
	Patience  float64        `json:"patience"`
	Attempts  int            `json:"attempts"`
	Functions []string       `json:"functions"`
	Providers map[string]int `json:"providers"`
	Steps     []*step        `json:"steps"`
}

// step is one line of a play. Fits and Message are patterns; Code is nil where any will do.
type step struct {
	Do          string  `json:"do"`
	Message     object  `json:"message"`
	Text        string  `json:"text"`
	Seconds     float64 `json:"seconds"`
	Interrupted bool    `json:"interrupted"`
	Function    string  `json:"function"`
	Fits        any     `json:"fits"`
	Type        string  `json:"type"`
	Code        *int    `json:"code"`

	isBegun bool
}

// task is the whole of it: what to do, where, and until when.
type task struct {
	intent
	url, apiKey, observe string
	unmodified           bool
	until                time.Time
}

func readTask() task {
	given := task{
		intent:     intent{Replies: 1, Pace: 1},
		url:        os.Getenv("MOCKAGENT_URL"),
		apiKey:     os.Getenv("DEEPGRAM_API_KEY"),
		observe:    os.Getenv("MOCKAGENT_OBSERVE"),
		unmodified: os.Getenv("MOCKAGENT_UNMODIFIED") != "",
	}
	if err := json.Unmarshal([]byte(os.Getenv("MOCKAGENT_INTENT")), &given.intent); err != nil {
		fail(notCarriedOut, "MOCKAGENT_INTENT: "+err.Error())
	}
	if given.Do != "talk" && given.Do != "inject" && given.Do != "play" {
		fail(unknownIntent, fmt.Sprintf("unknown intent: expected talk, inject or play, got %q", given.Do))
	}
	milliseconds, err := strconv.Atoi(os.Getenv("MOCKAGENT_DEADLINE_MS"))
	if err != nil {
		milliseconds = 60_000
	}
	given.until = time.Now().Add(time.Duration(milliseconds) * time.Millisecond)
	return given
}

func fail(status int, why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(status)
}

// inSession is a length of the session as one of the wall.
func (t task) inSession(seconds float64) time.Duration {
	return time.Duration(seconds / t.Pace * float64(time.Second))
}

// speech is the user's voice, two vowels that take turns in syllables, four a second, and silence of the same length.
type speech struct {
	second, silence []byte
	size, at        int
}

func newSpeech(encoding string, rate int) *speech {
	encode := linear16
	if encoding == "mulaw" {
		encode = mulaw
	}
	samples := make([]int16, rate)
	for at := range samples {
		second := float64(at) / float64(rate)
		loudness, turn := swell(4, second), swell(2, second)
		vowels := tone(180, second) + turn*tone(720, second) + (1-turn)*tone(1440, second)
		samples[at] = int16(6000 * loudness * vowels)
	}
	second := encode(samples)
	size := int(float64(len(second)) * chunkFor)
	return &speech{append(second, second...), encode(make([]int16, int(float64(rate)*chunkFor))), size, 0}
}

func (s *speech) chunk() []byte {
	piece := s.second[s.at : s.at+s.size]
	s.at = (s.at + s.size) % (len(s.second) / 2)
	return piece
}

func tone(hertz, second float64) float64 { return math.Sin(2 * math.Pi * hertz * second) }

// swell rises from 0 to 1 and falls again, so many times a second.
func swell(times, second float64) float64 { return 0.5 - 0.5*math.Cos(2*math.Pi*times*second) }

func linear16(samples []int16) []byte {
	encoded := make([]byte, 0, 2*len(samples))
	for _, sample := range samples {
		encoded = binary.LittleEndian.AppendUint16(encoded, uint16(sample))
	}
	return encoded
}

// mulaw is sign, three bits of exponent and four of mantissa, all inverted (G.711).
func mulaw(samples []int16) []byte {
	encoded := make([]byte, 0, len(samples))
	for _, sample := range samples {
		mask, louder := byte(0xFF), int(sample)
		if louder < 0 {
			mask, louder = 0x7F, -louder
		}
		louder = min(louder, 32_635) + 132
		exponent := bits.Len(uint(louder)) - 8
		encoded = append(encoded, mask^byte(exponent<<4|louder>>(exponent+3)&15))
	}
	return encoded
}

// conversation is how far the task is; it may be told things by any goroutine.
type conversation struct {
	task  task
	play  *play
	voice *speech

	lock     sync.Mutex
	applied  bool
	ended    bool
	failed   bool
	done     int
	toInject string
	isHeard  bool
	until    time.Time
}

func newConversation(t task) *conversation {
	c := &conversation{task: t, voice: newSpeech("linear16", inputRate), until: t.until}
	if t.Do == "inject" {
		c.toInject = t.Message
	}
	if t.Do == "play" {
		c.play = newPlay(c)
	}
	return c
}

// heard: a message arrived. name is the SDK's own for it, kind its "type", known whether it came as what it is.
func (c *conversation) heard(name string, kind any, class string, known bool, body any) {
	c.note(object{"event": kind, "name": name, "class": class, "known": known, "message": body})
	c.lock.Lock()
	defer c.lock.Unlock()
	switch kind {
	case "SettingsApplied":
		c.applied = true
	case "UserStartedSpeaking":
		c.note(object{"playback": "stopped"}) // here an application drops what its player has not played yet
	case "AgentAudioDone":
		c.done++
		c.ended = c.ended || (c.play == nil && c.done >= c.task.Replies)
	}
	if c.play != nil {
		c.play.on(heardOf(kind, body))
	}
}

func (c *conversation) heardAudio(size int) {
	c.note(object{"audio": size})
	c.lock.Lock()
	defer c.lock.Unlock()
	c.isHeard = true
	if c.play != nil {
		c.play.on(heard{kind: "audio"})
	}
}

// messages are those to send now, in this order; to be asked for again and again.
func (c *conversation) messages() []object {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.play != nil {
		return c.play.messages()
	}
	if !c.isHeard || c.toInject == "" {
		return nil
	}
	message := object{"type": "InjectAgentMessage", "message": c.toInject}
	c.toInject = ""
	return []object{message}
}

// chunk is the next chunkFor seconds of the user's voice, nil while there is nothing to send.
func (c *conversation) chunk() []byte {
	c.lock.Lock()
	defer c.lock.Unlock()
	if !c.applied {
		return nil
	}
	if c.play != nil {
		return c.play.chunk()
	}
	return c.voice.chunk()
}

// broke: the SDK reported an error. What comes of leaving is none of the conversation.
func (c *conversation) broke(what string) {
	if c.over() {
		return
	}
	c.note(object{"error": what})
	c.lock.Lock()
	defer c.lock.Unlock()
	c.failed = true
	c.ended = c.ended || !c.bearsErrors()
}

// cannotSend: a call that sends came back with an error.
func (c *conversation) cannotSend(err error) {
	if !c.bearsErrors() {
		c.broke(err.Error())
		return
	}
	c.note(object{"error": err.Error(), "sending": true})
	c.leaveSoon()
}

func (c *conversation) bearsErrors() bool {
	return c.task.Patience > 0 || len(c.task.Steps) > 0
}

// closed: the connection is closed, by whichever side. This SDK does not tell the code.
func (c *conversation) closed() {
	line := object{"closed": nil}
	if c.over() {
		line["left"] = true
	}
	c.note(line)
	c.leaveSoon()
	if c.play != nil {
		c.lock.Lock()
		defer c.lock.Unlock()
		c.play.on(heard{kind: "close"})
	}
}

func (c *conversation) leaveSoon() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.applied = false
	soon := time.Now().Add(time.Duration(c.task.Patience * float64(time.Second)))
	if soon.Before(c.until) {
		c.until = soon
	}
}

func (c *conversation) over() bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.ended || time.Now().After(c.until)
}

// status is the exit status: 0 when all was done, and in a talk nothing broke.
func (c *conversation) status() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	isDone := c.done >= c.task.Replies && !c.failed
	if c.play != nil {
		isDone = c.play.isOver()
	}
	if isDone {
		return carriedOut
	}
	return notCarriedOut
}

var writing sync.Mutex

func (c *conversation) note(line object) {
	if c.task.observe == "" {
		return
	}
	text, err := json.Marshal(line)
	if err != nil {
		text, _ = json.Marshal(object{"error": err.Error()})
	}
	writing.Lock()
	defer writing.Unlock()
	file, err := os.OpenFile(c.task.observe, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		fail(notCarriedOut, err.Error())
	}
	defer file.Close()
	fmt.Fprintln(file, strings.TrimSpace(string(text)))
}
