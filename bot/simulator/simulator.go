// Package simulator is the outside world: stateful stand-ins for Telegram's Bot
// API and for Twilio's Messages and Content over real HTTP, and the phones of
// the people who write to Souk. Tests, `souk demo` and `souk simulator` use it.
//
// The stand-ins are strict against the published contracts: what the real
// provider would refuse is refused, and what it would silently ignore is refused
// too; Complaints lists every such request. Phones speak through the real signed
// webhooks and through nothing else, so the package knows nothing of Souk.
package simulator

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options say which accounts the stand-ins hold and how they behave. The zero
// value of each field is a usable default.
type Options struct {
	// Now gives dates to messages and decides on windows; time.Now when nil.
	// Delays and retries run on real time, as the HTTP they stand between does.
	Now func() time.Time
	// Log receives deliveries that failed; discarded when nil.
	Log *slog.Logger
	// Seed is where ids start. Zero draws one: ids of two runs against one
	// database must differ, as the providers' do.
	Seed     uint64
	Telegram TelegramOptions
	Twilio   TwilioOptions
	// Via maps a public base URL ("https://souk.example") to the one really
	// dialled ("http://127.0.0.1:8080"): webhooks are signed over the former.
	Via map[string]string
	// Acquainted takes everyone the stand-ins have never seen for someone who
	// wrote when they began: for a database that is older than they are.
	Acquainted bool
	// Seller owns a fourth phone on the page, on Telegram: a member of a cooperative. No number, no such phone.
	Seller Owner
	// RetryBase is the first pause after a refused webhook, doubled each time up
	// to a minute; 1 s when zero.
	RetryBase time.Duration
	// Sizes of what is remembered; see the defaults in withDefaults.
	MaxPhones, MaxTimeline, MaxRecords int
	MaxFileBytes                       int64
}

// TelegramOptions describe the one bot that the Telegram stand-in knows.
type TelegramOptions struct {
	// Token of the bot; DefaultTelegramToken when empty.
	Token string
	// Username without @; "souk_simulator_bot" when empty.
	Username string
	// Rate and ChatRate limit messages/s in all and per chat; 0 is no limit.
	Rate, ChatRate float64
	// CallbackTTL is how long a tap can be answered and delivered; 150 s when zero.
	CallbackTTL time.Duration
	// FetchURL lets sendPhoto take an HTTP URL; without it all are refused.
	FetchURL func(ctx context.Context, url string) ([]byte, error)
}

// TwilioOptions describe the one account that the Twilio stand-in knows.
type TwilioOptions struct {
	// AccountSid and AuthToken; the Default… when empty.
	AccountSid, AuthToken string
	// WhatsAppFrom and SMSFrom are the account's senders, "whatsapp:+14155238886"
	// and "+15005550006" when empty.
	WhatsAppFrom, SMSFrom string
	// WebhookURL receives inbound messages; see also SetTwilioWebhook.
	WebhookURL string
	// StatusDelay stands between two statuses of a message; 5 ms when zero.
	StatusDelay time.Duration
	// NoStatuses keeps status callbacks away.
	NoStatuses bool
	// Rate limits created messages/s, answered 429 with code 20429; 0 is no limit.
	Rate float64
}

// Accounts that exist nowhere else.
const (
	DefaultTelegramToken    = "7000000001:AAsimulator-token-of-no-real-bot-00"
	DefaultTwilioAccountSid = "AC0000000000000000000000005150c5a1"
	DefaultTwilioAuthToken  = "5150c5a10000000000000000005150c5"
	DefaultWhatsAppFrom     = "whatsapp:+14155238886"
	DefaultSMSFrom          = "+15005550006"
)

func (o Options) withDefaults() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Seed == 0 {
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return o, fmt.Errorf("drawing the simulator's seed: %w", err)
		}
		o.Seed = binary.LittleEndian.Uint64(b[:]) | 1
	}
	orString(&o.Telegram.Token, DefaultTelegramToken)
	orString(&o.Telegram.Username, "souk_simulator_bot")
	orDuration(&o.Telegram.CallbackTTL, 150*time.Second)
	orString(&o.Twilio.AccountSid, DefaultTwilioAccountSid)
	orString(&o.Twilio.AuthToken, DefaultTwilioAuthToken)
	orString(&o.Twilio.WhatsAppFrom, DefaultWhatsAppFrom)
	orString(&o.Twilio.SMSFrom, DefaultSMSFrom)
	orDuration(&o.Twilio.StatusDelay, 5*time.Millisecond)
	orDuration(&o.RetryBase, time.Second)
	orInt(&o.MaxPhones, 20_000)
	orInt(&o.MaxTimeline, 400)
	orInt(&o.MaxRecords, 50_000)
	if o.MaxFileBytes == 0 {
		o.MaxFileBytes = 64 << 20
	}
	return o, nil
}

