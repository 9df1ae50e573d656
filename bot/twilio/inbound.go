package twilio

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"souk/bot"
)

// missed is an inbound message as Twilio lists it.
type missed struct {
	bot.Incoming
	at time.Time // when Twilio had it
}

// ListInbound lists what was written to our numbers since an instant, oldest first, as if the webhook had brought it: inserting
// what is already there changes nothing, since the message SID is the same. A listing does not say what a tap's payload was: its
// label stands in the body, and is matched like a typed one.
func (a *Account) ListInbound(ctx context.Context, since time.Time) ([]bot.Incoming, error) {
	var all []missed
	for _, to := range []string{a.whatsapp, a.sms} {
		if to == "" {
			continue
		}
		if to == a.whatsapp {
			to = whatsappPrefix + to
		}
		some, err := a.listTo(ctx, to, since)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortStableFunc(all, func(x, y missed) int { return x.at.Compare(y.at) })
	messages := make([]bot.Incoming, len(all))
	for i, message := range all {
		messages[i] = message.Incoming
	}
	return messages, nil
}

func (a *Account) listTo(ctx context.Context, to string, since time.Time) ([]missed, error) {
	made, api, cancel := a.messages(ctx)
	defer cancel()
	params := (&v2010.ListMessageParams{}).SetTo(to).SetDateSentAfter(since.UTC()).SetPageSize(200)
	var all []missed
	at, more := page{}, true
	for turned := 0; more && turned < maxPages; turned++ {
		list, err := api.PageMessage(params, at.token, at.number)
		if err != nil {
			return nil, a.sendError(made, fmt.Errorf("list what was written to us: %w", err))
		}
		for _, message := range list.Messages {
			if value(message.Direction) != "inbound" {
				continue
			}
			body, err := a.asForm(ctx, message)
			if err != nil {
				return nil, err
			}
			one := missed{Incoming: a.incoming(readForm(body), []byte(body))}
			if one.at, err = time.Parse(time.RFC1123Z, first(value(message.DateSent), value(message.DateCreated))); err != nil {
				one.at = since // it is told too late rather than not at all
			}
			all = append(all, one)
		}
		at, more = nextPage(list.NextPageUri)
	}
	return all, nil
}

// asForm writes a listed message as the webhook would have.
func (a *Account) asForm(ctx context.Context, message v2010.ApiV2010Message) (string, error) {
	sid := value(message.Sid)
	form := url.Values{
		"MessageSid": {sid}, "AccountSid": {value(message.AccountSid)}, "From": {value(message.From)}, "To": {value(message.To)},
		"Body": {value(message.Body)}, "NumMedia": {value(message.NumMedia)}, "SmsStatus": {value(message.Status)},
	}
	if number, ok := strings.CutPrefix(value(message.From), whatsappPrefix); ok {
		form.Set("WaId", strings.TrimPrefix(number, "+"))
	}
	if count, _ := strconv.Atoi(value(message.NumMedia)); count > 0 {
		made, api, cancel := a.messages(ctx)
		defer cancel()
		files, err := api.PageMedia(sid, (&v2010.ListMediaParams{}).SetPageSize(maxMedia), "", "")
		if err != nil {
			return "", a.sendError(made, fmt.Errorf("list the files of message %s: %w", sid, err))
		}
		for i, file := range files.MediaList {
			n := strconv.Itoa(i)
			form.Set("MediaContentType"+n, value(file.ContentType))
			form.Set("MediaUrl"+n, "https://api.twilio.com/2010-04-01/Accounts/"+value(file.AccountSid)+"/Messages/"+sid+"/Media/"+value(file.Sid))
		}
	}
	return form.Encode(), nil
}
