package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"souk/flows"
	"souk/internal/failpoint"
	"souk/people"
)

// result is what became of a job: how its row and its lane are to be marked.
type result struct {
	job       job
	status    string // the row's new status
	part      int
	messageID string
	code      string
	segments  int
	notBefore time.Time // of the row, and of the lane
	counts    bool      // towards the address's cap of the day
	tried     bool      // false where the job was given back as it was
	// verdict is set where the row's end concerns others too: an address that is gone, a notice that must find another way.
	verdict Verdict
}

// Codes of our own, beside the providers'.
const (
	codeUnanswered = "unanswered" // sent, and no answer came
	codeWindow     = "window"     // the person wrote too long ago
	codeCap        = "cap"        // the day's messages are used up
	codePrefix     = "prefix"     // a number that may not be written to
	codeUnspoken   = "unspoken"   // nobody wrote to us from there
	codeHours      = "hours"      // night, or Friday noon
	codeStopped    = "stopped"
	codeBlocked    = "blocked"
	codeExpired    = "expired" // tried for too long
	codePanic      = "panic"
)

const (
	// Replies older than this answer nobody any more; notices last longer.
	replyLasts  = 24 * time.Hour
	noticeLasts = 72 * time.Hour
	// A wait for the account's rate that is longer than this gives the lane back.
	rateWaitFor = 2 * time.Second
	maxAttempts = 40
	// What was known of an address when its lane was taken is believed for so long.
	heardWithin = 250 * time.Millisecond
)

// deliver does what is to be done with one job: hold it back, look for it at the provider, or send it.
func (g *Gateway) deliver(ctx context.Context, s *sender, j job) result {
	now := g.Clock.Now()
	g.fill(&j.out.Reply)
	if r, held := s.refuses(j, now); held {
		return r
	}
	if j.maybeSent {
		r, settled := g.look(ctx, s, &j)
		if settled {
			return r
		}
	}
	for {
		wait := g.rates.take(ctx, s.channel.Account(), s.channel.Rate(), j.class)
		now = g.Clock.Now()
		switch {
		case wait > 0 && now.Add(wait).Sub(j.started()) > rateWaitFor, ctx.Err() != nil:
			return j.released(now.Add(wait))
		case wait > 0:
			pause(ctx, wait)
			continue
		case j.until.Sub(now) < callFor+2*time.Second:
			return j.released(now) // the lease would end under the call
		}
		break
	}
	if g.Clock.Now().Sub(j.started()) > heardWithin {
		if r, held := g.refusesNow(ctx, s, j); held {
			return r
		}
	}
	failpoint.Hit("send.claimed")
	begun := time.Now()
	sent, err := g.call(ctx, s, j)
	g.metrics.sendSeconds.WithLabelValues(s.channel.Name()).Observe(time.Since(begun).Seconds())
	failpoint.Hit("send.called")
	if err != nil {
		return g.refused(ctx, s, j, err)
	}
	return g.accepted(s, j, sent)
}

// refusesNow looks once more at the address of a job that has waited: a STOP may have come meanwhile, and it holds at once.
func (g *Gateway) refusesNow(ctx context.Context, s *sender, j job) (result, bool) {
	now := g.Clock.Now()
	err := g.Pool.QueryRow(ctx, `SELECT a.stopped_at, a.blocked_at, c.last_inbound_at FROM address a JOIN conversation c ON c.id = a.id WHERE a.id = $1`,
		j.conversation).Scan(&j.stopped, &j.blocked, &j.lastInbound)
	if err != nil {
		g.report("look whether an address has stopped", err)
		return j.released(now.Add(backoff(j.tries))), true
	}
	j.direct = false // it has been looked at
	return s.refuses(j, now)
}

// fill puts codes where their marks stand: only what leaves holds them.
func (g *Gateway) fill(r *flows.Reply) {
	if g.Fill != nil {
		r.Text = g.Fill(r.Text)
	}
}

// started is when the lane was taken.
func (j job) started() time.Time { return j.until.Add(-leaseFor) }

// released gives a job back untouched.
func (j job) released(at time.Time) result {
	r := result{job: j, status: "queued", part: j.part, notBefore: at}
	if j.maybeSent {
		r.status = "unknown"
		if j.unanswered {
			r.code = codeUnanswered
		}
	}
	return r
}

// call sends under a timeout that ends before the lease does. A channel that panics has refused.
func (g *Gateway) call(ctx context.Context, s *sender, j job) (sent Sent, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = &SendError{Verdict: Never, Code: codePanic, Err: panicked(thrown)}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	return s.channel.Send(ctx, j.out, j.part)
}

func (g *Gateway) accepted(s *sender, j job, sent Sent) result {
	now := g.Clock.Now()
	r := result{job: j, status: "sent", part: j.part + 1, messageID: sent.ProviderMessageID, segments: sent.Segments, tried: true,
		notBefore: now.Add(s.channel.Pace()), counts: s.cap.limits()}
	if r.part < s.channel.Parts(j.out.Reply) {
		r.status = "queued"
	}
	return r
}

