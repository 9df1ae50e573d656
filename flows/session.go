package flows

import (
	"encoding/json"
	"time"
)

// Session is what a conversation remembers between turns. Its checkpoint stands in Postgres; all of it in Redis, where it may vanish.
type Session struct {
	Format int    `json:"format"` // the flows' version that wrote it; a newer one is left to newer replicas
	Person int64  `json:"person"`
	Lang   string `json:"lang"`
	// LangChosen says that the language was asked for. Until then it follows the script that the person writes in.
	LangChosen bool    `json:"lang_chosen,omitempty"`
	Frames     []Frame `json:"frames"` // the innermost last, at most MaxFrames
	Prompt     *Prompt `json:"prompt,omitempty"`
	// Answered is the id of the last prompt that was answered: a second tap on it repeats the outcome.
	Answered string `json:"answered,omitempty"`
	// Asks queue behind the open question.
	Asks []int64 `json:"asks,omitempty"` // notice ids
	// Stopped mirrors the address: nothing is said until START.
	Stopped bool `json:"stopped,omitempty"`

	// What follows is lost with Redis and made anew when missed.
	Last    []Reply         `json:"last,omitempty"`    // what the last turn said, for MORE and for a second tap
	Scratch json.RawMessage `json:"scratch,omitempty"` // pages, search results, drafts of words
}

// Format is the version of what this program writes into a session. A session of a newer one is left to newer replicas.
const Format = 1

// MaxFrames bounds the stack: help, language or a listing inside a lesson push a frame.
const MaxFrames = 3

// Frame is one flow in progress.
type Frame struct {
	Flow  string          `json:"flow"`
	State string          `json:"state"`
	Vars  json.RawMessage `json:"vars,omitempty"` // ids and numbers that the flow needs to go on, small
	// Waiting is the id of the question that was open here when another frame was pushed; it is asked again under that id.
	Waiting string `json:"waiting,omitempty"`
	// Offered is what that question offered: asked again, it is not listed again where that has not changed.
	Offered string `json:"offered,omitempty"`
}

// Prompt is a question that waits for its answer. It ends when it is answered or replaced; a notice ends nothing.
type Prompt struct {
	ID      string         `json:"id"` // short, random, unique within the conversation
	Flow    string         `json:"flow"`
	State   string         `json:"state"`
	Options []PromptOption `json:"options,omitempty"`
	AskedAt time.Time      `json:"asked_at"`
}

// PromptOption is what the open question offers: typed by number, by its exact label, or tapped.
type PromptOption struct {
	Key    string `json:"key"`
	Label  string `json:"label"` // normalised
	Number int    `json:"number"`
}

// Checkpoint is the durable part of the session: the stack and the open prompt.
func (s Session) Checkpoint() ([]byte, error) {
	s.Last, s.Scratch = nil, nil
	return json.Marshal(s)
}
