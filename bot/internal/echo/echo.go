// Package echo is what the gateway's tests put at its two ends: an engine that counts and repeats what it hears, and a channel to a
// plain HTTP provider (package echotest). It serves tests in one process and the program that the kill tests run and kill.
package echo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"souk/flows"
	"souk/people"
)

// Schema is the table in which the engine notes each effect.
const Schema = `CREATE TABLE effect (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	inbox_id bigint NOT NULL, conversation_id bigint NOT NULL, number integer NOT NULL, text text NOT NULL, recalled boolean NOT NULL)`

// count is what the engine remembers: how many turns the conversation has had. It stands in the checkpoint and in Redis.
type count struct {
	Number int `json:"number"`
}

// Turn notes what it hears and repeats it. Some words do more:
//
//	panic, fail     end the turn badly; die ends the process
//	many N          is answered N times
//	silent          is not answered
//	stop, start     stop and start the address; the stop is confirmed
//	notify [ask]    tells the person something by a notice
//	timer           rings a second later
//	sleep D         holds the transaction for a while
func Turn(ctx context.Context, tx pgx.Tx, in flows.Input) (flows.Output, error) {
	session := flows.Session{Format: 1}
	if in.Session != nil {
		session = *in.Session
	}
	var kept count
	if len(session.Frames) > 0 {
		if err := json.Unmarshal(session.Frames[0].Vars, &kept); err != nil {
			return flows.Output{}, err
		}
	}
	kept.Number++
	vars, err := json.Marshal(kept)
	if err != nil {
		return flows.Output{}, err
	}
	recalled := in.Session != nil && string(in.Session.Scratch) == strconv.Itoa(kept.Number-1)
	session.Frames = []flows.Frame{{Flow: "echo", State: "heard", Vars: vars}}
	session.Scratch = json.RawMessage(strconv.Itoa(kept.Number))
	if session.Person == 0 {
		person, _, _, err := people.Identify(ctx, tx, in.Conversation, people.Hint{Name: in.Event.Profile.Name}, in.Now)
		if err != nil {
			return flows.Output{}, err
		}
		session.Person, session.Lang = person.ID, person.Lang
	}
	heard := in.Event.Text
	if in.Event.Kind != flows.Text {
		heard = strings.TrimSpace(string(in.Event.Kind) + " " + in.Event.Payload + heard)
	}
	if in.Event.Quoted != "" {
		heard += " quoting " + in.Event.Quoted
	}
	_, err = tx.Exec(ctx, `INSERT INTO effect (inbox_id, conversation_id, number, text, recalled) VALUES ($1, $2, $3, $4, $5)`,
		in.InboxID, in.Conversation, kept.Number, heard, recalled)
	if err != nil {
		return flows.Output{}, err
	}
	out := flows.Output{Session: session, Replies: []flows.Reply{{Text: "echo " + heard, Prompt: "q" + strconv.Itoa(kept.Number)}}}
	return obey(ctx, tx, in, heard, out)
}

func obey(ctx context.Context, tx pgx.Tx, in flows.Input, heard string, out flows.Output) (flows.Output, error) {
	word, rest, _ := strings.Cut(heard, " ")
	switch word {
	case "panic":
		panic("echo was told to panic")
	case "die":
		os.Exit(3)
	case "fail":
		return out, errors.New("echo was told to fail")
	case "sleep":
		d, err := time.ParseDuration(rest)
		if err != nil {
			return out, err
		}
		time.Sleep(d)
	case "silent":
		out.Replies = nil
	case "many":
		n, err := strconv.Atoi(rest)
		if err != nil {
			return out, err
		}
		out.Replies = nil
		for i := range n {
			out.Replies = append(out.Replies, flows.Reply{Text: fmt.Sprintf("echo %d", i+1)})
		}
	case "stop":
		out.Session.Stopped = true
		_, err := people.Stop(ctx, tx, in.Conversation, in.Now)
		return out, err
	case "start":
		out.Session.Stopped = false
		_, err := people.Start(ctx, tx, in.Conversation, in.Now)
		return out, err
	case "notify":
		notice := people.Notice{PersonID: out.Session.Person, Name: "test", Dedupe: fmt.Sprint(in.InboxID)}
		if rest == "ask" {
			notice.Mode = people.Ask
		}
		out.Notices = true
		return out, people.Notify(ctx, tx, notice, in.Now)
	case "timer":
		if in.Event.Kind == flows.Text {
			out.Timers = []flows.Timer{{Name: "bell", DueAt: in.Now.Add(time.Second)}}
		}
	case "notice":
		if in.Event.Notice.Ask {
			if in.Session != nil && out.Session.Prompt == nil {
				out.Session.Prompt = &flows.Prompt{ID: "asked"} // the first try finds the conversation busy
				out.Replies, out.Requeue = nil, time.Minute
				return out, nil
			}
			out.Session.Prompt = nil
		}
		out.Replies[0].Class = flows.ClassNotice
	}
	return out, nil
}