// look asks the provider whether a message whose fate is not known was taken. Where it cannot be asked, the message is sent once
// more, and only once: a person may hear something twice, never three times. A sender that died answered for nothing, so its
// rows are sent again in any case.
func (g *Gateway) look(ctx context.Context, s *sender, j *job) (result, bool) {
	ctx, cancel := context.WithTimeout(ctx, callFor)
	defer cancel()
	sent, found, err := s.channel.Find(ctx, j.out, j.part)
	switch {
	case err == nil && found:
		return g.accepted(s, *j, sent), true
	case err == nil:
		return result{}, false
	case !errors.Is(err, ErrCannotFind):
		g.Log.Warn("look for a message", "channel", s.channel.Name(), "outbox", j.out.OutboxID, "error", err)
		r := j.released(g.Clock.Now().Add(backoff(j.tries)))
		r.tried = true
		return r, true
	}
	j.blind = true
	return result{}, false
}

// refused marks a job by the provider's typed error.
func (g *Gateway) refused(ctx context.Context, s *sender, j job, err error) result {
	var e *SendError
	if !errors.As(err, &e) {
		e = &SendError{Verdict: Unknown, Err: err}
	}
	g.metrics.sendErrors.WithLabelValues(s.channel.Name(), string(e.Verdict)).Inc()
	g.Log.Info("not sent", "channel", s.channel.Name(), "outbox", j.out.OutboxID, "verdict", string(e.Verdict), "code", e.Code, "error", e.Err)
	now := g.Clock.Now()
	r := result{job: j, part: j.part, code: e.Code, notBefore: now, tried: true}
	switch e.Verdict {
	case RetryAfter:
		pause := min(e.Pause, longestPause)
		if pause <= 0 {
			pause = backoff(j.tries)
		}
		if e.Account {
			g.rates.pause(ctx, s.channel.Account(), pause)
		}
		r.status, r.notBefore = "queued", now.Add(pause)
	case Gone, Never, Reroute:
		r.status, r.verdict = "failed", e.Verdict
		if e.Verdict == Reroute {
			r.status = "held"
		}
	default:
		r.status, r.notBefore = "unknown", now.Add(backoff(j.tries))
		if !answered(e.Code) {
			if j.unanswered && j.blind {
				r.status, r.verdict = "failed", Never
			}
			r.code = codeUnanswered
		}
	}
	return r
}

// answered says whether an error's code is the provider's own answer: a number, of HTTP or of its own. A proxy's is none.
func answered(code string) bool { return code != "" && code[0] >= '0' && code[0] <= '9' }

// refuses says what must not leave now, and why.
func (s *sender) refuses(j job, now time.Time) (result, bool) {
	refusal := func(status, code string, v Verdict) (result, bool) {
		return result{job: j, status: status, code: code, part: j.part, notBefore: now, verdict: v, tried: true}, true
	}
	lasts := noticeLasts
	if j.class == flows.ClassReply {
		lasts = replyLasts
	}
	switch {
	case now.Sub(j.out.CreatedAt) > lasts, j.tries > maxAttempts:
		return refusal("failed", codeExpired, Never)
	case j.direct:
		return result{}, false
	case j.blocked != nil:
		return refusal("dropped", codeBlocked, Reroute)
	case j.stopped != nil && !j.confirmsStop():
		return refusal("dropped", codeStopped, Reroute)
	case j.class != flows.ClassReply && j.zone != "" && people.AllowedAt(now, j.zone).After(now):
		return refusal("held", codeHours, "") // it was due in allowed hours, and something kept it until now
	}
	if v := s.cap; v.limits() {
		switch {
		case !v.allows(j.out.ExternalID):
			return refusal("dropped", codePrefix, Reroute)
		case v.SpokenFirst && (j.lastInbound == nil || j.class == flows.ClassBroadcast):
			return refusal("dropped", codeUnspoken, Reroute)
		case v.PerDay > 0 && j.sentToday >= v.PerDay && j.class == flows.ClassReply:
			return refusal("dropped", codeCap, "")
		case v.PerDay > 0 && j.sentToday >= v.PerDay:
			return refusal("held", codeCap, Reroute)
		}
	}
	if w := s.channel.Window(); w > 0 && (j.lastInbound == nil || now.Sub(*j.lastInbound) >= w) {
		return refusal("held", codeWindow, Reroute)
	}
	return result{}, false
}

// confirmsStop says whether a reply is the answer to STOP itself: the one thing said to a stopped address. It was made by the turn
// that stopped it, at the same instant.
func (j job) confirmsStop() bool {
	since := j.out.CreatedAt.Sub(*j.stopped)
	return j.class == flows.ClassReply && j.notice == 0 && since >= 0 && since < 2*time.Second
}

func (c Cap) limits() bool { return c.PerDay > 0 || len(c.Prefixes) > 0 || c.SpokenFirst }

func (c Cap) allows(number string) bool {
	for _, prefix := range c.Prefixes {
		if strings.HasPrefix(number, prefix) {
			return true
		}
	}
	return len(c.Prefixes) == 0
}

// backoff doubles from a second to five minutes.
func backoff(tries int) time.Duration {
	return min(time.Second<<min(max(tries-1, 0), 20), 5*time.Minute)
}