func orString(s *string, d string) {
	if *s == "" {
		*s = d
	}
}

func orInt(n *int, d int) {
	if *n == 0 {
		*n = d
	}
}

func orDuration(t *time.Duration, d time.Duration) {
	if *t == 0 {
		*t = d
	}
}

// Simulator is both stand-ins and all phones. Its methods may be called from
// many goroutines.
type Simulator struct {
	opt    Options
	api    *botAPI
	spec   *twilioSpec
	client *http.Client
	posts  *lanes
	files  *fileStore
	active atomic.Int64 // API calls being answered

	// mu guards everything below; nothing slow happens under it.
	mu         sync.Mutex
	lastID     uint64
	began      time.Time
	revision   int64
	phones     map[string]*Phone
	oldest     []string // keys of phones in the order they came
	faults     []*Fault
	complaints []Complaint
	listeners  map[*listener]struct{}
	telegram   telegramState
	twilio     twilioState
}

// New makes a world with nobody in it. Close ends its deliveries.
func New(opt Options) (*Simulator, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	api, err := loadBotAPI()
	if err != nil {
		return nil, err
	}
	spec, err := loadTwilioSpec()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 256, 256
	transport.Proxy = nil
	s := &Simulator{
		opt:  opt,
		api:  api,
		spec: spec,
		client: &http.Client{
			Transport: transport,
			Timeout:   30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse // neither provider follows a webhook's redirect blindly
			},
		},
		posts:     newLanes(),
		files:     newFileStore(opt.MaxFileBytes),
		lastID:    opt.Seed % 100_000_000,
		began:     opt.Now(),
		phones:    map[string]*Phone{},
		listeners: map[*listener]struct{}{},
	}
	s.telegram.init(opt)
	s.twilio.init(opt)
	return s, nil
}

// Close stops deliveries that are under way or waiting, and waits for them.
func (s *Simulator) Close() {
	s.posts.close()
	s.client.CloseIdleConnections()
}

// nextID counts up for everything that carries a number. Callers hold mu.
func (s *Simulator) nextID() uint64 {
	s.lastID++
	return s.lastID
}

// Complaint is a request that broke a provider's contract: a fault of the
// application, even where the real provider would have looked away.
type Complaint struct {
	At       time.Time `json:"at"`
	Provider string    `json:"provider"`
	Method   string    `json:"method"`
	Problem  string    `json:"problem"`
}

const maxComplaints = 200

// Complaints returns the breaches seen so far, oldest first, at most 200.
func (s *Simulator) Complaints() []Complaint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Complaint(nil), s.complaints...)
}

func (s *Simulator) complain(provider, method, problem string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.complainLocked(provider, method, problem)
}

// complainLocked is complain for callers that hold mu.
func (s *Simulator) complainLocked(provider, method, problem string) {
	s.complaints = append(s.complaints, Complaint{s.opt.Now(), provider, method, problem})
	if len(s.complaints) > maxComplaints {
		s.complaints = s.complaints[len(s.complaints)-maxComplaints:]
	}
	s.opt.Log.Warn("contract broken", "provider", provider, "method", method, "problem", problem)
}

// WaitIdle returns once no webhook or status is waiting or under way, no API
// call is being answered, and nothing has happened for the time quiet.
func (s *Simulator) WaitIdle(ctx context.Context, quiet time.Duration) error {
	for {
		rest := quiet
		if s.posts.pending() == 0 && s.active.Load() == 0 {
			rest = quiet - s.posts.sinceLast()
			if rest <= 0 {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until nothing happens (%d deliveries open): %w", s.posts.pending(), ctx.Err())
		case <-time.After(max(rest, time.Millisecond)):
		}
	}
}
