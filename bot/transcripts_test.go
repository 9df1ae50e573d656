package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"souk/bot"
	"souk/bot/simulator"
	"souk/bot/sms"
	"souk/bot/telegram"
	"souk/bot/twilio"
	"souk/catalog/photos"
	"souk/flows"
	"souk/flows/flowstest"
	"souk/internal/postgres"
	"souk/internal/postgres/pgtest"
	"souk/internal/redis"
	"souk/internal/redis/redistest"
	"souk/locales"
)

// The transcripts of the flows, from a phone through the real webhooks, the inbox, Redis, the outbox and back: what is said and
// what the database then holds must be the same as with the engine alone, and no provider may complain.
func TestTranscriptsThroughTheGateway(t *testing.T) {
	t.Parallel()
	for _, f := range flowstest.Read(t, "../flows/testdata") {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			stage := flowstest.NewStage(t, pgtest.NewPool(t, 14), func(r flows.Reply) string {
				text, _ := sms.DefaultBudget().Page(r, r.Offset)
				return text
			})
			d := newThrough(t, stage, strings.Contains(text(f), "whatsapp"))
			stage.Driver = d
			flowstest.Run(t, f, stage, false)
			d.clean(t)
		})
	}
}

func text(f flowstest.Transcript) string {
	var b strings.Builder
	for _, l := range f.Lines {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}

// through is a whole Souk between simulated phones and a database: the driver of the transcripts.
type through struct {
	stage    *flowstest.Stage
	pool     *pgxpool.Pool
	sim      *simulator.Simulator
	gateway  *bot.Gateway
	accounts map[string]string
	phones   map[*flowstest.Person]*simulator.Phone
	groups   map[*flowstest.Person]*simulator.Phone
	typed    map[*flowstest.Person]string // the id of their last message
	outbox   map[*flowstest.Person]int64  // the last row that was shown
	bubbles  map[*flowstest.Person]int    // messages on their phone that were counted
	poison   bool
	worker   *bot.PhotoWorker
	sent     []int64 // photos that are to be fetched
}

const throughSecret = "a-secret-of-the-transcripts"

func newThrough(t *testing.T, stage *flowstest.Stage, whatsapp bool) *through {
	t.Helper()
	d := &through{stage: stage, pool: stage.Pool, accounts: map[string]string{}, phones: map[*flowstest.Person]*simulator.Phone{},
		groups: map[*flowstest.Person]*simulator.Phone{}, typed: map[*flowstest.Person]string{}, outbox: map[*flowstest.Person]int64{}, bubbles: map[*flowstest.Person]int{}}
	var err error
	d.sim, err = simulator.New(simulator.Options{Seed: 1, Now: stage.Clock.Now, Acquainted: true, RetryBase: 5 * time.Millisecond,
		Twilio: simulator.TwilioOptions{StatusDelay: time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	app, api := httptest.NewUnstartedServer(nil), httptest.NewServer(d.sim.Handler())
	app.Start()
	t.Cleanup(func() { d.sim.Close(); app.Close(); api.Close() })
	d.sim.SetTwilioWebhook(app.URL + "/webhooks/twilio")

	links := twilio.NewPhotoLinks("souk secret", openJPEG)
	tg, err := telegram.New(telegram.Config{Token: simulator.DefaultTelegramToken, Secret: throughSecret, APIURL: api.URL, Rate: 1e6, ChatRate: 1e6,
		Timeout: 5 * time.Second, Transport: &http.Transport{}}, telegram.PhotosIn(d.pool, stage.Clock.Now, openJPEG))
	if err != nil {
		t.Fatal(err)
	}
	tg = tg.Named("souk_simulator_bot")
	account, err := twilio.New(twilio.Config{AccountSID: simulator.DefaultTwilioAccountSid, AuthToken: simulator.DefaultTwilioAuthToken,
		PublicURL: app.URL, APIURL: api.URL + "/simulator/twilio", Timeout: 5 * time.Second, Transport: &http.Transport{}}, simulator.DefaultWhatsAppFrom, simulator.DefaultSMSFrom)
	if err != nil {
		t.Fatal(err)
	}
	buttons := map[string]string{}
	for _, lang := range locales.Langs() {
		buttons[string(lang)] = stage.Words.Text(lang, locales.Rich, "engine.list", nil)
	}
	chat, _ := account.WhatsApp(twilio.WhatsAppConfig{Rate: 1e6, ChatRate: 1e6, ListButtons: buttons}, links, twilio.ResourcesIn(d.pool, stage.Clock.Now))
	if whatsapp {
		if _, err := chat.Sync(t.Context(), func(string, int) {}); err != nil {
			t.Fatal(err)
		}
	}
	message, _ := account.SMS(twilio.SMSConfig{Rate: 1e6, ChatRate: 1e6})
	for _, c := range []bot.Channel{tg, chat, message} {
		d.accounts[c.Name()] = c.Account()
	}

	identity, err := postgres.Identify(t.Context(), d.pool)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := flows.NewSouk(stage.Words, stage.Shop, flows.Options{Codes: stage.Codes, Doors: stage.Doors})
	if err != nil {
		t.Fatal(err)
	}
	d.gateway, err = bot.New(bot.Config{
		Pool: d.pool, Redis: redistest.New(t).Client, KeyPrefix: redis.Prefix(identity), Format: flows.Format, Workers: 4, Senders: 4, Fill: stage.Codes.Fill,
		Turn: func(ctx context.Context, tx pgx.Tx, in flows.Input) (flows.Output, error) {
			if d.poison && in.Event.Kind == flows.Text {
				return flows.Output{}, errors.New("this message cannot be read")
			}
			return engine.Turn(ctx, tx, in)
		},
		FetchPhoto: func(_ context.Context, _ pgx.Tx, photo int64) error {
			d.sent = append(d.sent, photo)
			return nil
		},
		Channels: []bot.Channel{tg, chat, message}, Clock: stage.Clock, Random: random,
		Webhooks: []bot.Webhook{{Name: "telegram", Receiver: tg, AckTap: tg.AnswerTap},
			{Name: "twilio", Receiver: account, Deliveries: account, Answer: "<Response/>", ContentType: "text/xml"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.worker = &bot.PhotoWorker{Pool: d.pool, Clock: stage.Clock, Store: flowstest.NoPhotos{}, Workshop: photos.NewWorkshop(),
		Fetch: map[string]bot.Fetch{tg.Account(): tg.Fetch, chat.Account(): account.Fetch, message.Account(): account.Fetch},
		Wake:  func(conversation int64) { d.gateway.Wake(conversation) }}
	mux := http.NewServeMux()
	d.gateway.Routes(mux)
	mux.Handle("GET "+twilio.PhotoPath, links)
	app.Config.Handler = mux
	if _, err := tg.Register(t.Context(), app.URL, true); err != nil {
		t.Fatal(err)
	}
	return d
}

func openJPEG(context.Context, string) (io.ReadCloser, int64, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		return nil, 0, err
	}
	return io.NopCloser(&b), int64(b.Len()), nil
}

// Meet gives a person a phone.
func (d *through) Meet(_ testing.TB, p *flowstest.Person, number string) {
	phone := d.sim.Phone(simulator.Channel(p.Channel), simulator.Owner{Name: p.Name, Number: number, Language: p.Lang})
	d.phones[p] = phone
	p.Account, p.ExternalID = d.accounts[p.Channel], strings.TrimPrefix(phone.Address(), "whatsapp:")
}

// Hear lets somebody do something on their phone.
func (d *through) Hear(t testing.TB, p *flowstest.Person, g flowstest.Gesture) {
	t.Helper()
	phone := d.phones[p]
	var err error
	switch g.Kind {
	case flows.Tap:
		err = d.tap(p, phone, g)
	case flows.DeepLink:
		phone.Start(g.Payload)
	case flows.Contact:
		if g.Own {
			phone.Contact()
			break
		}
		err = phone.Raw("message", d.message(phone, map[string]any{"contact": map[string]any{"phone_number": g.Phone, "first_name": "Somebody"}}))
	case flows.Location:
		phone.Location(g.Latitude, g.Longitude)
	case flows.Photo:
		err = d.send(t, phone, g)
	case flows.Voice:
		phone.Voice(nil, 0)
	case flows.Other:
		phone.Sticker("👍")
	case flows.Edited:
		err = phone.Edit(d.typed[p], g.Text)
	case flows.Group:
		group := phone.Group("les amies")
		d.groups[p] = group
		group.Text("/souk@souk_simulator_bot " + g.Text)
	case flows.Blocked:
		phone.Block()
	case flows.Unblock:
		phone.Unblock()
	default:
		if g.Quoted != "" {
			d.typed[p] = phone.Reply(d.messageOf(t, g.Quoted), g.Text)
		} else {
			d.typed[p] = phone.Text(g.Text)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	d.Settle(t)
}

// send sends a photo, several together, or a file that is meant for one.
func (d *through) send(t testing.TB, phone *simulator.Phone, g flowstest.Gesture) error {
	var album [][]byte
	for _, name := range g.Photos {
		data, mime := flowstest.Sent(t, name)
		if name != "" {
			phone.Document(data, mime, g.Text)
			return nil
		}
		album = append(album, data)
	}
	if len(album) == 1 {
		_, err := phone.Photo(album[0], g.Text)
		return err
	}
	_, err := phone.Album(album, g.Text)
	return err
}

// Photos fetches what was sent, as the job does.
func (d *through) Photos(t testing.TB) {
	t.Helper()
	for _, id := range d.sent {
		job := &river.Job[bot.FetchPhoto]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: 3}, Args: bot.FetchPhoto{Photo: id}}
		if err := d.worker.Work(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	d.sent = nil
	d.Settle(t)
}

// tap presses the button that carries the payload, however old; where the channel showed numbers instead, the number is typed; a
// button that was never shown is forged.
func (d *through) tap(p *flowstest.Person, phone *simulator.Phone, g flowstest.Gesture) error {
	messages := phone.Messages()
	for i := len(messages) - 1; i >= 0; i-- {
		if err := phone.TapOn(messages[i].ID, g.Payload); err == nil {
			return nil
		}
	}
	if p.Channel == "telegram" {
		return phone.Raw("callback_query", map[string]any{"id": "77", "chat_instance": "7", "data": g.Payload, "from": d.from(phone), "message": d.message(phone, map[string]any{"text": "?"})})
	}
	if g.Number == 0 {
		return errors.New("nothing on the phone carries " + g.Payload)
	}
	d.typed[p] = phone.Text(string(rune('0' + g.Number)))
	return nil
}

func (d *through) from(phone *simulator.Phone) map[string]any {
	return map[string]any{"id": json.Number(phone.Address()), "is_bot": false, "first_name": phone.Owner().Name, "language_code": phone.Owner().Language}
}

func (d *through) message(phone *simulator.Phone, more map[string]any) map[string]any {
	m := map[string]any{"message_id": 999_999, "date": d.stage.Clock.Now().Unix(), "from": d.from(phone), "chat": map[string]any{"id": json.Number(phone.Address()), "type": "private", "first_name": phone.Owner().Name}}
	for k, v := range more {
		m[k] = v
	}
	return m
}

func (d *through) messageOf(t testing.TB, prompt string) string {
	t.Helper()
	var id string
	if err := d.pool.QueryRow(context.Background(), `SELECT provider_message_id FROM outbox WHERE prompt = $1 ORDER BY id LIMIT 1`, prompt).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if _, after, ok := strings.Cut(id, ":"); ok {
		id = after
	}
	return id
}

// Settle lets webhooks arrive, turns be taken, messages leave and statuses come back.
func (d *through) Settle(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for range 3 {
		if err := d.sim.WaitIdle(ctx, 3*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		d.stage.Clock.Advance(time.Millisecond) // the pace of a chat
		if err := d.gateway.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.sim.WaitIdle(ctx, time.Millisecond); err != nil {
		t.Fatal(err)
	}
}

// Said reads the outbox, and counts what reached the phone.
func (d *through) Said(t testing.TB, p *flowstest.Person) (replies []flows.Reply, messages, segments int) {
	t.Helper()
	external := []string{p.ExternalID}
	if g := d.groups[p]; g != nil {
		external = append(external, g.Address())
	}
	rows, err := d.pool.Query(context.Background(), `SELECT o.id, o.body, o.class, coalesce(o.segments, 0) FROM outbox o JOIN address a ON a.id = o.conversation_id
		WHERE a.account = $1 AND a.external_id = ANY($2) AND o.id > $3 ORDER BY o.id`, p.Account, external, d.outbox[p])
	if err != nil {
		t.Fatal(err)
	}
	notices := 0
	var id int64
	var body []byte
	var class, cost int
	_, err = pgx.ForEachRow(rows, []any{&id, &body, &class, &cost}, func() error {
		var r flows.Reply
		if err := json.Unmarshal(body, &r); err != nil {
			return err
		}
		d.outbox[p] = id
		replies = append(replies, r)
		if class == int(flows.ClassReply) {
			segments += cost
		} else {
			notices++
		}
		body = nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	bubbles := len(d.phones[p].Said(""))
	messages = max(bubbles-d.bubbles[p]-notices, 0)
	d.bubbles[p] = bubbles
	return replies, messages, segments
}

// Forget empties Redis, as far as this database's keys go.
func (d *through) Forget(t testing.TB) {
	t.Helper()
	if _, err := d.pool.Exec(context.Background(), `UPDATE conversation SET stamp = stamp + 1`); err != nil {
		t.Fatal(err)
	}
}

// Rebuild renames the state in which a conversation stands.
func (d *through) Rebuild(t testing.TB, p *flowstest.Person) {
	t.Helper()
	_, err := d.pool.Exec(context.Background(), `UPDATE conversation c SET stamp = stamp + 1, checkpoint = jsonb_set(checkpoint, '{frames,-1,state}', '"renamed"')
		FROM address a WHERE a.id = c.id AND a.account = $1 AND a.external_id = $2`, p.Account, p.ExternalID)
	if err != nil {
		t.Fatal(err)
	}
}

// Park lets somebody send what no turn survives, until it is given up on.
func (d *through) Park(t testing.TB, p *flowstest.Person) {
	t.Helper()
	d.poison = true
	d.phones[p].Text("poison")
	ctx := context.Background()
	if err := d.sim.WaitIdle(ctx, 3*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_ = d.gateway.Settle(ctx) // it fails, and counts that it did
		d.stage.Clock.Advance(time.Second)
		var parked bool
		if err := d.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM inbox WHERE parked_at IS NOT NULL)`).Scan(&parked); err != nil {
			t.Fatal(err)
		}
		if parked {
			d.poison = false
			return
		}
	}
	t.Fatal("the message was never parked")
}

// Answer posts an operator's answer.
func (d *through) Answer(t testing.TB, _ *flowstest.Person, ticket, message int64, _ string) {
	t.Helper()
	err := postgres.Tx(context.Background(), d.pool, func(tx pgx.Tx) error {
		return bot.PostOperatorAnswer(context.Background(), tx, ticket, message, d.stage.Clock.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// clean checks that no provider complained.
func (d *through) clean(t testing.TB) {
	t.Helper()
	for _, c := range d.sim.Complaints() {
		t.Errorf("%s complains of %s: %s", c.Provider, c.Method, c.Problem)
	}
	rows, err := d.pool.Query(context.Background(), `SELECT o.id || ': ' || o.status || ', tried ' || o.tries || ', code ' || coalesce(o.error_code, '-') || ', at ' || o.not_before || ': ' || left(o.body->>'text', 60)
		FROM outbox o JOIN address a ON a.id = o.conversation_id
		WHERE o.status NOT IN ('sent', 'delivered', 'read') AND a.stopped_at IS NULL AND a.blocked_at IS NULL`)
	if err != nil {
		t.Fatal(err)
	}
	unsaid, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range unsaid {
		t.Errorf("this never left: %s", row)
	}
}
