package simulator

import (
	"fmt"
	"slices"
	"time"
)

// Fault is a scripted mishap. It fires Count times and is gone.
type Fault struct {
	// Provider is telegram or twilio; empty means both.
	Provider string `json:"provider"`
	// Method is a Bot API method, one of messages.create, messages.list,
	// messages.fetch, media, content, or the provider's own doing: webhook, status.
	// Empty means every API method.
	Method string `json:"method"`
	// To narrows it to one phone: a chat id, "whatsapp:+212…", "+212…".
	To string `json:"to"`
	// Kind is one of the Fault… kinds.
	Kind string `json:"kind"`
	// Count is how often; 1 when zero, without end when negative.
	Count int `json:"count"`
	// After lets that many pass first.
	After int `json:"after"`
	// Status of an error answer; 500 when zero. For undelivered: Twilio's error code.
	Status int `json:"status"`
	// RetryAfter in seconds, for toomany.
	RetryAfter int `json:"retry_after"`
	// Delay in milliseconds, for slow.
	Delay int `json:"delay_ms"`
}

// What can go wrong.
const (
	FaultTooMany   = "toomany"   // 429, and how long to wait
	FaultErrorJSON = "errorjson" // an error of the provider, in its own form
	FaultErrorHTML = "errorhtml" // an error of a proxy before the provider
	FaultSlow      = "slow"      // done at once, answered late
	FaultCut       = "cut"       // connection closed, nothing done
	FaultLost      = "lost"      // done, then the connection is closed: accepted, and nobody knows

	FaultDuplicate   = "duplicate"   // webhook, status: posted twice at once
	FaultReorder     = "reorder"     // webhook, status: posted after the one that follows
	FaultDrop        = "drop"        // webhook, status: never posted
	FaultUndelivered = "undelivered" // status: ends as undelivered with error Status
)

func apiFaults() []string {
	return []string{FaultTooMany, FaultErrorJSON, FaultErrorHTML, FaultSlow, FaultCut, FaultLost}
}

func postFaults() []string {
	return []string{FaultDuplicate, FaultReorder, FaultDrop, FaultUndelivered, FaultSlow}
}

// Inject scripts a fault. Faults fire in the order they were scripted.
func (s *Simulator) Inject(f Fault) error {
	own := f.Method == "webhook" || f.Method == "status"
	switch {
	case f.Provider != "" && f.Provider != "telegram" && f.Provider != "twilio":
		return fmt.Errorf("fault: unknown provider %q", f.Provider)
	case own && !slices.Contains(postFaults(), f.Kind), !own && !slices.Contains(apiFaults(), f.Kind):
		return fmt.Errorf("fault: %q does not happen to %q", f.Kind, f.Method)
	case f.Kind == FaultUndelivered && f.Method != "status":
		return fmt.Errorf("fault: %q happens to statuses only", f.Kind)
	}
	orInt(&f.Count, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	return nil
}

// Heal takes all scripted faults back.
func (s *Simulator) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Faults returns what is still scripted.
func (s *Simulator) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		out[i] = *f
	}
	return out
}

// strike returns the fault that happens now, if one does.
func (s *Simulator) strike(provider, method, to string, kinds ...string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.strikeLocked(provider, method, to, kinds...)
}

// strikeLocked is strike for callers that hold mu.
func (s *Simulator) strikeLocked(provider, method, to string, kinds ...string) *Fault {
	for i, f := range s.faults {
		own := method == "webhook" || method == "status"
		if (f.Provider != "" && f.Provider != provider) || (f.To != "" && f.To != to) ||
			(f.Method != method && (f.Method != "" || own)) || !slices.Contains(kinds, f.Kind) {
			continue
		}
		if f.After > 0 {
			f.After--
			continue
		}
		hit := *f
		if f.Count > 0 {
			if f.Count--; f.Count == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return &hit
	}
	return nil
}

func (f *Fault) delay() time.Duration { return time.Duration(f.Delay) * time.Millisecond }
